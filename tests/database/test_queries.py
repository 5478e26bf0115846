"""What the code declares of a query is what Postgres gives."""

import importlib
import pkgutil
from datetime import date, datetime, timedelta
from types import GenericAlias, NoneType, UnionType
from typing import Any, get_args, get_origin
from uuid import UUID

import asyncpg
import msgspec
import pytest

import editorial
from editorial.database.queries import Command, Many, Queries, Row, Value

for module in pkgutil.walk_packages(editorial.__path__, "editorial."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)

DECLARED = sorted(Queries.__subclasses__(), key=lambda each: each.file)

PYTHON = {
    "bool": bool,
    "bytea": bytes,
    "date": date,
    "float8": float,
    "int2": int,
    "int4": int,
    "int8": int,
    "interval": timedelta,
    "text": str,
    "timestamptz": datetime,
    "uuid": UUID,
    "void": NoneType,
}
"""What asyncpg makes of a type of Postgres."""


def python_of(kind: asyncpg.Type) -> Any:
    """Give the type of what asyncpg makes of a type of Postgres."""
    return (
        GenericAlias(list, PYTHON[kind.name.removesuffix("[]")])
        if kind.kind == "array"
        else PYTHON[kind.name]
    )


def without_none(declared: Any) -> Any:
    """Give the type of what is not None in a declared type."""
    if get_origin(declared) is not UnionType:
        return declared
    (rest,) = [each for each in get_args(declared) if each is not NoneType]
    return rest


def differences(columns: list[tuple[str, Any]], row: type[Row]) -> list[str]:
    """Give in which columns a query and its row differ, by name, by type or in their order."""
    declared = [(field.name, without_none(field.type)) for field in msgspec.structs.fields(row)]
    return [] if columns == declared else [f"selects {columns}", f"declares {declared}"]


@pytest.mark.parametrize("queries", DECLARED, ids=lambda queries: queries.file)
async def test_a_row_has_the_columns_of_its_query(queries: type[Queries], owner_url: str) -> None:
    loaded = queries()
    wrong = {}
    connection = await asyncpg.connect(owner_url)
    try:
        for name, (kind, gives) in queries.declared.items():
            statement = await connection.prepare(getattr(loaded, name).sql)
            columns = [(each.name, python_of(each.type)) for each in statement.get_attributes()]
            if kind is Command:
                found = [f"selects {columns}"] if columns else []
            elif kind is Value:
                found = (
                    [] if [each for _, each in columns] == [without_none(gives)] else [f"selects {columns}"]
                )
            else:
                found = differences(columns, gives)
            if found:
                wrong[name] = found
    finally:
        await connection.close()
    assert wrong == {}


class Pair(Row):
    """Two columns."""

    id: UUID
    name: str | None


@pytest.mark.parametrize(
    ("columns", "is_same"),
    [
        ([("id", UUID), ("name", str)], True),
        ([("name", str), ("id", UUID)], False),
        ([("id", UUID)], False),
        ([("id", UUID), ("name", str), ("more", str)], False),
        ([("id", str), ("name", str)], False),
        ([("id", UUID), ("title", str)], False),
    ],
)
def test_another_name_type_or_order_is_a_difference(columns: list[tuple[str, Any]], is_same: bool) -> None:
    assert (differences(columns, Pair) == []) is is_same


def test_a_query_that_is_not_declared_stops_the_program() -> None:
    class Few(Queries, file="identity/me"):
        choose_mail_language: Command

    with pytest.raises(LookupError, match="get_me"):
        Few()


def test_a_query_of_another_kind_stops_the_program() -> None:
    class Wrong(Queries, file="identity/me"):
        choose_mail_language: Command
        get_me: Many[Pair]

    with pytest.raises(LookupError, match="get_me"):
        Wrong()
