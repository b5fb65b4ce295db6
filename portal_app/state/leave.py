"""An appointment that cannot be kept: move it now, ask the patient by mail, or call them."""

from datetime import datetime
from uuid import UUID, uuid4

import reflex as rx

from portal_app.core import db, i18n
from portal_app.core.errors import InputRefused, NotFound, PortalError
from portal_app.core.i18n import N_, _
from portal_app.features.booking import service as booking
from portal_app.features.booking.views import FreeTime
from portal_app.features.patients import service as patients
from portal_app.features.practice import service as practice
from portal_app.features.schedules import service as schedules
from portal_app.state import booking_words as words
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame

CANNOT = ("slot_already_taken", "time_not_offered", "patient_elsewhere", "appointment_moved_on", "booking_crowded")


class Leave(PortalState, rx.State):
    """One line of the work list that a leave opens; the appointment is in the address."""

    is_ready: bool = False
    is_missing: bool = False
    is_settled: bool = False
    patient: str = ""
    phone: str = ""
    chart: str = ""
    facts: list[dict[str, str]] = []
    times: list[dict[str, str]] = []
    offered: str = ""
    news: str = ""
    problem: str = ""
    _id: str = ""
    _sequence: int = 0
    _modality: str = ""
    _keys: dict[str, str] = {}

    @handles("schedules.rehome")
    async def on_load(self) -> None:
        """Show the appointment, and where it could go."""
        self._id = self.router.url.query_parameters.get("visit", "")
        self.is_ready = self.is_missing = False
        self.news = self.problem = ""
        async with db.opened().act_as(self._credential(), "schedules.rehome") as tx:
            await (await self.get_state(Frame))._fill(tx)
        await self._refresh()

    @handles("schedules.rehome", writes=True)
    async def on_move(self, chosen: str) -> None:
        """Move the appointment to one of the times shown; the patient is told by mail."""
        practitioner, location, starts_at = self._chosen(chosen)
        wish = booking.MoveRequest(
            UUID(self._id), practitioner, location, "video" if self._modality == "video" else "in_person", starts_at,
            UUID(self._keys[chosen]), self._sequence,
        )  # fmt: skip
        self.news = self.problem = ""
        try:
            async with db.opened().act_as(self._credential(), "booking.change_day") as tx:
                await booking.move_appointment(tx, wish)
            self._say(N_("Moved. The patient gets the new time by e-mail."))
        except PortalError as error:
            self._refuse(error)
        await self._refresh()

    @handles("schedules.rehome", writes=True)
    async def on_offer(self) -> None:
        """Ask the patient by mail to choose another time; asked twice, they get one mail."""
        self.news = self.problem = ""
        try:
            async with db.opened().act_as(self._credential(), "schedules.rehome") as tx:
                await schedules.offer_other_times(tx, self._appointment())
            self._say(N_("Asked by e-mail. It stays in the inbox until they have another time."))
        except PortalError as error:
            self._refuse(error)
        await self._refresh()

    @handles("schedules.rehome", writes=True)
    async def on_called(self) -> None:
        """Note that the patient was called and all is settled."""
        async with db.opened().act_as(self._credential(), "schedules.rehome") as tx:
            await schedules.mark_called(tx, self._appointment())
        self._say(N_("Noted: settled by telephone. It has left the inbox."))
        self.is_settled = True

    def _chosen(self, chosen: str) -> tuple[UUID, UUID, datetime]:
        if chosen not in self._keys:
            raise InputRefused("time", N_("Choose one of the times in the list."))
        practitioner, location, starts_at = chosen.split("|")
        return UUID(practitioner), UUID(location), datetime.fromisoformat(starts_at)

    async def _refresh(self) -> None:
        try:
            async with db.opened().act_as(self._credential(), "schedules.rehome") as tx:
                found = await schedules.displaced_visit(tx, self._appointment(), is_repeated=self.is_ready)
                self.phone = await patients.telephone(tx, found.patient_id, is_repeated=self.is_ready)
                people = {one.id: f"{one.title} {one.name}".strip() for one in await practice.practitioners(tx)}
                places = {one.id: one.name for one in await practice.locations(tx)}
        except (NotFound, InputRefused):
            self.is_missing = self.is_ready = True
            return
        self._sequence, self._modality = found.sequence, found.modality
        with i18n.use(self._locale()):
            self._fill(found, people, places)
        self.is_ready = True

    def _fill(self, found: schedules.DisplacedVisit, people: dict[UUID, str], places: dict[UUID, str]) -> None:
        self.patient = found.patient
        self.chart = i18n.localized_path(i18n.current(), f"/staff/patients/{found.patient_id}")
        self.is_settled = found.status != "booked" or not found.is_outside
        names = found.visit_type_names
        pairs = [
            (_("When"), words.moment_words(found.starts_at, found.zone)),
            (_("Visit"), f"{names.get(i18n.current()) or names['en']} · {words.modality_words(found.modality)}"),
            (_("With"), found.practitioner_name),
            (_("Where"), found.location_name),
            (_("Language"), i18n.language_list([found.language])),
            (_("Where it stands"), words.status_words(found.status)),
            *(
                [(_("Overbooked"), _("Beside another visit, or outside what is offered"))]
                if found.is_overbooked
                else []
            ),
        ]
        self.facts = [{"term": term, "fact": fact} for term, fact in pairs]
        self.times = [_time_row(one, people, places) for one in found.alternatives]
        # The key of a time lasts as long as it is shown, so that two taps are one move.
        self._keys = {row["value"]: self._keys.get(row["value"]) or str(uuid4()) for row in self.times}
        self.offered = (
            _("Asked by e-mail: {when}").format(when=words.moment_words(found.offered_at, found.zone))
            if found.offered_at
            else ""
        )

    def _appointment(self) -> UUID:
        try:
            return UUID(self._id)
        except ValueError as error:
            raise InputRefused("visit", N_("Choose an appointment from the list.")) from error

    def _refuse(self, error: PortalError) -> None:
        if error.code not in CANNOT:
            raise error
        with i18n.use(self._locale()):
            self.problem = _staff_words(error.code)

    def _say(self, news: str) -> None:
        with i18n.use(self._locale()):
            self.news = _(news)


def _staff_words(code: str) -> str:
    return {
        "slot_already_taken": _("Someone else has that time now. The visit is where it was. Choose another time."),
        "time_not_offered": _("That time is not offered any more. The visit is where it was. Choose another time."),
        "patient_elsewhere": _("The patient has another visit then. Choose another time."),
        "booking_crowded": _("Many people are booking right now. Nothing was changed. Try again in a moment."),
    }.get(code) or _("This visit has changed in the meantime. Here is how it stands now.")


def _time_row(one: FreeTime, people: dict[UUID, str], places: dict[UUID, str]) -> dict[str, str]:
    return {
        "value": f"{one.practitioner_id}|{one.location_id}|{one.starts_at.isoformat()}",
        "label": words.moment_words(one.starts_at, one.zone),
        "detail": " · ".join(filter(None, (people.get(one.practitioner_id), places.get(one.location_id)))),
    }
