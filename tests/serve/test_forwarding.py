"""Addresses are ours on our side and the backend's on its; packed bodies are read within limits."""

import gzip
import random
import zlib

import pytest

from mockserver.contract.media.codings import decoded
from mockserver.serve.backend import Backend
from mockserver.serve.forwarding import Addresses

SCOPE = {"scheme": "http", "headers": [(b"host", b"mock.test")], "query_string": b""}
SAME = Addresses(Backend("http://backend.test:9000"), "/api/v1")
MOVED = Addresses(Backend("http://backend.test:9000/v7"), "/api/v1")


@pytest.mark.parametrize(
    ("addresses", "asked", "sent"),
    [
        pytest.param(SAME, b"/api/v1/notes%2F", b"/api/v1/notes%2F", id="the same"),
        pytest.param(MOVED, b"/api/v1/notes%2F", b"/v7/notes%2F", id="below the base path"),
        pytest.param(MOVED, b"/api/v1", b"/v7", id="the base path itself"),
        pytest.param(MOVED, b"/api/v1x", b"/v7/api/v1x", id="another"),
    ],
)
def test_a_path_is_asked_for_as_it_was_written(addresses, asked, sent):
    assert addresses.target({**SCOPE, "raw_path": asked}) == sent
    assert addresses.target({**SCOPE, "raw_path": asked, "query_string": b"a=%20"}) == sent + b"?a=%20"


@pytest.mark.parametrize(
    ("addresses", "location", "ours"),
    [
        pytest.param(SAME, "http://backend.test:9000/x?y#z", "http://mock.test/x?y#z", id="the backend"),
        pytest.param(MOVED, "http://backend.test:9000/v7/x", "http://mock.test/api/v1/x", id="with a path"),
        pytest.param(MOVED, "/v7/x", "/api/v1/x", id="a path"),
        pytest.param(MOVED, "/v77/x", "/v77/x", id="another path"),
        pytest.param(MOVED, "x?y", "x?y", id="relative"),
        pytest.param(SAME, "https://login.test/x", "https://login.test/x", id="elsewhere"),
        pytest.param(SAME, "http://[bad/x", "http://[bad/x", id="nowhere"),
    ],
)
def test_a_redirect_to_the_backend_leads_through_us(addresses, location, ours):
    assert addresses.location(location, SCOPE, "") == ours


def test_a_redirect_stays_in_its_sandbox():
    assert (
        SAME.location("http://backend.test:9000/x", SCOPE, "/_mock/in/one")
        == "http://mock.test/_mock/in/one/x"
    )


@pytest.mark.parametrize(
    ("cookie", "ours"),
    [
        ("a=b; Path=/v7/x; Domain=backend.test; Secure", "a=b; Path=/api/v1/x; Secure"),
        ("a=b; domain=.backend.test", "a=b"),
        ("a=b; Domain=other.test; Path=/", "a=b; Domain=other.test; Path=/"),
        ("path=/v7", "path=/v7"),
    ],
)
def test_a_cookie_is_one_of_ours(cookie, ours):
    assert MOVED.cookie(cookie, "") == ours


@pytest.mark.parametrize(
    ("raw", "encoding", "read"),
    [
        pytest.param(b"body", None, b"body", id="none"),
        pytest.param(b"body", "identity", b"body", id="identity"),
        pytest.param(gzip.compress(b"body"), "GZIP", b"body", id="gzip"),
        pytest.param(zlib.compress(b"body"), "deflate", b"body", id="deflate"),
        pytest.param(zlib.compress(b"body")[2:-4], "deflate", b"body", id="bare deflate"),
        pytest.param(gzip.compress(b"body"), "br", None, id="one that is not known"),
        pytest.param(gzip.compress(b"bo") + gzip.compress(b"dy"), "gzip", b"body", id="in two parts"),
        pytest.param(gzip.compress(b"body") + b"\x00", "gzip", b"body", id="with something behind it"),
        pytest.param(gzip.compress(b"0" * 5000), "gzip", None, id="beyond the limit"),
        pytest.param(gzip.compress(b"0" * 1000), "gzip", b"0" * 1000, id="at the limit"),
        pytest.param(gzip.compress(b"bo" * 251) * 2, "gzip", None, id="beyond the limit in two parts"),
        pytest.param(gzip.compress(b"0") * 1000, "gzip", b"0" * 1000, id="in as many parts as are read"),
        pytest.param(gzip.compress(b"") * 50_000, "gzip", None, id="in more parts than are read"),
    ],
)
def test_a_packed_body_is_read_within_a_limit(raw, encoding, read):
    assert decoded(raw, encoding, 1000) == read


def test_a_large_packed_body_is_read_whole():
    body = random.Random(7).randbytes(100_000)

    assert decoded(gzip.compress(body) + gzip.compress(body), "gzip", 200_000) == body + body
    assert decoded(zlib.compress(body)[2:-4], "deflate", 100_000) == body
    assert decoded(gzip.compress(body) + gzip.compress(body)[:-4], "gzip", 200_000) == body
    assert decoded(gzip.compress(body) + b"\x00" * 40_000, "gzip", 200_000) == body


@pytest.mark.parametrize("raw", [b"body", gzip.compress(b"body")[:-4]], ids=["not packed", "cut off"])
def test_what_is_not_packed_as_it_says_is_told(raw):
    with pytest.raises(ValueError, match="it is not gzip"):
        decoded(raw, "gzip", 1000)
