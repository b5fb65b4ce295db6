"""Confirm a time: it is kept while the patient reads the rules and says what it is about."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
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
from portal_app.features.booking.errors import (
    AppointmentMovedOn,
    HoldLapsed,
    PatientElsewhere,
    SlotAlreadyTaken,
    TimeUnavailable,
    TooLateToMove,
    TooManyUpcoming,
)
from portal_app.features.booking.views import AppointmentView, BookingRequest, FreeTime, MoveRequest
from portal_app.settings import get_settings
from portal_app.state import booking_words as words
from portal_app.state import moving
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame

WARN_BEFORE_S = 60
_REFUSALS = (TimeUnavailable, PatientElsewhere, TooManyUpcoming, AppointmentMovedOn, TooLateToMove, InputRefused)


def confirm_path(
    locale: str, visit_type: str, modality: str, chosen: str, carried: Mapping[str, str] | None = None
) -> str:
    """Return the address that confirms a time, with a key of its own; `chosen` is `<who>|<where>|<when>`.

    `carried` is what a move hands on (`moving.carried`).
    """
    practitioner, location, starts_at = [*chosen.split("|"), "", ""][:3]
    wish = {"type": visit_type, "how": modality, "who": practitioner, "where": location, "at": starts_at}
    wish |= {**(carried or {}), "key": str(uuid4())}
    return f"{i18n.localized_path(locale, '/book/confirm')}?{urlencode(wish)}"


def wish_of(asked: Mapping[str, str]) -> BookingRequest:
    """Return the wish in the address of a confirmation.

    Raises:
        InputRefused: if the address is not complete.
    """
    try:
        return BookingRequest(
            visit_type_id=UUID(asked.get("type", "")),
            practitioner_id=UUID(asked.get("who", "")),
            location_id=UUID(asked.get("where", "")),
            modality="video" if asked.get("how") == "video" else "in_person",
            starts_at=datetime.fromisoformat(asked.get("at", "").replace(" ", "+")),
            request_key=UUID(asked.get("key", "")),
        )
    except ValueError as error:
        raise InputRefused("at", N_("That link is not complete. Choose a time again.")) from error


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
    moving: str = ""
    find_href: str = ""
    series_href: str = ""
    _hold_id: str = ""
    _patient_zone: str = ""

    @handles("booking.hold")
    async def on_load(self) -> EventSpec | None:
        """Keep the time of the address, or say why it cannot be kept."""
        self.is_done = self.is_busy = self.is_ending = self.is_held = False
        self.problem, self.reason_error, self.alternatives = "", "", []
        self.moving = self._hold_id = ""
        self.find_href = self._find_path()
        asked = urlencode(dict(self.router.url.query_parameters))
        self.series_href = f"{i18n.localized_path(self._locale(), '/book/series')}?{asked}"
        try:
            request = self._request("")
            async with db.opened().act_as(self._credential(), "booking.hold") as tx:
                await (await self.get_state(Frame))._fill(tx)
                self._patient_zone = (await access.own_chart(tx)).zone
                view = await self._hold(tx, request)
                person_id = tx.actor.person_id
        except _REFUSALS as error:
            self._refuse(error)
            return None
        if view.status != "pending":
            return self._done(view, "moved" if self.moving else "booked")
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
                request = self._request(str(form.get("reason", "")))
                view = await (
                    booking.move_appointment(tx, self._move(request))
                    if self.moving
                    else booking.book_appointment(tx, request)
                )
                if form.get("private"):
                    await booking.keep_private(tx, view.id)
        except InputRefused as error:
            with i18n.use(self._locale()):
                self.reason_error = _(error.reason)
            return None
        except _REFUSALS as error:
            self._refuse(error)
            return None
        self.is_done = True
        return self._done(view, "moved" if self.moving else "booked")

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
        kind, how = asked.get("type", ""), asked.get("how", "")
        return rx.redirect(confirm_path(self._locale(), kind, how, chosen, moving.carried(asked)))

    @handles("booking.hold")
    async def on_leave(self) -> EventSpec:
        """Let the time go and look for another."""
        if self._hold_id:
            async with db.opened().act_as(self._credential(), "booking.hold") as tx:
                await booking.release_hold(tx, UUID(self._hold_id))
        return rx.redirect(self._find_path())

    def _find_path(self) -> str:
        """Return where another time is found, for a move again for the same visit."""
        carried = urlencode(moving.carried(self.router.url.query_parameters))
        return i18n.localized_path(self._locale(), "/book") + (f"?{carried}" if carried else "")

    async def _hold(self, tx: db.Transaction, request: BookingRequest) -> AppointmentView:
        """Keep the time; while a visit is moved, say which."""
        moved = await moving.moved_one(tx, self.router.url.query_parameters)
        if moved is None:
            return await booking.hold_time(tx, request)
        with i18n.use(self._locale()):
            self.moving = moving.moving_words(moved)
        if moved.starts_at == request.starts_at and moved.practitioner_id == request.practitioner_id:
            return moved
        return await booking.hold_for_move(tx, self._move(request))

    def _move(self, request: BookingRequest) -> MoveRequest:
        asked = self.router.url.query_parameters
        return MoveRequest(
            UUID(asked.get("move", "")), request.practitioner_id, request.location_id, request.modality,
            request.starts_at, request.request_key, moving.sequence_of(asked),
        )  # fmt: skip

    def _request(self, reason: str) -> BookingRequest:
        return replace(wish_of(self.router.url.query_parameters), reason=reason)

    def _show(self, view: AppointmentView) -> None:
        self._hold_id = str(view.id) if view.held_until else ""
        with i18n.use(self._locale()):
            self.who = f"{view.practitioner_title} {view.practitioner_name}".strip()
            self.initials = view.practitioner_initials
            button = _("Move to {when}") if self.moving else _("Book {when}")
            self.button = button.format(when=words.brief_moment(view.starts_at, view.display_zone))
            self.rule = words.cancel_words(view)
            self.facts = _facts(view)
        self.is_held = self.is_ready = True
        self.moment = ""
        if view.held_until is not None:
            self._keep_until(view.held_until)

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
            self.problem = self._sentence(error)
            found = error.alternatives if isinstance(error, TimeUnavailable) else ()
            self.alternatives = [self._alternative(time) for time in found]

    def _sentence(self, error: PortalError) -> str:
        if self.moving and isinstance(error, SlotAlreadyTaken):
            return _("Someone else has just taken that time. Your visit stays as it was. Choose another time.")
        if self.moving and isinstance(error, TimeUnavailable):
            return _("That time can no longer be had. Your visit stays as it was. Choose another time.")
        return _too_many(error) if isinstance(error, TooManyUpcoming) else _plain(error)

    def _alternative(self, time: FreeTime) -> dict[str, str]:
        is_video = self.router.url.query_parameters.get("how") == "video"
        zone = self._patient_zone if is_video and self._patient_zone else time.zone
        return {
            "label": words.moment_words(time.starts_at, zone),
            "value": f"{time.practitioner_id}|{time.location_id}|{time.starts_at.isoformat()}",
        }

    def _done(self, view: AppointmentView, done: str) -> EventSpec:
        path = i18n.localized_path(self._locale(), f"/appointments/{view.id}")
        return rx.redirect(f"{path}?done={done}", replace=True)


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
