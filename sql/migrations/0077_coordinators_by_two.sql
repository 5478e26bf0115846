-- No administrator alone becomes a coordinator, or lets themselves in as one.
-- depends: 0069_trail_by_time

-- migrate: apply

-- The role of coordinator, given by an administrator and not yet confirmed. It grants nothing: nothing that asks for
-- roles reads this table.
create table pending_coordinator (
    person_id uuid primary key references person (id),
    given_by uuid not null references person (id),
    given_at timestamptz not null default now()
);

comment on table pending_coordinator is
'Who was given the role of coordinator by an administrator, and waits for a coordinator to confirm it.';

call watch('pending_coordinator', 'accounts', '', 'person_id');
grant select, insert, delete on pending_coordinator to editorial_app;

-- How a link reaches its person. Only the link of an account that was never used is shown to an administrator.
alter table one_time_link add column delivery text not null default 'mail';
alter table one_time_link add constraint a_one_time_link_has_a_known_delivery
check (delivery in ('mail', 'shown', 'server'));

-- The password was set by a link that an administrator saw: who confirms a role cannot know whose account it is.
alter table person add column password_set_by_shown_link boolean not null default false;

alter table mail drop constraint a_mail_has_a_known_kind;
alter table mail add constraint a_mail_has_a_known_kind check (
    kind in (
        'invitation', 'reset', 'password_changed', 'session_stolen', 'totp_on', 'totp_off',
        'coordinator_given', 'coordinator_changed', 'link_made'
    )
);

-- The owner of the schema may appoint a coordinator: the first ones, by the command line on the server. The
-- application's role cannot, whoever it says acts.
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

create trigger confirmed before insert or update on person_role
for each row execute function a_coordinator_is_confirmed();
alter table person_role enable always trigger confirmed;

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

create trigger given_by_an_administrator before insert or update on pending_coordinator
for each row execute function a_pending_role_is_given_by_an_administrator();
alter table pending_coordinator enable always trigger given_by_an_administrator;

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

create trigger changed_by_another before insert or update or delete on person_role
for each row execute function roles_are_changed_by_another();
alter table person_role enable always trigger changed_by_another;

create trigger changed_by_another before insert or update or delete on person_language
for each row execute function roles_are_changed_by_another();
alter table person_language enable always trigger changed_by_another;

create trigger changed_by_another before insert or update or delete on pending_coordinator
for each row execute function roles_are_changed_by_another();
alter table pending_coordinator enable always trigger changed_by_another;

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

create trigger credentials_of_their_person before update on person
for each row execute function credentials_are_changed_by_their_person();
alter table person enable always trigger credentials_of_their_person;

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

create trigger not_shown before insert or update on one_time_link
for each row execute function a_link_of_a_used_account_is_not_shown();
alter table one_time_link enable always trigger not_shown;

-- What coordinators hear of accounts, in their part of the trail: who becomes one of them, by whom, who stops being
-- one, and who was let in by a link that was made on the server. The accounts' part has the changed rows as ever.
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
        when tg_table_name = 'one_time_link' and one_row ->> 'delivery' = 'server' then 'make_link_on_server'
        when tg_table_name = 'totp' and is_coordinator and concerned is distinct from acting_person() then
            'remove_totp_of_coordinator'
        when tg_table_name = 'person' and is_coordinator then case one_row ->> 'state'
            when 'deactivated' then 'deactivate_coordinator'
            when 'active' then 'activate_coordinator'
        end
    end;
    -- Without an actor and an action the trail refuses the change itself.
    if told is not null and context ->> 'actor_kind' is not null and context ->> 'action' is not null then
        insert into trail_entry
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

create trigger coordinators_hear after insert or update or delete on person_role
for each row execute function tell_coordinators();
alter table person_role enable always trigger coordinators_hear;

create trigger coordinators_hear after insert or delete on pending_coordinator
for each row execute function tell_coordinators();
alter table pending_coordinator enable always trigger coordinators_hear;

create trigger coordinators_hear after insert on one_time_link
for each row execute function tell_coordinators();
alter table one_time_link enable always trigger coordinators_hear;

create trigger coordinators_hear after delete on totp
for each row execute function tell_coordinators();
alter table totp enable always trigger coordinators_hear;

create trigger coordinators_hear after update on person
for each row when (old.state is distinct from new.state)
execute function tell_coordinators();
alter table person enable always trigger coordinators_hear;

-- What waits for a person who is erased waits no longer.
create function forget_pending_role() returns trigger
language plpgsql security definer
set search_path = pg_catalog, public, pg_temp
as $$
begin
    delete from pending_coordinator where person_id = new.id;
    return null;
end
$$;

create trigger pending_role_goes after update on person
for each row when (new.state = 'erased' and old.state <> 'erased')
execute function forget_pending_role();
alter table person enable always trigger pending_role_goes;

-- What changes who may do what has to be heard at once, and so does what waits.
create trigger standing after insert or delete on pending_coordinator
for each statement execute function tell_of_standing();
alter table pending_coordinator enable always trigger standing;

-- migrate: rollback
