"""The OpenAPI document: whole, right, committed. And what the application says of itself without it."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from described import APP, DOCUMENT
from editorial.app import app_without_database
from editorial.core.refusals import every_refusal
from editorial.locales import render
from editorial.web import status_of, validate
from editorial.web.openapi import as_yaml, document
from editorial.web.openapi.sentences import Json

ROOT = Path(__file__).parents[2]
COMMITTED = ROOT / "openapi" / "editorial.yaml"
ORIGIN = "https://desk.example.org"

PUBLIC = {
    "change_password",
    "get_keys",
    "get_published_commentary",
    "get_week_issue",
    "get_atom_feed",
    "get_json_feed",
    "get_linked_article",
    "get_ninjs",
    "get_rss_feed",
    "get_section_atom_feed",
    "get_section_json_feed",
    "get_section_rss_feed",
    "get_sitemap",
    "get_sitemap_index",
    "list_checkpoints",
    "list_ninjs",
    "list_published",
    "list_published_sections",
    "list_published_weeks",
    "list_trail_keys",
    "refresh_session",
    "request_password_reset",
    "search_published",
    "sign_in",
}
"""The operations for which nobody has to be signed in."""

PAGES = {
    "/",
    "/docs",
    "/docs/{name}",
    "/healthz",
    "/metrics",
    "/openapi.json",
    "/openapi.yaml",
    "/problems",
    "/problems/{code}",
    "/readyz",
}
"""What is for people and machines around the API, not part of it: public, and not in the document."""

EXAMPLES = {
    "id": "01900000-0000-7000-8000-000000000000",
    "thread": "01900000-0000-7000-8000-000000000000",
    "warning": "00000000000000000000000000000000",
    "number": "1",
    "week": "2024-W30",
}


def routes() -> Iterator[tuple[str, str, HTTPRouteHandler]]:
    """Every method of every address, with its handler."""
    for route in APP.routes:
        assert isinstance(route, HTTPRoute)
        for method, (handler, _) in route.route_handler_map.items():
            if method != "OPTIONS":
                yield method, route.path_format, handler


def operations() -> list[tuple[str, str, Json]]:
    """Every operation of the document: method, path, and what is said of it."""
    return [
        (method.upper(), path, operation)
        for path, methods in DOCUMENT["paths"].items()
        for method, operation in methods.items()
    ]


HANDLERS = {handler.operation_id: handler for _, path, handler in routes() if path not in PAGES}
each_operation = pytest.mark.parametrize(
    ("method", "path", "operation"), operations(), ids=[one["operationId"] for _, _, one in operations()]
)


def schemas_in(value: Any) -> Iterator[Json]:
    """Every schema that stands in a part of the document, also within others."""
    if isinstance(value, list):
        for one in value:
            yield from schemas_in(one)
    if isinstance(value, dict):
        for key, one in value.items():
            if key in {"example", "examples"}:
                continue
            if key in {"schema", "items", "additionalProperties"} and isinstance(one, dict):
                yield one
            if key in {"oneOf", "anyOf", "allOf"}:
                yield from one
            if key == "properties":
                yield from one.values()
            yield from schemas_in(one)


def references_in(value: Any) -> Iterator[str]:
    """Every reference in a part of the document."""
    if isinstance(value, list):
        for one in value:
            yield from references_in(one)
    if isinstance(value, dict):
        for key, one in value.items():
            if key == "$ref":
                yield one
            if key == "mapping":
                yield from one.values()
            yield from references_in(one)


def resolved(reference: str) -> Any:
    """What a reference leads to."""
    found: Any = DOCUMENT
    for part in reference.removeprefix("#/").split("/"):
        found = found[part.replace("~1", "/").replace("~0", "~")]
    return found


def filled(path: str) -> str:
    """A path with something in place of each parameter."""
    return re.sub(r"\{(\w+)\}", lambda one: EXAMPLES.get(one[1], "en"), path)


def is_problem(response: Json) -> bool:
    """Whether a response of the document is a problem, in the form that problems have."""
    if "$ref" not in response:
        return False
    content = resolved(response["$ref"])["content"]
    assert list(content) == ["application/problem+json"]
    assert content["application/problem+json"]["schema"] == {"$ref": "#/components/schemas/Problem"}
    return True


def test_the_document_is_the_one_that_is_committed() -> None:
    assert as_yaml(DOCUMENT) == COMMITTED.read_text(encoding="utf-8")


def test_the_document_is_the_same_each_time() -> None:
    assert document(app_without_database()) == DOCUMENT
    assert msgspec.yaml.decode(as_yaml(DOCUMENT)) == DOCUMENT


def test_every_route_is_in_the_document_and_the_other_way_round() -> None:
    served = {(method, path) for method, path, _ in routes() if path not in PAGES}
    assert served == {(method, path) for method, path, _ in operations()}


def test_every_page_is_there_and_none_is_in_the_document() -> None:
    assert {path for _, path, _ in routes()} >= PAGES
    assert not PAGES & DOCUMENT["paths"].keys()


@each_operation
def test_an_operation_has_a_name_a_sentence_and_its_security(method: str, path: str, operation: Json) -> None:
    name = operation["operationId"]
    assert name.isidentifier()
    assert name == name.lower()
    assert name == HANDLERS[name].name
    assert re.match(r"[A-Z].{5,}[^.]$", operation["summary"]), operation["summary"]
    assert operation["security"] == ([] if name in PUBLIC else [{"bearer": []}])
    described = {tag["name"] for tag in DOCUMENT["tags"] if "description" in tag}
    assert set(operation["tags"]) <= described


@each_operation
def test_a_body_has_an_example_that_is_good(method: str, path: str, operation: Json) -> None:
    handler = HANDLERS[operation["operationId"]]
    taken = handler.opt["takes"]
    assert (taken is not None) == ("requestBody" in operation)
    if taken is None:
        return
    media = operation["requestBody"]["content"]
    merge_patch = {"application/merge-patch+json"} if method == "PATCH" else set()
    assert set(media) == {handler.opt["takes_as"] or "application/json"} | merge_patch
    for one in media.values():
        validate(one["example"], taken).checked()


@each_operation
def test_an_operation_names_its_problems_and_no_others(method: str, path: str, operation: Json) -> None:
    known = {refusal.code: status_of(refusal) for refusal in every_refusal()}
    told = {str(known[code]) for code in operation["x-problems"]}
    answered = {status for status, one in operation["responses"].items() if is_problem(one)}
    assert told == answered
    for status in answered:
        codes = [code for code in operation["x-problems"] if str(known[code]) == status]
        assert re.findall(r"`([a-z-]+)`", operation["responses"][status]["description"]) == codes
    has = {one["name"] for one in operation.get("parameters", ())}
    assert "401" in answered or operation["operationId"] in PUBLIC
    assert "404" in answered or "{" not in path
    assert ({"412", "428"} <= answered) == ("If-Match" in has)
    assert {"413", "415"} <= answered or "requestBody" not in operation
    assert "503" in answered
    assert "500" not in answered


@each_operation
def test_a_success_has_a_named_schema_and_its_headers(method: str, path: str, operation: Json) -> None:
    successes = {status: one for status, one in operation["responses"].items() if status[0] == "2"}
    assert successes
    for status, one in successes.items():
        assert "X-Request-Id" in one["headers"]
        assert ("content" in one) == (status != "204")
        for kind, media in one.get("content", {}).items():
            assert kind == (HANDLERS[operation["operationId"]].opt["gives_as"] or "application/json")
            # A file is kept by whoever gets it; a feed is read where it is.
            assert kind == "application/json" or {"Content-Disposition", "Last-Modified"} & set(
                one["headers"]
            )
            name = media["schema"]["$ref"].rpartition("/")[2]
            assert name in DOCUMENT["components"]["schemas"]
            schema = resolved(media["schema"]["$ref"])
            assert "Link" in one["headers"] or not name.endswith("Page")
            assert "ETag" in one["headers"] or "version" not in schema.get("properties", {})


def test_no_object_and_no_choice_is_anonymous() -> None:
    for schema in schemas_in(DOCUMENT["paths"]):
        assert not {"properties", "enum", "oneOf", "anyOf", "allOf"} & schema.keys(), schema
        assert schema.get("type") != "object", schema
    for name, component in DOCUMENT["components"]["schemas"].items():
        for schema in schemas_in(component):
            assert not {"properties", "enum", "oneOf"} & schema.keys(), name


def test_every_choice_between_objects_has_a_discriminator() -> None:
    for name, component in DOCUMENT["components"]["schemas"].items():
        if "oneOf" in component:
            told = component["discriminator"]
            assert set(told["mapping"].values()) == {one["$ref"] for one in component["oneOf"]}, name
            for tag, reference in told["mapping"].items():
                member = resolved(reference)
                assert member["properties"][told["propertyName"]]["const"] == tag
                assert told["propertyName"] in member["required"]


def test_every_reference_resolves_and_every_component_is_used() -> None:
    used = set(references_in(DOCUMENT))
    for reference in used:
        assert isinstance(resolved(reference), dict)
    made = {
        f"#/components/{kind}/{name}"
        for kind in ("schemas", "responses", "headers")
        for name in DOCUMENT["components"][kind]
    }
    assert made <= used


@pytest.mark.parametrize(
    ("method", "path"),
    # In order, so that two workers of one run collect the same tests.
    sorted((method, path) for method, path, one in routes() if path not in PAGES and one.name not in PUBLIC),
)
async def test_a_route_that_is_not_public_refuses_an_anonymous_caller(
    anonymous: httpx.AsyncClient, method: str, path: str
) -> None:
    response = await anonymous.request(method, filled(path))
    assert response.status_code == 401
    assert response.json()["code"] == "not-signed-in"
    assert "WWW-Authenticate" in response.headers


def test_the_public_operations_are_these() -> None:
    assert {name for name, handler in HANDLERS.items() if handler.opt.get("public")} == PUBLIC


@pytest.mark.parametrize("path", sorted({path for _, path, _ in routes()}))
async def test_an_address_says_which_methods_it_takes(anonymous: httpx.AsyncClient, path: str) -> None:
    taken = {method for method, other, _ in routes() if other == path} | {"OPTIONS"}
    if "GET" in taken:
        taken.add("HEAD")
    allowed = (await anonymous.options(filled(path))).headers["Allow"]
    assert set(allowed.split(", ")) == taken
    not_taken = next(method for method in ("PUT", "DELETE", "PATCH") if method not in taken)
    refused = await anonymous.request(not_taken, filled(path))
    assert refused.status_code == 405
    assert refused.headers["Allow"] == allowed
    assert refused.json()["code"] == "wrong-method"


@pytest.mark.parametrize("path", ["/healthz", "/openapi.json", "/openapi.yaml", "/docs", "/problems"])
async def test_head_answers_as_get_without_the_body(anonymous: httpx.AsyncClient, path: str) -> None:
    whole, bare = await anonymous.get(path), await anonymous.head(path)
    assert (whole.status_code, bare.status_code, bare.content) == (200, 200, b"")
    assert bare.headers["Content-Length"] == str(len(whole.content))


@pytest.mark.parametrize("path", ["/nowhere", "/v1", "/v1/nowhere", "/v1/commentaries/1/nowhere"])
async def test_an_address_that_is_not_there_is_404_for_anybody(
    anonymous: httpx.AsyncClient, path: str
) -> None:
    response = await anonymous.get(path)
    assert response.status_code == 404
    assert response.headers["Content-Type"] == "application/problem+json"


async def test_a_front_end_of_a_known_origin_is_let_in(anonymous: httpx.AsyncClient) -> None:
    asked = {"Origin": ORIGIN, "Access-Control-Request-Method": "POST"}
    preflight = await anonymous.options("/v1/commentaries?limit=5", headers=asked)
    assert preflight.status_code == 204
    assert preflight.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "POST" in preflight.headers["Access-Control-Allow-Methods"]
    assert "If-Match" in preflight.headers["Access-Control-Allow-Headers"]
    answer = await anonymous.get("/v1/me", headers={"Origin": ORIGIN})
    assert answer.status_code == 401
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "ETag" in answer.headers["Access-Control-Expose-Headers"]


@pytest.mark.parametrize("origin", ["https://evil.example.org", "null", f"{ORIGIN}.evil.org", None])
async def test_no_other_origin_is_let_in(anonymous: httpx.AsyncClient, origin: str | None) -> None:
    sent = {"Origin": origin} if origin else {}
    preflight = {"Access-Control-Request-Method": "POST", **sent}
    for response in (
        await anonymous.options("/v1/commentaries", headers=preflight),
        await anonymous.get("/problems", headers=sent),
    ):
        assert not [name for name in response.headers if name.startswith("access-control-")]
        assert "Origin" in response.headers["Vary"]


@pytest.mark.parametrize("refusal", every_refusal(), ids=lambda refusal: refusal.code)
async def test_every_problem_is_explained_to_people_and_to_programs(
    anonymous: httpx.AsyncClient, refusal: Any
) -> None:
    path = f"/problems/{refusal.code}"
    page = await anonymous.get(path, headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert page.headers["Content-Type"].startswith("text/html")
    assert "<h1>" in page.text
    told = (await anonymous.get(path, headers={"Accept": "application/json"})).json()
    assert (told["code"], told["title"]) == (refusal.code, render(refusal.title, "en"))
    assert told["status"] == status_of(refusal)


async def test_the_pages_run_nothing_from_elsewhere(anonymous: httpx.AsyncClient) -> None:
    page = await anonymous.get("/docs")
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    assert not re.search(r"https?:|<script>|style=|onload", page.text)
    for file in re.findall(r'(?:src|href|data-document)="(/[^"]+)"', page.text):
        assert (await anonymous.get(file)).status_code == 200, file


def test_the_document_has_the_licence_of_the_program() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert DOCUMENT["info"]["license"] == {"name": project["license"], "identifier": project["license"]}
    assert "Apache License" in (ROOT / project["license-files"][0]).read_text(encoding="utf-8")
