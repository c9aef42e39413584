"""Serve several contracts on one server, each under its base path."""

from collections.abc import Sequence
from urllib.parse import unquote

from starlette.types import ASGIApp, Receive, Scope, Send

from mockserver.control.addresses import is_reserved
from mockserver.control.api import controls_of_all
from mockserver.errors import MockServerError
from mockserver.serve.assembly import Mock
from mockserver.serve.control import ControlLayer
from mockserver.serve.layers import Arrivals
from mockserver.serve.reload import Current


class Several:
    """
    Hand each request to the mock with the longest base path that its path begins with.

    What is under ``/_mock`` belongs to all of them. A path that none has is answered by the first.
    """

    def __init__(self, currents: Sequence[Current]) -> None:
        self._currents = currents
        self._mocks: list[Mock] = []
        self._by_base_path: list[tuple[str, ASGIApp]] = []
        self._control: ASGIApp = currents[0]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        mocks = [current.mock for current in self._currents]
        if mocks != self._mocks:  # at first, and after a reload
            self._arrange(mocks)
        if scope["type"] != "http":
            return await mocks[0].app(scope, receive, send)
        path: str = scope["path"]
        if is_reserved(path):
            return await self._control(scope, receive, send)
        for base_path, app in self._by_base_path:
            if path == base_path or path.startswith(f"{base_path}/"):
                return await app(scope, receive, send)
        return await mocks[0].app(scope, receive, send)

    def _arrange(self, mocks: list[Mock]) -> None:
        self._mocks = mocks
        found = [(unquote(mock.parts.contract.base_path), mock.app) for mock in mocks]
        self._by_base_path = sorted(found, key=lambda each: len(each[0]), reverse=True)
        controls = controls_of_all([(mock.parts.contract, mock.sandboxes) for mock in mocks])
        layer = ControlLayer(mocks[0].app, controls)
        self._control = Arrivals(layer, mocks[0].sandboxes)


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
