"""Hostile requests, made up from the document with a fixed seed: each has a fault that nobody may let through."""

import json
import random
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

Json = dict[str, Any]

TEXTS = [
    "", " ", "\0", "a\0b", "\x07", "\x7f", "‮", "\u2028", "ў" * 500, "i̇" * 50, "𝕊" * 400, "'; drop table person; --",
    "<script>alert(1)</script>", "{{7*7}}", "${jndi:ldap://a}", "../../etc/passwd", "%00", "%s%n", "null", "NaN",
    "-1", "1e309", "9" * 400, "0x10", "1_000", "2024-W99", "2024-W30\n", "0000-W01", "９９９９-W01", "💣" * 2_000,
    "A" * 30_000, "\r\nX-Evil: 1", "javascript:alert(1)", "http://[::1", "https://a b", "e\u0301" * 300,
    "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "+275760-09-13T00:00:00Z", "2024-07-25T12:00:00",
]  # fmt: skip
VALUES: list[Any] = [
    None, True, False, 0, -1, 1.0, 1.5, -0.0, 2**31, 2**53, 2**63, -(2**63) - 1, 10**25, 1e308, [], {}, [[]], [None],
    [1] * 2_000, {"a": {"b": {"c": {}}}}, {"": ""}, {"type": "poem"}, {"action": "approve"}, {"__proto__": {"x": 1}},
]  # fmt: skip
BODIES = [
    b"", b"null", b"[]", b'""', b"0", b"{", b'{"', b"}", b"{}{}", b'{"a":}', b'{"a":1,}', b"{'a': 1}", b"{a: 1}",
    b'{"a": NaN}', b'{"a": Infinity}', b'{"a": 1e999}', b'{"a": 01}', b'{"a": 0x1}', b'{"a": "\\ud800"}',
    b'{"a": "\\udc00\\ud800"}', b'{"a": "\xff"}', b'{"a": "\xed\xa0\x80"}', b'{"a": "\xc0\xaf"}', b"\xef\xbb\xbf{}",
    b'{"a": 1, "a": 2}', b'{"action": "submit", "action": "approve"}', "{}".encode("utf-16"), "{}".encode("utf-32"),
    b"[" * 20_000, b"[" * 33 + b"]" * 33, b'{"a":' * 900 + b"1" + b"}" * 900, b"a" * 4_000, b"a=b&c=d", b"<a/>",
    b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--x--", b'{"a": "\\u0000"}', b'{"a": "' + b"x" * 60_000,
    zlib.compress(b"{}" * 50_000), bytes(range(256)), b'{"' + b'\\"' * 30_000 + b'": 1}', b"9" * 20_000,
    b"{" + b",".join(b'"%d":1' % one for one in range(5_000)) + b"}", b'/* */{"a":1}', b'{"a":1}\0',
]  # fmt: skip
PATH_PARTS = [
    "0", "-1", "1", "99999999999999999999", "2147483648", "x", "%2e%2e", "%2F", "%5c", "%25", "%20", "%E2%80%AE", "..;",
    "00000000-0000-0000-0000-000000000000", "{id}", "%7Bid%7D", "a" * 3_000, "~", "*", "null", "2024-W30", "'", "%D0%8E",
]  # fmt: skip
BROKEN_TARGETS = ["%", "%zz", "%0", "%00", "%ff", "%c0%af", "%ed%a0%80", "%0d%0aX-Evil:%201", "a%1fb"]
HEADERS = [
    b"If-Match: 3", b'If-Match: "', b'If-Match: "99999999999999999999"', b"If-Match: *", b'If-Match: W/"1", "2"',
    b"If-None-Match: \xff", b"Accept: text/xml", b"Accept: ;;;", b"Accept: " + b"a/b," * 2_000, b"Range: bytes=0-",
    b"Accept-Encoding: bomb", b"Content-Encoding: gzip", b"Content-Encoding: identity, br", b"Expect: 100-continue",
    b"Idempotency-Key: a b", b"Idempotency-Key: ", b"Idempotency-Key: " + b"k" * 400, b"X-Request-Id: a\tb",
    b"X-Request-Id: " + b"r" * 500, b"X-HTTP-Method-Override: DELETE", b"X-Forwarded-For: " + b"1.1.1.1, " * 300,
    b"Origin: null", b"Origin: https://evil.example", b"Cookie: " + b"a=b; " * 500, b"Authorization: Basic Og==",
    b"Authorization: Bearer", b"Authorization: bearer \xff\xfe", b"Authorization: Bearer a.b.c", b"TE: trailers",
    b"Authorization: Bearer " + b"eyJhbGciOiJub25lIn0." * 200, b"Content-Type: text/plain", b"Host: evil",
    b"Content-Type: application/json; charset=utf-7", b"Content-Type: ", b"Content-Type: \xff/\xff",
    b"Content-Type: application/json;charset=utf-8;charset=latin1", b"Upgrade: h2c", b"Transfer-Encoding: gzip",
]  # fmt: skip
METHODS = [
    "PUT",
    "TRACE",
    "PROPFIND",
    "LINK",
    "PATCH",
    "DELETE",
    "POST",
    "BREW",
    "get",
    "OPTIONS",
    "HEAD",
    "MOVE",
]


@dataclass(frozen=True)
class Hostile:
    """One request as it goes over the wire."""

    kind: str
    method: str
    target: str
    who: str | None
    headers: list[bytes] = field(default_factory=list)
    body: bytes | None = None


class Corpus:
    """Hostile requests to every operation of a document, with what is really there in their addresses."""

    def __init__(self, document: Json, *, known: dict[str, list[str]], people: list[str], seed: int) -> None:
        """Take the ids of real things by the addresses that they are for, and who can sign in."""
        self._chance = random.Random(seed)
        self._known = known
        self._people: list[str | None] = [*people, None]
        self._operations = [
            (method.upper(), path, operation)
            for path, methods in document["paths"].items()
            for method, operation in methods.items()
        ]

    def requests(self, count: int) -> Iterator[Hostile]:
        """So many of them."""
        kinds = [
            self.bad_body,
            self.bad_json,
            self.bad_query,
            self.bad_target,
            self.bad_header,
            self.bad_method,
            self.bad_path,
        ]
        for number in range(count):
            method, path, operation = self._operations[number % len(self._operations)]
            made = None
            while made is None:
                made = self._chance.choice(kinds)(method, path, operation)
            yield made

    def _target(self, path: str) -> str:
        filled = path
        while "{" in filled:
            before, _, rest = filled.partition("{")
            name, _, after = rest.partition("}")
            choices = self._known.get(path) or self._known.get(name) or ["nowhere"]
            filled = f"{before}{self._chance.choice(choices)}{after}"
        return filled

    def _who(self) -> str | None:
        return self._chance.choice(self._people)

    def bad_body(self, method: str, path: str, operation: Json) -> Hostile | None:
        """A body with a member that nobody knows, and other members as they should not be."""
        media = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if media is None:
            return None
        body = dict(media.get("example") or {})
        for name in self._chance.sample(sorted(body), k=self._chance.randint(0, len(body))):
            body[name] = self._chance.choice([*VALUES, *TEXTS])
        body[self._chance.choice(["bogus", "", "id", "__class__", "a/b~c", "\u0430ction"])] = (
            self._chance.choice(VALUES)
        )
        written = json.dumps(body, ensure_ascii=self._chance.random() < 0.5).encode("utf-8", "surrogatepass")
        return Hostile("body", method, self._target(path), self._who(), self._good(operation), written)

    def bad_json(self, method: str, path: str, operation: Json) -> Hostile | None:
        """A body that is no object of ours at all."""
        if "requestBody" not in operation:
            return None
        return Hostile(
            "json",
            method,
            self._target(path),
            self._who(),
            self._good(operation),
            self._chance.choice(BODIES),
        )

    def bad_query(self, method: str, path: str, operation: Json) -> Hostile:
        """A query with a parameter that nobody knows, and others as they should not be."""
        names = [one["name"] for one in operation.get("parameters", ()) if one["in"] == "query"]
        pairs = [("bogus", self._chance.choice(TEXTS))]
        for name in self._chance.choices(names or ["x"], k=self._chance.randint(0, 6)):
            pairs.append((name, self._chance.choice(TEXTS)))
        query = "&".join(f"{quote(name)}={quote(value[:500])}" for name, value in pairs)
        return Hostile(
            "query", method, f"{self._target(path)}?{query}", self._who(), self._good(operation), b"{}"
        )

    def bad_target(self, method: str, path: str, operation: Json) -> Hostile:
        """An address that is not well-formed."""
        bad = self._chance.choice(BROKEN_TARGETS)
        where = self._chance.choice(["{0}/{1}", "{0}?a={1}", "/{1}{0}"])
        return Hostile("target", method, where.format(self._target(path), bad), self._who(), [], None)

    def bad_path(self, method: str, path: str, operation: Json) -> Hostile | None:
        """An address whose parts are something else."""
        if "{" not in path:
            return None
        parts = [
            self._chance.choice(PATH_PARTS) if part.startswith("{") else part for part in path.split("/")
        ]
        return Hostile("path", method, "/".join(parts), self._who(), self._good(operation), b'{"bogus": 1}')

    def bad_header(self, method: str, path: str, operation: Json) -> Hostile:
        """Headers as they should not be, and a member that nobody knows besides."""
        headers = self._chance.sample(HEADERS, k=self._chance.randint(1, 3))
        return Hostile(
            "header", method, f"{self._target(path)}?bogus=1", self._who(), headers, b'{"bogus": 1}'
        )

    def bad_method(self, method: str, path: str, operation: Json) -> Hostile:
        """A method that the address may not know, and a parameter that it does not."""
        other = self._chance.choice(METHODS)
        return Hostile(
            "method",
            other,
            f"{self._target(path)}?bogus=1",
            self._who(),
            self._good(operation),
            b'{"bogus": 1}',
        )

    def _good(self, operation: Json) -> list[bytes]:
        """Headers without a fault, some of the time."""
        headers = [b"Content-Type: application/json"]
        if self._chance.random() < 0.7:
            headers.append(b'If-Match: "%d"' % self._chance.choice([1, 2, 3, 5]))
        if self._chance.random() < 0.3:
            headers.append(b"Idempotency-Key: %d" % self._chance.getrandbits(64))
        return headers
