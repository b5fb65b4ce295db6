"""One patient as staff see them: who it is, how to reach them, their visits, and booking one in their name."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Final
from uuid import UUID, uuid4

import reflex as rx

from portal_app.core import clock, db, i18n
from portal_app.core.actor import Role
from portal_app.core.errors import InputRefused, NotFound, PortalError
from portal_app.core.i18n import N_, _
from portal_app.features.booking import service as booking
from portal_app.features.booking.errors import TimeUnavailable
from portal_app.features.booking.views import AppointmentView, BookingRequest, FreeTime, Modality, TimeQuery
from portal_app.features.patients import service as patients
from portal_app.features.patients.views import PatientView
from portal_app.features.practice import service as practice
from portal_app.features.practice.views import PractitionerView, VisitTypeView
from portal_app.features.privacy import service as privacy
from portal_app.state import book_rows
from portal_app.state import booking_words as words
from portal_app.state.base import PortalState, handles
from portal_app.state.documents import Documents
from portal_app.state.frame import Frame
from portal_app.state.staff_contact import StaffContact
from portal_app.state.staff_patients import birth_words
from portal_app.web.next_path import is_open

CLINICAL: Final = frozenset({Role.nurse, Role.clinician})
REACHED_BY: Final = {"mail": N_("By e-mail"), "phone": N_("By telephone"), "either": N_("Either way")}
DAYS_SHOWN: Final = 5
DAYS_LOOKED_AT: Final = 30


class StaffPatient(PortalState, rx.State):
    """The page of one patient; what is chosen for a booking stays in the tab until it is booked."""

    is_ready: bool = False
    is_missing: bool = False
    name: str = ""
    called: str = ""
    pronouns: str = ""
    born: str = ""
    language: str = ""
    phone: str = ""
    email: str = ""
    reached_by: str = ""
    clinician: str = ""
    upcoming: list[dict[str, str]] = []
    past: list[dict[str, str]] = []
    is_booking: bool = False
    wait_href: str = ""
    seen_href: str = ""
    invite_href: str = ""
    caregivers_href: str = ""
    insurance_href: str = ""
    lists_href: str = ""
    visit_types: list[dict[str, str]] = []
    visit_type: str = ""
    modalities: list[dict[str, str]] = []
    modality: str = "in_person"
    people: list[dict[str, str]] = []
    person: str = book_rows.ANYONE
    parts: list[dict[str, str | list[dict[str, str]]]] = []
    has_later: bool = False
    chosen: str = ""
    chosen_words: str = ""
    news: str = ""
    problem: str = ""
    opened_until: str = ""
    _opening: str = ""
    _id: str = ""
    _key: str = ""
    _from_day: str = ""

    @handles("patients.view")
    async def on_load(self) -> None:
        """Show the patient, and follow what changes for them."""
        self._id = self.router.url.path.rstrip("/").rsplit("/", 1)[-1]
        self.news = self.problem = self.chosen = self.visit_type = self._from_day = ""
        self.is_booking = self.is_missing = self.is_ready = False
        self.person, self.modality, self.parts = book_rows.ANYONE, "in_person", []
        async with db.opened().act_as(self._credential(), "patients.view") as tx:
            await (await self.get_state(Frame))._fill(tx)
            await self._show(tx)
        self.is_ready = True
        if not self.is_missing:
            self._watch(f"patient:{self._id}")

    @handles("privacy.open_in_emergency", writes=True)
    async def on_close_chart(self) -> None:
        """Close the chart again that was opened in an emergency."""
        if self._opening:
            async with db.opened().act_as(self._credential(), "privacy.open_in_emergency") as tx:
                await privacy.end_opening(tx, UUID(self._opening))
            await self._refresh()

    @handles("booking.book_for")
    async def on_begin(self) -> None:
        """Open the choices for a booking."""
        self.is_booking, self.news = True, ""

    @handles("booking.book_for")
    async def on_visit_type(self, visit_type: str) -> None:
        """Choose what it is for."""
        self.visit_type = visit_type
        await self._find("")

    @handles("booking.book_for")
    async def on_modality(self, modality: str) -> None:
        """Choose in person or by video."""
        self.modality = modality if modality in ("in_person", "video") else "in_person"
        await self._find("")

    @handles("booking.book_for")
    async def on_person(self, person: str) -> None:
        """Choose with whom."""
        self.person = person
        await self._find("")

    @handles("booking.book_for")
    async def on_later(self) -> None:
        """Show the days after those shown."""
        await self._find(self._from_day)

    @handles("booking.book_for")
    async def on_time(self, value: str) -> None:
        """Ask once before booking: the patient is told at once. The key is this booking's, however often sent."""
        names = {time["value"]: time["name"] for part in self.parts for time in part["times"] if isinstance(time, dict)}
        self.chosen, self.chosen_words = (value, names[value]) if value in names else ("", "")
        self._key, self.problem, self.news = str(uuid4()), "", ""

    @handles("booking.book_for")
    async def on_keep(self) -> None:
        """Go back to the times."""
        self.chosen = ""

    @handles("booking.book_for", writes=True)
    async def on_book(self, form: dict[str, str]) -> None:
        """Book in the patient's name, or say why not and show what is free now."""
        self.problem = self.news = ""
        try:
            async with db.opened().act_as(self._credential(), "booking.book_for") as tx:
                booked = await booking.book_for(tx, self._request(str(form.get("reason", ""))))
            with i18n.use(self._locale()):
                self.news = _("Booked: {when}. {name} gets a mail.").format(
                    when=words.when_words(booked), name=self.name
                )
            self.is_booking, self.parts, self.visit_type = False, [], ""
        except PortalError as error:
            if not isinstance(error, TimeUnavailable) and error.code not in ("patient_elsewhere", "input_refused"):
                raise
            with i18n.use(self._locale()):
                self.problem = _(error.reason if isinstance(error, InputRefused) else _staff_words(error))
            await self._find("")
        self.chosen = ""
        await self._refresh()

    async def _refresh(self) -> None:
        async with db.opened().act_as(self._credential(), "patients.view") as tx:
            await self._show(tx, is_repeated=True)

    async def _show(self, tx: db.Transaction, *, is_repeated: bool = False) -> None:
        try:
            found = await patients.patient(tx, UUID(self._id), is_repeated=is_repeated)
        except (NotFound, ValueError):
            self.is_missing, self.name, self.born, self.opened_until = True, "", "", ""
            return
        visits = await booking.patient_appointments(tx, found.id)
        await (await self.get_state(StaffContact))._show(tx, found.id)
        await (await self.get_state(Documents))._fill_chart(tx, found.id)
        types, people = await practice.visit_types(tx), await practice.practitioners(tx)
        opening = None if tx.actor.roles.isdisjoint(CLINICAL) else await privacy.open_now(tx, found.id)
        self._opening = str(opening.id) if opening else ""
        with i18n.use(self._locale()):
            self.opened_until = (
                _("You opened this chart in an emergency. It is open to you until {time}.").format(
                    time=i18n.format_clock(opening.valid_until, found.zone)
                )
                if opening
                else ""
            )
            seen = i18n.localized_path(i18n.current(), f"/staff/as-patient?chart={found.id}")
            self.seen_href = seen if is_open("/staff/as-patient", tx.actor) else ""
            self.wait_href = i18n.localized_path(i18n.current(), f"/staff/waiting/ask?patient={found.id}")
            self.invite_href = i18n.localized_path(i18n.current(), f"/staff/invite?patient={found.id}")
            may_set = Role.front_desk in tx.actor.roles
            self.caregivers_href = (
                i18n.localized_path(i18n.current(), f"/staff/caregivers?patient={found.id}") if may_set else ""
            )
            insurance = i18n.localized_path(i18n.current(), f"/staff/insurance?patient={found.id}")
            self.insurance_href = insurance if is_open("/staff/insurance", tx.actor) else ""
            lists = i18n.localized_path(i18n.current(), f"/staff/chart?patient={found.id}")
            self.lists_href = lists if is_open("/staff/chart", tx.actor) else ""
            self._fill(found, visits)
            self._fill_choices(types, people, found)

    def _fill(self, found: PatientView, visits: Sequence[AppointmentView]) -> None:
        self.name, self.born = f"{found.given_name} {found.family_name}", birth_words(found.birth_date)
        self.called, self.pronouns = found.called, found.pronouns
        self.language, self.clinician = i18n.language_list([found.language]), found.general_practitioner
        self.phone, self.email = found.phone, found.email
        self.reached_by = _(REACHED_BY[found.reached_by])
        now = clock.now()
        coming = [one for one in visits if one.ends_at > now and one.status in ("booked", "arrived")]
        self.upcoming = [_visit_row(one) for one in coming]
        self.past = [_visit_row(one) for one in reversed(visits) if one not in coming][:10]

    def _fill_choices(
        self, types: Sequence[VisitTypeView], people: Sequence[PractitionerView], found: PatientView
    ) -> None:
        self.visit_types = [book_rows.type_row(one) for one in types]
        names = [("in_person", words.modality_words("in_person")), ("video", words.modality_words("video"))]
        self.modalities = [{"value": value, "label": label} for value, label in names]
        own = found.general_practitioner_id
        in_order = sorted(people, key=lambda one: one.id != own)
        self.people = [book_rows.person_row(one, own) for one in (None, *in_order)]

    def _request(self, reason: str) -> BookingRequest:
        who, where, at = [*self.chosen.split("|"), "", ""][:3]
        try:
            starts_at = datetime.fromisoformat(at)
            return BookingRequest(
                UUID(self.visit_type), UUID(who), UUID(where), self._how(), starts_at, UUID(self._key), reason,
                patient_id=UUID(self._id),
            )  # fmt: skip
        except ValueError as error:
            raise InputRefused("time", N_("Choose one of the times in the list.")) from error

    def _how(self) -> Modality:
        return "video" if self.modality == "video" else "in_person"

    async def _find(self, from_day: str) -> None:
        """Look for the times of a few days, from this day on; nothing while the kind of visit is not chosen."""
        self.parts, self.has_later = [], False
        if not self.visit_type:
            return
        try:
            who = () if self.person == book_rows.ANYONE else (UUID(self.person),)
            first = date.fromisoformat(from_day) if from_day else None
            query = TimeQuery(UUID(self.visit_type), self._how(), first, DAYS_LOOKED_AT, who, patient_id=UUID(self._id))
        except ValueError as error:
            raise InputRefused("choice", N_("Choose one from the list.")) from error
        async with db.opened().act_as(self._credential(), "booking.book_for") as tx:
            times = await booking.find_times_for(tx, query)
            people = {one.id: one for one in await practice.practitioners(tx)}
        with i18n.use(self._locale()):
            self._fill_times(times, people)

    def _fill_times(self, times: Sequence[FreeTime], people: dict[UUID, PractitionerView]) -> None:
        by_day = groupby(times, lambda one: words.local_day(one.starts_at, one.zone))
        days = [(day, list(of_day)) for day, of_day in by_day]
        shown, later = days[:DAYS_SHOWN], days[DAYS_SHOWN:]
        self.parts = [
            {"label": words.opening(i18n.format_day(day)), "times": book_rows.time_rows(of_day, people)}
            for day, of_day in shown
        ]
        self.has_later = bool(later)
        self._from_day = (later[0][0] if later else clock.now().date() + timedelta(days=1)).isoformat()


def _staff_words(error: PortalError) -> str:
    if error.code == "patient_elsewhere":
        return N_("This patient already has an appointment at that time. Nothing was booked.")
    return N_("That time has just been taken or is no longer offered. Nothing was booked; these are free now.")


def _visit_row(view: AppointmentView) -> dict[str, str]:
    place = words.modality_words("video") if view.modality == "video" else view.location_name
    return {
        "title": words.when_words(view),
        "detail": f"{view.practitioner_title} {view.practitioner_name} · {place}".strip(),
        "status": words.status_words(view.status),
        "tone": words.status_tone(view.status),
        "mark": _("Overbooked") if view.is_overbooked else "",
    }
