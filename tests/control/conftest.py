"""A server, and a python client of it in a sandbox of its own for each test."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from mockserver.client import Control
from mockserver.serve.assembly import Setup
from mockserver.serve.server import running
from tests.conftest import SHIPPED

Call = Callable[..., httpx.Response]


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    with running(Setup(contract=SHIPPED)) as (_, url):
        yield url


@pytest.fixture
def default(address: str) -> Control:
    """Give a client that names no sandbox."""
    return Control(address)


@pytest.fixture
def control(default: Control) -> Iterator[Control]:
    with default.sandbox() as own:
        yield own


@pytest.fixture
def call(control: Control) -> Call:
    """Give a function that calls the API that is mocked, in the sandbox of the test, as a persona."""

    def ask(method: str, path: str, as_: str | None = "super-admin", **options: Any) -> httpx.Response:
        headers = {"Mock-Sandbox": control.sandbox_name or "", **options.pop("headers", {})}
        if as_ is not None:
            headers["Authorization"] = f"Bearer {control.mint_token(as_)['token']}"
        return httpx.request(method, control.url + path, headers=headers, timeout=30, **options)

    return ask
