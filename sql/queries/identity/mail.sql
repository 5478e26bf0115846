-- name: queue_mail(id, kind, person, address, link)!
-- A mail to somebody, or to whoever has an address.
insert into mail (id, kind, person_id, address, link_id)
values (:id, :kind, :person, :address, :link);

-- name: add_link(id, person, purpose, token_hash, hours, delivery)$
-- A link for one use, and how it reaches its person.
insert into account_link (id, person_id, purpose, token_hash, expires_at, delivery)
values (:id, :person, :purpose, :token_hash, now() + make_interval(hours => :hours), :delivery)
returning expires_at;

-- name: due_mail(page)
-- Mails whose turn it is.
select id from mail
where due_at <= now() and given_up_at is null
order by due_at
limit :page;

-- name: queue_state()^
-- How many mails wait, and for how many seconds the oldest of them.
select
    count(*) as waiting,
    coalesce(extract(epoch from now() - min(queued_at)), 0)::double precision as oldest
from mail
where given_up_at is null;

-- name: claim_mail(id)^
-- A mail for one worker, until it would be due again: the longer, the oftener it was tried, for two days.
update mail set
    attempts = attempts + 1,
    due_at = now() + least(interval '1 minute' * power(2, least(attempts, 10)), interval '1 hour')
where id = (
    select waiting.id from mail as waiting
    where waiting.id = :id and waiting.due_at <= now() and waiting.given_up_at is null
    for update skip locked
)
returning kind, person_id, address, link_id, queued_at < now() - interval '2 days' as is_last;

-- name: find_by_address(address)$
-- Who has an address, if anybody who can sign in or was invited to.
select person.id from person
where lower(person.email) = lower(:address) and person.state in ('invited', 'active');

-- name: find_recipient(person)^
-- Where and in which language somebody is written to.
select email, mail_language from person
where id = :person and state in ('invited', 'active');

-- name: name_recipient(id, person, link)!
-- Whose address it was, in its place.
update mail set person_id = :person, address = null, link_id = :link
where id = :id;

-- name: renew_link(id, token_hash)$
-- Until when a link is good; nothing where it is not any more.
update account_link set token_hash = :token_hash
where id = :id and used_at is null and expires_at > now()
returning expires_at;

-- name: note_failure(id, why, for_good)!
-- A mail could not be sent, for now or for good.
update mail set failure = :why, given_up_at = case when :for_good::boolean then clock_timestamp() end
where id = :id;

-- name: remove_mail(id)!
-- A mail is gone: sent, or leading nowhere.
delete from mail
where id = :id;

-- name: failures_to_forget(page)
-- Mails that were given up long ago.
select id from mail
where given_up_at < now() - interval '14 days'
order by given_up_at
limit :page;

-- name: mail_is_stuck()$
-- Whether a mail waits for longer than it should, or was given up: by the last and the first of an index each.
select coalesce((select max(given_up_at) from mail) > now() - interval '2 days', false)
    or coalesce(
        (
            select min(queued_at) from mail
            where given_up_at is null
        ) < now() - interval '10 minutes',
        false
    );
