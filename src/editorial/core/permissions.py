"""Who may see what. Who may do what stands beside the states, in `workflow.py`."""

from collections.abc import Iterable
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


class Permission(StrEnum):
    """What a role is for, beside what the machines say of single objects."""

    CREATE_COMMENTARY = "create_commentary"
    REVIEW = "review"
    PUBLISH = "publish"
    CHANGE_SECTIONS = "change_sections"
    CHANGE_GLOSSARY = "change_glossary"
    LIST_PEOPLE = "list_people"
    CONFIRM_COORDINATORS = "confirm_coordinators"
    CLAIM_TASKS = "claim_tasks"
    INVITE_PEOPLE = "invite_people"
    CHANGE_ROLES = "change_roles"
    KEEP_SERVICE_TOKENS = "keep_service_tokens"


GRANTS: dict[Role, tuple[Permission, ...]] = {
    Role.ANALYST: (Permission.CREATE_COMMENTARY,),
    Role.COORDINATOR: (
        Permission.REVIEW,
        Permission.PUBLISH,
        Permission.CHANGE_SECTIONS,
        Permission.CHANGE_GLOSSARY,
        Permission.LIST_PEOPLE,
        Permission.CONFIRM_COORDINATORS,
    ),
    Role.TRANSLATOR: (Permission.CLAIM_TASKS,),
    Role.ADMINISTRATOR: (
        Permission.INVITE_PEOPLE,
        Permission.CHANGE_ROLES,
        Permission.LIST_PEOPLE,
        Permission.KEEP_SERVICE_TOKENS,
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
    own_language: str | None = None
    """The language in which they chose to be written to."""
    on_behalf_of: UUID | None = None

    @property
    def person_id(self) -> UUID:
        """The acting person's id; only where a person is known to act."""
        if self.id is None:
            raise LookupError("no person acts here")
        return self.id

    def has(self, role: Role) -> bool:
        return role in self.roles

    def keeps(self, relation: "Relation") -> bool:
        """Whether the actor has the role that this relation to an object rests on."""
        return self.has(RESTS_ON[relation])

    @property
    def writer_id(self) -> UUID | None:
        """Who the actor is to the texts that they began or contribute to; none without the role."""
        return self.id if self.keeps(Relation.AUTHOR) else None

    @property
    def target_languages(self) -> frozenset[str]:
        """The languages that the actor translates into; none without the role."""
        return self.languages if self.keeps(Relation.TRANSLATOR) else frozenset()

    def translates(self, language: str) -> bool:
        """Whether the actor is a translator into this language."""
        return language in self.target_languages

    @property
    def relations(self) -> frozenset["Relation"]:
        """How the actor stands to the newsroom as a whole; single objects add to it."""
        found = {Relation.READER}
        if self.kind is ActorKind.PERSON:
            found.add(Relation.COLLEAGUE)
        if self.has(Role.COORDINATOR):
            found.add(Relation.COORDINATOR)
        if self.has(Role.ADMINISTRATOR):
            found.add(Relation.ADMINISTRATOR)
        return frozenset(found)

    def may_know(self, matter: "Information", *further: "Relation") -> bool:
        """Whether the actor may learn this, standing in these relations to it beside those of their roles."""
        return may_know(self.relations.union(further), matter)

    def may(self, grant: Permission) -> bool:
        """Whether one of the actor's roles is for this."""
        return any(grant in GRANTS[role] for role in self.roles)


ANONYMOUS = Actor(kind=ActorKind.ANONYMOUS)
SYSTEM = Actor(kind=ActorKind.SYSTEM)


class Relation(StrEnum):
    """How somebody stands to the newsroom, or to one object in it. A person may stand in several."""

    AUTHOR = "author"
    CONTRIBUTOR = "contributor"
    COORDINATOR = "coordinator"
    TRANSLATOR = "translator"
    """There is a translation task in one of their languages."""
    HOLDER = "holder"
    """The task is, or was, in their hands."""
    ADMINISTRATOR = "administrator"
    ONESELF = "oneself"
    """It is about them."""
    COLLEAGUE = "colleague"
    """Anybody who is signed in."""
    READER = "reader"
    """Anybody at all."""


RESTS_ON: dict[Relation, Role] = {
    Relation.AUTHOR: Role.ANALYST,
    Relation.CONTRIBUTOR: Role.ANALYST,
    Relation.TRANSLATOR: Role.TRANSLATOR,
    Relation.HOLDER: Role.TRANSLATOR,
}
"""The role without which a relation to an object gives no right. A holder needs the language, too.

The relation itself stays in the database: a person who gets the role back has again what it gave. Four eyes
do not look at roles: a text is read by a second person, whatever its author is by now.
"""


class Information(StrEnum):
    """What there is to know."""

    UNFINISHED_TEXT = "unfinished_text"
    """A text in every revision: draft, in review, discarded, and what is being changed."""
    APPROVED_TEXT = "approved_text"
    """The source text that a second person agreed to, and the editions in one's languages."""
    LIVE_TEXT = "live_text"
    """What readers see."""
    AUTHORSHIP = "authorship"
    """Who wrote a text, who contributed, when it was written."""
    REVIEWERS = "reviewers"
    """Who reviewed and published it: the coordinators' display names."""
    TRANSLATORS = "translators"
    """Who translates, and until when they hold the task."""
    HISTORY = "history"
    """What happened to a commentary, in words."""
    HISTORY_OF_TASK = "history_of_task"
    """What happened to a translation, in words."""
    BYLINES = "bylines"
    """Who stands behind a byline."""
    EDITORIAL_TRAIL = "editorial_trail"
    """Every step on texts and translations."""
    ACCOUNTS_TRAIL = "accounts_trail"
    """Sign-ins, roles, invitations, keys."""
    NAMES = "names"
    """Display names and roles of the people here."""
    ACCOUNTS = "accounts"
    """E-mail addresses, and whether an account can be used."""


_R = Relation

MAY_KNOW: dict[Information, frozenset[Relation]] = {
    Information.UNFINISHED_TEXT: frozenset({_R.AUTHOR, _R.CONTRIBUTOR, _R.COORDINATOR}),
    Information.APPROVED_TEXT: frozenset({_R.AUTHOR, _R.CONTRIBUTOR, _R.COORDINATOR, _R.TRANSLATOR}),
    Information.LIVE_TEXT: frozenset(Relation),
    Information.AUTHORSHIP: frozenset({_R.AUTHOR, _R.CONTRIBUTOR, _R.COORDINATOR}),
    Information.REVIEWERS: frozenset({_R.AUTHOR, _R.CONTRIBUTOR, _R.COORDINATOR}),
    Information.TRANSLATORS: frozenset({_R.ONESELF, _R.COORDINATOR}),
    Information.HISTORY: frozenset({_R.AUTHOR, _R.CONTRIBUTOR, _R.COORDINATOR}),
    Information.HISTORY_OF_TASK: frozenset({_R.HOLDER, _R.COORDINATOR}),
    Information.BYLINES: frozenset({_R.ONESELF, _R.COORDINATOR}),
    Information.EDITORIAL_TRAIL: frozenset({_R.COORDINATOR}),
    Information.ACCOUNTS_TRAIL: frozenset({_R.ADMINISTRATOR}),
    Information.NAMES: frozenset({_R.ONESELF, _R.COORDINATOR, _R.ADMINISTRATOR}),
    Information.ACCOUNTS: frozenset({_R.ONESELF, _R.ADMINISTRATOR}),
}
"""Need to know: who may learn what. The one table of it; docs/need-to-know.md is drawn from it."""


class AuditCategory(StrEnum):
    """Which part of the trail an entry belongs to."""

    EDITORIAL = "editorial"
    ACCOUNTS = "accounts"


PARTS_OF_TRAIL: dict[AuditCategory, Information] = {
    AuditCategory.EDITORIAL: Information.EDITORIAL_TRAIL,
    AuditCategory.ACCOUNTS: Information.ACCOUNTS_TRAIL,
}
"""What a person must be let know to read a part."""


def may_know(relations: Iterable[Relation], matter: Information) -> bool:
    """Whether somebody in one of these relations may learn this."""
    return not MAY_KNOW[matter].isdisjoint(relations)


class Visibility(StrEnum):
    """How much of a commentary somebody sees. From most to least."""

    WHOLE = "whole"
    """The text in every revision, who wrote it, the notes, the history."""
    TRANSLATION = "translation"
    """The approved source text, and the editions in their languages. The byline, never the author."""
    LIVE = "live"
    """What readers see."""
    NOTHING = "nothing"
    """It does not exist for them."""


TRANSLATION_STATES = frozenset(
    {
        CommentaryState.IN_TRANSLATION,
        CommentaryState.READY,
        CommentaryState.PUBLISHED,
        CommentaryState.RETRACTED,
    }
)
"""The states in which the approved text stands: only then is it a translator's to see."""


def visibility_of(relations: frozenset[Relation], state: CommentaryState, *, any_live: bool) -> Visibility:
    """How much of a commentary in `state` somebody in these relations sees."""
    if may_know(relations, Information.UNFINISHED_TEXT):
        return Visibility.WHOLE
    if state in TRANSLATION_STATES and may_know(relations, Information.APPROVED_TEXT):
        return Visibility.TRANSLATION
    return Visibility.LIVE if any_live and may_know(relations, Information.LIVE_TEXT) else Visibility.NOTHING


class Part(StrEnum):
    """In which part somebody talks about a text."""

    AUTHOR = "author"
    CONTRIBUTOR = "contributor"
    COORDINATOR = "coordinator"
    TRANSLATOR = "translator"


def commenter_role(
    actor: Actor,
    language: str,
    *,
    is_author: bool = False,
    is_contributor: bool = False,
    is_holder: bool = False,
) -> Part | None:
    """In which part somebody comments on a text in this language; none for who may not.

    A source text is talked about by its author, its contributors and coordinators; a translation by its
    holder and coordinators. Whoever is several of them is what is named first.
    """
    if is_author and actor.keeps(Relation.AUTHOR):
        return Part.AUTHOR
    if is_contributor and actor.keeps(Relation.CONTRIBUTOR):
        return Part.CONTRIBUTOR
    if is_holder and actor.translates(language):
        return Part.TRANSLATOR
    return Part.COORDINATOR if actor.has(Role.COORDINATOR) else None


def scope_names_people(actor: Actor, *, of_source: bool) -> bool:
    """Whether somebody in a talk may know the names of the others.

    Authors and coordinators of a source know one another. A translator knows nobody by name, and nobody but
    coordinators knows who translates.
    """
    return of_source or actor.may_know(Information.TRANSLATORS)


def may_know_holder(actor: Actor, language: str, *, is_holder: bool) -> bool:
    """Whether the actor may know who translates into a language, and until when they hold the task."""
    holds = is_holder and actor.translates(language)
    return actor.may_know(Information.TRANSLATORS, *((Relation.ONESELF,) if holds else ()))
