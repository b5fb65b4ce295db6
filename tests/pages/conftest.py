"""The demo's pages in a real browser, and axe to look at them."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from portal_app.operations.startup import unused_port
from portal_app.settings import Settings
from tests.browser import PHONE, axe_findings, overflow
from tests.web.conftest import Portal, serve, web_settings
from tests.web.wire import PATIENCE_S

__all__ = ["web_settings"]


class Screen:
    """A page of the demo in a browser, and all the browser complained about."""

    def __init__(self, page: Page, portal: Portal, axe: str) -> None:
        self.page, self.portal, self.complaints = page, portal, list[str]()
        self._axe = axe
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)

    async def open(self, path: str) -> None:
        """Load a page and wait until it answers."""
        await self.page.goto(self.portal.origin + path)
        await expect(self.page.locator("html[data-ready]")).to_have_count(1)

    async def problems(self) -> list[str]:
        """Return what axe finds, a line for each element."""
        return await axe_findings(self.page, self._axe)

    async def overflow(self) -> list[str]:
        """Return what makes the page scroll sideways, or hides a part of its words."""
        cut: list[str] = await self.page.evaluate(
            """() => [...document.querySelectorAll('.btn, .day, .time, .tag, .segment, .tab, .row')]
                .filter((e) => e.scrollWidth > e.clientWidth + 1)
                .map((e) => `${e.tagName}.${e.className} ${e.textContent.slice(0, 40)}`)"""
        )
        return [*await overflow(self.page), *cut]


@pytest.fixture(scope="session")
def demo(web_settings: Settings, pages: Path) -> Iterator[Portal]:
    """Serve the portal as the demo does."""
    settings = web_settings.model_copy(update={"mode": "demo", "port": unused_port()})
    yield from serve(settings, pages, "portal_app.portal_app:app")


@pytest_asyncio.fixture(loop_scope="session")
async def screen(demo: Portal, axe: str, bare_chromium: Browser) -> AsyncIterator[Screen]:
    """Open a browser window the size of a phone, with nothing remembered."""
    context = await bare_chromium.new_context(viewport=PHONE, reduced_motion="reduce")
    context.set_default_timeout(PATIENCE_S * 1000)
    yield Screen(await context.new_page(), demo, axe)
    await context.close()
