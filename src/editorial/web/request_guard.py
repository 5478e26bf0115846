"""What every route gets without knowing of it: a look at who asks, a judged query, an answer that is kept.

The latter two need the route's writing and its answer to be one thing that can still be taken back: an
`UnitOfWork`.
"""

from collections.abc import Awaitable, Callable, Mapping
from uuid import UUID

from litestar.enums import HttpMethod
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.types import ASGIApp, Receive, Scope, Send
from litestar.types import Message as ASGIMessage

from editorial.core.permissions import Actor, ActorKind
from editorial.core.refusals import (
    AnswerWithheld,
    FieldError,
    Forbidden,
    Invalid,
    KeyUsedForAnother,
    NotAcceptable,
    NotSignedIn,
    Refusal,
    SetUpTotpFirst,
)
from editorial.database.access import Database, ObjectKind, UnitOfWork, current_unit_of_work
from editorial.database.queries import Connection
from editorial.locales import Message
from editorial.web import idempotency
from editorial.web.idempotency import KeptAnswer, Key
from editorial.web.negotiation import with_language
from editorial.web.parameters import parameters_of, validate_query
from editorial.web.problems import read_problem, send_problem
from editorial.web.refused import Refusals
from editorial.web.request import Request
from editorial.web.request_syntax import is_acceptable

PUBLIC = "/v1/published"
StillSees = Mapping[ObjectKind, Callable[[Connection, Actor, UUID], Awaitable[object]]]
"""Checks that an actor may still see the object of an answer; raises a refusal if not."""


def takes_keys(handler: BaseRouteHandler) -> bool:
    """Whether an Idempotency-Key counts on this route: it makes or moves something in a person's name."""
    return HttpMethod.POST in getattr(handler, "http_methods", ()) and not handler.opt.get("public")


def _check_who_asks(scope: Scope, handler: BaseRouteHandler) -> None:
    """Require a sign-in, unless the route is public; a service needs the route's scope.

    Raises `NotSignedIn`, `Forbidden`, and `SetUpTotpFirst`, the latter two whatever the address leads to.
    (Litestar would copy the route for each request, to ask a guard of its own.)
    """
    if handler.opt.get("public"):
        return
    actor = scope.get("user")
    if not isinstance(actor, Actor):
        why = scope.get("auth")
        raise why if isinstance(why, NotSignedIn) else NotSignedIn
    if actor.kind is ActorKind.SERVICE and handler.opt.get("scope") not in actor.scopes:
        raise Forbidden(Message("reason.scope-missing"))
    if actor.must_set_up_totp and not handler.opt.get("before_totp"):
        raise SetUpTotpFirst


def _check_accept(scope: Scope, handler: BaseRouteHandler) -> None:
    """Raise `NotAcceptable` where the route has no form that the request takes.

    Pages choose their form themselves. What readers get is one and the same for all of them, so that caches
    need not ask (RFC 9110 leaves that open).
    """
    accepted = [value.decode("latin-1") for name, value in scope["headers"] if name == b"accept" and value]
    is_page = isinstance(handler, HTTPRouteHandler) and not handler.resolve_include_in_schema()
    if not accepted or is_page or scope["path"].startswith(PUBLIC):
        return
    given = handler.opt.get("gives_as") or "application/json"
    if not is_acceptable(accepted, given):
        raise NotAcceptable(Message("reason.answer-exists-as", media_type=given))


class RequestGuard:
    """One request to a route and its answer."""

    def __init__(self, app: ASGIApp, db: Database, still_sees: StillSees) -> None:
        """Wrap the route."""
        self._app = app
        self._db = db
        self._still_sees = still_sees
        self._refusals = Refusals(db)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        handler: BaseRouteHandler = scope["route_handler"]
        faults: list[FieldError] = []
        if HttpMethod.OPTIONS not in getattr(handler, "http_methods", ()):
            faults, scope["query_string"] = validate_query(scope["query_string"], parameters_of(handler))
        actor = scope.get("user")
        send = self._recording(scope, send) if isinstance(actor, Actor) else send
        try:
            _check_who_asks(scope, handler)
            _check_accept(scope, handler)
            if faults:
                await self._rehearse(faults, scope, receive, send)
                return
            key = (
                idempotency.key_of(scope, actor) if isinstance(actor, Actor) and takes_keys(handler) else None
            )
            if key is None:
                await self._app(scope, receive, send)
            else:
                await self._do_once(key, scope["user"], scope, receive, send)
        except Refusal as refusal:
            await send_problem(refusal, scope, receive, send)

    def _recording(self, scope: Scope, send: Send) -> Send:
        """Send an answer when the trail has heard of it, where that hears of refusals."""

        async def record_and_send(message: ASGIMessage) -> None:
            if message["type"] == "http.response.start" and message["status"] >= 400:
                await self._refusals.record(scope, message["status"])
            await send(message)

        return record_and_send

    async def _rehearse(self, faults: list[FieldError], scope: Scope, receive: Receive, send: Send) -> None:
        """Ask the route what else it would refuse: the faults of the query come after 404, 403 and the like.

        The route runs with the query without its faults. If all is well, nothing of it holds.
        """
        answer = Answer()
        unit_of_work = UnitOfWork(self._db)
        try:
            await self._run(unit_of_work, answer, scope, receive)
            if answer.status < 400:
                raise Invalid(faults=faults)
            await unit_of_work.commit()
        finally:
            await unit_of_work.end()
        if answer.status == 422:
            problem = read_problem(answer.body)
            if problem.code == Invalid.code:
                raise Invalid(faults=[*faults, *problem.errors])
        await answer.give(send)

    async def _do_once(self, key: Key, actor: Actor, scope: Scope, receive: Receive, send: Send) -> None:
        """Carry a request out, or give the answer that it got the first time.

        Most keys are new, so nothing is checked before the work. A request that was already done cannot begin
        again: the database refuses it in the statement that begins the transaction, with nothing done.
        """
        asked = idempotency.asked(scope, await Request(scope, receive).body())
        answer = Answer()
        unit_of_work = UnitOfWork(self._db, opening=key.opening)
        try:
            await self._run(unit_of_work, answer, scope, receive)
            if answer.status < 300:
                kept = answer.kept(actor, asked, unit_of_work.on)
                await unit_of_work.commit(key.keeping(kept))
            elif answer.status < 500:
                await unit_of_work.commit()
        finally:
            await unit_of_work.end()
        # A request that began is the first with this key. Where none began, there may be an answer already.
        is_the_first = unit_of_work.has_begun or answer.status >= 500
        if is_the_first or not await self._replay(key, actor, asked, send):
            await answer.give(send)

    async def _run(self, unit_of_work: UnitOfWork, answer: "Answer", scope: Scope, receive: Receive) -> None:
        token = current_unit_of_work.set(unit_of_work)
        try:
            await self._app(scope, receive, answer.hear)
        finally:
            current_unit_of_work.reset(token)

    async def _replay(self, key: Key, actor: Actor, asked: bytes, send: Send) -> bool:
        """Send the answer stored under a key, if there is one and the actor may still see it."""
        async with self._db.read() as connection:
            row = await idempotency.sql.find_idempotency_record(connection, id=key.id)
            if row is None:
                return False
            if row["sealed"] is None:
                raise AnswerWithheld
            kept = key.opened(row["sealed"])
            if kept.asked != asked:
                raise KeyUsedForAnother
            if not (kept.roles <= actor.roles and kept.languages <= actor.languages):
                raise AnswerWithheld
            may_see = self._still_sees.get(kept.on) if kept.on else None
            if may_see and kept.object_id:
                await may_see(connection, actor, kept.object_id)
        await Answer.of(kept).give(send)
        return True


class Answer:
    """An answer that is not sent yet."""

    def __init__(self) -> None:
        """Hear nothing yet."""
        self.status = 500
        self._headers: list[tuple[bytes, bytes]] = []
        self.body = b""

    @classmethod
    def of(cls, kept: KeptAnswer) -> "Answer":
        """The answer that was kept."""
        answer = cls()
        answer.status, answer.body = kept.status, kept.body
        answer._headers = [*kept.headers, idempotency.REPLAYED]
        return answer

    def kept(self, actor: Actor, asked: bytes, on: tuple[ObjectKind, UUID | None] | None) -> KeptAnswer:
        """The answer as it is kept."""
        domain, object_id = on or (None, None)
        return KeptAnswer(
            asked=asked,
            roles=actor.roles,
            languages=actor.languages,
            on=domain,
            object_id=object_id,
            status=self.status,
            headers=tuple(self._headers),
            body=self.body,
        )

    async def hear(self, message: ASGIMessage) -> None:
        """Take a part of the answer."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            given = [(bytes(name), bytes(value)) for name, value in message["headers"]]
            self._headers = with_language(given)
        elif message["type"] == "http.response.body":
            self.body += message["body"]

    async def give(self, send: Send) -> None:
        """Send it."""
        await send({"type": "http.response.start", "status": self.status, "headers": self._headers})
        await send({"type": "http.response.body", "body": self.body, "more_body": False})
