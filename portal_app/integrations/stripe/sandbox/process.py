"""The stand-in as a process of its own: the demo starts one, tests start others."""

import asyncio
import contextlib
import signal
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from granian.constants import Interfaces
from granian.server.embed import Server

from portal_app.integrations.stripe.sandbox.app import Standin
from portal_app.integrations.stripe.sandbox.delivery import Postman
from portal_app.integrations.stripe.sandbox.events import HOOK
from portal_app.integrations.stripe.sandbox.sessions import PAGES
from portal_app.integrations.stripe.sandbox.store import Store
from portal_app.settings import Settings


@dataclass(frozen=True, slots=True)
class Setup:
    """How a stand-in is set up.

    `hook` is where events go, "" for nowhere; `pages` the address under which people pay; `certificate` what the portal
    shows where it speaks TLS with a certificate of its own.
    """

    folder: Path
    port: int
    key: str
    secret: str
    hook: str
    pages: str
    certificate: Path | None = None


def setup_of(settings: Settings) -> Setup:
    """Return what the settings of a demo say. Raises ValueError where they are for the real Stripe."""
    key = settings.stripe_key.get_secret_value() if settings.stripe_key else ""
    if not settings.practises_payments or settings.mode == "serve":
        raise ValueError("The stand-in for Stripe is for the demo and for tests.")
    secrets = settings.stripe_webhook_secrets.get_secret_value() if settings.stripe_webhook_secrets else ""
    certificate = settings.data_dir / "lan" / "certificate.pem"
    origin = settings.public_origin
    return Setup(
        settings.data_dir / "practice-payments",
        urlsplit(settings.stripe_api_base).port or 0,
        key,
        secrets.split(",")[0].strip(),
        f"{origin}/webhooks/stripe",
        f"{origin}/practice-payments",
        certificate if origin.startswith("https:") else None,
    )


async def serve(setup: Setup, stop: asyncio.Event) -> None:
    """Answer on the loopback address until told to stop."""
    store = Store(setup.folder / "stand-in.sqlite3")
    with store.work() as work:
        work.set(PAGES, setup.pages)
        work.set(HOOK, setup.hook)
    postman = Postman(store, setup.secret, str(setup.certificate) if setup.certificate else None)
    app = Standin(store, setup.key, postman).app()
    server = Server(app, "127.0.0.1", setup.port, interface=Interfaces.ASGINL, websockets=False, log_enabled=False)
    delivering = asyncio.create_task(postman.run())
    serving = asyncio.create_task(server.serve())
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait([delivering, serving, stopping], return_when=asyncio.FIRST_COMPLETED)
    server.stop()  # type: ignore[no-untyped-call]
    delivering.cancel()
    for task in (serving, delivering):
        with contextlib.suppress(asyncio.CancelledError):
            await task


def main(settings: Settings) -> int:
    """Run until SIGTERM or SIGINT."""
    setup = setup_of(settings)

    async def run() -> None:
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        await serve(setup, stop)

    asyncio.run(run())
    return 0
