"""What the trail costs, and the sealer behind it.

32 clients of pgbench change the state of random commentaries as the application does: context, row lock,
update, commit; a third of them roll back. Three ways take turns on one server: without the trail's trigger,
with it, and with it and a sealer that runs each second. Then everything is sealed and verified.

At the end an auditor verifies a trail of 100,000 entries in a database without any statistics, as one is that
was just restored: by `editorial audit verify`, whose time and memory are those of its whole process.
"""

import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit, urlunsplit

import asyncpg
import msgspec

from editorial.audit import sealer as sealing
from editorial.audit import verify as audit_verify
from editorial.database import embedded
from editorial.database.access import Database
from editorial.database.migrate import migrate
from editorial.settings import Settings

CLIENTS = 32
COMMENTARIES = 5_000

STEP = r"""
\set number random(1, {rows})
begin;
select set_config('editorial.context', '{{"actor_kind": "system", "action": "edit", "request": "bench", '
    || '"object_kind": "commentary", '
    || '"object": "00000000-0000-7000-8000-' || lpad(:number::text, 12, '0') || '"}}', true);
select version from commentary
    where id = ('00000000-0000-7000-8000-' || lpad(:number::text, 12, '0'))::uuid for no key update;
update commentary
    set state = case state when 'draft' then 'in_review' else 'draft' end, updated_at = now()
    where id = ('00000000-0000-7000-8000-' || lpad(:number::text, 12, '0'))::uuid;
{end};
"""

YEARS = """
alter system set autovacuum = off;
select pg_reload_conf();
begin;
select set_config(
    'editorial.context', '{"actor_kind": "system", "action": "bench", "request": "bench"}', true
);
insert into person (id, display_name)
select md5('analyst' || number)::uuid, 'Analyst ' || number from generate_series(0, 59) as number;
insert into section (key, labels, position) values ('economy', '{"en": "Economy"}', 1);
commit;
"""

SEED = """
begin;
select set_config('editorial.context', jsonb_build_object(
    'actor_kind', 'person', 'actor', '00000000-0000-7000-8000-000000000000',
    'action', 'create', 'request', 'bench'
)::text, true);
insert into person (id, display_name) values ('00000000-0000-7000-8000-000000000000', 'Bench');
insert into section (key, labels, position) values ('economy', '{{"en": "Economy"}}', 1);
insert into commentary (id, week, section, source_language, author_id)
select ('00000000-0000-7000-8000-' || lpad(number::text, 12, '0'))::uuid, '2024-W30', 'economy', 'en',
    '00000000-0000-7000-8000-000000000000'
from generate_series(1, {rows}) as number;
commit;
"""


def measure(quick: bool) -> str:
    """The table of throughputs, and how long sealing and a verify take."""
    rounds, seconds = (3, 4) if quick else (5, 15)
    with tempfile.TemporaryDirectory() as folder, embedded.start(Path(folder)) as server:
        settings = Settings(data_dir=Path(folder))
        watched, plain = server.owner_url, _beside(server.owner_url, "plain")
        asyncio.run(_run(watched, "create database plain template template0"))
        for url in (watched, plain):
            asyncio.run(migrate(url))
            asyncio.run(_run(url, SEED.format(rows=COMMENTARIES)))
        asyncio.run(_run(plain, "alter table commentary disable trigger trail"))
        scripts = []
        for end, weight in (("commit", 2), ("rollback", 1)):
            script = Path(folder, f"{end}.sql")
            script.write_text(STEP.format(rows=COMMENTARIES, end=end))
            scripts += ["--file", f"{script}@{weight}"]
        application = server.application_url
        ways: dict[str, Callable[[], float]] = {
            "without the trail": lambda: _throughput(_beside(application, "plain"), scripts, seconds),
            "with the trail": lambda: _throughput(application, scripts, seconds),
            "with the trail, sealed each second": lambda: _with_sealer(
                application, settings, lambda: _throughput(application, scripts, seconds)
            ),
        }
        found: dict[str, list[float]] = {way: [] for way in ways}
        for _ in range(rounds):
            for way, run in ways.items():
                found[way].append(run())
        told = _table(found) + asyncio.run(_sealed_and_verified(server, settings))
        return told + _audited(server, Path(folder), 2_000 if quick else 20_000)


def _beside(url: str, database: str) -> str:
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc, f"/{database}", parts.query, ""))


async def _run(url: str, statements: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statements)
    finally:
        await connection.close()


def _throughput(url: str, scripts: list[str], seconds: int) -> float:
    """Transactions a second, those that roll back included."""
    parts = urlsplit(url)
    where = parse_qs(parts.query)
    done = subprocess.run(
        [
            str(embedded.embedded_binaries() / "pgbench"),
            "--no-vacuum",
            "--protocol=prepared",
            f"--client={CLIENTS}",
            "--jobs=2",
            f"--time={seconds}",
            *scripts,
            f"--host={where['host'][0]}",
            f"--port={where.get('port', ['5432'])[0]}",
            f"--username={parts.username}",
            parts.path.removeprefix("/"),
        ],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "LC_ALL": "C"},
    )
    (line,) = (one for one in done.stdout.splitlines() if one.startswith("tps = "))
    return float(line.split()[2])


def _with_sealer(url: str, settings: Settings, measured: Callable[[], float]) -> float:
    """Seal each second meanwhile, as a worker does: in a thread with a loop of its own."""
    over = threading.Event()

    async def work() -> None:
        db = Database(url, pool_size=2)
        await db.open()
        while not over.is_set():
            await sealing.seal_trail(db, settings)
            await asyncio.sleep(1)
        await db.close()

    thread = threading.Thread(target=lambda: asyncio.run(work()))
    thread.start()
    try:
        return measured()
    finally:
        over.set()
        thread.join()


def _table(found: dict[str, list[float]]) -> str:
    lines = [
        "| transactions a second | least | median | most | of the first | of the one before |",
        "|---|---|---|---|---|---|",
    ]
    medians = [statistics.median(runs) for runs in found.values()]
    for place, (way, runs) in enumerate(found.items()):
        before = medians[max(place - 1, 0)]
        lines.append(
            f"| {way} | {min(runs):.0f} | {medians[place]:.0f} | {max(runs):.0f} "
            f"| {medians[place] / medians[0]:.2f} | {medians[place] / before:.2f} |"
        )
    return "\n".join(lines) + "\n\n"


async def _sealed_and_verified(server: embedded.Server, settings: Settings) -> str:
    """Seal the rest, see that not one entry was left out, and verify everything."""
    db = Database(server.application_url, pool_size=2)
    await db.open()
    async with db.read() as connection:
        waiting = await sealing.sql.count_unsealed(connection)
    began = time.monotonic()
    await sealing.seal_trail(db, settings)
    sealed_in = time.monotonic() - began
    async with db.read() as connection:
        left_out = await sealing.sql.count_unsealed(connection)
        entry = await connection.fetchval("select entry_id from audit_leaf where position = 1000")
        began = time.monotonic()
        proof = await sealing.prove(connection, entry)
        proved_in = time.monotonic() - began
    await db.close()
    began = time.monotonic()
    verified = await audit_verify.verify(server.owner_url)
    verified_in = time.monotonic() - began
    return (
        f"- left out by the sealer: {left_out} of {verified.size} entries, "
        f"under {verified.checkpoints} checkpoints\n"
        f"- {waiting} waiting entries sealed at once in {sealed_in:.1f} s\n"
        f"- everything verified, with {verified.rows} rows, in {verified_in:.1f} s: "
        f"{verified_in / verified.size * 100_000:.1f} s for 100,000 entries\n"
        f"- one entry proved in {proved_in * 1000:.1f} ms, by {len(proof.hashes)} hashes"
    )


def _audited(server: embedded.Server, folder: Path, texts: int) -> str:
    """Verify a trail of some length by the command, without statistics of its tables."""
    owner, application = (_beside(url, "years") for url in (server.owner_url, server.application_url))
    asyncio.run(_run(server.owner_url, "create database years template template0"))
    asyncio.run(migrate(owner))
    # `alter system` takes no other statement beside it.
    for statement in YEARS.split(";\n", 2):
        asyncio.run(_run(owner, statement))
    asyncio.run(_write_years(application, texts))
    asyncio.run(_seal_years(application, folder))
    began = time.monotonic()
    verified = subprocess.Popen(
        [sys.executable, "-m", "editorial", "audit", "verify", "--json"],
        stdout=subprocess.PIPE,
        env={
            **os.environ,
            "DATABASE_URL": application,
            "DATABASE_OWNER_URL": owner,
            "EDITORIAL_DATA_DIR": str(folder),
        },
    )
    assert verified.stdout is not None
    said = msgspec.json.decode(verified.stdout.read())
    _, status, used = os.wait4(verified.pid, 0)
    seconds = time.monotonic() - began
    verified.returncode = os.waitstatus_to_exitcode(status)
    if verified.returncode or not said["verified"]:
        raise RuntimeError(said)
    return (
        f"\n- `editorial audit verify` of {said['size']:,} entries and {said['rows']:,} rows, without "
        f"statistics: {seconds:.1f} s, with {used.ru_maxrss / 1024:.0f} MiB of memory at the most"
    )


async def _write_years(url: str, texts: int) -> None:
    statements = Path(__file__).with_name("years.sql").read_text()
    for first in range(1, texts + 1, 100):
        # A connection of its own for each hundred: without statistics, one would go on as with empty tables.
        await _run(url, f"set bench.first = {first}; set bench.last = {first + 99}; {statements}")


async def _seal_years(url: str, folder: Path) -> None:
    db = Database(url, pool_size=2)
    await db.open()
    await sealing.seal_trail(db, Settings(data_dir=folder))
    await db.close()


def main() -> None:
    """Measure on a server that is thrown away."""
    print(measure("--quick" in sys.argv))


if __name__ == "__main__":
    main()
