-- Commentaries, their editions, the immutable revisions of their text, and four eyes on what goes live.
-- depends: 0002_people

-- migrate: apply

-- Whether a text is a coverage week in range, by the rule of `core/calendar.py`. The range grows with the years, so a
-- stored week stays valid.
create function is_coverage_week(week text) returns boolean
language sql stable parallel safe
set search_path = pg_catalog
as $$
    select case
        when week ~ '^[0-9]{4}-W(0[1-9]|[1-4][0-9]|5[0-3])$'
            then left(week, 4)::integer between 1990 and extract(year from now() at time zone 'UTC')::integer + 50
                and right(week, 2)::integer
                <= extract(week from make_date(greatest(left(week, 4)::integer, 1), 12, 28))::integer
        else false
    end
$$;

create table section (
    key text primary key,
    version integer not null default 1,
    labels jsonb not null,
    position integer not null,
    is_closed boolean not null default false,
    constraint a_section_key_is_a_slug check (key ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and length(key) <= 60),
    constraint a_section_has_labels check (jsonb_typeof(labels) = 'object' and labels <> '{}'::jsonb)
);

comment on table section is
'The headings of the digest, labelled in every language. A closed section takes no new publication.';

grant select, insert, update on section to editorial_app;

create table commentary (
    id uuid primary key,
    version integer not null default 1,
    state text not null default 'draft',
    week text not null,
    section text not null references section (key),
    source_language text not null references language (tag),
    author_id uuid not null references person (id),
    byline_id uuid references byline (id),
    review_note text,
    was_published boolean not null default false,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint a_commentary_has_a_known_state check (
        state in ('draft', 'in_review', 'in_translation', 'ready', 'published', 'retracted', 'discarded')
    ),
    constraint a_published_text_is_never_discarded check (not (state = 'discarded' and was_published)),
    constraint a_published_commentary_was_published check (state not in ('published', 'retracted') or was_published),
    constraint a_request_for_changes_is_open_in_a_draft check (
        review_note is null or state in ('draft', 'discarded')
    ),
    constraint a_week_is_an_iso_week check (is_coverage_week(week))
);

comment on table commentary is
'One analytical piece: week, section, source language, author and state.';

create index commentary_newest_first on commentary (created_at desc, id desc);
create index commentary_by_state on commentary (state, created_at desc, id desc);
create index commentary_by_week on commentary (week, section, created_at desc, id desc);
create index commentary_by_author on commentary (author_id, created_at desc, id desc);

grant select, insert, update on commentary to editorial_app;

create table contributor (
    commentary_id uuid not null references commentary (id),
    person_id uuid not null references person (id),
    primary key (commentary_id, person_id)
);

comment on table contributor is
'People whom a coordinator named as contributors to a commentary.';

create index contributor_by_person on contributor (person_id);

grant select, insert, delete on contributor to editorial_app;

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
    created_by uuid not null references person (id),
    created_at timestamptz not null default now(),
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

alter table revision add constraint a_block_is_not_called_as_another_part check (
    not blocks @? '$[*] ? (@.id == "title" || @.id == "lead" || @.id == "photo")'
) not valid;

comment on table revision is
'An immutable, numbered state of one editions text. The database computes the content hash over what readers would get.';

grant select, insert on revision to editorial_app;

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

comment on table approval is
'What a second person agreed to: a source text or a translation, by revision and content hash.';

create index approval_of_edition on approval (commentary_id, language, revision desc);
create unique index one_standing_approval_for_a_revision on approval (commentary_id, language, revision)
where withdrawn_at is null;

grant select, insert, update (withdrawn_at) on approval to editorial_app;

create table edition (
    commentary_id uuid not null references commentary (id),
    language text not null references language (tag),
    is_source boolean not null,
    is_active boolean not null default true,
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
    scheduled_revision integer,
    -- Names an edition in feeds and exports, at whatever address, and stays the same. It is random: nothing leads from it to
    -- the commentary, nor from one language to another.
    public_id uuid not null default gen_random_uuid(),
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
    constraint a_live_edition_is_not_retracted check (live_revision is null or retracted_at is null),
    constraint a_schedule_is_for_the_approved_text check (
        (scheduled_for is null) = (scheduled_revision is null)
        and (scheduled_revision is null or scheduled_revision is not distinct from approved_revision)
    )
);

comment on table edition is
'A commentary in one language: its latest, approved, scheduled and live revisions. An edition is what gets published.';

create unique index one_source_edition on edition (commentary_id) where is_source;
create index edition_live on edition (language, first_published_at desc, commentary_id) where live_revision is not null;
create index edition_due on edition (scheduled_for) where scheduled_for is not null;
create index edition_changed on edition (language, coalesce(retracted_at, published_at) desc)
where live_revision is not null or retracted_at is not null;
create unique index a_public_id_names_one_edition on edition (public_id);

grant select, insert, update on edition to editorial_app;

create table slug (
    language text not null,
    slug text not null,
    commentary_id uuid not null,
    constraint a_slug_is_unique_in_its_language primary key (language, slug),
    constraint a_slug_belongs_to_an_edition foreign key (commentary_id, language)
    references edition (commentary_id, language),
    constraint a_slug_is_a_slug check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and length(slug) <= 120),
    constraint a_slug_is_named_with_its_commentary unique (language, slug, commentary_id)
);

comment on table slug is
'Public addresses, unique in each language. An old address is kept and redirects to the present one.';

create index slug_by_name on slug (slug);

grant select, insert on slug to editorial_app;

alter table edition add constraint an_edition_uses_a_slug_of_its_own
foreign key (language, slug, commentary_id) references slug (language, slug, commentary_id);

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

comment on table publication is
'Each event that readers notice: publication, correction, minor change, retraction, with its public note.';

create index publication_of_edition on publication (commentary_id, language, published_at);
create index publication_in_time on publication (published_at desc);

grant select, insert on publication to editorial_app;

create function hash_revision() returns trigger
language plpgsql
set search_path = pg_catalog, public, pg_temp
as $$
begin
    new.content_hash := content_hash_of(new.title, new.lead, new.trend, new.photo, new.blocks);
    return new;
end
$$;

-- Four eyes: a person does not approve what they wrote, in any role, and signs with their own id. Revisions that only
-- follow their source count as the accepted ones that they follow: their words were approved then, and the rest with
-- the source.
create function an_approval_is_by_a_second_person() returns trigger
language plpgsql
set search_path = pg_catalog, public, pg_temp
as $$
declare
    context jsonb := acting_context();
    since integer;
begin
    if context ->> 'actor_kind' is distinct from 'person'
        or context ->> 'on_behalf_of' is not null
        or (context ->> 'actor')::uuid is distinct from new.approved_by then
        raise exception 'an approval is signed by the person who acts'
            using errcode = 'check_violation', constraint = 'an_approval_is_signed_by_its_actor';
    end if;
    select coalesce(max(earlier.revision), 0) into since
    from approval as earlier
    where earlier.commentary_id = new.commentary_id
        and earlier.language = new.language
        and earlier.withdrawn_at is null
        and earlier.revision < new.revision;
    if since = new.revision - 1 and only_follows_source(new.commentary_id, new.language, new.revision) then
        return new;
    end if;
    if exists (
        select from revision as written
        where written.commentary_id = new.commentary_id
            and written.language = new.language
            and written.number > since
            and written.number <= new.revision
            and written.created_by = new.approved_by
            and not only_follows_source(written.commentary_id, written.language, written.number)
    ) or exists (
        select from commentary
        inner join edition on edition.commentary_id = commentary.id
        where commentary.id = new.commentary_id
            and edition.language = new.language
            and edition.is_source
            and commentary.author_id = new.approved_by
    ) or exists (
        select from translation_task
        where translation_task.commentary_id = new.commentary_id
            and translation_task.language = new.language
            and translation_task.assignee_id = new.approved_by
    ) then
        raise exception 'nobody approves what they wrote'
            using errcode = 'check_violation', constraint = 'nobody_approves_what_they_wrote';
    end if;
    return new;
end
$$;

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

-- Nothing goes live, or counts as ready, on an approval that was withdrawn.
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

-- A byline is the author's own, or there is none.
create function a_byline_is_its_authors_own() returns trigger
language plpgsql security definer
set search_path = pg_catalog, public, pg_temp
as $$
begin
    if new.byline_id is not null
        and (tg_op = 'INSERT' or new.byline_id is distinct from old.byline_id or new.author_id <> old.author_id)
        and not exists (
            select from byline_links(new.author_id, null) as own where own.byline_id = new.byline_id
        ) then
        raise exception 'the byline is not the author''s'
            using errcode = 'check_violation', constraint = 'a_byline_is_its_authors_own';
    end if;
    return new;
end
$$;

-- A commentary is begun by its author, who acts, and keeps its author.
create function a_commentary_keeps_its_author() returns trigger
language plpgsql
set search_path = pg_catalog, public, pg_temp
as $$
begin
    if tg_op = 'INSERT' and new.author_id is distinct from acting_person() then
        raise exception 'a commentary is begun by its author'
            using errcode = 'check_violation', constraint = 'a_commentary_is_begun_by_its_author';
    end if;
    if tg_op = 'UPDATE'
        and (new.author_id <> old.author_id or new.source_language <> old.source_language) then
        raise exception 'a commentary keeps its author and its language'
            using errcode = 'check_violation', constraint = 'a_commentary_keeps_its_author';
    end if;
    return new;
end
$$;

-- The source edition stays the source: four eyes for the author depend on it.
create function a_source_edition_stays_the_source() returns trigger
language plpgsql
set search_path = pg_catalog, public, pg_temp
as $$
begin
    if new.is_source <> old.is_source then
        raise exception 'a source edition stays the source'
            using errcode = 'check_violation', constraint = 'a_source_edition_stays_the_source';
    end if;
    return new;
end
$$;

-- A revision is signed by who acts, and numbered after the one before: "since the last approval" goes by numbers.
create function a_revision_is_signed_and_numbered() returns trigger
language plpgsql
set search_path = pg_catalog, public, pg_temp
as $$
begin
    if new.created_by is distinct from acting_person() then
        raise exception 'a revision is signed by the person who acts'
            using errcode = 'check_violation', constraint = 'a_revision_is_signed_by_its_maker';
    end if;
    if new.number <> 1 + coalesce(
        (
            select max(earlier.number) from revision as earlier
            where earlier.commentary_id = new.commentary_id and earlier.language = new.language
        ),
        0
    ) then
        raise exception 'a revision follows the one before it'
            using errcode = 'check_violation', constraint = 'a_revision_follows_the_one_before';
    end if;
    return new;
end
$$;

-- Which editions of a commentary are listed for a person, by how much of it they see.
create function lists_edition(
    sight text, is_source boolean, wanted boolean, status text, language text, languages text[]
) returns boolean
language sql immutable parallel safe
as $$
    select (wanted or status = 'live') and case sight
        when 'whole' then true
        when 'translation' then is_source or status = 'live' or language = any(languages)
        else status = 'live'
    end
$$;

-- The hash that approvals name. The verifier of the trail computes it without this function.
create function content_hash_of(title text, lead text, trend text, photo jsonb, blocks jsonb) returns bytea
language plpgsql immutable parallel safe
set search_path = pg_catalog
as $$
begin
    return sha256(convert_to(jsonb_build_array(title, lead, trend, photo, blocks)::text, 'UTF8'));
end
$$;

-- Whether the text that an approval names is another one, byte for byte, than the one that was approved.
create function is_altered(approval uuid) returns boolean
language plpgsql stable parallel safe
set search_path = pg_catalog, public, pg_temp
as $$
begin
    return exists (
        select from approval as given
        inner join revision as written
            on written.commentary_id = given.commentary_id
            and written.language = given.language
            and written.number = given.revision
        where given.id = is_altered.approval
            and given.content_hash
            <> content_hash_of(written.title, written.lead, written.trend, written.photo, written.blocks)
    );
end
$$;

-- The reference to the revision compares stored hashes. This one looks at the text itself: with the triggers off, a
-- superuser can change the text and leave its hash.
create function what_is_approved_is_as_written() returns trigger
language plpgsql
set search_path = pg_catalog, public, pg_temp
as $$
begin
    if exists (
        select from revision as written
        where written.commentary_id = new.commentary_id
            and written.language = new.language
            and written.number = new.revision
            and written.content_hash
            <> content_hash_of(written.title, written.lead, written.trend, written.photo, written.blocks)
    ) then
        raise exception 'the text is not the one that was written'
            using errcode = 'check_violation', constraint = 'what_is_approved_is_as_written', table = 'approval';
    end if;
    return new;
end
$$;

create function what_goes_live_is_as_approved() returns trigger
language plpgsql
set search_path = pg_catalog, public, pg_temp
as $$
begin
    if (
        tg_op = 'INSERT'
        or (new.live_approval_id, new.live_revision, new.published_at)
        is distinct from (old.live_approval_id, old.live_revision, old.published_at)
    ) and is_altered(new.live_approval_id) then
        raise exception 'the text is not the one that was approved'
            using errcode = 'check_violation', constraint = 'what_goes_live_is_as_approved', table = 'edition';
    end if;
    return new;
end
$$;

-- The words of blocks by their ids, whatever their order. Old ids that were names of other parts are read as
-- `core/texts.py` reads them.
create function words_by_block(blocks jsonb) returns jsonb
language sql immutable parallel safe
set search_path = pg_catalog
as $$
    select coalesce(jsonb_object_agg(
        (one ->> 'id') || case when one ->> 'id' in ('title', 'lead', 'photo') then '-block' else '' end,
        jsonb_build_array(one -> 'type', one -> 'text', one -> 'items', one -> 'alt')
    ), '{}')
    from jsonb_array_elements(blocks) as one
$$;

-- All but the words of those blocks that a text has, in their order.
create function frame_of_blocks(blocks jsonb, named jsonb) returns jsonb
language sql immutable parallel safe
set search_path = pg_catalog
as $$
    select coalesce(jsonb_agg(
        jsonb_build_array(
            named_as.id, one -> 'type', one -> 'ordered', one -> 'url', one -> 'credit', one -> 'licence'
        ) order by place
    ), '[]')
    from jsonb_array_elements(blocks) with ordinality as listed (one, place)
    cross join lateral (
        select
            (one ->> 'id') || case when one ->> 'id' in ('title', 'lead', 'photo') then '-block' else '' end as id
    ) as named_as
    where named ? named_as.id
$$;

-- Whether a revision of a translation says, word for word, what the one before it says, and has all the rest from an
-- approved revision of its source. Such a revision adds no words of its writer.
create function only_follows_source(in_commentary uuid, in_language text, in_number integer) returns boolean
language plpgsql stable
set search_path = pg_catalog, public, pg_temp
as $$
begin
    return exists (
        select from revision as written
        inner join revision as before
            on before.commentary_id = written.commentary_id
            and before.language = written.language
            and before.number = written.number - 1
        inner join commentary on commentary.id = written.commentary_id
        inner join revision as source
            on source.commentary_id = written.commentary_id
            and source.language = commentary.source_language
            and source.number = written.source_revision
        where written.commentary_id = in_commentary
            and written.language = in_language
            and written.number = in_number
            and written.language <> source.language
            and exists (
                select from approval
                where approval.commentary_id = source.commentary_id
                    and approval.language = source.language
                    and approval.revision = source.number
            )
            and written.title = before.title
            and written.lead = before.lead
            and written.trend is not distinct from source.trend
            and written.photo ->> 'alt' is not distinct from before.photo ->> 'alt'
            and written.photo ->> 'caption' is not distinct from before.photo ->> 'caption'
            and written.photo - 'alt' - 'caption' is not distinct from source.photo - 'alt' - 'caption'
            and words_by_block(written.blocks) = words_by_block(before.blocks)
            and frame_of_blocks(written.blocks, words_by_block(written.blocks))
            = frame_of_blocks(source.blocks, words_by_block(written.blocks))
    );
end
$$;

create trigger content_hash before insert on revision for each row execute function hash_revision();
alter table revision enable always trigger content_hash;

create trigger four_eyes before insert on approval for each row execute function an_approval_is_by_a_second_person();
alter table approval enable always trigger four_eyes;

create trigger only_withdrawn before update or delete on approval
for each row execute function an_approval_is_only_withdrawn();
alter table approval enable always trigger only_withdrawn;

create trigger approved_now before insert or update on edition
for each row execute function what_goes_live_is_approved_now();
alter table edition enable always trigger approved_now;

create trigger version before update on commentary for each row execute function count_version();

create trigger version before update on section for each row execute function count_version();

create trigger stays_the_source before update on edition
for each row execute function a_source_edition_stays_the_source();
alter table edition enable always trigger stays_the_source;

create trigger signed_and_numbered before insert on revision
for each row execute function a_revision_is_signed_and_numbered();
alter table revision enable always trigger signed_and_numbered;

create trigger keeps_its_author before insert or update of author_id, source_language on commentary
for each row execute function a_commentary_keeps_its_author();
alter table commentary enable always trigger keeps_its_author;

create trigger own_byline before insert or update of author_id, byline_id on commentary
for each row execute function a_byline_is_its_authors_own();
alter table commentary enable always trigger own_byline;

create trigger as_written before insert on approval
for each row execute function what_is_approved_is_as_written();
alter table approval enable always trigger as_written;

create trigger as_approved before insert or update on edition
for each row when (new.live_approval_id is not null) execute function what_goes_live_is_as_approved();
alter table edition enable always trigger as_approved;

call freeze('revision');
call freeze('publication');

call watch('section', 'editorial', '', 'key');
call watch('commentary', 'editorial', 'id', 'id', 'review_note');
call watch('contributor', 'editorial', 'commentary_id', 'commentary_id,person_id');
call watch(
    'revision', 'editorial', 'commentary_id', 'commentary_id,language,number',
    'title,lead,photo,blocks,units'
);
call watch('approval', 'editorial', 'commentary_id', 'id');
call watch('edition', 'editorial', 'commentary_id', 'commentary_id,language');
call watch('slug', 'editorial', 'commentary_id', 'language,slug');
call watch('publication', 'editorial', 'commentary_id', 'id');

grant execute on function lists_edition(text, boolean, boolean, text, text, text[]),
content_hash_of(text, text, text, jsonb, jsonb), is_altered(uuid), is_coverage_week(text), words_by_block(jsonb),
frame_of_blocks(jsonb, jsonb), only_follows_source(uuid, text, integer) to editorial_app;

-- migrate: rollback
