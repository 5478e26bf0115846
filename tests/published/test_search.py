"""Search: what is found by which words, in what order, and what nobody finds."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from editorial.published.search import mark
from newsroom import Newsroom, fine, refused

TEXTS = {
    "be": (
        "Падаткі на ўвоз аўтобусаў выраслі",
        "У Магілёве п’есу пра выбары паказалі ўсяму гораду.",
        "Замежныя заводы скарачаюць пастаўкі.",
    ),
    "ru": (
        "Налоги на ввоз автобусов выросли",
        "В Могилёве показали пьесу о выборах.",
        "Зарубежные заводы сокращают поставки.",
    ),
    "en": (
        "Taxes on imported buses have risen",
        "A play about the elections was shown in Mahilioŭ.",
        "Foreign factories cut their deliveries & raised <prices>.",
    ),
}


async def find(newsroom: Newsroom, q: str, language: str = "en", **more: Any) -> dict[str, Any]:
    return fine(await ask(newsroom, q, language, **more))


async def ask(newsroom: Newsroom, q: str, language: str = "en", **more: Any) -> httpx.Response:
    return await newsroom.client.get(f"/v1/published/{language}/search", params={"q": q, **more})


@pytest.fixture(scope="module")
async def published(newsroom: Newsroom) -> dict[str, dict[str, Any]]:
    """Give a published text in each language, of its own."""
    found = {}
    for language, (title, lead, words) in TEXTS.items():
        commentary = await newsroom.a_commentary_in_review(
            source_language=language,
            target_languages=[],
            title=title,
            lead=lead,
            blocks=[{"type": "paragraph", "text": words}],
        )
        approved = await newsroom.coordinator.move(commentary, "approve")
        found[language] = await newsroom.other_coordinator.move(approved, "publish")
    return found


@pytest.mark.parametrize(
    ("language", "asked"),
    [
        # Other forms of the words.
        ("en", "import bus"),
        ("en", "FACTORY delivery"),
        ("ru", "автобус"),
        ("ru", "зарубежная поставка"),
        ("be", "аўтобус"),
        ("be", "замежных заводаў"),
        # Letters that are written in more than one way.
        ("ru", "Могилеве"),
        ("be", "Магілеве"),
        ("be", "увоз"),
        ("be", "п'есу"),
        ("be", "пʼесу"),
        ("be", "пьесу".replace("ь", "")),
        ("be", "Магіле\u0308ве"),
        # A letter wrong, missing or too many.
        ("en", "imporded buses"),
        ("en", "electoins"),
        ("ru", "афтобусов"),
        ("ru", "налогги"),
        ("be", "падатки"),
        ("be", "аўтабусаў"),
    ],
)
async def test_a_text_is_found_by_its_words(
    newsroom: Newsroom, published: dict[str, dict[str, Any]], language: str, asked: str
) -> None:
    found = await find(newsroom, asked, language, limit=100)
    slug = published[language]["editions"][0]["slug"]
    assert slug in {one["slug"] for one in found["data"]}, found["searched_for"]


async def test_the_words_that_were_found_are_marked(
    newsroom: Newsroom, published: dict[str, dict[str, Any]]
) -> None:
    one = (await find(newsroom, "buses raising price"))["data"][0]
    assert one["marked_title"] == "Taxes on imported <mark>buses</mark> have risen"
    assert one["extract"] == (
        "Foreign factories cut their deliveries &amp; <mark>raised</mark> &lt;<mark>prices</mark>&gt;."
    )
    one = (await find(newsroom, "увоз п'есу", "be"))["data"][0]
    assert one["marked_title"] == "Падаткі на <mark>ўвоз</mark> аўтобусаў выраслі"
    assert "<mark>п’есу</mark>" in one["extract"]
    assert not (await find(newsroom, "buses"))["corrected"]
    assert (await find(newsroom, "imporded"))["corrected"]


@pytest.mark.parametrize(
    ("language", "title", "slip", "word"),
    [
        ("en", "Transit by night", "tranist", "transit"),
        ("en", "Staff of the ports", "satff", "staff"),
        ("en", "Exports of timber", "exprots", "exports"),
        ("ru", "Отток опытных врачей", "опытынх", "опытных"),
        ("be", "Зборы лекараў", "лекраау", "лекараў"),
    ],
)
async def test_two_letters_that_changed_places_are_put_right(
    newsroom: Newsroom, language: str, title: str, slip: str, word: str
) -> None:
    commentary = await newsroom.a_commentary_in_translation(
        source_language=language, title=title, target_languages=[]
    )
    await newsroom.other_coordinator.move(commentary, "publish")
    found = await find(newsroom, slip, language)
    assert (found["corrected"], found["searched_for"]) == (True, word)
    assert found["data"]


async def publish(newsroom: Newsroom, language: str, title: str, **members: Any) -> dict[str, Any]:
    """Publish a text of its own words."""
    commentary = await newsroom.a_commentary_in_review(
        source_language=language, target_languages=[], title=title, **{"lead": title, **members}
    )
    approved = await newsroom.coordinator.move(commentary, "approve")
    return await newsroom.other_coordinator.move(approved, "publish")


@pytest.mark.parametrize(
    ("language", "title", "asked"),
    [
        ("be", "Лісты палітвязняў дайшлі", "палітвязень"),
        ("be", "Сем’і чакаюць цяпла", "сям'я"),
        ("be", "Вершы чытаюць на плошчы", "верш"),
        ("ru", "Объёмы перевозок упали", "объёма"),
        ("ru", "Рынки закрыты на карантин", "рынок"),
    ],
)
async def test_a_right_word_is_found_in_another_form_and_not_corrected(
    newsroom: Newsroom, language: str, title: str, asked: str
) -> None:
    await publish(newsroom, language, title)
    found = await find(newsroom, asked, language)
    assert title in {one["title"] for one in found["data"]}
    assert (found["corrected"], found["searched_for"]) == (False, asked)
    assert (found["left_out"], found["has_all_words"]) == ([], True)
    assert any("<mark>" in one["marked_title"] for one in found["data"])


@pytest.mark.parametrize(
    ("language", "title", "asked"),
    [
        # Two letters apart, or a word too short, or a figure.
        ("be", "Абсерваторыя на Нарачы", "абсірваторія"),
        ("ru", "Объект сдали зимой", "объёма"),
        ("ru", "Объект сдали зимой", "объехал"),
        ("en", "The okra harvest", "okta"),
        ("en", "The budget of 19731", "19732"),
    ],
)
async def test_what_is_not_surely_a_slip_is_not_corrected(
    newsroom: Newsroom, language: str, title: str, asked: str
) -> None:
    commentary = await publish(newsroom, language, title)
    found = await find(newsroom, asked, language)
    assert (found["corrected"], found["searched_for"]) == (False, asked)
    assert commentary["editions"][0]["slug"] not in {one["slug"] for one in found["data"]}


@pytest.mark.parametrize(
    ("language", "title", "slip", "word"),
    [
        ("be", "Чыгуначнікі без прэміяй", "чыгуначніки", "чыгуначнікі"),
        ("be", "Дамовіліся пра з’езд кааператараў", "кааператрарау", "кааператараў"),
        ("ru", "Учёт счётчиков затянулся", "счотчиков", "счётчиков"),
        ("en", "Lighthouses go dark", "lighthuoses", "lighthouses"),
    ],
)
async def test_a_correction_is_spelled_as_a_live_text_spells_it(
    newsroom: Newsroom, language: str, title: str, slip: str, word: str
) -> None:
    commentary = await publish(newsroom, language, title)
    found = await find(newsroom, slip, language)
    assert (found["corrected"], found["searched_for"]) == (True, word)
    assert commentary["editions"][0]["slug"] in {one["slug"] for one in found["data"]}


async def test_of_two_words_the_commoner_is_meant(newsroom: Newsroom) -> None:
    for title in ("The zlotnik sings", "The zlotnic sings", "A zlotnic again"):
        await publish(newsroom, "en", title)
    found = await find(newsroom, "zlotnix")
    assert (found["corrected"], found["searched_for"]) == (True, "zlotnic")


async def test_parts_are_found_where_no_text_has_all_of_the_words(newsroom: Newsroom) -> None:
    first = await publish(newsroom, "en", "Quinoa prices in the valley")
    second = await publish(newsroom, "en", "Amaranth prices in the hills")
    slugs = [one["editions"][0]["slug"] for one in (first, second)]
    # One word is in no live text: it is left out, and told.
    found = await find(newsroom, "quinoa xylomancyzq")
    assert [one["slug"] for one in found["data"]] == slugs[:1]
    assert found["searched_for"] == "quinoa"
    assert (found["corrected"], found["left_out"], found["has_all_words"]) == (False, ["xylomancyzq"], True)
    # Each is in one, and none has both: found page by page, with the same words.
    page = await find(newsroom, "quinoa amaranth", limit=1)
    rest = await find(newsroom, "quinoa amaranth", limit=1, cursor=page["next_cursor"])
    assert {one["slug"] for part in (page, rest) for one in part["data"]} == set(slugs)
    for part in (page, rest):
        assert (part["searched_for"], part["corrected"], part["left_out"]) == ("quinoa amaranth", False, [])
        assert not part["has_all_words"]
    # A slip beside them is put right first.
    found = await find(newsroom, "quinao amaranth xylomancyzq")
    assert {one["slug"] for one in found["data"]} == set(slugs)
    assert found["searched_for"] == "quinoa amaranth"
    assert (found["corrected"], found["left_out"]) == (True, ["xylomancyzq"])
    # Nothing at all.
    found = await find(newsroom, "xylomancyzq")
    assert found["data"] == []
    assert (found["searched_for"], found["corrected"], found["left_out"]) == ("xylomancyzq", False, [])


async def test_a_correction_tells_of_no_word_that_is_not_live(newsroom: Newsroom) -> None:
    word, slip = "bandersnatches", "bandersnatchse"

    async def corrected() -> bool:
        found = await find(newsroom, slip)
        assert found["searched_for"] == (word if found["corrected"] else slip)
        return bool(found["corrected"])

    draft = await newsroom.a_draft(title=f"On {word}", target_languages=[])
    assert not await corrected()
    moved = await newsroom.analyst.move(draft, "submit")
    approved = await newsroom.coordinator.move(moved, "approve")
    assert not await corrected()
    live = await newsroom.other_coordinator.move(approved, "publish")
    assert await corrected()
    # Not in another language, not after the word was taken out, and not after the text was retracted.
    assert not (await find(newsroom, slip, "ru"))["corrected"]
    await newsroom.coordinator.move(live, "retract", reason="It was wrong.")
    assert not await corrected()


async def test_a_title_counts_for_more_than_a_text(newsroom: Newsroom) -> None:
    word = f"zebu{uuid4().hex[:6]}"
    for members in (
        {"title": "Cattle", "blocks": [{"type": "paragraph", "text": f"One {word} grazes."}]},
        {"title": f"A {word} grazes", "blocks": [{"type": "paragraph", "text": "Nothing else."}]},
        {"title": "Fields", "lead": f"Where a {word} grazes."},
    ):
        commentary = await newsroom.a_commentary_in_review(target_languages=[], **members)
        approved = await newsroom.coordinator.move(commentary, "approve")
        await newsroom.other_coordinator.move(approved, "publish")
    whole = (await find(newsroom, word))["data"]
    assert [one["title"] for one in whole] in (
        [f"A {word} grazes", "Fields", "Cattle"],
        ["Fields", f"A {word} grazes", "Cattle"],
    )
    # Page by page it is the same.
    paged, cursor = [], None
    while True:
        page = await find(newsroom, word, limit=1, **({"cursor": cursor} if cursor else {}))
        paged += page["data"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert paged == whole


@pytest.mark.parametrize(
    "asked",
    [
        "' | !", "a & | b", "!!", ":*", "foo:*bar", "<->", "((", "\\", "%", "_", "the", "и", "the of and",
        "«»", "’", "'", "💥", "а" * 200, "x " * 100, "&" * 200, "-", "1e5 0x1f 3.5", "\u0301",
        "a'; drop table revision; --", "NULL", "^(a+)+$", "ً", "ﷺ" * 60,
    ],
)  # fmt: skip
@pytest.mark.parametrize("language", ["be", "ru", "en"])
async def test_nothing_that_is_asked_is_syntax(newsroom: Newsroom, language: str, asked: str) -> None:
    answer = await ask(newsroom, asked, language)
    assert answer.status_code == 200, answer.text
    desk = await newsroom.coordinator.call("GET", str(httpx.URL("/v1/commentaries", params={"q": asked})))
    assert desk.status_code == 200, desk.text


@pytest.mark.parametrize("asked", ["\u200b", "\ufeff", "\u00ad", " \u2060 "])
async def test_what_nobody_sees_asks_for_nothing(newsroom: Newsroom, asked: str) -> None:
    answer = await ask(newsroom, asked, "be")
    assert [one["pointer"] for one in refused(answer, 422, "invalid")["errors"]] == ["/query/q"]


@pytest.mark.parametrize("language", ["be", "en"])
async def test_a_text_of_any_length_is_found_by_its_beginning(newsroom: Newsroom, language: str) -> None:
    word = f"tapir{uuid4().hex[:8]}"
    words = iter(f"{number:06x}" for number in range(10**6))
    blocks = [{"type": "paragraph", "text": " ".join(next(words) for _ in range(2_800))} for _ in range(95)]
    blocks[0]["text"] = f"{word} {'y' * 19_000}"
    commentary = await newsroom.a_commentary_in_review(
        source_language=language, target_languages=[], blocks=blocks
    )
    for name in ("coordinator", "analyst"):
        listed = await newsroom.people[name].get(f"/v1/commentaries?q={word}")
        assert [one["id"] for one in listed["data"]] == [commentary["id"]]
    approved = await newsroom.coordinator.move(commentary, "approve")
    await newsroom.other_coordinator.move(approved, "publish")
    assert len((await find(newsroom, word, language))["data"]) == 1


async def test_what_cannot_be_asked_is_refused(newsroom: Newsroom) -> None:
    for wrong in ("", "x" * 201, "a\0b", "a\x01b"):
        refused(await ask(newsroom, wrong), 422)
    refused(await newsroom.client.get("/v1/published/en/search"), 422)
    refused(await ask(newsroom, "x", "xx"), 404)
    for cursor in ("rubbish", "WzFd", "WzEsIngiLCJ5IiwieiJd"):
        refused(await ask(newsroom, "x", cursor=cursor), 400)


async def test_nobody_finds_by_a_word_what_they_may_not_see(newsroom: Newsroom) -> None:
    secret, live = f"okapi{uuid4().hex[:6]}", f"quagga{uuid4().hex[:6]}"
    lead = f"The {live} is known."
    commentary = await newsroom.a_commentary_in_review(target_languages=[], lead=lead)
    approved = await newsroom.coordinator.move(commentary, "approve")
    published = await newsroom.other_coordinator.move(approved, "publish")
    draft = await newsroom.analyst.move(published, "revise")
    draft = await newsroom.analyst.edit(draft, lead=f"The {secret} is hidden.")
    unpublished = await newsroom.a_draft(title=f"About the {secret}", target_languages=["be"])

    async def found(name: str, q: str) -> set[str]:
        listed = await newsroom.people[name].get(f"/v1/commentaries?q={q}&limit=100")
        return {one["id"] for one in listed["data"]}

    both = {draft["id"], unpublished["id"]}
    for name in ("analyst", "coordinator"):
        assert await found(name, secret) == both
    for name in ("other_analyst", "translator_be", "administrator"):
        assert await found(name, secret) == set()
        assert await found(name, live) == {draft["id"]}
    assert (await find(newsroom, secret))["data"] == []
    assert len((await find(newsroom, live))["data"]) == 1
    # A translator finds a source that waits for them, and nobody else's colleague does.
    moved = await newsroom.analyst.move(unpublished, "submit")
    await newsroom.coordinator.move(moved, "approve")
    assert await found("translator_be", secret) == {unpublished["id"]}
    assert await found("translator_ru", secret) == set()
    # What was retracted is found by nobody outside.
    draft = await newsroom.read(draft)
    await newsroom.coordinator.move(draft, "retract", reason="It was wrong.")
    assert (await find(newsroom, live))["data"] == []
    assert await found("other_analyst", live) == set()


async def test_the_desk_finds_words_in_any_language_and_form(newsroom: Newsroom) -> None:
    word = f"Панядзелак{uuid4().hex[:5]}"
    commentary = await newsroom.a_commentary_in_translation(target_languages=["be"])
    task = await newsroom.a_claimed_task(commentary, "be")
    path = f"/v1/translation-tasks/{task['id']}"
    fine(await newsroom.translator_be.call("PATCH", path, {"title": f"У {word}"}, version=task["version"]))
    for q in (word, word.lower()):
        for name in ("coordinator", "analyst", "translator_be"):
            listed = await newsroom.people[name].get(f"/v1/commentaries?q={q}")
            assert [one["id"] for one in listed["data"]] == [commentary["id"]], name
        for name in ("other_analyst", "translator_ru"):
            assert not (await newsroom.people[name].get(f"/v1/commentaries?q={q}"))["data"]


async def test_the_desk_lists_first_what_is_about_it(newsroom: Newsroom) -> None:
    word = f"saola{uuid4().hex[:6]}"
    about = await newsroom.a_draft(title=f"The {word} in review")
    named = await newsroom.a_commentary_in_review(lead=f"Where the {word} lives.", target_languages=[])
    named = await newsroom.coordinator.move(named, "approve")
    named = await newsroom.other_coordinator.move(named, "publish")
    in_passing = await newsroom.a_draft(
        blocks=[{"type": "paragraph", "text": f"Of much else, and in the end of a {word}. {'Words. ' * 50}"}]
    )
    elsewhere = await newsroom.a_draft(title="Nothing of the kind")

    async def listed(name: str, **more: Any) -> list[str]:
        found: list[str] = []
        cursor = None
        while True:
            asked = {"q": word, **more, **({"cursor": cursor} if cursor else {})}
            page = await newsroom.people[name].get(str(httpx.URL("/v1/commentaries", params=asked)))
            found += [one["id"] for one in page["data"]]
            cursor = page["next_cursor"]
            if cursor is None:
                return found

    best = await listed("coordinator")
    assert set(best) == {about["id"], named["id"], in_passing["id"]}
    assert best[-1] == in_passing["id"]
    assert elsewhere["id"] not in best
    # Page by page, and with a filter, in the same order.
    assert await listed("coordinator", limit=1) == best
    assert await listed("coordinator", state="draft") == [one for one in best if one != named["id"]]
    assert await listed("analyst", mine=True) == best
    # Part of a word of a title is enough, as before.
    found = await newsroom.coordinator.get(f"/v1/commentaries?q={word[2:]}")
    assert about["id"] in {one["id"] for one in found["data"]}


async def test_a_hidden_draft_moves_nothing_in_what_a_colleague_finds(newsroom: Newsroom) -> None:
    word = f"kakapo{uuid4().hex[:6]}"
    texts = []
    for members in (
        {"blocks": [{"type": "paragraph", "text": f"In passing, a {word}. {'Words. ' * 50}"}]},
        {"lead": f"The {word} itself."},
    ):
        commentary = await newsroom.a_commentary_in_review(target_languages=[], **members)
        approved = await newsroom.coordinator.move(commentary, "approve")
        texts.append(await newsroom.other_coordinator.move(approved, "publish"))
    passing, itself = texts
    draft = await newsroom.analyst.move(passing, "revise")
    await newsroom.analyst.edit(draft, title=f"{word} {word}", lead=f"{word} {word} {word}")

    async def listed(name: str) -> list[str]:
        page = await newsroom.people[name].get(f"/v1/commentaries?q={word}")
        return [one["id"] for one in page["data"]]

    assert await listed("coordinator") == [passing["id"], itself["id"]]
    assert await listed("other_analyst") == [itself["id"], passing["id"]]


def test_marks_stand_in_html_that_is_escaped() -> None:
    assert mark('a <b> & "п’еса" Ўвоз', {"b", "песа", "увоз"}) == (
        "a &lt;<mark>b</mark>&gt; &amp; &quot;<mark>п’еса</mark>&quot; <mark>Ўвоз</mark>"
    )
