"""Sessions: two tabs, thieves, devices, and changes of the password, over real HTTP."""

import asyncio
import base64
import hashlib
import hmac
import json
import time
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization

from newsroom import Newsroom, Person, fine, refused

REFRESH = "/v1/auth/session/refresh"


async def sign_in(newsroom: Newsroom, person: Person, **headers: str) -> dict[str, Any]:
    credentials = {"email": person.email, "password": person.password}
    return fine(await newsroom.client.post("/v1/auth/session", json=credentials, headers=headers))


async def refresh(newsroom: Newsroom, token: str) -> httpx.Response:
    return await newsroom.client.post(REFRESH, json={"refresh_token": token})


async def me(newsroom: Newsroom, access_token: str) -> httpx.Response:
    return await newsroom.client.get("/v1/me", headers={"Authorization": f"Bearer {access_token}"})


async def trail_of(application_url: str, session: str) -> list[str]:
    """What happened to a session, in order."""
    connection = await asyncpg.connect(application_url)
    try:
        rows = await connection.fetch(
            "select action from audit_entry where object_id = $1 order by at, id", session
        )
    finally:
        await connection.close()
    return [row["action"] for row in rows]


async def test_two_tabs_that_refresh_at_once_both_go_on_two_hundred_times(
    newsroom: Newsroom, application_url: str
) -> None:
    tokens = await sign_in(newsroom, newsroom.analyst)
    session, token = tokens["session_id"], tokens["refresh_token"]
    for _ in range(200):
        one, other = await asyncio.gather(refresh(newsroom, token), refresh(newsroom, token))
        assert fine(one)["refresh_token"] == fine(other)["refresh_token"] != token
        token = one.json()["refresh_token"]
    assert (await me(newsroom, one.json()["access_token"])).status_code == 200
    assert (await me(newsroom, other.json()["access_token"])).status_code == 200
    assert await trail_of(application_url, session) == ["sign_in", *["refresh"] * 200]


async def test_after_a_theft_both_are_told_and_the_trail_says_so(
    newsroom: Newsroom, application_url: str
) -> None:
    tokens = await sign_in(newsroom, newsroom.analyst)
    stolen = tokens["refresh_token"]
    owners = fine(await refresh(newsroom, stolen))
    owners = fine(await refresh(newsroom, owners["refresh_token"]))
    thief = refused(await refresh(newsroom, stolen), 401, "session-ended")
    by_refresh = refused(await refresh(newsroom, owners["refresh_token"]), 401, "session-ended")
    by_access = refused(await me(newsroom, owners["access_token"]), 401, "session-ended")
    for told in (thief, by_refresh, by_access):
        assert "used a second time, so another person may have a copy" in told["detail"]
    assert await trail_of(application_url, tokens["session_id"]) == [
        "sign_in",
        "refresh",
        "refresh",
        "refresh_reuse",
    ]


async def test_a_device_is_told_in_words_and_never_by_its_address(
    newsroom: Newsroom, application_url: str
) -> None:
    agent = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
    tokens = await sign_in(newsroom, newsroom.other_analyst, **{"User-Agent": agent})
    header = {"Authorization": f"Bearer {tokens['access_token']}"}
    answer = await newsroom.client.get("/v1/auth/sessions?limit=100", headers=header)
    [here] = [one for one in fine(answer)["data"] if one["is_this_one"]]
    assert (here["id"], here["device"]) == (tokens["session_id"], "Firefox, Linux")
    assert "127.0.0.1" not in answer.text
    assert "128.0" not in answer.text
    connection = await asyncpg.connect(application_url)
    try:
        told = await connection.fetchval(
            "select change.after::text from audit_change as change "
            "inner join audit_entry as entry on entry.id = change.entry_id where entry.object_id = $1",
            tokens["session_id"],
        )
    finally:
        await connection.close()
    assert "Firefox" not in told


async def test_one_device_or_all_are_signed_out_at_once_and_nobody_elses(newsroom: Newsroom) -> None:
    person = newsroom.translator_ru
    one, two, three = [await sign_in(newsroom, person) for _ in range(3)]
    header = {"Authorization": f"Bearer {one['access_token']}"}
    path = "/v1/auth/sessions"
    stranger = await newsroom.other_analyst.call("DELETE", f"{path}/{two['session_id']}")
    absent = await newsroom.other_analyst.call("DELETE", f"{path}/{uuid4()}")
    assert refused(stranger, 404)["detail"] == refused(absent, 404)["detail"]
    assert (await me(newsroom, two["access_token"])).status_code == 200
    assert (await newsroom.client.delete(f"{path}/{two['session_id']}", headers=header)).status_code == 204
    refused(await me(newsroom, two["access_token"]), 401, "session-ended")
    refused(await refresh(newsroom, two["refresh_token"]), 401, "session-ended")
    assert (await me(newsroom, three["access_token"])).status_code == 200
    assert (await newsroom.client.delete(path, headers=header)).status_code == 204
    for session in (one, three):
        refused(await me(newsroom, session["access_token"]), 401, "session-ended")
    person.token = (await sign_in(newsroom, person))["access_token"]


async def test_a_wrong_present_password_signs_nobody_out(newsroom: Newsroom, application_url: str) -> None:
    body = {"current_password": "not this one", "new_password": "nine plain words are easy to remember"}
    answer = await newsroom.analyst.call("POST", "/v1/auth/password", body)
    problem = refused(answer, 422, "wrong-password")
    assert [fault["pointer"] for fault in problem["errors"]] == ["/current_password"]
    assert (await newsroom.analyst.call("GET", "/v1/me")).status_code == 200
    connection = await asyncpg.connect(application_url)
    try:
        action = await connection.fetchval(
            "select action from audit_entry where request_id = $1", answer.headers["x-request-id"]
        )
    finally:
        await connection.close()
    assert action == "change_password_failed"


async def test_a_new_password_ends_the_other_sessions_and_not_this_one(newsroom: Newsroom) -> None:
    person = newsroom.other_translator_be
    here, elsewhere = await sign_in(newsroom, person), await sign_in(newsroom, person)
    body = {"current_password": person.password, "new_password": "nine plain words are easy to remember"}
    header = {"Authorization": f"Bearer {here['access_token']}"}
    answer = await newsroom.client.post("/v1/auth/password", json=body, headers=header)
    assert answer.status_code == 204
    assert (await me(newsroom, here["access_token"])).status_code == 200
    told = refused(await me(newsroom, elsewhere["access_token"]), 401, "session-ended")
    assert "password was changed" in told["detail"]
    refused(await refresh(newsroom, elsewhere["refresh_token"]), 401, "session-ended")
    old = {"email": person.email, "password": person.password}
    refused(await newsroom.client.post("/v1/auth/session", json=old), 401, "wrong-credentials")
    person.password = body["new_password"]
    person.token = (await sign_in(newsroom, person))["access_token"]


def encoded(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


async def forgeries(newsroom: Newsroom, application_url: str) -> dict[str, str]:
    """Tokens that must not be good, by what is wrong with them; some are signed with our own key."""
    connection = await asyncpg.connect(application_url)
    try:
        row = await connection.fetchrow(
            "select id, private_key from signing_key where retired_at is null and signs_from <= now()"
        )
    finally:
        await connection.close()
    assert row is not None
    tokens = await sign_in(newsroom, newsroom.analyst)
    good: dict[str, Any] = jwt.decode(tokens["access_token"], options={"verify_signature": False})
    key: Any = serialization.load_der_private_key(row["private_key"], password=None)
    public = key.public_key()
    head = {"alg": "EdDSA", "typ": "at+jwt", "kid": row["id"]}

    def ours(without: str = "", header: dict[str, Any] | None = None, **claims: Any) -> str:
        payload = {name: value for name, value in (good | claims).items() if name != without}
        return jwt.encode(payload, key, algorithm="EdDSA", headers=head | (header or {}))

    def written(payload: str) -> str:
        signed = f"{encoded(head)}.{base64.urlsafe_b64encode(payload.encode()).decode().rstrip('=')}"
        return f"{signed}.{base64.urlsafe_b64encode(key.sign(signed.encode())).decode().rstrip('=')}"

    def by_hmac(secret: bytes) -> str:
        signed = f"{encoded(head | {'alg': 'HS256'})}.{encoded(good)}"
        proof = hmac.digest(secret, signed.encode(), hashlib.sha256)
        return f"{signed}.{base64.urlsafe_b64encode(proof).decode().rstrip('=')}"

    raw, encoding, form = public.public_bytes_raw(), serialization.Encoding, serialization.PublicFormat
    pem = public.public_bytes(encoding.PEM, form.SubjectPublicKeyInfo)
    der = public.public_bytes(encoding.DER, form.SubjectPublicKeyInfo)
    now = int(time.time())
    header, payload, signature = tokens["access_token"].split(".")
    assert (await me(newsroom, ours())).status_code == 200
    assert (await me(newsroom, written(json.dumps(good)))).status_code == 200
    return {
        "alg none": f"{encoded(head | {'alg': 'none'})}.{payload}.",
        "alg None with a signature": f"{encoded(head | {'alg': 'None'})}.{payload}.{signature}",
        "HS256 with the public key": by_hmac(raw),
        "HS256 with the public key in PEM": by_hmac(pem),
        "HS256 with the public key in DER": by_hmac(der),
        "wrong kid": ours(header={"kid": "0123456789abcdef"}),
        "kid as a path": ours(header={"kid": "../../etc/passwd"}),
        "kid as SQL": ours(header={"kid": "' or 1=1 --"}),
        "no kid": f"{encoded({'alg': 'EdDSA', 'typ': 'at+jwt'})}.{payload}.{signature}",
        "a key inside": ours(header={"jwk": {"kty": "OKP"}}),
        "an address of keys": ours(header={"jku": "https://example.org/jwks.json"}),
        "expired": ours(exp=now - 1, iat=now - 601),
        "not yet valid": ours(nbf=now + 600),
        "no exp": ours(without="exp"),
        "exp as a string": ours(exp=str(now + 600)),
        "endless exp": ours(exp=2**53),
        "infinite exp": written(json.dumps(good | {"exp": 0}).replace('"exp": 0', '"exp": 1e999')),
        "wrong iss": ours(iss="somebody"),
        "no iss": ours(without="iss"),
        "wrong aud": ours(aud="somebody"),
        "several aud": ours(aud=["editorial", "somebody"]),
        "a refresh token": tokens["refresh_token"],
        "huge": ours(more="x" * 4_000),
        "another's signature": f"{header}.{payload}.{ours(sub=str(uuid4())).split('.')[2]}",
        "somebody else's session": ours(sub=newsroom.coordinator.id),
        "no session": ours(sid=str(uuid4())),
        "no signature": f"{header}.{payload}.",
        "two parts": f"{header}.{payload}",
    }


async def test_no_token_is_good_but_one_of_ours(newsroom: Newsroom, application_url: str) -> None:
    for name, token in (await forgeries(newsroom, application_url)).items():
        answer = await me(newsroom, token)
        assert answer.status_code == 401, f"{name}: {answer.text}"
        assert answer.headers["www-authenticate"].startswith("Bearer"), name
        assert answer.elapsed.total_seconds() < 2, name


async def test_an_access_token_refreshes_nothing(newsroom: Newsroom) -> None:
    refused(await refresh(newsroom, newsroom.analyst.token[:500]), 401, "not-signed-in")


@pytest.mark.parametrize("header", ["", "Bearer", "Basic YTpi", "bearer x y"])
async def test_a_header_that_is_no_bearer_signs_nobody_in(newsroom: Newsroom, header: str) -> None:
    answer = await newsroom.client.get("/v1/me", headers=[(b"Authorization", header.encode("latin-1"))])
    refused(answer, 401)
