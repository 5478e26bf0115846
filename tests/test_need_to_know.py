"""Need to know: every endpoint, as every kind of person, in every relation to what it is about.

Two things are held for each answer. Its status is the one of the table below, written by hand. And in its
body, its headers and the server's log there is no name, no e-mail and no id of a person whom the reader may
not know.
"""

import asyncio
import base64
import re
import secrets
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx
import pytest
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from conftest import PASSWORD, Run
from described import APP
from editorial.core.permissions import SYSTEM, Role
from editorial.database.access import Database
from editorial.identity.people import add_person
from newsroom import Newsroom, Person, fine

WHO: dict[str, tuple[str, list[Role], list[str]]] = {
    "analyst": ("Jadzia Quillfeather", [Role.ANALYST], []),
    "contributor": ("Bazyl Umberforth", [Role.ANALYST], []),
    "other_analyst": ("Tekla Vexham", [Role.ANALYST], []),
    "coordinator": ("Hieronim Zedworth", [Role.COORDINATOR], []),
    "other_coordinator": ("Kaja Wrenfold", [Role.COORDINATOR], []),
    "administrator": ("Radzim Yoxall", [Role.ADMINISTRATOR], []),
    "chief": ("Ulana Xanthos", [Role.COORDINATOR, Role.ADMINISTRATOR], []),
    "translator_be": ("Zosia Nuthwick", [Role.TRANSLATOR], ["be"]),
    "other_translator_be": ("Viktar Ogilthorn", [Role.TRANSLATOR], ["be"]),
    "translator_ru": ("Paluta Jexwell", [Role.TRANSLATOR], ["ru"]),
}
NOBODY = "nobody"
EVERYBODY = frozenset(WHO)
ANYBODY = EVERYBODY | {NOBODY}

WRITERS = frozenset({"analyst", "contributor"})
COORDINATORS = frozenset({"coordinator", "other_coordinator", "chief"})
ADMINISTRATORS = frozenset({"administrator", "chief"})
TRANSLATORS_BE = frozenset({"translator_be", "other_translator_be"})
TRANSLATORS = TRANSLATORS_BE | {"translator_ru"}

DRAFT, TRANSLATED, PUBLISHED, RETRACTED = "draft", "in_translation", "published", "retracted"
DESK = WRITERS | COORDINATORS

# Who sees a commentary at all, and so any address beneath it: for everybody else it does not exist.
SEES = {
    DRAFT: DESK,
    TRANSLATED: DESK | TRANSLATORS,
    PUBLISHED: EVERYBODY,
    RETRACTED: DESK | TRANSLATORS,
}
TALKS = dict.fromkeys(SEES, DESK | {"translator_be"}) | {DRAFT: DESK}
CHANGES_LANGUAGES = dict.fromkeys(SEES, COORDINATORS) | {DRAFT: COORDINATORS | {"analyst"}}
SEES_HISTORY = dict.fromkeys(SEES, DESK)
# The task into Belarusian, which translator_be holds.
SEES_TASK = dict.fromkeys((TRANSLATED, PUBLISHED, RETRACTED), COORDINATORS | TRANSLATORS_BE)
SEES_HISTORY_OF_TASK = dict.fromkeys(SEES_TASK, COORDINATORS | {"translator_be"})


@dataclass(frozen=True)
class Row:
    """Who sees what an endpoint is about (404 for the rest), and whose it is to do (403 for the rest)."""

    sees: dict[str, frozenset[str]] = field(default_factory=lambda: {"": EVERYBODY})
    does: frozenset[str] | dict[str, frozenset[str]] | None = None
    """All who see it, unless named; where it is not the same in every state, by state."""


OPEN = Row({"": ANYBODY})
SIGNED_IN = Row()

TABLE: dict[str, Row] = {
    # Without signing in.
    "sign_in": OPEN,
    "refresh_session": OPEN,
    "change_password": OPEN,
    "request_password_reset": OPEN,
    "get_keys": OPEN,
    "list_checkpoints": OPEN,
    "list_trail_keys": OPEN,
    "list_published": OPEN,
    "get_week_issue": OPEN,
    "list_published_weeks": OPEN,
    "get_atom_feed": OPEN,
    "get_json_feed": OPEN,
    "get_linked_article": OPEN,
    "get_ninjs": OPEN,
    "get_rss_feed": OPEN,
    "get_section_atom_feed": OPEN,
    "get_section_json_feed": OPEN,
    "get_section_rss_feed": OPEN,
    "get_sitemap": OPEN,
    "get_sitemap_index": OPEN,
    "list_ninjs": OPEN,
    "list_published_sections": OPEN,
    "search_published": OPEN,
    "get_published_commentary": OPEN,
    # Oneself.
    "get_me": SIGNED_IN,
    "change_me": SIGNED_IN,
    "get_totp": SIGNED_IN,
    "begin_totp": SIGNED_IN,
    "confirm_totp": SIGNED_IN,
    "remove_totp": SIGNED_IN,
    "list_own_bylines": SIGNED_IN,
    "take_byline": SIGNED_IN,
    "list_sessions": SIGNED_IN,
    "end_session": Row({"": frozenset({"analyst"})}),
    "end_all_sessions": SIGNED_IN,
    "sign_out": SIGNED_IN,
    # The people here.
    "list_people": Row(does=COORDINATORS | ADMINISTRATORS),
    "invite_person": Row(does=ADMINISTRATORS),
    "get_person": Row(does=ADMINISTRATORS),
    "change_person": Row(does=ADMINISTRATORS),
    "confirm_coordinator": Row(does=COORDINATORS),
    "decline_coordinator": Row(does=COORDINATORS),
    "renew_invitation": Row(does=ADMINISTRATORS),
    "deactivate_person": Row(does=ADMINISTRATORS),
    "activate_person": Row(does=ADMINISTRATORS),
    "remove_totp_of_person": Row(does=ADMINISTRATORS),
    "erase_person": Row(does=ADMINISTRATORS),
    "list_service_tokens": Row(does=ADMINISTRATORS),
    "create_service_token": Row(does=ADMINISTRATORS),
    "revoke_service_token": Row(does=ADMINISTRATORS),
    "look_behind_byline": Row(does=COORDINATORS),
    # The trail.
    "list_trail": Row(does=COORDINATORS | ADMINISTRATORS),
    "export_trail": Row(does=COORDINATORS | ADMINISTRATORS),
    "get_commentary_history": Row(SEES_HISTORY),
    "get_task_history": Row(SEES_HISTORY_OF_TASK),
    # What the newsroom is made of.
    "list_sections": SIGNED_IN,
    "add_section": Row(does=COORDINATORS),
    "change_section": Row(does=COORDINATORS),
    "get_workflow": SIGNED_IN,
    "list_glossary_terms": SIGNED_IN,
    "get_glossary_term": SIGNED_IN,
    "add_glossary_term": Row(does=COORDINATORS),
    "change_glossary_term": Row(does=COORDINATORS),
    "remove_glossary_term": Row(does=COORDINATORS),
    # Texts. Lists show to each what is theirs to see, and are never refused.
    "list_commentaries": SIGNED_IN,
    "create_commentary": Row(does=WRITERS | {"other_analyst"}),
    "get_commentary": Row(SEES),
    "edit_commentary": Row(SEES, does=WRITERS),
    "move_commentary": Row(SEES, does=COORDINATORS),
    "add_language": Row(SEES, does=CHANGES_LANGUAGES),
    "drop_language": Row(SEES, does=CHANGES_LANGUAGES),
    "list_revisions": Row(SEES),
    "get_revision": Row(SEES),
    "compare_revisions": Row(SEES),
    "make_preview": Row(SEES, does=DESK),
    # Of the source text: nobody translates into its language.
    "get_preview": Row({TRANSLATED: DESK}),
    "restore_revision": Row(SEES_HISTORY, does=WRITERS),
    # Talk: of a source its authors and coordinators, of a translation its holder and coordinators.
    "list_comments": Row(TALKS),
    "start_thread": Row(TALKS),
    "get_thread": Row({TRANSLATED: DESK}),
    "reply_to_thread": Row({TRANSLATED: DESK}),
    "resolve_thread": Row({TRANSLATED: DESK}),
    # A week: each sees what is theirs of it.
    "get_week_board": SIGNED_IN,
    "publish_week": Row(does=COORDINATORS),
    "list_publication_checks": SIGNED_IN,
    "change_publication_check": Row(does=COORDINATORS),
    # Translations.
    "list_translation_tasks": SIGNED_IN,
    "claim_next_task": Row(does=TRANSLATORS_BE),
    "get_translation_task": Row(SEES_TASK),
    "save_translation": Row(SEES_TASK, does=frozenset({"translator_be"})),
    # Of the claimed task nothing was saved yet: for nobody is there anything to restore.
    "restore_translation": Row(SEES_TASK | {TRANSLATED: frozenset()}, does=frozenset({"translator_be"})),
    "list_suggestions": Row(SEES_TASK),
    # There is no such warning, for anybody.
    "answer_warning": Row(dict.fromkeys(SEES_TASK, frozenset[str]())),
    "withdraw_answer": Row(dict.fromkeys(SEES_TASK, frozenset[str]())),
    "get_translation_file": Row(SEES_TASK),
    "return_translation_file": Row(SEES_TASK, does=frozenset({"translator_be"})),
    "move_translation_task": Row(SEES_TASK, does=COORDINATORS),
}
"""By operation. A new endpoint needs its row here, written by hand."""

PAGES = {
    "docs_file",
    "docs_page",
    "front_page",
    "healthz",
    "metrics",
    "openapi_json",
    "openapi_yaml",
    "problem_list",
    "problem_page",
    "readyz",
}
"""What is there for machines and newcomers, for anybody."""

BODIES: dict[str, dict[str, Any]] = {
    # Any translation of the commentary is theirs to see; what they may do with it is asked of one action.
    "move_commentary": {"action": "publish"},
    "move_translation_task": {"action": "return", "note": "The amount is in millions."},
    "claim_next_task": {"language": "be"},
}
"""What is sent where the example would not do."""

QUERIES = {"look_behind_byline": "?name=A.%20Quill", "search_published": "?q=grain"}
ENDS_SESSIONS = {"sign_out", "end_all_sessions"}
"""What takes the caller's own session away: they sign in again."""


def routes() -> Iterator[tuple[str, str, HTTPRouteHandler]]:
    """Every method of every address, with its handler."""
    for route in APP.routes:
        assert isinstance(route, HTTPRoute)
        for method, (handler, _) in route.route_handler_map.items():
            if method != "OPTIONS":
                yield method, route.path_format, handler


ROUTES = {str(handler.name): (method, path, handler) for method, path, handler in routes()}


@dataclass
class Cast:
    """The people, and a commentary in each state with its task into Belarusian."""

    newsroom: Newsroom
    commentaries: dict[str, dict[str, Any]]
    tasks: dict[str, str]
    session: str
    """A session of the analyst's."""
    service_token: str
    term: str
    thread: str
    """A thread on the source in translation."""
    preview: str
    """The token of a link to the approved source in translation."""
    log: Any

    def path(self, path: str, state: str) -> str:
        """An address with what it is about in its parameters' places. Fails for one that it does not know."""
        commentary = self.commentaries[state or PUBLISHED]
        slug = next(
            one["slug"] for one in self.commentaries[PUBLISHED]["editions"] if one["language"] == "be"
        )
        ids = {
            "commentaries": commentary["id"],
            "translation-tasks": self.tasks.get(state, ""),
            "people": self.newsroom.other_analyst.id,
            "sessions": self.session,
            "service-tokens": self.service_token,
            "glossary": self.term,
        }

        def value(found: re.Match[str]) -> str:
            if found[2] == "id":
                return str(ids[found[1]])
            if found[1] == "publication-checks":
                return f"{found[1]}/source_has_moved_on"
            known = {"language": "be", "week": "2024-W30", "slug": slug, "number": "1"}
            known |= {
                "token": self.preview,
                "thread": self.thread,
                "warning": "none",
                "key": "economy",
                "section": "economy",
                "name": "page.css",
                "code": "not-found",
            }
            return f"{found[1]}/{known[found[2]]}"

        def filled(found: re.Match[str]) -> str:
            return f"{found[1]}/{value(found)}" if found[2] == "id" else value(found)

        # All of a week that is ready would go live: of one that nobody writes about.
        path = path.replace("{week}/publish", "2017-W01/publish")
        while "{" in path:
            path = re.sub(r"([\w.-]+)/\{(\w+)\}", filled, path, count=1)
        return path

    async def call(self, who: str, name: str, path: str) -> httpx.Response:
        method, _, handler = ROUTES[name]
        body = BODIES.get(name) or handler.opt.get("example")
        sent: dict[str, Any] = {"json": body}
        headers = {}
        if isinstance(body, str):
            sent = {"content": body}
            headers["Content-Type"] = handler.opt["takes_as"]
        if who != NOBODY:
            headers["Authorization"] = f"Bearer {self.newsroom.people[who].token}"
        answer = await self.newsroom.client.request(
            method, f"{path}{QUERIES.get(name, '')}", headers=headers, **sent
        )
        if name in ENDS_SESSIONS and who != NOBODY:
            person = self.newsroom.people[who]
            person.token = (await sign_in(self.newsroom.client, person.email))["access_token"]
        return answer


async def sign_in(client: httpx.AsyncClient, email: str) -> dict[str, Any]:
    return fine(await client.post("/v1/auth/session", json={"email": email, "password": PASSWORD}))


@pytest.fixture(scope="module")
async def cast(server: str, owner_url: str, person_ids: dict[str, str], run: Run) -> AsyncIterator[Cast]:
    """Give people with names that stand nowhere else, and what they have made."""
    db = Database(owner_url, pool_size=4, as_owner=True)
    await db.open()
    emails = {who: f"{name.lower().replace(' ', '.')}@quiet.example" for who, (name, _, _) in WHO.items()}
    ids = await asyncio.gather(
        *(
            add_person(
                db,
                actor=SYSTEM,
                email=emails[who],
                display_name=name,
                roles=roles,
                languages=languages,
                password=PASSWORD,
            )
            for who, (name, roles, languages) in WHO.items()
        )
    )
    await db.close()
    async with httpx.AsyncClient(base_url=server, timeout=60) as client:
        signed_in = await asyncio.gather(*(sign_in(client, emails[who]) for who in WHO))
        people = {
            who: Person(client, WHO[who][0], emails[who], PASSWORD, str(id), tokens["access_token"])
            for who, id, tokens in zip(WHO, ids, signed_in, strict=True)
        }
        newsroom = Newsroom(client, people)
        fine(await newsroom.analyst.call("POST", "/v1/me/bylines", {"name": "A. Quill"}))

        async def in_state(state: str) -> dict[str, Any]:
            draft = await newsroom.a_draft(byline="A. Quill")
            contributors = [newsroom.contributor.id]
            commentary = await newsroom.coordinator.edit(draft, contributors=contributors)
            if state == DRAFT:
                return commentary
            commentary = await newsroom.analyst.move(commentary, "submit")
            commentary = await newsroom.coordinator.move(commentary, "approve")
            await newsroom.a_claimed_task(commentary, "be")
            if state == TRANSLATED:
                return await newsroom.read(commentary)
            task = await newsroom.translate(newsroom.translator_be, await newsroom.task(commentary, "be"))
            task = await newsroom.translator_be.move_task(task, "submit")
            await newsroom.coordinator.move_task(task, "accept")
            commentary = await newsroom.coordinator.move(await newsroom.read(commentary), "publish")
            if state == RETRACTED:
                commentary = await newsroom.coordinator.move(
                    commentary, "retract", reason="The figures were wrong."
                )
            return commentary

        made = dict(zip(SEES, await asyncio.gather(*map(in_state, SEES)), strict=True))
        tasks = {
            state: next(one["task"]["id"] for one in made[state]["editions"] if one["language"] == "be")
            for state in SEES_TASK
        }
        example = ROUTES["create_service_token"][2].opt["example"]
        term = fine(
            await newsroom.coordinator.call(
                "POST", "/v1/glossary", ROUTES["add_glossary_term"][2].opt["example"]
            )
        )
        thread = fine(
            await newsroom.coordinator.call(
                "POST", f"/v1/commentaries/{made[TRANSLATED]['id']}/comments", {"text": "Since when?"}
            )
        )
        preview = fine(
            await newsroom.coordinator.call(
                "POST", f"/v1/commentaries/{made[TRANSLATED]['id']}/previews", {"language": "en"}
            )
        )
        service_token = fine(await newsroom.administrator.call("POST", "/v1/service-tokens", example))
        yield Cast(
            newsroom,
            made,
            tasks,
            (await sign_in(client, emails["analyst"]))["session_id"],
            service_token["id"],
            term["id"],
            thread["id"],
            preview["url"].rpartition("/")[2],
            run.folder / f"server-{run.worker}.log",
        )


def known_to(who: str, path: str) -> tuple[set[str], set[str], set[str]]:
    """Whose names, ids and e-mails a person may find at an address, written by hand."""
    if who == NOBODY:
        return set(), set(), set()
    names, ids, emails = {who}, {who}, {who}
    if who in COORDINATORS:
        names, ids = set(EVERYBODY), set(EVERYBODY)
    if who in ADMINISTRATORS and path.startswith(("/v1/people", "/v1/trail")):
        names, ids = set(EVERYBODY), set(EVERYBODY)
    if who in ADMINISTRATORS and path.startswith("/v1/people"):
        emails = set(EVERYBODY)
    if who in WRITERS and path.startswith(("/v1/commentaries", "/v1/weeks")):
        names |= WRITERS | COORDINATORS
        ids |= WRITERS
    return names, ids, emails


def betrayed(cast: Cast, who: str, path: str, answer: httpx.Response) -> list[str]:
    """Whom an answer leads to, though the reader may not know them."""
    names, ids, emails = known_to(who, path)
    said = answer.text + "".join(f"\n{name}: {value}" for name, value in answer.headers.items())
    for cursor in re.findall(r'"next_cursor":\s*"([\w=-]+)"', said):
        said += base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("latin-1")
    # What was asked for comes back in `instance`: the address is the caller's own word.
    said = said.replace(path, "").lower()
    found = []
    for name, person in cast.newsroom.people.items():
        secrets = [
            *((one.lower() for one in (person.name, *person.name.split())) if name not in names else ()),
            *((person.id, person.id.replace("-", "")) if name not in ids else ()),
            *((person.email,) if name not in emails else ()),
        ]
        found += [f"{name}: {secret}" for secret in secrets if secret in said]
    return found


def bare(answer: httpx.Response, path: str) -> tuple[Any, ...]:
    """An answer without what differs each time: the request's id, the moment and the address."""
    varying = {"x-request-id", "date"}
    headers = sorted((name, value) for name, value in answer.headers.items() if name not in varying)
    text = re.sub(r'"request_id":\s*"[^"]+"', "", answer.text).replace(path, "")
    return answer.status_code, headers, text


def test_every_endpoint_has_its_row() -> None:
    assert ROUTES.keys() - PAGES == TABLE.keys(), "TABLE of tests/test_need_to_know.py has a row for each"


@pytest.mark.parametrize("name", sorted(TABLE, key=lambda name: (name in ENDS_SESSIONS, name)))
async def test_each_sees_what_is_theirs_and_nobody_who_is_not(cast: Cast, name: str) -> None:
    _, template, _ = ROUTES[name]
    row = TABLE[name]

    async def check(who: str, state: str) -> list[str]:
        path = cast.path(template, state)
        does = row.does[state] if isinstance(row.does, dict) else row.does
        answer = await cast.call(who, name, path)
        told = f"{who}, {state or 'in any state'}: {answer.status_code} {answer.text[:200]}"
        faults = [f"{told} leads to {one}" for one in betrayed(cast, who, path, answer)]
        public = NOBODY in next(iter(row.sees.values()))
        if who == NOBODY and not public:
            expected = answer.status_code == 401
        elif who not in row.sees[state]:
            expected = answer.status_code == 404
            absent = re.sub(r"[0-9a-f-]{36}$|[0-9a-f-]{36}(?=/)", str(uuid4()), path)
            absent = re.sub(r"(?<=/previews/).{43}$", secrets.token_urlsafe(32), absent)
            if not faults and bare(await cast.call(who, name, absent), absent) != bare(answer, path):
                faults.append(f"{told} is not what one gets where there is nothing")
        elif does is not None and who not in does:
            expected = answer.status_code == 403
        else:
            expected = answer.status_code not in {401, 403, 404} or "wrong-credentials" in answer.text
            expected = expected or (public and answer.status_code == 401)
            expected = expected and answer.status_code < 500
        return faults if expected else [*faults, f"{told} is not what it should be"]

    cases = [(who, state) for state in row.sees for who in sorted(ANYBODY)]
    found = await asyncio.gather(*(check(who, state) for who, state in cases))
    assert not [fault for faults in found for fault in faults]


@pytest.mark.parametrize("name", sorted(PAGES))
async def test_what_is_there_for_anybody_names_nobody(cast: Cast, name: str) -> None:
    path = cast.path(ROUTES[name][1], "")
    for who in (NOBODY, "administrator"):
        answer = await cast.call(who, name, path)
        assert answer.status_code < 400
        assert not betrayed(cast, NOBODY, path, answer)


async def test_public_answers_carry_no_ids(cast: Cast) -> None:
    for name in (one for one, (_, path, _) in ROUTES.items() if path.startswith("/v1/published")):
        answer = await cast.call(NOBODY, name, cast.path(ROUTES[name][1], ""))
        headers = str({key: value for key, value in answer.headers.items() if key != "x-request-id"})
        assert answer.status_code == 200
        assert not re.search(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", answer.text + headers)


async def test_when_it_was_written_is_for_those_who_know_who_wrote_it(cast: Cast) -> None:
    written = cast.commentaries[PUBLISHED]["created_at"]
    for who in sorted(EVERYBODY):
        for name in ("get_commentary", "list_commentaries", "list_revisions"):
            answer = await cast.call(who, name, cast.path(ROUTES[name][1], PUBLISHED))
            assert (written in answer.text) <= (who in DESK), (who, name)
    for commentary in cast.commentaries.values():
        # A version 7 id would tell the millisecond, and the accounts' trail who was signed in then.
        assert commentary["id"][14] == "4"


async def test_the_log_knows_no_one(cast: Cast) -> None:
    await cast.newsroom.coordinator.call("GET", "/v1/trail")
    # A request's line is written once its answer has gone.
    async with asyncio.timeout(10):
        while "/v1/trail" not in (log := cast.log.read_text(encoding="utf-8")):
            await asyncio.sleep(0.01)
    for person in cast.newsroom.people.values():
        for secret in (person.id, person.email, person.name, *person.name.split()):
            assert secret not in log
    assert "127.0.0.1" not in log
