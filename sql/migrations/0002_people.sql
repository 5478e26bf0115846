-- People, their roles, how they sign in, and the bylines that must not lead back to them.
-- depends: 0001_trail

-- migrate: apply

create table language (
    tag text primary key,
    position integer not null,
    constraint a_language_is_a_bcp_47_tag check (tag ~ '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$')
);

create table person (
    id uuid primary key,
    version integer not null default 1,
    email text,
    display_name text,
    password_hash text,
    state text not null default 'invited',
    created_at timestamptz not null default now(),
    constraint a_person_has_a_known_state check (state in ('invited', 'active', 'deactivated', 'erased')),
    constraint an_active_person_can_sign_in check (state <> 'active' or (email is not null and password_hash is not null)),
    constraint an_erased_person_has_no_name check (
        state <> 'erased' or (email is null and display_name is null and password_hash is null)
    ),
    constraint a_person_has_a_name check (state = 'erased' or length(display_name) between 1 and 200),
    constraint an_email_has_a_bounded_length check (length(email) between 3 and 254)
);

create unique index one_person_for_each_email on person (lower(email));
create index person_in_order on person (created_at desc, id desc);

create table person_role (
    person_id uuid not null references person (id),
    role text not null,
    primary key (person_id, role),
    constraint a_role_is_known check (role in ('analyst', 'coordinator', 'translator', 'administrator'))
);

create table person_language (
    person_id uuid not null references person (id),
    language text not null references language (tag),
    primary key (person_id, language)
);

-- The address of an invitation or a reset, good for one use. Only its hash is kept.
create table one_time_link (
    id uuid primary key,
    person_id uuid not null references person (id),
    purpose text not null,
    token_hash bytea not null,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    used_at timestamptz,
    constraint a_one_time_link_has_a_known_purpose check (purpose in ('invitation', 'reset')),
    constraint a_one_time_link_is_found_by_its_hash unique (token_hash)
);

-- One signed-in device. Refresh tokens are derived from the session and its generation, so none is kept.
create table session (
    id uuid primary key,
    person_id uuid not null references person (id),
    generation integer not null default 1,
    created_at timestamptz not null default now(),
    rotated_at timestamptz not null default now(),
    expires_at timestamptz not null,
    ended_at timestamptz,
    ended_because text,
    constraint a_session_ends_for_a_known_reason check (
        ended_because in ('sign_out', 'deactivation', 'password_change', 'refresh_reuse', 'erasure')
    ),
    constraint an_ended_session_says_why check ((ended_at is null) = (ended_because is null))
);

create index session_of_person on session (person_id) where ended_at is null;

-- Keys that sign access tokens (Ed25519, PKCS 8) and the secret that refresh tokens are derived from.
create table signing_key (
    id text primary key,
    private_key bytea not null,
    refresh_secret bytea not null,
    created_at timestamptz not null default now(),
    retired_at timestamptz
);

create table byline (
    id uuid primary key,
    name text not null,
    constraint a_byline_has_a_bounded_length check (length(name) between 1 and 200)
);

-- Who stands behind a byline. The application cannot read this table: it asks the functions below.
create table byline_holder (
    byline_id uuid primary key references byline (id),
    person_id uuid not null references person (id)
);

create index byline_of_holder on byline_holder (person_id);

-- A person's own bylines.
create function bylines_of(holder uuid) returns table (byline_id uuid, name text)
language sql stable security definer
set search_path = pg_catalog, public, pg_temp
as $$
    select byline.id, byline.name
    from byline_holder
    inner join byline on byline.id = byline_holder.byline_id
    where byline_holder.person_id = holder
    order by byline.name, byline.id
$$;

-- Whether a byline belongs to a person: yes or no, and nothing about anybody else.
create function byline_belongs_to(wanted uuid, holder uuid) returns boolean
language sql stable security definer
set search_path = pg_catalog, public, pg_temp
as $$
    select exists (
        select from byline_holder
        where byline_holder.byline_id = wanted and byline_holder.person_id = holder
    )
$$;

-- Gives a person a byline of that name, or the one they have already.
create function take_byline(new_byline uuid, new_name text) returns uuid
language plpgsql volatile security definer
set search_path = pg_catalog, public, pg_temp
as $$
declare
    holder uuid := acting_person();
    found uuid;
begin
    select byline_id into found from bylines_of(holder) as own where own.name = new_name;
    if found is null then
        insert into byline (id, name) values (new_byline, new_name) returning id into found;
        insert into byline_holder (byline_id, person_id) values (found, holder);
    end if;
    return found;
end
$$;

call watch('language', 'editorial', '', 'tag');
call watch('person', 'accounts', '', 'id', 'email,display_name,password_hash');
call watch('person_role', 'accounts', '', 'person_id,role');
call watch('person_language', 'accounts', '', 'person_id,language');
call watch('one_time_link', 'accounts', '', 'id', 'token_hash');
call watch('session', 'accounts', '', 'id');
call watch('signing_key', 'accounts', '', 'id', 'private_key,refresh_secret');
-- That somebody took a byline is told, never which: not by its name, its key or its holder.
call watch('byline', 'accounts', '', '', 'id,name');
call watch('byline_holder', 'accounts', '', '', 'byline_id,person_id');

grant select on language, person, person_role, person_language, one_time_link, session, signing_key, byline
to editorial_app;
grant insert, update on language, person, one_time_link, session, signing_key to editorial_app;
grant insert, delete on person_role, person_language to editorial_app;
grant execute on function bylines_of(uuid), byline_belongs_to(uuid, uuid), take_byline(uuid, text) to editorial_app;

select set_config('editorial.context', '{"actor_kind": "system", "action": "migrate", "request": "migration"}', true);
insert into language (tag, position) values ('be', 1), ('ru', 2), ('en', 3);

-- migrate: rollback
