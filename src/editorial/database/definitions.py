"""Compares every definition in the database with what the migrations make.

Rows can be right while what guards or shows them was replaced: a view, a function, a trigger, a policy, a
constraint, a grant. `sql/definitions.txt` has a hash of each definition, generated from the migrations.
PostgreSQL 15 and 18 print these definitions alike, so one list serves all versions.
"""

import hashlib
import re

import msgspec

from editorial.database.queries import Connection, load_queries
from editorial.resources import folder

sql = load_queries("database/definitions")

_YEAR = re.compile(r"\b((?:audit_(?:entry|change|salt)|one_entry_for_each_step)_)[0-9]{4}(?=_|\b)")
"""A worker makes partitions of the trail as the years come. Each is defined as the last one, `beyond`, is."""
_PART = re.compile(r"^audit_(?:entry|change|salt)_[0-9]{4}\b")
REMEDY = "Find out who did it, and put it back as sql/schema.sql has it."

Definitions = dict[tuple[str, str], str]
"""The hash of each definition, by kind and name."""


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """A definition that is not what the migrations make."""

    kind: str
    name: str
    says: str


async def read(connection: Connection) -> Definitions:
    """The definitions of a database, within a transaction."""
    # With nothing else in the path, Postgres prints each name with its schema.
    before = await connection.fetchval("show search_path")
    await connection.execute("set local search_path = pg_catalog")
    rows = await sql.list_objects(connection)
    await connection.execute("select set_config('search_path', $1, true)", before)
    return {(row["kind"], row["name"]): _hash(row["definition"]) for row in rows}


def _hash(definition: str) -> str:
    plain = " ".join(_YEAR.sub(r"\1beyond", definition).split())
    return hashlib.sha256(plain.encode()).hexdigest()[:32]


def written(definitions: Definitions) -> str:
    """The list as `sql/definitions.txt` has it: without the partitions of years, which come with time."""
    lines = [
        f"{kind}\t{name}\t{digest}"
        for (kind, name), digest in sorted(definitions.items())
        if _PART.match(name) is None
    ]
    return "\n".join(lines) + "\n"


def expected() -> Definitions:
    """What the migrations make."""
    listed = (folder("sql") / "definitions.txt").read_text(encoding="utf-8").splitlines()
    return {(kind, name): digest for kind, name, digest in (line.split("\t") for line in listed)}


async def differences(connection: Connection) -> list[Difference]:
    """What the database has otherwise than the migrations make it. Within a transaction."""
    return compare(await read(connection), expected())


def compare(found: Definitions, wanted: Definitions) -> list[Difference]:
    """What differs, by kind and name."""
    wanted = {**wanted, **_of_years(found, wanted)}
    told = []
    for kind, name in sorted(found.keys() | wanted.keys()):
        one = (kind, name)
        if found.get(one) == wanted.get(one):
            continue
        says = f"The {kind} {name} is not the one that the migrations make."
        if one not in found:
            says = f"The {kind} {name} is gone."
        elif one not in wanted:
            says = f"No migration makes the {kind} {name}."
        told.append(Difference(kind=kind, name=name, says=f"{says} {REMEDY}"))
    return told


def _of_years(found: Definitions, wanted: Definitions) -> Definitions:
    """What is expected of each partition of a year that is there."""
    years = {match.group()[-4:] for _, name in found if (match := _PART.match(name))}
    return {
        (kind, name.replace("beyond", year)): digest
        for (kind, name), digest in wanted.items()
        if re.match(r"audit_(?:entry|change|salt)_beyond\b", name)
        for year in years
    }
