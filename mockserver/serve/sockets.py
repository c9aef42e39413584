"""Sockets to serve on, and the addresses that they are reached by."""

import errno
import socket

from mockserver.errors import MockServerError


def listen(host: str, port: int) -> socket.socket:
    """
    Open the socket to serve on; port 0 takes any that is free, and ``::`` listens to IPv4, too.

    Raises:
        MockServerError: the port is taken, or the host is not one of this machine.
    """
    if not 0 <= port <= 65535:
        raise MockServerError(f"--port {port}: a port is a number from 0 to 65535.")
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        both = host == "::" and socket.has_dualstack_ipv6()
        return socket.create_server((host, port), family=family, backlog=2048, dualstack_ipv6=both)
    except socket.gaierror as error:
        raise MockServerError(f"--host {host}: there is no such host.") from error
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise MockServerError(
                f"Port {port} of {host} is taken; stop what listens there, or take another (0: any)."
            ) from error
        raise MockServerError(f"{host}:{port} cannot be listened on: {error.strerror}.") from error


def url_of(listener: socket.socket) -> str:
    """Give the address that a client on this machine reaches a socket by."""
    host, port = listener.getsockname()[:2]
    shown = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"
