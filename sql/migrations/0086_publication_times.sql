-- The database says when something was published, and no client does. The owner alone can date a publication back.
-- depends: 0085_without_words

-- migrate: apply

-- When the next publications of a commentary are to be dated, for a minute. Quickstart dates the demo's past weeks so;
-- the trail has an entry of it, at the time at which it really happened.
create table publication_date (
    commentary_id uuid primary key,
    published_at timestamptz not null,
    good_until timestamptz not null,
    constraint a_publication_date_is_of_a_commentary foreign key (commentary_id) references commentary (id)
);

call watch('publication_date', 'editorial', 'commentary_id', 'commentary_id');

-- For the owner: the application has no right to it, nor to the table.
create function date_publication(in_commentary uuid, at timestamptz) returns void
language plpgsql
set search_path = pg_catalog, public, pg_temp
as $$
begin
    if at > now() then
        raise exception 'a publication is dated back, not forward'
            using errcode = 'check_violation', constraint = 'a_publication_is_dated_back';
    end if;
    perform set_config('editorial.context', jsonb_build_object(
        'actor_kind', 'system',
        'action', 'date_publication',
        'object_kind', 'commentary',
        'object_id', in_commentary,
        'request', 'quickstart'
    )::text, true);
    insert into publication_date (commentary_id, published_at, good_until)
    values (in_commentary, at, now() + interval '1 minute')
    on conflict (commentary_id) do update
        set published_at = excluded.published_at, good_until = excluded.good_until;
end
$$;

-- The present, unless the owner has dated what is published of this commentary now.
create function publication_time(in_commentary uuid) returns timestamptz
language sql stable security definer
set search_path = pg_catalog, public, pg_temp
as $$
    select coalesce(
        (
            select publication_date.published_at from publication_date
            where publication_date.commentary_id = in_commentary and publication_date.good_until > now()
        ),
        now()
    )
$$;

create function date_the_publication() returns trigger
language plpgsql
set search_path = pg_catalog, public, pg_temp
as $$
begin
    new.published_at := publication_time(new.commentary_id);
    return new;
end
$$;

create trigger date_the_publication before insert on publication
for each row execute function date_the_publication();

create function date_the_edition() returns trigger
language plpgsql
set search_path = pg_catalog, public, pg_temp
as $$
declare
    present timestamptz := publication_time(new.commentary_id);
begin
    -- Where a row is new, nothing of it was published before.
    if new.published_at is distinct from old.published_at and new.published_at is not null then
        new.published_at := present;
    end if;
    if new.first_published_at is distinct from old.first_published_at then
        new.first_published_at := coalesce(old.first_published_at, present);
    end if;
    if new.retracted_at is distinct from old.retracted_at and new.retracted_at is not null then
        new.retracted_at := present;
    end if;
    return new;
end
$$;

create trigger date_the_new_edition before insert on edition
for each row
when (new.published_at is not null or new.first_published_at is not null or new.retracted_at is not null)
execute function date_the_edition();

create trigger date_the_edition before update on edition
for each row
when (
    old.published_at is distinct from new.published_at
    or old.first_published_at is distinct from new.first_published_at
    or old.retracted_at is distinct from new.retracted_at
)
execute function date_the_edition();

grant execute on function publication_time(uuid) to editorial_app;

-- migrate: rollback
