"""Notifications: on which browsers they are on, this one turned on and off, and one to try."""

from collections.abc import Mapping, Sequence
from uuid import UUID, uuid4

import reflex as rx

from portal_app.core import db, i18n
from portal_app.core.db import Transaction
from portal_app.core.errors import InputRefused, TooManyTries
from portal_app.core.i18n import N_, _
from portal_app.features.access import service as access
from portal_app.features.access import sessions
from portal_app.features.notify import push
from portal_app.features.notify.sending import topic_of
from portal_app.features.notify.views import PushBrowser
from portal_app.settings import get_settings
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame
from portal_app.state.ids import known_id

_TOO_OFTEN = N_("That was tried too many times. Wait ten minutes, then try again.")


class Notifications(PortalState, rx.State):
    """The browsers of one person."""

    is_ready: bool = False
    is_demo: bool = False
    server_key: str = ""
    is_on: bool = False
    here: str = ""
    others: list[dict[str, str]] = []
    attempt: str = ""
    news: str = ""
    problem: str = ""
    _zone: str = "UTC"

    @handles("notify.push")
    async def on_load(self) -> None:
        """Fill the page, and follow what becomes of a notification."""
        self.news = self.problem = ""
        self.server_key, self.attempt = push.server_key(), str(uuid4())
        self.is_demo = get_settings().is_demo
        async with db.opened().act_as(self._credential(), "notify.push") as tx:
            await (await self.get_state(Frame))._fill(tx)
            self._zone = (await access.own_chart(tx)).zone if tx.actor.patient_id else "UTC"
            await self._show(tx)
            self._watch(topic_of(tx.actor.person_id))
        self.is_ready = True

    @handles("notify.push", writes=True)
    async def on_subscribed(self, given: dict[str, str]) -> None:
        """Turn them on here: the browser said where it takes them."""
        target = [str(given.get(part, "")) for part in ("endpoint", "p256dh", "auth")]
        try:
            async with db.opened().act_as(self._credential(), "notify.push") as tx:
                await push.turn_on(tx, *target)
                await self._show(tx)
        except InputRefused as error:
            self._said(problem=error.reason)
        except TooManyTries:
            self._said(problem=_TOO_OFTEN)
        else:
            self._said(N_("Notifications are on for this browser."))

    @handles("notify.push", writes=True)
    async def on_turn_off(self, browser_id: str) -> None:
        """Turn them off on one browser, "" for this one."""
        async with db.opened().act_as(self._credential(), "notify.push") as tx:
            await push.turn_off(tx, known_id(browser_id) if browser_id else None)
            await self._show(tx)
        self._said(N_("Notifications are off there."))

    @handles("notify.push", writes=True)
    async def on_try(self, attempt: str) -> None:
        """Send one to this browser; two taps on the button send one."""
        try:
            async with db.opened().act_as(self._credential(), "notify.push") as tx:
                await push.try_out(tx, known_id(attempt))
        except TooManyTries:
            self._said(problem=_TOO_OFTEN)
            return
        self.attempt = str(uuid4())
        self._said(N_("On its way. It shows in a few seconds."))

    def _said(self, news: str = "", *, problem: str = "") -> None:
        with i18n.use(self._locale()):
            self.news, self.problem = _(news) if news else "", _(problem) if problem else ""

    async def _refresh(self) -> None:
        async with db.opened().act_as(self._credential(), "notify.push") as tx:
            await self._show(tx)

    async def _show(self, tx: Transaction) -> None:
        found = await push.browsers(tx)
        devices = {one.id: one.device for one in await sessions.list_sessions(tx)}
        with i18n.use(self._locale()):
            mine = next((one for one in found if one.is_this), None)
            self.is_on, self.here = mine is not None, _last(mine, self._zone) if mine else ""
            self.others = _rows([one for one in found if not one.is_this], devices, self._zone)


def _rows(found: Sequence[PushBrowser], devices: Mapping[UUID, str], zone: str) -> list[dict[str, str]]:
    return [
        {
            "id": str(one.id),
            "device": devices.get(one.session_id, "") or _("A device we do not know by name"),
            "last": _last(one, zone),
        }
        for one in found
    ]


def _last(one: PushBrowser, zone: str) -> str:
    """Say what became of the last notification for a browser."""
    if one.failed_at is not None:
        return _("The last one did not get through, on {moment}. Reminders come by e-mail then.").format(
            moment=i18n.format_moment(one.failed_at, zone)
        )
    if one.taken_at is None:
        return _("None sent yet")
    return _("The last one was sent on {moment}").format(moment=i18n.format_moment(one.taken_at, zone))
