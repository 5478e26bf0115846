-- Links to a text that is approved and not published yet. A link ends; nothing of it is changed.
-- depends: 0031_publication_checks

-- migrate: apply

create table preview_link (
    id uuid primary key,
    token_hash bytea not null,
    commentary_id uuid not null,
    language text not null,
    approval_id uuid not null,
    revision integer not null,
    made_by uuid not null references person (id),
    made_at timestamptz not null default now(),
    expires_at timestamptz not null,
    constraint a_preview_link_is_found_by_its_hash unique (token_hash),
    constraint a_preview_shows_an_approved_text foreign key (approval_id, commentary_id, language, revision)
    references approval (id, commentary_id, language, revision),
    constraint a_preview_link_ends check (expires_at > made_at and expires_at <= made_at + interval '30 days')
);

call freeze('preview_link');
call watch('preview_link', 'editorial', 'commentary_id', 'id', 'token_hash');
grant select, insert on preview_link to editorial_app;

-- migrate: rollback
