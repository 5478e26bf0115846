"""What a reader outside does: get a page by its address. And what there is to read."""

from typing import Any
from uuid import uuid4

import httpx

from newsroom import BLOCKS, Newsroom

PHOTO = {
    "url": "https://photos.example.org/port.jpg",
    "alt": "A port <at> night",
    "caption": "The port & its cranes",
    "credit": "A. Photographer",
    "licence": "CC BY 4.0",
}


async def got(newsroom: Newsroom, path: str) -> httpx.Response:
    response = await newsroom.client.get(path)
    assert response.status_code == 200, response.text
    return response


def edition(commentary: dict[str, Any], language: str) -> dict[str, Any]:
    return next(one for one in commentary["editions"] if one["language"] == language)


def page(commentary: dict[str, Any], language: str = "en") -> str:
    return f"/v1/published/{language}/{commentary['week']}/{edition(commentary, language)['slug']}"


async def illustrated(newsroom: Newsroom, *translations: str, photo: str = PHOTO["url"]) -> dict[str, Any]:
    """A text with a photo, marks and angles, published in English and in these languages."""
    commentary = await newsroom.a_commentary_in_translation(
        title=f"Exports <fall> & rise {uuid4().hex[:8]}",
        lead="Prices **held** & so on.",
        photo={**PHOTO, "url": photo},
        blocks=BLOCKS,
        target_languages=list(translations),
    )
    for language in translations:
        await newsroom.an_accepted_task(commentary, language)
    return await newsroom.other_coordinator.move(await newsroom.read(commentary), "publish")


async def corrected(newsroom: Newsroom, published: dict[str, Any], note: str) -> dict[str, Any]:
    """The same with another lead in English, and what readers are told of it."""
    draft = await newsroom.analyst.move(published, "revise")
    draft = await newsroom.analyst.edit(draft, lead="Prices fell.")
    draft = await newsroom.analyst.move(draft, "submit")
    approved = await newsroom.coordinator.move(draft, "approve")
    return await newsroom.coordinator.move(approved, "publish", languages=["en"], correction_note=note)
