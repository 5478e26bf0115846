-- A newsroom of any size, made in a moment: what years of work would have left behind.
--
-- The settings bench.commentaries, bench.revisions (of each edition) and bench.entries (of the trail) say how much,
-- bench.searchable whether what is live can be searched, bench.in_work how many of the newest texts may still be in
-- work; all others are published, retracted or discarded.
-- Run by the database's owner, a superuser, on a migrated database with sections and people. No trigger runs and
-- no foreign key is looked at meanwhile; what is written fulfils them all the same, but for the signatures of the
-- trail: this is no newsroom for an auditor. Forty texts have a week, in weeks that go back as far as it takes.

set session_replication_role = replica;
set synchronous_commit = off;
set maintenance_work_mem = '512MB';

create temporary table resting as
select tgrelid::regclass as watched, tgname as name, tgenabled as was
from pg_trigger
where not tgisinternal and tgenabled <> 'D' and tgrelid in (
    select oid from pg_class
    where relnamespace = 'public'::regnamespace
);

do $$
declare one record;
begin
    for one in select watched, name from resting loop
        execute format('alter table %s disable trigger %I', one.watched, one.name);
    end loop;
end
$$;

create temporary table word as
select language, place, word
from (values
    ('be', 'эканоміка бюджэт экспарт збожжа цэны вёска горад школа лекары дарога энергія банк мяжа суд выбары закон ўрад рынак праца паліва'),
    ('ru', 'экономика бюджет экспорт зерно цены деревня город школа врачи дорога энергия банк граница суд выборы закон правительство рынок работа топливо'),
    ('en', 'economy budget exports grain prices village town school doctors road energy bank border court elections law government market labour fuel')
) as list (language, words)
cross join lateral regexp_split_to_table(words, ' ') with ordinality as one (word, place);

-- A sentence of five words, another one for each number.
create function pg_temp.sentence(in_language text, number bigint) returns text
language sql stable
as $$
    select string_agg(word, ' ' order by place)
    from word
    where language = in_language
        and place in (1 + number % 20, 1 + number / 20 % 20, 1 + number / 7 % 20, 1 + number / 3 % 20, 1 + number / 11 % 20)
$$;

-- Each text is one of four hundred, so that the words of search are spread and the making is quick.
create temporary table wording as
select
    language,
    number,
    initcap(pg_temp.sentence(language, number)) || ' ' || number as title,
    pg_temp.sentence(language, number * 3) || '.' as lead,
    jsonb_build_array(
        jsonb_build_object('type', 'paragraph', 'id', 'first', 'text', pg_temp.sentence(language, number * 7) || ' 12 %.'),
        jsonb_build_object('type', 'paragraph', 'id', 'second', 'text', pg_temp.sentence(language, number * 13) || '.')
    ) as blocks
from generate_series(0, 399) as number
cross join (values ('be'), ('ru'), ('en')) as spoken (language);

alter table wording add column content_hash bytea, add column heading text, add column body text,
add column heading_words tsvector, add column words tsvector;
update wording set
    content_hash = sha256(convert_to(jsonb_build_array(title, lead, 'worse', null, blocks)::text, 'UTF8')),
    heading = folded(concat_ws(' ', title, lead)),
    body = folded(text_of(title, lead, blocks)),
    heading_words = searchable(language, concat_ws(' ', title, lead)),
    words = searchable(language, text_of(title, lead, blocks));
create unique index on wording (number, language);
analyze wording;

insert into person (id, email, display_name, password_hash, state)
select md5('analyst' || number)::uuid, 'analyst' || number || '@newsroom.example', 'Analyst ' || number, 'none', 'active'
from generate_series(0, 59) as number;
insert into person_role (person_id, role)
select md5('analyst' || number)::uuid, 'analyst' from generate_series(0, 59) as number;
insert into byline (id, name) select md5('byline' || number)::uuid, 'Byline ' || number from generate_series(0, 59) as number;
insert into byline_holder (byline_id, person_id)
select md5('byline' || number)::uuid, md5('analyst' || number)::uuid from generate_series(0, 59) as number;

-- Drafts belong to the first analyst of the newsroom that can sign in, where there is one; the rest to the sixty.
create temporary table text_of as
select
    md5('commentary' || number)::uuid as id,
    number,
    case
        when number % 100 < 72 then 'published'
        when number % 100 = 72 then 'retracted'
        when number % 100 < 77 then 'discarded'
        when number <= total - in_work then 'published'
        when number % 100 < 87 then 'in_translation'
        when number % 100 < 90 then 'ready'
        when number % 100 < 95 then 'in_review'
        else 'draft'
    end as state,
    case when number % 100 between 77 and 86 then 'en' else (array['be', 'ru', 'en'])[1 + number % 3] end as source,
    timestamptz '2024-07-28' - (total - number) * interval '1 hour' as at,
    to_char(date '2024-07-28' - 7 * ((total - number) / 40)::integer, 'IYYY"-W"IW') as week,
    coalesce(case when number % 100 >= 95 then signing_in.id end, md5('analyst' || number % 60)::uuid) as author
from (
    select current_setting('bench.commentaries')::bigint as total, current_setting('bench.in_work')::bigint as in_work
) as wanted
left join (
    select person.id from person
    inner join person_role on person_role.person_id = person.id
    where person_role.role = 'analyst' and person.password_hash <> 'none'
    order by person.created_at, person.id
    limit 1
) as signing_in on true
cross join lateral generate_series(1, total) as number;
analyze text_of;

insert into commentary (id, version, state, week, section, source_language, author_id, was_published, created_at, updated_at)
select
    id, 1, state, week,
    (select key from section order by position, key offset number % (select count(*) from section) limit 1),
    source, author, state in ('published', 'retracted'), at, at
from text_of;

create temporary table edition_of as
select
    text_of.id,
    text_of.number,
    text_of.state,
    text_of.at,
    text_of.author,
    spoken.language,
    spoken.language = text_of.source as is_source,
    text_of.state in ('published', 'retracted', 'ready') or (text_of.state = 'in_translation' and spoken.language = text_of.source)
        as is_approved,
    text_of.state = 'published' as is_live,
    case
        when spoken.language = text_of.source or text_of.state in ('published', 'retracted', 'ready')
            then current_setting('bench.revisions')::integer
    end as revision,
    md5('approval' || text_of.number || spoken.language)::uuid as approval
from text_of
cross join (values ('be'), ('ru'), ('en')) as spoken (language);

insert into revision
(commentary_id, language, number, title, lead, trend, blocks, source_revision, created_by, created_at, content_hash)
select
    edition_of.id, edition_of.language, step, wording.title, wording.lead, 'worse', wording.blocks,
    case when not edition_of.is_source then step end, edition_of.author, edition_of.at, wording.content_hash
from edition_of
cross join lateral generate_series(1, edition_of.revision) as step
inner join wording
    on wording.language = edition_of.language
    and wording.number = (edition_of.number + edition_of.revision - step) % 400;

insert into approval (id, commentary_id, language, revision, content_hash, approved_by, approved_at)
select
    edition_of.approval, edition_of.id, edition_of.language, edition_of.revision, wording.content_hash,
    md5('analyst' || (edition_of.number + 1) % 60)::uuid, edition_of.at
from edition_of
inner join wording on wording.language = edition_of.language and wording.number = edition_of.number % 400
where edition_of.is_approved;

insert into slug (language, slug, commentary_id)
select language, 'text-' || number, id from edition_of where state in ('published', 'retracted');

insert into edition (
    commentary_id, language, is_source, revision, approval_id, approved_revision, live_approval_id, live_revision, slug,
    first_published_at, published_at, retracted_at, retraction_reason
)
select
    id, language, is_source, revision,
    case when is_approved then approval end,
    case when is_approved then revision end,
    case when is_live then approval end,
    case when is_live then revision end,
    case when state in ('published', 'retracted') then 'text-' || number end,
    case when state in ('published', 'retracted') then at end,
    case when state in ('published', 'retracted') then at end,
    case when state = 'retracted' then at end,
    case when state = 'retracted' then 'An error.' end
from edition_of;

insert into publication (id, commentary_id, language, kind, revision, published_at)
select md5('publication' || number || language)::uuid, id, language, 'first', revision, at
from edition_of
where is_live;

insert into search_document (commentary_id, language, heading, body, heading_words, words, first_published_at)
select
    edition_of.id, edition_of.language, wording.heading, wording.body, wording.heading_words, wording.words,
    edition_of.at
from edition_of
inner join wording on wording.language = edition_of.language and wording.number = edition_of.number % 400
where edition_of.is_live and current_setting('bench.searchable')::boolean;

insert into working_document (commentary_id, language, revision, created_at, heading, heading_words, words)
select
    edition_of.id, edition_of.language, edition_of.revision, edition_of.at, wording.heading, wording.heading_words, wording.words
from edition_of
inner join wording on wording.language = edition_of.language and wording.number = edition_of.number % 400
where not edition_of.is_live and edition_of.revision is not null and current_setting('bench.searchable')::boolean;

insert into translation_task (id, commentary_id, language, state, source_revision, assignee_id, created_at, updated_at)
select
    md5('task' || number || language)::uuid, id, language,
    case when state = 'in_translation' then 'open' else 'accepted' end,
    current_setting('bench.revisions')::integer,
    case when state <> 'in_translation' then md5('analyst' || (number + 2) % 60)::uuid end,
    at, at
from edition_of
where not is_source and state in ('in_translation', 'ready', 'published', 'retracted');

insert into contributor (commentary_id, person_id)
select id, md5('analyst' || (number + 3) % 60)::uuid from text_of where number % 5 = 0;

insert into translation_memory (commentary_id, language, unit, source_hash, source_language, source, target, revision)
select edition_of.id, edition_of.language, 'title', md5(text_of.number % 400 || text_of.source), text_of.source,
    wording.title, wording.title, edition_of.revision
from edition_of
inner join text_of on text_of.id = edition_of.id
inner join wording on wording.language = text_of.source and wording.number = text_of.number % 400
where not edition_of.is_source and edition_of.revision is not null and edition_of.number % 4 = 0
    and current_setting('bench.searchable')::boolean;

insert into session (id, person_id, created_at, rotated_at, expires_at, ended_at, ended_because)
select
    md5('session' || number)::uuid, md5('analyst' || number % 60)::uuid, began.at, began.at, began.at + interval '30 days',
    case when number % 20 <> 0 then began.at end, case when number % 20 <> 0 then 'sign_out' end
from text_of
cross join lateral (select now() - number % 91 * interval '1 day' as at) as began
where number % 4 = 0;

insert into audit_entry (
    id, at, cluster, transaction, domain, actor_kind, actor_id, action, object_kind, object_id, commentary_id, request_id
)
select
    overlay(
        md5('entry' || number) placing lpad(to_hex((extract(epoch from step.at) * 1000)::bigint), 12, '0') from 1
    )::uuid,
    step.at,
    cluster_identifier(),
    number::text::xid8,
    case when number % 10 = 0 then 'accounts' else 'editorial' end,
    'person',
    md5('analyst' || number % 60)::uuid,
    (array['edit', 'submit', 'approve', 'publish', 'sign_in'])[1 + number % 5],
    case when number % 10 = 0 then 'session' else 'commentary' end,
    case when number % 10 = 0 then md5('session' || number) else md5('commentary' || 1 + number % size) end::uuid,
    case when number % 10 <> 0 then md5('commentary' || 1 + number % size)::uuid end,
    'made-up'
from (
    select current_setting('bench.entries')::bigint as total, current_setting('bench.commentaries')::bigint as size
) as wanted
cross join lateral generate_series(1, total) as number
cross join lateral (
    -- None is older than what an id can begin with.
    select timestamptz '2024-07-28' - (total - number) * least(interval '1 minute', interval '20 years' / total) as at
) as step;

insert into audit_change (entry_id, position, table_name, operation, row_key, before, after)
select
    id, 0, object_kind, 'update', jsonb_build_object('id', object_id),
    '{"state": "draft"}'::jsonb, '{"state": "in_review"}'::jsonb
from audit_entry
where request_id = 'made-up';

-- All but the last thousand entries are in the tree.
insert into audit_leaf (position, entry_id, hash)
select transaction::text::bigint - 1, id, sha256(uuid_send(id))
from audit_entry
where request_id = 'made-up' and transaction::text::bigint <= current_setting('bench.entries')::bigint - 1000;

do $$
declare one record;
begin
    for one in select watched, name, was from resting loop
        execute format(
            'alter table %s enable %s trigger %I', one.watched, case one.was when 'A' then 'always' else '' end, one.name
        );
    end loop;
end
$$;

drop table resting, word, wording, text_of, edition_of;
reset session_replication_role;
reset synchronous_commit;
reset maintenance_work_mem;
analyze;
