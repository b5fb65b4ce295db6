"""The one place that turns errors into words on the screen."""

import re
from collections.abc import Iterator

import reflex as rx
import structlog
from reflex_base.event import EventSpec
from reflex_base.event.context import EventContext

from portal_app.core.errors import DatabaseAway, NotSignedIn, PortalError, SecondFactorNeeded, StepUpNeeded
from portal_app.core.i18n import _, use
from portal_app.state.base import Departure, PortalState, handles
from portal_app.web.contact import CONTACT
from portal_app.web.live import PAGES
from portal_app.web.next_path import proof_path, sign_in_path

log = structlog.get_logger(__name__)

_LEAVING: dict[str, type[NotSignedIn | StepUpNeeded]] = {
    error.code: error for error in (StepUpNeeded, SecondFactorNeeded)
}


class Notice(PortalState, rx.State):
    """What went wrong, said on whatever page is open."""

    text: str = ""
    phone: str = ""

    @handles("web.notice")
    async def on_error(self, code: str) -> None:
        """Say the sentence of a named failure; an unknown name gets the general one."""
        self._say(code)

    @handles("web.notice")
    async def on_signed_out(self, code: str) -> None:
        """Leave for the page on which to sign in or to prove more, and come back afterwards."""
        url, error = self.router.url, _LEAVING.get(code, NotSignedIn)()
        await self._leave_for(proof_path(error, url.path, url.query))

    @handles("web.notice")
    async def on_dismiss(self) -> None:
        """Put the message away."""
        await self._clear()

    def _say(self, code: str) -> None:
        with use(self._locale()):
            self.text = _(_messages().get(code, PortalError.message))
        self.phone = CONTACT.phone

    async def _leave_to_sign_in(self) -> None:
        url = self.router.url
        await self._leave_for(sign_in_path(url.path, url.query))

    async def _clear(self) -> None:
        departure = await self.get_state(Departure)
        if self.text or departure.to:
            self.text = self.phone = departure.to = ""


def on_backend_error(exception: Exception) -> EventSpec:
    """Turn what a handler raised into an event that tells the person; nothing of the error itself is shown.

    Reflex calls this for every handler, and insists on the argument's name.
    """
    if isinstance(exception, PortalError):
        log.info("event_refused", code=exception.code)
        if isinstance(exception, DatabaseAway):
            PAGES.failed(EventContext.get().token)
        if isinstance(exception, NotSignedIn | StepUpNeeded):
            return Notice.on_signed_out(exception.code)  # type: ignore[no-any-return]
        return Notice.on_error(exception.code)  # type: ignore[no-any-return]
    log.error("event_failed", error=type(exception).__name__, exc_info=exception)
    return Notice.on_error(PortalError.code)  # type: ignore[no-any-return]


def on_frontend_error(exception: Exception) -> None:
    """Note that a page failed in a browser: the kind of error alone, since its text may quote what was on the screen.

    Reflex insists on the argument's name.
    """
    kind = re.match(r"\w{1,40}(?=:)", str(exception))
    log.error("page_failed", error=kind[0] if kind else "unknown")


async def send_to_sign_in(app: rx.App, token: str) -> None:
    """Empty the state of a tab whose session has ended, and send the tab to the sign-in page."""
    async with app.modify_state(rx.BaseStateToken(ident=token, cls=Notice)) as root:
        root.reset()  # type: ignore[no-untyped-call]
        notice = await root.get_state(Notice)
        await notice._leave_to_sign_in()


def _messages() -> dict[str, str]:
    return {error.code: error.message for error in _kinds(PortalError)}


def _kinds(kind: type[PortalError]) -> Iterator[type[PortalError]]:
    yield kind
    for narrower in kind.__subclasses__():
        yield from _kinds(narrower)
