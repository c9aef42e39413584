"""Serve several contracts on one server, each under its base path."""

import re
from collections.abc import Sequence
from functools import partial
from urllib.parse import unquote

from starlette.types import ASGIApp, Receive, Scope, Send

from mockserver.control.addresses import MOUNTED, PREFIX, is_reserved
from mockserver.control.steered import Served
from mockserver.errors import MockServerError
from mockserver.serve.app import create_control
from mockserver.serve.assembly import Mock
from mockserver.serve.control import ControlLayer
from mockserver.serve.layers import Arrivals
from mockserver.serve.reload import Current
from mockserver.serve.sending import CONTROL

# What is under /_mock: of one document by its number, perhaps in a sandbox that the path names.
_NUMBERED = re.compile(rf"(?:{MOUNTED}[^/]*)?{PREFIX}/documents/([1-9][0-9]*)/.*", re.DOTALL)


class Several:
    """
    Hand each request to the mock with the longest base path that its path begins with.

    What is under ``/_mock`` belongs to the first, which speaks for all where sandboxes are made, put back and
    deleted; what each has for itself is under its number. A path that none has is answered by the first.
    """

    def __init__(self, currents: Sequence[Current], token: str | None = None) -> None:
        self._currents = currents
        self._token = token
        self._mocks: list[Mock] = []
        self._by_base_path: list[tuple[str, str, ASGIApp]] = []
        self._controls: list[ASGIApp] = []
        self._new_names = currents[0].mock.sandboxes.new_names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        mocks = [current.mock for current in self._currents]
        if mocks != self._mocks:  # at first, and after a reload
            self._arrange(mocks)
        if scope["type"] != "http":
            return await mocks[0].app(scope, receive, send)
        scope[CONTROL], app = self._app_of(scope["path"])
        return await app(scope, receive, send)

    def _app_of(self, path: str) -> tuple[str, ASGIApp]:
        """Give the application that answers, and the path of the control API that tells of its answers."""
        asked = f"/{path.removeprefix(MOUNTED).partition('/')[2]}" if path.startswith(MOUNTED) else path
        if is_reserved(asked):
            numbered = _NUMBERED.fullmatch(path)
            number = int(numbered[1][:6]) if numbered else 0
            return PREFIX, self._controls[number if number < len(self._controls) else 0]
        for base_path, control_path, app in self._by_base_path:
            if asked == base_path or asked.startswith(f"{base_path}/"):
                return control_path, app
        return PREFIX, self._mocks[0].app

    def _arrange(self, mocks: list[Mock]) -> None:
        self._mocks = mocks
        found = [
            (
                unquote(mock.parts.contract.base_path),
                PREFIX if mock is mocks[0] else _control_path(number),
                mock.app,
            )
            for number, mock in enumerate(mocks, 1)
        ]
        self._by_base_path = sorted(found, key=lambda each: len(each[0]), reverse=True)
        others = tuple(mock.served for mock in mocks[1:])
        self._controls = [self._control(mocks[0], PREFIX, others)]
        for number, mock in enumerate(mocks, 1):
            self._controls.append(self._control(mock, _control_path(number), ()))
            mock.sandboxes.new_names = self._new_names  # a name that two documents gave would be shared

    def _control(self, mock: Mock, base_path: str, others: Sequence[Served]) -> ASGIApp:
        make = partial(create_control, mock.served, base_path=base_path, token=self._token, others=others)
        return Arrivals(ControlLayer(mock.app, make), mock.sandboxes)


def _control_path(number: int) -> str:
    """Give where the control API of one document is."""
    return f"{PREFIX}/documents/{number}"


def refuse_clashes(mocks: Sequence[Mock]) -> None:
    """
    Hold it that every mock has a base path of its own.

    Raises:
        MockServerError: two have the same.
    """
    seen: dict[str, Mock] = {}
    for mock in mocks:
        base_path = mock.parts.contract.base_path
        other = seen.setdefault(base_path, mock)
        if other is not mock:
            raise MockServerError(
                f"{other.parts.path} and {mock.parts.path} are both served under {base_path or '/'}; "
                f"put one of them elsewhere, such as --prefix {mock.parts.path}=/{mock.parts.path.stem}."
            )
