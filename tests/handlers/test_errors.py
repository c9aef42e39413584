"""What a refusal says: 422 as FastAPI says it, and every other error in the shape of its product."""

import pytest

from mockserver.serve.assembly import Setup
from mockserver.state.settings import Settings
from tests.conftest import SHIPPED, in_process
from tests.handlers.calls import (
    AARONS_ROLE,
    CALLS,
    CHIDI,
    GROUPS,
    ROLES,
    SERVICE_DESK,
    each,
    remembered,
)

ONE_ROLE = f"{ROLES}{AARONS_ROLE}"
ROLE_OF_A_GROUP = f"{GROUPS}/{SERVICE_DESK}/role"
JSON = {"Content-Type": "application/json"}

NO_INTEGER = "Input should be a valid integer, unable to parse string as an integer"
NO_BOOLEAN = "Input should be a valid boolean, unable to interpret input"
ADMIN_ROLE_TYPES = "'SUPER_ADMIN', 'PARTNER_ADMIN' or 'TENANT_ADMIN'"
GROUP_ROLES = "'super_admin', 'partner_admin' or 'tenant_admin'"


def errors(answered):
    assert answered.status_code == 422, answered.text
    assert list(answered.json()) == ["detail"]
    assert answered.headers["Content-Type"] == "application/json"
    return answered.json()["detail"]


# 422 of a query


@pytest.mark.parametrize(
    ("query", "type_", "message", "found", "context"),
    [
        pytest.param("page=x", "int_parsing", NO_INTEGER, "x", None, id="no integer"),
        pytest.param("page=", "int_parsing", NO_INTEGER, "", None, id="an empty value is a value"),
        pytest.param(
            "page=0",
            "greater_than_equal",
            "Input should be greater than or equal to 1",
            "0",
            {"ge": 1},
            id="too small",
        ),
        pytest.param(
            "per_page=101",
            "less_than_equal",
            "Input should be less than or equal to 100",
            "101",
            {"le": 100},
            id="too large",
        ),
        pytest.param("is_active=maybe", "bool_parsing", NO_BOOLEAN, "maybe", None, id="no boolean"),
        pytest.param("is_active=", "bool_parsing", NO_BOOLEAN, "", None, id="an empty boolean"),
        pytest.param(
            "role=owner",
            "enum",
            f"Input should be {ADMIN_ROLE_TYPES}",
            "owner",
            {"expected": ADMIN_ROLE_TYPES},
            id="not among the values",
        ),
        pytest.param(
            "role=",
            "enum",
            f"Input should be {ADMIN_ROLE_TYPES}",
            "",
            {"expected": ADMIN_ROLE_TYPES},
            id="empty where a value is wanted",
        ),
        pytest.param(
            "user_id=%ff",
            "string_unicode",
            "Input should be a valid string, unable to parse raw data as a unicode string",
            "\ufffd",
            None,
            id="bytes that are no UTF-8",
        ),
        pytest.param(
            "user_id=a&user_id=b",
            "string_type",
            "Input should be a valid string",
            ["a", "b"],
            None,
            id="twice what is taken once",
        ),
    ],
)
def test_a_query_that_breaks_the_contract_is_refused_in_pydantics_words(
    api, query, type_, message, found, context
):
    (error,) = errors(api.get(f"{ROLES}?{query}", as_="super-admin"))

    name = query.partition("=")[0]
    expected = {"type": type_, "loc": ["query", name], "msg": message, "input": found}
    assert error == (expected if context is None else {**expected, "ctx": context})


@pytest.mark.parametrize(
    "text",
    ["1.0", "1e2", " 1", "1 ", "+1", "1_0", "0x1", "one", "٣", "１", "true", "null", "1,2", "9" * 5000],
    ids=[
        "a fraction",
        "an exponent",
        "a space before",
        "a space after",
        "a plus sign",
        "an underscore",
        "hexadecimal",
        "a word",
        "an Arabic digit",
        "a full-width digit",
        "a boolean",
        "null",
        "a list",
        "thousands of digits",
    ],
)
def test_integers_are_ascii_digits_and_nothing_else(api, text):
    (error,) = errors(api.get(ROLES, params={"page": text}, as_="super-admin"))

    assert (error["type"], error["loc"]) == ("int_parsing", ["query", "page"])


@pytest.mark.parametrize("text", ["True", "TRUE", "1", "0", "yes", "no", "on", "t", "null", " true"])
def test_booleans_are_true_and_false_and_nothing_else(api, text):
    before = remembered(api)

    (listing,) = errors(api.get(ROLES, params={"is_active": text}, as_="super-admin"))
    (deleting,) = errors(
        api.request("DELETE", ONE_ROLE, params={"cleanup_orphaned_user": text}, as_="super-admin")
    )

    assert (listing["type"], listing["input"]) == ("bool_parsing", text)
    assert deleting == {**listing, "loc": ["query", "cleanup_orphaned_user"]}
    assert remembered(api) == before


@pytest.mark.parametrize("text", ["true", "false"])
def test_true_and_false_are_booleans(api, text):
    found = api.get(ROLES, params={"is_active": text}, as_="super-admin")

    assert found.status_code == 200
    assert {role["is_active"] for role in found.json()["data"]} == {text == "true"}


# 422 of a body


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param(
            {"role": "SUPER_ADMIN"},
            {
                "type": "missing",
                "loc": ["body", "user_id"],
                "msg": "Field required",
                "input": {"role": "SUPER_ADMIN"},
            },
            id="a missing key, with the object it is missing from",
        ),
        pytest.param(
            {"user_id": 5, "role": "SUPER_ADMIN"},
            {
                "type": "string_type",
                "loc": ["body", "user_id"],
                "msg": "Input should be a valid string",
                "input": 5,
            },
            id="no string",
        ),
        pytest.param(
            {"user_id": CHIDI, "role": "owner"},
            {
                "type": "enum",
                "loc": ["body", "role"],
                "msg": f"Input should be {ADMIN_ROLE_TYPES}",
                "input": "owner",
                "ctx": {"expected": ADMIN_ROLE_TYPES},
            },
            id="not among the values",
        ),
        pytest.param(
            {"user_id": CHIDI, "role": None},
            {
                "type": "enum",
                "loc": ["body", "role"],
                "msg": f"Input should be {ADMIN_ROLE_TYPES}",
                "input": None,
                "ctx": {"expected": ADMIN_ROLE_TYPES},
            },
            id="null is named once, as not among the values",
        ),
        pytest.param(
            {"user_id": CHIDI, "role": "PARTNER_ADMIN", "partner_id": 5},
            {
                "type": "string_type",
                "loc": ["body", "partner_id"],
                "msg": "Input should be a valid string",
                "input": 5,
            },
            id="what two rules refuse is named once",
        ),
        pytest.param(
            {"user_id": CHIDI, "role": "SUPER_ADMIN", "expires_at": "tomorrow"},
            {
                "type": "datetime_parsing",
                "loc": ["body", "expires_at"],
                "msg": "Input should be a valid datetime",
                "input": "tomorrow",
            },
            id="no time",
        ),
        pytest.param(
            [],
            {"type": "dict_type", "loc": ["body"], "msg": "Input should be a valid dictionary", "input": []},
            id="a list",
        ),
        pytest.param(
            "x",
            {"type": "dict_type", "loc": ["body"], "msg": "Input should be a valid dictionary", "input": "x"},
            id="a string",
        ),
    ],
)
def test_a_body_that_breaks_the_contract_is_refused_in_pydantics_words(api, body, expected):
    before = remembered(api)

    (error,) = errors(api.post(ROLES, json=body, as_="super-admin"))

    assert error == expected
    assert remembered(api) == before


@pytest.mark.parametrize(
    ("is_active", "type_", "message"),
    [
        pytest.param(None, "bool_type", "Input should be a valid boolean", id="null"),
        pytest.param(1, "bool_type", "Input should be a valid boolean", id="1"),
        pytest.param([], "bool_type", "Input should be a valid boolean", id="a list"),
        pytest.param("true", "bool_parsing", NO_BOOLEAN, id="a string"),
    ],
)
def test_booleans_in_a_body_are_json_booleans(api, is_active, type_, message):
    (error,) = errors(api.patch(ONE_ROLE, json={"is_active": is_active}, as_="super-admin"))

    assert error == {"type": type_, "loc": ["body", "is_active"], "msg": message, "input": is_active}


@pytest.mark.parametrize(
    "expires_at",
    ["", "2027-01-01", "2027-01-01T00:00:00", "2027-13-01T00:00:00Z", "2027-02-29T00:00:00Z", "0", "+3d"],
    ids=["empty", "a day", "without an offset", "month 13", "a day that is not", "a number", "relative"],
)
def test_times_in_a_body_are_those_of_rfc_3339(api, expires_at):
    before = remembered(api)

    (error,) = errors(api.patch(ONE_ROLE, json={"expires_at": expires_at}, as_="super-admin"))

    assert (error["type"], error["loc"]) == ("datetime_parsing", ["body", "expires_at"])
    assert remembered(api) == before


@pytest.mark.parametrize(
    ("body", "offset"),
    [
        pytest.param(b"{", 1, id="an end too soon"),
        pytest.param(b'{"user_id": }', 12, id="a value that is not there"),
        pytest.param('{"é": }'.encode(), 6, id="an offset in characters, not in bytes"),
        pytest.param(b"{} x", 3, id="something after the end"),
        pytest.param(b'{"user_id": NaN}', 12, id="NaN"),
        pytest.param(b"{'user_id': 1}", 1, id="single quotation marks"),
        pytest.param(b"nothing", 0, id="a word"),
        pytest.param(b"\xff\xfe", 0, id="no UTF-8"),
        pytest.param(b"[" * 100_000, None, id="endless depth"),
    ],
)
@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", ROLES), ("PATCH", ONE_ROLE), ("POST", ROLE_OF_A_GROUP)],
    ids=["createAdminRole", "updateAdminRole", "assignGroupRole"],
)
def test_a_body_that_is_no_json_is_refused_at_its_offset(api, method, path, body, offset):
    before = remembered(api)

    (error,) = errors(api.request(method, path, content=body, headers=JSON, as_="super-admin"))

    assert (error["type"], error["msg"], error["input"]) == ("json_invalid", "JSON decode error", {})
    assert error["loc"][0] == "body"
    assert offset is None or error["loc"] == ["body", offset]
    assert isinstance(error["ctx"]["error"], str)
    assert remembered(api) == before


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", ROLES), ("PATCH", ONE_ROLE), ("POST", ROLE_OF_A_GROUP)],
    ids=["createAdminRole", "updateAdminRole", "assignGroupRole"],
)
def test_a_body_that_is_not_there_is_missing(api, method, path):
    (error,) = errors(api.request(method, path, as_="super-admin"))

    assert error == {"type": "missing", "loc": ["body"], "msg": "Field required", "input": None}


# 422 of a path


@pytest.mark.parametrize(
    ("path", "name"),
    [(f"{ROLES}%ff", "role_id"), (f"{ROLES}user/%ff", "user_id"), (f"{GROUPS}/%ff", "group_id")],
    ids=["getAdminRole", "listUserAdminRoles", "getGroup"],
)
def test_an_id_that_is_no_utf_8_is_all_that_a_path_can_break(api, path, name):
    (error,) = errors(api.get(path, as_="super-admin"))

    assert (error["type"], error["loc"]) == ("string_unicode", ["path", name])


# Every error at once


def test_every_error_of_a_query_is_named(api):
    found = errors(
        api.get(f"{ROLES}?page=0&per_page=many&role=owner&is_active=&user_id=%ff", as_="super-admin")
    )

    assert sorted((error["loc"], error["type"]) for error in found) == [
        (["query", "is_active"], "bool_parsing"),
        (["query", "page"], "greater_than_equal"),
        (["query", "per_page"], "int_parsing"),
        (["query", "role"], "enum"),
        (["query", "user_id"], "string_unicode"),
    ]


def test_every_error_of_a_body_is_named(api):
    body = {"role": "PARTNER_ADMIN", "tenant_id": 5, "expires_at": "soon"}

    found = errors(api.post(ROLES, json=body, as_="super-admin"))

    assert sorted((error["loc"], error["type"]) for error in found) == [
        (["body", "expires_at"], "datetime_parsing"),
        (["body", "partner_id"], "missing"),
        (["body", "tenant_id"], "string_type"),
        (["body", "user_id"], "missing"),
    ]


def test_the_errors_of_path_query_and_body_are_named_together(api):
    with_query = errors(api.delete(f"{ROLES}%ff?cleanup_orphaned_user=x", as_="super-admin"))
    with_body = errors(api.patch(f"{ROLES}%ff", json={"is_active": 5}, as_="super-admin"))

    assert [error["loc"] for error in with_query] == [
        ["path", "role_id"],
        ["query", "cleanup_orphaned_user"],
    ]
    assert [error["loc"] for error in with_body] == [["path", "role_id"], ["body", "is_active"]]


def test_every_error_says_type_place_text_and_what_was_found(api):
    found = errors(api.post(ROLES, json={"role": "owner", "partner_id": 5}, as_="super-admin"))

    assert found
    for error in found:
        assert {"type", "loc", "msg", "input"} <= error.keys() <= {"type", "loc", "msg", "input", "ctx"}


# Query parameters that the contract lacks


@pytest.fixture(scope="module")
def _mocks_with_a_log():
    log = []
    plain = Setup(contract=SHIPPED, write_line=log.append)
    strict = Setup(contract=SHIPPED, write_line=log.append, settings=Settings(requests="strict"))
    with in_process(plain) as logged, in_process(strict) as strict_one:
        yield log, logged, strict_one


@pytest.fixture
def log(_mocks_with_a_log):
    """Give the lines that the two mocks below write into their log."""
    _mocks_with_a_log[0].clear()
    return _mocks_with_a_log[0]


@pytest.fixture
def logged(_mocks_with_a_log):
    _mocks_with_a_log[1].mock.world.reset()
    return _mocks_with_a_log[1]


@pytest.fixture
def strict(_mocks_with_a_log):
    _mocks_with_a_log[2].mock.world.reset()
    return _mocks_with_a_log[2]


@each(CALLS)
def test_a_query_parameter_that_the_contract_lacks_is_ignored(api, call):
    plain = call.send(api, as_="super-admin")
    api.mock.world.reset()

    answered = call.send(api, as_="super-admin", params={"verbose": "1", "Page": "0"})

    assert answered.status_code == plain.status_code == call.status
    if call.method == "GET":
        assert answered.json()["data"] == plain.json()["data"]


def test_a_query_parameter_that_the_contract_lacks_is_noted_in_the_log(logged, log):
    logged.get(f"{ROLES}?is_activ=true&page=1&Role=owner", as_="super-admin")

    (line,) = log
    assert "the contract has no query parameter is_activ" in line
    assert "the contract has no query parameter Role" in line
    assert "no query parameter page" not in line


def test_nothing_is_noted_of_a_request_that_the_contract_knows(logged, log):
    logged.get(f"{ROLES}?is_active=true&page=1", as_="super-admin")

    (line,) = log
    assert "query parameter" not in line


@each(CALLS)
def test_strict_requests_refuse_a_query_parameter_that_the_contract_lacks(strict, log, call):
    before = remembered(strict)

    found = errors(call.send(strict, as_="super-admin", params={"verbose": "1"}))

    assert found == [
        {
            "type": "extra_forbidden",
            "loc": ["query", "verbose"],
            "msg": "Extra inputs are not permitted",
            "input": "1",
        }
    ]
    assert remembered(strict) == before
    assert "the contract has no query parameter verbose" in log[-1]


def test_strict_requests_name_it_beside_the_other_errors(strict):
    found = errors(strict.get(f"{ROLES}?page=0&pge=1", as_="super-admin"))

    assert [error["loc"] for error in found] == [["query", "page"], ["query", "pge"]]


def test_strict_requests_still_ignore_unknown_keys_of_a_body(strict):
    created = strict.post(
        ROLES, json={"user_id": CHIDI, "role": "SUPER_ADMIN", "colour": "red"}, as_="super-admin"
    )

    assert created.status_code == 201


# 405, 413, 415 and 500: the shape of the tag; 404 of an unknown path: RFC 9457


def in_shape(answered, path, code):
    """Give the sentence of an error, once its shape is that of the product that the path belongs to."""
    assert answered.headers["Content-Type"] == "application/json"
    assert answered.headers["X-Request-ID"]
    body = answered.json()
    if path.startswith(ROLES):
        assert list(body) == ["detail"]
        return body["detail"]
    assert list(body) == ["error"]
    assert body["error"].keys() == {"code", "message", "request_id"}
    assert body["error"]["code"] == code
    assert body["error"]["request_id"] == answered.headers["X-Request-ID"]
    return body["error"]["message"]


@pytest.mark.parametrize(
    ("path", "method", "allow"),
    [
        pytest.param(ROLES, "PUT", "GET, HEAD, OPTIONS, POST", id="the list of assignments"),
        pytest.param(ONE_ROLE, "POST", "DELETE, GET, HEAD, OPTIONS, PATCH", id="an assignment"),
        pytest.param(f"{ROLES}user/{CHIDI}", "DELETE", "GET, HEAD, OPTIONS", id="the list of a user"),
        pytest.param(GROUPS, "POST", "GET, HEAD, OPTIONS", id="the list of groups"),
        pytest.param(f"{GROUPS}/{SERVICE_DESK}", "PATCH", "GET, HEAD, OPTIONS", id="a group"),
        pytest.param(ROLE_OF_A_GROUP, "GET", "DELETE, OPTIONS, POST", id="the role of a group"),
        pytest.param(ROLE_OF_A_GROUP, "TRACE", "DELETE, OPTIONS, POST", id="a method that no path has"),
    ],
)
@pytest.mark.parametrize("persona", [None, "super-admin"], ids=["without a token", "with a token"])
def test_another_method_is_405_with_every_method_that_is_allowed(api, path, method, allow, persona):
    refused = api.request(method, path, as_=persona)

    assert refused.status_code == 405
    assert refused.headers["Allow"] == allow
    assert allow in in_shape(refused, path, "bad_request")


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", ROLES), ("PATCH", ONE_ROLE), ("POST", ROLE_OF_A_GROUP)],
    ids=["createAdminRole", "updateAdminRole", "assignGroupRole"],
)
def test_a_body_of_more_than_a_mebibyte_is_413(api, method, path):
    before = remembered(api)

    refused = api.request(method, path, content=b'"' + b"a" * 1024 * 1024, headers=JSON, as_="super-admin")

    assert refused.status_code == 413
    assert in_shape(refused, path, "bad_request") == "The body is larger than 1048576 bytes."
    assert remembered(api) == before


@pytest.mark.parametrize(
    "media_type", ["text/plain", "application/xml", "multipart/form-data; boundary=x", "application/jsonp"]
)
@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", ROLES), ("PATCH", ONE_ROLE), ("POST", ROLE_OF_A_GROUP)],
    ids=["createAdminRole", "updateAdminRole", "assignGroupRole"],
)
def test_a_body_of_another_media_type_is_415(api, method, path, media_type):
    before = remembered(api)

    refused = api.request(
        method, path, content=b"{}", headers={"Content-Type": media_type}, as_="super-admin"
    )

    assert refused.status_code == 415
    sentence = in_shape(refused, path, "bad_request")
    assert sentence == f"{media_type} is not taken here; application/json is."
    assert remembered(api) == before


@pytest.mark.parametrize(
    "media_type",
    [
        "application/json",
        "Application/JSON",
        "application/json;charset=utf-8",
        "application/json ; charset=utf-8",
    ],
)
def test_json_may_be_written_in_any_case_and_with_parameters(api, media_type):
    answered = api.patch(
        ONE_ROLE, content=b'{"is_active": false}', headers={"Content-Type": media_type}, as_="super-admin"
    )

    assert answered.status_code == 200
    assert answered.json()["data"]["is_active"] is False


def test_a_body_without_a_media_type_is_read_as_json(api):
    answered = api.patch(ONE_ROLE, content=b'{"is_active": false}', as_="super-admin")

    assert "Content-Type" not in answered.request.headers
    assert answered.status_code == 200


@pytest.fixture(scope="module")
def broken(tmp_path_factory):
    """Give a mock whose handlers fail, each in its own way."""
    handlers = tmp_path_factory.mktemp("handlers") / "broken.py"
    handlers.write_text(
        "from mockserver.respond.exchange import Response\n"
        "from mockserver.respond.marks import handles\n"
        "from mockserver.respond.problems import Problem\n"
        "@handles('listAdminRoles')\n"
        "def raises(request, store):\n"
        "    raise ZeroDivisionError('the secret of the house')\n"
        "@handles('listGroups')\n"
        "def raises_too(request, store):\n"
        "    raise ZeroDivisionError('the secret of the house')\n"
        "@handles('getAdminRole')\n"
        "def breaks_the_contract(request, store):\n"
        "    store['users'].remove(store['users'].find()[0]['id'])\n"
        "    return Response({'data': 1})\n"
        "@handles('getGroup')\n"
        "def refuses(request, store):\n"
        "    raise Problem(int(request.path['group_id']), 'No.')\n"
    )
    with in_process(Setup(contract=SHIPPED, handlers=str(handlers))) as api:
        yield api


@pytest.mark.parametrize("path", [ROLES, GROUPS], ids=["Admin roles", "Groups"])
def test_a_failure_of_our_own_is_500_and_tells_no_secrets(broken, path, capsys):
    failed = broken.get(path, as_="super-admin")

    assert failed.status_code == 500
    assert "ZeroDivisionError" in in_shape(failed, path, "internal_error")
    assert "the secret of the house" not in failed.text
    assert "the secret of the house" in capsys.readouterr().err


def test_an_answer_that_breaks_the_contract_is_500_and_undoes_what_was_written(broken):
    before = remembered(broken)

    failed = broken.get(ONE_ROLE, as_="super-admin")

    assert failed.status_code == 500
    assert in_shape(failed, ONE_ROLE, "internal_error")
    assert remembered(broken) == before


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "bad_request"),
        (401, "unauthorized"),
        (403, "forbidden"),
        (404, "not_found"),
        (409, "conflict"),
        (500, "internal_error"),
    ],
)
def test_each_status_of_groups_has_its_code(broken, status, code):
    refused = broken.get(f"{GROUPS}/{status}", as_="super-admin")

    assert refused.status_code == status
    assert in_shape(refused, GROUPS, code) == "No."


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/api",
        "/api/v1/admin",
        "/api/v1/admin/group",
        f"{GROUPS}/x/y",
        f"{ROLES}user/x/y",
        f"{ROLES}x/role",
        "//api/v1/admin/groups",
        "/API/V1/ADMIN/GROUPS",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_an_unknown_path_is_404_in_the_shape_of_rfc_9457(api, method, path):
    refused = api.request(method, f"{api.base_url}{path}")

    assert refused.status_code == 404
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert refused.json() == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": f"The contract has no path {path}.",
        "instance": f"/_mock/journal/{refused.headers['Mock-Journal']}",
        "request_id": refused.headers["X-Request-ID"],
    }
