"""What stands for a backend in tests does not hold them up."""

import socket
from urllib.parse import urlsplit

from tests.serve.backends import bare


def test_a_client_that_says_nothing_keeps_nobody_else_from_being_answered():
    with bare(lambda connection: connection.sendall(b"answered")) as url:
        address = (urlsplit(url).hostname, urlsplit(url).port)
        socket.create_connection(address).close()
        with socket.create_connection(address, timeout=5) as client:
            client.sendall(b"GET / HTTP/1.1\r\n\r\n")
            answer = client.recv(100)

    assert answer == b"answered"
