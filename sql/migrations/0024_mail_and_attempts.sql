-- Mail that waits to be sent, and how often somebody has tried to sign in.
-- depends: 0023_keys_devices_services

-- migrate: apply

-- In which language somebody is written to, where they have said so.
alter table person add column mail_language text;
alter table person add constraint a_mail_is_in_a_language_of_ours check (mail_language in ('be', 'ru', 'en'));

-- A mail to be sent, put here in the transaction of the work. It goes when the mail server has taken it. There is no
-- token in it, and an address only until somebody has looked whose it is: a link's token is derived anew each time.
create table mail (
    id uuid primary key,
    kind text not null,
    person_id uuid references person (id),
    address text,
    link_id uuid references one_time_link (id) on delete cascade,
    queued_at timestamptz not null default now(),
    due_at timestamptz not null default now(),
    attempts integer not null default 0,
    failure text,
    given_up_at timestamptz,
    constraint a_mail_has_a_known_kind check (
        kind in ('invitation', 'reset', 'password_changed', 'session_stolen', 'totp_on', 'totp_off')
    ),
    constraint a_mail_goes_to_one_person check (num_nonnulls(person_id, address) = 1),
    constraint a_mail_fails_in_a_known_way check (failure in ('unreachable', 'refused', 'recipient_refused')),
    constraint a_mail_that_is_given_up_says_why check (given_up_at is null or failure is not null)
);

create index mail_that_is_due on mail (due_at) where given_up_at is null;

call watch('mail', 'accounts', '', 'id', 'address');
grant select, insert, update, delete on mail to editorial_app;

-- Attempts, by who or what is tried and from where. A bucket is a keyed hash, and leaks until it is empty. After a
-- crash everybody begins anew, which is better than a write to the log for each attempt of an attacker.
create unlogged table attempt (
    bucket bytea primary key,
    empty_at timestamptz not null
);

create index attempt_to_forget on attempt (empty_at);

grant select, insert, update, delete on attempt to editorial_app;

-- migrate: rollback
