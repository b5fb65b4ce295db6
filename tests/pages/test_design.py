"""The design page in a real browser: readable and reachable for everybody, in every language and theme."""

from typing import Literal

import pytest
from playwright.async_api import ViewportSize, expect

from portal_app.core.i18n import LOCALES, localized_path
from portal_app.pages.design import PAGES
from tests.browser import PHONE, resize, stretch
from tests.pages.conftest import Screen

pytestmark = pytest.mark.asyncio(loop_scope="session")

ROUTES = [page.route for page in PAGES if page.route not in ("/design/light", "/design/dark")]
ADDRESSES = [localized_path(locale, route) for route in ROUTES for locale in LOCALES]
SIZES: list[ViewportSize] = [
    {"width": 320, "height": 640},
    {"width": 360, "height": 740},
    {"width": 820, "height": 1180},
    {"width": 1440, "height": 900},
]
SCHEMES: list[Literal["light", "dark"]] = ["light", "dark"]


@pytest.mark.parametrize("address", ADDRESSES)
async def test_a_page_is_read_and_reached_by_everybody(screen: Screen, address: str) -> None:
    """Each page is opened once for all that is asked of it, and tells all that is wrong."""
    await screen.open(address)
    found = {"smaller than a thumb": await _small(screen)}
    await stretch(screen.page)  # once for both themes
    for scheme in SCHEMES:
        await screen.page.emulate_media(color_scheme=scheme)
        found[f"axe, {scheme}"] = await screen.problems()
    await screen.page.emulate_media(color_scheme="light")
    if address in ROUTES:
        await resize(screen.page, SIZES[-1])
        found["axe, at a desk"] = await screen.problems()
    for size in SIZES:
        await resize(screen.page, size)
        found[f"beyond the edge at {size}"] = await screen.overflow()
    found["beyond the edge with wider spacing"] = await _spaced_out(screen)
    found["beyond the edge with text twice as large"] = await _twice_as_large(screen)
    assert {what: wrong for what, wrong in found.items() if wrong} == {}
    assert screen.complaints == []


async def _small(screen: Screen) -> list[str]:
    small: list[str] = await screen.page.evaluate(
        """() => [...document.querySelectorAll('a, button, input, textarea, summary')].map((e) => {
            const target = e.closest('label') && e.matches('[type=radio], [type=checkbox]') ? e.closest('label') : e;
            const box = target.getBoundingClientRect();
            const hidden = box.width === 0 || e.closest('.skip, dialog:not([open])');
            return !hidden && (box.width < 47.5 || box.height < 47.5)
                ? `${e.tagName} ${e.textContent} ${Math.round(box.width)}x${Math.round(box.height)}` : null;
        }).filter(Boolean)"""
    )
    return small


async def _spaced_out(screen: Screen) -> list[str]:
    """Return what is cut off with the distances of WCAG 2.2, 1.4.12."""
    await resize(screen.page, SIZES[0])
    await screen.page.evaluate(
        """() => {
            const sheet = new CSSStyleSheet();
            sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: 0.12em !important;
                word-spacing: 0.16em !important } p { margin-block-end: 2em !important }`);
            document.adoptedStyleSheets = [sheet];
        }"""
    )
    found = await screen.overflow()
    await screen.page.evaluate("document.adoptedStyleSheets = []")
    return found


async def _twice_as_large(screen: Screen) -> list[str]:
    """Return what is cut off where the reader's own text size is doubled, as in the settings of a browser."""
    await resize(screen.page, PHONE)
    devtools = await screen.page.context.new_cdp_session(screen.page)
    await devtools.send("Page.enable")
    await devtools.send("Page.setFontSizes", {"fontSizes": {"standard": 32, "fixed": 26}})
    assert await screen.page.evaluate("getComputedStyle(document.body).fontSize") == "36px"
    return await screen.overflow()


async def test_the_first_key_skips_to_the_content(screen: Screen) -> None:
    await screen.open("/design")
    await screen.page.keyboard.press("Tab")
    await expect(screen.page.locator(".skip")).to_be_focused()
    await screen.page.keyboard.press("Enter")
    await expect(screen.page.locator("main")).to_be_focused()


@pytest.mark.parametrize("route", ["/design", "/design/booking", "/ar/design/booking"])
async def test_what_has_the_focus_is_shown_and_never_behind_a_bar(screen: Screen, route: str) -> None:
    """WCAG 2.2, 2.4.11: walked by Tab from the first to the last."""
    await screen.open(route)
    seen: list[str] = []
    while True:
        await screen.page.keyboard.press("Tab")
        where = await screen.page.evaluate(
            """() => {
                const e = document.activeElement;
                if (e === document.body) return null;
                const shown = e.matches('.unseen, .choice input') ? e.closest('label') : e;
                const box = shown.getBoundingClientRect();
                const at = document.elementFromPoint(box.left + box.width / 2, box.top + Math.min(box.height, 40) / 2);
                const outline = getComputedStyle(shown).outlineStyle;
                const covered = !(at && (shown.contains(at) || at.contains(shown)));
                return (covered ? 'COVERED ' : '') + (outline === 'none' ? 'UNMARKED ' : '')
                    + e.tagName + ' ' + shown.textContent + (e.id || e.value || e.href || '');
            }"""
        )
        if where is None or (seen and where == seen[0]):
            break
        seen.append(where)
        assert len(seen) < 200
    assert len(seen) > 10
    assert [where for where in seen if where.startswith(("COVERED", "UNMARKED"))] == []


async def test_the_keyboard_walks_from_the_top_of_the_page_to_its_end(screen: Screen) -> None:
    """Every stop of Tab comes later in the document than the one before."""
    await screen.open("/design/booking")
    await screen.page.evaluate("window.stops = []")
    for _ in range(12):
        await screen.page.keyboard.press("Tab")
        await screen.page.evaluate("window.stops.push(document.activeElement)")
    in_order = await screen.page.evaluate(
        "stops.slice(1).every((e, n) => stops[n].compareDocumentPosition(e) & Node.DOCUMENT_POSITION_FOLLOWING)"
    )
    assert in_order


async def test_arrow_keys_choose_among_dates_and_pass_over_full_ones(screen: Screen) -> None:
    await screen.open("/design")
    await screen.page.locator('[name=day][value="2026-11-30"]').focus()
    await screen.page.keyboard.press("ArrowRight")
    await expect(screen.page.locator('[name=day][value="2026-11-1"]')).to_be_checked()
    await screen.page.keyboard.press("ArrowRight")
    await expect(screen.page.locator('[name=day][value="2026-11-3"]')).to_be_checked()


async def test_a_chosen_date_shows_at_once_and_stays_when_the_server_has_answered(screen: Screen) -> None:
    await screen.open("/design")
    await screen.page.locator(".day", has=screen.page.locator('[value="2026-11-30"]')).click()
    await expect(screen.page.locator('[name=day][value="2026-11-30"]')).to_be_checked()
    await expect(screen.page.locator('[name=day][value="2026-11-24"]')).not_to_be_checked()


async def test_a_form_sent_too_early_moves_the_focus_to_what_is_missing(screen: Screen) -> None:
    await screen.open("/design")
    send = screen.page.get_by_role("button", name="Send", exact=True)
    await send.click()
    summary = screen.page.locator(".banner[role=alert]").first
    await expect(summary).to_be_focused()
    await summary.get_by_role("link").last.click()
    await expect(screen.page.locator("#wrong-date-month")).to_be_focused()
    assert screen.page.url.endswith("/design")
    await send.click()
    await expect(summary).to_be_focused()


async def test_a_dialog_keeps_the_focus_and_gives_it_back(screen: Screen) -> None:
    await screen.open("/design")
    opener = screen.page.get_by_role("button", name="Cancel this visit…")
    await opener.click()
    dialog = screen.page.get_by_role("dialog", name="Cancel Tuesday 9:20?")
    await expect(dialog).to_be_visible()
    assert await screen.problems() == []
    await screen.page.keyboard.press("Escape")
    await expect(dialog).to_be_hidden()
    await expect(opener).to_be_focused()


async def test_a_dialog_opens_again_after_it_was_closed(screen: Screen) -> None:
    await screen.open("/design")
    opener = screen.page.get_by_role("button", name="Cancel this visit…")
    dialog = screen.page.get_by_role("dialog")
    for close in ("Keep it", "Cancel this visit"):
        await opener.click()
        await dialog.get_by_role("button", name=close, exact=True).click()
        await expect(dialog).to_be_hidden()
    await opener.click()
    await expect(dialog).to_be_visible()


async def test_languages_open_over_the_page_and_lead_to_the_same_page(screen: Screen) -> None:
    await screen.open("/design/booking")
    await screen.page.get_by_role("button", name="EN, Language: English").click()
    await screen.page.get_by_role("link", name="العربية").click()
    await expect(screen.page.locator('html[lang="ar"][dir="rtl"]')).to_have_count(1)
    assert screen.page.url.endswith("/ar/design/booking")


async def test_offline_is_said_and_nothing_moves_the_focus(screen: Screen) -> None:
    await screen.open("/design")
    await screen.page.context.set_offline(True)
    await expect(screen.page.get_by_role("status").filter(has_text="You are offline")).to_be_visible()
    await screen.page.context.set_offline(False)
    await expect(screen.page.get_by_text("You are offline")).to_be_hidden()


@pytest.mark.parametrize(
    ("route", "ground"), [("/design/dark", "rgb(17, 25, 28)"), ("/design/light", "rgb(251, 250, 247)")]
)
async def test_a_page_can_override_the_device(screen: Screen, route: str, ground: str) -> None:
    for scheme in SCHEMES:
        await screen.page.emulate_media(color_scheme=scheme)
        await screen.open(route)
        assert (
            await screen.page.evaluate("getComputedStyle(document.querySelector('.frame')).backgroundColor") == ground
        )


async def test_choices_are_seen_when_the_system_chooses_the_colours(screen: Screen) -> None:
    await screen.page.emulate_media(forced_colors="active")
    await screen.open("/design/booking")
    outlined = await screen.page.evaluate(
        """() => [...document.querySelectorAll('.day, .time, .segment')].map(
            (e) => [e.matches(':has(:checked)'), getComputedStyle(e).outlineStyle !== 'none'])"""
    )
    assert any(is_chosen for is_chosen, _ in outlined)
    assert all(is_chosen == has_outline for is_chosen, has_outline in outlined)


async def test_buttons_have_edges_when_the_system_chooses_the_colours(screen: Screen) -> None:
    await screen.page.emulate_media(forced_colors="active")
    await screen.open("/design")
    edges = await screen.page.evaluate(
        """() => [...document.querySelectorAll('.btn')].map((e) => {
            const style = getComputedStyle(e);
            return style.borderTopStyle === 'solid' && parseFloat(style.borderTopWidth) >= 1
                && style.borderTopColor !== style.backgroundColor;
        })"""
    )
    assert edges
    assert all(edges)


async def test_nothing_moves_for_those_who_asked_for_stillness(screen: Screen) -> None:
    await screen.page.emulate_media(reduced_motion="reduce")
    await screen.open("/design")
    assert await screen.page.evaluate("document.getAnimations().length") == 0


async def test_the_page_does_not_jump_while_it_comes_alive(screen: Screen) -> None:
    await screen.page.add_init_script(
        """window.shift = 0; new PerformanceObserver((list) => {
            for (const entry of list.getEntries()) window.shift += entry.value;
        }).observe({type: 'layout-shift', buffered: true})"""
    )
    await screen.open("/design/booking")
    assert await screen.page.evaluate("window.shift") < 0.01
