-- Comments: threads about a text or one unit of it.
-- depends: 0004_translations

-- migrate: apply

create table comment_thread (
    id uuid primary key,
    version integer not null default 1,
    commentary_id uuid not null references commentary (id),
    language text not null references language (tag),
    unit text,
    revision integer,
    last_comment_at timestamptz not null default now(),
    resolved_at timestamptz,
    constraint a_thread_is_about_an_edition foreign key (commentary_id, language)
    references edition (commentary_id, language),
    constraint a_thread_is_about_a_text foreign key (commentary_id, language, revision)
    references revision (commentary_id, language, number),
    constraint a_thread_belongs_to_one_commentary unique (id, commentary_id)
);

comment on table comment_thread is
'A discussion about an edition or one unit of it. It outlives its unit.';

create index comment_thread_of_edition on comment_thread (commentary_id, id);

grant select, insert, update (resolved_at, last_comment_at) on comment_thread to editorial_app;

create table comment (
    id uuid primary key,
    thread_id uuid not null,
    commentary_id uuid not null,
    part text not null,
    created_by uuid not null references person (id),
    created_at timestamptz not null default now(),
    text text not null,
    constraint a_comment_belongs_to_a_thread foreign key (thread_id, commentary_id)
    references comment_thread (id, commentary_id),
    constraint a_comment_has_a_bounded_length check (length(text) between 1 and 5000),
    constraint a_comment_is_made_in_a_known_part check (part in ('author', 'contributor', 'coordinator', 'translator'))
);

comment on table comment is
'One comment of a thread, with the part in which its writer spoke.';

create index comment_of_thread on comment (thread_id, id);

grant select, insert on comment to editorial_app;

create trigger version before update on comment_thread for each row execute function count_version();

call freeze('comment');

call watch('comment_thread', 'editorial', 'commentary_id', 'id', 'last_comment_at');
call watch('comment', 'editorial', 'commentary_id', 'id', 'text');

-- migrate: rollback
