"""Proving oneself once more, where a page asked for it; then what was asked is done."""

from typing import Any

import reflex as rx
from reflex_base.event import Event

from portal_app.core import clock, db, i18n
from portal_app.core.errors import NotSignedIn, StepUpNeeded
from portal_app.core.i18n import _, path_without_locale
from portal_app.features.access import factors, step_up
from portal_app.state.base import PortalState, handles
from portal_app.web.next_path import CHECK_IN, OWN_PAGE, check_in_path, sign_in_path
from portal_app.web.page import Page
from portal_app.web.registry import page_at


class StepUp(PortalState, rx.State):
    """The dialog that asks for a passkey, or for the digits of an app, before a step that matters."""

    is_open: bool = False
    has_passkey: bool = False
    has_app: bool = False
    problem: str = ""
    attempt: str = ""
    moment: str = ""
    next_path: str = ""
    _last: tuple[str, dict[str, Any]] | None = None
    _asked: tuple[str, dict[str, Any]] | None = None

    @handles("access.step_up")
    async def on_needed(self) -> None:
        """Ask for a proof because the page's own script was told that one is needed."""
        self._last = None
        await self._ask_or_leave()

    @handles("access.step_up")
    async def on_close(self) -> None:
        """Leave things as they are; a page that opens for a fresh proof alone is left."""
        asked, self.is_open, self._asked = self._asked, False, None
        url = self.router.url
        page = page_at(path_without_locale(url.path))
        if asked and page is not None and asked[0].rsplit(".", 1)[-1] in _openings(page):
            named = url.query_parameters
            back = check_in_path(self._locale(), named.get("visit", "") or self._visit_of(page, named.get("id", "")))
            await self._leave_for(back or i18n.localized_path(self._locale(), OWN_PAGE))

    @handles("access.step_up", writes=True)
    async def on_proved(self) -> Event | None:
        """Do what was asked; whether the proof is enough is looked at there."""
        asked, self._asked = self._asked, None
        if not self.is_open:
            return None
        self.is_open, self.moment = False, clock.now().isoformat()
        return Event(name=asked[0], payload=asked[1], router_data=self.router_data) if asked else None

    @handles("access.step_up", writes=True)
    async def on_digits(self, form: dict[str, str]) -> Event | None:
        """Take the digits of the app."""
        self.attempt = clock.now().isoformat()
        async with db.opened().act_as(self._credential(), "access.step_up") as tx:
            refusal = await step_up.prove_by_app(tx, str(form.get("digits", "")))
        if refusal is None:
            return await type(self).on_proved.fn(self)  # type: ignore[no-any-return]
        with i18n.use(self._locale()):
            self.problem = _(refusal.message)
        return None

    def _visit_of(self, page: Page, named: str) -> str:
        """Return the visit whose card of check-in is open."""
        return named if page.route.startswith(f"{CHECK_IN}/") else ""

    def _note(self, event: Event) -> None:
        """Remember what the page asked last, in case it wants a proof first."""
        page = page_at(path_without_locale(self.router.url.path))
        if page is not None and page.steps_up:
            self._last = (event.name, event.payload)

    async def _ask_or_leave(self) -> None:
        """Ask here if the page can and the person has something to prove with; else go to the sign-in page."""
        url = self.router.url
        page = page_at(path_without_locale(url.path))
        if page is not None and page.steps_up and await self._has_ways():
            self._asked, self.is_open, self.problem = self._last, True, ""
            self.next_path = url.path + (f"?{url.query}" if url.query else "")
        else:
            await self._leave_for(sign_in_path(url.path, url.query, step_up=True))

    async def _has_ways(self) -> bool:
        try:
            async with db.opened().act_as(self._credential(), "access.step_up") as tx:
                held, is_strong = await factors.factors(tx), tx.actor.assurance > 1
        except (NotSignedIn, StepUpNeeded):
            return False
        # Digits renew a strong session and replace no weak one: whoever came in by a code alone proves more elsewhere.
        self.has_passkey, self.has_app = held.has_passkey, held.has_app and is_strong
        return self.has_passkey or self.has_app


def _openings(page: Page) -> frozenset[str]:
    """Return the names of the events with which a page is opened."""
    given = page.on_load if isinstance(page.on_load, list | tuple) else [page.on_load]
    return frozenset(one.fn.__name__ for one in given if hasattr(one, "fn"))
