"""The python client: where it asks, and what it says of refusals."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from mockserver.client import AssertionFailed, Control, ControlError
from mockserver.errors import MockServerError
from tests.cli.test_serve import Served

NAMED = """
openapi: 3.1.0
info: {title: NAME, version: '1'}
servers: [{url: /NAME}]
paths: {/who: {get: {operationId: who, responses: {'200': {description: x}}}}}
"""


@pytest.mark.parametrize("url", ["127.0.0.1:8080", "ftp://127.0.0.1", "http://", ""])
def test_what_is_no_address_is_refused_at_once(url):
    with pytest.raises(MockServerError, match=r"http://127\.0\.0\.1:8080"):
        Control(url)


def test_a_refusal_has_the_status_and_the_problem_and_says_why(default):
    with pytest.raises(ControlError) as refused:
        default.get_sandbox("nothing")

    assert refused.value.status == 404
    assert refused.value.problem["title"] == "Not Found"
    assert str(refused.value) == '404: There is no sandbox "nothing".'


def test_a_failed_assertion_fails_a_test_as_any_other(control):
    with pytest.raises(AssertionError) as failed:
        control.assert_calls({"operation": "listGroups"}, exactly=3)

    assert isinstance(failed.value, AssertionFailed)
    assert str(failed.value).startswith("0 entries match; expected was exactly 3")


def test_names_that_a_path_cannot_have_as_they_are_are_asked_about_all_the_same(control):
    with pytest.raises(ControlError) as refused:
        control.get_item("tenants", "a/b?c#d e%20/ü")

    assert refused.value.problem["detail"] == 'tenants has no item "a/b?c#d e%20/ü".'


def test_no_part_of_a_path_is_empty(control):
    with pytest.raises(MockServerError, match="cannot be empty"):
        control.delete_item("tenants", "")


def test_calls_speak_of_the_contract_whose_number_is_given(tmp_path):
    for name in ("lamps", "chairs"):
        (tmp_path / f"{name}.yaml").write_text(NAMED.replace("NAME", name))

    with Served(tmp_path / "lamps.yaml", tmp_path / "chairs.yaml") as served:
        titles = [
            Control(served.url, document=number).get_contract()["info"]["title"] for number in (None, 1, 2)
        ]
        with Control(served.url, document=2).sandbox("own") as own:
            own.add_fault({"status": 503})

            assert [each["name"] for each in own.list_sandboxes()] == ["default", "own"]
            assert Control(served.url, sandbox="own").list_faults() == []

    assert titles == ["lamps", "lamps", "chairs"]


def test_every_call_sends_the_token_and_the_sandbox():
    seen: list[tuple[str, str | None, str | None]] = []

    class Mock(BaseHTTPRequestHandler):
        def do_DELETE(self) -> None:
            seen.append((self.path, self.headers["Authorization"], self.headers["Mock-Sandbox"]))
            self.send_response(204)
            self.end_headers()

    server = HTTPServer(("127.0.0.1", 0), Mock)
    thread = threading.Thread(target=server.handle_request)
    thread.start()
    Control(f"http://127.0.0.1:{server.server_port}/behind/", sandbox="own", token="secret").clear_faults()
    thread.join()
    server.server_close()

    assert seen == [("/behind/_mock/faults", "Bearer secret", "own")]


def test_a_sandbox_that_is_gone_before_the_end_of_its_block_hides_no_error(default):
    def fail() -> None:
        with default.sandbox() as own:
            default.delete_sandbox(own.sandbox_name)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
