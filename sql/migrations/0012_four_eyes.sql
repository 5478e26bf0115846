-- Who wrote what is recorded as it is, and stays so: four eyes are as good as the authorship that they are held to.
-- depends: 0011_seal

-- migrate: apply

-- A text is somebody's who acts: nobody writes in another's name, and no text is given to somebody else later.
create function a_commentary_keeps_its_author() returns trigger
language plpgsql
set search_path = pg_catalog, public, pg_temp
as $$
begin
    if tg_op = 'INSERT' and new.author_id is distinct from acting_person() then
        raise exception 'a commentary is begun by its author'
            using errcode = 'check_violation', constraint = 'a_commentary_is_begun_by_its_author';
    end if;
    if tg_op = 'UPDATE'
        and (new.author_id <> old.author_id or new.source_language <> old.source_language) then
        raise exception 'a commentary keeps its author and its language'
            using errcode = 'check_violation', constraint = 'a_commentary_keeps_its_author';
    end if;
    return new;
end
$$;

create trigger keeps_its_author before insert or update on commentary
for each row execute function a_commentary_keeps_its_author();
alter table commentary enable always trigger keeps_its_author;

-- Which edition is the source decides whom the author's rule holds for.
create function a_source_edition_stays_the_source() returns trigger
language plpgsql
set search_path = pg_catalog, public, pg_temp
as $$
begin
    if new.is_source <> old.is_source then
        raise exception 'a source edition stays the source'
            using errcode = 'check_violation', constraint = 'a_source_edition_stays_the_source';
    end if;
    return new;
end
$$;

create trigger stays_the_source before update on edition
for each row execute function a_source_edition_stays_the_source();
alter table edition enable always trigger stays_the_source;

-- A revision is signed by who acts, and numbered after the one before: "since the last approval" goes by numbers.
create function a_revision_is_signed_and_numbered() returns trigger
language plpgsql
set search_path = pg_catalog, public, pg_temp
as $$
begin
    if new.made_by is distinct from acting_person() then
        raise exception 'a revision is signed by the person who acts'
            using errcode = 'check_violation', constraint = 'a_revision_is_signed_by_its_maker';
    end if;
    if new.number <> 1 + coalesce(
        (
            select max(earlier.number) from revision as earlier
            where earlier.commentary_id = new.commentary_id and earlier.language = new.language
        ),
        0
    ) then
        raise exception 'a revision follows the one before it'
            using errcode = 'check_violation', constraint = 'a_revision_follows_the_one_before';
    end if;
    return new;
end
$$;

create trigger signed_and_numbered before insert on revision
for each row execute function a_revision_is_signed_and_numbered();
alter table revision enable always trigger signed_and_numbered;

-- As before, and: an approval is a person's own act, not one on their behalf; and whoever holds the task of a
-- translation does not accept it, though not one word of it be theirs.
create or replace function an_approval_is_by_a_second_person() returns trigger
language plpgsql
set search_path = pg_catalog, public, pg_temp
as $$
declare
    context jsonb := acting_context();
    since integer;
begin
    if context ->> 'actor_kind' is distinct from 'person'
        or context ->> 'on_behalf_of' is not null
        or (context ->> 'actor')::uuid is distinct from new.approved_by then
        raise exception 'an approval is signed by the person who acts'
            using errcode = 'check_violation', constraint = 'an_approval_is_signed_by_its_actor';
    end if;
    select coalesce(max(earlier.revision), 0) into since
    from approval as earlier
    where earlier.commentary_id = new.commentary_id
        and earlier.language = new.language
        and earlier.withdrawn_at is null
        and earlier.revision < new.revision;
    if exists (
        select from revision as written
        where written.commentary_id = new.commentary_id
            and written.language = new.language
            and written.number > since
            and written.number <= new.revision
            and written.made_by = new.approved_by
    ) or exists (
        select from commentary
        inner join edition on edition.commentary_id = commentary.id
        where commentary.id = new.commentary_id
            and edition.language = new.language
            and edition.is_source
            and commentary.author_id = new.approved_by
    ) or exists (
        select from translation_task
        where translation_task.commentary_id = new.commentary_id
            and translation_task.language = new.language
            and translation_task.holder_id = new.approved_by
    ) then
        raise exception 'nobody approves what they wrote'
            using errcode = 'check_violation', constraint = 'nobody_approves_what_they_wrote';
    end if;
    return new;
end
$$;

-- migrate: rollback
