"""Sign-in and devices: the passkeys somebody has, and what they call them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import reflex as rx

from portal_app.core import clock, db, i18n
from portal_app.core.db import Transaction
from portal_app.core.errors import InputRefused
from portal_app.core.i18n import N_, _
from portal_app.features.access import joining, passkeys, sessions
from portal_app.features.access import service as access
from portal_app.features.access.errors import PasskeyRefused
from portal_app.features.access.views import PasskeyView, SessionView
from portal_app.features.practice import service as practice
from portal_app.state import booking_words
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame
from portal_app.state.ids import known_id
from portal_app.web import cookies
from portal_app.web.next_path import text_code_path

_LAST = N_("This is your last passkey. After this you sign in with a code from your e-mail.")
_ONE_OF_SEVERAL = N_("It will not sign you in any more. Your other passkeys still do.")


class Devices(PortalState, rx.State):
    """A person's own ways in."""

    is_ready: bool = False
    passkeys: list[dict[str, str]] = []
    sessions: list[dict[str, str]] = []
    zone_note: str = ""
    """In which zone moments are said, where that is not the browser's own."""
    has_practice_account: bool = False
    proof_path: str = ""
    news: str = ""
    problem: str = ""
    chosen: str = ""
    chosen_name: str = ""
    doing: str = ""
    warning: str = ""
    name_error: str = ""
    attempt: str = ""

    @handles("access.keep_passkeys")
    async def on_load(self) -> None:
        """Fill the page, and say what came of a passkey just made."""
        asked = self.router.url.query_parameters
        with i18n.use(self._locale()):
            self.news = _("Your passkey is ready. Next time, sign in with one tap.") if asked.get("done") else ""
            self.problem = _(PasskeyRefused.message) if asked.get("problem") else ""
        self.doing = self.chosen = ""
        async with db.opened().act_as(self._credential(), "access.keep_passkeys") as tx:
            await (await self.get_state(Frame))._fill(tx)
            await self._show(tx)
        self.is_ready = True

    @handles("access.keep_passkeys")
    async def on_choose(self, doing: str, passkey_id: str) -> None:
        """Ask for another name, or whether to remove it."""
        named = {one["id"]: one["name_given"] for one in self.passkeys}
        if doing not in ("rename", "remove") or passkey_id not in named:
            return
        self.chosen, self.chosen_name, self.doing = passkey_id, named[passkey_id], doing
        self.name_error = self.news = self.problem = ""
        with i18n.use(self._locale()):
            self.warning = _(_LAST if len(named) == 1 else _ONE_OF_SEVERAL)

    @handles("access.keep_passkeys")
    async def on_close(self) -> None:
        """Change nothing."""
        self.doing = ""

    @handles("access.keep_passkeys", writes=True)
    async def on_rename(self, form: dict[str, str]) -> None:
        """Give the chosen passkey another name."""
        self.attempt = clock.now().isoformat()
        try:
            async with db.opened().act_as(self._credential(), "access.keep_passkeys") as tx:
                await passkeys.rename_passkey(tx, self._chosen_id(), str(form.get("name", "")))
                await self._show(tx)
        except InputRefused as error:
            with i18n.use(self._locale()):
                self.name_error = _(error.reason)
            return
        self._said(N_("The passkey has its new name."))

    @handles("access.keep_passkeys", writes=True)
    async def on_remove(self) -> None:
        """Remove the chosen passkey."""
        async with db.opened().act_as(self._credential(), "access.keep_passkeys") as tx:
            await passkeys.remove_passkey(tx, self._chosen_id())
            await self._show(tx)
        self._said(N_("The passkey is removed. If it is still on the device, delete it there too."))

    @handles("access.end_sessions", writes=True)
    async def on_end(self, session_id: str) -> None:
        """Sign one other browser out."""
        async with db.opened().act_as(self._credential(), "access.end_sessions") as tx:
            await sessions.end_session(tx, known_id(session_id))
            await self._show(tx)
        self._said(N_("That device is signed out."))

    @handles("access.end_sessions", writes=True)
    async def on_end_others(self) -> None:
        """Sign every other browser out."""
        async with db.opened().act_as(self._credential(), "access.end_sessions") as tx:
            await sessions.end_other_sessions(tx)
            await self._show(tx)
        self._said(N_("All other devices are signed out."))

    @handles("access.keep_passkeys", writes=True)
    async def on_part(self) -> None:
        """Let the practice account open this one no more."""
        async with db.opened().act_as(self._credential(), "access.keep_passkeys") as tx:
            await joining.part(tx)
            await self._show(tx)
        self._said(N_("Your practice account does not sign you in here any more."))

    def _chosen_id(self) -> UUID:
        return known_id(self.chosen)

    def _said(self, message: str) -> None:
        self.doing = ""
        with i18n.use(self._locale()):
            self.news = _(message)

    async def _show(self, tx: Transaction) -> None:
        zone = (await access.own_chart(tx)).zone if tx.actor.patient_id else await practice.home_zone(tx)
        found, signed_in = await passkeys.list_passkeys(tx), await sessions.list_sessions(tx)
        self.has_practice_account = await joining.is_joined(tx)
        is_weak = tx.actor.assurance == 1 and bool(found) and not any(one.is_vouched for one in found)
        with i18n.use(self._locale()):
            back = i18n.localized_path(i18n.current(), "/profile/devices")
            self.proof_path = text_code_path(i18n.current(), back) if is_weak and not tx.actor.is_staff() else ""
            self.zone_note = _zone_note(zone, cookies.read_zone(self.router.headers.cookie))
            self.passkeys = _rows(found, zone)
            self.sessions = [_session_row(one, zone) for one in signed_in]


def _zone_note(zone: str, browsers: str) -> str:
    """Name the zone, unless the clock of the browser goes as it does now; one that says nothing is told."""
    now = clock.now()
    if browsers and now.astimezone(ZoneInfo(browsers)).utcoffset() == now.astimezone(ZoneInfo(zone)).utcoffset():
        return ""
    return _("Times are in {zone}.").format(zone=booking_words.zone_words(now, zone))


def _rows(found: Sequence[PasskeyView], zone: str) -> list[dict[str, str]]:
    return [
        {
            "id": str(one.id),
            "name_given": one.name,
            "detail": _detail(one, zone),
            "state": "set-aside" if one.is_flagged else "" if one.is_vouched else "weak",
        }
        for one in found
    ]


def _session_row(one: SessionView, zone: str) -> dict[str, str]:
    said = [
        *([_("{city}, by the clock of the device").format(city=i18n.zone_city(one.zone))] if one.zone else []),
        _("Signed in on {moment}").format(moment=i18n.format_moment(one.created_at, zone)),
        _("Last used {moment}").format(moment=i18n.format_moment(one.seen_at, zone)),
        *([_("Network {address}").format(address=f"\u2066{one.network}\u2069")] if one.network else []),
    ]
    return {
        "id": str(one.id),
        "name_given": one.device or _("A device we do not know by name"),
        "detail": " · ".join(said),
        "state": "this" if one.is_this else "",
    }


def _detail(one: PasskeyView, zone: str) -> str:
    if one.last_used_at is None:
        return _("Added {day}, not used yet").format(day=_day(one.created_at, zone))
    return _("Added {day}, last used {used}").format(day=_day(one.created_at, zone), used=_day(one.last_used_at, zone))


def _day(moment: datetime, zone: str) -> str:
    return i18n.format_long_date(moment.astimezone(ZoneInfo(zone)).date())
