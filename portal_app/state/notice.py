"""The one place that turns errors into words on the screen."""

import re
from collections.abc import Iterator

import reflex as rx
import structlog
from redis.exceptions import RedisError
from reflex_base.event import EventSpec
from reflex_base.event.context import EventContext

from portal_app.core import db
from portal_app.core.errors import (
    AccessEnded,
    DatabaseAway,
    LookOver,
    NotSignedIn,
    OnlyLooking,
    OutOfScope,
    PagesAway,
    PasskeyNeeded,
    PortalError,
    RecordsBusy,
    SecondFactorNeeded,
    StepUpNeeded,
)
from portal_app.core.i18n import _, locale_of_path, localized_path, path_without_locale, use
from portal_app.features.access import service as access
from portal_app.state.base import Departure, PortalState, handles
from portal_app.state.step_up import StepUp
from portal_app.web.contact import CONTACT
from portal_app.web.live import PAGES, Reason
from portal_app.web.next_path import ACTING_FOR, LOOKED, barred_path, looked_path, proof_path, sign_in_path
from portal_app.web.policies import CONNECT
from portal_app.web.registry import page_at

log = structlog.get_logger(__name__)

_LEAVING: dict[str, type[NotSignedIn | StepUpNeeded]] = {
    error.code: error for error in (StepUpNeeded, SecondFactorNeeded, PasskeyNeeded)
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
        if code == StepUpNeeded.code:
            await (await self.get_state(StepUp))._ask_or_leave()
            return
        url, error = self.router.url, _LEAVING.get(code, NotSignedIn)()
        if isinstance(error, StepUpNeeded | SecondFactorNeeded):
            await self._leave_for(proof_path(error, url.path, url.query))
        else:
            await self._leave_to_sign_in()

    @handles("web.notice")
    async def on_barred(self, section: str) -> None:
        """Say whom to ask for a part of a chart that was not shared; leave a page that is wholly of such a part."""
        async with db.opened().act_as(self._credential(), "access.act_for") as tx:
            chart = await access.acting_for(tx)
        if chart is not None and section in chart.view_sections:
            self._say(OutOfScope.code)
            return
        await self._leave_for(barred_path(self.router.url.path, section))

    @handles("web.notice")
    async def on_looked(self) -> None:
        """Leave a patient's pages once the time in which support sees them is over."""
        await self._leave_for(localized_path(self._locale(), LOOKED))

    @handles("web.notice")
    async def on_only_looking(self, code: str) -> None:
        """Say that nothing can be changed; leave a page that is itself not shown to whoever looks."""
        url = self.router.url
        page = page_at(path_without_locale(url.path))
        try:
            async with db.opened().act_as(self._credential(), page.policy if page else CONNECT):
                self._say(code)
        except OnlyLooking as error:
            await self._leave_for(looked_path(url.path, error))

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
        why = await self._why_ended()
        if why == "switched":
            # Another tab of this browser went to another chart; this one may not write into that.
            await self._leave_for(localized_path(locale_of_path(url.path), f"{ACTING_FOR}?why=moved"))
        elif why == "revoked":
            await self._leave_for(sign_in_path(localized_path(locale_of_path(url.path), ACTING_FOR)) + "&ended=access")
        else:
            await self._leave_for(sign_in_path(url.path, url.query))

    async def _why_ended(self) -> str:
        try:
            async with db.opened().act_as_visitor("", "access.leave") as tx:
                return await access.why_ended(tx, self._credential().session_secret)
        except DatabaseAway:
            return ""

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
        if isinstance(exception, DatabaseAway) and not isinstance(exception, RecordsBusy):
            PAGES.failed(EventContext.get().token)
        if isinstance(exception, OutOfScope | AccessEnded):
            return Notice.on_barred(getattr(exception, "section", ""))  # type: ignore[no-any-return]
        if isinstance(exception, OnlyLooking):
            return Notice.on_only_looking(exception.code)  # type: ignore[no-any-return]
        if isinstance(exception, NotSignedIn | StepUpNeeded):
            return Notice.on_signed_out(exception.code)  # type: ignore[no-any-return]
        return Notice.on_error(exception.code)  # type: ignore[no-any-return]
    log.error("event_failed", error=type(exception).__name__, exc_info=exception)
    if isinstance(exception, RedisError):
        PAGES.store_lost(EventContext.get().token)
        return Notice.on_error(PagesAway.code)  # type: ignore[no-any-return]
    return Notice.on_error(PortalError.code)  # type: ignore[no-any-return]


def on_frontend_error(exception: Exception) -> None:
    """Note that a page failed in a browser: the kind of error alone, since its text may quote what was on the screen.

    Reflex insists on the argument's name.
    """
    kind = re.match(r"\w{1,40}(?=:)", str(exception))
    log.error("page_failed", error=kind[0] if kind else "unknown")


async def send_away(app: rx.App, token: str, why: Reason) -> None:
    """Empty the state of a tab that may not show its page any more, and send the tab where that is said."""
    async with app.modify_state(rx.BaseStateToken(ident=token, cls=Notice)) as root:
        root.reset()  # type: ignore[no-untyped-call]
        notice = await root.get_state(Notice)
        if isinstance(why, NotSignedIn):
            await notice._leave_to_sign_in()
        elif isinstance(why, LookOver):
            await notice.on_looked()
        elif isinstance(why, PasskeyNeeded):
            await notice.on_signed_out(why.code)
        else:
            await notice._leave_for(barred_path(notice.router.url.path, getattr(why, "section", "")))


def _messages() -> dict[str, str]:
    return {error.code: error.message for error in _kinds(PortalError)}


def _kinds(kind: type[PortalError]) -> Iterator[type[PortalError]]:
    yield kind
    for narrower in kind.__subclasses__():
        yield from _kinds(narrower)
