"""Addresses for machines: whatever somebody pasted, what comes out is a URI."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rfc3986_validator import validate_rfc3986

from editorial.core.uris import uri_of

ANYTHING = st.text(st.characters(codec="utf-8", exclude_categories=["Z", "Cc"]), min_size=1, max_size=30)


@pytest.mark.parametrize(
    ("written", "uri"),
    [
        ("https://photos.example.org/port.jpg", "https://photos.example.org/port.jpg"),
        ("https://e.org/%D0%BF?a=b&c=(d)#e", "https://e.org/%D0%BF?a=b&c=(d)#e"),
        ("https://e.org/порт.jpg", "https://e.org/%D0%BF%D0%BE%D1%80%D1%82.jpg"),
        ("https://навіны.бел/a", "https://xn--80ae5ac4e2c.xn--90ais/a"),
        ('https://e.org/a[1]|b^c`{d}"<e>\\', "https://e.org/a%5B1%5D%7Cb%5Ec%60%7Bd%7D%22%3Ce%3E%5C"),
        ("https://e.org/100%/50%zz", "https://e.org/100%25/50%25zz"),
        ("https://e.org/a#b#c", "https://e.org/a#b%23c"),
        ("http://[2001:db8::1]:8080/a", "http://[2001:db8::1]:8080/a"),
        ("HTTPS://user:word@e.org:/a", "HTTPS://user:word@e.org:/a"),
        ("https://e.org:port/a", "https://e.org%3Aport/a"),
    ],
)
def test_an_address_becomes_a_uri(written: str, uri: str) -> None:
    assert uri_of(written) == uri


@given(ANYTHING, st.sampled_from(["", "/", "@", ":", "?", "#", "[", "]", "/?#"]), ANYTHING)
def test_whatever_passes_for_an_address_becomes_a_uri_and_stays_one(one: str, mark: str, other: str) -> None:
    uri = uri_of(f"https://{one}{mark}{other}")
    assert validate_rfc3986(uri, rule="URI"), uri
    assert uri_of(uri) == uri
