-- Who stands behind a byline is read through one function, and each reading is an entry in the trail.
-- depends: 0004_translation_tasks

-- migrate: apply

-- Taking and reading a byline belongs to the editorial part: when somebody took a name, beside when that name
-- appeared, would lead whoever reads the accounts' part from one to the other. Never which name it was.
drop trigger trail on byline;
create trigger trail after insert or update or delete on byline
for each row execute function write_trail('editorial', '', '', 'id,name');
alter table byline enable always trigger trail;

drop trigger trail on byline_holder;
create trigger trail after insert or update or delete on byline_holder
for each row execute function write_trail('editorial', '', '', 'byline_id,person_id');
alter table byline_holder enable always trigger trail;

create index byline_by_name on byline (name);
create index trail_entry_of_person on trail_entry (coalesce(on_behalf_of, actor_id), at, id);

-- The only way from a byline to a person, or back: of one person, of one name, or of both. It fails outside of
-- the door, and the step that it is read in has its entry.
create function byline_links(of_person uuid, of_name text)
returns table (byline_id uuid, name text, person_id uuid)
language plpgsql volatile security definer
set search_path = pg_catalog, public, pg_temp
as $$
begin
    if of_person is null and of_name is null then
        raise exception 'say whose bylines, or which one'
            using errcode = 'insufficient_privilege', constraint = 'bylines_are_looked_up_one_by_one';
    end if;
    perform trail_entry_for_this_step(
        'editorial',
        case when acting_context() ->> 'object_kind' = 'commentary' then (acting_context() ->> 'object')::uuid end
    );
    return query
    select byline.id, byline.name, byline_holder.person_id
    from byline
    inner join byline_holder on byline_holder.byline_id = byline.id
    where (of_person is null or byline_holder.person_id = of_person)
        and (of_name is null or byline.name = of_name)
    order by byline.name, byline.id;
end
$$;

create or replace function take_byline(new_byline uuid, new_name text) returns uuid
language plpgsql volatile security definer
set search_path = pg_catalog, public, pg_temp
as $$
declare
    holder uuid := acting_person();
    found uuid;
begin
    select own.byline_id into found from byline_links(holder, new_name) as own;
    if found is null then
        insert into byline (id, name) values (new_byline, new_name) returning id into found;
        insert into byline_holder (byline_id, person_id) values (found, holder);
    end if;
    return found;
end
$$;

create or replace function a_byline_is_its_authors_own() returns trigger
language plpgsql security definer
set search_path = pg_catalog, public, pg_temp
as $$
begin
    if new.byline_id is not null
        and (tg_op = 'INSERT' or new.byline_id is distinct from old.byline_id or new.author_id <> old.author_id)
        and not exists (
            select from byline_links(new.author_id, null) as own where own.byline_id = new.byline_id
        ) then
        raise exception 'the byline is not the author''s'
            using errcode = 'check_violation', constraint = 'a_byline_is_its_authors_own';
    end if;
    return new;
end
$$;

drop function byline_belongs_to(uuid, uuid);
drop function bylines_of(uuid);
grant execute on function byline_links(uuid, text) to editorial_app;

-- migrate: rollback
