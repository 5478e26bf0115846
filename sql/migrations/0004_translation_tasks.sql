-- The translation desk: one task for each commentary and language, and which source its text was made from.
-- depends: 0003_commentaries

-- migrate: apply

create table translation_task (
    id uuid primary key,
    version integer not null default 1,
    commentary_id uuid not null,
    language text not null,
    state text not null default 'open',
    source_revision integer not null,
    holder_id uuid references person (id),
    claim_expires_at timestamptz,
    due_at timestamptz,
    note text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint one_task_for_each_language unique (commentary_id, language),
    constraint a_task_belongs_to_an_edition foreign key (commentary_id, language)
    references edition (commentary_id, language),
    constraint a_task_has_a_known_state check (state in ('open', 'claimed', 'submitted', 'accepted', 'cancelled')),
    constraint a_task_has_one_holder_or_is_open check (
        case state
            when 'open' then holder_id is null
            when 'cancelled' then true
            else holder_id is not null
        end
    ),
    constraint a_claim_runs_out check ((state = 'claimed') = (claim_expires_at is not null))
);

create index translation_task_queue on translation_task (language, state, due_at, id);
create index translation_task_of_holder on translation_task (holder_id, state);
create index translation_task_claims on translation_task (claim_expires_at) where state = 'claimed';

-- Source units whose wording changed but not their meaning: a translation made from one is current for the other.
create table same_meaning (
    commentary_id uuid not null references commentary (id),
    unit text not null,
    was text not null,
    became text not null,
    primary key (commentary_id, unit, was, became)
);

create trigger version before update on translation_task for each row execute function count_version();
call freeze('same_meaning');
call watch('translation_task', 'editorial', 'commentary_id', 'id', 'note');
call watch('same_meaning', 'editorial', 'commentary_id', 'commentary_id,unit');

grant select, insert, update on translation_task to editorial_app;
grant select, insert on same_meaning to editorial_app;

-- migrate: rollback
