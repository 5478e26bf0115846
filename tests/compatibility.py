"""What of an OpenAPI document breaks the clients of an earlier one. Run as a program, it compares two files.

It knows the parts of OpenAPI that our own document uses. What it does not know of is a change of meaning
under the same form: no tool sees that.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

Json = dict[str, Any]
METHODS = {"get", "post", "put", "patch", "delete"}


class Comparison:
    """An earlier document and a later one."""

    def __init__(self, old: Json, new: Json) -> None:
        """Keep both, for their references."""
        self.old = old
        self.new = new
        self._compared: set[tuple[str, str, bool]] = set()

    def breaks(self) -> Iterator[str]:
        """Every change that a client of the earlier document can run into, in a sentence."""
        for path, methods in self.old["paths"].items():
            for method in METHODS & methods.keys():
                name = f"{method.upper()} {path}"
                later = self.new["paths"].get(path, {}).get(method)
                if later is None:
                    yield f"{name} is gone."
                else:
                    yield from self._of_operation(name, methods[method], later)

    def _of_operation(self, name: str, old: Json, new: Json) -> Iterator[str]:
        if old["operationId"] != new["operationId"]:
            yield f"{name} is called {new['operationId']}, and was {old['operationId']}."
        if not old.get("security") and new.get("security"):
            yield f"{name} needs signing in."
        yield from self._of_parameters(name, old, new)
        yield from self._of_body(name, old, new)
        for status, response in old["responses"].items():
            if status[0] != "2":
                continue
            later = new["responses"].get(status)
            if later is None:
                yield f"{name} does not answer {status} any more."
                continue
            for header in response.get("headers", {}).keys() - later.get("headers", {}).keys():
                yield f"{name} does not send {header} with {status} any more."
            for kind, media in response.get("content", {}).items():
                if kind not in later.get("content", {}):
                    yield f"{name} does not answer in {kind} any more."
                elif "schema" in media:
                    place = f"{name} {status}"
                    yield from self._given(place, media["schema"], later["content"][kind]["schema"])

    def _of_parameters(self, name: str, old: Json, new: Json) -> Iterator[str]:
        before = {(one["in"], one["name"]): one for one in old.get("parameters", ())}
        after = {(one["in"], one["name"]): one for one in new.get("parameters", ())}
        for key, one in before.items():
            if key not in after:
                yield f"{name} does not know the parameter {key[1]} any more."
            else:
                place = f"{name} parameter {key[1]}"
                yield from self._taken(place, one["schema"], after[key]["schema"])
        for key, one in after.items():
            if one.get("required") and not before.get(key, {}).get("required"):
                yield f"{name} needs the parameter {key[1]}."

    def _of_body(self, name: str, old: Json, new: Json) -> Iterator[str]:
        before, after = old.get("requestBody"), new.get("requestBody")
        if before is None and after is not None and after.get("required"):
            yield f"{name} needs a body."
        if before is None:
            return
        for kind, media in before["content"].items():
            later = (after or {"content": {}})["content"].get(kind)
            if later is None:
                yield f"{name} does not take {kind} any more."
            elif "schema" in media:
                yield from self._taken(f"{name} body", media["schema"], later["schema"])

    def _taken(self, place: str, old: Json, new: Json) -> Iterator[str]:
        """What was taken has to be taken still."""
        yield from self._of_schemas(place, old, new, is_taken=True)

    def _given(self, place: str, old: Json, new: Json) -> Iterator[str]:
        """What is given has to be what could be given before."""
        yield from self._of_schemas(place, old, new, is_taken=False)

    def _of_schemas(self, place: str, old: Json, new: Json, *, is_taken: bool) -> Iterator[str]:
        key = (msgspec.json.encode(old).decode(), msgspec.json.encode(new).decode(), is_taken)
        if key in self._compared:
            return
        self._compared.add(key)
        old, new = _resolved(self.old, old), _resolved(self.new, new)
        narrow, wide = (old, new) if is_taken else (new, old)
        yield from _of_values(place, narrow, wide, is_taken=is_taken)
        yield from self._of_members(place, old, new, is_taken=is_taken)
        yield from self._of_choices(place, old, new, is_taken=is_taken)
        for part in ("items", "additionalProperties"):
            if isinstance(old.get(part), dict) and isinstance(new.get(part), dict):
                yield from self._of_schemas(f"{place}/*", old[part], new[part], is_taken=is_taken)

    def _of_members(self, place: str, old: Json, new: Json, *, is_taken: bool) -> Iterator[str]:
        before, after = old.get("properties", {}), new.get("properties", {})
        for name in sorted(before.keys() - after.keys()):
            yield f"{place}/{name} is gone."
        for name in sorted(before.keys() & after.keys()):
            yield from self._of_schemas(f"{place}/{name}", before[name], after[name], is_taken=is_taken)
        had, has = set(old.get("required", ())), set(new.get("required", ()))
        if is_taken:
            for name in sorted(has - had):
                yield f"{place}/{name} has become required."
        else:
            for name in sorted((had - has) & after.keys()):
                yield f"{place}/{name} may be absent."

    def _of_choices(self, place: str, old: Json, new: Json, *, is_taken: bool) -> Iterator[str]:
        before, after = (self._choices(self.old, old), self._choices(self.new, new))
        lost = before.keys() - after.keys() if is_taken else after.keys() - before.keys()
        if before or after:
            for name in sorted(lost):
                yield f"{place}: {name} is {'not taken any more' if is_taken else 'new, and may be given'}."
        for name in sorted(before.keys() & after.keys()):
            yield from self._of_schemas(f"{place}({name})", before[name], after[name], is_taken=is_taken)

    def _choices(self, document: Json, schema: Json) -> dict[str, Json]:
        """The alternatives of a schema by what tells them apart: their tag, their name or their type."""
        mapping = schema.get("discriminator", {}).get("mapping", {})
        if mapping:
            return {tag: {"$ref": reference} for tag, reference in mapping.items()}
        return {
            one.get("$ref", "").rpartition("/")[2] or str(one.get("type", "any")): one
            for one in [*schema.get("anyOf", ()), *schema.get("oneOf", ())]
        }


def _resolved(document: Json, schema: Json) -> Json:
    while "$ref" in schema:
        found: Any = document
        for part in schema["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        schema = {**found, **{key: value for key, value in schema.items() if key != "$ref"}}
    return schema


def _of_values(place: str, narrow: Json, wide: Json, *, is_taken: bool) -> Iterator[str]:
    """Every value that fits `narrow` has to fit `wide`."""
    told = "takes" if is_taken else "gives"
    for kind in sorted(_types(narrow) - _types(wide)) if _types(wide) else ():
        yield f"{place} {told} {'no' if is_taken else 'also'} {kind}."
    allowed, possible = _values(wide), _values(narrow)
    if allowed is not None and (possible is None or possible - allowed):
        others = "others" if possible is None else ", ".join(sorted(map(str, possible - allowed)))
        yield f"{place} {told} {'no more' if is_taken else 'also'}: {others}."
    for bound, is_upper in BOUNDS.items():
        limit, other = wide.get(bound), narrow.get(bound)
        if limit is None:
            continue
        if other is None or (other > limit if is_upper else other < limit):
            yield f"{place} has another bound: {bound} {narrow.get(bound, 'none')} against {limit}."
    for form in ("pattern", "format"):
        if form in wide and wide[form] != narrow.get(form):
            yield f"{place} has another {form}."


BOUNDS = {
    "maxLength": True,
    "maximum": True,
    "maxItems": True,
    "maxProperties": True,
    "minLength": False,
    "minimum": False,
    "minItems": False,
    "minProperties": False,
}


def _types(schema: Json) -> set[str]:
    kinds = schema.get("type", [])
    return {kinds} if isinstance(kinds, str) else set(kinds)


def _values(schema: Json) -> set[Any] | None:
    if "const" in schema:
        return {schema["const"]}
    return set(schema["enum"]) if "enum" in schema else None


def breaks(old: Json, new: Json) -> list[str]:
    """Every break, in order. A later major version (or, before 1.0, a later minor one) may have them."""
    if _series(new) > _series(old):
        return []
    return sorted(set(Comparison(old, new).breaks()))


def _series(document: Json) -> tuple[int, int]:
    major, minor, *_ = (int(part) for part in document["info"]["version"].split("."))
    return (major, 0 if major else minor)


def main() -> None:
    """Print the breaks between two files, and exit with 1 where there are some."""
    old, new = (msgspec.yaml.decode(Path(name).read_bytes()) for name in sys.argv[1:3])
    found = breaks(old, new)
    sys.stdout.write("".join(f"{one}\n" for one in found))
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
