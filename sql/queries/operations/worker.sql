-- name: due_commentaries(page)
-- Commentaries with an edition whose instant has come, and who stands behind it; the oldest first.
select
    edition.commentary_id,
    edition.scheduled_by
from edition
where edition.scheduled_for <= now()
group by edition.commentary_id, edition.scheduled_by
order by min(edition.scheduled_for)
limit :page;

-- name: lock_if_free(id)$
-- Lock a commentary, or leave it: another worker has it, or an editor, and it is due in the next round still.
select commentary.id from commentary
where commentary.id = :id
for no key update skip locked;

-- name: due_editions(commentary, scheduled_by)
-- What is due of one commentary, once it is locked: another worker may have been quicker.
select
    language,
    schedule_note,
    schedule_is_minor,
    extract(epoch from now() - scheduled_for)::float8 as late
from edition
where commentary_id = :commentary and scheduled_by = :scheduled_by and scheduled_for <= now()
order by language;

-- name: oldest_due()$
-- For how many seconds the oldest thing that is due has been waiting; none where nothing is due.
select extract(epoch from now() - min(scheduled_for))::float8 from edition
where scheduled_for <= now();

-- name: find_roles(person)$
-- The roles of somebody as they are now; none for who is not active any more.
select coalesce(array_agg(person_role.role), array[]::text[]) from person_role
inner join person on person.id = person_role.person_id and person.state = 'active'
where person_role.person_id = :person;

-- name: expired_claims(page)
-- Tasks whose claim has run out.
select id from translation_task
where state = 'claimed' and claim_expires_at <= now()
order by claim_expires_at
limit :page;

-- name: expire_claim(id)$
-- A task goes back to the queue with its text, unless its holder has saved in the meantime.
update translation_task set state = 'open', assignee_id = null, claim_expires_at = null, updated_at = now()
where id = :id and state = 'claimed' and claim_expires_at <= now()
returning id;

-- name: old_sign_ins(days)$
-- Whether there are sessions or links that ended longer ago than sign-ins are kept.
select coalesce(
    least(
        (select min(coalesce(session.ended_at, session.expires_at)) from session),
        (select min(coalesce(account_link.used_at, account_link.expires_at)) from account_link)
    ) < now() - make_interval(days => :days),
    false
);

-- name: forget_sign_ins(days)$
-- A page of sessions and links that ended so long ago is gone, with what the trail withholds of them.
select forget_sign_ins(:days);

-- name: add_audit_partitions()
-- Gives this year and the next their parts of the trail, where they have none; the names of the new ones.
select part from add_audit_partitions() as part;

-- name: working_documents_due(page)
-- Texts in work whose words are not made yet, the newest first: those are looked for.
select
    working_document.commentary_id,
    working_document.language,
    working_document.revision
from working_document
where working_document.words is null
order by working_document.created_at desc
limit :page;

-- name: index_working_document(commentary, language, revision)$
-- Make the words of one text in work.
select index_working_document(:commentary, :language, :revision);
