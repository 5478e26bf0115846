"""What is refused to a person leaves an entry in the trail: whose part it is, and how often.

An entry is the same whether its object exists or not, and is written before the answer in both cases, so that
neither the trail nor the time tells the one from the other. Postgres bounds the entries of each person
(`record_refusal`); this process remembers what it has recorded, so that who asks on costs it nothing.
"""

import time
from typing import Any
from uuid import UUID

import msgspec
import structlog
from litestar.enums import HttpMethod, ScopeType
from litestar.types import HTTPScope, Scope

from editorial.core.permissions import Actor, AuditCategory
from editorial.core.refusals import DatabaseAway
from editorial.core.states import Action
from editorial.database.access import Database, Decision, ObjectKind
from editorial.database.queries import Statement, load_queries

sql = load_queries("web/refused")
log = structlog.get_logger("editorial")

NOT_THEIRS = frozenset({403, 404})
"""Statuses that say that an object, or an action on it, is not for who asks."""
NOT_NOW = frozenset({409, 412, 422, 428})
"""Statuses that refuse a step to who may otherwise take it."""

RELEASING = frozenset({Action.APPROVE, Action.ACCEPT, Action.PUBLISH, Action.SCHEDULE})
"""The steps that bring a text nearer to readers: each refusal of one is an entry, whatever its reason."""

KINDS: dict[str, tuple[AuditCategory, ObjectKind]] = {
    "commentaries": (AuditCategory.EDITORIAL, ObjectKind.COMMENTARY),
    "translation-tasks": (AuditCategory.EDITORIAL, ObjectKind.TASK),
    "previews": (AuditCategory.EDITORIAL, ObjectKind.COMMENTARY),
    "weeks": (AuditCategory.EDITORIAL, ObjectKind.COMMENTARY),
    "bylines": (AuditCategory.EDITORIAL, ObjectKind.BYLINE),
    "glossary": (AuditCategory.EDITORIAL, ObjectKind.GLOSSARY),
    "sections": (AuditCategory.EDITORIAL, ObjectKind.SECTION),
    "publication-checks": (AuditCategory.EDITORIAL, ObjectKind.PUBLICATION_CHECK),
    "people": (AuditCategory.ACCOUNTS, ObjectKind.PERSON),
    "service-tokens": (AuditCategory.ACCOUNTS, ObjectKind.SERVICE_TOKEN),
}
"""By the first word of an address: the trail part that records a refusal, and its object kind."""

REMEMBERED = 10_000
"""How many refusals a process remembers at the most."""


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """What was refused, as the trail tells it."""

    part: AuditCategory
    action: str
    kind: ObjectKind
    object_id: UUID | None


def refused_of(scope: HTTPScope, status: int) -> Refused | None:
    """What the trail hears of an answer with this status; nothing of most."""
    address = scope["path"].split("/")
    word = address[2] if len(address) > 2 and address[1] == "v1" else ""
    if word == "trail":
        part = (
            AuditCategory.ACCOUNTS if b"part=accounts" in scope["query_string"] else AuditCategory.EDITORIAL
        )
        return _refused(scope, status, part, ObjectKind.TRAIL)
    if word not in KINDS:
        return None
    return _refused(scope, status, *KINDS[word])


def _refused(scope: HTTPScope, status: int, part: AuditCategory, kind: ObjectKind) -> Refused | None:
    step = _releasing_step(scope)
    if status not in NOT_THEIRS and not (step is not None and status in NOT_NOW):
        return None
    if part is AuditCategory.ACCOUNTS:
        action = "account_access_refused"
    elif step is not None:
        action = f"{step}_refused"
    else:
        action = "read_refused" if scope["method"] == HttpMethod.GET else "change_refused"
    named = scope["path_params"].get("id")
    return Refused(part=part, action=action, kind=kind, object_id=named if isinstance(named, UUID) else None)


def _releasing_step(scope: HTTPScope) -> Action | None:
    """The step towards readers that a request asks for, if it is one."""
    if scope["path"].endswith("/transitions"):
        named: Any = scope.get("editorial.action")
        return Action(named) if isinstance(named, str) and named in RELEASING else None
    is_of_a_week = scope["path"].startswith("/v1/weeks/") and scope["path"].endswith("/publish")
    return Action.PUBLISH if is_of_a_week else None


class Refusals:
    """Writes refusals into the trail, and remembers which it has written in this hour."""

    def __init__(self, db: Database) -> None:
        """Remember nothing yet."""
        self._db = db
        self._hour = 0
        self._known: set[tuple[UUID, Refused | None]] = set()

    async def record(self, scope: Scope, status: int) -> None:
        """Let the trail hear of the answer to a request, where it is a refusal that it hears of."""
        actor = scope.get("user")
        if not isinstance(actor, Actor) or actor.id is None or actor.must_set_up_totp:
            return
        if scope["type"] != ScopeType.HTTP:
            return
        refused = refused_of(scope, status)
        if refused is None or self._is_known(actor.id, refused):
            return
        try:
            decision = Decision(
                action=refused.action,
                on=refused.kind,
                object_id=refused.object_id,
                statement=Statement(sql.record_refusal, {"part": refused.part}),
            )
            outcome = await self._db.write_one(actor, decision)
        except DatabaseAway:
            # The request was refused all the same. The log says that the trail lacks it.
            log.warning("a refusal was not recorded", action=refused.action)
            return
        self._known.add((actor.id, None if outcome == "full" else refused))

    def _is_known(self, actor: UUID, refused: Refused) -> bool:
        hour = int(time.time() // 3600)
        if hour != self._hour or len(self._known) >= REMEMBERED:
            self._hour, self._known = hour, set()
        return not self._known.isdisjoint({(actor, refused), (actor, None)})
