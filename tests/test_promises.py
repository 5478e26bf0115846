"""What must never happen, tried over HTTP and in SQL as the application's role."""

import asyncio
import http.client
from datetime import UTC, datetime, timedelta

import asyncpg
import httpx
import pytest

from newsroom import TEXT, Newsroom, fine, invited, refused


async def test_a_translator_never_learns_who_wrote_it(newsroom: Newsroom) -> None:
    commentary = await newsroom.a_ready_commentary()
    translator = newsroom.translator_be
    for path in (
        f"/v1/commentaries/{commentary['id']}",
        f"/v1/commentaries/{commentary['id']}/revisions",
        "/v1/commentaries?limit=100",
        "/v1/translation-tasks?limit=100",
        f"/v1/translation-tasks/{(await newsroom.task(commentary, 'be'))['id']}",
        f"/v1/translation-tasks/{(await newsroom.task(commentary, 'be'))['id']}/xliff",
        f"/v1/translation-tasks/{(await newsroom.task(commentary, 'be'))['id']}/history",
    ):
        response = await translator.call("GET", path)
        assert response.status_code == 200, path
        for secret in (newsroom.analyst.id, newsroom.analyst.name, newsroom.analyst.email):
            assert secret not in response.text, path
    refused(await translator.call("GET", f"/v1/commentaries/{commentary['id']}/history"), 404)


async def test_what_is_not_there_and_what_is_not_for_you_are_one_and_the_same(newsroom: Newsroom) -> None:
    draft = await newsroom.a_draft()
    hidden = await newsroom.other_analyst.call("GET", f"/v1/commentaries/{draft['id']}")
    absent = await newsroom.other_analyst.call("GET", "/v1/commentaries/01900000-0000-7000-8000-000000000000")
    assert refused(hidden, 404).keys() == refused(absent, 404).keys()
    assert hidden.json()["detail"] == absent.json()["detail"]


async def test_a_published_commentary_tells_a_colleague_nothing_of_its_revision(newsroom: Newsroom) -> None:
    published = await newsroom.a_published_commentary()
    path = f"/v1/commentaries/{published['id']}"
    before = await newsroom.other_analyst.get(path)
    draft = await newsroom.analyst.move(published, "revise")
    await newsroom.analyst.edit(draft, lead="Something new that nobody has approved.")
    assert await newsroom.other_analyst.get(path) == before
    assert "author" not in before


async def test_all_the_faults_of_a_body_come_at_once(newsroom: Newsroom) -> None:
    body = {
        "week": "2024-W99",
        "section": 5,
        "bogus": True,
        "blocks": [{"type": "paragraph"}, {"type": "poem"}],
    }
    problem = refused(await newsroom.analyst.call("POST", "/v1/commentaries", body), 422)
    pointers = {fault["pointer"] for fault in problem["errors"]}
    assert pointers == {"/week", "/section", "/bogus", "/source_language", "/blocks/0/text", "/blocks/1/type"}


@pytest.mark.parametrize(
    "content",
    [
        b'{"title": "a\\u0000b"}',
        b'{"title": "\\ud800"}',
        b'{"title": "\xff"}',
        b"[" * 5_000,
        b"not json",
        b'{"title": 1e999}',
    ],
    ids=["NUL", "lone surrogate", "invalid UTF-8", "deep", "no JSON", "huge number"],
)
async def test_hostile_text_is_refused_and_changes_nothing(newsroom: Newsroom, content: bytes) -> None:
    draft = await newsroom.a_draft()
    response = await newsroom.client.patch(
        f"/v1/commentaries/{draft['id']}",
        content=content,
        headers={
            "Authorization": f"Bearer {newsroom.analyst.token}",
            "Content-Type": "application/json",
            "If-Match": f'"{draft["version"]}"',
        },
    )
    assert response.status_code in {400, 422}, response.text
    assert (await newsroom.read(draft))["version"] == draft["version"]


async def test_a_stale_version_is_412_and_a_missing_one_428(newsroom: Newsroom) -> None:
    draft = await newsroom.a_draft()
    path = f"/v1/commentaries/{draft['id']}"
    refused(await newsroom.analyst.call("PATCH", path, {"title": "x"}), 428)
    assert (
        refused(await newsroom.analyst.call("PATCH", path, {"title": "x"}, version=99), 412)["version"] == 1
    )


async def test_two_translators_claim_at_once_and_one_gets_it(newsroom: Newsroom) -> None:
    commentary = await newsroom.a_commentary_in_translation()
    task = await newsroom.task(commentary, "be")
    path = f"/v1/translation-tasks/{task['id']}/transitions"
    answers = await asyncio.gather(
        *(
            person.call("POST", path, {"action": "claim"}, version=task["version"])
            for person in (newsroom.translator_be, newsroom.other_translator_be) * 4
        )
    )
    assert sorted(answer.status_code for answer in answers) == [200, *[409] * 7]


async def test_a_crowd_makes_each_change_once_with_its_one_entry(newsroom: Newsroom) -> None:
    drafts = [await newsroom.a_draft() for _ in range(20)]

    async def client(_: int) -> list[int]:
        codes = []
        for draft in drafts:
            path = f"/v1/commentaries/{draft['id']}/transitions"
            response = await newsroom.analyst.call("POST", path, {"action": "submit"}, version=1)
            codes.append(response.status_code)
        return codes

    codes = [code for one in await asyncio.gather(*map(client, range(8))) for code in one]
    assert codes.count(200) == 20
    assert set(codes) <= {200, 409, 412}
    for draft in drafts:
        history = (await newsroom.coordinator.get(f"/v1/commentaries/{draft['id']}/history"))["data"]
        assert [entry["action"] for entry in history] == ["create", "submit"]


async def test_a_role_that_is_taken_away_is_gone_at_once(newsroom: Newsroom) -> None:
    administrator = newsroom.administrator
    invited = fine(
        await administrator.call(
            "POST",
            "/v1/people",
            {"email": "Somebody.Else@newsroom.example", "display_name": "Vera", "roles": ["analyst"]},
        )
    )
    password = "nine plain words are easy to remember"
    fine(
        await newsroom.client.post(
            "/v1/auth/password",
            json={"token": invited["invitation"]["token"], "new_password": password},
        )
    )
    signed_in = fine(
        await newsroom.client.post(
            "/v1/auth/session", json={"email": "somebody.else@newsroom.example", "password": password}
        )
    )
    vera = {"Authorization": f"Bearer {signed_in['access_token']}"}
    assert (await newsroom.client.post("/v1/commentaries", json=TEXT, headers=vera)).status_code == 201
    now = await administrator.get(f"/v1/people/{invited['id']}")
    path = f"/v1/people/{invited['id']}"
    fine(await administrator.call("PATCH", path, {"roles": []}, version=now["version"]))
    refused(await newsroom.client.post("/v1/commentaries", json=TEXT, headers=vera), 403)
    now = await administrator.get(path)
    fine(await administrator.call("POST", f"{path}/deactivation", version=now["version"]))
    refused(await newsroom.client.get("/v1/me", headers=vera), 401)


async def test_a_wrong_name_and_a_wrong_password_get_the_same_answer(newsroom: Newsroom) -> None:
    answers = [
        refused(await newsroom.client.post("/v1/auth/session", json={"email": email, "password": "x"}), 401)
        for email in (newsroom.analyst.email, "nobody@newsroom.example")
    ]
    for answer in answers:
        del answer["request_id"]
    assert answers[0] == answers[1]


async def test_a_refresh_token_that_is_used_twice_ends_the_session(newsroom: Newsroom) -> None:
    credentials = {"email": newsroom.analyst.email, "password": newsroom.analyst.password}
    first = fine(await newsroom.client.post("/v1/auth/session", json=credentials))
    path = "/v1/auth/session/refresh"

    async def refresh(token: str) -> httpx.Response:
        return await newsroom.client.post(path, json={"refresh_token": token})

    second = fine(await refresh(first["refresh_token"]))
    again = fine(await refresh(first["refresh_token"]))
    assert again["refresh_token"] == second["refresh_token"]
    third = fine(await refresh(second["refresh_token"]))
    refused(await refresh(first["refresh_token"]), 401, "session-ended")
    refused(await refresh(third["refresh_token"]), 401, "session-ended")


async def test_a_schedule_is_carried_out_at_its_instant(newsroom: Newsroom) -> None:
    ready = await newsroom.a_ready_commentary()
    at = datetime.now(UTC) + timedelta(seconds=1.5)
    scheduled = await newsroom.coordinator.move(ready, "schedule", at=at.isoformat(), languages=["en"])
    statuses = {one["language"]: one["status"] for one in scheduled["editions"]}
    assert statuses == {"en": "scheduled", "be": "ready", "ru": "ready"}
    for _ in range(40):
        now = await newsroom.read(ready)
        if now["state"] == "published":
            break
        await asyncio.sleep(0.25)
    statuses = {one["language"]: one["status"] for one in now["editions"]}
    assert statuses == {"en": "live", "be": "ready", "ru": "ready"}


async def test_postgres_itself_refuses_an_approval_by_the_author(
    newsroom: Newsroom, application_url: str
) -> None:
    commentary = await newsroom.a_commentary_in_review()
    connection = await asyncpg.connect(application_url)
    context = (
        f'{{"actor_kind": "person", "actor": "{newsroom.analyst.id}", "action": "approve", '
        f'"object_kind": "commentary", "object": "{commentary["id"]}", "request": "by-hand"}}'
    )
    try:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute("select set_config('editorial.context', $1, true)", context)
        with pytest.raises(asyncpg.CheckViolationError) as refusal:
            await connection.execute(
                "insert into approval (id, commentary_id, language, revision, content_hash, approved_by) "
                "select new_id(), commentary_id, language, number, content_hash, $2 from revision "
                "where commentary_id = $1",
                commentary["id"],
                newsroom.analyst.id,
            )
        await transaction.rollback()
    finally:
        await connection.close()
    assert refusal.value.constraint_name == "nobody_approves_what_they_wrote"


async def test_claim_next_never_gives_a_task_to_two(newsroom: Newsroom) -> None:
    for _ in range(3):
        await newsroom.a_commentary_in_translation()
    people = (newsroom.translator_be, newsroom.other_translator_be) * 2
    answers = await asyncio.gather(
        *(one.call("POST", "/v1/translation-tasks/claim-next", {"language": "be"}) for one in people)
    )
    claimed = [fine(answer)["id"] for answer in answers if answer.status_code == 200]
    assert len(claimed) == len(set(claimed)) >= 3


async def test_of_two_administrators_who_remove_each_other_one_stays(newsroom: Newsroom) -> None:
    for number in range(4):
        pair = [await invited(newsroom, f"keeper.{number}.{side}", roles=["administrator"]) for side in "ab"]
        versions = [(await newsroom.administrator.get(f"/v1/people/{one}"))["version"] for one, _ in pair]
        answers = await asyncio.gather(
            *(
                newsroom.client.post(
                    f"/v1/people/{pair[1 - me][0]}/deactivation",
                    headers={**pair[me][1], "If-Match": f'"{versions[1 - me]}"'},
                )
                for me in (0, 1)
            )
        )
        assert sorted(answer.status_code for answer in answers)[0] == 200
        states = [(await newsroom.administrator.get(f"/v1/people/{one}"))["state"] for one, _ in pair]
        assert sorted(states) == ["active", "deactivated"]


async def test_nobody_who_is_deactivated_is_left_with_a_task(newsroom: Newsroom) -> None:
    for number in range(4):
        person, header = await invited(newsroom, f"leaver.{number}", roles=["translator"], languages=["ru"])
        task = await newsroom.task(await newsroom.a_commentary_in_translation(), "ru")
        version = (await newsroom.administrator.get(f"/v1/people/{person}"))["version"]
        path = f"/v1/translation-tasks/{task['id']}"
        claim, ended = await asyncio.gather(
            newsroom.client.post(
                f"{path}/transitions",
                json={"action": "claim"},
                headers={**header, "If-Match": f'"{task["version"]}"'},
            ),
            newsroom.administrator.call("POST", f"/v1/people/{person}/deactivation", version=version),
        )
        assert ended.status_code == 200
        assert claim.status_code in {200, 401}
        now = await newsroom.coordinator.get(path)
        assert (now["state"], now["holder"]) == ("open", None)


async def test_a_task_that_is_handed_back_says_so_in_its_history(newsroom: Newsroom) -> None:
    person, header = await invited(newsroom, "mover", roles=["translator"], languages=["be", "ru"])
    task = await newsroom.task(await newsroom.a_commentary_in_translation(), "ru")
    path = f"/v1/translation-tasks/{task['id']}"
    claim = {**header, "If-Match": f'"{task["version"]}"'}
    fine(await newsroom.client.post(f"{path}/transitions", json={"action": "claim"}, headers=claim))
    version = (await newsroom.administrator.get(f"/v1/people/{person}"))["version"]
    fine(
        await newsroom.administrator.call(
            "PATCH", f"/v1/people/{person}", {"languages": ["be"]}, version=version
        )
    )
    history = (await newsroom.coordinator.get(f"{path}/history"))["data"]
    assert [entry["action"] for entry in history] == ["claim", "release"]
    assert (await newsroom.coordinator.get(path))["state"] == "open"


async def test_who_never_set_a_password_is_invited_again_after_a_deactivation(newsroom: Newsroom) -> None:
    body = {"email": "slow@newsroom.example", "display_name": "Slow", "roles": ["analyst"]}
    administrator = newsroom.administrator
    person = fine(await administrator.call("POST", "/v1/people", body))
    path = f"/v1/people/{person['id']}"
    person = fine(await administrator.call("POST", f"{path}/deactivation", version=person["version"]))
    person = fine(await administrator.call("POST", f"{path}/activation", version=person["version"]))
    assert person["state"] == "invited"
    assert fine(await administrator.call("POST", f"{path}/invitation"))["token"]


async def test_the_trail_never_leads_from_a_byline_to_a_person(
    newsroom: Newsroom, application_url: str
) -> None:
    name = "A name that is nobody's"
    fine(await newsroom.other_analyst.call("POST", "/v1/me/bylines", {"name": name}))
    connection = await asyncpg.connect(application_url)
    try:
        byline = await connection.fetchval("select id::text from byline where name = $1", name)
        told = await connection.fetch(
            "select concat(change.row_key, change.before, change.after, entry.object_id) as said"
            " from audit_change as change"
            " inner join audit_entry as entry on entry.id = change.entry_id where entry.domain = 'accounts'"
        )
    finally:
        await connection.close()
    assert told
    assert not any(byline in row["said"] or name in row["said"] for row in told)
    # A version 7 id would tell when it was made, and the trail tells who did something then.
    assert byline[14] == "4"


async def test_an_account_change_that_was_refused_is_in_the_trail(
    newsroom: Newsroom, application_url: str
) -> None:
    body = {"email": "friend@newsroom.example", "display_name": "Friend", "roles": ["administrator"]}
    # One person and action have one entry an hour: this person has to be new.
    person, header = await invited(newsroom, "refused.once", roles=["analyst"])
    response = await newsroom.client.post("/v1/people", json=body, headers=header)
    refused(response, 403, "forbidden")
    connection = await asyncpg.connect(application_url)
    try:
        row = await connection.fetchrow(
            "select action, domain, actor_id::text from audit_entry where request_id = $1",
            response.headers["x-request-id"],
        )
    finally:
        await connection.close()
    assert row is not None
    assert tuple(row) == ("account_access_refused", "accounts", person)


async def test_a_save_does_not_wait_for_who_locks_the_persons_account(
    newsroom: Newsroom, owner_url: str
) -> None:
    task = await newsroom.a_claimed_task(await newsroom.a_commentary_in_translation(), "be")
    connection = await asyncpg.connect(owner_url)
    try:
        transaction = connection.transaction()
        await transaction.start()
        # As the door locks a person whose account is being changed.
        await connection.execute(
            "select id from person where id = $1 for no key update", newsroom.translator_be.id
        )
        async with asyncio.timeout(5):
            await newsroom.translate(newsroom.translator_be, task)
        await transaction.rollback()
    finally:
        await connection.close()


async def test_a_schedule_of_somebody_who_lost_the_right_publishes_nothing_and_says_why(
    newsroom: Newsroom,
) -> None:
    person, header = await invited(newsroom, "leaving", roles=["coordinator"])
    ready = await newsroom.a_ready_commentary()
    path = f"/v1/commentaries/{ready['id']}"
    at = (datetime.now(UTC) + timedelta(seconds=3)).isoformat()
    body = {"action": "schedule", "at": at, "languages": ["en"]}
    scheduled = {**header, "If-Match": f'"{ready["version"]}"'}
    fine(await newsroom.client.post(f"{path}/transitions", json=body, headers=scheduled))
    account = f"/v1/people/{person}"
    version = (await newsroom.administrator.get(account))["version"]
    fine(await newsroom.administrator.call("PATCH", account, {"roles": []}, version=version))
    for _ in range(40):
        now = await newsroom.read(ready)
        edition = next(one for one in now["editions"] if one["language"] == "en")
        if edition["scheduled_for"] is None:
            break
        await asyncio.sleep(0.25)
    assert (now["state"], edition["status"]) == ("ready", "ready")
    assert edition["schedule_refusal"] == "The person who scheduled this may not publish it any more."
    history = (await newsroom.coordinator.get(f"{path}/history?limit=100"))["data"]
    assert (history[-1]["action"], history[-1]["note"]) == ("unschedule", edition["schedule_refusal"])


def test_a_connection_serves_on_after_head(server: str) -> None:
    connection = http.client.HTTPConnection(server.removeprefix("http://"), timeout=20)
    try:
        for method in ("HEAD", "GET", "HEAD", "GET"):
            connection.request(method, "/openapi.json")
            response = connection.getresponse()
            body = response.read()
            assert response.status == 200
            assert len(body) == (int(response.headers["Content-Length"]) if method == "GET" else 0)
    finally:
        connection.close()
