"""The whole story, once: a real page goes from an analyst's draft to readers in three languages.

What a newcomer reads first. The page is input from outside of the repository; none of its sentences are here.
"""

from pathlib import Path
from typing import Any

import httpx
import pytest

from newsroom import Newsroom, fine, refused

PAGE = Path(__file__).parent.parent.parent / "shared" / "real" / "digest-2024-w30.txt"


class RealPage:
    """A published page, without the furniture of the site round it."""

    def __init__(self, text: str) -> None:
        """Take title, trend, credit, lead and body, as a person copying it by hand would."""
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        end = next(place for place, line in enumerate(lines) if line.startswith("You have been"))
        credit = next(place for place, line in enumerate(lines) if line.startswith("photo:"))
        trend = next(place for place, line in enumerate(lines) if line.startswith("The situation has"))
        self.title = lines[trend - 1]
        self.trend = lines[trend].rsplit(" ", 1)[-1]
        self.credit = lines[credit].removeprefix("photo:").strip()
        self.lead = lines[credit + 1]
        self.paragraphs = lines[credit + 2 : end]


@pytest.fixture
def page() -> RealPage:
    """The real page, where it is."""
    if not PAGE.exists():
        pytest.skip(
            f"the journey of a real page is NOT tested here: the page is no part of this repository, {PAGE}"
        )
    return RealPage(PAGE.read_text(encoding="utf-8"))


async def test_a_real_page_goes_from_draft_to_readers_in_three_languages(
    newsroom: Newsroom, page: RealPage
) -> None:
    analyst, coordinator, second = newsroom.analyst, newsroom.coordinator, newsroom.other_coordinator
    commentary = fine(
        await analyst.call(
            "POST",
            "/v1/commentaries",
            {
                "week": "2024-W30",
                "section": "security",
                "source_language": "en",
                "trend": page.trend,
                "title": page.title,
                "lead": page.lead,
                "blocks": [{"type": "paragraph", "text": one} for one in page.paragraphs],
                "photo": {
                    "url": "https://elements.envato.com/photo",
                    "credit": page.credit,
                    "alt": "A workshop.",
                },
                "target_languages": ["be", "ru"],
            },
        )
    )
    assert [block["text"] for block in commentary["text"]["blocks"]] == page.paragraphs

    commentary = await analyst.move(commentary, "submit")
    commentary = await coordinator.move(
        commentary, "request_changes", note="Name the source in the last line."
    )
    assert (await analyst.get(f"/v1/commentaries/{commentary['id']}"))[
        "note"
    ] == "Name the source in the last line."
    blocks = commentary["text"]["blocks"]
    blocks.append({"type": "paragraph", "text": "Source: the newsroom’s own reading of the investigation."})
    commentary = await analyst.edit(commentary, blocks=blocks)
    commentary = await analyst.move(commentary, "submit")
    commentary = await second.move(commentary, "approve")
    assert commentary["state"] == "in_translation"

    for language in ("be", "ru"):
        await newsroom.an_accepted_task(commentary, language)
    commentary = await newsroom.read(commentary)
    assert commentary["state"] == "ready"
    commentary = await coordinator.move(commentary, "publish")
    assert commentary["state"] == "published"

    expected = [*page.paragraphs, "Source: the newsroom’s own reading of the investigation."]
    for language in ("en", "be", "ru"):
        published = await read_in_public(newsroom.client, commentary, language)
        prefix = "" if language == "en" else f"{language} "
        assert [block["text"] for block in published["blocks"]] == [prefix + one for one in expected]
        assert published["title"] == prefix + page.title
        assert published["photo"]["credit"] == page.credit
        assert {one["language"] for one in published["alternates"]} == {"en", "be", "ru"} - {language}
    assert published["week_label"].replace("\u202f", " ") == "22–28 июля 2024 г."

    history = (await analyst.get(f"/v1/commentaries/{commentary['id']}/history?limit=100"))["data"]
    story = [entry["action"] for entry in history if entry["object_kind"] == "commentary"]
    assert story == ["create", "submit", "request_changes", "edit", "submit", "approve", "publish"]
    assert all(entry["sentence"] for entry in history)
    assert history[-1]["who"] == coordinator.name


async def read_in_public(
    client: httpx.AsyncClient, commentary: dict[str, Any], language: str
) -> dict[str, Any]:
    """The page as a reader gets it, without signing in."""
    edition = next(one for one in commentary["editions"] if one["language"] == language)
    response = await client.get(f"/v1/published/{language}/{commentary['week']}/{edition['slug']}")
    assert "max-age=60" in response.headers["cache-control"]
    again = await client.get(str(response.url), headers={"If-None-Match": response.headers["etag"]})
    assert again.status_code == 304
    assert not again.content
    return fine(response)


async def test_a_text_cannot_be_approved_by_whoever_wrote_it(newsroom: Newsroom) -> None:
    writing_coordinator = newsroom.writing_coordinator
    commentary = fine(
        await writing_coordinator.call(
            "POST",
            "/v1/commentaries",
            {
                "week": "2024-W30",
                "section": "economy",
                "source_language": "be",
                "trend": "better",
                "title": "Свой тэкст",
                "lead": "Уласны.",
                "blocks": [{"type": "paragraph", "text": "Абзац."}],
            },
        )
    )
    commentary = await writing_coordinator.move(commentary, "submit")
    path = f"/v1/commentaries/{commentary['id']}/transitions"
    response = await writing_coordinator.call(
        "POST", path, {"action": "approve"}, version=commentary["version"]
    )
    refused(response, 403, "you-wrote-this")
