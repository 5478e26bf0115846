-- A schedule is for one text, and an edition's address is its own.
-- depends: 0004_translation_tasks

-- migrate: apply

alter table edition add column scheduled_revision integer;

select set_config(
    'editorial.context',
    '{"actor_kind": "system", "action": "migrate", "object_kind": "edition", "request": "0030_schedules"}',
    true
);
update edition set scheduled_revision = approved_revision
where scheduled_for is not null;
select set_config('editorial.context', '', true);

-- Whatever approves another text, or takes an approval back, has to end the schedule: it was not made for that.
alter table edition add constraint a_schedule_is_for_the_approved_text check (
    (scheduled_for is null) = (scheduled_revision is null)
    and (scheduled_revision is null or scheduled_revision is not distinct from approved_revision)
);

alter table slug add constraint a_slug_is_named_with_its_commentary unique (language, slug, commentary_id);
alter table edition drop constraint an_edition_uses_a_slug_that_is_kept;
alter table edition add constraint an_edition_uses_a_slug_of_its_own
foreign key (language, slug, commentary_id) references slug (language, slug, commentary_id);

-- migrate: rollback
