"""A relay as a practice would run it, for networks that let no UDP out: coturn, over TLS, with credentials that end."""

import os
import socket
import subprocess
from pathlib import Path

from portal_app.operations.startup import unused_port
from tests.journeys.house import until
from tests.journeys.tls_proxy import certificate

SECRET = "a secret of coturn's and the portal's"


class Coturn:
    """Takes TLS on one port of this machine; no UDP from browsers, and any peer on this machine."""

    def __init__(self, folder: Path) -> None:
        self._folder, self.port = folder, unused_port()
        self.secret_file = folder / "secret"
        self.secret_file.write_text(SECRET)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"turns:localhost:{self.port}?transport=tcp"

    def start(self) -> None:
        pem = str(certificate(self._folder))
        given = ["-n", "--no-cli", "--no-udp", "--no-dtls", "--no-tcp", "--no-multicast-peers"]
        given += ["--listening-ip", "127.0.0.1", "--relay-ip", "127.0.0.1", "--allow-loopback-peers"]
        given += ["--tls-listening-port", str(self.port), "--cert", pem, "--pkey", pem, "--realm", "localhost"]
        given += ["--use-auth-secret", "--static-auth-secret", SECRET, "--log-file", "stdout"]
        given += ["--pidfile", str(self._folder / "pid"), "--userdb", str(self._folder / "users")]
        command = [os.environ["PORTAL_TEST_TURN"], *given]
        self._process = subprocess.Popen(command, cwd=self._folder, stdout=subprocess.DEVNULL)

    async def ready(self) -> None:
        """Wait until it listens."""

        async def listens() -> bool:
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
            except ConnectionRefusedError:
                return False
            return True

        await until(listens, what="coturn to listen")

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
