"""The states and actions of the three machines, by name. What they mean together stands in `workflow.py`."""

from enum import StrEnum


class CommentaryState(StrEnum):
    """Where a commentary stands in its life."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    IN_TRANSLATION = "in_translation"
    READY = "ready"
    PUBLISHED = "published"
    RETRACTED = "retracted"
    DISCARDED = "discarded"


class EditionStatus(StrEnum):
    """What readers can, or soon will, see of one language version."""

    PENDING = "pending"
    READY = "ready"
    SCHEDULED = "scheduled"
    LIVE = "live"
    RETRACTED = "retracted"


class PublicationKind(StrEnum):
    """What readers were told of an edition."""

    FIRST = "first"
    CORRECTION = "correction"
    MINOR = "minor"
    RETRACTION = "retraction"
    AGAIN = "again"
    """It was taken down, and is back as it was."""


class TaskState(StrEnum):
    """Where the work on one translated edition stands."""

    OPEN = "open"
    CLAIMED = "claimed"
    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    CANCELLED = "cancelled"


class Action(StrEnum):
    """Everything that a person or the system does to a commentary or a translation task."""

    CREATE = "create"
    EDIT = "edit"
    SUBMIT = "submit"
    RECALL = "recall"
    REQUEST_CHANGES = "request_changes"
    APPROVE = "approve"
    REOPEN = "reopen"
    PUBLISH = "publish"
    SCHEDULE = "schedule"
    UNSCHEDULE = "unschedule"
    REVISE = "revise"
    RETRACT = "retract"
    CHANGE_SLUG = "change_slug"
    DISCARD = "discard"
    RESTORE = "restore"
    NAME_CONTRIBUTORS = "name_contributors"
    CHANGE_SECTION = "change_section"
    CHANGE_WEEK = "change_week"
    CHANGE_BYLINE = "change_byline"
    ADD_LANGUAGE = "add_language"
    DROP_LANGUAGE = "drop_language"

    CLAIM = "claim"
    ASSIGN = "assign"
    RELEASE = "release"
    SAVE = "save"
    RETURN = "return"
    ACCEPT = "accept"
    CANCEL = "cancel"
    CHANGE_DUE_DATE = "change_due_date"
    ANSWER_WARNING = "answer_warning"
