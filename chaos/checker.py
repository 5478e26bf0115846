"""The checker: a history of calls held against the evidence, in the manner of Jepsen.

It knows nothing of the servers. Each rule is a function that yields what it finds wrong, in sentences.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime

from chaos.evidence import Change, Entry, Evidence
from chaos.history import Call
from editorial.core.states import Action, CommentaryState, TaskState
from editorial.core.workflow import COMMENTARY_MACHINE, TASK_MACHINE

COMMENTARY, TASK = "commentary", "translation_task"
OUTCOME_UNKNOWN = "outcome-unknown"
"""The code of a 503 that does not promise that nothing was done."""

Documented = Mapping[tuple[str, str], frozenset[int]]
"""The statuses that each operation may answer with, by method and template of the address."""

WHOLE: dict[tuple[str, str], frozenset[tuple[str, str]]] = {
    (COMMENTARY, "create"): frozenset(
        {(COMMENTARY, "insert"), ("edition", "insert"), ("revision", "insert")}
    ),
    (COMMENTARY, "edit"): frozenset({("revision", "insert"), ("edition", "update"), (COMMENTARY, "update")}),
    (COMMENTARY, "approve"): frozenset(
        {("approval", "insert"), ("edition", "update"), (COMMENTARY, "update")}
    ),
    (COMMENTARY, "publish"): frozenset({("publication", "insert"), ("edition", "update")}),
    (COMMENTARY, "schedule"): frozenset({("edition", "update")}),
    (COMMENTARY, "retract"): frozenset({("publication", "insert"), ("edition", "update")}),
    (COMMENTARY, "reopen"): frozenset({("approval", "update"), (COMMENTARY, "update")}),
    **{
        (COMMENTARY, name): frozenset({(COMMENTARY, "update")})
        for name in ("submit", "recall", "request_changes", "revise", "discard", "restore")
    },
    (TASK, "accept"): frozenset({("approval", "insert"), ("edition", "update"), (TASK, "update")}),
    (TASK, "save"): frozenset({("revision", "insert"), (TASK, "update")}),
    **{
        (TASK, name): frozenset({(TASK, "update")})
        for name in ("claim", "release", "submit", "recall", "return", "cancel", "expire")
    },
}
"""The rows that a step touches at the least: with fewer it was done by half."""

_T = TaskState
TASK_STEPS_BESIDE: dict[str, frozenset[tuple[TaskState, TaskState]]] = {
    "approve": frozenset(
        {
            (_T.ACCEPTED, _T.CLAIMED),
            (_T.ACCEPTED, _T.OPEN),
            (_T.SUBMITTED, _T.CLAIMED),
            (_T.SUBMITTED, _T.OPEN),
            (_T.CANCELLED, _T.OPEN),
        }
    ),
    "add_language": frozenset({(_T.CANCELLED, _T.OPEN)}),
    "drop_language": frozenset((state, _T.CANCELLED) for state in _T),
    "expire": frozenset({(_T.CLAIMED, _T.OPEN)}),
}
"""What happens to a task without anybody moving it: by a step on its commentary, or by the system."""

_COMMENTARY_ROWS = {str(row.action): row for row in COMMENTARY_MACHINE}
_TASK_ROWS = {str(row.action): row for row in TASK_MACHINE}


def check(history: list[Call], evidence: Evidence, documented: Documented) -> list[str]:
    """Everything that is wrong; an empty list where all promises were kept."""
    found = [
        *each_answer_is_in_the_contract(history, documented),
        *each_request_was_done_once_or_not_at_all(history, evidence),
        *each_step_was_done_wholly(evidence),
        *each_path_is_legal(evidence),
        *each_answer_was_true(history, evidence),
        *each_task_has_one_holder(evidence),
        *each_schedule_was_kept(evidence),
        *each_reader_got_what_is_live(evidence),
    ]
    if evidence.verification is not None:
        found.append(f"the trail does not verify: {evidence.verification}")
    return found


def each_answer_is_in_the_contract(history: list[Call], documented: Documented) -> Iterator[str]:
    """No answer that the document does not name; every refusal a problem; 503 only with Retry-After."""
    for call in history:
        if call.status is None:
            continue
        what = f"{call.method} {call.route} ({call.name}) got {call.status} {call.code}"
        if call.status not in documented.get((call.method, call.route), frozenset()):
            yield f"{what}, which the document does not name"
        if (
            call.status >= 400 or call.code == "unreadable"
        ) and call.content_type != "application/problem+json":
            yield f"{what} as {call.content_type or 'nothing'}, not as a problem"
        if call.status == 503 and not (call.retry_after or "").isdigit():
            yield f"{what} without Retry-After"
        if call.named != call.name:
            yield f"{what} under the name {call.named}"


def each_request_was_done_once_or_not_at_all(history: list[Call], evidence: Evidence) -> Iterator[str]:
    """What was acknowledged is there once; what was refused is not there; the rest once or not at all."""
    done: dict[str, list[Entry]] = defaultdict(list)
    for entry in evidence.entries:
        if entry.domain == "editorial" and entry.changes:
            done[entry.request].append(entry)
    intents: dict[str, list[Call]] = defaultdict(list)
    for call in history:
        if call.action is not None:
            intents[call.intent].append(call)
    for attempts in intents.values():
        entries = [entry for call in attempts for entry in done[call.name]]
        what = f"{attempts[0].action} ({', '.join(call.name for call in attempts)})"
        acknowledged = [call for call in attempts if call.status is not None and call.status < 300]
        said_something = [call for call in acknowledged if call.told]
        if said_something and not entries:
            yield f"lost: {what} was acknowledged, and the trail knows nothing of it"
        if len(entries) > 1:
            yield f"done {len(entries)} times: {what}"
        if any(entry.action != attempts[0].action for entry in entries):
            yield f"something else was done: {what} made {entries[0].action}"
        for call in attempts:
            if done[call.name] and _promised_nothing(call):
                yield f"done all the same: {what} was answered with {call.status or call.fault} {call.code}"
        if len({call.body_hash for call in acknowledged}) > 1:
            yield f"answered differently when repeated: {what}"
        if any(call.replayed for call in acknowledged) and len(entries) != 1:
            yield f"replayed without having been done: {what}"


def _promised_nothing(call: Call) -> bool:
    if call.status is None:
        return not call.was_sent
    return call.status >= 400 and call.code != OUTCOME_UNKNOWN


def each_step_was_done_wholly(evidence: Evidence) -> Iterator[str]:
    """Each entry has its changes, and each step all the rows that make it."""
    for entry in evidence.entries:
        touched = {(change.table, change.operation) for change in entry.changes}
        missing = WHOLE.get((entry.object_kind, entry.action), frozenset()) - touched
        if missing and entry.domain == "editorial" and entry.object_id is not None:
            lacks = ", ".join(sorted(f"{operation} of {table}" for table, operation in missing))
            yield f"by half: {entry.action} ({entry.request}) lacks {lacks}"


class Path:
    """What the trail says of one object: a state for each version."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.steps: list[tuple[Entry, list[Change]]] = []

    def states(self) -> dict[int, str]:
        """The state at each version that a step ended with."""
        known: dict[int, str] = {}
        state = ""
        for _, changes in self.steps:
            for change in changes:
                after = change.after or {}
                state = after.get("state", state)
            known[(changes[-1].after or {}).get("version", 0)] = state
        return known


def paths_of(evidence: Evidence, table: str) -> dict[str, Path]:
    """The path of every object of a table, in the order of its versions."""
    paths: dict[str, Path] = defaultdict(Path)
    for entry in evidence.entries:
        mine: dict[str, list[Change]] = defaultdict(list)
        for change in entry.changes:
            if change.table == table:
                mine[change.key["id"]].append(change)
        for key, changes in mine.items():
            paths[key].steps.append((entry, changes))
    for path in paths.values():
        path.steps.sort(key=lambda step: (step[1][0].after or {}).get("version", 0))
    return paths


def each_path_is_legal(evidence: Evidence) -> Iterator[str]:
    """Versions follow one another without a gap or a fork, and each step is one of the machine's."""
    for table, rows in ((COMMENTARY, evidence.commentaries), (TASK, evidence.tasks)):
        paths = paths_of(evidence, table)
        for key in rows.keys() ^ paths.keys():
            yield f"{table} {key} is {'not in the trail' if key in rows else 'in the trail only'}"
        for key, path in paths.items():
            version, state = 0, ""
            for entry, changes in path.steps:
                before = state
                for change in changes:
                    old = (change.before or {}).get("version", 0)
                    if old != version:
                        yield f"{table} {key}: {entry.action} began at version {old}, after {version}"
                    after = change.after or {}
                    version, state = after.get("version", version), after.get("state", state)
                if not _is_a_step(table, entry, before, state):
                    yield f"{table} {key}: {entry.action} led from {before or 'nothing'} to {state}"
            row = rows.get(key)
            if row is not None and (row.version, row.state) != (version, state):
                yield (
                    f"{table} {key} is {row.state} at {row.version}, "
                    f"and its trail ends with {state} at {version}"
                )


def _is_a_step(table: str, entry: Entry, before: str, after: str) -> bool:
    """Whether the machines let this entry's action lead from one state to the other."""
    if table == COMMENTARY:
        if not before:
            return (entry.action, after) == (Action.CREATE, CommentaryState.DRAFT)
        row = _COMMENTARY_ROWS.get(entry.action) if entry.object_kind == COMMENTARY else None
        if row is None:
            # The last task that ends makes its commentary ready; nothing else of a task's moves it.
            return before == after or (
                entry.action in {Action.ACCEPT, Action.CANCEL}
                and (before, after) == (CommentaryState.IN_TRANSLATION, CommentaryState.READY)
            )
        if CommentaryState(before) not in row.sources:
            return False
        if row.action is Action.DROP_LANGUAGE and (before, after) == (
            CommentaryState.IN_TRANSLATION,
            CommentaryState.READY,
        ):
            return True
        if row.target is not None:
            return after == row.target
        # Taking down one of several editions leaves the state; an approval always leads on.
        stays = () if row.action is Action.APPROVE else (before,)
        return after in {*row.outcomes, *stays}
    if not before:
        return entry.action in {Action.APPROVE, Action.ADD_LANGUAGE} and after == TaskState.OPEN
    beside = TASK_STEPS_BESIDE.get(entry.action, frozenset())
    if entry.object_kind == COMMENTARY or entry.action == "expire":
        return before == after or (TaskState(before), TaskState(after)) in beside
    task_row = _TASK_ROWS.get(entry.action)
    if task_row is None or TaskState(before) not in task_row.sources:
        return False
    leads_to: str = before if task_row.target is None else task_row.target
    return after == leads_to


def each_answer_was_true(history: list[Call], evidence: Evidence) -> Iterator[str]:
    """What an answer said of an object is what the trail says, and nobody read what was older than known."""
    states = {
        table: {key: path.states() for key, path in paths_of(evidence, table).items()}
        for table in (COMMENTARY, TASK)
    }
    seen: dict[tuple[str, str], list[tuple[float, int]]] = defaultdict(list)
    for call in sorted(history, key=lambda one: one.ended):
        for told in call.told:
            known = states.get(told.kind, {}).get(told.id, {})
            what = (
                f"{call.method} {call.route} ({call.name}) said {told.state} at {told.version} of {told.id}"
            )
            if told.version not in known:
                yield f"{what}: there was no such version"
            elif known[told.version] != told.state:
                yield f"{what}: it was {known[told.version]}"
            if not call.replayed:
                seen[told.kind, told.id].append((call.ended, told.version))
                older = max(
                    (version for ended, version in seen[told.kind, told.id] if ended < call.began), default=0
                )
                if told.version < older:
                    yield f"{what}, when version {older} had been seen before it was asked"


def each_task_has_one_holder(evidence: Evidence) -> Iterator[str]:
    """A task goes from hand to hand by way of the queue, or by a coordinator's word."""
    for key, path in paths_of(evidence, TASK).items():
        holder: str | None = None
        for entry, changes in path.steps:
            for change in changes:
                new = (change.after or {}).get("assignee_id", holder)
                if new != holder and holder is not None and new is not None and entry.action != Action.ASSIGN:
                    yield f"task {key}: {entry.action} took it from one holder to another"
                holder = new
        row = evidence.tasks.get(key)
        if row is not None and row.holder != holder:
            yield f"task {key} is held by {row.holder}, and its trail says {holder}"


def each_schedule_was_kept(evidence: Evidence) -> Iterator[str]:
    """What was scheduled is gone from what is due, was never early, and happened once."""
    for edition in evidence.editions:
        if edition.is_overdue:
            yield f"{edition.language} of {edition.commentary} is scheduled for a moment that is past"
    for entry in evidence.entries:
        if (entry.action, entry.actor_kind) != (Action.PUBLISH, "system"):
            continue
        for change in entry.changes:
            due = _instant((change.before or {}).get("scheduled_for"))
            if change.table == "edition" and due is not None and entry.at < due - 0.001:
                yield f"published {due - entry.at:.3f} s early: {change.key}"
        published = [change for change in entry.changes if change.table == "publication"]
        languages = [(change.after or {}).get("language") for change in published]
        if len(languages) != len(set(languages)):
            yield f"published twice at once: {entry.object_id} ({entry.id})"


def _instant(written: object) -> float | None:
    return datetime.fromisoformat(written).timestamp() if isinstance(written, str) else None


def each_reader_got_what_is_live(evidence: Evidence) -> Iterator[str]:
    """One live edition for each language, at one address, and every server shows the same."""
    live: dict[tuple[str, str], int] = defaultdict(int)
    for edition in evidence.editions:
        if edition.live_revision is not None:
            live[edition.language, edition.slug or ""] += 1
        expected: tuple[int, str | None] | None = None
        if edition.status == "live":
            expected = (200, edition.title)
        elif edition.status == "retracted":
            expected = (410, None)
        for got in edition.readers:
            if expected is not None and (got[0], got[1] if got[0] == 200 else None) != expected:
                yield (
                    f"{edition.language} of {edition.commentary} is {edition.status}, and a reader got "
                    f"{got[0]} {got[1] or ''}"
                )
    for (language, slug), count in live.items():
        if count > 1:
            yield f"{count} editions are live at {language}/{slug}"
    by_commentary: dict[tuple[str, str], int] = defaultdict(int)
    for edition in evidence.editions:
        by_commentary[edition.commentary, edition.language] += edition.live_revision is not None
    for (commentary, language), count in by_commentary.items():
        if count > 1:
            yield f"{count} editions of {commentary} are live in {language}"
