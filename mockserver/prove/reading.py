"""Answers that are read to their end, which has to come within a time and a size."""

import socket
import time
from collections.abc import Iterator

import requests
from schemathesis.core.transport import DEFAULT_MAX_STREAM_EVENTS, is_event_stream, read_event_stream
from urllib3.exceptions import DecodeError, HTTPError, ReadTimeoutError

_CHUNK = 1 << 16
_MOST = 1 << 26


class TooLong(requests.RequestException):
    """An answer has more bytes than anybody would compare."""


def is_stream(response: requests.Response) -> bool:
    """Tell whether an answer is a stream of events, which may never end."""
    return is_event_stream(response.headers.get("Content-Type"))


def read_whole(response: requests.Response, seconds: float, since: float) -> None:
    """
    Take the body of an answer off its connection; of a stream of events, what has come by then.

    The connection is left to wait for less than before; whoever sends on it sets that anew.

    Raises:
        requests.RequestException: it has not ended ``seconds`` after ``since``, is too long, or cannot be
            read.
    """
    deadline = since + seconds
    if is_stream(response):
        left = max(deadline - time.monotonic(), 0.001)
        content, _ = read_event_stream(_events(response, seconds, deadline), left, DEFAULT_MAX_STREAM_EVENTS)
    else:
        content = _content(response, seconds, deadline)
    response.raw.close()
    # As requests itself keeps what it has read; it has no other way to give an answer a body.
    vars(response).update(_content=content, _content_consumed=True)


def _content(response: requests.Response, seconds: float, deadline: float) -> bytes:
    content = bytearray()
    is_announced = (response.headers.get("Content-Length") or "").isdigit()
    if is_announced and int(response.headers["Content-Length"]) > _MOST and response.request.method != "HEAD":
        raise _too_long(response)
    for chunk in _chunks(response, seconds, deadline):
        content += chunk
        if len(content) > _MOST:
            raise _too_long(response)
        if time.monotonic() >= deadline:
            raise _late(response, seconds)
    return bytes(content)


def _events(response: requests.Response, seconds: float, deadline: float) -> Iterator[bytes]:
    try:
        yield from _chunks(response, seconds, deadline)
    except requests.ReadTimeout as error:
        raise TimeoutError from error


def _chunks(response: requests.Response, seconds: float, deadline: float) -> Iterator[bytes]:
    """Give what has come as it comes: whoever waits for a chunk to fill waits as long as a server likes."""
    # Neither requests nor urllib3 has a way to wait for less than at first. The connection lets go of its
    # socket where the answer ends with it, so it is the one that is read from.
    connection = getattr(getattr(response.raw, "_fp", None), "fp", None)
    read_from = getattr(getattr(connection, "raw", None), "_sock", None)
    try:
        while True:
            if isinstance(read_from, socket.socket) and read_from.fileno() >= 0:  # open until its end is read
                read_from.settimeout(max(deadline - time.monotonic(), 0.001))
            chunk = response.raw.read1(_CHUNK, decode_content=True)
            if not chunk:
                return
            yield chunk
    except ReadTimeoutError as error:
        raise _late(response, seconds) from error
    except DecodeError as error:
        raise requests.exceptions.ContentDecodingError(error, request=response.request) from error
    except HTTPError as error:
        raise requests.exceptions.ChunkedEncodingError(error, request=response.request) from error


def _too_long(response: requests.Response) -> TooLong:
    response.raw.close()
    return TooLong(f"the answer is longer than {_MOST >> 20} MiB", request=response.request)


def _late(response: requests.Response, seconds: float) -> requests.ReadTimeout:
    response.raw.close()
    # Schemathesis reads the seconds out of the words of urllib3.
    why = TimeoutError(f"no whole answer in time (read timeout={seconds:g})")
    return requests.ReadTimeout(why, request=response.request)
