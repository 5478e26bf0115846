-- Every process remembers for two seconds who stands behind a token. It hears here when to forget it at once.
-- depends: 0042_growth

-- migrate: apply

-- Says on the channel `standing` that somebody's roles, languages, session or account have changed: not whose.
create function tell_of_standing() returns trigger
language plpgsql volatile
set search_path = pg_catalog
as $$
begin
    perform pg_notify('standing', '');
    return null;
end
$$;

create trigger standing after insert or update or delete on person_role
for each statement execute function tell_of_standing();

create trigger standing after insert or update or delete on person_language
for each statement execute function tell_of_standing();

create trigger standing after update or delete on service_token
for each statement execute function tell_of_standing();

create trigger standing after insert or delete or update of confirmed_at on totp
for each statement execute function tell_of_standing();

create trigger standing after update on person
for each row when (old.state is distinct from new.state)
execute function tell_of_standing();

-- A session that goes on with its next token is nobody's news.
create trigger standing after update on session
for each row when (
    old.ended_at is distinct from new.ended_at
    or old.person_id is distinct from new.person_id
    or new.expires_at < old.expires_at
)
execute function tell_of_standing();

create trigger standing_of_removed after delete on session
for each statement execute function tell_of_standing();

alter table person_role enable always trigger standing;
alter table person_language enable always trigger standing;
alter table service_token enable always trigger standing;
alter table totp enable always trigger standing;
alter table person enable always trigger standing;
alter table session enable always trigger standing;
alter table session enable always trigger standing_of_removed;

-- migrate: rollback
