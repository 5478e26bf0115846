"""Public answers, ready as bytes, served before any routing: what one reader asked for, the next one finds.

A route that answers readers calls `keep()`; its answer then stays in memory until a notice says that
something on it has changed (`editorial.database.notifications`), or until others need the room. Answers that nobody
called `keep()` for go through as if there were no shelf. See docs/adr/0021-public-pages-from-memory.md.
"""

import asyncio
import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from random import getrandbits
from typing import Any, Self
from urllib.parse import parse_qsl
from uuid import UUID, uuid4

import msgspec
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from editorial.core.refusals import DatabaseAway
from editorial.web.cors import headers_for
from editorial.web.pipeline import is_request_id
from editorial.web.raw_response import EXTENSION, SendWhole, written
from editorial.web.request_syntax import is_canonical

PREFIX = "/v1/published"
PATIENCE = 2.0
"""Seconds that a reader waits for an answer that is not in memory, before it is a 503."""

CACHE = "public, max-age=60, stale-while-revalidate=300"
"""How long other caches may keep what is kept here."""

KEPT = frozenset({200, 308, 410})
"""The statuses of answers that may be kept."""

Key = str | tuple[str, tuple[tuple[str, str], ...]]
Headers = list[tuple[bytes, bytes]]


_KEEPING, _CHANGED = "editorial.keeping", "editorial.changed"
_CONDITIONS = {b"if-none-match", b"if-modified-since", b"range", b"authorization"}
_NOT_KEPT = (b"x-request-id", b"access-control-")
_UNCHANGED = {b"etag", b"cache-control", b"last-modified", b"link", b"vary"}


class Keeping(msgspec.Struct, frozen=True):
    """What a route says of its answer."""

    commentary: UUID | None
    """The commentary that it shows, with whom it goes; none where any change may concern it."""
    is_page: bool
    """One of the newsroom's own pages, of which there is a number: not one of the many things one can ask."""
    is_told_by_date: bool
    """Its Last-Modified tells this answer from each earlier one. Dates go to the minute, and an answer that
    changed twice in one is told by its ETag alone."""


def keep(
    scope: Any, *, commentary: UUID | None = None, is_page: bool = False, is_told_by_date: bool = False
) -> None:
    """Say that the answer to this request may be kept, until what it shows has changed."""
    scope[_KEEPING] = Keeping(commentary, is_page, is_told_by_date)


class Head(msgspec.Struct, frozen=True):
    """Headers, one by one and as they are written."""

    each: Headers
    written: bytes


def head_of(headers: Headers) -> Head:
    """Headers as they will be written. Raises `ValueError` where one would become two."""
    if any(end in part for header in headers for part in header for end in (b"\r", b"\n", b"\0")):
        raise ValueError("a header that is no header")
    return Head(headers, written(headers))


def tell_changed(scope: Any, commentaries: Iterable[UUID]) -> None:
    """Say that this request has changed what readers get of these."""
    scope[_CHANGED] = frozenset(commentaries)


class Ready(msgspec.Struct, frozen=True):
    """An answer as it is sent."""

    status: int
    head: Head
    unchanged: Head
    """The headers of a 304."""
    body: bytes
    tag: bytes
    modified: bytes
    """The Last-Modified that an If-Modified-Since has to name. Empty where a date does not tell enough."""
    request_id: bytes
    """What stands for the request's id in a problem's body."""
    commentary: UUID | None

    @property
    def size(self) -> int:
        """About how many bytes of memory it takes."""
        headers = sum(2 * (len(name) + len(value)) + 100 for name, value in self.head.each)
        return len(self.body) + headers + 1_000


InFlightRequest = asyncio.Task[Ready | list[Message] | None]
"""The making of an answer: ready to be kept, or as it is where it may not be kept; nothing after a time."""


class LruCache:
    """Answers by what was asked for, in so many bytes at the most: those that nobody wants leave first."""

    def __init__(self, limit: int) -> None:
        """Have room for `limit` bytes."""
        self.limit = limit
        self.taken = 0
        self._kept: OrderedDict[Key, Ready] = OrderedDict()

    def __len__(self) -> int:
        """How many answers there are."""
        return len(self._kept)

    def find(self, key: Key) -> Ready | None:
        """The answer, which counts as wanted from now on."""
        ready = self._kept.get(key)
        if ready is not None:
            self._kept.move_to_end(key)
        return ready

    def put(self, key: Key, ready: Ready) -> None:
        """Keep an answer, unless it would take a quarter of the room."""
        if ready.size * 4 > self.limit:
            return
        self._remove([key])
        self._kept[key] = ready
        self.taken += ready.size
        while self.taken > self.limit:
            _, oldest = self._kept.popitem(last=False)
            self.taken -= oldest.size

    def drop(self, commentary: UUID | None) -> None:
        """Forget what shows this commentary, and what may show any; all of it where none is named."""
        self._remove(
            [
                key
                for key, ready in self._kept.items()
                if commentary is None or ready.commentary is None or ready.commentary == commentary
            ]
        )

    def _remove(self, keys: Iterable[Key]) -> None:
        for key in keys:
            ready = self._kept.pop(key, None)
            if ready is not None:
                self.taken -= ready.size


class Counts(msgspec.Struct):
    """What the shelf has done since the process began."""

    hits: int = 0
    unchanged: int = 0
    """Of the hits: those answered with 304."""
    misses: int = 0
    made: int = 0
    """Of the misses: those for which the application was asked; the others waited for its answer."""
    refused: int = 0
    """Misses that got a 503."""
    drops: int = 0


class PageCache:
    """Serves what is ready, and has the application make the rest: each thing once, however many ask."""

    _app: ASGIApp

    def __init__(
        self,
        *,
        size: int,
        at_once: int,
        origins: Iterable[str] = (),
        moved: Callable[[], None] = lambda: None,
    ) -> None:
        """Take `size` bytes of memory at the most, and have `at_once` answers made at the same time.

        `moved` is called where somebody has moved a text through this process, before they hear of it.
        """
        self._moved = moved
        self.counts = Counts()
        # What can be asked in endless ways (searches, filters, wrong weeks) must not push out the pages.
        self._pages = LruCache(size - size // 4)
        self._others = LruCache(size // 4)
        self._flights: dict[Key, InFlightRequest] = {}
        self._turns = asyncio.Semaphore(at_once)
        self._allowed = {origin.encode(): headers_for(origin) for origin in origins}
        self.is_told = False
        """Somebody tells of changes; before that, nothing is kept."""
        self._drops = 0
        self.confirmed = 0.0
        """The moment (of the monotonic clock) at which the database last was there."""
        self._away: asyncio.Event = asyncio.Event()

    def before(self, app: ASGIApp) -> Self:
        """Stand before the application that makes the answers."""
        self._app = app
        return self

    @property
    def seconds_since_confirmed(self) -> int | None:
        """While the database is away: for how long nobody has confirmed what is in memory."""
        return max(1, int(time.monotonic() - self.confirmed)) if self._away.is_set() else None

    def trouble(self) -> str | None:
        """What readers should know, in a sentence, while the database is away."""
        seconds = self.seconds_since_confirmed
        if seconds is None:
            return None
        return f"Readers get {len(self)} answers from memory, as they were {seconds} seconds ago."

    @property
    def taken(self) -> int:
        """The bytes that are taken."""
        return self._pages.taken + self._others.taken

    def __len__(self) -> int:
        """How many answers are in memory."""
        return len(self._pages) + len(self._others)

    def confirm(self) -> None:
        """The database is there, and has told of every change."""
        self.is_told = True
        self.confirmed = time.monotonic()
        self._away.clear()

    def lose_database(self) -> None:
        """The database does not answer. What is in memory is served on, marked by its age."""
        self._away.set()

    def put(self, key: Key, ready: Ready, *, is_page: bool) -> None:
        """Keep an answer."""
        (self._pages if is_page else self._others).put(key, ready)

    def drop(self, commentary: UUID | None = None) -> None:
        """Something has changed: on one commentary's pages and all lists, or (without one) anywhere."""
        self._drops += 1
        self.counts.drops += 1
        self._flights.clear()
        self._pages.drop(commentary)
        self._others.drop(commentary)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if (
            scope["type"] != ScopeType.HTTP
            or not scope["path"].startswith(PREFIX)
            or (scope["method"] != "GET" and scope["method"] != "HEAD")
            or _is_another_name(scope)
        ):
            await self._app(scope, receive, self._dropping(scope, send))
            return
        key = _key_of(scope)
        ready = self._pages.find(key) or self._others.find(key)
        if ready is None:
            ready = await self._make(key, scope, receive, send)
            if ready is None:
                return
        else:
            self.counts.hits += 1
        await self._give(ready, scope, send)

    def _dropping(self, scope: Scope, send: Send) -> Send:
        """Whoever moves a text reads at once, from this process, what readers get of it now.

        The notice says so to every process, in a moment; this one need not wait for it.
        """
        if scope["type"] != ScopeType.HTTP or scope["method"] != "POST":
            return send

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] < 300:
                for commentary in scope.get(_CHANGED, ()):  # type: ignore[attr-defined]  # ours
                    self._moved()
                    self.drop(commentary)
            await send(message)

        return sent

    async def _give(self, ready: Ready, scope: HTTPScope, send: Send) -> None:
        request_id = tags = since = origin = b""
        for name, value in scope["headers"]:
            if name == b"if-none-match":
                tags = tags + b"," + value if tags else value
            elif name == b"if-modified-since":
                since = value
            elif name == b"origin":
                origin = value
            elif name == b"x-request-id" and is_request_id(value):
                request_id = value
        request_id = request_id or b"%032x" % getrandbits(128)
        status, headers, body = ready.status, ready.head, ready.body
        if status == 200 and (tags or since) and _has_it(ready, tags, since):
            status, headers, body = 304, ready.unchanged, b""
            self.counts.unchanged += 1
        more = [(b"x-request-id", request_id)]
        if origin and origin in self._allowed:
            more += self._allowed[origin]
        if self._away.is_set():
            more.append((b"age", b"%d" % (self.seconds_since_confirmed or 0)))
        if ready.request_id:
            body = body.replace(ready.request_id, request_id)
            more.append((b"content-length", b"%d" % len(body)))
        if scope["method"] == "HEAD":
            body = b""
        send_whole: SendWhole | None = (scope.get("extensions") or {}).get(EXTENSION)  # type: ignore[assignment]
        if send_whole is not None:
            await send_whole(status, headers.written + written(more), body)
            return
        await send({"type": "http.response.start", "status": status, "headers": [*headers.each, *more]})
        await send({"type": "http.response.body", "body": body, "more_body": False})

    async def _make(self, key: Key, scope: HTTPScope, receive: Receive, send: Send) -> Ready | None:
        """Have the answer made, or wait for whoever does so. Nothing, where the request was answered here."""
        self.counts.misses += 1
        flight = self._flights.get(key)
        is_ours = flight is None
        if flight is None and not self._away.is_set():
            self.counts.made += 1
            flight = asyncio.create_task(self._fly(scope, key))
            self._flights[key] = flight
            flight.add_done_callback(lambda done: self._land(key, done))
        made = None if flight is None else await self._outcome(flight)
        if isinstance(made, Ready):
            return made
        if made is None:
            self.counts.refused += 1
            scope["editorial.refusal"] = DatabaseAway()  # type: ignore[typeddict-unknown-key]
            await self._app(scope, receive, send)
        elif is_ours:
            for message in made:
                if scope["method"] == "HEAD" and message["type"] == "http.response.body":
                    message["body"] = b""
                await send(message)
        else:
            # Somebody else's refusal has their request's id on it.
            await self._app(scope, receive, send)
        return None

    async def _outcome(self, flight: InFlightRequest) -> Ready | list[Message] | None:
        """What a flight brings. Nothing, where that takes too long or the database goes away meanwhile."""
        away = asyncio.create_task(self._away.wait())
        try:
            await asyncio.wait({flight, away}, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
        finally:
            away.cancel()
        return await flight if flight.done() else None

    def _land(self, key: Key, flight: InFlightRequest) -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]

    async def _fly(self, scope: HTTPScope, key: Key) -> Ready | list[Message] | None:
        drops = self._drops
        asked: Any = dict(scope)
        asked["method"] = "GET"
        asked["headers"] = [one for one in scope["headers"] if one[0] not in _CONDITIONS]
        messages: list[Message] = []

        async def collect(message: Message) -> None:
            messages.append(message)

        try:
            async with self._turns, asyncio.timeout(PATIENCE):
                await self._app(asked, _no_body, collect)
        except TimeoutError:
            return None
        keeping: Keeping | None = asked.get(_KEEPING)
        # What the route would have kept may have been refused after all: a parameter that it does not know.
        if keeping is None or messages[0].get("status") not in KEPT:
            return messages
        ready = _ready(messages, keeping)
        if self.is_told and drops == self._drops:
            self.put(key, ready, is_page=keeping.is_page)
        return ready


def _key_of(scope: HTTPScope) -> Key:
    """What is asked for. The path is the decoded one, so that no page has two names."""
    if not scope["query_string"]:
        return scope["path"]
    asked = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    return scope["path"], tuple(sorted(asked))


def _is_another_name(scope: HTTPScope) -> bool:
    """Whether an address is written in a way that leads nowhere, although it decodes to one that is there."""
    raw = scope.get("raw_path")
    return bool(raw) and raw != scope["path"].encode() and not is_canonical(raw)


def _has_it(ready: Ready, tags: bytes, since: bytes) -> bool:
    """Whether the reader has these very bytes (RFC 9110, 13.1). A date has to be the one that we gave."""
    if tags:
        return tags.strip() == b"*" or ready.tag in [
            one.strip().removeprefix(b"W/") for one in tags.split(b",")
        ]
    return bool(ready.modified) and since == ready.modified


async def _no_body() -> Any:
    return {"type": "http.request", "body": b"", "more_body": False}


def _ready(messages: Iterable[Message], keeping: Keeping) -> Ready:
    status, headers, body = 0, list[tuple[bytes, bytes]](), b""
    for message in messages:
        if message["type"] == "http.response.start":
            status, headers = message["status"], list(_kept_of(message["headers"]))
        elif message["type"] == "http.response.body":
            body += message["body"]
    tag = stands_for = b""
    if status == 200:
        tag = b'"%s"' % hashlib.sha256(body).hexdigest()[:32].encode()
        headers.append((b"etag", tag))
    elif status >= 400:
        # A kept problem is public, and given to many requests: each finds its own id on it.
        problem = msgspec.json.decode(body)
        stands_for = uuid4().hex.encode()
        body = msgspec.json.encode(problem | {"request_id": stands_for.decode()})
        headers = [one for one in headers if one[0] not in {b"content-length", b"cache-control"}]
        headers.append((b"cache-control", CACHE.encode()))
    return Ready(
        status=status,
        head=head_of(headers),
        unchanged=head_of([one for one in headers if one[0] in _UNCHANGED or one[0].startswith(b"x-")]),
        body=body,
        tag=tag,
        modified=dict(headers).get(b"last-modified", b"") if keeping.is_told_by_date else b"",
        request_id=stands_for,
        commentary=keeping.commentary,
    )


def _kept_of(headers: Iterable[tuple[bytes, bytes]]) -> Iterator[tuple[bytes, bytes]]:
    for name, value in headers:
        lower = name.lower()
        if not lower.startswith(_NOT_KEPT):
            yield lower, value
