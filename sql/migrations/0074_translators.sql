-- Who translates into a language is said in one place, and nobody else is given a translation to work on.
-- depends: 0069_trail_by_time

-- migrate: apply

-- Whether a person is an active translator of a language.
create function translates(who uuid, target_language text) returns boolean
language plpgsql stable
set search_path = pg_catalog, public, pg_temp
as $$
begin
    return exists (
        select from person
        inner join person_role on person_role.person_id = person.id and person_role.role = 'translator'
        inner join person_language
            on person_language.person_id = person.id and person_language.language = target_language
        where person.id = who and person.state = 'active'
    );
end
$$;

grant execute on function translates(uuid, text) to editorial_app;

-- A task that becomes claimed has a holder who can work on it. Their row is locked, so that the role is taken away
-- before or after, never between.
create function a_claim_is_held_by_a_translator() returns trigger
language plpgsql
set search_path = pg_catalog, public, pg_temp
as $$
begin
    perform from person where id = new.holder_id for share;
    if not translates(new.holder_id, new.language) then
        raise exception 'a claim is held by a translator of the language'
            using errcode = 'check_violation', constraint = 'a_claim_is_held_by_a_translator';
    end if;
    return new;
end
$$;

create trigger held_by_a_translator before update of state, holder_id on translation_task
for each row
when (new.state = 'claimed' and (old.state <> 'claimed' or old.holder_id is distinct from new.holder_id))
execute function a_claim_is_held_by_a_translator();
alter table translation_task enable always trigger held_by_a_translator;

-- migrate: rollback
