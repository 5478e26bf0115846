-- Which state of the published things readers are to get, told to every process that keeps pages in memory.
-- depends: 0004_translation_tasks

-- migrate: apply

-- One row. Its number grows with each transaction that changes what readers get, so that a process whose
-- notice was lost finds out by asking.
create table public_generation (
    only_one boolean primary key default true,
    number bigint not null default 0,
    relabelled_at timestamptz not null default 'epoch',
    constraint there_is_one_public_generation check (only_one)
);

comment on column public_generation.relabelled_at is
'When something last changed on public pages without a publication: a section''s name, a week, a byline.';

-- Counts the transaction, once, and says on the channel `readers` what it changed: a commentary, or everything (`*`).
-- Arguments: the column that names the commentary, or ''; whether pages change without a publication.
create function tell_readers() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, public, pg_temp
as $$
declare
    changed jsonb := case when tg_op = 'DELETE' then to_jsonb(old) else to_jsonb(new) end;
    concerned text := case when tg_argv[0] = '' then '*' else changed ->> tg_argv[0] end;
    relabels boolean := tg_argv[1]::boolean;
    here text := pg_current_xact_id()::text;
    present bigint;
begin
    if current_setting('editorial.readers_told', true) is distinct from here then
        update public_generation set number = number + 1 returning number into present;
        perform set_config('editorial.readers_told', here, true);
    else
        select number into present from public_generation;
    end if;
    if relabels then
        update public_generation set relabelled_at = now() where relabelled_at <> now();
    end if;
    perform pg_notify('readers', present || ' ' || concerned);
    return null;
end
$$;

-- Deferred to the commit: the row is locked last and briefly, and nobody waits for it with other locks to take.
create constraint trigger readers_of_new_edition after insert on edition
deferrable initially deferred for each row
when (new.live_revision is not null or new.retracted_at is not null)
execute function tell_readers('commentary_id', 'false');

create constraint trigger readers_of_edition after update on edition
deferrable initially deferred for each row
when (
    old.live_revision is distinct from new.live_revision
    or old.slug is distinct from new.slug
    or old.first_published_at is distinct from new.first_published_at
    or old.published_at is distinct from new.published_at
    or old.retracted_at is distinct from new.retracted_at
    or old.retraction_reason is distinct from new.retraction_reason
    or old.correction_pending_since is distinct from new.correction_pending_since
)
execute function tell_readers('commentary_id', 'false');

-- The other languages' pages name the new address, and nothing of theirs was published.
create constraint trigger readers_of_address after update on edition
deferrable initially deferred for each row
when (old.slug is not null and old.slug is distinct from new.slug)
execute function tell_readers('commentary_id', 'true');

create constraint trigger readers_of_removed_edition after delete on edition
deferrable initially deferred for each row execute function tell_readers('commentary_id', 'true');

create constraint trigger readers_of_slug after insert or update or delete on slug
deferrable initially deferred for each row execute function tell_readers('commentary_id', 'false');

create constraint trigger readers_of_publication after insert on publication
deferrable initially deferred for each row execute function tell_readers('commentary_id', 'false');

create constraint trigger readers_of_commentary after update on commentary
deferrable initially deferred for each row
when (
    new.was_published
    and (
        old.week is distinct from new.week
        or old.section is distinct from new.section
        or old.byline_id is distinct from new.byline_id
    )
)
execute function tell_readers('id', 'true');

create constraint trigger readers_of_section after insert or update or delete on section
deferrable initially deferred for each row execute function tell_readers('', 'true');

create constraint trigger readers_of_byline after update or delete on byline
deferrable initially deferred for each row execute function tell_readers('', 'true');

create constraint trigger readers_of_language after insert or update or delete on language
deferrable initially deferred for each row execute function tell_readers('', 'true');

call watch('public_generation', 'editorial', '', 'only_one');

select set_config('editorial.context', '{"actor_kind": "system", "action": "migrate", "request": "migration"}', true);
insert into public_generation default values;

grant select on public_generation to editorial_app;

create index publication_in_time on publication (published_at desc);

-- Every public page: what is live, and the notice in place of what was retracted.
create view public_page as
select
    edition.commentary_id,
    edition.language,
    -- Names the edition in feeds, whatever its address: nothing can be told from it, not even an order.
    left(encode(sha256(convert_to(edition.commentary_id || '/' || edition.language, 'UTF8')), 'hex'), 32) as public_id,
    edition.slug,
    edition.live_revision,
    edition.is_source,
    edition.first_published_at,
    edition.published_at,
    edition.retracted_at,
    edition.retraction_reason,
    edition.correction_pending_since is not null as correction_pending,
    coalesce(edition.retracted_at, edition.published_at) as changed_at,
    commentary.week,
    commentary.section,
    commentary.source_language,
    section.labels as section_labels,
    section.position as section_position,
    byline.name as byline,
    revision.title,
    revision.lead,
    revision.trend,
    revision.photo,
    revision.blocks,
    (
        select coalesce(jsonb_agg(
            jsonb_build_object('at', publication.published_at, 'note', publication.note)
            order by publication.published_at
        ), '[]'::jsonb)
        from publication
        where publication.commentary_id = edition.commentary_id
            and publication.language = edition.language
            and publication.kind = 'correction'
    ) as corrections,
    (
        select coalesce(jsonb_agg(
            jsonb_build_object('language', other.language, 'slug', other.slug) order by language.position
        ), '[]'::jsonb)
        from edition as other
        inner join language on language.tag = other.language
        where other.commentary_id = edition.commentary_id
            and other.language <> edition.language
            and other.live_revision is not null
    ) as alternates,
    -- When the page last changed: by a publication in any of its languages, or without one.
    (
        select greatest(max(publication.published_at), max(public_generation.relabelled_at))
        from public_generation
        left join publication on publication.commentary_id = edition.commentary_id
    ) as modified_at
from edition
inner join commentary on commentary.id = edition.commentary_id
inner join section on section.key = commentary.section
left join byline on byline.id = commentary.byline_id
left join revision
    on revision.commentary_id = edition.commentary_id
    and revision.language = edition.language
    and revision.number = edition.live_revision
where edition.live_revision is not null or edition.retracted_at is not null;

grant select on public_page to editorial_app;

-- migrate: rollback
