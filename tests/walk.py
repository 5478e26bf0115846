"""A walk through a newsroom's days: everything that succeeds, called once or more over real HTTP.

What each call costs is counted from it (`api/test_round_trips.py`), and the document's answers are written
down from it (`examples.py`). So it has people and texts that are pleasant to read.
"""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import msgspec
import pyotp
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from conftest import PASSWORD, PEOPLE, run_sql
from described import APP
from editorial.audit.sealer import seal_trail
from editorial.commentaries.sections import add_first_sections
from editorial.core.permissions import SYSTEM
from editorial.database.access import Database
from editorial.identity.people import add_person
from editorial.settings import Settings
from newsroom import Newsroom, Person, fine
from servers import serving

NAMES = {
    "analyst": ("alesia", "Алеся К."),
    "contributor": ("vera", "Вера Д."),
    "other_analyst": ("mikola", "Мікола В."),
    "coordinator": ("hanna", "Ганна С."),
    "other_coordinator": ("piotr", "Пётр Л."),
    "writing_coordinator": ("taras", "Тарас П."),
    "administrator": ("adam", "Адам Р."),
    "translator_be": ("nasta.be", "Наста Б."),
    "other_translator_be": ("janka.be", "Янка Х."),
    "translator_ru": ("olga.ru", "Ольга Н."),
}
"""What the people of the newsroom are called: the first part of their address, and their name."""

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
SITE = "https://digest.example.org/{language}/{week}/{slug}"

STORIES: list[dict[str, Any]] = [
    {
        "section": "economy",
        "trend": "worse",
        "title": "Grain exports fall for the third month",
        "lead": "Prices held, volumes did not.",
        "blocks": [
            {"type": "paragraph", "text": "Ports handled **12 %** less than a month ago."},
            {"type": "list", "items": ["barley", "rapeseed"]},
            {"type": "quote", "text": "We wait, a forwarder says."},
        ],
    },
    {
        "section": "economy",
        "trend": "better",
        "title": "Potash sells at 243 dollars a tonne",
        "lead": "Volumes are back, at a discount.",
        "blocks": [{"type": "paragraph", "text": "Earnings grew by 6 % in half a year."}],
    },
    {
        "section": "society",
        "trend": "worse",
        "title": "Rural doctors serve two districts each",
        "lead": "Every fourth post is vacant.",
        "blocks": [{"type": "paragraph", "text": "The bus to the clinic runs twice a week."}],
    },
    {
        "section": "economy",
        "trend": "unchanged",
        "title": "Deposits grow slower than prices",
        "lead": "Savers lose a little each month.",
        "blocks": [
            {"type": "paragraph", "text": "Banks pay 9 % a year, shops ask 10 % more."},
            {"type": "quote", "text": "We keep half in coins, a pensioner says."},
        ],
    },
    {
        "section": "society",
        "trend": "better",
        "title": "Language courses are full again",
        "lead": "Libraries opened forty new groups.",
        "blocks": [{"type": "paragraph", "text": "Most of those who learn are under thirty."}],
    },
]
"""What is written, one after the other."""

SAID: dict[str, dict[str, str]] = {
    "be": {
        "Potash sells at 243 dollars a tonne": "Тона калію каштуе 243 долары",
        "Volumes are back, at a discount.": "Аб’ёмы вярнуліся, але са зніжкай.",
        "Earnings grew by 6 % in half a year.": "За паўгода выручка вырасла на 6 %.",
        "Rural doctors serve two districts each": "Сельскія дактары працуюць на два раёны",
        "Every fourth post is vacant.": "Пустуе кожнае чацвёртае месца.",
        "The bus to the clinic runs twice a week.": "Аўтобус у паліклініку ходзіць двойчы на тыдзень.",
        "Deposits grow slower than prices": "Уклады растуць павольней за цэны",
        "Savers lose a little each month.": "Укладчыкі кожны месяц трохі губляюць.",
        "Banks pay 9 % a year, shops ask 10 % more.": "Банкі даюць 9 % у год, а цэны растуць на 10 %.",
        "We keep half in coins, a pensioner says.": "Палову мы трымаем у манетах, кажа пенсіянерка.",
        "Language courses are full again": "На моўных курсах зноў няма месцаў",
        "Libraries opened forty new groups.": "Бібліятэкі адкрылі сорак новых груп.",
        "Most of those who learn are under thirty.": "Большасці з тых, хто вучыцца, няма трыццаці.",
    },
    "ru": {
        "Potash sells at 243 dollars a tonne": "Тонна калия стоит 243 доллара",
        "Volumes are back, at a discount.": "Объёмы вернулись, но со скидкой.",
        "Earnings grew by 6 % in half a year.": "За полгода выручка выросла на 6 %.",
        "Rural doctors serve two districts each": "Сельские врачи работают на два района",
        "Every fourth post is vacant.": "Пустует каждое четвёртое место.",
        "The bus to the clinic runs twice a week.": "Автобус в поликлинику ходит дважды в неделю.",
        "Deposits grow slower than prices": "Вклады растут медленнее цен",
        "Savers lose a little each month.": "Вкладчики каждый месяц немного теряют.",
        "Banks pay 9 % a year, shops ask 10 % more.": "Банки дают 9 % в год, а цены растут на 10 %.",
        "We keep half in coins, a pensioner says.": "Половину мы держим в монетах, говорит пенсионерка.",
        "Language courses are full again": "На языковых курсах снова нет мест",
        "Libraries opened forty new groups.": "Библиотеки открыли сорок новых групп.",
        "Most of those who learn are under thirty.": "Большинству учащихся нет тридцати.",
    },
}
"""How the translators say it."""


@dataclass
class StoriedNewsroom(Newsroom):
    """A newsroom that writes one story after the other, and translates each as it is translated."""

    numbers: Iterator[int] = field(default_factory=count)

    async def a_draft(self, **members: Any) -> dict[str, Any]:
        story = STORIES[next(self.numbers) % len(STORIES)]
        body = {"week": "2024-W30", "source_language": "en", "target_languages": ["be", "ru"], **story}
        return fine(await self.analyst.call("POST", "/v1/commentaries", {**body, **members}))

    async def translate(self, person: Person, task: dict[str, Any]) -> dict[str, Any]:
        said = SAID[task["language"]]
        body = {
            "title": said[task["title"]["source"]],
            "lead": said[task["lead"]["source"]],
            "blocks": {line["id"]: said[line["source"]] for line in task["blocks"]},
        }
        path = f"/v1/translation-tasks/{task['id']}"
        return fine(await person.call("PATCH", path, body, version=task["version"]))


Hook = Callable[[Any], Awaitable[None]]


async def take_a_walk(owner_url: str, url: str, folder: Path, *, before: Hook, after: Hook) -> None:
    """Serve a fresh database at `url`, and walk through it; `before` and `after` hear of each request.

    One request at a time. `owner_url` is the same database's, not through the address that is served.
    """
    db = Database(owner_url, pool_size=1, as_owner=True)
    await db.open()
    await add_first_sections(db)
    people = {}
    for who, (roles, languages) in PEOPLE.items():
        first, name = NAMES[who]
        email = f"{first}@newsroom.example"
        id = await add_person(
            db,
            actor=SYSTEM,
            email=email,
            display_name=name,
            roles=roles,
            languages=languages,
            password=PASSWORD,
        )
        people[who] = (email, str(id))
    # What there is was sealed, and that was yesterday: readers see a key and a checkpoint.
    await seal_trail(db, Settings(data_dir=folder / "data"))
    await db.close()
    yesterday = "select number + 1, size, note, horizon, cluster, sealed_at - interval '1 day'"
    columns = "number, size, note, horizon, cluster, sealed_at"
    await run_sql(owner_url, f"insert into audit_checkpoint ({columns}) {yesterday} from audit_checkpoint")
    settings = {
        "EDITORIAL_WORKER_IN_SERVE": "false",
        # Whoever needed two connections at once would wait for itself.
        "EDITORIAL_POOL_SIZE": "1",
        "EDITORIAL_DATA_DIR": str(folder / "data"),
        "EDITORIAL_SIGN_IN_FAILURES_PER_ADDRESS": "1000000",
        "EDITORIAL_CLAIM_LIMIT": "1000",
        "EDITORIAL_PUBLIC_URL": "https://api.digest.example.org",
        "EDITORIAL_SITE_URL": SITE,
        "EDITORIAL_SITE_NAME": "Weekly Digest",
    }
    process = serving(url, folder / "log", **settings)
    server = await asyncio.to_thread(process.__enter__)
    try:
        hooks: dict[str, list[Any]] = {"request": [before], "response": [after]}
        async with httpx.AsyncClient(
            base_url=server, timeout=30, event_hooks=hooks, headers={"User-Agent": BROWSER}
        ) as client:
            newsroom = StoriedNewsroom(
                client,
                {who: Person(client, who, email, PASSWORD, id, "") for who, (email, id) in people.items()},
            )
            await newsroom.sign_everybody_in()
            await walk(newsroom)
    finally:
        # In a thread, so that whoever stands on the wire is not kept waiting.
        await asyncio.to_thread(process.__exit__, None, None, None)


ROUTES: dict[str, tuple[str, str, HTTPRouteHandler]] = {
    str(handler.name): (method, route.path_format, handler)
    for route in APP.routes
    if isinstance(route, HTTPRoute)
    for method, (handler, _) in route.route_handler_map.items()
    if method != "OPTIONS"
}


def name_of(request: httpx.Request) -> str:
    """The operation's name, and the action where it takes one."""
    found = [
        name
        for name, (method, path, _) in ROUTES.items()
        if method == request.method and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", path), request.url.path)
    ]
    # Where one address is also the pattern of another (`/v1/published/be/weeks`), the plainest is it.
    name = min(found, key=lambda one: ROUTES[one][1].count("{"))
    if request.url.path.endswith("/transitions"):
        return f"{name}: {msgspec.json.decode(request.content)['action']}"
    return name


async def walk(newsroom: Newsroom) -> None:
    """Call everything that succeeds, more or less in the order of a newsroom's days."""
    await walk_texts(newsroom)
    await walk_translations(newsroom)
    await walk_readers(newsroom)
    await walk_house(newsroom)
    await walk_people(newsroom)
    await walk_oneself(newsroom)


async def walk_texts(newsroom: Newsroom) -> None:
    analyst, coordinator = newsroom.analyst, newsroom.coordinator
    draft = await newsroom.a_draft()
    here = f"/v1/commentaries/{draft['id']}"
    draft = await analyst.move(await analyst.move(draft, "discard"), "restore")
    draft = await analyst.edit(draft, lead="Baltic prices held.")
    answer = await analyst.call("POST", f"{here}/revisions/1/restoration", version=draft["version"])
    draft = fine(answer)
    draft = fine(await analyst.call("DELETE", f"{here}/languages/ru", version=draft["version"]))
    draft = await analyst.get(here)
    fine(await analyst.call("POST", f"{here}/languages", {"language": "ru"}, version=draft["version"]))
    draft = await analyst.move(await analyst.get(here), "submit")
    draft = await analyst.move(await analyst.move(draft, "recall"), "submit")
    draft = await coordinator.move(draft, "request_changes", note="Which ports?")
    draft = await coordinator.move(await analyst.move(draft, "submit"), "approve")
    draft = await coordinator.move(draft, "reopen", note="One figure is wrong.")
    draft = await analyst.move(await analyst.edit(draft, blocks=STORIES[0]["blocks"][:2]), "submit")
    draft = await coordinator.move(draft, "approve")
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    draft = await coordinator.move(draft, "schedule", at=tomorrow, languages=["en"])
    draft = await coordinator.move(draft, "unschedule", languages=["en"])
    for page in ("", "/revisions", "/revisions/2", "/diff?from=1&to=2", "/history"):
        await coordinator.get(here + page)
    thread = fine(await coordinator.call("POST", f"{here}/comments", {"text": "Since when?"}))
    talk = f"{here}/comments/{thread['id']}"
    fine(await analyst.call("POST", f"{talk}/replies", {"text": "Since May."}))
    await coordinator.get(f"{here}/comments")
    now = await coordinator.get(talk)
    fine(await coordinator.call("PATCH", talk, {"resolved": True}, version=now.get("version")))
    link = fine(await coordinator.call("POST", f"{here}/previews", {"language": "en"}))
    await coordinator.get(f"/v1/previews/{link['url'].rpartition('/')[2]}")
    await coordinator.get("/v1/commentaries?state=in_translation&limit=50")
    await coordinator.get("/v1/weeks/2024-W30")


async def walk_translations(newsroom: Newsroom) -> None:
    coordinator, holder = newsroom.coordinator, newsroom.translator_be
    text = await newsroom.a_commentary_in_translation()
    task = await newsroom.a_claimed_task(text, "be")
    here = f"/v1/translation-tasks/{task['id']}"
    task = await holder.move_task(task, "release")
    task = await coordinator.move_task(task, "assign", translator=holder.id)
    task = await newsroom.translate(holder, task)
    saved = fine(
        await holder.call("PATCH", here, {"title": "Тона калію каштуе 234 долары"}, version=task["version"])
    )
    answer = await holder.call("POST", f"{here}/revisions/1/restoration", version=saved["version"])
    fine(answer)
    task = await holder.get(here)
    task = fine(
        await holder.call("PATCH", here, {"title": "Тона калію каштуе 234 долары"}, version=task["version"])
    )
    warning = f"{here}/warnings/{task['warnings'][0]['id']}"
    fine(await holder.call("PUT", warning, {"reason": "It is right."}, version=task["version"]))
    fine(await holder.call("DELETE", warning, version=(await holder.get(here))["version"]))
    taken = await holder.call("GET", f"{here}/xliff")
    assert taken.is_success
    version = (await holder.get(here))["version"]
    kind = {"Content-Type": taken.headers["content-type"]}
    fine(await holder.call("PUT", f"{here}/xliff", version=version, headers=kind, content=taken.content))
    task = await holder.move_task(await holder.get(here), "submit")
    task = await holder.move_task(await holder.move_task(task, "recall"), "submit")
    task = await coordinator.move_task(task, "return", note="The amount is in millions.")
    task = await coordinator.move_task(await holder.move_task(task, "submit"), "accept")
    for page in ("", "/suggestions", "/history"):
        await holder.get(here + page)
    await holder.get("/v1/translation-tasks?language=be")
    other = await newsroom.task(text, "ru")
    await coordinator.move_task(other, "cancel")
    another = await newsroom.a_commentary_in_translation(lead=STORIES[1]["lead"])
    other = await newsroom.task(another, "be")
    await holder.get(f"/v1/translation-tasks/{other['id']}/suggestions")
    fine(await holder.call("POST", "/v1/translation-tasks/claim-next", {"language": "be"}))
    assert another["state"] == "in_translation"


async def walk_readers(newsroom: Newsroom) -> None:
    coordinator = newsroom.coordinator
    text = await newsroom.a_published_commentary()
    slug = next(one["slug"] for one in text["editions"] if one["language"] == "be")
    text = await coordinator.move(text, "change_slug", language="be", slug="uklady-i-ceny")
    slug = next(one["slug"] for one in text["editions"] if one["language"] == "be")
    page = f"/v1/published/be/2024-W30/{slug}"
    pages = ["sitemap.xml", "be", "be/sitemap.xml", "be/ninjs", "be/search?q=уклады", "be/sections"]
    pages += ["be/weeks", "be/2024-W30", *(f"be/feed.{kind}" for kind in ("atom", "json", "rss"))]
    pages += [f"be/sections/economy/feed.{kind}" for kind in ("atom", "json", "rss")]
    for one in (page, f"{page}/json-ld", f"{page}/ninjs", *(f"/v1/published/{one}" for one in pages)):
        # Each is made here: from memory it would cost nothing.
        answer = await newsroom.client.get(one)
        assert answer.is_success, answer.text
    text = await coordinator.move(text, "retract", reason="The figures were wrong.")
    await newsroom.analyst.move(text, "revise")
    other = await newsroom.a_commentary_in_translation(week="2017-W01")
    for language in ("be", "ru"):
        await newsroom.an_accepted_task(other, language)
    fine(await coordinator.call("POST", "/v1/weeks/2017-W01/publish", {"mode": "all_or_nothing"}))


async def walk_house(newsroom: Newsroom) -> None:
    coordinator, administrator = newsroom.coordinator, newsroom.administrator
    for page in ("/v1/sections", "/v1/workflow", "/v1/publication-checks", "/v1/trail"):
        await coordinator.get(page)
    assert (await coordinator.call("GET", "/v1/trail/export")).is_success
    for page in ("/v1/trail/checkpoints", "/v1/trail/keys", "/.well-known/jwks.json"):
        fine(await newsroom.client.get(page))
    example = ROUTES["add_section"][2].opt["example"]
    section = fine(await coordinator.call("POST", "/v1/sections", example))
    version = section["version"]
    fine(
        await coordinator.call(
            "PATCH", f"/v1/sections/{example['key']}", {"is_closed": True}, version=version
        )
    )
    example = ROUTES["add_glossary_term"][2].opt["example"]
    term = fine(await coordinator.call("POST", "/v1/glossary", example))
    here = f"/v1/glossary/{term['id']}"
    await coordinator.get(here)
    await coordinator.get("/v1/glossary")
    changed = ROUTES["change_glossary_term"][2].opt["example"]
    term = fine(await coordinator.call("PATCH", here, changed, version=term["version"]))
    fine(await coordinator.call("DELETE", here, version=term["version"]))
    checks = await coordinator.get("/v1/publication-checks")
    check = next(one for one in checks["data"] if one["name"] == "source_has_moved_on")
    changed = {"blocks": not check["blocks"]}
    here = f"/v1/publication-checks/{check['name']}"
    fine(await coordinator.call("PATCH", here, changed, version=check["version"]))
    made = fine(
        await administrator.call(
            "POST", "/v1/service-tokens", ROUTES["create_service_token"][2].opt["example"]
        )
    )
    await administrator.get("/v1/service-tokens")
    fine(await administrator.call("DELETE", f"/v1/service-tokens/{made['id']}"))


async def walk_people(newsroom: Newsroom) -> None:
    administrator, client = newsroom.administrator, newsroom.client
    await administrator.get("/v1/people")
    body = {"email": "zmicier@newsroom.example", "display_name": "Зміцер Ю.", "roles": ["analyst"]}
    made = fine(await administrator.call("POST", "/v1/people", body))
    here = f"/v1/people/{made['id']}"
    invitation = fine(await administrator.call("POST", f"{here}/invitation"))
    link = {"token": invitation["token"], "new_password": "nine plain words are easy to remember"}
    fine(await client.post("/v1/auth/password", json=link))
    session = fine(
        await client.post("/v1/auth/session", json={"email": body["email"], "password": link["new_password"]})
    )
    changed = {"current_password": link["new_password"], "new_password": "ten plain words are easy as well"}
    header = {"Authorization": f"Bearer {session['access_token']}"}
    fine(await client.post("/v1/auth/password", json=changed, headers=header))
    roles = {"roles": ["analyst", "coordinator"]}

    async def change(method: str, path: str = "", body: Any = None) -> None:
        version = (await administrator.get(here))["version"]
        fine(await administrator.call(method, here + path, body, version=version))

    await change("PATCH", body=roles)
    fine(await newsroom.coordinator.call("DELETE", f"{here}/coordinator-confirmation"))
    await change("PATCH", body=roles)
    fine(await newsroom.coordinator.call("POST", f"{here}/coordinator-confirmation"))
    await change("POST", "/deactivation")
    await change("POST", "/activation")
    fine(await newsroom.administrator.call("DELETE", f"/v1/people/{newsroom.contributor.id}/totp"))
    await change("POST", "/erasure")


async def walk_oneself(newsroom: Newsroom) -> None:
    analyst, client = newsroom.analyst, newsroom.client
    await analyst.get("/v1/me")
    fine(await analyst.call("PATCH", "/v1/me", ROUTES["change_me"][2].opt["example"]))
    name = "A. Kalina"
    fine(await analyst.call("POST", "/v1/me/bylines", {"name": name}))
    await analyst.get("/v1/me/bylines")
    await newsroom.coordinator.get(f"/v1/bylines?name={quote(name)}")
    fine(await client.post("/v1/auth/password/reset", json={"email": analyst.email}))
    who = newsroom.contributor
    credentials = {"email": who.email, "password": PASSWORD}
    session = fine(await client.post("/v1/auth/session", json=credentials))
    renewed = {"refresh_token": session["refresh_token"]}
    who.token = fine(await client.post("/v1/auth/session/refresh", json=renewed))["access_token"]
    proof = {"current_password": PASSWORD}
    secret = pyotp.TOTP(fine(await who.call("POST", "/v1/auth/totp", proof))["secret"])
    code = secret.at(int(time.time()), counter_offset=-1)
    fine(await who.call("POST", "/v1/auth/totp/confirmation", {"code": code}))
    await who.get("/v1/auth/totp")
    fine(await who.call("POST", "/v1/auth/totp/removal", {**proof, "totp": secret.now()}))
    other = fine(await client.post("/v1/auth/session", json=credentials))
    await who.get("/v1/auth/sessions")
    fine(await who.call("DELETE", f"/v1/auth/sessions/{other['session_id']}"))
    fine(await who.call("DELETE", "/v1/auth/sessions"))
    who.token = fine(await client.post("/v1/auth/session", json=credentials))["access_token"]
    fine(await who.call("DELETE", "/v1/auth/session"))
