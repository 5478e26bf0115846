"""A source that changes under its translations: just what changed is to be touched, and nothing is lost."""

import asyncio
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from newsroom import Newsroom, Person, fine

TEN = [{"type": "paragraph", "text": f"Paragraph number {n} of the first wording."} for n in range(10)]


def statuses(task: dict[str, Any]) -> dict[str, str]:
    lines = [task["title"], task["lead"], *task["blocks"]]
    return {line["id"]: line["status"] for line in lines if line["status"] != "current"}


def targets(task: dict[str, Any]) -> dict[str, str]:
    return {line["id"]: line["target"] for line in task["blocks"] if line["target"] is not None}


async def approved_anew(
    newsroom: Newsroom, commentary: dict[str, Any], blocks: list[dict[str, Any]], unchanged: list[str]
) -> dict[str, Any]:
    """The commentary with other blocks, submitted and approved again."""
    now = await newsroom.read(commentary)
    if now["state"] in {"in_translation", "ready"}:
        now = await newsroom.coordinator.move(now, "reopen", note="To be changed.")
    now = await newsroom.analyst.edit(now, blocks=blocks)
    now = await newsroom.analyst.move(now, "submit")
    return await newsroom.coordinator.move(now, "approve", unchanged_in_meaning=unchanged)


@pytest.mark.parametrize(
    "states", [("claimed", "submitted"), ("accepted", "open"), ("submitted", "accepted")]
)
async def test_a_revised_source_makes_exactly_the_changed_blocks_outdated(
    newsroom: Newsroom, states: tuple[str, str]
) -> None:
    commentary = await newsroom.a_commentary_in_translation(blocks=TEN)
    before: dict[str, dict[str, str]] = {}
    for language, state in zip(("be", "ru"), states, strict=True):
        task = await newsroom.a_translated_task(commentary, language)
        person = newsroom.translator(language)
        if state == "open":
            task = await person.move_task(task, "release")
        if state in {"submitted", "accepted"}:
            task = await person.move_task(task, "submit")
        if state == "accepted":
            task = await newsroom.coordinator.move_task(task, "accept")
        assert task["state"] == state
        before[language] = targets(task)

    blocks = (await newsroom.read(commentary))["text"]["blocks"]
    typo, meaning, gone = blocks[1], blocks[4], blocks[7]
    changed = [
        {**block, "text": block["text"].replace("Paragraph", "Paragraf")} if block is typo else block
        for block in blocks
        if block is not gone
    ]
    changed[4] = {**meaning, "text": "Paragraph number 4 contradicts itself."}
    changed.append({"type": "paragraph", "text": "An eleventh paragraph."})
    now = await approved_anew(newsroom, commentary, changed, [typo["id"]])
    added = now["text"]["blocks"][-1]["id"]

    for language, state in zip(("be", "ru"), states, strict=True):
        task = await newsroom.task(commentary, language)
        assert task["state"] == ("open" if state == "open" else "claimed")
        if task["state"] == "claimed":
            assert task["holder"]["id"] == newsroom.translator(language).id
        assert statuses(task) == {meaning["id"]: "outdated", added: "missing", gone["id"]: "orphaned"}
        assert targets(task) == before[language]
        (line,) = [one for one in task["blocks"] if one["status"] == "outdated"]
        assert line["source_was"] == meaning["text"]
        assert line["diff"] == [
            {"kind": "same", "text": "Paragraph number 4"},
            {"kind": "removed", "text": " of the first wording"},
            {"kind": "added", "text": " contradicts itself"},
            {"kind": "same", "text": "."},
        ]


async def test_a_typo_reopens_nothing_and_a_meaning_only_its_own(newsroom: Newsroom) -> None:
    commentary = await newsroom.a_commentary_in_translation(blocks=TEN)
    for language in ("be", "ru"):
        await newsroom.an_accepted_task(commentary, language)
    blocks = (await newsroom.read(commentary))["text"]["blocks"]
    blocks[2] = {**blocks[2], "text": "Paragraph number 2 of the first wordin."}
    now = await approved_anew(newsroom, commentary, blocks, [blocks[2]["id"]])
    assert (now["state"], {one["status"] for one in now["editions"]}) == ("ready", {"ready"})
    assert [(await newsroom.task(now, language))["state"] for language in ("be", "ru")] == ["accepted"] * 2

    blocks[3] = {**blocks[3], "text": "Paragraph number 3 of another wording."}
    now = await approved_anew(newsroom, commentary, blocks, [])
    assert now["state"] == "in_translation"
    for language in ("be", "ru"):
        task = await newsroom.task(now, language)
        assert (task["state"], statuses(task)) == ("claimed", {blocks[3]["id"]: "outdated"})
    # Back to the first wording, word for word: what was made from it is current again.
    blocks[3] = {**blocks[3], "text": TEN[3]["text"]}
    await approved_anew(newsroom, commentary, blocks, [])
    assert statuses(await newsroom.task(now, "be")) == {}


async def test_alternative_texts_captions_title_and_lead_are_units_like_any_other(newsroom: Newsroom) -> None:
    photo = {
        "url": "https://photos.example.org/1.jpg",
        "credit": "A. B.",
        "alt": "A port.",
        "caption": "Grain.",
    }
    figure = {
        "type": "figure",
        "url": "https://photos.example.org/2.jpg",
        "credit": "C. D.",
        "alt": "A chart.",
        "text": "Exports by month.",
    }
    commentary = await newsroom.a_commentary_in_translation(photo=photo, blocks=[figure])
    task = await newsroom.a_submitted_task(commentary, "be")
    name = next(line["id"] for line in task["blocks"] if line["type"] == "figure")
    assert [line["id"] for line in task["blocks"]] == ["photo.alt", "photo.caption", name, f"{name}.alt"]
    now = await newsroom.coordinator.move(await newsroom.read(commentary), "reopen", note="Another chart.")
    changed = {**figure, "id": name, "alt": "Another chart."}
    now = await newsroom.analyst.edit(
        now, photo={**photo, "caption": "Barley."}, blocks=[changed], title="Another title"
    )
    await newsroom.coordinator.move(await newsroom.analyst.move(now, "submit"), "approve")
    assert statuses(await newsroom.task(commentary, "be")) == {
        "title": "outdated",
        "photo.caption": "outdated",
        f"{name}.alt": "outdated",
    }


WORDS = st.sampled_from(["one", "two", "three"])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("change"), st.integers(0, 3), WORDS, st.booleans()),
        st.tuples(st.just("remove"), st.integers(0, 3)),
        st.tuples(st.just("bring_back"), st.integers(0, 3)),
        st.tuples(st.just("move"), st.integers(0, 3)),
        st.tuples(st.just("translate"), st.sampled_from(["be", "ru"]), st.integers(0, 3)),
        st.tuples(st.just("hand_in"), st.sampled_from(["be", "ru"])),
        st.tuples(st.just("accept"), st.sampled_from(["be", "ru"])),
        st.tuples(st.just("release"), st.sampled_from(["be", "ru"])),
    ),
    min_size=1,
    max_size=10,
)


class Model:
    """What two translations of four blocks should be, kept by hand beside the real ones."""

    def __init__(self) -> None:
        self.source: dict[str, str] = {}
        self.order: list[str] = []
        self.names: list[str] = []
        self.made_from: dict[str, dict[str, set[str]]] = {"be": {}, "ru": {}}
        """Of each translated block, the wordings of the source that it is a translation of."""
        self.words: dict[str, dict[str, str]] = {"be": {}, "ru": {}}

    def expected(self, language: str) -> dict[str, str]:
        """The status of each block."""
        kept = self.made_from[language]
        found = {
            name: "missing"
            if name not in kept
            else "current"
            if self.source[name] in kept[name]
            else "outdated"
            for name in self.order
        }
        return found | {name: "orphaned" for name in kept if name not in self.order}


@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(steps=STEPS)
def play(loop_run: Any, steps: list[Any]) -> None:
    loop_run(steps)


async def test_in_any_order_of_events_statuses_are_right_and_no_text_is_lost(newsroom: Newsroom) -> None:
    """A property: whatever happens in whatever order, the desk agrees with a model of four blocks."""
    loop = asyncio.get_running_loop()

    def in_this_loop(steps: list[Any]) -> None:
        asyncio.run_coroutine_threadsafe(agree_after(newsroom, steps), loop).result(timeout=120)

    await asyncio.to_thread(play, in_this_loop)


async def agree_after(newsroom: Newsroom, steps: list[Any]) -> None:
    blocks = [{"type": "paragraph", "text": f"Block {n} zero"} for n in range(4)]
    commentary = await newsroom.a_commentary_in_translation(blocks=blocks)
    model = Model()
    for block in commentary["text"]["blocks"]:
        model.names.append(block["id"])
        model.source[block["id"]] = block["text"]
    model.order = list(model.names)
    for step in steps:
        await take(newsroom, commentary, model, step)
        for language in ("be", "ru"):
            task = await newsroom.task(commentary, language)
            found = {line["id"]: line["status"] for line in task["blocks"]}
            assert found == model.expected(language), (step, language)
            assert targets(task) == model.words[language], (step, language)


async def held(newsroom: Newsroom, commentary: dict[str, Any], language: str) -> dict[str, Any]:
    task = await newsroom.task(commentary, language)
    if task["state"] == "open":
        task = await newsroom.translator(language).move_task(task, "claim")
    return task


async def take(newsroom: Newsroom, commentary: dict[str, Any], model: Model, step: Any) -> None:
    match step:
        case ("change", at, words, keeps_meaning):
            name = model.names[at]
            was, now = model.source[name], f"Block {at} {words}"
            if name in model.order and was != now:
                model.source[name] = now
                if keeps_meaning:
                    for kept in model.made_from.values():
                        if was in kept.get(name, ()):
                            kept[name].add(now)
                await renew(newsroom, commentary, model, [name] if keeps_meaning else [])
        case ("remove", at) if model.names[at] in model.order and len(model.order) > 1:
            model.order.remove(model.names[at])
            await renew(newsroom, commentary, model, [])
        case ("bring_back", at) if model.names[at] not in model.order:
            model.order.append(model.names[at])
            await renew(newsroom, commentary, model, [])
        case ("move", at) if model.names[at] in model.order:
            model.order.remove(model.names[at])
            model.order.insert(0, model.names[at])
            await renew(newsroom, commentary, model, [])
        case ("translate", language, at) if model.names[at] in model.order:
            await translate(newsroom, commentary, model, language, model.names[at])
        case ("hand_in", language):
            task = await held(newsroom, commentary, language)
            if (
                "submit"
                in (await newsroom.translator(language).get(f"/v1/translation-tasks/{task['id']}"))[
                    "allowed_actions"
                ]
            ):
                await newsroom.translator(language).move_task(task, "submit")
                # What has no source any more is not handed in; earlier revisions keep it.
                for gone in [name for name in model.words[language] if name not in model.order]:
                    del model.words[language][gone], model.made_from[language][gone]
        case ("accept", language):
            task = await newsroom.task(commentary, language)
            if "accept" in task["allowed_actions"]:
                await newsroom.coordinator.move_task(task, "accept")
        case ("release", language):
            task = await newsroom.task(commentary, language)
            if task["state"] == "claimed":
                await newsroom.translator(language).move_task(task, "release")
        case _:
            pass


async def renew(newsroom: Newsroom, commentary: dict[str, Any], model: Model, unchanged: list[str]) -> None:
    blocks = [{"type": "paragraph", "id": name, "text": model.source[name]} for name in model.order]
    await approved_anew(newsroom, commentary, blocks, unchanged)


async def translate(
    newsroom: Newsroom, commentary: dict[str, Any], model: Model, language: str, name: str
) -> None:
    person: Person = newsroom.translator(language)
    task = await held(newsroom, commentary, language)
    if task["state"] != "claimed":
        return
    words = f"{language} {model.source[name]}"
    body = {"title": "Загаловак", "lead": "Лід", "blocks": {name: words}}
    path = f"/v1/translation-tasks/{task['id']}"
    fine(await person.call("PATCH", path, body, version=task["version"]))
    model.words[language][name] = words
    model.made_from[language][name] = {model.source[name]}
