"""Passwords: what is kept, what a wrong one costs, and how many are looked at together."""

import asyncio

import pytest

from editorial.core.refusals import ServerIsBusy
from editorial.identity import passwords


async def test_a_password_fits_its_own_hash_only() -> None:
    kept = await passwords.hash_password("  nine plain words, й\u00a0and й  ")

    assert await passwords.password_fits("  nine plain words, и\u0306 and й  ", kept)
    assert not await passwords.password_fits("nine plain words, й and й", kept)
    assert not await passwords.password_fits("  nine plain words, й and й \n ", kept)
    assert not await passwords.password_fits("nine plain words", kept)
    assert await passwords.hash_password("nine plain words") != await passwords.hash_password(
        "nine plain words"
    )


async def test_where_there_is_no_hash_nothing_fits_at_the_same_cost() -> None:
    kept = await passwords.hash_password("nine plain words")

    assert not await passwords.password_fits("nine plain words", None)
    assert passwords._NOBODYS_HASH.split("$")[:4] == kept.split("$")[:4]
    assert [len(part) for part in passwords._NOBODYS_HASH.split("$")] == [
        len(part) for part in kept.split("$")
    ]


async def test_a_crowd_is_sent_away_before_it_takes_the_machine() -> None:
    room = passwords.AT_ONCE + passwords.MAY_WAIT
    gate = asyncio.Event()
    loop = asyncio.get_running_loop()

    def wait() -> None:
        asyncio.run_coroutine_threadsafe(gate.wait(), loop).result()

    crowd = [asyncio.create_task(passwords._in_a_thread(wait)) for _ in range(room)]
    await asyncio.sleep(0)
    with pytest.raises(ServerIsBusy):
        await passwords.password_fits("nine plain words", None)
    gate.set()
    await asyncio.gather(*crowd)
    assert not await passwords.password_fits("nine plain words", None)
