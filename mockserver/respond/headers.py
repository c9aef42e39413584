"""The declared headers of an answer: their examples, else samples of their schemas."""

from collections.abc import Mapping

from mockserver.contract.media.headers import HeaderText
from mockserver.contract.operation import Contract, Header, ResponseType
from mockserver.contract.samples.samples import Unsatisfiable

# The layers around every operation send these, so that no handler needs to.
FROM_LAYERS = frozenset({"x-request-id", "content-type", "content-length"})


class HeaderWriter:
    """Write the headers that a contract declares."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._texts: dict[str, HeaderText] = {}

    def complete(self, declared: ResponseType, given: Mapping[str, str], seed: str) -> dict[str, str]:
        """Give some headers, and those declared beside them that have an example or are required."""
        headers = dict(given)
        known = {name.lower() for name in given}
        for name, header in declared.headers.items():
            if name not in known and name not in FROM_LAYERS:
                text = self._write(header, seed)
                if text is not None:
                    headers[header.name] = text
        return headers

    def _write(self, header: Header, seed: str) -> str | None:
        value = header.example
        if value is None and header.pointer is not None:
            try:
                value = self._contract.samples.sample(header.pointer, f"{seed}|{header.name}")
            except Unsatisfiable:
                return None
        if value is None:
            return None
        text = self._texts.get(header.pointer or header.name)
        if text is None:
            text = self._texts[header.pointer or header.name] = HeaderText(header, self._contract)
        return text.write(value)
