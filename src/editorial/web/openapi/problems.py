"""The problems in the document: one answer for each status, shared by all that can give it."""

from collections.abc import Iterable, Sequence

from editorial.core.refusals import NotSignedIn, RateLimited, Refusal, Unavailable
from editorial.locales import render
from editorial.web import PROBLEM_TYPE, STATUS, Problem, status_of
from editorial.web.openapi import examples
from editorial.web.openapi.headers import header
from editorial.web.openapi.routes import Route
from editorial.web.openapi.schemas import Schemas
from editorial.web.openapi.sentences import Json

HEADERS_OF_PROBLEMS: dict[type[Refusal], tuple[str, ...]] = {
    NotSignedIn: ("WWW-Authenticate",),
    RateLimited: ("Retry-After", "RateLimit", "RateLimit-Policy"),
    Unavailable: ("Retry-After",),
}
_FAMILIES = {status: family for family, status in STATUS.items()}


def by_status(problems: Iterable[type[Refusal]]) -> dict[int, list[type[Refusal]]]:
    """Problems by the status that they get."""
    found: dict[int, list[type[Refusal]]] = {}
    for refusal in problems:
        found.setdefault(status_of(refusal), []).append(refusal)
    return found


def problem(refusals: Sequence[type[Refusal]]) -> Json:
    """The shared answer for a status, with the problems that this route gives it for."""
    family = _FAMILIES[status_of(refusals[0])]
    told = "; ".join(f"{render(refusal.title, 'en')} (`{refusal.code}`)" for refusal in refusals)
    return {"$ref": f"#/components/responses/{family.__name__}", "description": f"{told}."}


def shared_responses(routes: Iterable[Route], schemas: Schemas) -> Json:
    """The answer of each status that some route refuses with."""
    used = by_status(sorted({one for route in routes for one in route.problems}, key=lambda one: one.code))
    shared: Json = {}
    for status in sorted(used):
        family = _FAMILIES[status]
        headers = ["X-Request-Id", "Content-Language"]
        if family in HEADERS_OF_PROBLEMS:
            headers += HEADERS_OF_PROBLEMS[family]
        shared[family.__name__] = {
            "description": render(family.explanation, "en"),
            "headers": {name: header(name) for name in headers},
            "content": {
                PROBLEM_TYPE: {
                    "schema": schemas.reference(Problem),
                    "examples": examples.of_problems(used[status]),
                }
            },
        }
    return shared
