"""The browser of the tests, and what it is asked about a page: axe, and what does not fit."""

import json
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import Browser, Page, ViewportSize, async_playwright, expect

from tests.npm_tools import npm_package

CHROMIUM = os.environ.get("PORTAL_TEST_BROWSER") or "/usr/bin/chromium"
BARE_CHROMIUM = os.environ.get("PORTAL_TEST_BARE_BROWSER") or CHROMIUM
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
FLAGS += ["--disable-component-update", "--disable-sync"]
FLAGS += ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
UNWANTED = [
    # Playwright's own list: the last of such switches counts
    "AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable", "LensOverlay", "MediaRouter", "PaintHolding", "ThirdPartyStoragePartitioning",
    "AvoidCorsURLLoaderRestartOnRedirect", "TcpPortRandomizationWin", "OptimizationHints",
    "NetworkTimeServiceQuerying", "AimEnabled", "PreconnectToSearch",
    # The address bar's suggestions: two hidden pages for each window, seven times the work of an empty one of ours.
    "WebUIOmniboxPopup", "WebUIOmniboxAimPopup",
]  # fmt: skip
FLAGS += [f"--disable-features={','.join(UNWANTED)}"]
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
EVERY_RULE: Mapping[str, object] = {"type": "tag", "values": AXE_TAGS}
COLOURS: Mapping[str, object] = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
"""The rules that another theme can break where one has kept them all."""


PAINTED = """() => new Promise((done) => {
    setTimeout(done, 10_000, false);
    requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 0, true)));
})"""
"""Whether what the page shows now was painted, or ten seconds passed without."""

PHONE: ViewportSize = {"width": 360, "height": 740}

expect.set_options(timeout=60_000)  # what must come is waited for; how fast it comes is measured by the benches


@asynccontextmanager
async def running_chromium(*flags: str, program: str = CHROMIUM) -> AsyncIterator[Browser]:
    """Run the browser of the tests, with more flags where one test needs them."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=[*FLAGS, *flags])
        yield browser
        await browser.close()


def axe_source() -> str:
    """Return axe-core's source."""
    return (npm_package("axe-core") / "axe.min.js").read_text()


async def axe_findings(page: Page, axe: str, rules: Mapping[str, object] = EVERY_RULE) -> list[str]:
    """Return what axe finds by these of its rules, a line for each element.

    The window is made as tall as the page: what a sticky bar covers just now is not what axe is asked about.
    """
    before = page.viewport_size or PHONE
    is_taller = await stretch(page)
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(axe)
    await still(page)
    asked = json.dumps({"runOnly": rules, "resultTypes": ["violations"]})
    found: list[dict[str, Any]] = await page.evaluate(f"axe.run(document, {asked}).then(r => r.violations)")
    if is_taller:
        await resize(page, before)
    return [f"{rule['id']}: {node['target']} {node['failureSummary']}" for rule in found for node in rule["nodes"]]


async def stretch(page: Page) -> bool:
    """Make the window as tall as the page, and tell whether it was not."""
    size = page.viewport_size or PHONE
    height = await page.evaluate("document.documentElement.scrollHeight")
    if height > size["height"]:
        await resize(page, {"width": size["width"], "height": height})
    return bool(height > size["height"])


async def resize(page: Page, size: ViewportSize) -> None:
    """Give the window a size, and go on once it is painted in it.

    Once a click waited two minutes for a frame that never came, right after one size had followed another. Should that
    be the window, another size asks for a frame anew; should it be the page, this fails.
    """
    await page.set_viewport_size(size)
    for _ in range(6):
        if await page.evaluate(PAINTED):
            return
        await page.set_viewport_size({"width": size["width"] + 1, "height": size["height"]})
        await page.set_viewport_size(size)
    raise AssertionError(f"nothing is painted at {size}")


async def still(page: Page) -> None:
    """Wait until nothing on the page changes its looks any more, as it does while another theme comes in."""
    await page.evaluate("Promise.all(document.getAnimations().map((one) => one.finished.catch(() => null)))")


async def overflow(page: Page) -> list[str]:
    """Return what makes the page scroll sideways or stands beyond its edge."""
    found: list[str] = await page.evaluate(
        """() => {
            const wide = document.documentElement.scrollWidth > document.documentElement.clientWidth;
            const beyond = [...document.querySelectorAll('main *, header *, nav *, .dock *')].filter((e) => {
                const box = e.getBoundingClientRect();
                return box.width > 0 && !e.closest('.skip, .sr-only, .unseen, thead, [popover], .days, caption')
                    && (box.right > innerWidth + 1 || box.left < -1);
            });
            return [...(wide ? ['the page'] : []), ...beyond.map(
                (e) => `${e.tagName}.${e.className} ${e.textContent.slice(0, 40)}`)];
        }"""
    )
    return found
