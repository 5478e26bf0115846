"""Four eyes as Postgres holds them: each rule tried as the application's role in SQL, and each over HTTP."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import asyncpg
import msgspec
import pytest

from newsroom import TEXT, Newsroom, Person, fine, invited, refused

Connection = Any


@pytest.fixture
async def application(application_url: str) -> AsyncIterator[Connection]:
    """Give the application's connection, in a transaction that is taken back."""
    connection = await asyncpg.connect(application_url)
    transaction = connection.transaction()
    await transaction.start()
    yield connection
    await transaction.rollback()
    await connection.close()


async def act_as(connection: Connection, person: Person, **members: Any) -> None:
    """Say who acts, as the door does."""
    context = {
        "actor_kind": "person",
        "actor": person.id,
        "action": "approve",
        "request": "by-hand",
        **members,
    }
    await connection.execute(
        "select set_config('editorial.context', $1, true)", msgspec.json.encode(context).decode()
    )


async def refuse(connection: Connection, constraint: str, statement: str, *values: Any) -> None:
    """See that Postgres refuses a statement by this constraint, and go on in the same transaction."""
    savepoint = connection.transaction()
    await savepoint.start()
    with pytest.raises(asyncpg.IntegrityConstraintViolationError) as refusal:
        await connection.execute(statement, *values)
    await savepoint.rollback()
    assert refusal.value.constraint_name == constraint


APPROVE = (
    "insert into approval (id, commentary_id, language, revision, content_hash, approved_by) "
    "select new_id(), commentary_id, language, number, content_hash, $3 from revision "
    "where commentary_id = $1 and language = $2 order by number desc limit 1"
)
WRITE = (
    "insert into revision (commentary_id, language, number, title, lead, blocks, created_by) "
    "select commentary_id, language, max(number) + $4, 'Title', 'Lead', '[]', $3 from revision "
    "where commentary_id = $1 and language = $2 group by commentary_id, language"
)
OURS = "nobody_approves_what_they_wrote"


async def test_sql_an_author_approves_nothing(application: Connection, newsroom: Newsroom) -> None:
    commentary = await newsroom.a_commentary_in_review()
    await act_as(application, newsroom.analyst)
    await refuse(application, OURS, APPROVE, commentary["id"], "en", newsroom.analyst.id)
    await act_as(application, newsroom.coordinator)
    await application.execute(APPROVE, commentary["id"], "en", newsroom.coordinator.id)


async def test_sql_an_author_approves_nothing_even_if_another_wrote_since(
    application: Connection, newsroom: Newsroom
) -> None:
    approved = await newsroom.a_commentary_in_translation()
    await act_as(application, newsroom.contributor)
    await application.execute(WRITE, approved["id"], "en", newsroom.contributor.id, 1)
    await act_as(application, newsroom.analyst)
    await refuse(application, OURS, APPROVE, approved["id"], "en", newsroom.analyst.id)
    # Nor after somebody else was made the author, or the source was made a translation.
    await refuse(
        application,
        "a_commentary_keeps_its_author",
        "update commentary set author_id = $2 where id = $1",
        approved["id"],
        newsroom.contributor.id,
    )
    await refuse(
        application,
        "a_commentary_keeps_its_author",
        "update commentary set source_language = 'be' where id = $1",
        approved["id"],
    )
    await refuse(
        application,
        "a_source_edition_stays_the_source",
        "update edition set is_source = false where commentary_id = $1 and language = 'en'",
        approved["id"],
    )


async def test_sql_whoever_contributed_since_the_last_approval_approves_nothing(
    application: Connection, newsroom: Newsroom
) -> None:
    commentary = await newsroom.a_commentary_in_review()
    for person in (newsroom.other_coordinator, newsroom.analyst):
        await act_as(application, person)
        await application.execute(WRITE, commentary["id"], "en", person.id, 1)
    await act_as(application, newsroom.other_coordinator)
    await refuse(application, OURS, APPROVE, commentary["id"], "en", newsroom.other_coordinator.id)
    await act_as(application, newsroom.coordinator)
    await application.execute(APPROVE, commentary["id"], "en", newsroom.coordinator.id)
    # What was approved once is approved: the next text is judged by who wrote since.
    await act_as(application, newsroom.analyst)
    await application.execute(WRITE, commentary["id"], "en", newsroom.analyst.id, 1)
    await act_as(application, newsroom.other_coordinator)
    await application.execute(APPROVE, commentary["id"], "en", newsroom.other_coordinator.id)


async def test_sql_an_approval_that_was_withdrawn_starts_nothing_anew(
    application: Connection, newsroom: Newsroom
) -> None:
    commentary = await newsroom.a_commentary_in_review()
    await act_as(application, newsroom.other_coordinator)
    await application.execute(WRITE, commentary["id"], "en", newsroom.other_coordinator.id, 1)
    await act_as(application, newsroom.coordinator)
    await application.execute(APPROVE, commentary["id"], "en", newsroom.coordinator.id)
    await application.execute(
        "update approval set withdrawn_at = now() where commentary_id = $1", commentary["id"]
    )
    await act_as(application, newsroom.analyst)
    await application.execute(WRITE, commentary["id"], "en", newsroom.analyst.id, 1)
    await act_as(application, newsroom.other_coordinator)
    await refuse(application, OURS, APPROVE, commentary["id"], "en", newsroom.other_coordinator.id)


@pytest.mark.parametrize(
    "members",
    [
        {"actor_kind": "system", "actor": None},
        {"actor_kind": "system", "actor": None, "on_behalf_of": "coordinator"},
        {"actor_kind": "service"},
        {"on_behalf_of": "coordinator"},
        {"actor": "other_coordinator"},
    ],
)
async def test_sql_an_approval_is_signed_by_the_person_who_acts(
    application: Connection, newsroom: Newsroom, members: dict[str, Any]
) -> None:
    commentary = await newsroom.a_commentary_in_review()
    named = {key: newsroom.people[one].id if one in newsroom.people else one for key, one in members.items()}
    await act_as(application, newsroom.coordinator, **named)
    await refuse(
        application,
        "an_approval_is_signed_by_its_actor",
        APPROVE,
        commentary["id"],
        "en",
        newsroom.coordinator.id,
    )


async def test_sql_a_translator_accepts_nothing_of_theirs(
    application: Connection, newsroom: Newsroom
) -> None:
    commentary = await newsroom.a_commentary_in_translation()
    task = await newsroom.a_submitted_task(commentary, "be")
    await act_as(application, newsroom.translator_be, action="accept")
    await refuse(application, OURS, APPROVE, commentary["id"], "be", newsroom.translator_be.id)
    # Whoever holds the task has part in it, though not one word be theirs.
    await act_as(application, newsroom.other_coordinator, action="assign")
    await application.execute(
        "update translation_task set assignee_id = $2 where id = $1", task["id"], newsroom.coordinator.id
    )
    await act_as(application, newsroom.coordinator, action="accept")
    await refuse(application, OURS, APPROVE, commentary["id"], "be", newsroom.coordinator.id)
    # And whoever translated does not get round it by giving the task away.
    await act_as(application, newsroom.translator_be, action="accept")
    await refuse(application, OURS, APPROVE, commentary["id"], "be", newsroom.translator_be.id)
    await act_as(application, newsroom.other_coordinator, action="accept")
    await application.execute(APPROVE, commentary["id"], "be", newsroom.other_coordinator.id)


async def test_sql_authorship_is_recorded_as_it_is(application: Connection, newsroom: Newsroom) -> None:
    commentary = await newsroom.a_draft()
    await act_as(application, newsroom.coordinator, action="edit")
    signed = "a_revision_is_signed_by_its_maker"
    await refuse(application, signed, WRITE, commentary["id"], "en", newsroom.analyst.id, 1)
    # Numbers tell what was written since an approval: none is left out, none comes later with a smaller one.
    follows = "a_revision_follows_the_one_before"
    await refuse(application, follows, WRITE, commentary["id"], "en", newsroom.coordinator.id, 2)
    await refuse(application, follows, WRITE, commentary["id"], "en", newsroom.coordinator.id, 0)
    await refuse(
        application,
        "a_commentary_is_begun_by_its_author",
        "insert into commentary (id, week, section, source_language, author_id) "
        "values (new_id(), '2024-W30', 'economy', 'en', $1)",
        newsroom.analyst.id,
    )
    for statement in (
        "update revision set created_by = $2 where commentary_id = $1",
        "delete from revision where commentary_id = $1 and created_by <> $2",
    ):
        savepoint = application.transaction()
        await savepoint.start()
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await application.execute(statement, commentary["id"], newsroom.coordinator.id)
        await savepoint.rollback()


async def test_sql_nothing_goes_live_but_what_was_approved_byte_for_byte(
    application: Connection, newsroom: Newsroom
) -> None:
    commentary = await newsroom.a_ready_commentary()
    one = commentary["id"]
    await act_as(application, newsroom.analyst, action="edit")
    await application.execute(WRITE, one, "en", newsroom.analyst.id, 1)
    await act_as(application, newsroom.other_coordinator, action="publish")
    live = (
        "update edition set slug = {slug}, published_at = now(), first_published_at = now(), "
        "live_approval_id = {approval}, live_revision = {revision} "
        "where commentary_id = $1 and language = 'en'"
    )
    await application.execute("insert into slug (language, slug, commentary_id) values ('en', 'x', $1)", one)

    def attempt(approval: str, revision: str) -> str:
        return live.format(slug="'x'", approval=approval, revision=revision)

    # A later text than the one that was approved, under that approval; and one under no approval.
    await refuse(application, "a_live_edition_was_approved", attempt("approval_id", "revision + 1"), one)
    await refuse(application, "a_live_revision_names_its_approval", attempt("null", "revision"), one)
    # The approval of another edition, and one that there never was.
    of_be = "(select approval_id from edition where commentary_id = $1 and language = 'be')"
    await refuse(application, "a_live_edition_was_approved", attempt(of_be, "revision"), one)
    await refuse(application, "a_live_edition_was_approved", attempt("new_id()", "revision"), one)
    # An approval of other bytes than the revision has.
    await refuse(
        application,
        "an_approval_names_a_text_byte_for_byte",
        "insert into approval (id, commentary_id, language, revision, content_hash, approved_by) "
        "values (new_id(), $1, 'en', 2, sha256('another text'), $2)",
        one,
        newsroom.other_coordinator.id,
    )
    # Ready is held in the same way, and an approval that was withdrawn makes nothing live.
    await refuse(
        application,
        "an_approved_edition_has_an_approval",
        "update edition set approved_revision = revision + 1 where commentary_id = $1 and language = 'en'",
        one,
    )
    savepoint = application.transaction()
    await savepoint.start()
    await application.execute("update approval set withdrawn_at = now() where commentary_id = $1", one)
    await refuse(
        application,
        "a_withdrawn_approval_makes_nothing_live",
        attempt("approval_id", "approved_revision"),
        one,
    )
    await savepoint.rollback()
    await application.execute(attempt("approval_id", "approved_revision"), one)


@pytest.mark.parametrize(
    "change",
    [
        "approved_by = created_by from revision where revision.commentary_id = approval.commentary_id",
        "revision = revision + 1",
        "withdrawn_at = null where withdrawn_at is not null",
    ],
)
async def test_sql_an_approval_is_never_rewritten(
    application: Connection, newsroom: Newsroom, change: str
) -> None:
    commentary = await newsroom.a_commentary_in_translation()
    await act_as(application, newsroom.coordinator)
    await application.execute(
        "update approval set withdrawn_at = now() where commentary_id = $1", commentary["id"]
    )
    with pytest.raises((asyncpg.CheckViolationError, asyncpg.InsufficientPrivilegeError)):
        await application.execute(f"update approval set {change}")


async def test_http_an_author_approves_nothing(newsroom: Newsroom) -> None:
    commentary = await newsroom.a_commentary_in_review()
    path = f"/v1/commentaries/{commentary['id']}/transitions"
    body = {"action": "approve"}
    refused(await newsroom.analyst.call("POST", path, body, version=commentary["version"]), 403)
    mine = await a_commentary_of(newsroom, "writing_coordinator")
    path = f"/v1/commentaries/{mine['id']}/transitions"
    answer = await newsroom.writing_coordinator.call("POST", path, body, version=mine["version"])
    refused(answer, 403, "you-wrote-this")
    blocked = {one["action"]: one["code"] for one in mine["blocked_actions"]}
    assert blocked["approve"] == "you-wrote-this"


async def a_commentary_of(newsroom: Newsroom, person: str) -> dict[str, Any]:
    """Somebody's own commentary, handed in."""
    draft = fine(await newsroom.people[person].call("POST", "/v1/commentaries", TEXT))
    return await newsroom.people[person].move(draft, "submit")


async def test_http_a_named_contributor_who_wrote_approves_nothing(newsroom: Newsroom) -> None:
    draft = await newsroom.a_draft()
    named = await newsroom.coordinator.edit(draft, contributors=[newsroom.writing_coordinator.id])
    edited = await newsroom.writing_coordinator.edit(named, lead="Baltic prices held.")
    waiting = await newsroom.analyst.move(edited, "submit")
    path = f"/v1/commentaries/{draft['id']}/transitions"
    body = {"action": "approve"}
    answer = await newsroom.writing_coordinator.call("POST", path, body, version=waiting["version"])
    refused(answer, 403, "you-wrote-this")
    await newsroom.coordinator.move(waiting, "approve")


async def test_http_a_translator_accepts_nothing_of_theirs(newsroom: Newsroom) -> None:
    commentary = await newsroom.a_commentary_in_translation()
    task = await newsroom.a_submitted_task(commentary, "be")
    path = f"/v1/translation-tasks/{task['id']}/transitions"
    answer = await newsroom.translator_be.call("POST", path, {"action": "accept"}, version=task["version"])
    refused(answer, 403)
    accepted = await newsroom.coordinator.move_task(task, "accept")
    assert accepted["state"] == "accepted"


async def test_http_only_what_is_approved_goes_live_and_stays_what_it_was(newsroom: Newsroom) -> None:
    waiting = await newsroom.a_commentary_in_review()
    path = f"/v1/commentaries/{waiting['id']}/transitions"
    body = {"action": "publish"}
    refused(await newsroom.coordinator.call("POST", path, body, version=waiting["version"]), 409)
    published = await newsroom.a_published_commentary()
    draft = await newsroom.analyst.move(published, "revise")
    edited = await newsroom.analyst.edit(draft, title="Another title", lead="Another lead.")
    path = f"/v1/commentaries/{draft['id']}/transitions"
    refused(await newsroom.coordinator.call("POST", path, body, version=edited["version"]), 409)
    live = next(one for one in edited["editions"] if one["language"] == "en")
    page = (await newsroom.client.get(f"/v1/published/en/2024-W30/{live['slug']}")).json()
    assert page["title"] != "Another title"


async def test_http_no_body_says_who_wrote_it(newsroom: Newsroom) -> None:
    draft = await newsroom.a_draft()
    path = f"/v1/commentaries/{draft['id']}"
    for member in ("author", "author_id", "created_by"):
        body = {"lead": "Mine.", member: newsroom.other_analyst.id}
        refused(await newsroom.analyst.call("PATCH", path, body, version=draft["version"]), 422)
    now = await newsroom.read(draft)
    assert now["author"]["id"] == newsroom.analyst.id


async def test_http_an_author_approves_nothing_even_if_another_wrote_since(newsroom: Newsroom) -> None:
    draft = fine(await newsroom.writing_coordinator.call("POST", "/v1/commentaries", TEXT))
    draft = await newsroom.coordinator.edit(draft, contributors=[newsroom.contributor.id])
    approved = await newsroom.coordinator.move(
        await newsroom.writing_coordinator.move(draft, "submit"), "approve"
    )
    reopened = await newsroom.coordinator.move(approved, "reopen", note="Mind the amount.")
    edited = await newsroom.contributor.edit(reopened, lead="Baltic prices held.")
    waiting = await newsroom.contributor.move(edited, "submit")
    await refuse_over_http(newsroom.writing_coordinator, waiting, "approve", 403, "you-wrote-this")
    await newsroom.coordinator.move(waiting, "approve")


async def refuse_over_http(
    person: Person, subject: dict[str, Any], action: str, status: int, code: str, **members: Any
) -> None:
    """See that a transition of a commentary or a task is refused, and leaves it as it was."""
    kind = "commentaries" if "editions" in subject else "translation-tasks"
    path = f"/v1/{kind}/{subject['id']}"
    body = {"action": action, **members}
    answer = await person.call("POST", f"{path}/transitions", body, version=subject["version"])
    refused(answer, status, code)
    now = await person.get(path)
    assert (now["state"], now["version"]) == (subject["state"], subject["version"])


async def test_http_whoever_contributed_since_the_last_approval_approves_nothing(newsroom: Newsroom) -> None:
    writer = newsroom.writing_coordinator
    draft = await newsroom.coordinator.edit(await newsroom.a_draft(), contributors=[writer.id])
    waiting = await newsroom.analyst.move(await writer.edit(draft, lead="Baltic prices held."), "submit")
    # That the author wrote after them takes nothing of theirs out of it.
    recalled = await newsroom.analyst.move(waiting, "recall")
    waiting = await newsroom.analyst.move(await newsroom.analyst.edit(recalled, title="Another"), "submit")
    await refuse_over_http(writer, waiting, "approve", 403, "you-wrote-this")
    approved = await newsroom.coordinator.move(waiting, "approve")
    # An approval that was withdrawn starts nothing anew: what they wrote was never agreed to.
    reopened = await newsroom.coordinator.move(approved, "reopen", note="Mind the amount.")
    waiting = await newsroom.analyst.move(await newsroom.analyst.edit(reopened, lead="Held."), "submit")
    await refuse_over_http(writer, waiting, "approve", 403, "you-wrote-this")


async def test_http_what_was_agreed_to_and_published_is_no_longer_theirs(newsroom: Newsroom) -> None:
    writer = newsroom.writing_coordinator
    draft = await newsroom.coordinator.edit(
        await newsroom.a_draft(target_languages=[]), contributors=[writer.id]
    )
    waiting = await newsroom.analyst.move(await writer.edit(draft, lead="Baltic prices held."), "submit")
    published = await newsroom.coordinator.move(
        await newsroom.coordinator.move(waiting, "approve"), "publish"
    )
    revised = await newsroom.analyst.move(published, "revise")
    waiting = await newsroom.analyst.move(await newsroom.analyst.edit(revised, lead="Held."), "submit")
    await writer.move(waiting, "approve")


async def test_http_an_approval_is_signed_by_the_person_who_acts_and_never_rewritten(
    newsroom: Newsroom,
) -> None:
    waiting = await newsroom.a_commentary_in_review()
    for member in ("approved_by", "on_behalf_of", "actor"):
        named = {member: newsroom.other_coordinator.id}
        await refuse_over_http(newsroom.coordinator, waiting, "approve", 422, "invalid", **named)
    approved = await newsroom.coordinator.move(waiting, "approve")
    await refuse_over_http(newsroom.other_coordinator, approved, "approve", 409, "not-in-this-state")
    trail = await newsroom.coordinator.get(f"/v1/trail?object={approved['id']}&action=approve")
    by = [one["actor"]["id"] for one in trail["data"]]
    assert by == [newsroom.coordinator.id]


async def a_translating_coordinator(newsroom: Newsroom) -> Person:
    """Somebody who translates into Belarusian and accepts translations, though not of their own."""
    name = f"both-{uuid4().hex[:8]}"
    id, header = await invited(newsroom, name, roles=["translator", "coordinator"], languages=["be"])
    return Person(newsroom.client, name, f"{name}@newsroom.example", "", id, header["Authorization"][7:])


async def test_http_whoever_translated_accepts_nothing_of_it(newsroom: Newsroom) -> None:
    commentary = await newsroom.a_commentary_in_translation()
    both = await a_translating_coordinator(newsroom)
    task = await both.move_task(await newsroom.task(commentary, "be"), "claim")
    task = await both.move_task(await newsroom.translate(both, task), "submit")
    await refuse_over_http(both, task, "accept", 403, "you-translated-this")
    # Nor after the task was given to somebody else, who handed it in as it was.
    task = await newsroom.coordinator.move_task(task, "return", note="Mind the amount.")
    other = newsroom.translator_be
    task = await newsroom.coordinator.move_task(task, "assign", translator=other.id)
    task = await other.move_task(await other.get(f"/v1/translation-tasks/{task['id']}"), "submit")
    await refuse_over_http(both, task, "accept", 403, "you-translated-this")
    await newsroom.coordinator.move_task(task, "accept")


async def test_http_whoever_holds_the_task_does_not_accept_it_though_not_one_word_be_theirs(
    newsroom: Newsroom,
) -> None:
    commentary = await newsroom.a_commentary_in_translation()
    both = await a_translating_coordinator(newsroom)
    task = await newsroom.a_translated_task(commentary, "be")
    task = await newsroom.translator_be.move_task(task, "release")
    task = await both.move_task(await newsroom.task(commentary, "be"), "claim")
    task = await both.move_task(task, "submit")
    await refuse_over_http(both, task, "accept", 403, "you-translated-this")
    await newsroom.coordinator.move_task(task, "accept")
