"""One operation: its name, its sentences, what it takes and what it gives."""

from editorial.web.openapi.examples import recorded
from editorial.web.openapi.headers import header, headers_of
from editorial.web.openapi.parameters import ACCEPT_LANGUAGE, IDEMPOTENCY_KEY, parameter
from editorial.web.openapi.problems import by_status, problem
from editorial.web.openapi.routes import Route
from editorial.web.openapi.schemas import Schemas
from editorial.web.openapi.sentences import Json, sentences, tag_of

PAGES = "/v1/published"
"""What readers get: its language is in its address, so that caches need not ask for another."""


def operation(route: Route, drawn: Json, schemas: Schemas) -> Json:
    """One method of one address, as OpenAPI has it."""
    summary, description = sentences(route.handler.fn.__doc__ or "")
    operation: Json = {"operationId": drawn["operationId"], "summary": summary}
    if description:
        operation["description"] = description
    operation["tags"] = [tag_of(route.path)]
    operation["security"] = [] if route.is_public else [{"bearer": []}]
    parameters = [parameter(route, one, schemas) for one in drawn.get("parameters", ())]
    if route.is_cached and route.method == "get":
        parameters.append(
            {
                "name": "If-None-Match",
                "in": "header",
                "description": "The ETag of the answer that you have already.",
                "schema": {"type": "string"},
            }
        )
    if not route.path.startswith(PAGES):
        parameters.append(ACCEPT_LANGUAGE)
    if route.takes_keys:
        parameters.append(IDEMPOTENCY_KEY)
    if parameters:
        operation["parameters"] = parameters
    if route.takes is not None:
        operation["requestBody"] = _body(route, schemas)
    operation["responses"] = _successes(route, schemas) | {
        str(status): problem(found) for status, found in by_status(route.problems).items()
    }
    operation["x-problems"] = [refusal.code for refusal in route.problems]
    return operation


def _body(route: Route, schemas: Schemas) -> Json:
    media: Json = {"schema": schemas.reference(route.takes, called=_called(route, "Request"))}
    if route.handler.opt.get("example") is not None:
        media["example"] = route.handler.opt["example"]
    taken = [route.handler.opt.get("takes_as") or "application/json"]
    if route.method == "patch":
        taken.append("application/merge-patch+json")
    return {"required": True, "content": dict.fromkeys(taken, media)}


def _called(route: Route, ending: str) -> str:
    """The name of a schema that has none of its own."""
    words = str(route.handler.operation_id).split("_")
    return "".join(word.capitalize() for word in words) + ending


def _successes(route: Route, schemas: Schemas) -> Json:
    """The answers of a route that are no problems, by status."""
    headers = {name: header(name) for name in headers_of(route)}
    answers: Json = {}
    status = str(route.handler.status_code)
    if route.gives is not None:
        reference = schemas.reference(route.gives, called=_called(route, "Answer"))
        media: Json = {"schema": reference}
        if str(route.handler.operation_id) in recorded():
            media["example"] = recorded()[str(route.handler.operation_id)]
        answers[status] = {
            "description": schemas.told(reference) or "The answer.",
            "headers": headers,
            "content": {route.handler.opt.get("gives_as") or "application/json": media},
        }
    if route.may_be_empty:
        answers["204" if route.gives is not None else status] = {
            "description": "Done; there is nothing to tell.",
            "headers": {
                name: one for name, one in headers.items() if name in {"X-Request-Id", "Idempotency-Replayed"}
            },
        }
    if route.is_cached:
        kept = {name: headers[name] for name in ("X-Request-Id", "ETag", "Cache-Control")}
        answers["304"] = {"description": "You have it already.", "headers": kept}
        if "{slug}" in route.path:
            moved = {name: header(name) for name in ("X-Request-Id", "Location", "Cache-Control")}
            answers["308"] = {"description": "It has another address now.", "headers": moved}
    return answers
