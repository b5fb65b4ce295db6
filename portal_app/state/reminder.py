"""The page behind a reminder's link: one appointment, confirmed or cancelled without signing in."""

import reflex as rx

from portal_app.core import clock, db, i18n, limits
from portal_app.core.errors import NotFound
from portal_app.core.i18n import _
from portal_app.features.booking import rules
from portal_app.features.booking import service as booking
from portal_app.features.booking.calendar import place
from portal_app.features.booking.errors import AppointmentMovedOn, TooLateToCancel, UndoTimeTaken, UndoTooLate
from portal_app.features.checkin import service as checkin
from portal_app.features.practice import service as practice
from portal_app.state import booking_words as words
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame

READ_LIMIT = "60/10 minutes"
_PROBLEMS = {one.code: one.message for one in (AppointmentMovedOn, TooLateToCancel, UndoTimeTaken, UndoTooLate)}


class Reminder(PortalState, rx.State):
    """Says when and where, and nothing of a chart."""

    is_ready: bool = False
    is_over: bool = False
    title: str = ""
    where: str = ""
    stage: str = ""
    done: str = ""
    problem: str = ""
    rule: str = ""
    key: str = ""
    can_confirm: bool = False
    can_cancel: bool = False
    join_href: str = ""
    check_in_href: str = ""
    undo_s: int = 0
    moment: str = ""
    phone: str = ""
    phone_name: str = ""

    @handles("booking.read_link")
    async def on_load(self) -> None:
        """Show the appointment of the link; opening it changes nothing."""
        asked = self.router.url.query_parameters
        self.key, self.done = asked.get("key", ""), asked.get("done", "")
        self.can_confirm = self.can_cancel = self.is_over = False
        self.undo_s, self.title, self.stage, self.rule, self.join_href = 0, "", "", "", ""
        self.check_in_href = ""
        await limits.count(READ_LIMIT, "reminder", self.router.session.client_ip)
        async with db.opened().act_as_visitor(self._browser_secret(), "booking.read_link") as tx:
            await (await self.get_state(Frame))._fill(tx)
            us = await practice.practice(tx)
            self._name_phone(us.phone)
            try:
                view = await booking.read_link(tx, self.key)
            except NotFound:
                self.is_over = True
            else:
                self._fill(view)
                if view.is_same_time and await checkin.can_check_in(tx, view.appointment):
                    self.check_in_href = i18n.localized_path(self._locale(), f"/check-in?id={view.appointment.id}")
                self._name_phone((await practice.phone_line(tx, "bookings", view.appointment.location_id)).number)
        with i18n.use(self._locale()):
            self.problem = _(_PROBLEMS.get(asked.get("problem", ""), ""))
        self.is_ready = True

    @handles("booking.read_link")
    async def on_undo_over(self) -> None:
        """Take the button away once the minute is over."""
        self.undo_s = 0

    def _fill(self, link: booking.LinkView) -> None:
        view, now = link.appointment, clock.now()
        is_open = link.is_same_time and view.status == "booked"
        self.can_confirm = is_open and view.confirmed_at is None
        self.can_cancel = is_open and now <= view.cancel_until
        if view.cancelled_at is not None and view.cancel_reason == "patient":
            until = view.cancelled_at + rules.UNDO_LIFE
            self.undo_s, self.moment = max(0, int((until - now).total_seconds())), until.isoformat()
        with i18n.use(self._locale()):
            self.title, self.where = words.when_words(view), place(view)
            self.rule = words.cancel_words(view) if is_open else ""
            self.join_href = words.join_path(view) if link.is_same_time else ""
            if not link.is_same_time:
                self.title = self.where = ""
                self.stage = _("This visit has another time by now. Sign in to see it.")
            elif is_open and view.confirmed_at is not None:
                self.stage = _("You told us that you are coming. Thank you.")
            else:
                self.stage = words.stage_words(view)

    def _name_phone(self, phone: str) -> None:
        self.phone = phone
        with i18n.use(self._locale()):
            self.phone_name = _("Call {phone}").format(phone=words.phone_words(phone))
