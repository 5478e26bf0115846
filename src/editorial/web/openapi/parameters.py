"""The parameters of operations: in the address, in the query, in headers."""

from editorial.web.openapi.routes import Route
from editorial.web.openapi.schemas import Schemas
from editorial.web.openapi.sentences import Json

_WORDS = "^[a-z0-9]+(-[a-z0-9]+)*$"
FORMS: dict[str, Json] = {
    "language": {"pattern": "^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$", "examples": ["be"]},
    "week": {"pattern": "^[0-9]{4}-W[0-9]{2}$", "examples": ["2024-W30"]},
    "slug": {"pattern": _WORDS, "examples": ["grain-exports-fall-for-the-third-month"]},
    "key": {"pattern": _WORDS, "examples": ["economy"]},
    "If-Match": {"pattern": '^"[0-9]{1,9}"$', "examples": ['"3"']},
}
"""The form of an address's parts and of headers by name, where their types do not tell it."""

ACCEPT_LANGUAGE: Json = {
    "name": "Accept-Language",
    "in": "header",
    "description": (
        "The language of the sentences in the answer; English where none of those that are named has a catalogue."
    ),
    "schema": {"type": "string"},
    "example": "be, ru;q=0.8",
}

IDEMPOTENCY_KEY: Json = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": (
        "Any word that you choose anew for each request, a UUID for one. Sent again with the same body "
        "within 24 hours, the request is not carried out again, and gets its first answer again."
    ),
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    "example": "8e03978e-40d5-43dd-bc93-6894a57f9324",
}


def parameter(route: Route, drawn: Json, schemas: Schemas) -> Json:
    """One parameter of a route, of which Litestar's outline is `drawn`."""
    parameter: Json = {"name": drawn["name"], "in": drawn["in"]}
    if drawn["required"] or drawn["name"] == "If-Match":
        parameter["required"] = True
    schema = dict(drawn["schema"])
    if "description" in schema:
        parameter["description"] = schema.pop("description")
    # A parameter that is not given is absent, never null.
    options = [one for one in schema.pop("oneOf", ()) if one != {"type": "null"}]
    if len(options) == 1:
        schema |= options[0]
    elif options:
        schema["anyOf"] = options
    if "$ref" in schema:
        name = schema.pop("$ref").rpartition("/")[2].rpartition(".")[2]
        schema |= schemas.reference(route.enums[name])
    schema = {
        key: int(value) if isinstance(value, float) and value.is_integer() else value
        for key, value in schema.items()
    }
    # A query for an unknown value finds nothing; an address of another form leads nowhere.
    form = {} if parameter["in"] == "query" or "$ref" in schema else FORMS.get(parameter["name"], {})
    parameter["schema"] = form | schema
    return parameter
