"""What the machines need to know of a commentary or a task, and of the actor's relation to it."""

import msgspec

from editorial.core.checks import PublicationWarning
from editorial.core.states import CommentaryState, TaskState
from editorial.locales import Message


class Commentary(msgspec.Struct, frozen=True, kw_only=True):
    """What the machine needs to know of a commentary, and of how the actor stands to it."""

    state: CommentaryState
    version: int
    is_author: bool = False
    is_contributor: bool = False
    wrote_it: bool = False
    """The actor is its author, or made a revision of the source since it was last approved; in any role."""
    was_published: bool = False
    missing_parts: tuple[str, ...] = ()
    """Which of title, lead, blocks and trend the source text still lacks."""
    ready_languages: frozenset[str] = frozenset()
    """Editions whose approved or accepted text is not what readers see."""
    live_languages: frozenset[str] = frozenset()
    scheduled_languages: frozenset[str] = frozenset()
    names_languages: bool = False
    """The request says which editions it is for: those with a schedule of their own, too."""
    section_is_closed: bool = False
    blocking: tuple[PublicationWarning, ...] = ()
    """Warnings with which the newsroom lets nothing go live."""

    @property
    def languages_to_publish(self) -> frozenset[str]:
        """The ready editions that can go: all of them where they are named, else those without a schedule."""
        return (
            self.ready_languages if self.names_languages else self.ready_languages - self.scheduled_languages
        )


class BlockingWarning(msgspec.Struct, frozen=True, kw_only=True):
    """A warning of a translation that has to be answered, or its cause mended, before the text goes on."""

    pointer: str
    kind: str
    detail: Message


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """What the machine needs to know of a translation task, and of how the actor stands to it."""

    state: TaskState
    version: int
    language: str
    is_holder: bool = False
    translated_it: bool = False
    """The actor made a revision of this translation since it was last accepted, or holds the task."""
    source_is_approved: bool = True
    unfinished_units: tuple[str, ...] = ()
    """Units that are missing or outdated."""
    blocking: tuple[BlockingWarning, ...] = ()
    """Unanswered warnings with which the newsroom lets nothing go live."""
    claims_held: int = 0
    claim_limit: int = 5


def naming(subject: Commentary) -> Commentary:
    """The commentary for a request that says which editions it is for."""
    return msgspec.structs.replace(subject, names_languages=True)


def in_language(subject: Commentary, language: str) -> Commentary:
    """The commentary as if it had this one edition: what can be done with one language alone."""
    only = frozenset({language})
    return msgspec.structs.replace(
        subject,
        ready_languages=subject.ready_languages & only,
        live_languages=subject.live_languages & only,
        scheduled_languages=subject.scheduled_languages & only,
        blocking=tuple(warning for warning in subject.blocking if warning.language == language),
    )
