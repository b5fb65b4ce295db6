"""A way to the database that can be cut, so that it is away without being stopped for other tests."""

import asyncio
import contextlib
import threading
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from sqlalchemy.engine import URL, make_url

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Relay:
    """Passes bytes between our end and the database, in a thread of its own.

    `url` leads through the relay to wherever the given address leads.
    """

    def __init__(self, database_url: str, folder: Path) -> None:
        self._target = make_url(database_url)
        self._socket = folder / ".s.PGSQL.5432"
        self._is_local = "host" in self._target.query
        self._port = 0
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self.mend()

    @property
    def url(self) -> str:
        through: URL = (
            self._target.update_query_dict({"host": str(self._socket.parent), "port": "5432"})
            if self._is_local
            else self._target.set(host="127.0.0.1", port=self._port)
        )
        return through.render_as_string(hide_password=False)

    def cut(self) -> None:
        """Close every connection and take no new one."""
        self._run(self._close())

    def mend(self) -> None:
        """Let connections through again."""
        self._run(self._open())

    def stop(self) -> None:
        self.cut()
        self._run(self._finish())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    async def _open(self) -> None:
        if self._is_local:
            self._server = await asyncio.start_unix_server(self._pass, self._socket)
        else:
            self._server = await asyncio.start_server(self._pass, "127.0.0.1", self._port)
            self._port = self._server.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        if self._server is not None:
            self._server.close()
        if self._is_local:
            self._socket.unlink(missing_ok=True)
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    async def _finish(self) -> None:
        await asyncio.gather(*asyncio.all_tasks() - {asyncio.current_task()}, return_exceptions=True)

    async def _connect(self) -> Streams:
        if self._is_local:
            folder, port = self._target.query["host"], self._target.query.get("port", "5432")
            return await asyncio.open_unix_connection(f"{folder}/.s.PGSQL.{port}")
        return await asyncio.open_connection(self._target.host, self._target.port or 5432)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await self._connect()
        self._writers |= {writer, far_writer}
        await asyncio.gather(_pour(reader, far_writer), _pour(far_reader, writer))
        self._writers -= {writer, far_writer}


async def _pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while content := await reader.read(65536):
            writer.write(content)
            await writer.drain()
    writer.close()
