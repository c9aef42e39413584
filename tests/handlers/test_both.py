"""What both products have in common: paths, ids, times, names, request ids, HEAD and DELETE."""

import re
from datetime import UTC, datetime

import pytest

from mockserver.serve.assembly import Setup
from tests.conftest import SHIPPED, in_process
from tests.handlers.calls import (
    AARONS_ROLE,
    BRACKWATER,
    CALLS,
    CHIDI,
    ELENA,
    GROUPS,
    NIGHT_SHIFT,
    READING,
    ROLES,
    SERVICE_DESK,
    each,
    remembered,
)

ONE_ROLE = f"{ROLES}{AARONS_ROLE}"
OURS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


# The trailing slash


def other_form(path):
    return path.removesuffix("/") if path.endswith("/") else f"{path}/"


@each(CALLS)
@pytest.mark.parametrize(
    "query",
    ["", "?page=2&role=SUPER_ADMIN", "?q=%C3%A9+%26&q=", "?"],
    ids=["none", "two", "escaped", "empty"],
)
def test_the_other_form_of_the_trailing_slash_is_307_to_the_documented_one(api, call, query):
    before = remembered(api)

    redirected = api.request(call.method, f"{other_form(call.path)}{query}", json=call.json)

    assert redirected.status_code == 307
    assert redirected.headers["Location"] == f"{call.path}{query if query != '?' else ''}"
    assert redirected.content == b""
    assert remembered(api) == before


@each(CALLS)
def test_who_follows_the_redirection_gets_the_answer(api, call):
    answered = api.request(
        call.method, other_form(call.path), json=call.json, as_="super-admin", follow_redirects=True
    )

    assert answered.status_code == call.status
    assert [hop.status_code for hop in answered.history] == [307]


# Ids


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "%20",
        "%00",
        "%0A",
        "a%2Fb",
        "..%2F..",
        "%7Brole_id%7D",
        "日本語",
        "adr_K4RDQ7PF3T4GW6TQ",
        "usr_le54mfshg9d7ywhm",
        "a" * 5000,
    ],
    ids=[
        "short",
        "a space",
        "a NUL",
        "a line break",
        "a slash",
        "a way up",
        "braces",
        "letters beyond ASCII",
        "upper case",
        "an id of something else",
        "5,000 letters",
    ],
)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        pytest.param("GET", f"{ROLES}{{id}}", id="getAdminRole"),
        pytest.param("DELETE", f"{ROLES}{{id}}", id="deleteAdminRole"),
        pytest.param("GET", f"{GROUPS}/{{id}}", id="getGroup"),
        pytest.param("DELETE", f"{GROUPS}/{{id}}/role", id="revokeGroupRole"),
    ],
)
def test_an_id_may_be_any_text_and_an_unknown_one_is_404(api, method, path, text):
    before = remembered(api)

    refused = api.request(method, path.replace("{id}", text), as_="super-admin")

    assert refused.status_code == 404
    assert "not found" in refused.text
    assert remembered(api) == before


def test_an_id_may_be_escaped(api):
    escaped = "".join(f"%{ord(letter):02X}" for letter in AARONS_ROLE)

    found = api.get(f"{ROLES}{escaped}", as_="super-admin")

    assert found.json()["data"]["id"] == AARONS_ROLE


def test_new_ids_are_a_prefix_and_16_lower_case_letters_and_digits_and_never_the_same(api):
    made = [
        api.post(
            ROLES, json={"user_id": CHIDI, "role": "SUPER_ADMIN", "tenant_id": tenant}, as_="super-admin"
        )
        for tenant in (None, BRACKWATER, "tnt_w9ibqxqvdc9co19b")
    ]

    ids = [created.json()["data"]["id"] for created in made]
    assert all(re.fullmatch("adr_[a-z0-9]{16}", each_id) for each_id in ids)
    assert len(set(ids)) == len(ids)


# Times


@each(READING)
def test_the_times_we_make_are_utc_with_z_and_microseconds(api, call):
    answered = call.send(api, as_="super-admin").json()["data"]

    items = answered if isinstance(answered, list) else [answered]
    times = [value for item in items for name, value in item.items() if name.endswith("_at") and value]
    assert times
    assert [value for value in times if not OURS.fullmatch(value)] == []


def test_what_is_made_later_is_dated_later_even_by_a_clock_that_stands_still():
    with in_process(Setup(contract=SHIPPED, set_to=datetime(2030, 1, 1, tzinfo=UTC))) as api:
        tenants = [tenant["id"] for tenant in api.mock.world.store["tenants"]]
        bodies = [{"user_id": CHIDI, "role": "TENANT_ADMIN", "tenant_id": tenant} for tenant in tenants]

        made = [api.post(ROLES, json=body, as_="super-admin").json()["data"] for body in bodies]

        times = [role["created_at"] for role in made]
        assert times == sorted(set(times))
        assert all(time.startswith("2030-01-01T00:00:00.") for time in times)
        newest = api.get(ROLES, params={"per_page": len(made)}, as_="super-admin").json()["data"]
        assert newest == made[::-1]


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        pytest.param("2027-06-30T22:00:00Z", "2027-06-30T22:00:00.000000Z", id="without a fraction"),
        pytest.param("2027-06-30T22:00:00.5Z", "2027-06-30T22:00:00.500000Z", id="tenths"),
        pytest.param(
            "2027-06-30T22:00:00.1234567Z", "2027-06-30T22:00:00.123456Z", id="less than microseconds"
        ),
        pytest.param("2027-07-01T00:30:00+02:00", "2027-06-30T22:30:00.000000Z", id="an offset to the east"),
        pytest.param("2027-06-30T20:15:00-03:45", "2027-07-01T00:00:00.000000Z", id="an offset to the west"),
        pytest.param(
            "2027-06-30T22:00:00-00:00", "2027-06-30T22:00:00.000000Z", id="an offset that is unknown"
        ),
        pytest.param("2027-06-30t22:00:00z", "2027-06-30T22:00:00.000000Z", id="lower case"),
        pytest.param("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000000Z", id="the first moment"),
        pytest.param("0001-01-01T00:00:00+02:00", "0001-01-01T00:00:00+02:00", id="an offset before year 1"),
        pytest.param(
            "9999-12-31T23:59:59-02:00", "9999-12-31T23:59:59-02:00", id="an offset after year 9999"
        ),
        pytest.param("2016-12-31T23:59:60Z", "2016-12-31T23:59:60Z", id="second 60"),
        pytest.param("2016-12-31T15:59:60.5-08:00", "2016-12-31T15:59:60.5-08:00", id="second 60 elsewhere"),
    ],
)
def test_a_clients_time_is_normalised_to_z_where_it_can_be(api, sent, kept):
    body = {"user_id": CHIDI, "role": "SUPER_ADMIN", "expires_at": sent}

    created = api.post(ROLES, json=body, as_="super-admin")
    updated = api.patch(ONE_ROLE, json={"expires_at": sent}, as_="super-admin")

    assert (created.status_code, updated.status_code) == (201, 200)
    assert created.json()["data"]["expires_at"] == kept
    assert updated.json()["data"]["expires_at"] == kept
    assert api.get(ONE_ROLE, as_="super-admin").json()["data"]["expires_at"] == kept


# Names


def test_names_sort_by_code_point(api):
    groups = api.mock.world.store["groups"]
    names = ["äpfel", "Zebra", "apple", "Äpfel", "éclair", "Apple", "10", "9", "_", "日本", "😀", "\uff5e"]
    for number, name in enumerate(names):
        groups.insert({**groups.get(NIGHT_SHIFT), "id": f"grp_{number:016}", "name": name})

    found = api.get(GROUPS, as_="super-admin").json()["data"]

    ours = [group["name"] for group in found if group["name"] in names]
    assert ours == [
        "10", "9", "Apple", "Zebra", "_", "apple", "Äpfel", "äpfel", "éclair", "日本", "\uff5e", "😀",
    ]  # fmt: skip


# Request ids


def _of_each_kind(api):
    """Give an answer of each kind there is, by its name."""
    signed = {"as_": "super-admin"}
    json_type = {"Content-Type": "application/json"}
    answers = {call.operation_id: call.send(api, **signed) for call in CALLS}
    api.mock.world.reset()
    return {
        **answers,
        "307": api.get(GROUPS + "/"),
        "401 of admin roles": api.get(ROLES),
        "401 of groups": api.get(GROUPS),
        "403 of admin roles": api.get(ROLES, as_="viewer"),
        "403 of groups": api.get(GROUPS, as_="viewer"),
        "404 of admin roles": api.get(f"{ROLES}x", **signed),
        "404 of groups": api.get(f"{GROUPS}/x", **signed),
        "404 of an unknown path": api.get("/x"),
        "405 of admin roles": api.put(ROLES),
        "405 of groups": api.put(GROUPS),
        "413 of admin roles": api.post(ROLES, content=b"a" * 1_100_000, headers=json_type, **signed),
        "413 of groups": api.post(
            f"{GROUPS}/{SERVICE_DESK}/role", content=b"a" * 1_100_000, headers=json_type, **signed
        ),
        "415 of admin roles": api.post(ROLES, content=b"a", headers={"Content-Type": "a/b"}, **signed),
        "415 of groups": api.post(
            f"{GROUPS}/{SERVICE_DESK}/role", content=b"a", headers={"Content-Type": "a/b"}, **signed
        ),
        "422 of admin roles": api.get(f"{ROLES}?page=0", **signed),
        "422 of groups": api.get(f"{GROUPS}?has_role=", **signed),
        "HEAD": api.request("HEAD", ROLES, **signed),
        "OPTIONS": api.request("OPTIONS", ROLES),
        "a preflight": api.request(
            "OPTIONS", ROLES, headers={"Origin": "http://a.example", "Access-Control-Request-Method": "GET"}
        ),
        "health": api.get("/_mock/health"),
    }


def test_every_answer_has_a_request_id_of_its_own_and_says_the_same_one_in_its_body(api):
    answers = _of_each_kind(api)

    ids = {name: answer.headers.get_list("X-Request-ID") for name, answer in answers.items()}
    assert [name for name, found in ids.items() if len(found) != 1] == []
    for name, answer in answers.items():
        (request_id,) = ids[name]
        body = answer.json() if answer.content and answer.headers["Content-Type"].endswith("json") else {}
        if name in {call.operation_id for call in CALLS} and answer.status_code != 204:
            assert body["meta"] == {"request_id": request_id}
        if "error" in body:
            assert body["error"]["request_id"] == request_id
        if name == "404 of an unknown path":
            assert body["request_id"] == request_id


def test_no_two_requests_have_the_same_id(api):
    ids = [api.get(GROUPS).headers["X-Request-ID"] for _ in range(20)]

    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("status", [200, 401, 404], ids=["in success", "in an error", "on an unknown path"])
@pytest.mark.parametrize(
    "sent",
    [
        "a",
        "my-test-1",
        "req_394c08403af877e8",
        "123e4567-e89b-12d3-a456-426614174000",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "a" * 128,
    ],
    ids=["one letter", "words", "one of ours", "a UUID", "a trace", "128 letters"],
)
def test_a_sensible_incoming_request_id_is_echoed(api, sent, status):
    path, persona = {200: (GROUPS, "super-admin"), 401: (GROUPS, None), 404: ("/x", None)}[status]

    answered = api.get(path, headers={"X-Request-ID": sent}, as_=persona)

    assert answered.status_code == status
    assert answered.headers["X-Request-ID"] == sent
    body = answered.json()
    assert (body.get("meta") or body.get("error") or body)["request_id"] == sent


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"two words",
        b"a" * 129,
        b"a" * 200,
        "é".encode(),
        b"\xff",
        b"<script>",
        b'"quoted"',
        b"a\tb",
        b"{}",
        b"a,b",
    ],
    ids=[
        "empty",
        "spaces",
        "129 letters",
        "200 letters",
        "letters beyond ASCII",
        "no UTF-8",
        "markup",
        "quotation marks",
        "a tab",
        "braces",
        "a list",
    ],
)
def test_a_silly_incoming_request_id_is_replaced(api, sent):
    answered = api.get(GROUPS, headers={"X-Request-ID": sent}, as_="super-admin")

    assert answered.status_code == 200
    ours = answered.headers["X-Request-ID"]
    assert re.fullmatch("req_[0-9a-z]{16}", ours)
    assert answered.json()["meta"] == {"request_id": ours}


# HEAD, and the two kinds of DELETE


@each(READING)
@pytest.mark.parametrize("persona", ["super-admin", "viewer", None])
def test_head_answers_as_get_does_without_the_body(api, call, persona):
    request_id = {"X-Request-ID": "the-same"}
    whole = call.send(api, as_=persona, headers=request_id)

    head = api.request("HEAD", call.path, as_=persona, headers=request_id)

    volatile = {"date", "server"}
    assert head.status_code == whole.status_code
    assert head.content == b""
    assert {**head.headers}.keys() - volatile == {**whole.headers}.keys() - volatile
    for name in ("Content-Type", "Content-Length", "X-Request-ID"):
        assert head.headers[name] == whole.headers[name]


def test_head_of_an_unknown_id_is_404_without_a_body(api):
    head = api.request("HEAD", f"{ROLES}x", as_="super-admin")

    assert head.status_code == 404
    assert head.content == b""


def test_head_of_a_path_without_get_is_405(api):
    head = api.request("HEAD", f"{GROUPS}/{SERVICE_DESK}/role", as_="super-admin")

    assert head.status_code == 405
    assert head.headers["Allow"] == "DELETE, OPTIONS, POST"


def test_deleting_an_assignment_is_204_without_a_body_and_revoking_a_role_is_200_with_one(api):
    deleted = api.delete(ONE_ROLE, as_="super-admin")
    revoked = api.delete(f"{GROUPS}/{SERVICE_DESK}/role", as_="super-admin")

    assert (deleted.status_code, deleted.content) == (204, b"")
    assert "Content-Length" not in deleted.headers
    assert revoked.status_code == 200
    assert revoked.json()["data"]["id"] == SERVICE_DESK


def test_an_assignment_cannot_be_deleted_twice_and_a_role_can_be_revoked_twice(api):
    deleted = [api.delete(ONE_ROLE, as_="super-admin").status_code for _ in "12"]
    revoked = [api.delete(f"{GROUPS}/{SERVICE_DESK}/role", as_="super-admin").status_code for _ in "12"]

    assert deleted == [204, 404]
    assert revoked == [200, 200]


def test_roles_are_upper_case_in_one_product_and_lower_case_in_the_other(api):
    of_a_user = api.get(f"{ROLES}user/{ELENA}", as_="super-admin").json()["data"]
    groups = api.get(f"{GROUPS}?has_role=yes", as_="super-admin").json()["data"]

    assert {role["role"] for role in of_a_user} == {"PARTNER_ADMIN", "TENANT_ADMIN"}
    assert {group["role"] for group in groups} == {"super_admin", "partner_admin", "tenant_admin"}
