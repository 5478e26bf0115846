-- People, their roles and languages, how they sign in, and the bylines that must not lead back to them.
-- depends: 0001_audit

-- migrate: apply

create table language (
    tag text primary key,
    position integer not null,
    constraint a_language_is_a_bcp_47_tag check (tag ~ '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$')
);

comment on table language is
'The languages of the newsroom, as BCP 47 tags, in the order in which they are listed.';

grant select, insert, update on language to editorial_app;

create table person (
    id uuid primary key,
    version integer not null default 1,
    email text,
    display_name text,
    password_hash text,
    state text not null default 'invited',
    created_at timestamptz not null default now(),
    -- In which language somebody is written to, where they have said so.
    mail_language text,
    -- The password was set by a link that an administrator saw: who confirms a role cannot know whose account it is.
    password_set_by_shown_link boolean not null default false,
    constraint a_person_has_a_known_state check (state in ('invited', 'active', 'deactivated', 'erased')),
    constraint an_active_person_can_sign_in check (state <> 'active' or (email is not null and password_hash is not null)),
    constraint an_erased_person_has_no_name check (
        state <> 'erased' or (email is null and display_name is null and password_hash is null)
    ),
    constraint a_person_has_a_name check (state = 'erased' or length(display_name) between 1 and 200),
    constraint an_email_has_a_bounded_length check (length(email) between 3 and 254),
    constraint a_mail_is_in_a_language check (mail_language ~ '^[a-z]{2,8}(-[A-Za-z0-9]{1,8})*$')
);

comment on table person is
'One row for each person with an account. An erased person keeps the row and loses everything that names them.';

create unique index one_person_for_each_email on person (lower(email));
create index person_in_order on person (created_at desc, id desc);

grant select, insert, update on person to editorial_app;

create table person_role (
    person_id uuid not null references person (id),
    role text not null,
    primary key (person_id, role),
    constraint a_role_is_known check (role in ('analyst', 'coordinator', 'translator', 'administrator'))
);

comment on table person_role is
'The roles of each person. Roles add up.';

grant select, insert, delete on person_role to editorial_app;

create table person_language (
    person_id uuid not null references person (id),
    language text not null references language (tag),
    primary key (person_id, language)
);

comment on table person_language is
'The languages that a translator works in.';

grant select, insert, delete on person_language to editorial_app;

create table account_link (
    id uuid primary key,
    person_id uuid not null references person (id),
    purpose text not null,
    token_hash bytea not null,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    used_at timestamptz,
    -- How a link reaches its person. Only the link of an account that was never used is shown to an administrator.
    delivery text not null default 'mail',
    constraint a_one_time_link_has_a_known_purpose check (purpose in ('invitation', 'reset')),
    constraint a_one_time_link_is_found_by_its_hash unique (token_hash),
    constraint a_one_time_link_has_a_known_delivery check (delivery in ('mail', 'shown', 'server'))
);

comment on table account_link is
'Links that let a person set a password: an invitation or a reset, good for one use. Only a hash is kept.';

create index account_link_by_end on account_link (coalesce(used_at, expires_at));

grant select, insert, update on account_link to editorial_app;

create table session (
    id uuid primary key,
    person_id uuid not null references person (id),
    generation integer not null default 1,
    created_at timestamptz not null default now(),
    rotated_at timestamptz not null default now(),
    expires_at timestamptz not null,
    ended_at timestamptz,
    ended_because text,
    -- A browser and a system, in a few words: neither versions nor addresses, which would lead to a person.
    device text,
    constraint an_ended_session_says_why check ((ended_at is null) = (ended_because is null)),
    constraint a_device_is_told_in_few_words check (length(device) between 1 and 60),
    constraint a_session_ends_for_a_known_reason check (
        ended_because in ('sign_out', 'deactivation', 'password_change', 'refresh_reuse', 'erasure', 'totp_change')
    )
);

comment on table session is
'One signed-in device. Refresh tokens are derived from the session and its generation, so none is kept.';

create index session_of_person on session (person_id) where ended_at is null;
create index session_by_end on session (coalesce(ended_at, expires_at));

grant select, insert, update on session to editorial_app;

create table signing_key (
    id text primary key,
    private_key bytea not null,
    refresh_secret bytea not null,
    created_at timestamptz not null default now(),
    retired_at timestamptz,
    -- A new key is published before it signs: whoever keeps a copy of the key set knows it by then.
    signs_from timestamptz not null default now(),
    -- Nothing that a distrusted key has made is taken any more.
    distrusted_at timestamptz,
    constraint a_distrusted_key_is_retired check (distrusted_at is null or retired_at is not null)
);

comment on table signing_key is
'Keys that sign access tokens (Ed25519, PKCS 8), each with the secret that refresh tokens are derived from.';

grant select, insert, update on signing_key to editorial_app;

create table byline (
    id uuid primary key,
    name text not null,
    constraint a_byline_has_a_bounded_length check (length(name) between 1 and 200)
);

comment on table byline is
'Public names that commentaries are signed with.';

create index byline_by_name on byline (name);

grant select on byline to editorial_app;

create table byline_holder (
    byline_id uuid primary key references byline (id),
    person_id uuid not null references person (id)
);

comment on table byline_holder is
'Who stands behind a byline. The application cannot read this table: it calls functions that leave an entry.';

create index byline_of_holder on byline_holder (person_id);

create table service_token (
    id uuid primary key,
    name text not null,
    prefix text not null,
    token_hash bytea not null,
    scopes text[] not null,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    revoked_at timestamptz,
    constraint a_service_token_has_a_name check (length(name) between 1 and 100),
    constraint a_service_token_has_known_scopes check (
        cardinality(scopes) > 0 and scopes <@ array['preview:read', 'events:read']
    ),
    constraint a_service_token_is_found_by_its_hash unique (token_hash)
);

comment on table service_token is
'Tokens of front-end servers, by hash, with scopes and an end.';

grant select, insert, update on service_token to editorial_app;

create table service_token_use (
    token_id uuid primary key references service_token (id),
    used_at timestamptz not null
);

comment on table service_token_use is
'When each service token was last used. Not audited: it changes with every request.';

grant select, insert, update on service_token_use to editorial_app;

create table mail (
    id uuid primary key,
    kind text not null,
    person_id uuid references person (id),
    address text,
    link_id uuid references account_link (id) on delete cascade,
    queued_at timestamptz not null default now(),
    due_at timestamptz not null default now(),
    attempts integer not null default 0,
    failure text,
    given_up_at timestamptz,
    constraint a_mail_goes_to_one_person check (num_nonnulls(person_id, address) = 1),
    constraint a_mail_fails_in_a_known_way check (failure in ('unreachable', 'refused', 'recipient_refused')),
    constraint a_mail_that_is_given_up_says_why check (given_up_at is null or failure is not null),
    constraint a_mail_has_a_known_kind check (
        kind in (
            'invitation', 'reset', 'password_changed', 'session_stolen', 'totp_on', 'totp_off',
            'coordinator_given', 'coordinator_changed', 'link_made'
        )
    )
);

comment on table mail is
'The queue of mails: written in the transaction of the work, sent afterwards by a worker.';

create index mail_that_is_due on mail (due_at) where given_up_at is null;
-- Finds the mail of a link that is deleted.
create index mail_of_link on mail (link_id) where link_id is not null;
-- Mails that were given up stay for two weeks among those that wait.
create index mail_given_up on mail (given_up_at) where given_up_at is not null;
create index mail_that_waits on mail (queued_at) where given_up_at is null;

grant select, insert, update, delete on mail to editorial_app;

create unlogged table rate_limit_bucket (
    bucket bytea primary key,
    empty_at timestamptz not null
);

comment on table rate_limit_bucket is
'Leaky buckets that count attempts (sign-ins, codes, mails). Unlogged: they are empty within the hour.';

create index attempt_to_forget on rate_limit_bucket (empty_at);

grant select, insert, update, delete on rate_limit_bucket to editorial_app;

create table totp (
    person_id uuid primary key references person (id),
    secret bytea,
    confirmed_at timestamptz,
    last_step bigint not null default 0,
    pending_secret bytea,
    pending_since timestamptz,
    constraint a_one_time_secret_is_confirmed check ((secret is null) = (confirmed_at is null)),
    constraint a_pending_secret_has_a_beginning check ((pending_secret is null) = (pending_since is null))
);

comment on table totp is
'The one-time code set-up of a person (RFC 6238); its secret is encrypted by a key outside the database.';

grant select, insert, update, delete on totp to editorial_app;

create table recovery_code (
    id uuid not null default gen_random_uuid(),
    person_id uuid not null references person (id),
    code_hash bytea not null,
    used_at timestamptz,
    primary key (id),
    constraint a_recovery_code_is_given_once unique (person_id, code_hash)
);

comment on table recovery_code is
'Recovery codes for a lost second factor, by hash, each good for one use.';

grant select, insert, update, delete on recovery_code to editorial_app;

create table pending_coordinator (
    person_id uuid primary key references person (id),
    given_by uuid not null references person (id),
    given_at timestamptz not null default now()
);

comment on table pending_coordinator is
'Who was given the role of coordinator by an administrator, and waits for a coordinator to confirm it.';

grant select, insert, delete on pending_coordinator to editorial_app;

-- Gives a person a byline of that name, or the one they have already.
create function take_byline(new_byline uuid, new_name text) returns uuid
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

-- The only way from a byline to a person, or back: of one person, of one name, or of both. It fails
-- without an actor and an action, and the step that reads it has an entry.
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
    perform current_audit_entry(
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

-- Erases a person who exists, once.
create function erase_person(erased uuid) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, public, pg_temp
as $$
begin
    if not exists (select from person where id = erased and state <> 'erased') then
        raise exception 'there is no such person to erase'
            using errcode = 'insufficient_privilege', constraint = 'a_person_is_erased_once';
    end if;
    perform erase_from_trail(erased);
    delete from audit_salt
    using audit_change, audit_entry
    where audit_change.entry_id = audit_salt.entry_id
        and audit_change.position = audit_salt.position
        and audit_change.table_name = 'byline_holder'
        and audit_entry.id = audit_change.entry_id
        and coalesce(audit_entry.on_behalf_of, audit_entry.actor_id) = erased;
    delete from account_link where person_id = erased;
    delete from session where person_id = erased;
    delete from person_role where person_id = erased;
    delete from person_language where person_id = erased;
    update person set state = 'erased', email = null, display_name = null, password_hash = null
    where id = erased;
end
$$;

-- Deletes the link between an erased person and their bylines. A byline that signs a text stays on it.
create function forget_bylines(erased uuid) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, public, pg_temp
as $$
declare
    forgotten uuid[];
begin
    if not exists (select from person where id = erased and state = 'erased') then
        raise exception 'bylines are forgotten of somebody who was erased'
            using errcode = 'insufficient_privilege', constraint = 'only_the_erased_are_forgotten';
    end if;
    with gone as (
        delete from byline_holder where person_id = erased returning byline_id
    )
    select array_agg(byline_id) into forgotten from gone;
    delete from byline
    where id = any(forgotten) and not exists (select from commentary where commentary.byline_id = byline.id);
end
$$;

-- Deletes the second factor and the waiting mails of an erased person, whichever code erases.
create function forget_second_proofs() returns trigger
language plpgsql
set search_path = pg_catalog, public, pg_temp
as $$
begin
    delete from totp where person_id = new.id;
    delete from recovery_code where person_id = new.id;
    delete from mail where person_id = new.id;
    return null;
end
$$;

-- Notifies `actor_changed` that roles, languages, a session or an account have changed; the payload does not say whose.
create function notify_actor_changed() returns trigger
language plpgsql volatile
set search_path = pg_catalog
as $$
begin
    perform pg_notify('actor_changed', '');
    return null;
end
$$;

-- Deletes a page of sign-ins that ended so many days ago, with their salts. Only the system's step `forget_sign_ins` may:
-- the verifier accepts a missing salt of a sign-in for no other reason.
create function forget_sign_ins(days integer, page integer default 500) returns bigint
language plpgsql volatile security definer
set search_path = pg_catalog, public, pg_temp
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
declare
    since timestamptz := clock_timestamp() - make_interval(days => greatest(days, 1));
    forgotten bigint;
begin
    if acting_context() ->> 'action' is distinct from 'forget_sign_ins'
        or acting_context() ->> 'actor_kind' is distinct from 'system' then
        raise exception 'sign-ins are forgotten in a step that says so'
            using errcode = 'insufficient_privilege', constraint = 'forgetting_sign_ins_says_so';
    end if;
    with old_session as (
        delete from session
        where session.id in (
            select id from session
            where coalesce(ended_at, expires_at) < since
            order by coalesce(ended_at, expires_at)
            limit page
            for update skip locked
        )
        returning id
    ),
    old_link as (
        delete from account_link
        where account_link.id in (
            select id from account_link
            where coalesce(used_at, expires_at) < since
            order by coalesce(used_at, expires_at)
            limit page
            for update skip locked
        )
        returning id
    ),
    gone as (
        select 'session' as table_name, id from old_session
        union all
        select 'account_link', id from old_link
    ),
    told as (
        delete from audit_salt
        using audit_change, gone
        where audit_change.entry_id = audit_salt.entry_id
            and audit_change.position = audit_salt.position
            and audit_change.table_name in ('session', 'account_link')
            and audit_change.table_name = gone.table_name
            and audit_change.row_key ->> 'id' = gone.id::text
    )
    select count(*) into forgotten from gone;
    return forgotten;
end
$$;

-- The owner of the schema may appoint a coordinator: the first ones, by the command line on the server. The
-- application's role cannot, whichever actor it names.
create function a_coordinator_is_confirmed() returns trigger
language plpgsql
set search_path = pg_catalog, public, pg_temp
as $$
declare
    context jsonb := acting_context();
begin
    if new.role <> 'coordinator' or pg_has_role(current_user, 'editorial_owner', 'member') then
        return new;
    end if;
    if context ->> 'actor_kind' is distinct from 'person'
        or context ->> 'on_behalf_of' is not null
        or not exists (
            select from pending_coordinator as pending
            inner join person as given
                on given.id = pending.person_id and given.state = 'active' and not given.password_set_by_shown_link
            inner join person as confirming on confirming.id = acting_person() and confirming.state = 'active'
            inner join person_role
                on person_role.person_id = confirming.id and person_role.role = 'coordinator'
            where pending.person_id = new.person_id
                and pending.given_by <> confirming.id
                and pending.person_id <> confirming.id
        ) then
        raise exception 'a coordinator is confirmed by another coordinator'
            using errcode = 'check_violation', constraint = 'a_coordinator_is_confirmed_by_another_coordinator';
    end if;
    return new;
end
$$;

create function a_pending_role_is_given_by_an_administrator() returns trigger
language plpgsql
set search_path = pg_catalog, public, pg_temp
as $$
begin
    if acting_context() ->> 'actor_kind' is distinct from 'person'
        or acting_context() ->> 'on_behalf_of' is not null
        or new.given_by is distinct from acting_person()
        or not exists (
            select from person
            inner join person_role on person_role.person_id = person.id and person_role.role = 'administrator'
            where person.id = new.given_by and person.state = 'active'
        ) then
        raise exception 'the role of coordinator is given by an administrator'
            using errcode = 'check_violation', constraint = 'a_pending_role_is_given_by_an_administrator';
    end if;
    return new;
end
$$;

-- An erasure runs as the owner: an administrator may erase their own account.
create function roles_are_changed_by_another() returns trigger
language plpgsql
set search_path = pg_catalog, public, pg_temp
as $$
begin
    if coalesce(new.person_id, old.person_id) = acting_person()
        and not pg_has_role(current_user, 'editorial_owner', 'member') then
        raise exception 'roles and languages are changed by another person'
            using errcode = 'check_violation', constraint = 'roles_are_changed_by_another_person';
    end if;
    return coalesce(new, old);
end
$$;

-- An administrator who could change an address could ask for a new password at it.
create function credentials_are_changed_by_their_person() returns trigger
language plpgsql
set search_path = pg_catalog, public, pg_temp
as $$
begin
    -- An account that is erased lets nobody in.
    if new.state = 'erased'
        or acting_person() is not distinct from new.id
        or pg_has_role(current_user, 'editorial_owner', 'member') then
        return new;
    end if;
    if new.email is distinct from old.email then
        raise exception 'an address is changed by its person'
            using errcode = 'check_violation', constraint = 'an_address_is_changed_by_its_person';
    end if;
    if new.password_hash is distinct from old.password_hash
        or new.password_set_by_shown_link is distinct from old.password_set_by_shown_link then
        raise exception 'a password is set by its person'
            using errcode = 'check_violation', constraint = 'a_password_is_set_by_its_person';
    end if;
    return new;
end
$$;

create function a_link_of_a_used_account_is_not_shown() returns trigger
language plpgsql
set search_path = pg_catalog, public, pg_temp
as $$
begin
    if new.delivery = 'shown' and (tg_op = 'INSERT' or old.delivery <> 'shown') and (
        exists (
            select from person
            where person.id = new.person_id and person.state <> 'invited'
        )
        or exists (
            select from pending_coordinator
            where pending_coordinator.person_id = new.person_id
        )
        or exists (
            select from person_role
            where person_role.person_id = new.person_id and person_role.role = 'coordinator'
        )
    ) then
        raise exception 'a link into an account in use is mailed, or made on the server'
            using errcode = 'check_violation', constraint = 'a_link_into_an_account_in_use_is_never_shown';
    end if;
    return new;
end
$$;

-- Entries about accounts in the coordinators' part of the trail: who becomes a coordinator, by whom, who stops being one,
-- and for whom a link was made on the server. The accounts' part has the changed rows besides.
create function tell_coordinators() returns trigger
language plpgsql security definer
set search_path = pg_catalog, public, pg_temp
as $$
declare
    context jsonb := acting_context();
    one_row jsonb := to_jsonb(coalesce(new, old));
    concerned uuid := coalesce(one_row ->> 'person_id', one_row ->> 'id')::uuid;
    is_coordinator boolean := exists (
        select from person_role
        where person_role.person_id = concerned and person_role.role = 'coordinator'
    );
    told text;
begin
    told := case
        when tg_table_name = 'pending_coordinator' and tg_op = 'INSERT' then 'give_coordinator'
        -- A role that was confirmed is told as that.
        when tg_table_name = 'pending_coordinator' and tg_op = 'DELETE' and not is_coordinator then
            'withdraw_coordinator'
        when tg_table_name = 'person_role' and one_row ->> 'role' = 'coordinator' then case
            when tg_op = 'DELETE' then 'take_coordinator'
            when context ->> 'actor_kind' = 'person' then 'confirm_coordinator'
            else 'appoint_coordinator'
        end
        when tg_table_name = 'account_link' and one_row ->> 'delivery' = 'server' then 'make_link_on_server'
        when tg_table_name = 'totp' and is_coordinator and concerned is distinct from acting_person() then
            'remove_totp_of_coordinator'
        when tg_table_name = 'person' and is_coordinator then case one_row ->> 'state'
            when 'deactivated' then 'deactivate_coordinator'
            when 'active' then 'activate_coordinator'
        end
    end;
    -- Without an actor and an action the trail refuses the change itself.
    if told is not null and context ->> 'actor_kind' is not null and context ->> 'action' is not null then
        insert into audit_entry
            (domain, actor_kind, actor_id, on_behalf_of, action, object_kind, object_id, request_id)
        values (
            'editorial',
            context ->> 'actor_kind',
            (context ->> 'actor')::uuid,
            (context ->> 'on_behalf_of')::uuid,
            told,
            'person',
            concerned,
            coalesce(context ->> 'request', 'none')
        )
        on conflict do nothing;
    end if;
    return null;
end
$$;

-- Deletes the pending role of an erased person.
create function forget_pending_role() returns trigger
language plpgsql security definer
set search_path = pg_catalog, public, pg_temp
as $$
begin
    delete from pending_coordinator where person_id = new.id;
    return null;
end
$$;

create trigger version before update on person for each row execute function count_version();

create trigger no_truncate before truncate on byline for each statement execute function refuse_change();
alter table byline enable always trigger no_truncate;

create trigger trail after insert or update or delete on byline
for each row execute function write_audit_change('editorial', '', '', 'id,name');
alter table byline enable always trigger trail;

create trigger no_truncate before truncate on byline_holder for each statement execute function refuse_change();
alter table byline_holder enable always trigger no_truncate;

create trigger trail after insert or update or delete on byline_holder
for each row execute function write_audit_change('editorial', '', '', 'byline_id,person_id');
alter table byline_holder enable always trigger trail;

create trigger forget_second_proofs after update of state on person
for each row when (new.state = 'erased') execute function forget_second_proofs();

create trigger actor_changed after insert or update or delete on person_role
for each statement execute function notify_actor_changed();
alter table person_role enable always trigger actor_changed;

create trigger actor_changed after insert or update or delete on person_language
for each statement execute function notify_actor_changed();
alter table person_language enable always trigger actor_changed;

create trigger actor_changed after update or delete on service_token
for each statement execute function notify_actor_changed();
alter table service_token enable always trigger actor_changed;

create trigger actor_changed after insert or delete or update of confirmed_at on totp
for each statement execute function notify_actor_changed();
alter table totp enable always trigger actor_changed;

create trigger actor_changed after update on person
for each row when (old.state is distinct from new.state or old.mail_language is distinct from new.mail_language)
execute function notify_actor_changed();
alter table person enable always trigger actor_changed;

-- A refresh of a session changes no actor.
create trigger actor_changed after update on session
for each row when (
    old.ended_at is distinct from new.ended_at
    or old.person_id is distinct from new.person_id
    or new.expires_at < old.expires_at
)
execute function notify_actor_changed();
alter table session enable always trigger actor_changed;

create trigger actor_changed_of_removed after delete on session
for each statement execute function notify_actor_changed();
alter table session enable always trigger actor_changed_of_removed;

create trigger confirmed before insert or update on person_role
for each row execute function a_coordinator_is_confirmed();
alter table person_role enable always trigger confirmed;

create trigger given_by_an_administrator before insert or update on pending_coordinator
for each row execute function a_pending_role_is_given_by_an_administrator();
alter table pending_coordinator enable always trigger given_by_an_administrator;

create trigger changed_by_another before insert or update or delete on person_role
for each row execute function roles_are_changed_by_another();
alter table person_role enable always trigger changed_by_another;

create trigger changed_by_another before insert or update or delete on person_language
for each row execute function roles_are_changed_by_another();
alter table person_language enable always trigger changed_by_another;

create trigger changed_by_another before insert or update or delete on pending_coordinator
for each row execute function roles_are_changed_by_another();
alter table pending_coordinator enable always trigger changed_by_another;

create trigger credentials_of_their_person before update on person
for each row execute function credentials_are_changed_by_their_person();
alter table person enable always trigger credentials_of_their_person;

create trigger not_shown before insert or update on account_link
for each row execute function a_link_of_a_used_account_is_not_shown();
alter table account_link enable always trigger not_shown;

create trigger coordinators_hear after insert or update or delete on person_role
for each row execute function tell_coordinators();
alter table person_role enable always trigger coordinators_hear;

create trigger coordinators_hear after insert or delete on pending_coordinator
for each row execute function tell_coordinators();
alter table pending_coordinator enable always trigger coordinators_hear;

create trigger coordinators_hear after insert on account_link
for each row execute function tell_coordinators();
alter table account_link enable always trigger coordinators_hear;

create trigger coordinators_hear after delete on totp
for each row execute function tell_coordinators();
alter table totp enable always trigger coordinators_hear;

create trigger coordinators_hear after update on person
for each row when (old.state is distinct from new.state)
execute function tell_coordinators();
alter table person enable always trigger coordinators_hear;

create trigger pending_role_goes after update on person
for each row when (new.state = 'erased' and old.state <> 'erased')
execute function forget_pending_role();
alter table person enable always trigger pending_role_goes;

-- A pending role is shown in /v1/me, so its change drops cached actors, too.
create trigger actor_changed after insert or delete on pending_coordinator
for each statement execute function notify_actor_changed();
alter table pending_coordinator enable always trigger actor_changed;

call watch('language', 'editorial', '', 'tag');
call watch('person', 'accounts', '', 'id', 'email,display_name,password_hash');
call watch('person_role', 'accounts', '', 'person_id,role');
call watch('person_language', 'accounts', '', 'person_id,language');
call watch('account_link', 'accounts', '', 'id', 'token_hash');
call watch('signing_key', 'accounts', '', 'id', 'private_key,refresh_secret');
call watch('session', 'accounts', '', 'id', 'device');
call watch('service_token', 'accounts', '', 'id', 'token_hash');
call watch('mail', 'accounts', '', 'id', 'address');
call watch('totp', 'accounts', '', 'person_id', 'secret,pending_secret,last_step');
call watch('pending_coordinator', 'accounts', '', 'person_id');
call watch('recovery_code', 'accounts', '', 'id', 'code_hash');

grant execute on function take_byline(uuid, text), byline_links(uuid, text), erase_person(uuid), forget_bylines(uuid),
forget_sign_ins(integer, integer) to editorial_app;

select set_config('editorial.context', '{"actor_kind": "system", "action": "migrate", "request": "migration"}', true);
insert into language (tag, position) values ('be', 1), ('ru', 2), ('en', 3);

-- migrate: rollback
