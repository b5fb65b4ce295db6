"""Confirm a time: it is kept while the patient reads the rules and says what it is about."""

import hashlib
from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID, uuid4

import reflex as rx
from reflex_base.event import EventSpec

from portal_app.core import clock, db, i18n, limits
from portal_app.core.errors import InputRefused, PortalError
from portal_app.core.i18n import N_, _, ngettext
from portal_app.features.access import service as access
from portal_app.features.booking import service as booking
from portal_app.features.booking.errors import HoldLapsed, PatientElsewhere, TimeUnavailable, TooManyUpcoming
from portal_app.features.booking.views import AppointmentView, BookingRequest, FreeTime
from portal_app.settings import get_settings
from portal_app.state import booking_words as words
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame

WARN_BEFORE_S = 60


def confirm_path(locale: str, visit_type: str, modality: str, chosen: str) -> str:
    """Return the address that confirms a time, with a key of its own; `chosen` is `<who>|<where>|<when>`."""
    practitioner, location, starts_at = [*chosen.split("|"), "", ""][:3]
    wish = {"type": visit_type, "how": modality, "who": practitioner, "where": location, "at": starts_at}
    return f"{i18n.localized_path(locale, '/book/confirm')}?{urlencode(wish | {'key': str(uuid4())})}"


class Confirm(PortalState, rx.State):
    """The wish is in the address: Back, a reload, a second tab and a sign-in in between all come to the truth."""

    is_ready: bool = False
    is_held: bool = False
    is_ending: bool = False
    is_busy: bool = False
    is_done: bool = False
    who: str = ""
    initials: str = ""
    facts: list[dict[str, str]] = []
    rule: str = ""
    button: str = ""
    kept_until: str = ""
    seconds_left: int = 0
    moment: str = ""
    keep_name: str = ""
    problem: str = ""
    alternatives: list[dict[str, str]] = []
    reason_error: str = ""
    attempt: str = ""
    _hold_id: str = ""
    _patient_zone: str = ""

    @handles("booking.hold")
    async def on_load(self) -> EventSpec | None:
        """Keep the time of the address, or say why it cannot be kept."""
        self.is_done = self.is_busy = self.is_ending = self.is_held = False
        self.problem, self.reason_error, self.alternatives = "", "", []
        try:
            request = self._request("")
            async with db.opened().act_as(self._credential(), "booking.hold") as tx:
                await (await self.get_state(Frame))._fill(tx)
                self._patient_zone = (await access.own_chart(tx)).zone
                view = await booking.hold_time(tx, request)
                person_id = tx.actor.person_id
        except (TimeUnavailable, PatientElsewhere, TooManyUpcoming, InputRefused) as error:
            self._refuse(error)
            return None
        if view.status != "pending":
            return self._done(view)
        self.keep_name = hashlib.sha256(f"{person_id}:{request.request_key}".encode()).hexdigest()[:32]
        self._show(view)
        return None

    @handles("booking.book", writes=True)
    async def on_book(self, form: dict[str, str]) -> EventSpec | None:
        """Book the time. The key in the address makes two taps one appointment."""
        self.problem = self.reason_error = ""
        self.attempt = clock.now().isoformat()
        try:
            async with db.opened().act_as(self._credential(), "booking.book") as tx:
                await limits.count(f"{get_settings().bookings_per_hour}/hour", "booking", str(tx.actor.patient_id))
                view = await booking.book_appointment(tx, self._request(str(form.get("reason", ""))))
        except InputRefused as error:
            with i18n.use(self._locale()):
                self.reason_error = _(error.reason)
            return None
        except (TimeUnavailable, PatientElsewhere, TooManyUpcoming) as error:
            self._refuse(error)
            return None
        self.is_done = True
        return self._done(view)

    @handles("booking.hold", writes=True)
    async def on_extend(self) -> None:
        """Keep the time five minutes longer."""
        try:
            async with db.opened().act_as(self._credential(), "booking.hold") as tx:
                held_until = await booking.extend_hold(tx, UUID(self._hold_id))
        except (HoldLapsed, ValueError):
            self._lapse()
            return
        self._keep_until(held_until)

    @handles("booking.hold")
    async def on_warn(self) -> None:
        """Say that the time is kept for one more minute only."""
        self.is_ending = True

    @handles("booking.hold")
    async def on_end(self) -> None:
        """Say that the time is no longer kept; it may still be free."""
        self._lapse()

    @handles("booking.hold")
    async def on_alternative(self, chosen: str) -> EventSpec:
        """Confirm another time instead."""
        asked = self.router.url.query_parameters
        return rx.redirect(confirm_path(self._locale(), asked.get("type", ""), asked.get("how", ""), chosen))

    @handles("booking.hold")
    async def on_leave(self) -> EventSpec:
        """Let the time go and look for another."""
        if self._hold_id:
            async with db.opened().act_as(self._credential(), "booking.hold") as tx:
                await booking.release_hold(tx, UUID(self._hold_id))
        return rx.redirect(i18n.localized_path(self._locale(), "/book"))

    def _request(self, reason: str) -> BookingRequest:
        asked = self.router.url.query_parameters
        try:
            starts_at = datetime.fromisoformat(asked.get("at", "").replace(" ", "+"))
            return BookingRequest(
                visit_type_id=UUID(asked.get("type", "")),
                practitioner_id=UUID(asked.get("who", "")),
                location_id=UUID(asked.get("where", "")),
                modality="video" if asked.get("how") == "video" else "in_person",
                starts_at=starts_at,
                request_key=UUID(asked.get("key", "")),
                reason=reason,
            )
        except ValueError as error:
            raise InputRefused("at", N_("That link is not complete. Choose a time again.")) from error

    def _show(self, view: AppointmentView) -> None:
        self._hold_id = str(view.id)
        with i18n.use(self._locale()):
            self.who = f"{view.practitioner_title} {view.practitioner_name}".strip()
            self.initials = view.practitioner_initials
            self.button = _("Book {when}").format(when=words.brief_moment(view.starts_at, view.display_zone))
            self.rule = words.cancel_words(view)
            self.facts = _facts(view)
        self.is_held = self.is_ready = True
        self._keep_until(view.held_until or clock.now())

    def _keep_until(self, held_until: datetime) -> None:
        self.seconds_left = max(0, int((held_until - clock.now()).total_seconds()))
        self.moment, self.is_ending = held_until.isoformat(), self.seconds_left <= WARN_BEFORE_S
        with i18n.use(self._locale()):
            minutes = max(1, round(self.seconds_left / 60))
            self.kept_until = ngettext(
                "We keep this time for you for {count} minute.",
                "We keep this time for you for {count} minutes.",
                minutes,
            ).format(count=i18n.format_number(minutes))

    def _lapse(self) -> None:
        self.is_held = self.is_ending = False
        with i18n.use(self._locale()):
            self.problem = _(HoldLapsed.message)

    def _refuse(self, error: PortalError) -> None:
        self.is_held, self.is_ready = False, True
        self.attempt = clock.now().isoformat()
        with i18n.use(self._locale()):
            self.problem = _too_many(error) if isinstance(error, TooManyUpcoming) else _plain(error)
            found = error.alternatives if isinstance(error, TimeUnavailable) else ()
            self.alternatives = [self._alternative(time) for time in found]

    def _alternative(self, time: FreeTime) -> dict[str, str]:
        is_video = self.router.url.query_parameters.get("how") == "video"
        zone = self._patient_zone if is_video and self._patient_zone else time.zone
        return {
            "label": words.moment_words(time.starts_at, zone),
            "value": f"{time.practitioner_id}|{time.location_id}|{time.starts_at.isoformat()}",
        }

    def _done(self, view: AppointmentView) -> EventSpec:
        path = i18n.localized_path(self._locale(), f"/appointments/{view.id}")
        return rx.redirect(f"{path}?done=booked", replace=True)


def _plain(error: PortalError) -> str:
    return _(error.reason if isinstance(error, InputRefused) else error.message)


def _too_many(error: TooManyUpcoming) -> str:
    return _(
        "You already have {count} visits to come, as many as can be booked here. To book another, call {phone}."
    ).format(count=i18n.format_number(error.count), phone=error.phone)


def _facts(view: AppointmentView) -> list[dict[str, str]]:
    rows = [
        (_("When"), words.when_words(view)),
        (_("Time zone"), words.opening(words.zone_words(view.starts_at, view.display_zone))),
        (_("How long"), words.duration_words(view.starts_at, view.ends_at)),
    ]
    if view.modality == "video":
        rows.append((_("Where"), _("By video, on your phone")))
    else:
        rows.append((_("Where"), words.together(view.location_name, view.address)))
    return [{"term": term, "fact": fact} for term, fact in rows]
