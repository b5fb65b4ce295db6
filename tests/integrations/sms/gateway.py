"""A gateway for text messages on this machine, which answers as told and sends each message once."""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from pydantic import SecretStr

from portal_app.settings import Settings

SECRET: Final = base64.b64encode(b"a key of this test, and only of it").decode()
SILENT: Final = 0
DRIPPING: Final = 1


class Gateway:
    """Speaks HTTP/1.1 over a real socket. `answers` are statuses to give in turn; the last one stays."""

    def __init__(self, *answers: int) -> None:
        self.answers, self.asked = list(answers), list[tuple[dict[str, str], bytes]]()
        self.sent: dict[str, dict[str, Any]] = {}
        self.port = 0

    def settings(self, **more: Any) -> Settings:
        url = f"http://127.0.0.1:{self.port}/texts"
        return Settings(mode="test", sms_url=url, sms_secret=SecretStr(SECRET), sms_from="Sala", **more)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Read one request; take the message whatever the answer, as a gateway does that fails after it."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
        body = await reader.readexactly(int(headers["content-length"]))
        self.asked.append((headers, body))
        self.sent.setdefault(headers["idempotency-key"], json.loads(body))
        status = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        try:
            if status == SILENT:
                await reader.read()  # until the other side gives up
            elif status == DRIPPING:
                while True:
                    writer.write(b"H")
                    await writer.drain()
                    await asyncio.sleep(0)
            else:
                writer.write(f"HTTP/1.1 {status} OK\r\ncontent-length: 3\r\nlocation: /elsewhere\r\n\r\nyes".encode())
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Gateway"]:
        server = await asyncio.start_server(self.answer, "127.0.0.1", 0)
        async with server:
            self.port = server.sockets[0].getsockname()[1]
            yield self


def is_signed(headers: dict[str, str], body: bytes) -> bool:
    """Check a request as whoever receives it would (Standard Webhooks 1.0.0)."""
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(base64.b64decode(SECRET), signed, hashlib.sha256).digest()).decode()
    return headers["webhook-signature"] == f"v1,{expected}"
