"""What a translation is warned of before it is handed in and before it is accepted, over HTTP."""

from typing import Any

import pytest

from newsroom import Newsroom, Person, fine, refused

SOURCE = {
    "title": "Exports fall",
    "lead": "Ports handled 5.56 million tonnes by December 1, 2024.",
    "blocks": [
        {
            "type": "paragraph",
            "text": "The ministry promised 764,000 dollars; see [the law](https://example.org/a).",
        },
        {"type": "list", "items": ["barley", "rapeseed"]},
    ],
}


async def a_task(newsroom: Newsroom, **members: Any) -> dict[str, Any]:
    commentary = await newsroom.a_commentary_in_translation(**{**SOURCE, **members})
    return await newsroom.a_claimed_task(commentary, "be")


async def save(person: Person, task: dict[str, Any], **units: Any) -> dict[str, Any]:
    path = f"/v1/translation-tasks/{task['id']}"
    return fine(await person.call("PATCH", path, units, version=task["version"]))


async def open_warnings(newsroom: Newsroom, task: dict[str, Any]) -> dict[str, int]:
    """How many warnings of each translation nobody has answered, as the coordinator's list says."""
    found = await newsroom.coordinator.get(f"/v1/translation-tasks?commentary={task['commentary_id']}")
    return {one["language"]: one["open_warnings"] for one in found["data"]}


def warned(task: dict[str, Any]) -> list[tuple[str, str, str | None, str | None]]:
    return [(one["unit"], one["kind"], one["expected"], one["found"]) for one in task["warnings"]]


async def test_a_right_translation_is_not_warned_of_anything(newsroom: Newsroom) -> None:
    task = await a_task(newsroom)
    paragraph, items = (line["id"] for line in task["blocks"])
    task = await save(
        newsroom.translator_be,
        task,
        title="Экспарт падае",
        lead="Да 1 снежня 2024 года порты апрацавалі 5,56 млн тон.",
        blocks={
            paragraph: "Міністэрства паабяцала 764 тысячы долараў; гл. [закон](https://example.org/a).",
            items: "ячмень\nрапс",
        },
    )
    assert warned(task) == []


async def test_a_wrong_figure_is_warned_of_answered_and_seen_by_the_coordinator(newsroom: Newsroom) -> None:
    task = await a_task(newsroom)
    paragraph, items = (line["id"] for line in task["blocks"])
    task = await save(
        newsroom.translator_be,
        task,
        title="Экспарт падае",
        lead="Да 1 снежня 2024 года порты апрацавалі 5,65 млн тон.",
        blocks={
            paragraph: "Міністэрства паабяцала 764 тысячы долараў; гл. [закон](https://example.org/a).",
            items: "ячмень\nрапс",
        },
    )
    assert [(unit, kind) for unit, kind, _, _ in warned(task)] == [("lead", "number")]
    (warning,) = task["warnings"]
    assert warning["answer"] is None
    listed = (await newsroom.coordinator.get(f"/v1/translation-tasks?commentary={task['commentary_id']}"))[
        "data"
    ]
    assert {one["language"]: one["open_warnings"] for one in listed} == {"be": 1, "ru": 0}

    path = f"/v1/translation-tasks/{task['id']}/warnings/{warning['id']}"
    reason = {"reason": "The ministry has corrected the figure since."}
    refused(await newsroom.coordinator.call("PUT", path, reason, version=task["version"]), 403)
    refused(await newsroom.other_translator_be.call("PUT", path, reason, version=task["version"]), 403)
    refused(await newsroom.translator_ru.call("PUT", path, reason, version=task["version"]), 404)
    refused(await newsroom.translator_be.call("PUT", path, reason), 428)
    refused(await newsroom.translator_be.call("PUT", path, {"reason": ""}, version=task["version"]), 422)
    absent = path.replace(warning["id"], "0" * 32)
    refused(await newsroom.translator_be.call("PUT", absent, reason, version=task["version"]), 404)
    task = fine(await newsroom.translator_be.call("PUT", path, reason, version=task["version"]))
    assert task["warnings"][0]["answer"] == reason["reason"]
    task = await newsroom.translator_be.move_task(task, "submit")
    seen = await newsroom.coordinator.get(f"/v1/translation-tasks/{task['id']}")
    assert seen["warnings"] == task["warnings"]
    listed = (await newsroom.coordinator.get(f"/v1/translation-tasks?commentary={task['commentary_id']}"))[
        "data"
    ]
    assert {one["language"]: one["open_warnings"] for one in listed} == {"be": 0, "ru": 0}

    task = fine(await newsroom.translator_be.call("DELETE", path, version=task["version"]))
    assert task["warnings"][0]["answer"] is None
    task = fine(await newsroom.translator_be.call("PUT", path, reason, version=task["version"]))
    task = await newsroom.translator_be.move_task(task, "recall")
    # Another figure is another warning: the answer was not to this one.
    task = await save(
        newsroom.translator_be, task, lead="Да 1 снежня 2024 года порты апрацавалі 6,5 млн тон."
    )
    assert [one["answer"] for one in task["warnings"]] == [None]
    accepted = await newsroom.coordinator.move_task(
        await newsroom.translator_be.move_task(task, "submit"), "accept"
    )
    assert accepted["state"] == "accepted"
    refused(
        await newsroom.translator_be.call(
            "PUT",
            f"/v1/translation-tasks/{task['id']}/warnings/{task['warnings'][0]['id']}",
            reason,
            version=accepted["version"],
        ),
        409,
    )


async def test_a_term_of_the_glossary_is_asked_for_in_any_form(newsroom: Newsroom) -> None:
    term = {
        "source_language": "en",
        "language": "be",
        "source": "Harbour Authority",
        "target": "Партовая адміністрацыя",
    }
    fine(await newsroom.coordinator.call("POST", "/v1/glossary", term))
    task = await a_task(
        newsroom, lead="The Harbour Authority is silent.", blocks=[{"type": "paragraph", "text": "Text."}]
    )
    task = await save(newsroom.translator_be, task, lead="У Партовай адміністрацыі маўчаць.")
    assert warned(task) == []
    task = await save(newsroom.translator_be, task, lead="Кіраўніцтва гавані маўчыць.")
    assert [(unit, kind) for unit, kind, _, _ in warned(task)] == [("lead", "term")]


@pytest.mark.parametrize("answered", [False, True])
async def test_an_unanswered_warning_is_told_before_publication_and_an_answered_one_is_not(
    newsroom: Newsroom, answered: bool
) -> None:
    task = await a_task(newsroom, target_languages=["be"], blocks=[{"type": "paragraph", "text": "Text."}])
    (block,) = (line["id"] for line in task["blocks"])
    units = {"title": "Экспарт", "lead": "Апрацавалі 5,65 млн тон да 1 снежня 2024 года."}
    task = await save(newsroom.translator_be, task, **units, blocks={block: "Тэкст."})
    (warning,) = task["warnings"]
    if answered:
        path = f"/v1/translation-tasks/{task['id']}/warnings/{warning['id']}"
        body = {"reason": "The figure was corrected."}
        task = fine(await newsroom.translator_be.call("PUT", path, body, version=task["version"]))
    task = await newsroom.translator_be.move_task(task, "submit")
    await newsroom.coordinator.move_task(task, "accept")
    seen = await newsroom.coordinator.get(f"/v1/commentaries/{task['commentary_id']}")
    told = [one["language"] for one in seen["warnings"] if one["check"] == "unanswered_warning"]
    assert told == ([] if answered else ["be"])
