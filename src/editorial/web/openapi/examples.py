"""What answers look like: recorded from a walk through a newsroom (`make examples`), or made, if refusals."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import msgspec

from editorial.core.refusals import FieldError, Invalid, NotInThisState, PreconditionFailed, Refusal
from editorial.locales import Message
from editorial.resources import folder
from editorial.web.openapi.sentences import Json
from editorial.web.problems import problem_bytes

_TOLD_MORE: dict[type[Refusal], Refusal] = {
    Invalid: Invalid(
        faults=[FieldError(pointer="/blocks/0/text", detail=Message("fault.required"), code="missing")]
    ),
    PreconditionFailed: PreconditionFailed(version=4),
    NotInThisState: NotInThisState(state="in_review", allowed_actions=["recall"]),
}
"""The refusals that say more than their own words."""


@cache
def recorded() -> Mapping[str, Any]:
    """What each operation answered, by its name."""
    written = (folder("openapi") / "answers.yaml").read_bytes()
    return msgspec.yaml.decode(written, type=dict[str, Any])


def of_problems(refusals: Iterable[type[Refusal]]) -> Json:
    """Each refusal as a problem, by its code."""
    return {refusal.code: {"value": _problem(refusal)} for refusal in refusals}


def _problem(refusal: type[Refusal]) -> Json:
    made = problem_bytes(_TOLD_MORE.get(refusal) or refusal(), "/v1/commentaries")
    told: Json = msgspec.json.decode(made)
    return told | {"request_id": "8e03978e-40d5-43dd-bc93-6894a57f9324"}
