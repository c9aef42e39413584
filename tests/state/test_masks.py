"""Secrets are found by names and by what requests sign in with; nothing tells what they were."""

import pytest

from mockserver.contract.loading.document import load
from mockserver.contract.violation import Violation
from mockserver.state.masks import Masks, is_secret
from tests.serve.test_upstream import NOTES


def anything(_value):
    return True


@pytest.fixture(scope="module")
def masks() -> Masks:
    return Masks(load(NOTES))


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "newPassword",
        "client_secret",
        "access-token",
        "apiKey",
        "X-API-Key",
        "refreshTokens",
        "Set-Cookie",
        "page_access_token",
        "NEXTAUTH_SECRET",
        "nextcloud_password",
        "syncPassword",
        "async_token",
        "asynctoken",
        "password_hash",
        "webhook_secret_v2",
        "private_key_pem",
        "clientSecretValue",
        "password1",
    ],
)
def test_a_field_that_is_called_as_secrets_are_is_one(name):
    assert is_secret(name)


@pytest.mark.parametrize(
    "name",
    [
        "id",
        "text",
        "next_page_token",
        "nextPageToken",
        "nextpagetoken",
        "cursorToken",
        "sync_tokens",
        "password_changed_at",
        "token_type",
        "passenger",
        "hash",
        "content_hash",
        "v2",
    ],
)
def test_other_fields_are_none(name):
    assert not is_secret(name)


def test_a_secret_is_masked_by_its_name_wherever_it_is(masks):
    value = {
        "user": {"password": "a", "pins": [1]},
        "secrets": ["b", {"any": "c"}],
        "token": None,
        "text": "d",
    }

    masked = masks.mask(value, frozenset(), anything)

    assert masked == {
        "user": {"password": "masked-password", "pins": [1]},
        "secrets": ["masked-secrets", {"any": "masked-secrets"}],
        "token": None,
        "text": "d",
    }


def test_two_values_of_one_field_cannot_be_told_apart(masks):
    def short(value):
        return len(value["password"]) == 4

    masked = [masks.mask({"password": each}, frozenset(), short) for each in ("ab12", "xz98", "ab12")]

    assert masked[0] == masked[2]
    assert all(len(each["password"]) == 4 and each["password"] not in ("ab12", "xz98") for each in masked)


def test_what_has_to_be_of_a_shape_keeps_it_and_the_rest_is_plain(masks):
    value = {"password": "long enough", "token": "tok_a1b2c3d4"}

    masked = masks.mask(value, frozenset(), lambda each: each["token"].startswith("tok_"))

    assert masked["password"] == "masked-password"
    assert masked["token"].startswith("tok_")
    assert masked["token"] != value["token"]


def test_a_number_stays_a_number(masks):
    masked = masks.mask({"otp": 123456}, frozenset(), anything)

    assert isinstance(masked["otp"], int)
    assert masked["otp"] != 123456


def test_a_number_of_tokens_is_a_count_and_stays(masks):
    usage = {"max_tokens": 100, "totalTokens": 2.5, "tokens": {"prompt": 3}, "otp_tokens": ["12"], "token": 7}

    masked = masks.mask(usage, frozenset(), anything)

    assert masked == {**usage, "otp_tokens": ["masked-otptokens"], "token": masked["token"]}
    assert masked["token"] != 7
    assert masks.target("/x?max_tokens=5&tokens=a5") == "/x?max_tokens=5&tokens=masked-tokens"
    assert masks.credentials([(b"x-ratelimit-remaining-tokens", b"149984")], "/x?max_tokens=100000") == set()


@pytest.mark.parametrize(
    ("cookies", "secrets"),
    [
        ("theme=default; region=europe", set()),
        ("a=short-1; b=a-long-word-without-any", set()),
        ('a="0d7f2a9c41b84e6f"; b=x', {"0d7f2a9c41b84e6f"}),
        (
            "connect.sid=abcdef; PHPSESSID=ghijkl; token=mnopqr; X-Key=stuvwx",
            {"abcdef", "ghijkl", "mnopqr", "stuvwx"},
        ),
        ("sid=tiny", set()),
    ],
)
def test_of_cookies_only_those_are_credentials_that_are_called_or_written_so(masks, cookies, secrets):
    assert masks.credentials([(b"cookie", cookies.encode())], "/notes") == secrets


def test_a_credential_that_may_be_a_word_is_replaced_as_a_word_only(masks):
    credentials = frozenset(["sesame", "0d7f2a9c41b84e6f"])

    masked = masks.mask("open sesame, sesames and id_0d7f2a9c41b84e6f_x", credentials, anything)

    assert masked == "open masked-credential, sesames and id_masked-credential_x"


def test_what_a_request_signed_in_with_is_masked_in_any_text(masks):
    headers = [
        (b"x-key", b"the-secret-key"),
        (b"authorization", b"Bearer abc.def.ghi"),
        (b"cookie", b"session=session-1"),
    ]
    credentials = masks.credentials(headers, "/notes?api_key=in%20the%20query&limit=1000000")

    text = "the-secret-key, abc.def.ghi, session-1, in the query, 1000000"
    masked = masks.mask({"text": text}, credentials, anything)

    assert masked["text"] == ", ".join(["masked-credential"] * 4 + ["1000000"])


def test_a_target_keeps_all_but_the_secrets_of_its_query(masks):
    assert (
        masks.target("/notes?limit=2&api_key=x&X-Key=y&a")
        == "/notes?limit=2&api_key=masked-apikey&X-Key=masked-xkey&a"
    )
    assert masks.target("/notes") == "/notes"


@pytest.mark.parametrize(
    ("target", "shown"),
    [
        ("/echo?x=the-key-1&y=%74he-key-1", "/echo?x=masked-credential&y=masked-credential"),
        ("/of/the-key-1/%74he-key-1/a%2Fb", "/of/masked-credential/masked-credential/a%2Fb"),
        ("/x?q=eyJhbGciOi.eyJzdWIiOiI.abcdef&a=%20+b", "/x?q=masked-token&a=%20+b"),
        ("/x?eyJhbGciOi.eyJzdWIiOiI.abcdef", "/x?masked-token"),
        ("/x/eyJhbGciOi.eyJzdWIiOiI.abcdef", "/x/masked-token"),
        ("/x?next=http://u:pw@h/", "/x?next=http://u:masked-password@h/"),
        ("/x?next=http%3A%2F%2Fu%3Apw%40h%2F", "/x?next=http://u:masked-password@h/"),
        ("/x?next=%2Flogin%3Ftoken%3Dabc%26a%3Db", "/x?next=/login?token=masked-token%26a=b"),
        ("/x/http://u:pw@h/%2e", "/x/http://u:masked-password@h/%2e"),
        ("/x?a=b=c&d&&e=%zz", "/x?a=b=c&d&&e=%zz"),
    ],
)
def test_a_target_has_no_secret_that_a_text_would_not_have(masks, target, shown):
    assert masks.target(target, credentials=frozenset(["the-key-1"])) == shown


def test_the_target_and_the_texts_have_no_secret_of_the_path(masks):
    path, target = "/sessions/{session_token}/of/{id}", "/in/one/api/v1/sessions/in%20the%20path/of/7?limit=2"

    credentials = masks.credentials([], target, path)

    assert masks.target(target, path) == "/in/one/api/v1/sessions/masked-sessiontoken/of/7?limit=2"
    assert masks.mask(["of in the path, 7"], credentials, anything) == ["of masked-credential, 7"]


def test_the_scheme_of_a_header_is_no_secret_and_a_header_that_is_called_like_one_has_one(masks):
    headers = [(b"authorization", b"Bearer abc.def.ghi"), (b"x-auth-token", b"topsecret123")]

    credentials = masks.credentials(headers, "/notes")

    masked = masks.mask("Bearer abc.def.ghi topsecret123", credentials, anything)
    assert masked == "Bearer masked-credential masked-credential"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            "https://u:urlpass@h/x?token=urltok&limit=2#access_token=a%20b",
            "https://u:masked-password@h/x?token=masked-token&limit=2#access_token=masked-accesstoken",
        ),
        ("postgres://me:p@ss@db:5432/x", "postgres://me:masked-password@db:5432/x"),
        ("git clone https://ghp_abcdef@host/a.git", "git clone https://masked-user@host/a.git"),
        ("ssh://git@host/a.git", "ssh://git@host/a.git"),
        (
            "see /login?next=/a&user[password]=b,c or not",
            "see /login?next=/a&user[password]=masked-userpassword or not",
        ),
        ("client_secret=abc", "client_secret=masked-clientsecret"),
        ("/notes?page_token=abc", "/notes?page_token=abc"),
        ("me@host.example: a=b", "me@host.example: a=b"),
        ("it was eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.c2ln, gone", "it was masked-token, gone"),
    ],
)
def test_secrets_in_addresses_and_signed_tokens_are_masked_in_any_text(masks, text, shown):
    assert masks.mask({"text": text}, frozenset(), anything) == {"text": shown}


def test_what_a_contract_calls_a_password_is_one_whatever_its_name(tmp_path):
    contract = tmp_path / "cards.yaml"
    contract.write_text(CARDS)

    masks = Masks(load(contract))

    value = {
        "pin": "1234",
        "card": "4111",
        "old": {"Pin": 5678, "board": "cork"},
        "codes": ["9"],
        "note": "x",
    }
    masked = masks.mask(value, frozenset(), anything)
    assert masked["pin"] == "masked-pin"
    assert masked["card"] == "masked-card"
    assert masked["old"]["Pin"] != 5678
    assert (masked["old"]["board"], masked["note"]) == ("cork", "x")
    assert masked["codes"] == ["masked-codes"]
    assert masks.target("/cards?phrase=a&limit=1") == "/cards?phrase=masked-phrase&limit=1"
    assert masks.is_secret_header("X-Sesame")


CARDS = """\
openapi: 3.1.0
info: {title: Cards, version: '1'}
paths:
  /cards:
    parameters:
      - {name: phrase, in: query, schema: {type: string, format: password}}
      - {name: X-Sesame, in: header, schema: {$ref: '#/components/schemas/Hidden'}}
      - {name: limit, in: query, schema: {type: integer}}
    get:
      responses:
        '200':
          description: Cards
          content:
            application/json:
              schema:
                properties:
                  pin: {type: string, format: password}
                  card: {anyOf: [{$ref: '#/components/schemas/Hidden'}, {type: 'null'}]}
                  codes: {type: array, items: {type: string, format: password}}
                  board: {type: string}
components:
  schemas:
    Hidden: {type: string, format: password}
"""


def test_what_is_said_of_a_value_does_not_tell_its_secrets(masks):
    said = [
        Violation(("body", "password"), "minLength", 3, "No", '"No" is shorter than 3: Note'),
        Violation(("body", 0), "anyOf", None, {"text": "a", "otp": 12}, '{"text":"a","otp":12} is neither'),
        Violation(("query", "text"), "enum", None, "the-secret-key", "the-secret-key is not a"),
        Violation(("cookie", "theme"), "enum", None, "dark", "dark is not light"),
    ]

    assert [masks.message(each, frozenset(["the-secret-key"])) for each in said] == [
        '"masked" is shorter than 3: Note',
        '{"text":"a","otp":masked} is neither',
        "masked is not a",
        "dark is not light",
    ]
