"""A trial: things break one after the other under 32 writers, and every promise is held against the trail.

Exits with 0 where all was kept, with 1 where something was not: each broken promise is a line, and what was
asked and answered is kept in the folder that is named at the end. Without names, all that is known breaks.
"""

import argparse
import asyncio
import contextlib
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import httpx
import msgspec
import yaml

from chaos.checker import Documented, check
from chaos.evidence import Evidence, read_evidence
from chaos.history import Call, History
from chaos.installation import Installation, ask, bare_environment
from chaos.nemesis import FieldError
from chaos.writers import Known, hire

RECOVERS_WITHIN = 30.0
"""Seconds after which everything is ready again, once what was broken is mended."""
ANSWERS_WITHIN = 15.0
"""Seconds in which every answer comes, whatever is broken."""


@dataclass(frozen=True)
class Stage:
    """What a trial happens to, and what happens."""

    program: str
    says: str
    faults: Mapping[str, FieldError]
    opened: Callable[[Path], contextlib.AbstractAsyncContextManager[Installation]]


class NotKept(Exception):
    """What stands around the product did not do what it is there for; the text says what."""


def documented() -> Documented:
    """The statuses that each operation may give, as the committed document has them."""
    text = (Path(__file__).parent.parent / "openapi" / "editorial.yaml").read_text(encoding="utf-8")
    paths = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))["paths"]
    return {
        (method.upper(), path): frozenset(int(status) for status in operation["responses"])
        for path, operations in paths.items()
        for method, operation in operations.items()
        if "responses" in operation
    }


def say(text: str) -> None:
    """Say something to whoever watches."""
    print(text, flush=True)


async def break_one(
    it: Installation, fault: FieldError, known: Known, history: History, pause: float, chance: random.Random
) -> list[str]:
    """Break one thing under load, and see that the service mends itself."""
    await asyncio.sleep(pause)
    first = len(history.calls)
    say(f"{fault.name}: {fault.says}")
    try:
        async with fault.breaks(it, chance):
            await asyncio.sleep(fault.seconds)
    except NotKept as fault_of_theirs:
        return [f"{fault.name}: {fault_of_theirs}"]
    took = await it.until_ready(RECOVERS_WITHIN)
    if took is None:
        return [f"{fault.name}: not every process was ready again within {RECOVERS_WITHIN:.0f} s"]
    answered = known.answered
    await asyncio.sleep(pause)
    calls = history.calls[first:]
    say(
        f"    ready again after {took:.1f} s; {told(calls)}; "
        f"for {standstill(calls):.1f} s nothing was written"
    )
    if known.answered == answered:
        return [f"{fault.name}: nobody was answered afterwards"]
    return []


def told(calls: list[Call]) -> str:
    """A summary of calls, for people."""
    kinds = Counter(
        "2xx" if (call.status or 0) in range(200, 300)
        else str(call.status) if call.status
        else "no answer" if call.was_sent
        else "not reached"
        for call in calls
    )  # fmt: skip
    slowest = max((call.ended - call.began for call in calls), default=0.0)
    return ", ".join(f"{count} {kind}" for kind, count in kinds.most_common()) + f"; slowest {slowest:.1f} s"


def standstill(calls: list[Call]) -> float:
    """The longest time in which no change was acknowledged, in seconds."""
    done = sorted(
        call.ended for call in calls if call.action is not None and (call.status or 0) in range(200, 300)
    )
    return max((after - before for before, after in pairwise(done)), default=0.0)


async def read_pages(it: Installation, evidence: Evidence) -> None:
    """Ask every server for every public address."""
    slots = asyncio.Semaphore(16)
    async with httpx.AsyncClient(timeout=20) as client:

        async def read(url: str, place: int) -> None:
            edition = evidence.editions[place]
            async with slots:
                answer = await client.get(f"{url}/v1/published/{edition.language}/2024-W30/{edition.slug}")
            title = answer.json().get("title") if answer.status_code == 200 else None
            edition.readers.append((answer.status_code, title))

        await asyncio.gather(
            *(
                read(url, place)
                for place, edition in enumerate(evidence.editions)
                if edition.slug is not None and edition.status in {"live", "retracted"}
                for url in it.urls
            )
        )


async def verify(it: Installation) -> str | None:
    """What `editorial audit verify` says against the trail, once all of it is sealed."""
    # Tables that grew from nothing within minutes, and of which Postgres knows nothing yet.
    await ask(it.owner_url, "analyze")
    for _ in range(60):
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "editorial", "audit", "verify", "--json"),
            env=bare_environment(
                DATABASE_URL=it.owner_url, DATABASE_OWNER_URL=it.owner_url, EDITORIAL_DATA_DIR=str(it.folder)
            ),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, errors = await process.communicate()
        if process.returncode != 0:
            return (out + errors).decode().strip()[-500:]
        if msgspec.json.decode(out)["unsealed"] == 0:
            return None
        await asyncio.sleep(0.5)
    return "after half a minute there are entries that nobody has sealed"


async def validate(it: Installation, history: History) -> list[str]:
    """Let what is due happen, then hold the history against the evidence."""
    await asyncio.sleep(8)
    evidence = await read_evidence(it.owner_url)
    await read_pages(it, evidence)
    evidence.verification = await verify(it)
    steps = Counter(entry.action for entry in evidence.entries if entry.domain == "editorial")
    counted = ", ".join(f"{number} {action}" for action, number in steps.most_common())
    say(f"\n{len(evidence.entries)} entries in the trail: {counted}")
    slow = [
        f"too slow: {call.method} {call.route} ({call.name}) took {call.ended - call.began:.1f} s"
        for call in history.calls
        if call.ended - call.began > ANSWERS_WITHIN
    ]
    return [*slow, *check(history.calls, evidence, documented())]


async def run(stage: Stage, asked: argparse.Namespace, folder: Path) -> list[str]:
    """Break everything that is asked for, and return what was not kept."""
    chance = random.Random(asked.seed)
    found: list[str] = []
    known = Known()
    async with contextlib.AsyncExitStack() as stack:
        it: Installation = await stack.enter_async_context(stage.opened(folder))
        history = stack.enter_context(History(folder / "history.jsonl"))
        keeper = asyncio.create_task(it.look_after())
        try:
            if await it.until_ready(60) is None:
                return ["the servers did not start"]
            enough = asyncio.Event()
            writing = [
                asyncio.create_task(one.work(enough))
                for one in hire(it.people, it.urls, known, history, asked.seed)
            ]
            for name in asked.names or stage.faults:
                why_not = stage.faults[name].why_not(it)
                if why_not is not None:
                    say(f"{name}: skipped. {why_not}")
                    continue
                found += await break_one(it, stage.faults[name], known, history, asked.seconds, chance)
            enough.set()
            await asyncio.gather(*writing)
            found += await validate(it, history)
            say(f"{len(history.calls)} calls: {told(history.calls)}")
        finally:
            keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await keeper
    return found


def main(stage: Stage) -> None:
    """Run, and say how it went."""
    parser = argparse.ArgumentParser(prog=stage.program, description=stage.says)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of: {', '.join(stage.faults)}")
    parser.add_argument("--seed", type=int, default=1, help="another order of random choices")
    parser.add_argument("--seconds", type=float, default=4, help="of work before and after each breakage")
    parser.add_argument("--folder", type=Path, help="where everything is kept; a temporary one by default")
    asked = parser.parse_args()
    unknown = sorted(set(asked.names) - stage.faults.keys())
    if unknown:
        parser.error(
            f"nothing breaks by the name of {', '.join(unknown)}; there are: {', '.join(stage.faults)}"
        )
    folder = asked.folder or Path(tempfile.mkdtemp(prefix="editorial-chaos-"))
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o711)
    began = time.monotonic()
    found = asyncio.run(run(stage, asked, folder))
    say(f"seed {asked.seed}, {time.monotonic() - began:.0f} s\n")
    if found:
        for line in found[:50]:
            say(f"BROKEN  {line}")
        say(f"\n{len(found)} promises were not kept. What was asked and answered is in {folder}.")
        sys.exit(1)
    say("Every promise was kept.")
    if asked.folder is None:
        shutil.rmtree(folder, ignore_errors=True)
