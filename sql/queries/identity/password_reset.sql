-- name: find_link(token_hash)^
-- Whose link this is, while it is good, and what it is for.
select
    person.id as person_id,
    person.password_hash is not null as had_a_password,
    account_link.purpose = 'reset' as is_reset,
    account_link.delivery = 'shown' as was_shown
from account_link
inner join person on person.id = account_link.person_id
where account_link.token_hash = :token_hash
    and account_link.used_at is null
    and account_link.expires_at > now()
    and person.state in ('invited', 'active');

-- name: set_password(person, password_hash, was_shown)$
-- A password for somebody who was invited, or has lost theirs. Whoever has one is active.
update person set
    password_hash = :password_hash,
    state = 'active',
    password_set_by_shown_link = :was_shown
where id = :person and state in ('invited', 'active')
returning id;

-- name: spend_link(token_hash)$
-- A link is good for one use, for one of those who try it at once.
update account_link set used_at = clock_timestamp()
where token_hash = :token_hash and used_at is null and expires_at > clock_timestamp()
returning id;

-- name: void_links(person)!
-- The links that somebody has not used lead nowhere any more.
update account_link set used_at = clock_timestamp()
where person_id = :person and used_at is null;

-- name: find_own_credentials(person)^
-- What a change of one's own password is checked against.
select id, password_hash from person
where id = :person and state = 'active';

-- name: change_password(person, was, password_hash)$
-- A new password in place of the one that was checked.
update person set password_hash = :password_hash, password_set_by_shown_link = false
where id = :person and state = 'active' and password_hash = :was
returning id;

-- name: end_sessions(person, except_session, because)!
-- All of somebody's sessions are over, but for one where it is named.
update session set ended_at = clock_timestamp(), ended_because = :because
where person_id = :person and ended_at is null and id is distinct from :except_session::uuid;

-- name: record_attempt()$
-- The trail hears of something that was tried and changed nothing.
select record_attempt('accounts');
