"""Home: the next visit first, then what can be done."""

import reflex as rx

from portal_app.core import clock, db, i18n
from portal_app.core.actor import Actor, Role
from portal_app.core.errors import NotFound
from portal_app.core.i18n import N_, _
from portal_app.features.booking import rules
from portal_app.features.booking import service as booking
from portal_app.features.booking.views import AppointmentView
from portal_app.features.checkin import service as checkin
from portal_app.features.enrolment import service as enrolment
from portal_app.features.privacy import service as privacy
from portal_app.features.profile import service as profile
from portal_app.features.vitals import service as vitals
from portal_app.features.waiting import service as waiting
from portal_app.state import booking_words as words
from portal_app.state import waiting_words as say
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame
from portal_app.state.ids import picked_id
from portal_app.web.next_path import staff_start

ACTIVE = ("booked", "arrived")


class Home(PortalState, rx.State):
    """The patient's first screen."""

    is_ready: bool = False
    greeting: str = ""
    late: str = ""
    next_visit: dict[str, str] = {}
    has_next: bool = False
    later: list[dict[str, str]] = []
    offers: list[dict[str, str]] = []
    news: str = ""
    has_charts: bool = False
    is_monitored: bool = False
    """Whether a plan asks for readings: then they can be logged from here without a line."""

    @handles("booking.view")
    async def on_load(self) -> None:
        """Fill the screen, in the person's own language."""
        async with db.opened().act_as(self._credential(), "booking.view") as tx:
            other = self._other_home(tx.actor)
            if other:
                await self._leave_for(other)
                return
            if await enrolment.steps_left(tx):
                await self._leave_for(i18n.localized_path(self._locale(), "/welcome"))
                return
            await (await self.get_state(Frame))._fill(tx)
            self.news, self.has_charts = "", Role.caregiver in tx.actor.roles
            self.is_monitored = await vitals.has_plan(tx)
            await self._show(tx, is_repeated=False)
        self._watch(f"patient:{tx.actor.patient_id}")

    @handles("booking.confirm", writes=True)
    async def on_confirm(self, appointment_id: str) -> None:
        """Tell the practice that the patient will come to the next visit."""
        try:
            async with db.opened().act_as(self._credential(), "booking.confirm") as tx:
                await booking.confirm_appointment(tx, picked_id(appointment_id, "visit"))
            said = N_("Thank you. The practice knows that you will come.")
        except (booking.AppointmentMovedOn, NotFound):
            said = N_("This visit has changed. Here is how it stands now.")
        await self._refresh()
        with i18n.use(self._locale()):
            self.news = _(said)

    def _other_home(self, actor: Actor) -> str:
        """Return where this person starts, if it is not here."""
        if actor.is_staff():
            return i18n.localized_path(actor.locale, staff_start(actor))
        if self._locale() == i18n.DEFAULT_LOCALE != actor.locale:
            return i18n.localized_path(actor.locale, "/")
        return ""

    async def _refresh(self) -> None:
        async with db.opened().act_as(self._credential(), "booking.view") as tx:
            await self._show(tx, is_repeated=True)

    async def _show(self, tx: db.Transaction, *, is_repeated: bool) -> None:
        found = await booking.my_appointments(tx, is_repeated=is_repeated)
        offers = await waiting.my_offers(tx, is_repeated=is_repeated)
        look = await privacy.look_now(tx)
        name = look.called if look else await profile.called(tx) or tx.actor.display_name.split(" ")[0]
        upcoming = [view for view in found if view.status in ACTIVE and view.ends_at > clock.now()]
        minutes = await booking.minutes_late(tx, upcoming[0]) if upcoming else 0
        is_open = bool(upcoming) and await checkin.can_check_in(tx, upcoming[0])
        opened = i18n.localized_path(self._locale(), f"/check-in?id={upcoming[0].id}") if is_open else ""
        with i18n.use(self._locale()):
            self.late = words.late_words(minutes)
            self.greeting = _("Hello, {name}").format(name=name)
            self.next_visit = _next_visit(upcoming[0], opened) if upcoming else {}
            self.later = [_later(view) for view in upcoming[1:4]]
            self.offers = [say.offer_row(one) for one in offers]
        self.has_next = bool(upcoming)
        self.is_ready = True


def _next_visit(view: AppointmentView, check_in: str = "") -> dict[str, str]:
    place = words.modality_words("video") if view.modality == "video" else view.location_name
    when = words.when_words(view)
    return {
        "id": str(view.id),
        "when": f"{when} · {place}",
        "who": f"{view.practitioner_title} {view.practitioner_name}".strip(),
        "soon": words.countdown_words(view.starts_at),
        "href": i18n.localized_path(i18n.current(), f"/appointments/{view.id}"),
        "join": words.join_path(view),
        "check_in_href": check_in,
        "status": _next_status(view),
        "can_confirm": "yes" if _can_confirm(view) else "",
        "name": _("Show this visit: {who}, {when}, {place}").format(
            who=f"{view.practitioner_title} {view.practitioner_name}".strip(), when=when, place=place
        ),
    }


def _can_confirm(view: AppointmentView) -> bool:
    return view.status == "booked" and rules.can_confirm(view.starts_at, view.confirmed_at, clock.now())


def _next_status(view: AppointmentView) -> str:
    if view.status == "arrived":
        return words.status_words(view.status)
    return _("You told us that you will come") if view.confirmed_at is not None else ""


def _later(view: AppointmentView) -> dict[str, str]:
    row = _next_visit(view)
    return {"title": row["who"], "detail": row["when"], "href": row["href"]}
