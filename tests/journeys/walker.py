"""Somebody at a screen: opens, taps, types, and counts the taps."""

import re
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from playwright.async_api import BrowserContext, Locator, Page, ViewportSize, expect

from portal_app.core import i18n
from portal_app.core.i18n import _
from portal_app.web import cookies
from tests.browser import PHONE
from tests.factories import Someone
from tests.journeys.clinic import ZONE
from tests.journeys.house import House

__all__ = ["AWAY", "DESK", "PHONE", "TABLET", "Walker", "body"]

TABLET: ViewportSize = {"width": 820, "height": 1180}
DESK: ViewportSize = {"width": 1440, "height": 900}
AWAY = ("net::ERR", "WebSocket", "Failed to load resource", "Cannot connect")


class Walker:
    """One tab of one person's browser, in one language."""

    def __init__(self, page: Page, house: House, locale: str = "en") -> None:
        self.page, self.house, self.locale = page, house, locale
        self.taps = 0
        self.complaints: list[str] = []
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)

    @property
    def context(self) -> BrowserContext:
        return self.page.context

    def say(self, message: str, **values: object) -> str:
        """Return a message as this person reads it."""
        with i18n.use(self.locale):
            return _(message).format(**values) if values else _(message)

    def path(self, address: str) -> str:
        return i18n.localized_path(self.locale, address)

    async def another_tab(self) -> "Walker":
        return Walker(await self.context.new_page(), self.house, self.locale)

    async def let_in(self, someone: Someone) -> None:
        """Hold a session that somebody got earlier."""
        cookie = {
            "name": cookies.cookie_name(self.house.settings),
            "value": someone.credential.session_secret,
            "domain": urlsplit(self.house.origin).hostname,
            "path": "/",
            "secure": True,
            "httpOnly": True,
            "sameSite": "Lax",
        }
        await self.context.add_cookies([cookie])  # type: ignore[list-item]

    async def open(self, address: str) -> None:
        """Load a page and wait until it answers."""
        await self.page.goto(self.house.origin + self.path(address))
        await self.answers()

    async def answers(self) -> None:
        await expect(self.page.locator("html[data-ready]")).to_have_count(1)

    async def at(self, address: str, *, more: str = "") -> None:
        """Wait until a page of this language is open and answers."""
        wanted = re.escape(self.house.origin + self.path(address)) + (more or r"(\?.*)?$")
        await expect(self.page).to_have_url(re.compile(wanted))
        await self.answers()

    async def tap(self, target: Locator) -> None:
        await target.click()
        self.taps += 1

    def button(self, message: str, **values: object) -> Locator:
        return self.page.get_by_role("button", name=self.say(message, **values), exact=True)

    def link(self, message: str, **values: object) -> Locator:
        return self.page.get_by_role("link", name=self.say(message, **values), exact=True)

    def heading(self, message: str, **values: object) -> Locator:
        return self.page.get_by_role("heading", name=self.say(message, **values), exact=True)

    def heading_named(self, part: str) -> Locator:
        """Return a heading in which words stand that no catalogue has, such as a name."""
        return self.page.get_by_role("heading").filter(has_text=part)

    @property
    def times(self) -> Locator:
        """Return the free times on the booking page."""
        return self.page.locator("button.time")

    @property
    def book(self) -> Locator:
        """Return the button of the confirmation that books."""
        return self.page.locator(".dock button[type=submit]")

    @property
    def reason(self) -> Locator:
        return self.page.locator("#reason")

    async def sign_in_by_code(self, email: str) -> None:
        """Ask for a code, read it from the mail that came, and type it."""
        await self.open("/sign-in")
        await self.type_code(email)

    async def type_code(self, email: str) -> None:
        """Go on from the sign-in page that is open."""
        await self.page.locator("#email").fill(email)
        await self.button("Send me a code").click()
        field = self.page.locator("#code")
        await expect(field).to_be_visible()
        code = re.search(r"\b\d{6}\b", body(await self.house.mail(email, "sign_in_code")))
        assert code
        await field.fill(code.group())
        await self.button("Sign in").click()

    async def sign_in_by_tap(self, name: str) -> None:
        """Use the demo's list of people."""
        await self.open("/sign-in")
        await self.page.get_by_role("button", name=re.compile(re.escape(name))).click()

    async def confirm_first_time(self) -> None:
        """Go from the booking page to the confirmation of its first time."""
        await self.times.first.click()
        await expect(self.book).to_be_visible()

    async def to_confirmation(self) -> None:
        """Go to the confirmation of the first free time."""
        await self.open("/book")
        await self.confirm_first_time()

    async def switch_language(self, locale: str) -> None:
        """Choose a language in the menu of the frame."""
        menu = self.page.get_by_role("navigation", name=self.say("Language"), exact=True)
        await self.page.locator("[popovertarget=languages]").click()
        await menu.get_by_role("button", name=i18n.LOCALES[locale].own_name).click()
        self.locale = locale
        await expect(self.page.locator(f"html[lang={locale}]")).to_have_count(1)
        await self.answers()

    async def turn_to(self, moment: datetime) -> None:
        """Turn the day page to the day of a moment."""
        with i18n.use(self.locale):
            day = i18n.format_day(moment.astimezone(ZoneInfo(ZONE)).date())
        line = self.page.locator("main h1 + small")
        # Turned until the page says the day, though midnight may have passed since it was opened.
        while (shown := (await line.inner_text()).split(" · ")[0]).casefold() != day.casefold():
            await self.button("Day after").click()
            await expect(line).not_to_have_text(re.compile(f"^{re.escape(shown)}"))

    @property
    def appointment_id(self) -> str:
        return urlsplit(self.page.url).path.rstrip("/").rsplit("/", 1)[-1]

    def unexpected(self, allowed: Sequence[str] = ()) -> list[str]:
        """Return what the browser complained about, less what was provoked."""
        return [said for said in self.complaints if not any(part in said for part in allowed)]


def body(mail: object) -> str:
    """Return the plain words of a mail."""
    part = mail.get_body(("plain",))  # type: ignore[attr-defined]
    return str(part.get_content()) if part else ""
