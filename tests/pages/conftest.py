"""The demo's pages in a real browser, and axe to look at them."""

import json
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, ViewportSize, async_playwright, expect

from portal_app.operations.places import CHECKOUT
from portal_app.operations.startup import unused_port
from portal_app.settings import Settings
from tests.web.conftest import Portal, _serve, pages, web_settings
from tests.web.test_browser import CHROMIUM, FLAGS

__all__ = ["pages", "web_settings"]

PHONE: ViewportSize = {"width": 360, "height": 740}
AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


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
        """Return what axe finds, a line for each element.

        The window is made as tall as the page: what a sticky bar covers just now is not what axe is asked about.
        """
        height = await self.page.evaluate("document.documentElement.scrollHeight")
        width = (self.page.viewport_size or PHONE)["width"]
        await self.page.set_viewport_size({"width": width, "height": height})
        await self.page.evaluate(self._axe)
        asked = json.dumps({"runOnly": AXE_RULES, "resultTypes": ["violations"]})
        found: list[dict[str, Any]] = await self.page.evaluate(f"axe.run(document, {asked}).then(r => r.violations)")
        return [f"{rule['id']}: {node['target']} {node['failureSummary']}" for rule in found for node in rule["nodes"]]

    async def overflow(self) -> list[str]:
        """Return what makes the page scroll sideways, or hides a part of its words."""
        found: list[str] = await self.page.evaluate(
            """() => {
                const wide = document.documentElement.scrollWidth > document.documentElement.clientWidth;
                const beyond = [...document.querySelectorAll('main *, header *, nav *')].filter((e) => {
                    const box = e.getBoundingClientRect();
                    return box.width > 0 && !e.closest('.skip, .sr-only, thead, [popover]')
                        && (box.right > innerWidth + 1 || box.left < -1);
                });
                const cut = [...document.querySelectorAll('.btn, .day, .time, .tag, .segment, .tab, .row')].filter(
                    (e) => e.scrollWidth > e.clientWidth + 1);
                return [...(wide ? ['the page'] : []), ...[...beyond, ...cut].map(
                    (e) => `${e.tagName}.${e.className} ${e.textContent.slice(0, 40)}`)];
            }"""
        )
        return found


@pytest.fixture(scope="session")
def axe() -> str:
    """Return axe-core's source, fetched by npm as tools/package-lock.json pins it."""
    tools = CHECKOUT / "tools"
    source = tools / "node_modules" / "axe-core" / "axe.min.js"
    if not source.exists():
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=tools, check=True)
    return Path(source).read_text()


@pytest.fixture(scope="session")
def demo(web_settings: Settings, pages: Path) -> Iterator[Portal]:
    """Serve the portal as the demo does."""
    settings = web_settings.model_copy(update={"mode": "demo", "port": unused_port()})
    yield from _serve(settings, pages, "portal_app.portal_app:app")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """Start the browser once for all tests here."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def screen(demo: Portal, axe: str, chromium: Browser) -> AsyncIterator[Screen]:
    """Open a browser window the size of a phone, with nothing remembered."""
    context = await chromium.new_context(viewport=PHONE)
    yield Screen(await context.new_page(), demo, axe)
    await context.close()
