"""Holds every row against the trail: what a table holds must be what its recorded changes add up to.

A row that was changed behind the back of the trigger differs from the fold of its changes. What the trail
withholds is compared by its salted digest, and the text of a revision by its hash.
"""

import re
from typing import Any

import msgspec

from editorial.audit.tampering import Kind, Tampered
from editorial.database.queries import Connection, load_queries

sql = load_queries("audit/verify")

_CONSTANT = re.compile(r"(?:'(?:[^']|'')*'|-?[0-9.]+|true|false)(?:::[a-z ]+(?:\[\])?)?")
"""A default whose value does not depend on when it is asked for."""


COUNTERS = {
    "idempotency_record": "what a request was answered, sealed, for a day; the trail tells of the work itself",
    "rate_limit_bucket": "how often somebody was tried and from where; it is forgotten within the hour",
    "refusal_count": "what a person was refused in this hour, so that refusals do not fill the trail",
    "working_document": "the words of texts in work, for search; they are made from the revisions",
    "service_token_use": "when a front end's server came last; it comes with each of its readers",
}
"""The tables without a trail, and why. Nothing in them is the newsroom's work."""


class _Watched(msgspec.Struct, kw_only=True):
    """A table, and how the trail records it."""

    name: str
    quoted: str
    columns: list[str]
    """Those that the trail tells."""
    key: list[str]
    defaults: dict[str, str]

    @property
    def loose(self) -> list[str]:
        """Columns that a row may have got by a later migration, with a value that cannot be foretold."""
        return [name for name, said in self.defaults.items() if not _CONSTANT.fullmatch(said)]


async def verify_rows(connection: Connection) -> int:
    """Hold each row against the fold of its changes, and return how many there are. Raises `Tampered`."""
    count = 0
    for row in await sql.list_tables(connection):
        if row["name"] in COUNTERS:
            continue
        if row["arguments"] is None:
            raise Tampered(
                Kind.UNWATCHED_TABLE, "The trail's trigger is not on this table.", table=row["name"]
            )
        _, _, key, withheld = (one.decode() for one in row["arguments"].split(b"\0")[:4])
        hidden = {*withheld.split(","), "updated_at"}
        table = _Watched(
            name=row["name"],
            quoted=row["quoted"],
            columns=[one for one in row["columns"] if one not in hidden],
            key=[one for one in key.split(",") if one],
            defaults={name: said for name, said in row["defaults"].items() if name not in hidden},
        )
        if table.key:
            count += await _verify_keyed(connection, table)
        else:
            count += await _verify_keyless(connection, table)
    revision = await sql.revisions_with_another_text(connection)
    if revision is not None:
        raise Tampered(
            Kind.UNEXPLAINED_ROW,
            "The text of a revision is not the one of its hash.",
            table="revision",
            row={name: str(value) for name, value in dict(revision).items()},
        )
    return count


# The fold: of each row that was not deleted since it was last inserted, every column as it was last written.
# Each step is worked out once, whatever Postgres guesses of sizes: it knows nothing of how often a table
# is in the trail, least of all in a database that was just restored.
_FOLD = """
with change as materialized (
    select
        one.row_key,
        sequence,
        after,
        withheld,
        withheld_digest,
        entry_id,
        position,
        max(sequence) filter (where operation = 'insert') over row as born,
        max(sequence) filter (where operation = 'delete') over row as died
    from audit_change
    -- Of a table that got a longer key since, the earlier changes are told apart by it, too: by what they
    -- wrote, or, where an update did not touch the key, by the row that was last made under the shorter one.
    cross join lateral (
        select case
            when audit_change.row_key ?& $5::text[] then audit_change.row_key
            else (
                select jsonb_object_agg(
                    name,
                    coalesce(
                        audit_change.after -> name,
                        audit_change.before -> name,
                        audit_change.row_key -> name,
                        (
                            select made.after -> name from audit_change as made
                            where made.table_name = $1
                                and made.row_key = audit_change.row_key
                                and made.operation = 'insert'
                                and made.sequence < audit_change.sequence
                            order by made.sequence desc
                            limit 1
                        )
                    )
                )
                from unnest($5::text[]) as name
            )
        end as row_key
    ) as one
    where table_name = $1
    window row as (partition by one.row_key)
),
living as materialized (
    select row_key, sequence, after, withheld, withheld_digest, entry_id, position
    from change
    where sequence >= born and (died is null or died < born)
),
told as materialized (
    select living.row_key, jsonb_object_agg(one.key, one.value order by living.sequence) as columns
    from living
    cross join lateral jsonb_each(living.after) as one
    where one.key = any($2::text[])
    group by living.row_key
),
hidden as materialized (
    select distinct on (row_key) row_key, withheld, withheld_digest, entry_id, position
    from living
    where withheld_digest is not null
    order by row_key, sequence desc
),
present as materialized (
    select jsonb_build_object({key}) as row_key, to_jsonb(watched) as columns from {table} as watched
)
select
    coalesce(told.row_key, present.row_key) as row_key,
    told.row_key is null as is_unknown,
    present.row_key is null as is_missing
from told
full join present on present.row_key = told.row_key
left join hidden on hidden.row_key = told.row_key
left join audit_salt on audit_salt.entry_id = hidden.entry_id and audit_salt.position = hidden.position
where told.row_key is null
    or present.row_key is null
    or (
        select jsonb_object_agg(name, present.columns -> name) from unnest($2::text[]) as name
    ) is distinct from (
        $3::jsonb
        || coalesce(
            (select jsonb_object_agg(name, present.columns -> name) from unnest($4::text[]) as name), '{{}}'
        )
        || told.columns
    )
    or hidden.withheld_digest <> sha256(audit_salt.salt || convert_to(
        (select jsonb_object_agg(name, present.columns -> name) from unnest(hidden.withheld) as name)::text,
        'UTF8'
    ))
order by 1
limit 1
"""


async def _verify_keyed(connection: Connection, table: _Watched) -> int:
    known: dict[str, Any] = {name: None for name in table.columns if name not in table.loose}
    for name, constant in table.defaults.items():
        if name in known:
            known[name] = await connection.fetchval(f"select to_jsonb({constant})")
    key = ", ".join(f"'{name}', watched.{name}" for name in table.key)
    fold = _FOLD.format(key=key, table=table.quoted)
    found = await connection.fetchrow(fold, table.name, table.columns, known, table.loose, table.key)
    if found is not None:
        says = "differs from what the trail says of it"
        if found["is_unknown"]:
            says = "is there, and the trail knows nothing of it"
        elif found["is_missing"]:
            says = "is gone, and the trail knows nothing of that"
        raise Tampered(
            Kind.UNEXPLAINED_ROW,
            f"A row of {table.name} {says}.",
            table=table.name,
            row=found["row_key"],
        )
    count: int = await connection.fetchval(f"select count(*) from {table.quoted}")  # noqa: S608  # quoted by Postgres
    return count


# Rows of which the trail has salted digests only, so that it leads nowhere: each row must have one of them.
# Which one has to be tried; what is tried is written down once for each row.
_KEYLESS = """
with digest as materialized (
    select change.withheld, change.withheld_digest, audit_salt.salt
    from audit_change as change
    inner join audit_salt on audit_salt.entry_id = change.entry_id and audit_salt.position = change.position
    where change.table_name = $1 and change.withheld_digest is not null
),
present as materialized (
    select row_number() over () as place, to_jsonb(watched) as columns from {table} as watched
),
content as materialized (
    select
        present.place,
        form.withheld,
        convert_to(
            (select jsonb_object_agg(name, present.columns -> name) from unnest(form.withheld) as name)::text,
            'UTF8'
        ) as told
    from present
    cross join (select distinct withheld from digest) as form
),
known as materialized (
    select content.place from content
    inner join digest on digest.withheld = content.withheld
    where digest.withheld_digest = sha256(digest.salt || content.told)
)
select
    (select count(*) from present) as present,
    (
        select count(*) filter (where operation = 'insert') - count(*) filter (where operation = 'delete')
        from audit_change
        where table_name = $1
    ) as told,
    (
        select count(*) from audit_change
        where table_name = $1 and operation = 'insert' and withheld_digest is null
    ) as undigested,
    (select count(*) from present where place not in (select place from known)) as unknown
"""


async def _verify_keyless(connection: Connection, table: _Watched) -> int:
    found = await connection.fetchrow(_KEYLESS.format(table=table.quoted), table.name)
    # What was put in before the trail kept digests has none: of such rows there is but their number.
    if found["unknown"] > found["undigested"] or found["present"] != found["told"]:
        raise Tampered(
            Kind.UNEXPLAINED_ROW,
            f"The rows of {table.name} are not those that the trail has seen: {found['present']} are there, "
            f"{found['told']} should be, and {found['unknown']} are unknown.",
            table=table.name,
        )
    present: int = found["present"]
    return present
