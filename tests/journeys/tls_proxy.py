"""A reverse proxy that ends TLS, as nginx or Caddy does in front of a portal."""

import asyncio
import contextlib
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HEAD_END = b"\r\n\r\n"


def certificate(folder: Path) -> Path:
    """Make a certificate for localhost, signed by itself, and return the file that holds it with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "localhost.pem"
    plain = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, *plain) + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


class TlsProxy:
    """Takes https on one port and passes it on to another, sockets too.

    To what a request says in X-Forwarded-For it adds `asked_from`, as if the browser sat at that address.
    """

    def __init__(self, pem: Path, port: int, backend_port: int, asked_from: str) -> None:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(pem)
        self._port, self._backend_port, self._asked_from = port, backend_port, asked_from
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._take, "127.0.0.1", self._port, ssl=self._context)

    async def stop(self) -> None:
        assert self._server
        self._server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._open.add(task)
        gone = (ConnectionError, ssl.SSLError, asyncio.IncompleteReadError)
        try:
            with contextlib.suppress(*gone, asyncio.CancelledError):  # cancelled by `stop` alone
                await self._pass_on(reader, writer)
        finally:
            self._open.discard(task)
            writer.transport.abort()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(HEAD_END)
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._backend_port)
        try:
            far_writer.write(self._forwarded(head))
            upwards = asyncio.create_task(_pour(reader, far_writer))
            await _pour(far_reader, writer)
            upwards.cancel()
            await asyncio.gather(upwards, return_exceptions=True)
        finally:
            far_writer.transport.abort()

    def _forwarded(self, head: bytes) -> bytes:
        """Return a request's head with the two headers of a proxy; a plain request gets a connection of its own."""
        first, *lines = head.removesuffix(HEAD_END).decode("latin-1").split("\r\n")
        headers = [(name, value.strip()) for name, _colon, value in (line.partition(":") for line in lines)]
        is_upgrade = any(name.lower() == "upgrade" for name, _value in headers)
        said = [value for name, value in headers if name.lower() == "x-forwarded-for"]
        dropped = {"x-forwarded-for", "x-forwarded-proto"} | (set() if is_upgrade else {"connection"})
        kept = [(name, value) for name, value in headers if name.lower() not in dropped]
        kept += [("X-Forwarded-For", ", ".join([*said, self._asked_from])), ("X-Forwarded-Proto", "https")]
        kept += [] if is_upgrade else [("Connection", "close")]
        return "\r\n".join([first, *(f"{name}: {value}" for name, value in kept), "", ""]).encode("latin-1")


async def _pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while content := await reader.read(65536):
        writer.write(content)
        await writer.drain()
    writer.close()
    with contextlib.suppress(ConnectionError, ssl.SSLError):
        await writer.wait_closed()
