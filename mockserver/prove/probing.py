"""Whether a backend is there, and whether it serves this contract, and anything at all."""

import ssl
from collections.abc import Mapping, Sequence
from urllib.parse import urljoin, urlsplit

import requests

from mockserver.contract.operation import Contract, Operation
from mockserver.errors import MockServerError
from mockserver.prove.credentials import Caller
from mockserver.prove.line import Line
from mockserver.prove.report import Report
from mockserver.prove.witness import OTHER_METHODS

_PROBED = 5
# What a server answers that cannot serve now, whatever it was asked.
_NOT_NOW = {429: "--rate would help", 502: "", 503: "", 504: ""}


def read_address(text: str) -> str:
    """
    Give where the paths of a contract begin.

    Raises:
        MockServerError: it is no address, or says who calls.
    """
    try:
        parts = urlsplit(text)
        is_good = parts.port is None or parts.port > 0
    except ValueError:
        is_good = False
    if is_good and "@" in parts.netloc:
        raise MockServerError(
            '--url: leave out who calls; -H "Authorization: Basic …" or --token sends that.'
        )
    if (
        not is_good
        or parts.scheme not in ("http", "https")
        or not parts.hostname
        or not text.isprintable()
        or any(each in text for each in " ?#")
    ):
        shown = _safe(text) if text.isprintable() else ascii(_safe(text))
        raise MockServerError(f"--url {shown}: an address is written like https://api.example.com/v1.")
    return text.rstrip("/")


def check_certificates(path: str) -> None:
    """
    Refuse a file that has no certificates before anything is asked.

    Raises:
        MockServerError: it has none.
    """
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
    except OSError as error:
        raise MockServerError(f"--ca {path}: there is no certificate in it, written as PEM.") from error


def probe(
    contract: Contract,
    url: str,
    line: Line,
    selected: Sequence[Operation],
    caller: Caller | None,
    headers: Mapping[str, str],
) -> None:
    """
    Ask a few things first.

    Raises:
        MockServerError: nobody is there, or they serve something else or nothing now.
    """
    simple = [
        each
        for each in selected
        if each.method == "get" and "{" not in each.path and not any(p.required for p in each.parameters)
    ][:_PROBED]
    session = line.session()

    def ask(address: str, operation: Operation | None) -> requests.Response:
        sent = caller.placed(operation) if caller and operation else dict[str, Mapping[str, str]]()
        try:
            return session.get(
                address,
                headers={**headers, **sent.get("headers", {})},
                params=sent.get("query"),
                cookies=dict(sent.get("cookies", {})),
                allow_redirects=False,
            )
        except requests.exceptions.SSLError as error:
            raise MockServerError(f"{url}: its certificate is not trusted ({_reason(error)}).") from error
        except requests.RequestException as error:
            raise MockServerError(f"{url} does not answer ({_reason(error)}).") from error

    if not simple:
        ask(url or "/", None)
        return
    answers = [(each, ask(f"{url}{each.path}", each)) for each in simple]
    paths = ", ".join(each.path for each in simple)
    _refuse_redirects(url, answers)
    statuses = {answer.status_code for _, answer in answers}
    if len(statuses) == 1 and statuses <= {*_NOT_NOW}:
        (status,) = statuses
        hint = f"; {_NOT_NOW[status]}" if _NOT_NOW[status] else ""
        raise MockServerError(f"{url} serves nothing now: {status} is answered to {paths}{hint}.")
    if statuses != {404}:
        return
    hint = "; is something missing at its end, or too much there?"
    base = contract.base_path
    if base and not url.endswith(base) and ask(f"{url}{base}{simple[0].path}", simple[0]).status_code != 404:
        hint = f'. Did you mean "{url}{base}"?'
    raise MockServerError(f"{url} does not serve {contract.name}: 404 is answered to {paths}{hint}")


def refuse_nothing(report: Report) -> None:
    """
    Refuse a run in which a backend served nothing: what else was found follows from that.

    Of one operation that fails every time, that is what was found.

    Raises:
        MockServerError: no request was answered, or each with a server's error or as one too many.
    """
    # That a method is not there says nothing of those that are.
    tallies = [tally for name, tally in report.tallies.items() if name != OTHER_METHODS]
    asked = [tally.answers for tally in tallies if tally.requests]
    statuses = {status for answers in asked for status in answers}
    is_useless = bool(statuses) and all(each == 429 or each >= 500 or not each for each in statuses)
    if not is_useless or report.interrupted or (len(asked) == 1 and not statuses <= {*_NOT_NOW}):
        return
    told = ", ".join(str(each) if each else "nothing" for each in sorted(statuses))
    hint = f"; {_NOT_NOW[429]}" if 429 in statuses else ""
    raise MockServerError(f"{report.target} serves nothing: {told} is answered to all that was asked{hint}.")


def _refuse_redirects(url: str, answers: Sequence[tuple[Operation, requests.Response]]) -> None:
    """
    Refuse a backend that only says that it is elsewhere: at another origin, at the same page, at one for all.

    A path of its own for each, such as one with a slash at its end, is a difference to be told.
    """
    asked = [f"{url}{operation.path}" for operation, _ in answers]
    targets = []
    for address, (operation, answer) in zip(asked, answers, strict=True):
        location = answer.headers.get("Location")
        if not answer.is_redirect or not location or operation.response(answer.status_code) is not None:
            return
        target = urlsplit(urljoin(address, location))
        targets.append(target._replace(query="", fragment="", netloc=target.netloc.rpartition("@")[2]))
    shown = [target.geturl() for target in targets]
    if shown[0] == asked[0]:
        raise MockServerError(f"{url} redirects what it is asked to itself, such as {shown[0]}.")
    here = urlsplit(url)
    if all((each.scheme, each.netloc) != (here.scheme, here.netloc) for each in targets):
        path = answers[0][0].path
        base = shown[0].removesuffix("/").removesuffix(path)
        hint = f'; use "{base}" as --url' if base != shown[0].removesuffix("/") else ""
        raise MockServerError(f"{url} redirects to {shown[0]}{hint}.")
    if len({*shown}) == 1 and len(shown) > 1:
        raise MockServerError(f"{url} redirects all that it is asked to {shown[0]}.")


def _safe(address: str) -> str:
    """Give an address without what may be a password in it."""
    return address.rpartition("@")[2]


def _reason(error: Exception) -> str:
    inner: BaseException = error
    while inner.args and isinstance(inner.args[-1], BaseException):
        inner = inner.args[-1]
    found = getattr(inner, "reason", None)
    said = str(found if found is not None else inner) or type(error).__name__
    return said.rpartition(": ")[2] if said.startswith(("<", "HTTP")) or ": " in said else said
