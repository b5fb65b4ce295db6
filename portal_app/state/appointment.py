"""One appointment, one page: when, where, with whom, how to change it, whom to call."""

from uuid import UUID

import reflex as rx
from reflex_base.event import EventSpec

from portal_app.core import clock, db, i18n
from portal_app.core.errors import NotFound
from portal_app.core.i18n import _
from portal_app.features.booking import service as booking
from portal_app.features.booking.errors import AppointmentMovedOn, TooLateToCancel
from portal_app.features.booking.views import AppointmentView
from portal_app.state import booking_words as words
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame


class Appointment(PortalState, rx.State):
    """The page of one appointment, at every stage of it."""

    is_ready: bool = False
    is_missing: bool = False
    is_new: bool = False
    is_cancelled_here: bool = False
    can_cancel: bool = False
    is_asking: bool = False
    title: str = ""
    status: str = ""
    tone: str = "info"
    who: str = ""
    specialty: str = ""
    initials: str = ""
    facts: list[dict[str, str]] = []
    rule: str = ""
    phone: str = ""
    phone_name: str = ""
    directions_url: str = ""
    calendar_href: str = ""
    problem: str = ""
    news: str = ""
    _id: str = ""

    @handles("booking.view")
    async def on_load(self) -> EventSpec | None:
        """Fill the page and follow its changes; a time not booked yet goes back to booking."""
        self._id = self.router.url.path.rstrip("/").rsplit("/", 1)[-1]
        self.is_new = self.router.url.query_parameters.get("done") == "booked"
        self.problem = self.news = ""
        self.is_asking = self.is_cancelled_here = False
        async with db.opened().act_as(self._credential(), "booking.view") as tx:
            await (await self.get_state(Frame))._fill(tx)
            view = await self._show(tx)
        if view is not None and view.status == "pending":
            return rx.redirect(i18n.localized_path(self._locale(), "/book"), replace=True)
        self._watch(f"patient:{tx.actor.patient_id}")
        return None

    @handles("booking.cancel")
    async def on_ask(self) -> None:
        """Ask once before cancelling: the time may be somebody else's a moment later."""
        self.is_asking = True

    @handles("booking.cancel")
    async def on_keep(self) -> None:
        """Keep the appointment."""
        self.is_asking = False

    @handles("booking.cancel", writes=True)
    async def on_cancel(self) -> None:
        """Cancel, or say why that cannot be done here any more and whom to call."""
        self.is_asking = self.is_new = False
        try:
            async with db.opened().act_as(self._credential(), "booking.cancel") as tx:
                self._fill(await booking.cancel_appointment(tx, UUID(self._id)))
            self.is_cancelled_here = True
        except (TooLateToCancel, AppointmentMovedOn) as error:
            with i18n.use(self._locale()):
                self.problem = _(error.message)

    async def _refresh(self) -> None:
        before = self.status
        async with db.opened().act_as(self._credential(), "booking.view") as tx:
            await self._show(tx)
        if self.status != before:
            with i18n.use(self._locale()):
                self.news = _("This visit has changed: {status}.").format(status=self.status)

    async def _show(self, tx: db.Transaction) -> AppointmentView | None:
        self.is_ready = True
        try:
            view = await booking.appointment(tx, UUID(self._id))
        except (NotFound, ValueError):
            self.is_missing = True
            return None
        self._fill(view)
        return view

    def _fill(self, view: AppointmentView) -> None:
        self.is_missing = False
        is_ahead = view.status == "booked" and view.starts_at > clock.now()
        self.can_cancel = is_ahead and clock.now() <= view.cancel_until
        self.phone, self.initials = view.phone, view.practitioner_initials
        self.directions_url = view.directions_url if view.modality == "in_person" and is_ahead else ""
        self.calendar_href = f"/appointments/{view.id}/calendar.ics" if is_ahead else ""
        self.tone = words.status_tone(view.status)
        with i18n.use(self._locale()):
            self.title = words.when_words(view)
            self.status = words.status_words(view.status)
            self.who = f"{view.practitioner_title} {view.practitioner_name}".strip()
            self.specialty = view.specialty.get(i18n.current()) or view.specialty["en"]
            self.rule = f"{words.cancel_words(view)} {words.move_words()}" if is_ahead else ""
            self.phone_name = _("Call {place}: {phone}").format(place=view.location_name, phone=view.phone)
            self.facts = _facts(view)


def _facts(view: AppointmentView) -> list[dict[str, str]]:
    locale = i18n.current()
    rows = [
        (_("Time zone"), " ".join(filter(None, (_zone_sentence(view), words.other_zone_words(view))))),
        (_("How long"), words.duration_words(view.starts_at, view.ends_at)),
        (_("Kind of visit"), view.visit_type_names.get(locale) or view.visit_type_names["en"]),
    ]
    if view.modality == "video":
        rows.append((_("Where"), _("By video, on your phone")))
    else:
        rows.append((_("Where"), words.together(view.location_name, view.address)))
        if view.directions:
            rows.append((_("How to get there"), view.directions))
    if view.reason:
        rows.append((_("What it is about"), view.reason))
    return [{"term": term, "fact": fact} for term, fact in rows]


def _zone_sentence(view: AppointmentView) -> str:
    return words.opening(words.zone_words(view.starts_at, view.display_zone)) + "."
