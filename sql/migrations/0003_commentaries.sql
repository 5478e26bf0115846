-- Commentaries, their editions, the immutable revisions of their text, and four eyes on what goes live.
-- depends: 0002_people

-- migrate: apply

create table section (
    key text primary key,
    version integer not null default 1,
    labels jsonb not null,
    position integer not null,
    closed boolean not null default false,
    constraint a_section_key_is_a_slug check (key ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and length(key) <= 60),
    constraint a_section_has_labels check (jsonb_typeof(labels) = 'object' and labels <> '{}'::jsonb)
);

create table commentary (
    id uuid primary key,
    version integer not null default 1,
    state text not null default 'draft',
    week text not null,
    section text not null references section (key),
    source_language text not null references language (tag),
    author_id uuid not null references person (id),
    byline_id uuid references byline (id),
    note text,
    was_published boolean not null default false,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint a_commentary_has_a_known_state check (
        state in ('draft', 'in_review', 'in_translation', 'ready', 'published', 'retracted', 'discarded')
    ),
    constraint a_week_is_an_iso_week check (week ~ '^[0-9]{4}-W(0[1-9]|[1-4][0-9]|5[0-3])$'),
    constraint a_published_text_is_never_discarded check (not (state = 'discarded' and was_published)),
    constraint a_published_commentary_was_published check (state not in ('published', 'retracted') or was_published)
);

create index commentary_newest_first on commentary (id desc);
create index commentary_by_state on commentary (state, id desc);
create index commentary_by_week on commentary (week, section, id desc);
create index commentary_by_author on commentary (author_id, id desc);

create table contributor (
    commentary_id uuid not null references commentary (id),
    person_id uuid not null references person (id),
    primary key (commentary_id, person_id)
);

create index contributor_by_person on contributor (person_id);

-- An immutable, numbered state of one edition's text. The hash is the database's own, over what readers would get.
create table revision (
    commentary_id uuid not null references commentary (id),
    language text not null references language (tag),
    number integer not null,
    title text not null,
    lead text not null,
    trend text,
    photo jsonb,
    blocks jsonb not null,
    source_revision integer,
    units jsonb,
    made_by uuid not null references person (id),
    made_at timestamptz not null default now(),
    content_hash bytea not null,
    primary key (commentary_id, language, number),
    constraint a_revision_is_named_with_its_hash unique (commentary_id, language, number, content_hash),
    constraint a_revision_has_a_positive_number check (number > 0),
    constraint a_trend_is_known check (trend in ('better', 'unchanged', 'worse')),
    constraint a_title_has_a_bounded_length check (length(title) <= 300),
    constraint a_lead_has_a_bounded_length check (length(lead) <= 3000),
    constraint blocks_are_a_bounded_list check (jsonb_typeof(blocks) = 'array' and jsonb_array_length(blocks) <= 500),
    constraint a_photo_has_a_credit check (photo is null or length(photo ->> 'credit') > 0)
);

create function hash_revision() returns trigger
language plpgsql
set search_path = pg_catalog, public, pg_temp
as $$
begin
    new.content_hash := sha256(convert_to(
        jsonb_build_array(new.title, new.lead, new.trend, new.photo, new.blocks)::text, 'UTF8'
    ));
    return new;
end
$$;

create trigger content_hash before insert on revision for each row execute function hash_revision();
alter table revision enable always trigger content_hash;
call freeze('revision');

-- What a second person agreed to: the source's approval or a translation's acceptance, by revision and hash.
create table approval (
    id uuid primary key,
    commentary_id uuid not null,
    language text not null,
    revision integer not null,
    content_hash bytea not null,
    approved_by uuid not null references person (id),
    approved_at timestamptz not null default now(),
    withdrawn_at timestamptz,
    constraint an_approval_names_a_text_byte_for_byte foreign key (commentary_id, language, revision, content_hash)
    references revision (commentary_id, language, number, content_hash),
    constraint an_approval_is_named_with_its_revision unique (id, commentary_id, language, revision)
);

create index approval_of_edition on approval (commentary_id, language, revision desc);
create unique index one_standing_approval_for_a_revision on approval (commentary_id, language, revision)
where withdrawn_at is null;

create table edition (
    commentary_id uuid not null references commentary (id),
    language text not null references language (tag),
    is_source boolean not null,
    wanted boolean not null default true,
    revision integer,
    approval_id uuid,
    approved_revision integer,
    live_approval_id uuid,
    live_revision integer,
    slug text,
    first_published_at timestamptz,
    published_at timestamptz,
    scheduled_for timestamptz,
    scheduled_by uuid references person (id),
    schedule_note text,
    schedule_is_minor boolean not null default false,
    schedule_refusal text,
    retracted_at timestamptz,
    retraction_reason text,
    correction_pending_since timestamptz,
    status text not null generated always as (
        case
            when live_revision is not null then 'live'
            when scheduled_for is not null then 'scheduled'
            when approved_revision is not null then 'ready'
            when retracted_at is not null then 'retracted'
            else 'pending'
        end
    ) stored,
    primary key (commentary_id, language),
    constraint an_edition_has_its_latest_revision foreign key (commentary_id, language, revision)
    references revision (commentary_id, language, number),
    constraint an_approved_edition_has_an_approval foreign key
    (approval_id, commentary_id, language, approved_revision)
    references approval (id, commentary_id, language, revision),
    constraint a_live_edition_was_approved foreign key
    (live_approval_id, commentary_id, language, live_revision)
    references approval (id, commentary_id, language, revision),
    constraint an_approved_revision_names_its_approval check ((approval_id is null) = (approved_revision is null)),
    constraint a_live_revision_names_its_approval check ((live_approval_id is null) = (live_revision is null)),
    constraint a_live_edition_has_an_address check (
        live_revision is null or (slug is not null and published_at is not null and first_published_at is not null)
    ),
    constraint a_schedule_has_somebody_behind_it check ((scheduled_for is null) = (scheduled_by is null)),
    constraint a_retraction_has_a_reason check ((retracted_at is null) = (retraction_reason is null)),
    constraint a_live_edition_is_not_retracted check (live_revision is null or retracted_at is null)
);

create unique index one_source_edition on edition (commentary_id) where is_source;
create index edition_live on edition (language, first_published_at desc, commentary_id) where live_revision is not null;
create index edition_due on edition (scheduled_for) where scheduled_for is not null;

-- Addresses are kept for ever: an old slug leads to its edition, and nobody else can take it.
create table slug (
    language text not null,
    slug text not null,
    commentary_id uuid not null,
    constraint a_slug_is_unique_in_its_language primary key (language, slug),
    constraint a_slug_belongs_to_an_edition foreign key (commentary_id, language)
    references edition (commentary_id, language),
    constraint a_slug_is_a_slug check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and length(slug) <= 120)
);

alter table edition add constraint an_edition_uses_a_slug_that_is_kept
foreign key (language, slug) references slug (language, slug);

-- What readers were told, and when: publications, corrections, retractions.
create table publication (
    id uuid primary key,
    commentary_id uuid not null,
    language text not null,
    kind text not null,
    revision integer,
    note text,
    published_at timestamptz not null default now(),
    constraint a_publication_belongs_to_an_edition foreign key (commentary_id, language)
    references edition (commentary_id, language),
    constraint a_publication_has_a_known_kind check (kind in ('first', 'again', 'correction', 'minor', 'retraction')),
    constraint a_correction_says_what_changed check (kind not in ('correction', 'retraction') or length(note) > 0)
);

create index publication_of_edition on publication (commentary_id, language, published_at);
call freeze('publication');

-- Four eyes, whatever the code above says: nobody approves what they wrote.
create function an_approval_is_by_a_second_person() returns trigger
language plpgsql
set search_path = pg_catalog, public, pg_temp
as $$
declare
    since integer;
begin
    if new.approved_by is distinct from acting_person() then
        raise exception 'an approval is signed by the person who acts'
            using errcode = 'check_violation', constraint = 'an_approval_is_signed_by_its_actor';
    end if;
    select coalesce(max(earlier.revision), 0) into since
    from approval as earlier
    where earlier.commentary_id = new.commentary_id
        and earlier.language = new.language
        and earlier.withdrawn_at is null
        and earlier.revision < new.revision;
    if exists (
        select from revision as written
        where written.commentary_id = new.commentary_id
            and written.language = new.language
            and written.number > since
            and written.number <= new.revision
            and written.made_by = new.approved_by
    ) or exists (
        select from commentary
        inner join edition on edition.commentary_id = commentary.id
        where commentary.id = new.commentary_id
            and edition.language = new.language
            and edition.is_source
            and commentary.author_id = new.approved_by
    ) then
        raise exception 'nobody approves what they wrote'
            using errcode = 'check_violation', constraint = 'nobody_approves_what_they_wrote';
    end if;
    return new;
end
$$;

create trigger four_eyes before insert on approval for each row execute function an_approval_is_by_a_second_person();
alter table approval enable always trigger four_eyes;

-- An approval is withdrawn once and never rewritten.
create function an_approval_is_only_withdrawn() returns trigger
language plpgsql
set search_path = pg_catalog, public, pg_temp
as $$
begin
    if tg_op = 'DELETE' or old.withdrawn_at is not null
        or to_jsonb(new) - 'withdrawn_at' is distinct from to_jsonb(old) - 'withdrawn_at' then
        raise exception 'an approval can only be withdrawn'
            using errcode = 'check_violation', constraint = 'an_approval_is_only_withdrawn';
    end if;
    return new;
end
$$;

create trigger only_withdrawn before update or delete on approval
for each row execute function an_approval_is_only_withdrawn();
alter table approval enable always trigger only_withdrawn;

-- What goes live, or counts as ready, does so on an approval that stands at that moment.
create function what_goes_live_is_approved_now() returns trigger
language plpgsql
set search_path = pg_catalog, public, pg_temp
as $$
declare
    earlier_live uuid := case when tg_op = 'UPDATE' then old.live_approval_id end;
    earlier_ready uuid := case when tg_op = 'UPDATE' then old.approval_id end;
begin
    if (new.live_approval_id is distinct from earlier_live and new.live_approval_id is not null
            and exists (select from approval where id = new.live_approval_id and withdrawn_at is not null))
        or (new.approval_id is distinct from earlier_ready and new.approval_id is not null
            and exists (select from approval where id = new.approval_id and withdrawn_at is not null)) then
        raise exception 'the approval was withdrawn'
            using errcode = 'check_violation', constraint = 'a_withdrawn_approval_makes_nothing_live';
    end if;
    return new;
end
$$;

create trigger approved_now before insert or update on edition
for each row execute function what_goes_live_is_approved_now();
alter table edition enable always trigger approved_now;

-- A byline is the author's own, or there is none.
create function a_byline_is_its_authors_own() returns trigger
language plpgsql
set search_path = pg_catalog, public, pg_temp
as $$
begin
    if new.byline_id is not null
        and (tg_op = 'INSERT' or new.byline_id is distinct from old.byline_id or new.author_id <> old.author_id)
        and not byline_belongs_to(new.byline_id, new.author_id) then
        raise exception 'the byline is not the author''s'
            using errcode = 'check_violation', constraint = 'a_byline_is_its_authors_own';
    end if;
    return new;
end
$$;

create trigger own_byline before insert or update on commentary
for each row execute function a_byline_is_its_authors_own();
alter table commentary enable always trigger own_byline;

-- Counts each change of a desk object, so that an answer's ETag names exactly what was read.
create function count_version() returns trigger
language plpgsql
set search_path = pg_catalog, public, pg_temp
as $$
begin
    new.version := old.version + 1;
    return new;
end
$$;

create trigger version before update on commentary for each row execute function count_version();
create trigger version before update on section for each row execute function count_version();
create trigger version before update on person for each row execute function count_version();

call watch('section', 'editorial', '', 'key');
call watch('commentary', 'editorial', 'id', 'id', 'note');
call watch('contributor', 'editorial', 'commentary_id', 'commentary_id,person_id');
call watch(
    'revision', 'editorial', 'commentary_id', 'commentary_id,language,number',
    'title,lead,photo,blocks,units'
);
call watch('approval', 'editorial', 'commentary_id', 'id');
call watch('edition', 'editorial', 'commentary_id', 'commentary_id,language');
call watch('slug', 'editorial', 'commentary_id', 'language,slug');
call watch('publication', 'editorial', 'commentary_id', 'id');

grant select on section, commentary, contributor, revision, approval, edition, slug, publication to editorial_app;
grant insert, update on section, commentary, edition to editorial_app;
grant insert, delete on contributor to editorial_app;
grant insert on revision, approval, slug, publication to editorial_app;
grant update (withdrawn_at) on approval to editorial_app;

-- migrate: rollback
