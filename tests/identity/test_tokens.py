"""Tokens: what is taken for ours, what is not, and what a second use of a token leads to."""

import base64
import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import jwt
import msgspec
import pytest
from cryptography.hazmat.primitives import serialization

from editorial.core.refusals import NotSignedIn
from editorial.identity import tokens
from editorial.identity.tokens import KeyRing, Refresh, SigningKey, UnknownKey, refresh_step

PERSON, SESSION = uuid4(), uuid4()
KEY = SigningKey.new()
DAY = timedelta(days=1)


def ring(*keys: SigningKey, issuer: str = "editorial", minutes: float = 10) -> KeyRing:
    return KeyRing(keys or (KEY,), issuer=issuer, lifetime=timedelta(minutes=minutes))


def retired(key: SigningKey, ago: timedelta) -> SigningKey:
    return msgspec.structs.replace(key, retired_at=datetime.now(UTC) - ago)


def signed(header: dict[str, Any] | None = None, without: str = "", **claims: Any) -> str:
    """A token by our own key, with claims or a header that we would not write."""
    now = int(datetime.now(UTC).timestamp())
    payload: dict[str, Any] = {
        "iss": "editorial",
        "aud": "editorial",
        "sub": str(PERSON),
        "sid": str(SESSION),
        "jti": str(uuid4()),
        "iat": now,
        "exp": now + 600,
    }
    payload |= claims
    payload.pop(without, None)
    private = serialization.load_der_private_key(KEY.private_key, password=None)
    headers = {"typ": "at+jwt", "kid": KEY.id} | (header or {})
    return jwt.encode(payload, private, algorithm="EdDSA", headers=headers)  # type: ignore[arg-type]


def encoded(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def test_an_access_token_names_a_person_and_a_session_and_no_role() -> None:
    token = ring().write_access_token(PERSON, SESSION)
    read = ring().read_access_token(token)

    assert (read.person_id, read.session_id) == (PERSON, SESSION)
    assert jwt.get_unverified_header(token) == {"alg": "EdDSA", "kid": KEY.id, "typ": "at+jwt"}
    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims.keys() == {"iss", "aud", "sub", "sid", "jti", "iat", "exp"}
    assert claims["exp"] - claims["iat"] == 600


def test_a_token_with_our_signature_and_our_claims_is_good() -> None:
    assert ring().read_access_token(signed()).person_id == PERSON


def test_a_token_that_was_good_a_moment_ago_runs_out_all_the_same() -> None:
    keys = ring(minutes=2 / 60)
    token = keys.write_access_token(uuid4(), uuid4())
    assert keys.read_access_token(token) == keys.read_access_token(token)
    time.sleep(2.1)
    for _ in range(2):
        with pytest.raises(NotSignedIn):
            keys.read_access_token(token)


def test_a_token_that_was_good_goes_with_its_key(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = ring(retired(KEY, tokens.OVERLAP - timedelta(seconds=1)), SigningKey.new())
    token = ring().write_access_token(uuid4(), uuid4())
    keys.read_access_token(token)
    monkeypatch.setattr(tokens, "OVERLAP", timedelta(hours=1))
    for _ in range(2):
        with pytest.raises((NotSignedIn, UnknownKey)):
            keys.read_access_token(token)


def test_a_ring_remembers_so_many_tokens_and_reads_the_others_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "REMEMBERED", 3)
    keys = ring()
    made = {keys.write_access_token(person, uuid4()): person for person in (uuid4() for _ in range(5))}
    for _ in range(2):
        assert [keys.read_access_token(token).person_id for token in made] == list(made.values())
    assert len(keys._verified) == 3


@pytest.mark.parametrize("claim", ["iss", "aud", "sub", "sid", "jti", "iat", "exp"])
def test_every_claim_is_required(claim: str) -> None:
    with pytest.raises(NotSignedIn):
        ring().read_access_token(signed(without=claim))


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "somebody"},
        {"aud": "somebody"},
        {"aud": ["editorial"]},
        {"sub": "42"},
        {"sid": None},
        {"jti": "one"},
        {"exp": 0},
        {"exp": 2**41},
        {"exp": 1e300},
        {"exp": str(2**35)},
        {"exp": True},
        {"iat": -1},
        {"role": "administrator"},
    ],
)
def test_a_claim_of_another_kind_is_refused_though_we_signed_it(claims: dict[str, Any]) -> None:
    with pytest.raises(NotSignedIn):
        ring().read_access_token(signed(**claims))


def test_a_token_runs_out() -> None:
    with pytest.raises(NotSignedIn):
        ring().read_access_token(ring(minutes=-0.1).write_access_token(PERSON, SESSION))


@pytest.mark.parametrize("header", [{"typ": "JWT"}, {"typ": "at+JWT"}, {"jku": "https://example.org"}])
def test_nothing_else_passes_as_an_access_token(header: dict[str, Any]) -> None:
    with pytest.raises(NotSignedIn):
        ring().read_access_token(signed(header))


@pytest.mark.parametrize("algorithm", ["none", "HS256", "RS256", "eddsa"])
def test_the_token_does_not_choose_the_algorithm(algorithm: str) -> None:
    _, payload, signature = signed().split(".")
    head = encoded({"alg": algorithm, "typ": "at+jwt", "kid": KEY.id})
    for forged in (f"{head}.{payload}.{signature}", f"{head}.{payload}."):
        with pytest.raises(NotSignedIn):
            ring().read_access_token(forged)


def test_a_changed_payload_is_noticed() -> None:
    head, _, signature = signed().split(".")
    _, other, _ = signed(sub=str(uuid4())).split(".")
    with pytest.raises(NotSignedIn):
        ring().read_access_token(f"{head}.{other}.{signature}")


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "..",
        "a.b.c",
        "é.é.é",
        "\0",
        "=" * 40,
        "x" * 5_000,
        encoded([]),
        encoded("at+jwt"),
        "W" * 1_999,
    ],
)
def test_no_text_breaks_the_reader(token: str) -> None:
    with pytest.raises(NotSignedIn):
        ring().read_access_token(token)
    with pytest.raises(NotSignedIn):
        ring().read_refresh_token(token)


def test_a_deeply_nested_header_breaks_nothing() -> None:
    for written in ("[" * 1_400, '{"kid":' + "[" * 1_400, '{"x":' + "[" * 1_400):
        head = base64.urlsafe_b64encode(written.encode()).decode().rstrip("=")
        with pytest.raises(NotSignedIn):
            ring().read_access_token(f"{head}.e30.AA")


def test_a_key_that_is_not_in_the_ring_is_told_apart_from_a_bad_token() -> None:
    newer = SigningKey.new()
    with pytest.raises(UnknownKey):
        ring().read_access_token(ring(newer).write_access_token(PERSON, SESSION))
    with pytest.raises(UnknownKey):
        ring().read_refresh_token(ring(newer).write_refresh_token(SESSION, 1))


def test_keys_rotate_with_overlap() -> None:
    newer = SigningKey.new()
    token = ring().write_access_token(PERSON, SESSION)
    both = ring(newer, retired(KEY, DAY / 2))

    assert both.read_access_token(token).person_id == PERSON
    assert jwt.get_unverified_header(both.write_access_token(PERSON, SESSION))["kid"] == newer.id
    assert {key.kid for key in both.public_keys()} == {newer.id, KEY.id}


def test_a_key_long_retired_verifies_nothing_but_refreshes_still() -> None:
    later = ring(SigningKey.new(), retired(KEY, 2 * DAY))

    with pytest.raises(NotSignedIn):
        later.read_access_token(ring().write_access_token(PERSON, SESSION))
    assert KEY.id not in {key.kid for key in later.public_keys()}
    assert later.read_refresh_token(ring().write_refresh_token(SESSION, 3)).generation == 3


def test_a_ring_without_a_present_key_signs_nothing() -> None:
    with pytest.raises(LookupError):
        ring(retired(KEY, DAY)).write_access_token(PERSON, SESSION)


def test_others_verify_our_tokens_with_the_published_key() -> None:
    [public] = ring().public_keys()
    key = jwt.PyJWK(msgspec.to_builtins(public))

    claims = jwt.decode(
        ring().write_access_token(PERSON, SESSION), key, algorithms=["EdDSA"], audience="editorial"
    )
    assert claims["sub"] == str(PERSON)
    assert "d" not in msgspec.to_builtins(public)


def test_a_refresh_token_is_derived_and_so_the_same_in_every_process() -> None:
    token = ring().write_refresh_token(SESSION, 7)
    read = ring().read_refresh_token(token)

    assert (read.session_id, read.generation) == (SESSION, 7)
    assert ring().write_refresh_token(SESSION, 7) == token
    assert ring().write_refresh_token(SESSION, 8) != token
    assert ring().write_refresh_token(UUID(int=1), 7) != token


def test_no_part_of_a_refresh_token_can_be_changed() -> None:
    token = ring().write_refresh_token(SESSION, 7)
    kid, session, _, proof = token.split(".")
    for forged in (
        f"{kid}.{session}.8.{proof}",
        f"{kid}.{session}.07.{proof}",
        f"{kid}.{uuid4().hex}.7.{proof}",
        f"{kid}.{session}.7.{'A' * 43}",
        f"{token}=",
        f"{token}\n",
        token.upper(),
    ):
        with pytest.raises(NotSignedIn):
            ring().read_refresh_token(forged)


@pytest.mark.parametrize(
    ("presented", "seconds", "expected"),
    [
        (5, 0, Refresh.ROTATE),
        (5, 1_000_000, Refresh.ROTATE),
        (4, 0, Refresh.REPEAT),
        (4, 30, Refresh.REPEAT),
        (4, 30.001, Refresh.REUSE),
        (3, 0, Refresh.REUSE),
        (1, 0, Refresh.REUSE),
        (6, 0, Refresh.NOT_YET),
    ],
)
def test_a_second_use_is_a_retry_for_half_a_minute_and_then_a_theft(
    presented: int, seconds: float, expected: Refresh
) -> None:
    assert refresh_step(presented, 5, timedelta(seconds=seconds)) is expected


def test_a_derived_secret_is_the_same_in_every_process_and_no_other_one() -> None:
    secret = ring().derive("one-time link", "a")

    assert len(secret) >= 43
    assert ring().derive("one-time link", "a") == secret
    others = [
        ring().derive("one-time link", "b"),
        ring().derive("device", "a"),
        ring().derive("one-time link", "a", ""),
        ring(SigningKey.new()).derive("one-time link", "a"),
    ]
    assert len({secret, *others}) == 5
    newer = ring(SigningKey.new(), retired(KEY, 2 * DAY))
    assert newer.derives(secret, "one-time link", "a")
    assert not newer.derives(secret, "one-time link", "b")
    assert not newer.derives("é\ud800", "one-time link", "a")
    assert secret.encode() not in tokens.hash_of(secret)


def test_a_repr_tells_no_secret() -> None:
    assert repr(KEY) == f"SigningKey('{KEY.id}')"
