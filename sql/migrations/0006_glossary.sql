-- The newsroom's glossary, and what translators have said of warnings.
-- depends: 0005_urgency

-- migrate: apply

-- How a term or a name is said in another language.
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

create unique index one_entry_for_each_term on glossary_term (source_language, language, lower(source));
create index glossary_term_in_order on glossary_term (lower(source), id);
create trigger version before update on glossary_term for each row execute function count_version();

-- Why a warning is no fault: the holder's word, for the coordinator to read. A warning is named by what it says.
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

-- How many warnings of the present text nobody has answered, as of its last save.
alter table translation_task add column open_warnings integer not null default 0;

call watch('glossary_term', 'editorial', '', 'id');
call watch('warning_answer', 'editorial', '', 'task_id,warning', 'reason');

grant select, insert, update, delete on glossary_term, warning_answer to editorial_app;

-- migrate: rollback
