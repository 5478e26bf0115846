"""Public answers from memory: how they are given, when they go, what a reader gets without Postgres."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit
from uuid import uuid4

import asyncpg
import httpx
import pytest

from editorial.app import create_app
from editorial.published.page_cache import LruCache, PageCache, Ready, head_of
from editorial.settings import Settings
from newsroom import Newsroom, refused

ORIGIN = "https://digest.example.org"


class End(asyncio.Protocol):
    """One end of a connection through the wire; what it hears, the other end says on."""

    def __init__(self, wire: "Wire", other: "End | None" = None) -> None:
        self._wire = wire
        self._other = other
        self._waiting: list[bytes] = []
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._wire.ends.add(self)
        if self._wire.is_cut:
            transport.close()
        elif self._other is None:
            self._wire.reach(self)
        else:
            self._other._other = self
            self._other.pass_on()

    def data_received(self, data: bytes) -> None:
        self._waiting.append(data)
        self.pass_on()

    def pass_on(self) -> None:
        if self._other is not None and self._other.transport is not None and not self._wire.is_silent:
            self._other.transport.writelines(self._waiting)
            self._waiting.clear()

    def connection_lost(self, exc: Exception | None) -> None:
        self._wire.ends.discard(self)
        if self._other is not None and self._other.transport is not None:
            self._other.transport.close()


class Wire:
    """A unix socket between the application and Postgres, which can be cut or fall silent."""

    def __init__(self, behind: Path) -> None:
        self._behind = str(behind)
        self._reaching: set[asyncio.Task[Any]] = set()
        self.ends: set[End] = set()
        self.is_cut = False
        self.is_silent = False

    def reach(self, end: End) -> None:
        """Connect what came in with the server."""
        loop = asyncio.get_running_loop()
        task = asyncio.create_task(loop.create_unix_connection(lambda: End(self, end), self._behind))
        self._reaching.add(task)
        task.add_done_callback(self._reaching.discard)

    def cut(self) -> None:
        """End every connection, and let no new one through."""
        self.is_cut = True
        for end in list(self.ends):
            assert end.transport is not None
            end.transport.abort()

    def mend(self) -> None:
        """Let everything through again."""
        self.is_cut = self.is_silent = False
        for end in list(self.ends):
            end.pass_on()


class Stand:
    """An application with a shelf in this process, and the wire to its database."""

    def __init__(self, shelf: PageCache, client: httpx.AsyncClient, wire: Wire) -> None:
        self.shelf = shelf
        self.client = client
        self.wire = wire

    async def get(self, path: str, **headers: str) -> httpx.Response:
        return await self.client.get(
            path, headers={name.replace("_", "-"): one for name, one in headers.items()}
        )

    async def at_rest(self, path: str) -> httpx.Response:
        """The answer from memory, when the notices of what the test did before have come."""
        while True:
            made, drops, confirmed = self.shelf.counts.made, self.shelf.counts.drops, self.shelf.confirmed
            answer = await self.get(path)
            # The next look at the count says that nothing is on its way any more.
            await until(lambda: self.shelf.confirmed > confirmed)  # noqa: B023  # awaited at once
            if (self.shelf.counts.made, self.shelf.counts.drops) == (made, drops):
                return answer


@pytest.fixture
async def stand(application_url: str, person_ids: dict[str, str], tmp_path: Path) -> AsyncIterator[Stand]:
    parts = urlsplit(application_url)
    asked = parse_qs(parts.query)
    name = f".s.PGSQL.{asked['port'][0]}"
    wire = Wire(Path(asked["host"][0]) / name)
    loop = asyncio.get_running_loop()
    server = await loop.create_unix_server(lambda: End(wire), tmp_path / name)
    place = f"host={quote(str(tmp_path), safe='')}&port={asked['port'][0]}"
    url = f"postgresql://editorial_app@{parts.path}?{place}"
    settings = Settings(data_dir=tmp_path, cors_origins=(ORIGIN,), pool_size=4)
    shelf, litestar = create_app(settings, url)
    assert isinstance(shelf, PageCache)
    begun, ended = asyncio.Event(), asyncio.Event()

    async def live() -> None:
        # A lifespan begins and ends in one task, and a fixture does not.
        async with litestar.lifespan():
            begun.set()
            await ended.wait()

    life = asyncio.create_task(live())
    await begun.wait()
    await until(lambda: shelf.is_told)
    transport = httpx.ASGITransport(app=shelf)  # type: ignore[arg-type]  # Litestar's ASGI types are its own
    async with httpx.AsyncClient(transport=transport, base_url="http://newsroom") as client:
        yield Stand(shelf, client, wire)
    wire.mend()
    ended.set()
    await life
    wire.cut()
    server.close()
    await server.wait_closed()


async def until(is_so: Callable[[], bool], *, within: float = 10) -> None:
    async with asyncio.timeout(within):
        while not is_so():
            await asyncio.sleep(0.01)


async def until_it_says(ask: Callable[[], Awaitable[httpx.Response]], words: str) -> httpx.Response:
    """Ask until the answer has these words in it. It is a matter of a second, on a machine with time."""
    async with asyncio.timeout(5):
        while words not in (answer := await ask()).text:
            await asyncio.sleep(0.01)
    return answer


def address(commentary: dict[str, Any], language: str = "en") -> str:
    slug = next(one["slug"] for one in commentary["editions"] if one["language"] == language)
    return f"/v1/published/{language}/{commentary['week']}/{slug}"


async def by_the_owner(url: str, *statements: str) -> None:
    """Run statements as somebody at psql would, who says who acts."""
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction():
            await connection.execute(
                "select set_config('editorial.context', "
                '\'{"actor_kind": "system", "action": "mend", "request": "psql"}\', true)'
            )
            for statement in statements:
                await connection.execute(statement)
    finally:
        await connection.close()


async def test_a_page_is_made_once_and_then_served_from_memory(stand: Stand, newsroom: Newsroom) -> None:
    path = address(await newsroom.a_published_commentary())
    first = await stand.at_rest(path)
    made = stand.shelf.counts.made
    second = await stand.get(path)

    assert (first.status_code, second.status_code) == (200, 200)
    assert stand.shelf.counts.made == made
    assert second.content == first.content
    differing = {"x-request-id"}
    assert {n: v for n, v in second.headers.items() if n not in differing} == {
        n: v for n, v in first.headers.items() if n not in differing
    }
    assert second.headers["x-request-id"] != first.headers["x-request-id"]
    assert second.headers["cache-control"] == "public, max-age=60, stale-while-revalidate=300"
    assert second.headers["vary"] == "Origin"
    assert "age" not in second.headers
    # Another spelling of the address is no other page.
    held = len(stand.shelf)
    assert (await stand.get(path.replace("/en/", "/%65n/"))).content == first.content
    assert len(stand.shelf) == held


async def test_a_crowd_has_a_page_made_once(stand: Stand, newsroom: Newsroom) -> None:
    path = address(await newsroom.a_published_commentary())
    made = stand.shelf.counts.made
    answers = await asyncio.gather(*(stand.get(path) for _ in range(50)))
    assert {one.status_code for one in answers} == {200}
    assert stand.shelf.counts.made == made + 1
    assert len({one.headers["x-request-id"] for one in answers}) == 50


async def test_who_has_it_already_gets_304(stand: Stand, newsroom: Newsroom) -> None:
    path = address(await newsroom.a_published_commentary())
    page = await stand.at_rest(path)
    tag, date = page.headers["etag"], page.headers["last-modified"]
    assert tag.startswith('"')
    assert tag.endswith('"')
    for headers in (
        {"if_none_match": tag},
        {"if_none_match": f"W/{tag}"},
        {"if_none_match": f'"other", {tag}'},
        {"if_none_match": "*"},
        {"if_modified_since": date},
        {"if_none_match": tag, "if_modified_since": "Thu, 01 Jan 1970 00:00:00 GMT"},
    ):
        unchanged = await stand.get(path, **headers)
        assert (unchanged.status_code, unchanged.content) == (304, b""), headers
        assert unchanged.headers["etag"] == tag
        assert unchanged.headers["cache-control"] == page.headers["cache-control"]
        assert unchanged.headers["last-modified"] == date
        assert "content-type" not in unchanged.headers
    for headers in (
        {"if_none_match": '"other"'},
        {"if_none_match": '"other"', "if_modified_since": date},
        {"if_modified_since": "Thu, 01 Jan 1970 00:00:00 GMT"},
        {"if_modified_since": "yesterday"},
    ):
        assert (await stand.get(path, **headers)).content == page.content, headers
    # Asked with a condition first, by somebody who has it, the next one gets it whole all the same.
    stand.shelf.drop()
    assert (await stand.get(path, if_none_match=tag)).status_code == 304
    assert (await stand.get(path)).content == page.content


async def test_head_says_what_get_would(stand: Stand, newsroom: Newsroom) -> None:
    path = address(await newsroom.a_published_commentary())
    for _ in range(2):
        head, whole = await stand.client.head(path), await stand.get(path)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-length"] == str(len(whole.content))
        assert head.headers["etag"] == whole.headers["etag"]
        stand.shelf.drop()
    missing = await stand.client.head("/v1/published/en/2024-W30/nothing-here")
    assert (missing.status_code, missing.content) == (404, b"")


async def test_what_goes_out_in_one_piece_is_what_went_out_in_two(newsroom: Newsroom) -> None:
    base = newsroom.client.base_url
    path = address(await newsroom.a_published_commentary())
    first = fine_page(await newsroom.client.get(path))
    start = f"HTTP/1.1\r\nHost: {base.host}\r\n"
    reader, writer = await asyncio.open_connection(base.host, base.port)
    writer.write(
        f"GET {path} {start}\r\n"
        f"HEAD {path} {start}\r\n"
        f"GET {path} {start}If-None-Match: {first.headers['etag']}\r\n\r\n"
        f"GET /v1/published/en/2024-W30/nothing-here {start}\r\n"
        f"GET {path} {start}Connection: close\r\n\r\n".encode()
    )
    answers = (await asyncio.wait_for(reader.read(), 10)).decode()
    writer.close()

    heads = [head for head in answers.split("\r\n\r\n") if head.rpartition("HTTP/1.1 ")[1]]
    assert [one.rpartition("HTTP/1.1 ")[2][:3] for one in heads] == ["200", "200", "304", "404", "200"]
    assert answers.count(first.text) == 2
    assert answers.endswith(first.text)
    for name, value in first.headers.items():
        if name not in {"date", "x-request-id"}:
            assert all(f"\r\n{name}: {value}\r\n" in f"{heads[place]}\r\n" for place in (0, 1, 4)), name
    assert all(head.count("\r\ndate: ") == 1 and head.count("\r\nx-request-id: ") == 1 for head in heads)
    assert ["connection: close" in head for head in heads] == [False, False, False, False, True]
    # Who speaks HTTP/1.0 is hung up on, too.
    reader, writer = await asyncio.open_connection(base.host, base.port)
    writer.write(f"GET {path} HTTP/1.0\r\nHost: {base.host}\r\n\r\n".encode())
    assert (await asyncio.wait_for(reader.read(), 10)).decode().endswith(first.text)
    writer.close()


def fine_page(answer: httpx.Response) -> httpx.Response:
    assert answer.status_code == 200, answer.text
    return answer


def test_a_header_that_would_become_two_is_kept_by_nobody() -> None:
    with pytest.raises(ValueError, match="no header"):
        head_of([(b"link", b"</a>\r\nset-cookie: b")])


async def test_front_ends_of_other_origins_are_let_in_from_memory_too(
    stand: Stand, newsroom: Newsroom
) -> None:
    path = address(await newsroom.a_published_commentary())
    for _ in range(2):
        allowed = await stand.get(path, origin=ORIGIN)
        assert allowed.headers["access-control-allow-origin"] == ORIGIN
        assert "ETag" in allowed.headers["access-control-expose-headers"]
        for foreign in (await stand.get(path, origin="https://evil.example.org"), await stand.get(path)):
            assert "access-control-allow-origin" not in foreign.headers
            assert foreign.headers["vary"] == "Origin"


async def test_a_request_keeps_the_name_that_it_was_given(stand: Stand, newsroom: Newsroom) -> None:
    commentary = await newsroom.a_retracted_commentary()
    path = address(commentary)
    for _ in range(2):
        notice = await stand.get(path, x_request_id="reader-0042")
        assert notice.status_code == 410
        assert notice.headers["x-request-id"] == notice.json()["request_id"] == "reader-0042"
        assert notice.headers["content-length"] == str(len(notice.content))
        assert notice.headers["cache-control"].startswith("public")
        assert (await stand.get(path, x_request_id="no good!")).json()["request_id"] != "no good!"


async def test_what_is_not_there_and_what_was_asked_wrongly_takes_no_room(
    stand: Stand, newsroom: Newsroom
) -> None:
    path = address(await newsroom.a_published_commentary())
    await stand.at_rest(path)
    held, taken = len(stand.shelf), stand.shelf.taken
    for wrong, status in (
        ("/v1/published/en/2024-W30/nothing-here", 404),
        ("/v1/published/xx", 404),
        ("/v1/published/en/2024-W99", 404),
        (f"{path}?v=1", 422),
        (f"{path}?utm_source=x", 422),
        ("/v1/published/en?limit=0", 422),
        ("/v1/published/en?week=2024-W99", 422),
        ("/v1/published/en?cursor=rubbish", 400),
        ("/v1/published/en?limit=2&limit=2", 422),
    ):
        for _ in range(2):
            problem = refused(await stand.get(wrong, x_request_id="reader-0042"), status)
            assert problem["request_id"] == "reader-0042"
    assert (len(stand.shelf), stand.shelf.taken) == (held, taken)
    # The order of what is asked makes no difference.
    await stand.get("/v1/published/en?limit=2&section=economy")
    await stand.get("/v1/published/en?section=economy&limit=2")
    assert len(stand.shelf) == held + 1


def a_ready_answer(size: int) -> Ready:
    return Ready(
        status=200,
        head=head_of([]),
        unchanged=head_of([]),
        body=b"x" * size,
        tag=b'"x"',
        modified=b"",
        request_id=b"",
        commentary=None,
    )


def test_the_room_is_bounded_in_bytes_and_the_least_wanted_leave() -> None:
    room = LruCache(100_000)
    for place in range(1_000):
        room.put(f"/{place}", a_ready_answer(9_000))
        assert room.find("/0") is not None
        assert room.taken <= 100_000
    assert len(room) == 10
    room.put("/huge", a_ready_answer(30_000))
    assert room.find("/huge") is None
    room.drop(None)
    assert (len(room), room.taken) == (0, 0)


async def test_endless_questions_do_not_push_out_the_pages(stand: Stand, newsroom: Newsroom) -> None:
    path = address(await newsroom.a_published_commentary())
    page = await stand.at_rest(path)
    ready = a_ready_answer(10_000)
    for place in range(5_000):
        stand.shelf.put(("/v1/published/en", (("byline", str(place)),)), ready, is_page=False)
    made = stand.shelf.counts.made
    assert (await stand.get(path)).content == page.content
    assert stand.shelf.counts.made == made
    assert stand.shelf.taken < 64 * 1024 * 1024


async def test_redirects_and_notices_come_from_memory_and_go_with_their_commentary(
    stand: Stand, newsroom: Newsroom, owner_url: str
) -> None:
    commentary = await newsroom.a_published_commentary()
    path = address(commentary)
    wrong_week = path.replace("2024-W30", "2024-W31")
    moved = await stand.at_rest(wrong_week)
    assert (moved.status_code, moved.headers["location"], moved.content) == (308, path, b"")
    made = stand.shelf.counts.made
    assert (await stand.get(wrong_week)).status_code == 308
    assert stand.shelf.counts.made == made
    await by_the_owner(owner_url, f"update commentary set week = '2024-W31' where id = '{commentary['id']}'")
    await until_it_says(lambda: stand.get(wrong_week), '"week":"2024-W31"')
    assert (await stand.get(path)).headers["location"] == wrong_week


async def test_another_commentary_stays_in_memory_when_one_changes(stand: Stand, newsroom: Newsroom) -> None:
    kept, changed = await newsroom.a_published_commentary(), await newsroom.a_published_commentary()
    await stand.get(address(changed))
    await stand.at_rest(address(kept))
    drops = stand.shelf.counts.drops
    await newsroom.coordinator.move(changed, "retract", reason="Wrong figures.", languages=["be"])
    await until(lambda: stand.shelf.counts.drops > drops, within=5)
    made = stand.shelf.counts.made
    assert (await stand.get(address(kept))).status_code == 200
    assert stand.shelf.counts.made == made
    # The retracted language is no alternate of its sibling any more.
    alternates = (await stand.get(address(changed))).json()["alternates"]
    assert [one["language"] for one in alternates] == ["ru"]
    assert (await stand.get(address(changed, "be"))).status_code == 410


async def test_who_moves_a_text_sees_it_at_once_and_nothing_else_is_forgotten(
    stand: Stand, newsroom: Newsroom
) -> None:
    here = replace(newsroom.coordinator, client=stand.client)
    kept, changed = await newsroom.a_published_commentary(), await newsroom.a_published_commentary()
    waiting = await newsroom.a_commentary_in_review()
    await stand.at_rest(address(kept))
    await stand.at_rest(address(changed))
    drops, made = stand.shelf.counts.drops, stand.shelf.counts.made
    # What readers do not notice leaves everything where it is.
    await here.move(waiting, "request_changes", note="Which ports?")
    assert stand.shelf.counts.drops == drops
    # What they notice is gone before the answer is there, and of the others nothing.
    await here.move(changed, "retract", reason="Wrong figures.")
    assert (await stand.get(address(changed))).status_code == 410
    assert (await stand.get(address(kept))).status_code == 200
    assert stand.shelf.counts.made == made + 1


async def test_a_change_at_psql_reaches_readers(stand: Stand, newsroom: Newsroom, owner_url: str) -> None:
    path = address(await newsroom.a_published_commentary())
    before = await stand.get(path)
    label = f"Economy {uuid4().hex[:6]}"
    change = "update section set labels = labels || jsonb_build_object('en', '{label}') where key = 'economy'"
    await by_the_owner(owner_url, change.format(label=label))
    try:
        after = await until_it_says(lambda: stand.get(path), label)
        assert after.headers["etag"] != before.headers["etag"]
    finally:
        await by_the_owner(owner_url, change.format(label="Economy"))


async def test_a_lost_notice_is_made_up_for(stand: Stand, newsroom: Newsroom, owner_url: str) -> None:
    path = address(await newsroom.a_published_commentary())
    before = await stand.at_rest(path)
    drops, made = stand.shelf.counts.drops, stand.shelf.counts.made
    # Counted, but not told: what a process sees that missed the notice.
    await by_the_owner(
        owner_url,
        "update published_version set number = number + 1, relabelled_at = now() + interval '2 seconds'",
    )
    await until(lambda: stand.shelf.counts.drops > drops, within=5)
    # The date tells a reader too that something changed, though nothing was published.
    assert (await stand.get(path, if_modified_since=before.headers["last-modified"])).status_code == 200
    assert stand.shelf.counts.made == made + 1


async def test_a_dropped_connection_leaves_no_stale_page(
    stand: Stand, newsroom: Newsroom, owner_url: str
) -> None:
    commentary = await newsroom.a_published_commentary()
    path = address(commentary)
    await stand.at_rest(path)
    stand.wire.cut()
    await newsroom.coordinator.move(commentary, "retract", reason="Nobody heard of this.")
    await until(lambda: stand.shelf.seconds_since_confirmed is not None)
    # Cut off, it cannot know better, and says how old its word is.
    assert (await stand.get(path)).headers["age"]
    stand.wire.mend()
    await until_it_says(lambda: stand.get(path), "Nobody heard of this.")


@pytest.mark.parametrize("how", ["cut", "silent"])
async def test_without_postgres_readers_get_what_is_in_memory_and_the_rest_is_503_at_once(
    stand: Stand, newsroom: Newsroom, how: str
) -> None:
    commentary = await newsroom.a_published_commentary()
    path = address(commentary)
    page = await stand.at_rest(path)
    if how == "cut":
        stand.wire.cut()
    else:
        stand.wire.is_silent = True
    began = time.monotonic()
    refused(await stand.get(address(commentary, "be")), 503, "database-away")
    assert time.monotonic() - began < 3
    await until(lambda: stand.shelf.seconds_since_confirmed is not None)

    began = time.monotonic()
    old = await stand.get(path)
    assert (old.status_code, old.content) == (200, page.content)
    assert int(old.headers["age"]) >= 1
    assert (await stand.get(path, if_none_match=page.headers["etag"])).status_code == 304
    away = await stand.get(address(commentary, "ru"), origin=ORIGIN)
    assert refused(away, 503, "database-away")
    assert away.headers["retry-after"]
    assert away.headers["access-control-allow-origin"] == ORIGIN
    assert time.monotonic() - began < 0.5

    stand.wire.mend()
    await until(lambda: stand.shelf.seconds_since_confirmed is None)
    assert "age" not in (await stand.get(path)).headers
    assert (await stand.get(address(commentary, "ru"))).status_code == 200


async def test_readiness_says_what_readers_get_without_postgres(stand: Stand, newsroom: Newsroom) -> None:
    await stand.get(address(await newsroom.a_published_commentary()))
    ready = (await stand.get("/readyz")).json()
    assert (ready["status"], ready["reasons"]) == ("ready", [])
    stand.wire.cut()
    await until(lambda: stand.shelf.seconds_since_confirmed is not None)
    away = await stand.get("/readyz")
    assert away.status_code == 503
    assert away.json()["reasons"][0] == "The database does not answer."
    assert "from memory, as they were" in away.json()["reasons"][1]
