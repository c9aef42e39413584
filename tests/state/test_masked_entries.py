"""Entries that are passed on hold no secret, wherever it was, and all else as it was."""

import gzip
import json
from itertools import product
from time import process_time
from typing import Any

import pytest

from mockserver.contract.loading.document import load
from mockserver.contract.violation import Violation
from mockserver.state.journal import Journal, JournalLimits
from mockserver.state.journal_entry import Entry
from mockserver.state.masked_entries import for_a_line, masked
from mockserver.state.masks import Masks
from tests.serve.test_upstream import NOTES
from tests.state.entries import asked

MASKS = Masks(load(NOTES))
JSON = "application/json"


def shown_body(body: bytes, media_type: str = JSON, limit: int = 10_000, **headers: str) -> str:
    """Give the body of a request as it is shown."""
    journal = Journal(limits=JournalLimits(body=limit))
    entry = asked(journal, "POST", body=body[:limit], headers={"content-type": media_type, **headers})
    entry.request_size = len(body)
    shown = masked(entry, MASKS)
    assert (len(shown.request_body or b"") < shown.request_size) is (len(body) > limit)
    return (shown.request_body or b"").decode()


def everything(entry: Entry) -> str:
    parts: list[Any] = [entry.target, entry.request_headers, entry.response_headers, entry.notes]
    parts += [entry.violations, entry.request_body, entry.response_body]
    return repr(parts)


@pytest.mark.parametrize("shown", [masked, for_a_line])
@pytest.mark.parametrize("target", ["/things", "/things?q=1"])
def test_a_caller_who_is_known_by_a_key_alone_is_not_named(shown, target):
    keyed = asked(Journal(), target=target, headers={"x-key": "a-secret-key"}, caller={"sub": "a-secret-key"})
    named = asked(Journal(), target=target, headers={"x-key": "a-secret-key"}, caller={"sub": "usr_1"})

    assert shown(keyed, MASKS).caller == {"sub": "masked-caller"}
    assert shown(named, MASKS).caller == {"sub": "usr_1"}


def test_json_whose_secret_is_a_number_is_json_still():
    body = json.loads(shown_body(b'{"password": 1234, "max_tokens": 100}'))

    assert body["password"] != 1234
    assert (type(body["password"]), body["max_tokens"]) == (int, 100)


def test_no_part_of_an_entry_keeps_a_secret():
    answered = [
        (b"set-cookie", b"session=cookie-zzz; Path=/api; HttpOnly"),
        (b"location", b"https://h/next?token=where-zzz&limit=1"),
        (b"x-auth-token", b"header-zzz"),
    ]
    entry = asked(
        Journal(),
        "POST",
        "/api/v1/login?token=query-zzz&limit=2",
        json_body={"password": "p-zzz", "text": "kept", "n": 1.5, "secrets": [{"a": "deep-zzz"}]},
        headers={
            "content-type": JSON,
            "authorization": "Bearer bearer-zzz",
            "cookie": "a=crumb-zzz; b=2-zzz",
            "x-key": "key-zzz",
            "referer": "http://me:ref-zzz@h/x",
        },
        answer=b'{"access_token": "at-zzz", "you sent": "bearer-zzz", "text": "kept"}',
        response_headers=answered,
        notes=['let pass: body.password: "p-zzz" is shorter than 8', "crumb-zzz was seen"],
        violations=(Violation(("body", "password"), "minLength", None, None, '"p-zzz" is shorter than 8'),),
    )

    shown = masked(entry, MASKS)

    assert "zzz" not in everything(shown)
    assert shown.target == "/api/v1/login?token=masked-token&limit=2"
    assert dict(shown.request_headers)[b"authorization"] == b"Bearer masked-authorization"
    assert dict(shown.request_headers)[b"cookie"] == b"a=masked-cookie; b=masked-cookie"
    assert dict(shown.response_headers)[b"set-cookie"] == b"session=masked-cookie; Path=/api; HttpOnly"
    assert json.loads(shown.request_body or b"")["text"] == "kept"
    assert json.loads(shown.response_body)["text"] == "kept"
    assert shown.notes[0] == 'let pass: body.password: "masked" is shorter than 8'
    assert "p-zzz" in everything(entry)


@pytest.mark.parametrize(
    ("media_type", "body", "shown"),
    [
        pytest.param(JSON, '{"a": 1.50, "b" : "c"}', '{"a": 1.50, "b" : "c"}', id="nothing secret"),
        pytest.param(JSON, '{"otp": null, "token": "x"}', '{"otp":null,"token":"masked-token"}', id="JSON"),
        pytest.param(JSON, '{"token": "x", "b', '{"token": "masked-token", "b', id="half of it"),
        pytest.param(JSON, '{"a": 1, "token": "x\\"y', '{"a": 1, "token": "masked-token', id="half a secret"),
        pytest.param(JSON, '{"secrets": ["x", "y"], "b', '{"secrets": masked', id="half of a list"),
        pytest.param(
            JSON,
            '{"a": {"password": "x"}, "a": 1}',
            '{"a": {"password": "masked-password"}, "a": 1}',
            id="a member twice",
        ),
        pytest.param(
            "application/x-ndjson",
            '{"token": "x", "b": 1}\n{"b": 2}',
            '{"token": "masked-token", "b": 1}\n{"b": 2}',
            id="lines",
        ),
        pytest.param(
            "application/x-www-form-urlencoded",
            "a=1&pass%77ord=x%2Cy,z&b=",
            "a=1&pass%77ord=masked-password&b=",
            id="a form",
        ),
        pytest.param(
            "multipart/form-data; boundary=x",
            '--x\r\nContent-Disposition: form-data; name="password"\r\n\r\none\r\ntwo\r\n--x\r\n'
            'Content-Disposition: form-data; name="a"\r\nX: y\r\n\r\n1\r\n--x--',
            '--x\r\nContent-Disposition: form-data; name="password"\r\n\r\nmasked-password\r\n--x\r\n'
            'Content-Disposition: form-data; name="a"\r\nX: y\r\n\r\n1\r\n--x--',
            id="multipart",
        ),
        pytest.param(
            "Multipart/Form-Data; boundary=x",
            "--x\nContent-Disposition: form-data; Name=password; a=b\n\none\n--x\n"
            "Content-Disposition: form-data; name=token\n\n\n--x\n"
            'Content-Disposition: form-data; name="the token"\n\n{"a": 1}',
            "--x\nContent-Disposition: form-data; Name=password; a=b\n\nmasked-password\n--x\n"
            "Content-Disposition: form-data; name=token\n\n\n--x\n"
            'Content-Disposition: form-data; name="the token"\n\nmasked-thetoken',
            id="names without quotes, nothing, and a value that ends with the body",
        ),
        pytest.param(
            "text/html",
            '<input type="text" name="password">\n\nkept',
            '<input type="text" name="password">\n\nkept',
            id="no part where there are none",
        ),
        pytest.param(
            "application/xml",
            '<a b:token="x" c="d"><n:password k="v">x y</n:password><secret><![CDATA[x<y]]></secret></a>',
            '<a b:token="masked-token" c="d"><n:password k="v">masked-password</n:password>'
            "<secret>masked-secret</secret></a>",
            id="XML",
        ),
    ],
)
def test_the_rest_of_a_body_stays_as_it_was(media_type, body, shown):
    assert shown_body(body.encode(), media_type) == shown


def test_a_token_is_in_no_address_and_a_count_of_tokens_stays():
    headers = {"authorization": "Bearer abcdef123456", "x-remaining-tokens": "99"}
    asked_for = "/echo?x=abcdef123456&next=http://u:pw-zzz@h/"
    entry = asked(Journal(), "POST", asked_for, headers=headers, notes=["pw-zzz is no address"])

    assert masked(entry, MASKS).target == "/echo?x=masked-credential&next=http://u:masked-password@h/"
    assert for_a_line(entry, MASKS).target == masked(entry, MASKS).target
    assert for_a_line(entry, MASKS).notes == ["masked is no address"]
    assert dict(masked(entry, MASKS).request_headers)[b"x-remaining-tokens"] == b"99"
    assert (
        shown_body(b'{"max_tokens": 5, "token": "x", "b', JSON)
        == '{"max_tokens": 5, "token": "masked-token", "b'
    )


def test_a_cookie_that_is_a_word_is_masked_in_no_text():
    entry = asked(Journal(), headers={"cookie": "region=europe"}, answer=b'{"text": "all over europe"}')
    entry.response_headers = [(b"set-cookie", b"theme=default; Path=/")]

    assert masked(entry, MASKS).response_body == entry.response_body
    assert dict(masked(entry, MASKS).request_headers)[b"cookie"] == b"region=masked-cookie"


def test_a_body_that_was_cut_stays_cut():
    assert shown_body(b'{"token": "abcdefghijk", "b": 1}', limit=16) == '{"token": "masked-token'


def test_a_packed_body_is_given_unpacked_or_not_at_all():
    body = b'{"token": "x", "a": 1}'

    readable = shown_body(gzip.compress(body), **{"content-encoding": "gzip"})
    unreadable = shown_body(body, **{"content-encoding": "br"})

    assert readable == '{"token":"masked-token","a":1}'
    assert unreadable.startswith("(left out")


def test_a_body_of_bytes_stays_one():
    entry = asked(Journal(), answer=b"\x89PNG\xff\x00")

    assert masked(entry, MASKS).response_body == entry.response_body


def test_a_long_secret_is_not_in_what_was_told_of_a_part_of_it():
    secret = "s" * 20 + "e" * 300
    entry = asked(
        Journal(), "POST", json_body={"password": secret}, notes=[f'body.password: "{secret[:200]}…']
    )

    assert masked(entry, MASKS).notes == ['body.password: "masked']


def test_deep_and_large_bodies_do_no_harm():
    deep = b"[" * 5000 + b'{"token": "zzz"}'
    long = b'{"a": "' + b"x=" * 100_000 + b'"}'

    assert "zzz" not in shown_body(deep, limit=300_000)
    assert shown_body(long, limit=300_000) == long.decode()


HOSTILE = {
    "names of parts": ' name="a"\n',
    "secret names of parts": ' name="token"\n',
    "parts": ' name="token"\n\n\n--',
    "HTML": '<input type="text" name="token">\n',
    "elements": "<token ",
    "attributes": " token='",
    "members": '"token" : ',
    "form": "token=,",
    "addresses": "http://u:",
    "blanks": "\n",
    "signed": "eyJaaaaa.",
}


@pytest.mark.parametrize(
    ("text", "media_type"), list(product(HOSTILE, ["text/plain", "multipart/form-data"]))
)
def test_the_time_that_it_takes_grows_with_the_body_and_not_with_its_square(text, media_type):
    def seconds(size: int) -> float:
        body = (HOSTILE[text] * size)[:size].encode()
        taken = []
        for _ in range(3):
            before = process_time()
            shown_body(body, media_type, limit=size)
            taken.append(process_time() - before)
        return min(taken)

    assert seconds(64 * 1024) < 24 * max(seconds(8 * 1024), 0.001)
