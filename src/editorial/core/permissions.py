"""Who may see what. Who may do what stands beside the states, in `workflow.py`."""

from enum import StrEnum
from uuid import UUID

import msgspec

from editorial.core.states import CommentaryState


class Role(StrEnum):
    """What a person is in the newsroom. Roles add up."""

    ANALYST = "analyst"
    COORDINATOR = "coordinator"
    TRANSLATOR = "translator"
    ADMINISTRATOR = "administrator"


class Grant(StrEnum):
    """What a role is for, beside what the machines say of single objects."""

    CREATE_COMMENTARY = "create_commentary"
    REVIEW = "review"
    PUBLISH = "publish"
    CHANGE_SECTIONS = "change_sections"
    CHANGE_GLOSSARY = "change_glossary"
    LIST_PEOPLE = "list_people"
    CLAIM_TASKS = "claim_tasks"
    INVITE_PEOPLE = "invite_people"
    CHANGE_ROLES = "change_roles"
    KEEP_SERVICE_TOKENS = "keep_service_tokens"


GRANTS: dict[Role, tuple[Grant, ...]] = {
    Role.ANALYST: (Grant.CREATE_COMMENTARY,),
    Role.COORDINATOR: (
        Grant.REVIEW,
        Grant.PUBLISH,
        Grant.CHANGE_SECTIONS,
        Grant.CHANGE_GLOSSARY,
        Grant.LIST_PEOPLE,
    ),
    Role.TRANSLATOR: (Grant.CLAIM_TASKS,),
    Role.ADMINISTRATOR: (
        Grant.INVITE_PEOPLE,
        Grant.CHANGE_ROLES,
        Grant.LIST_PEOPLE,
        Grant.KEEP_SERVICE_TOKENS,
    ),
}
"""What each role may do. `/v1/me` tells it, and the features that keep accounts and sections ask it."""


class Scope(StrEnum):
    """What the server of a front end may do with a service token."""

    PREVIEW_READ = "preview:read"
    EVENTS_READ = "events:read"


SCOPES: dict[Scope, str] = {
    Scope.PREVIEW_READ: "Read the preview of a text that is not published yet, by a link that a person made.",
    Scope.EVENTS_READ: "Read which published pages came, changed or went.",
}
"""What each scope reaches. A route that a service may use names its scope in `operation(scope=…)`; every
other route that is not public is closed to services."""


class ActorKind(StrEnum):
    """What kind of thing acts."""

    PERSON = "person"
    SERVICE = "service"
    SYSTEM = "system"
    ANONYMOUS = "anonymous"


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """Who makes this request, as the database knew them a moment ago."""

    kind: ActorKind
    id: UUID | None = None
    roles: frozenset[Role] = frozenset()
    languages: frozenset[str] = frozenset()
    scopes: frozenset[Scope] = frozenset()
    """What a service may do. A person has none."""
    must_set_up_totp: bool = False
    """They have a role that needs one-time codes, and have none: nothing else is open to them."""
    session_id: UUID | None = None
    on_behalf_of: UUID | None = None

    @property
    def person_id(self) -> UUID:
        """The acting person's id; only where a person is known to act."""
        if self.id is None:
            raise LookupError("no person acts here")
        return self.id

    def has(self, role: Role) -> bool:
        return role in self.roles

    def may(self, grant: Grant) -> bool:
        """Whether one of the actor's roles is for this."""
        return any(grant in GRANTS[role] for role in self.roles)


ANONYMOUS = Actor(kind=ActorKind.ANONYMOUS)
SYSTEM = Actor(kind=ActorKind.SYSTEM)


class Relation(StrEnum):
    """How a person stands to one commentary. A person may stand in several."""

    AUTHOR = "author"
    CONTRIBUTOR = "contributor"
    COORDINATOR = "coordinator"
    TRANSLATOR = "translator"
    """There is a translation task in one of their languages."""
    COLLEAGUE = "colleague"
    """Anybody who is signed in."""


class Sight(StrEnum):
    """How much of a commentary somebody sees. From most to least."""

    WHOLE = "whole"
    """The text in every revision, who wrote it, the notes, the history."""
    TRANSLATION = "translation"
    """The approved source text, and the editions in their languages. The byline, never the author."""
    LIVE = "live"
    """What readers see."""
    NOTHING = "nothing"
    """It does not exist for them."""


ALL_STATES = frozenset(CommentaryState)
TRANSLATION_STATES = frozenset(
    {
        CommentaryState.IN_TRANSLATION,
        CommentaryState.READY,
        CommentaryState.PUBLISHED,
        CommentaryState.RETRACTED,
    }
)

SIGHT: dict[Relation, tuple[Sight, frozenset[CommentaryState]]] = {
    Relation.AUTHOR: (Sight.WHOLE, ALL_STATES),
    Relation.CONTRIBUTOR: (Sight.WHOLE, ALL_STATES),
    Relation.COORDINATOR: (Sight.WHOLE, ALL_STATES),
    Relation.TRANSLATOR: (Sight.TRANSLATION, TRANSLATION_STATES),
}
"""What each relation sees, and in which states. Whoever has nothing here sees what is live."""


def sight_of(relations: frozenset[Relation], state: CommentaryState, *, any_live: bool) -> Sight:
    """How much of a commentary in `state` somebody in these relations sees."""
    seen = {SIGHT[relation][0] for relation in relations & SIGHT.keys() if state in SIGHT[relation][1]}
    if Sight.WHOLE in seen:
        return Sight.WHOLE
    if Sight.TRANSLATION in seen:
        return Sight.TRANSLATION
    return Sight.LIVE if any_live else Sight.NOTHING


class Part(StrEnum):
    """In which part somebody talks about a text."""

    AUTHOR = "author"
    CONTRIBUTOR = "contributor"
    COORDINATOR = "coordinator"
    TRANSLATOR = "translator"


def part_in_talk(
    actor: Actor, *, is_author: bool = False, is_contributor: bool = False, is_holder: bool = False
) -> Part | None:
    """In which part somebody comments on a text; none for who may not.

    A source text is talked about by its author, its contributors and coordinators; a translation by its
    holder and coordinators. Whoever is several of them is what is named first.
    """
    if is_author:
        return Part.AUTHOR
    if is_contributor:
        return Part.CONTRIBUTOR
    if is_holder:
        return Part.TRANSLATOR
    return Part.COORDINATOR if actor.has(Role.COORDINATOR) else None


def talk_names_people(actor: Actor, *, of_source: bool) -> bool:
    """Whether somebody in a talk may know the names of the others.

    Authors and coordinators of a source know one another. A translator knows nobody by name, and nobody but
    coordinators knows who translates.
    """
    return of_source or actor.has(Role.COORDINATOR)
