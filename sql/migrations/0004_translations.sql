-- The translation desk: tasks, warnings and their answers, the glossary, the memory of accepted translations.
-- depends: 0003_commentaries

-- migrate: apply

-- Without settings of its own it is planned as a part of the query; each name in it says its schema.
create function end_of_week(week text) returns timestamptz
language sql stable parallel safe
as $$
    select pg_catalog.timezone(
        'UTC', (pg_catalog.to_date(week, 'IYYY"-W"IW') operator(pg_catalog.+) 7)::pg_catalog.timestamp
    )
$$;

create table translation_task (
    id uuid primary key,
    version integer not null default 1,
    commentary_id uuid not null,
    language text not null,
    state text not null default 'open',
    source_revision integer not null,
    assignee_id uuid references person (id),
    claim_expires_at timestamptz,
    due_at timestamptz,
    review_note text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    -- How many warnings of the present text nobody has answered, as of its last save.
    open_warnings integer not null default 0,
    constraint one_task_for_each_language unique (commentary_id, language),
    constraint a_task_belongs_to_an_edition foreign key (commentary_id, language)
    references edition (commentary_id, language),
    constraint a_task_has_a_known_state check (state in ('open', 'claimed', 'submitted', 'accepted', 'cancelled')),
    constraint a_task_has_one_holder_or_is_open check (
        case state
            when 'open' then assignee_id is null
            when 'cancelled' then true
            else assignee_id is not null
        end
    ),
    constraint a_claim_runs_out check ((state = 'claimed') = (claim_expires_at is not null)),
    constraint a_request_for_changes_is_open_until_submitted check (
        review_note is null or state in ('open', 'claimed')
    )
);

comment on table translation_task is
'The work that makes one translated edition current: queue, claim, submission, acceptance.';

create index translation_task_queue on translation_task (language, state, due_at, id);
create index translation_task_of_holder on translation_task (assignee_id, state);
create index translation_task_claims on translation_task (claim_expires_at) where state = 'claimed';
-- For claim-next: the open tasks of a language.
create index translation_task_open on translation_task (language, id) where state = 'open';
create index translation_task_to_do on translation_task (id) where state in ('open', 'claimed', 'submitted');

grant select, insert, update on translation_task to editorial_app;

create table equivalent_wording (
    commentary_id uuid not null references commentary (id),
    unit text not null,
    was text not null,
    became text not null,
    primary key (commentary_id, unit, was, became)
);

comment on table equivalent_wording is
'Source units whose wording changed and whose meaning did not: a translation of one is current for the other.';

grant select, insert on equivalent_wording to editorial_app;

create table glossary_term (
    id uuid primary key,
    version integer not null default 1,
    source_language text not null references language (tag),
    language text not null references language (tag),
    source text not null,
    target text not null,
    alternatives text[] not null default '{}',
    exact boolean not null default false,
    note text,
    constraint a_term_is_said_in_another_language check (source_language <> language),
    constraint a_term_has_a_bounded_length check (
        length(source) >= 1 and length(source) <= 200 and length(target) >= 1 and length(target) <= 200
    ),
    constraint a_term_has_few_alternatives check (cardinality(alternatives) <= 20)
);

comment on table glossary_term is
'How a term or a name is said in another language.';

create unique index one_entry_for_each_term on glossary_term (source_language, language, lower(source));
create index glossary_term_in_order on glossary_term (lower(source), id);

grant select, insert, update, delete on glossary_term to editorial_app;

create table warning_answer (
    task_id uuid not null references translation_task (id),
    warning text not null,
    reason text not null,
    answered_by uuid not null references person (id),
    answered_at timestamptz not null default now(),
    primary key (task_id, warning),
    constraint an_answer_gives_a_reason check (length(reason) between 1 and 1000),
    constraint a_warning_is_named_by_a_hash check (warning ~ '^[0-9a-f]{32}$')
);

comment on table warning_answer is
'Why a warning about a translation is no fault, in the words of the person who answered it.';

grant select, insert, update, delete on warning_answer to editorial_app;

create table translation_memory (
    commentary_id uuid not null references commentary (id),
    language text not null references language (tag),
    unit text not null,
    source_hash text not null,
    source_language text not null references language (tag),
    source text not null,
    target text not null,
    revision integer not null,
    primary key (commentary_id, language, unit, source_hash)
);

comment on table translation_memory is
'Accepted translations unit by unit, offered again where the same or nearly the same is to be translated.';

create index translation_memory_exactly on translation_memory (source_hash, language, source_language);
create index translation_memory_nearly on translation_memory using gin (source gin_trgm_ops);

grant select, insert, update on translation_memory to editorial_app;

-- How much one person sees of one commentary: `whole`, `translation`, `live` or none. What core/permissions.py says of
-- one, for queries of many. Without a search_path of its own, so that Postgres plans it as part of the query; and with
-- a limit in place of `exists`, for which it may choose to read all of a table first.
create function sight_of(
    commentary uuid,
    author uuid,
    in_state text,
    actor uuid,
    languages text[],
    sees_all boolean,
    translator_states text[]
) returns table (sight text)
language sql stable parallel safe
as $$
    select case
        when
            sees_all
            or author = actor
            or (
                select true from public.contributor
                where contributor.commentary_id = commentary and contributor.person_id = actor
                limit 1
            )
            then 'whole'
        when
            in_state = any(translator_states)
            and (
                select true from public.translation_task
                where translation_task.commentary_id = commentary
                    and translation_task.language = any(languages)
                    and translation_task.state <> 'cancelled'
                limit 1
            )
            then 'translation'
        when
            (
                select true from public.edition
                where edition.commentary_id = commentary and edition.live_revision is not null
                limit 1
            )
            then 'live'
    end
$$;

-- Whether a person may claim one more task within the limit; else it raises the reason. The person's row is locked, so
-- that the second of two claims at once counts the first, and a deactivation comes before or after, never
-- between. (A plain query would count what was there before it waited.)
create function may_claim(claimant uuid, most integer) returns boolean
language plpgsql volatile
set search_path = pg_catalog, public, pg_temp
as $$
begin
    perform from person where id = claimant and state = 'active' for no key update;
    if not found then
        raise exception 'only who is active claims a task'
            using errcode = 'check_violation', constraint = 'only_who_is_active_claims';
    end if;
    if (select count(*) from translation_task where assignee_id = claimant and state = 'claimed') >= most then
        raise exception 'nobody claims more than so many tasks'
            using errcode = 'check_violation', constraint = 'nobody_claims_too_much';
    end if;
    return true;
end
$$;

-- Whether a person is an active translator of a language.
create function translates(who uuid, target_language text) returns boolean
language plpgsql stable
set search_path = pg_catalog, public, pg_temp
as $$
begin
    return exists (
        select from person
        inner join person_role on person_role.person_id = person.id and person_role.role = 'translator'
        inner join person_language
            on person_language.person_id = person.id and person_language.language = target_language
        where person.id = who and person.state = 'active'
    );
end
$$;

-- A claimed task has a holder who is an active translator of its language. The person's row is locked, so that a role is
-- taken away before or after the claim, never between.
create function a_claim_is_held_by_a_translator() returns trigger
language plpgsql
set search_path = pg_catalog, public, pg_temp
as $$
begin
    perform from person where id = new.assignee_id for share;
    if not translates(new.assignee_id, new.language) then
        raise exception 'a claim is held by a translator of the language'
            using errcode = 'check_violation', constraint = 'a_claim_is_held_by_a_translator';
    end if;
    return new;
end
$$;

-- When each task is due, with what makes it open to a translator, so that claim-next reads one view.
create view task_due as
select
    translation_task.id as task_id,
    coalesce(
        translation_task.due_at,
        (
            select min(edition.scheduled_for) from edition
            where edition.commentary_id = translation_task.commentary_id and edition.scheduled_for is not null
        ),
        end_of_week(commentary.week)
    ) as due_at,
    translation_task.language,
    translation_task.state,
    commentary.state as commentary_state
from translation_task
inner join commentary on commentary.id = translation_task.commentary_id;

grant select on task_due to editorial_app;

create trigger version before update on translation_task for each row execute function count_version();

create trigger version before update on glossary_term for each row execute function count_version();

create trigger no_truncate before truncate on translation_memory for each statement execute function refuse_change();
alter table translation_memory enable always trigger no_truncate;

create trigger trail after insert or update or delete on translation_memory
for each row execute function write_audit_change(
    'editorial', 'commentary_id', 'commentary_id,language,unit,source_hash', 'source,target'
);
alter table translation_memory enable always trigger trail;

create trigger held_by_a_translator before update of state, assignee_id on translation_task
for each row
when (new.state = 'claimed' and (old.state <> 'claimed' or old.assignee_id is distinct from new.assignee_id))
execute function a_claim_is_held_by_a_translator();
alter table translation_task enable always trigger held_by_a_translator;

call freeze('equivalent_wording');

call watch('translation_task', 'editorial', 'commentary_id', 'id', 'review_note');
call watch('glossary_term', 'editorial', '', 'id');
call watch('warning_answer', 'editorial', '', 'task_id,warning', 'reason');
call watch('equivalent_wording', 'editorial', 'commentary_id', 'commentary_id,unit,was,became');

grant execute on function end_of_week(text), sight_of(uuid, uuid, text, uuid, text[], boolean, text[]),
may_claim(uuid, integer), translates(uuid, text) to editorial_app;

-- migrate: rollback
