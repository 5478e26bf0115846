-- name: list_people(role, state, only_active, only_pending, before, page)
-- The people of the newsroom, newest first.
select
    person.id, person.version, person.email, person.display_name, person.state, person.created_at,
    array(
        select person_role.role from person_role
        where person_role.person_id = person.id
        order by person_role.role
    ) as roles,
    array(
        select person_language.language from person_language
        where person_language.person_id = person.id
        order by person_language.language
    ) as languages,
    pending_coordinator.given_at,
    pending_coordinator.given_by,
    giver.display_name as given_by_name
from person
left join pending_coordinator on pending_coordinator.person_id = person.id
left join person as giver on giver.id = pending_coordinator.given_by
where person.state <> 'erased'
    and (not :only_active::boolean or person.state = 'active')
    and (not :only_pending::boolean or pending_coordinator.person_id is not null)
    and (:state::text is null or person.state = :state)
    and (:role::text is null or exists (
        select from person_role
        where person_role.person_id = person.id and person_role.role = :role
    ))
    and (
        :before::uuid is null
        or (person.created_at, person.id) < (
            select last.created_at, last.id from person as last
            where last.id = :before
        )
    )
order by person.created_at desc, person.id desc
limit :page;

-- name: get_person(id)^
-- One account, for an administrator.
select
    person.id, person.version, person.email, person.display_name, person.state, person.created_at,
    array(
        select person_role.role from person_role
        where person_role.person_id = person.id
        order by person_role.role
    ) as roles,
    array(
        select person_language.language from person_language
        where person_language.person_id = person.id
        order by person_language.language
    ) as languages,
    pending_coordinator.given_at,
    pending_coordinator.given_by,
    giver.display_name as given_by_name
from person
left join pending_coordinator on pending_coordinator.person_id = person.id
left join person as giver on giver.id = pending_coordinator.given_by
where person.id = :id and person.state <> 'erased';

-- name: add_person(id, email, display_name, password_hash, state)!
-- A new account.
insert into person (id, email, display_name, password_hash, state)
values (:id, :email, :display_name, :password_hash, :state);

-- name: rename_person(id, display_name)!
-- What an account is called. Counts as a change of it, whatever else changes with it.
update person set display_name = coalesce(:display_name, display_name)
where id = :id;

-- name: set_state(id, state)!
-- Whether an account can be used. Who never set a password is invited, not active.
update person
set state = case when :state::text = 'active' and person.password_hash is null then 'invited' else :state end
where id = :id;

-- name: add_role(person, role)!
-- A role more.
insert into person_role (person_id, role) values (:person, :role);

-- name: remove_role(person, role)!
-- A role less.
delete from person_role
where person_id = :person and role = :role;

-- name: give_coordinator(person, given_by)!
-- The role of coordinator, which waits for a coordinator to confirm it.
insert into pending_coordinator (person_id, given_by) values (:person, :given_by);

-- name: end_pending(person)$
-- The role of coordinator waits no longer: it was confirmed, declined or withdrawn.
delete from pending_coordinator
where person_id = :person
returning person_id;

-- name: find_pending(person)^
-- Who waits for a confirmation, of whom a coordinator may know, and whether it can be given now.
select
    pending_coordinator.given_by,
    person.password_set_by_shown_link
from person
left join pending_coordinator on pending_coordinator.person_id = person.id
where person.id = :person and person.state = 'active';

-- name: other_coordinators(person)
-- The active coordinators beside one person, who hear of changes among them.
select person.id from person
inner join person_role on person_role.person_id = person.id and person_role.role = 'coordinator'
where person.state = 'active' and person.id <> :person
order by person.id;

-- name: find_account(whom)^
-- An account by e-mail address or id, for a command on the server.
select person.id, person.state from person
where person.state <> 'erased' and (lower(person.email) = lower(:whom::text) or person.id::text = lower(:whom::text));

-- name: void_shown_links(person)!
-- Links that an administrator has seen lead nowhere any more.
update account_link set used_at = clock_timestamp()
where person_id = :person and used_at is null and delivery = 'shown';

-- name: add_language(person, language)!
-- A language more that somebody translates into.
insert into person_language (person_id, language) values (:person, :language);

-- name: remove_language(person, language)!
-- A language less.
delete from person_language
where person_id = :person and language = :language;

-- name: known_languages()
-- The languages of the newsroom.
select language.tag from language
order by language.position;

-- name: lock_administrators()$
-- Whoever takes an administrator away waits for whoever else does.
select pg_advisory_xact_lock(hashtextextended('editorial.administrators', 0));

-- name: count_other_administrators(person)$
-- How many active administrators there are beside somebody.
select count(*) from person
inner join person_role on person_role.person_id = person.id and person_role.role = 'administrator'
where person.state = 'active' and person.id <> :person;

-- name: void_links(person)!
-- The links that somebody has not used lead nowhere any more.
update account_link set used_at = clock_timestamp()
where person_id = :person and used_at is null;

-- name: choose_mail_language(id, mail_language)!
-- In which language somebody is written to.
update person set mail_language = :mail_language
where id = :id;

-- name: end_sessions(person)!
-- Somebody is signed out everywhere.
update session set ended_at = clock_timestamp(), ended_because = 'deactivation'
where person_id = :person and ended_at is null;

-- name: claims_outside(person, languages)
-- The tasks that somebody has claimed in other languages than these.
select id from translation_task
where assignee_id = :person and state = 'claimed' and not language = any(:languages::text[])
order by id;

-- name: hand_back_task(id)!
-- A task goes back to the queue, with its text.
update translation_task set state = 'open', assignee_id = null, claim_expires_at = null, updated_at = now()
where id = :id and state = 'claimed';

-- name: is_administrator(person)$
-- Whether somebody still is an active administrator.
select exists (
    select from person
    inner join person_role on person_role.person_id = person.id and person_role.role = 'administrator'
    where person.id = :person and person.state = 'active'
);
