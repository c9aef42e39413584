"""What the tests share: the shipped contract, served in process or over HTTP, with a client for each."""

import asyncio
import ipaddress
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from mockserver.serve.assembly import Mock, Setup, assemble
from mockserver.serve.server import running
from mockserver.state.personas import mint

ROOT = Path(__file__).parent.parent
SHIPPED = ROOT / "openapi.yaml"


class InProcess(httpx.BaseTransport):
    """Hand each request straight to an ASGI application."""

    def __init__(self, app: Any) -> None:
        self._transport = httpx.ASGITransport(app)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return asyncio.run(self._handle(request))

    async def _handle(self, request: httpx.Request) -> httpx.Response:
        body = httpx.Request(request.method, request.url, headers=request.headers, content=request.read())
        response = await self._transport.handle_async_request(body)
        content = await response.aread()
        return httpx.Response(
            response.status_code, headers=response.headers, content=content, request=request
        )


class Api(httpx.Client):
    """
    A client of one mock.

    ``as_`` sends a persona's token: ``api.get("/api/v1/admin/groups", as_="super-admin")``.
    """

    def __init__(self, mock: Mock, url: str, transport: httpx.BaseTransport | None = None) -> None:
        super().__init__(base_url=url, transport=transport, timeout=30)
        self.mock = mock

    def request(self, method: str, url: Any, *, as_: str | None = None, **options: Any) -> httpx.Response:
        headers = httpx.Headers(options.pop("headers", None))
        if as_ is not None:
            headers["Authorization"] = f"Bearer {self.token(as_)}"
        return super().request(method, url, headers=headers, **options)

    def get(self, url: Any, **options: Any) -> httpx.Response:
        return self.request("GET", url, **options)

    def post(self, url: Any, **options: Any) -> httpx.Response:
        return self.request("POST", url, **options)

    def patch(self, url: Any, **options: Any) -> httpx.Response:
        return self.request("PATCH", url, **options)

    def put(self, url: Any, **options: Any) -> httpx.Response:
        return self.request("PUT", url, **options)

    def delete(self, url: Any, **options: Any) -> httpx.Response:
        return self.request("DELETE", url, **options)

    def token(self, persona: str) -> str:
        return mint(self.mock.parts.personas[persona], self.mock.world.clock)

    def sub(self, persona: str) -> str:
        """Give the user id that a persona's token carries."""
        return str(self.mock.parts.personas[persona].claims["sub"])


def in_process(setup: Setup) -> Api:
    """Assemble a mock and give a client that calls it in process."""
    mock = assemble(setup)
    return Api(mock, "http://mock.test", InProcess(mock.app))


@pytest.fixture(scope="session")
def _in_process() -> Iterator[Api]:
    with in_process(Setup(contract=SHIPPED)) as client:
        yield client


@pytest.fixture(scope="session")
def _over_http() -> Iterator[Api]:
    with running(Setup(contract=SHIPPED)) as (mock, url), Api(mock, url) as client:
        yield client


@pytest.fixture(params=["in process", "over HTTP"])
def api(request: pytest.FixtureRequest) -> Api:
    """Give the shipped contract with the demo set: once in process, once over a real connection."""
    client: Api = request.getfixturevalue("_in_process" if request.param == "in process" else "_over_http")
    client.mock.world.reset()
    return client


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Make a certificate for 127.0.0.1 that nobody trusts, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1))
        .not_valid_after(datetime(2120, 1, 1))
        .add_extension(address, critical=False)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("tls")
    (folder / "cert.pem").write_bytes(made.public_bytes(Encoding.PEM))
    (folder / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return folder / "cert.pem", folder / "key.pem"
