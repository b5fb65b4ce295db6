"""One appointment, one page: everything about it at every stage, how to change it, whom to call."""

from collections.abc import Sequence
from uuid import UUID

import reflex as rx
from reflex_base.event import EventSpec

from portal_app.core import clock, db, i18n
from portal_app.core.errors import InputRefused, NotFound, PortalError
from portal_app.core.i18n import _, ngettext
from portal_app.features.booking import rules, series
from portal_app.features.booking import service as booking
from portal_app.features.booking.errors import AppointmentMovedOn, TooLateToCancel, UndoTimeTaken, UndoTooLate
from portal_app.features.booking.views import AppointmentView
from portal_app.features.checkin import service as checkin
from portal_app.features.estimates import service as estimates
from portal_app.features.practice import service as practice
from portal_app.features.practice.views import LocationView
from portal_app.state import bill_words, moving
from portal_app.state import booking_words as words
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame
from portal_app.state.visit_summary import VisitSummary


class Appointment(PortalState, rx.State):
    """The page of one appointment, at every stage of it."""

    is_ready: bool = False
    is_missing: bool = False
    is_new: bool = False
    is_moved_here: bool = False
    is_cancelled_here: bool = False
    is_restored_here: bool = False
    can_cancel: bool = False
    can_confirm: bool = False
    earlier_href: str = ""
    is_ahead: bool = False
    is_over: bool = False
    is_asking: bool = False
    whys: list[dict[str, str]] = []
    words_error: str = ""
    rest: str = ""
    undo_s: int = 0
    undo: str = ""
    moment: str = ""
    title: str = ""
    status: str = ""
    tone: str = "info"
    stage: str = ""
    who: str = ""
    specialty: str = ""
    initials: str = ""
    facts: list[dict[str, str]] = []
    rule: str = ""
    phone: str = ""
    phone_name: str = ""
    directions_url: str = ""
    calendar_href: str = ""
    cost_href: str = ""
    copay: str = ""
    check_in_href: str = ""
    join_href: str = ""
    join_from: str = ""
    move_href: str = ""
    problem: str = ""
    news: str = ""
    late: str = ""
    _id: str = ""

    @handles("booking.view")
    async def on_load(self) -> EventSpec | None:
        """Fill the page and follow its changes; a time not booked yet goes back to booking."""
        self._id = self.router.url.path.rstrip("/").rsplit("/", 1)[-1]
        done = self.router.url.query_parameters.get("done")
        self.is_new, self.is_moved_here = done == "booked", done == "moved"
        self.problem = self.news = self.words_error = ""
        self.is_asking = self.is_cancelled_here = self.is_restored_here = False
        async with db.opened().act_as(self._credential(), "booking.view") as tx:
            await (await self.get_state(Frame))._fill(tx)
            view = await self._show(tx, is_repeated=False)
        if view is not None and view.status == "pending":
            return rx.redirect(i18n.localized_path(self._locale(), "/book"), replace=True)
        self._watch(f"patient:{tx.actor.patient_id}")
        return None

    @handles("booking.confirm", writes=True)
    async def on_confirm(self) -> None:
        """Tell the practice that the patient will come."""
        self.problem = ""
        try:
            async with db.opened().act_as(self._credential(), "booking.confirm") as tx:
                await self._fill(await booking.confirm_appointment(tx, UUID(self._id)), tx)
            with i18n.use(self._locale()):
                self.news = _("Thank you. The practice knows that you will come.")
        except AppointmentMovedOn as error:
            self._refuse(error)

    @handles("booking.cancel")
    async def on_ask(self) -> None:
        """Ask once before cancelling, and why; no answer is needed."""
        self.words_error, self.is_asking = "", True
        async with db.opened().act_as(self._credential(), "booking.cancel") as tx:
            later = await series.rest_of_series(tx, await booking.appointment(tx, UUID(self._id), is_repeated=True))
        with i18n.use(self._locale()):
            self.rest = _rest_words(len(later)) if later else ""
            self.whys = [{"value": code, "label": words.why_words(code)} for code in rules.CANCEL_CODES]

    @handles("booking.cancel")
    async def on_keep(self) -> None:
        """Keep the appointment."""
        self.is_asking = False

    @handles("booking.cancel", writes=True)
    async def on_cancel(self, form: dict[str, str]) -> None:
        """Cancel, or say why that cannot be done here any more and whom to call."""
        self.problem = self.words_error = ""
        try:
            async with db.opened().act_as(self._credential(), "booking.cancel") as tx:
                why, said = str(form.get("why", "")), str(form.get("words", ""))
                act = series.cancel_rest if form.get("rest") else booking.cancel_appointment
                await act(tx, UUID(self._id), code=why, words=said)
                await self._fill(await booking.appointment(tx, UUID(self._id), is_repeated=True), tx)
            self.is_cancelled_here = True
        except InputRefused as error:
            with i18n.use(self._locale()):
                self.words_error = _(error.reason)
            return
        except (TooLateToCancel, AppointmentMovedOn) as error:
            self._refuse(error)
        self.is_asking = self.is_new = self.is_moved_here = self.is_restored_here = False

    @handles("booking.cancel", writes=True)
    async def on_undo(self) -> None:
        """Take the cancellation back, or say why that cannot be done any more."""
        self.problem = ""
        try:
            async with db.opened().act_as(self._credential(), "booking.cancel") as tx:
                count = await series.cancelled_with(tx, UUID(self._id))
                lost = await series.undo_together(tx, UUID(self._id))
                view = await booking.appointment(tx, UUID(self._id), is_repeated=True)
                await self._fill(view, tx)
            self.is_restored_here = view.status == "booked"
            with i18n.use(self._locale()):
                self.news, self.problem = _back_words(count - len(lost), count), _lost_words(lost)
        except (UndoTooLate, UndoTimeTaken, AppointmentMovedOn) as error:
            self._refuse(error)
        self.undo_s = 0
        self.is_cancelled_here = False

    @handles("booking.cancel")
    async def on_undo_over(self) -> None:
        """Take the button away once the minute is over."""
        self.undo_s = 0

    def _refuse(self, error: PortalError) -> None:
        with i18n.use(self._locale()):
            self.problem = _(error.message)

    async def _refresh(self) -> None:
        await (await self.get_state(VisitSummary))._refresh()
        before = (self.status, self.title)
        async with db.opened().act_as(self._credential(), "booking.view") as tx:
            await self._show(tx, is_repeated=True)
        with i18n.use(self._locale()):
            if self.status != before[0]:
                self.news = _("This visit has changed: {status}.").format(status=self.status)
            elif self.title != before[1]:
                self.news = _("This visit has a new time: {when}.").format(when=self.title)

    async def _show(self, tx: db.Transaction, *, is_repeated: bool) -> AppointmentView | None:
        self.is_ready = True
        try:
            view = await booking.appointment(tx, UUID(self._id), is_repeated=is_repeated)
        except (NotFound, ValueError):
            self.is_missing = True
            return None
        await self._fill(view, tx)
        minutes = await booking.minutes_late(tx, view)
        with i18n.use(self._locale()):
            self.late = words.late_words(minutes)
        return view

    async def _fill(self, view: AppointmentView, tx: db.Transaction) -> None:
        now, opened = clock.now(), await checkin.can_check_in(tx, view)  # first of all: staff are refused here
        self.is_missing = False
        self.is_ahead = view.status == "booked" and view.starts_at > now
        self.is_over = view.status in ("fulfilled", "noshow", "cancelled") or view.ends_at <= now
        self.can_cancel = self.is_ahead and now <= view.cancel_until
        self.can_confirm = self.is_ahead and rules.can_confirm(view.starts_at, view.confirmed_at, now)
        await self._offer_undo(view, tx)
        self.phone = (await practice.phone_line(tx, "bookings", view.location_id)).number
        self.initials = view.practitioner_initials
        self.directions_url = view.directions_url if view.modality == "in_person" and not self.is_over else ""
        self.calendar_href = f"/appointments/{view.id}/calendar.ics" if self.is_ahead else ""
        self.cost_href = i18n.localized_path(self._locale(), f"/estimates?visit={view.id}") if self.is_ahead else ""
        copay = await estimates.copay_now(tx, view.id) if self.is_ahead else None
        self.check_in_href = i18n.localized_path(self._locale(), f"/check-in?id={view.id}") if opened else ""
        self.move_href = moving.moving_path(self._locale(), view) if self.can_cancel else ""
        earlier = i18n.localized_path(self._locale(), f"/waiting/ask?appointment={view.id}")
        self.earlier_href = earlier if self.is_ahead and rules.can_be_earlier(view.starts_at, now) else ""
        self.tone = words.status_tone(view.status)
        place = next((one for one in await practice.locations(tx) if one.id == view.location_id), None)
        with i18n.use(self._locale()):
            said = bill_words.money(copay.amount_minor, copay.currency) if copay else ""
            self.copay = _("Pay the co-pay: {amount}").format(amount=said) if said else ""
            self.join_href, self.join_from = words.join_path(view), words.join_words(view)
            self.title, self.status = words.when_words(view), words.status_words(view.status)
            self.stage = words.stage_words(view)
            self.who = f"{view.practitioner_title} {view.practitioner_name}".strip()
            self.specialty = view.specialty.get(i18n.current()) or view.specialty["en"]
            self.rule = words.cancel_words(view) if self.is_ahead else ""
            self.phone_name = _("Call {place}: {phone}").format(
                place=view.location_name, phone=words.phone_words(self.phone)
            )
            self.facts = _facts(view, place)

    async def _offer_undo(self, view: AppointmentView, tx: db.Transaction) -> None:
        """Say how many seconds are left in which a cancellation of one's own can be taken back, and of how many."""
        is_own = view.cancelled_at is not None and view.cancelled_by == tx.actor.person_id
        until = view.cancelled_at + rules.UNDO_LIFE if view.cancelled_at is not None and is_own else clock.now()
        self.undo_s = max(0, int((until - clock.now()).total_seconds()))
        self.moment = until.isoformat() if self.undo_s else ""
        count = await series.cancelled_with(tx, view.id) if self.undo_s and view.series_id else 0
        with i18n.use(self._locale()):
            self.undo = _("Undo: keep these visits") if count > 1 else _("Undo: keep this visit")


def _facts(view: AppointmentView, place: LocationView | None) -> list[dict[str, str]]:
    locale = i18n.current()
    way, lang = place.way_in(locale) if place else (view.directions, "")
    rows = [
        (_("Time zone"), " ".join(filter(None, (_zone_sentence(view), words.other_zone_words(view))))),
        (_("How long"), words.duration_words(view.starts_at, view.ends_at)),
        (_("Kind of visit"), view.visit_type_names.get(locale) or view.visit_type_names["en"]),
    ]
    if view.modality == "video":
        rows.append((_("Where"), _("By video, on your phone")))
    else:
        rows.append((_("Where"), words.together(view.location_name, view.address)))
        if way:
            rows.append((_("How to get there"), way))
    if view.reason:
        rows.append((_("What it is about"), view.reason))
    if view.moved_from is not None:
        rows.append((_("Moved from"), words.moment_words(view.moved_from, view.display_zone)))
    if view.series_id is not None:
        rows.append((_("Series"), _("This visit is one of several that were booked together.")))
    if view.confirmed_at is not None and view.status == "booked":
        rows.append((_("You told us"), _("You are coming.")))
    if view.cancel_code is not None:
        rows.append((_("Why it was cancelled"), words.why_words(view.cancel_code)))
    # What staff wrote may be in another language than the page.
    return [{"term": term, "fact": fact, **({"lang": lang} if fact == way and lang else {})} for term, fact in rows]


def _rest_words(count: int) -> str:
    return ngettext(
        "Cancel the later visit of this series too", "Cancel the {count} later visits of this series too", count
    ).format(count=i18n.format_number(count))


def _back_words(back: int, count: int) -> str:
    """Say how many visits of a series are booked again; of one visit alone the page says it in large."""
    if count < 2:
        return ""
    said = ngettext(
        "{count} visit of the series is booked again.", "{count} visits of the series are booked again.", back
    )
    return said.format(count=i18n.format_number(back))


def _lost_words(lost: Sequence[AppointmentView]) -> str:
    """Say which visits of a series stay cancelled."""
    if not lost:
        return ""
    times = " · ".join(words.moment_words(one.starts_at, one.display_zone) for one in lost)
    return ngettext(
        "This time could not be had back and stays cancelled: {times}.",
        "These times could not be had back and stay cancelled: {times}.",
        len(lost),
    ).format(times=times)


def _zone_sentence(view: AppointmentView) -> str:
    return words.opening(words.zone_words(view.starts_at, view.display_zone)) + "."
