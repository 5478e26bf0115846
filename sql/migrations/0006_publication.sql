-- Publication: what is checked before, previews, what readers get, and how every process learns that it changed.
-- depends: 0005_comments

-- migrate: apply

create table publication_check (
    name text primary key,
    version integer not null default 1,
    blocks boolean not null,
    constraint a_publication_check_is_known check (
        name in (
            'unanswered_warning',
            'section_is_taken',
            'picture_without_credit',
            'picture_without_alternative',
            'dead_link',
            'without_words',
            'source_has_moved_on'
        )
    )
);

comment on table publication_check is
'The checks before publication, and which of them block it in this newsroom.';

grant select, update on publication_check to editorial_app;

create table preview_link (
    id uuid primary key,
    token_hash bytea not null,
    commentary_id uuid not null,
    language text not null,
    approval_id uuid not null,
    revision integer not null,
    created_by uuid not null references person (id),
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    constraint a_preview_link_is_found_by_its_hash unique (token_hash),
    constraint a_preview_shows_an_approved_text foreign key (approval_id, commentary_id, language, revision)
    references approval (id, commentary_id, language, revision),
    constraint a_preview_link_ends check (expires_at > created_at and expires_at <= created_at + interval '30 days')
);

comment on table preview_link is
'Links to an approved text that is not published yet. Each ends and shows one revision.';

grant select, insert on preview_link to editorial_app;

create table published_version (
    only_one boolean primary key default true,
    number bigint not null default 0,
    relabelled_at timestamptz not null default 'epoch',
    constraint there_is_one_published_version check (only_one)
);

comment on table published_version is
'A counter of transactions that changed what readers get, so that a process that missed a notification finds out.';
comment on column published_version.relabelled_at is
'When something last changed on public pages without a publication: a section''s name, a week, a byline.';

grant select on published_version to editorial_app;

create table publication_date (
    commentary_id uuid primary key,
    published_at timestamptz not null,
    good_until timestamptz not null,
    constraint a_publication_date_is_of_a_commentary foreign key (commentary_id) references commentary (id)
);

comment on table publication_date is
'When a publication of a past week counts as published: set by the database owner alone, for the demo.';

-- What the checks need to know of one text of an edition. The rules are in core/checks.py; here is only what is so.
-- `is_taken` says whether another text of the week has the section in this language, where the caller knows it already:
-- a board asks once for its week, not once for each of its texts.
create function publication_facts(
    in_commentary uuid, in_language text, in_revision integer, is_taken boolean default null
) returns jsonb
language plpgsql stable
set search_path = pg_catalog, public, pg_temp
as $$
begin
    return (
        select
            jsonb_build_object(
                'pictures', (
                    select coalesce(jsonb_agg(jsonb_build_object(
                        'place', picture.place,
                        'credit', coalesce(picture.credit, ''),
                        'alternative', coalesce(picture.alternative, '')
                    )), '[]'::jsonb)
                    from (
                        select 'photo' as place, written.photo ->> 'credit' as credit, written.photo ->> 'alt' as alternative
                        where written.photo is not null
                        union all
                        select block ->> 'id', block ->> 'credit', block ->> 'alt'
                        from jsonb_array_elements(written.blocks) as block
                        where block ->> 'type' = 'figure'
                    ) as picture
                ),
                'sparse_units', (
                    select coalesce(jsonb_agg(
                        jsonb_build_object('place', unit.place, 'type', unit.type, 'lines', unit.lines)
                        order by unit.position
                    ), '[]'::jsonb)
                    from (
                        select 0 as position, 'lead' as place, 'lead' as type, jsonb_build_array(written.lead) as lines
                        union all
                        select 1, 'photo', 'caption', jsonb_build_array(written.photo ->> 'caption')
                        where written.photo ->> 'caption' <> ''
                        union all
                        select
                            1 + block.position,
                            block.value ->> 'id',
                            case block.value ->> 'type' when 'figure' then 'caption' else block.value ->> 'type' end,
                            coalesce(block.value -> 'items', jsonb_build_array(block.value -> 'text'))
                        from jsonb_array_elements(written.blocks) with ordinality as block (value, position)
                    ) as unit
                    where exists (
                        select from jsonb_array_elements_text(unit.lines) as line (words)
                        where may_lack_words(line.words)
                    )
                ),
                'dead_links', links.dead,
                'other_links', links.other,
                'section_is_taken', coalesce(is_taken, exists (
                    select from commentary as other
                    inner join edition as live
                        on live.commentary_id = other.id
                        and live.language = in_language
                        and live.live_revision is not null
                    where other.week = commentary.week
                        and other.section = commentary.section
                        and other.id <> commentary.id
                )),
                'made_from', written.source_revision,
                'source_at', source.approved_revision,
                'unanswered_warnings', coalesce((
                    select translation_task.open_warnings from translation_task
                    where translation_task.commentary_id = in_commentary
                        and translation_task.language = in_language
                ), 0)
            )
        from revision as written
        inner join commentary on commentary.id = written.commentary_id
        inner join edition as source on source.commentary_id = commentary.id and source.is_source
        cross join lateral (
            select
                coalesce(
                    jsonb_agg(distinct jsonb_build_object('address', link.address, 'is_retracted', link.was_live))
                    filter (where not link.is_live and (link.is_ours or link.was_live)),
                    '[]'::jsonb
                ) as dead,
                coalesce(
                    jsonb_agg(distinct link.address)
                    filter (where not (link.is_live or link.is_ours or link.was_live)),
                    '[]'::jsonb
                ) as other
            from linked_addresses(written.lead || ' ' || written.blocks::text) as link
        ) as links
        where written.commentary_id = in_commentary
            and written.language = in_language
            and written.number = in_revision
    );
end
$$;

-- Counts the transaction once, and notifies `published_changed` of what it changed: a commentary, or everything (`*`).
-- Arguments: the column that names the commentary, or ''; whether pages change without a publication.
create function notify_published_changed() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, public, pg_temp
as $$
declare
    changed jsonb := case when tg_op = 'DELETE' then to_jsonb(old) else to_jsonb(new) end;
    concerned text := case when tg_argv[0] = '' then '*' else changed ->> tg_argv[0] end;
    relabels boolean := tg_argv[1]::boolean;
    here text := pg_current_xact_id()::text;
    present bigint;
begin
    if current_setting('editorial.published_change_notified', true) is distinct from here then
        update published_version set number = number + 1 returning number into present;
        perform set_config('editorial.published_change_notified', here, true);
    else
        select number into present from published_version;
    end if;
    if relabels then
        update published_version set relabelled_at = now() where relabelled_at <> now();
    end if;
    perform pg_notify('published_changed', present || ' ' || concerned);
    return null;
end
$$;

-- The addresses in a text: whether each leads to something live; whether it is one of this API's pages, by its form;
-- whether it leads to a text that was live and no longer is.
create function linked_addresses(words text)
returns table (address text, is_live boolean, is_ours boolean, was_live boolean)
language plpgsql stable
set search_path = pg_catalog, public, pg_temp
as $$
begin
    if words !~ 'https?://' then
        return;
    end if;
    return query
        select
            link.address,
            coalesce(target.is_live, false) or case
                -- What a week has, and lists and feeds of a language.
                when link.path[2] ~ '^[0-9]{4}-W[0-9]{2}$' and coalesce(link.path[3], '') = '' then exists (
                    select from edition
                    inner join commentary on commentary.id = edition.commentary_id
                    where edition.language = link.path[1]
                        and edition.live_revision is not null
                        and commentary.week = link.path[2]
                )
                when link.path[2] ~ '^[0-9]{4}-W[0-9]{2}$' then false
                when link.path[1] = 'sitemap.xml' then true
                else exists (
                    select from language
                    where language.tag = link.path[1]
                )
            end,
            link.path is not null,
            not coalesce(target.is_live, false) and coalesce(target.was_live, false)
        from (
            select
                written.matched[1] as address,
                regexp_split_to_array(written.matched[1], '[/?#&=.]+') as parts,
                string_to_array(
                    substring(written.matched[1] from '^https?://[^/?#]+(?:/[^?#]*)?/v1/published/([^?#]*)'), '/'
                ) as path
            from regexp_matches(words, '(https?://[^\s"<>()\[\]\\]+)', 'g') as written (matched)
        ) as link
        cross join lateral (
            select
                bool_or(edition.live_revision is not null) as is_live,
                bool_or(edition.first_published_at is not null) as was_live
            from slug
            inner join edition
                on edition.commentary_id = slug.commentary_id and edition.language = slug.language
            where slug.language = any(link.parts) and slug.slug = any(link.parts)
        ) as target;
end
$$;

create function keep_public_id() returns trigger
language plpgsql
set search_path = pg_catalog, public, pg_temp
as $$
begin
    raise exception 'an edition keeps its public id'
        using errcode = 'check_violation', constraint = 'an_edition_keeps_its_public_id', table = 'edition';
end
$$;

-- Whether a text may have no words, or a link without words. `inline.has_words` decides; this finds what it has to look
-- at, and never passes over what has none. The letters that are taken out are the ones that no screen shows.
create function may_lack_words(written text) returns boolean
language plpgsql immutable strict parallel safe
set search_path = pg_catalog
as $$
begin
    return (
        -- A letter at the very beginning is in no address and in no entity.
        translate(left(written, 1), U&'\115F\1160\3164\FFA0', '') !~ '[[:alnum:]]'
        and regexp_replace(
            translate(written, U&'\115F\1160\3164\FFA0', ''), '&#?[[:alnum:]]+;|\]\([^)]*\)', '', 'g'
        ) !~ '[[:alnum:]]'
    )
    or (
        written like '%](%'
        and translate(written, U&'\115F\1160\3164\FFA0', '')
        ~ '\[([^][:alnum:]]|&#?[[:alnum:]]+;)*\]\('
    );
end
$$;

-- For the owner: the application has no right to it, nor to the table.
create function date_publication(in_commentary uuid, at timestamptz) returns void
language plpgsql
set search_path = pg_catalog, public, pg_temp
as $$
begin
    if at > now() then
        raise exception 'a publication is dated back, not forward'
            using errcode = 'check_violation', constraint = 'a_publication_is_dated_back';
    end if;
    perform set_config('editorial.context', jsonb_build_object(
        'actor_kind', 'system',
        'action', 'date_publication',
        'object_kind', 'commentary',
        'object_id', in_commentary,
        'request', 'quickstart'
    )::text, true);
    insert into publication_date (commentary_id, published_at, good_until)
    values (in_commentary, at, now() + interval '1 minute')
    on conflict (commentary_id) do update
        set published_at = excluded.published_at, good_until = excluded.good_until;
end
$$;

-- The present, unless the owner has dated what is published of this commentary now.
create function publication_time(in_commentary uuid) returns timestamptz
language sql stable security definer
set search_path = pg_catalog, public, pg_temp
as $$
    select coalesce(
        (
            select publication_date.published_at from publication_date
            where publication_date.commentary_id = in_commentary and publication_date.good_until > now()
        ),
        now()
    )
$$;

create function date_the_publication() returns trigger
language plpgsql
set search_path = pg_catalog, public, pg_temp
as $$
begin
    new.published_at := publication_time(new.commentary_id);
    return new;
end
$$;

create function date_the_edition() returns trigger
language plpgsql
set search_path = pg_catalog, public, pg_temp
as $$
declare
    present timestamptz := publication_time(new.commentary_id);
begin
    -- Where a row is new, nothing of it was published before.
    if new.published_at is distinct from old.published_at and new.published_at is not null then
        new.published_at := present;
    end if;
    if new.first_published_at is distinct from old.first_published_at then
        new.first_published_at := coalesce(old.first_published_at, present);
    end if;
    if new.retracted_at is distinct from old.retracted_at and new.retracted_at is not null then
        new.retracted_at := present;
    end if;
    return new;
end
$$;

-- Every public page: what is live, and the notice in place of what was retracted. Times of publication go to the minute:
-- the second would tell outside who was at work at that moment.
create view public_page as
select
    edition.commentary_id,
    edition.language,
    -- Names the edition in feeds, whatever its address: nothing can be told from it, not even an order.
    replace(edition.public_id::text, '-', '') as public_id,
    edition.slug,
    edition.live_revision,
    edition.is_source,
    date_trunc('minute', edition.first_published_at) as first_published_at,
    date_trunc('minute', edition.published_at) as published_at,
    date_trunc('minute', edition.retracted_at) as retracted_at,
    edition.retraction_reason,
    edition.correction_pending_since is not null as correction_pending,
    date_trunc('minute', coalesce(edition.retracted_at, edition.published_at)) as changed_at,
    commentary.week,
    commentary.section,
    commentary.source_language,
    section.labels as section_labels,
    section.position as section_position,
    byline.name as byline,
    revision.title,
    revision.lead,
    revision.trend,
    revision.photo,
    revision.blocks,
    (
        select coalesce(jsonb_agg(
            jsonb_build_object('at', date_trunc('minute', publication.published_at), 'note', publication.note)
            order by publication.published_at
        ), '[]'::jsonb)
        from publication
        where publication.commentary_id = edition.commentary_id
            and publication.language = edition.language
            and publication.kind = 'correction'
    ) as corrections,
    (
        select coalesce(jsonb_agg(
            jsonb_build_object('language', other.language, 'slug', other.slug) order by language.position
        ), '[]'::jsonb)
        from edition as other
        inner join language on language.tag = other.language
        where other.commentary_id = edition.commentary_id
            and other.language <> edition.language
            and other.live_revision is not null
    ) as alternates,
    -- When the page last changed: by a publication in any of its languages, or without one.
    (
        select date_trunc('minute', greatest(max(publication.published_at), max(published_version.relabelled_at)))
        from published_version
        left join publication on publication.commentary_id = edition.commentary_id
    ) as modified_at,
    -- Whether the page changed only once in that minute: then the minute tells which state of it a reader has.
    (
        select
            count(distinct publication.published_at) filter (
                where publication.published_at >= date_trunc('minute', latest.published_at)
            ) <= 1
            and max(published_version.relabelled_at) < date_trunc('minute', latest.published_at)
        from published_version
        cross join lateral (
            select max(told.published_at) as published_at from publication as told
            where told.commentary_id = edition.commentary_id
        ) as latest
        left join publication on publication.commentary_id = edition.commentary_id
        group by latest.published_at
    ) as is_modified_once,
    -- How many times this edition was published or retracted in the minute of `changed_at`.
    (
        select count(*) from publication
        where publication.commentary_id = edition.commentary_id
            and publication.language = edition.language
            and date_trunc('minute', publication.published_at)
            = date_trunc('minute', coalesce(edition.retracted_at, edition.published_at))
    ) as changes_in_the_minute,
    -- What lists are sorted by, and no answer shows.
    edition.first_published_at as first_published_exactly,
    coalesce(edition.retracted_at, edition.published_at) as changed_exactly
from edition
inner join commentary on commentary.id = edition.commentary_id
inner join section on section.key = commentary.section
left join byline on byline.id = commentary.byline_id
left join revision
    on revision.commentary_id = edition.commentary_id
    and revision.language = edition.language
    and revision.number = edition.live_revision
where edition.live_revision is not null or edition.retracted_at is not null;

grant select on public_page to editorial_app;

create trigger version before update on publication_check for each row execute function count_version();

-- Deferred to the commit: the row is locked last and briefly, so that no session waits for it while it needs other locks.
create constraint trigger published_change_of_new_edition after insert on edition
deferrable initially deferred for each row
when (new.live_revision is not null or new.retracted_at is not null)
execute function notify_published_changed('commentary_id', 'false');

create constraint trigger published_change_of_edition after update on edition
deferrable initially deferred for each row
when (
    old.live_revision is distinct from new.live_revision
    or old.slug is distinct from new.slug
    or old.first_published_at is distinct from new.first_published_at
    or old.published_at is distinct from new.published_at
    or old.retracted_at is distinct from new.retracted_at
    or old.retraction_reason is distinct from new.retraction_reason
    or old.correction_pending_since is distinct from new.correction_pending_since
)
execute function notify_published_changed('commentary_id', 'false');

-- Pages in the other languages show the new address without a publication of their own.
create constraint trigger published_change_of_address after update on edition
deferrable initially deferred for each row
when (old.slug is not null and old.slug is distinct from new.slug)
execute function notify_published_changed('commentary_id', 'true');

create constraint trigger published_change_of_removed_edition after delete on edition
deferrable initially deferred for each row execute function notify_published_changed('commentary_id', 'true');

create constraint trigger published_change_of_slug after insert or update or delete on slug
deferrable initially deferred for each row execute function notify_published_changed('commentary_id', 'false');

create constraint trigger published_change_of_publication after insert on publication
deferrable initially deferred for each row execute function notify_published_changed('commentary_id', 'false');

create constraint trigger published_change_of_commentary after update on commentary
deferrable initially deferred for each row
when (
    new.was_published
    and (
        old.week is distinct from new.week
        or old.section is distinct from new.section
        or old.byline_id is distinct from new.byline_id
    )
)
execute function notify_published_changed('id', 'true');

create constraint trigger published_change_of_section after insert or update or delete on section
deferrable initially deferred for each row execute function notify_published_changed('', 'true');

create constraint trigger published_change_of_byline after update or delete on byline
deferrable initially deferred for each row execute function notify_published_changed('', 'true');

create constraint trigger published_change_of_language after insert or update or delete on language
deferrable initially deferred for each row execute function notify_published_changed('', 'true');

create trigger keep_public_id before update on edition for each row
when (old.public_id is distinct from new.public_id)
execute function keep_public_id();
alter table edition enable always trigger keep_public_id;

create trigger date_the_publication before insert on publication
for each row execute function date_the_publication();

create trigger date_the_new_edition before insert on edition
for each row
when (new.published_at is not null or new.first_published_at is not null or new.retracted_at is not null)
execute function date_the_edition();

create trigger date_the_edition before update on edition
for each row
when (
    old.published_at is distinct from new.published_at
    or old.first_published_at is distinct from new.first_published_at
    or old.retracted_at is distinct from new.retracted_at
)
execute function date_the_edition();

call freeze('preview_link');

call watch('publication_check', 'editorial', '', 'name');
call watch('preview_link', 'editorial', 'commentary_id', 'id', 'token_hash');
call watch('published_version', 'editorial', '', 'only_one');
call watch('publication_date', 'editorial', 'commentary_id', 'commentary_id');

grant execute on function publication_facts(uuid, text, integer, boolean), linked_addresses(text), may_lack_words(text),
publication_time(uuid) to editorial_app;

select set_config('editorial.context', '{"actor_kind": "system", "action": "migrate", "request": "migration"}', true);
insert into publication_check (name, blocks) values
('unanswered_warning', false),
('section_is_taken', false),
('picture_without_credit', false),
('picture_without_alternative', false),
('dead_link', false),
('source_has_moved_on', false);
insert into published_version default values;
insert into publication_check (name, blocks) values ('without_words', false);

-- migrate: rollback
