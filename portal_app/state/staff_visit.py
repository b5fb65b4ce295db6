"""The clinician's side of one visit: who is in the room, where the patient is, and whom else to let in. Live."""

from collections.abc import Awaitable, Callable

import reflex as rx

from portal_app.core import clock, db, i18n
from portal_app.core.errors import InputRefused, NotFound, PortalError
from portal_app.core.i18n import _
from portal_app.features.practice import service as practice
from portal_app.features.visits import service as visits
from portal_app.settings import get_settings
from portal_app.state import booking_words as words
from portal_app.state import visit_words as say
from portal_app.state.base import PortalState, handles
from portal_app.state.documents import Documents
from portal_app.state.frame import Frame
from portal_app.state.ids import known_id
from portal_app.state.room import GUEST_PAGE, Room
from portal_app.state.visit_readings import VisitReadings

GUEST_ROLES = ("interpreter", "family", "other_clinician")


class StaffVisit(PortalState, rx.State):
    """The page of one room, for its host."""

    is_ready: bool = False
    is_missing: bool = False
    title: str = ""
    subtitle: str = ""
    appointment_id: str = ""
    chart_href: str = ""
    status: str = ""
    status_words: str = ""
    is_going: bool = False
    is_over: bool = False
    is_locked: bool = False
    is_alone: bool = False
    licence: str = ""
    facts: list[dict[str, str]] = []
    people: list[dict[str, str]] = []
    roles: list[dict[str, str]] = []
    number: str = ""
    address: str = ""
    emergency_phone: str = ""
    is_emergency: bool = False
    is_ending: bool = False
    is_handing: bool = False
    colleagues: list[dict[str, str]] = []
    handed: str = ""
    link: str = ""
    link_for: str = ""
    name_error: str = ""
    role_error: str = ""
    problem: str = ""
    news: str = ""
    _visit: str = ""

    @handles("visits.host")
    async def on_load(self) -> None:
        """Open the room of the address's appointment and follow it; ask before going back into one handed over."""
        self.appointment_id = self.router.url.query_parameters.get("id", "")
        self.problem = self.news = self.link = self.name_error = self.role_error = ""
        self.is_emergency = self.is_ending = self.is_handing = False
        self.handed = ""
        async with db.opened().act_as(self._credential(), "visits.host") as tx:
            await (await self.get_state(Frame))._fill(tx)
            self.emergency_phone = (await practice.practice(tx)).emergency_phone
            try:
                if successor := await visits.handed_to(tx, known_id(self.appointment_id)):
                    self._visit = str((await visits.room(tx, known_id(self.appointment_id))).visit_id)
                    self._stay_out(successor)
                else:
                    self._visit = str(await visits.open_room(tx, known_id(self.appointment_id)))
            except (NotFound, visits.VisitCalledOff):
                self.is_missing = self.is_ready = True
                return
            await self._show(tx)
        self._watch(f"visit:{self._visit}")

    @handles("visits.host", writes=True)
    async def on_admit(self, participant_id: str) -> None:
        """Let somebody in."""
        await self._do(lambda tx: visits.admit(tx, known_id(self._visit), known_id(participant_id)))

    @handles("visits.host", writes=True)
    async def on_remove(self, participant_id: str) -> None:
        """Take somebody out."""
        await self._do(lambda tx: visits.remove(tx, known_id(self._visit), known_id(participant_id)))

    @handles("visits.host", writes=True)
    async def on_lock(self) -> None:
        """Lock the room, or open it again."""
        wanted = not self.is_locked
        await self._do(lambda tx: visits.lock(tx, known_id(self._visit), is_locked=wanted))

    @handles("visits.host", writes=True)
    async def on_alone(self) -> None:
        """Ask whoever came along to wait outside, or let them back in."""
        wanted = not self.is_alone
        await self._do(lambda tx: visits.be_alone(tx, known_id(self._visit), is_alone=wanted))

    @handles("visits.host", writes=True)
    async def on_phone(self) -> None:
        """Begin, or go on, by telephone."""
        await self._do(lambda tx: visits.begin(tx, known_id(self._visit), "phone"))

    @handles("visits.host", writes=True)
    async def on_invite(self, form: dict[str, str]) -> None:
        """Make a link for somebody who is to join."""
        self.name_error = self.role_error = self.link = ""
        name, role = str(form.get("name", "")), str(form.get("role", ""))
        try:
            async with db.opened().act_as(self._credential(), "visits.host") as tx:
                made = await visits.invite(tx, known_id(self._visit), role, name)
                await self._show(tx)
        except InputRefused as error:
            with i18n.use(self._locale()):
                self.name_error = _(error.reason) if error.field == "name" else ""
                self.role_error = _(error.reason) if error.field == "role" else ""
            return
        except (visits.RoomLocked, visits.VisitNotBegun) as error:
            await self._failed(error)
            return
        self.link = f"{get_settings().public_origin}{GUEST_PAGE}?key={made.secret}"
        self.link_for = " ".join(name.split())

    @handles("visits.host")
    async def on_emergency(self) -> None:
        """Show where the patient is and whom to call, at once."""
        self.is_emergency = True

    @handles("visits.host")
    async def on_ask_end(self) -> None:
        """Ask once before ending for all."""
        self.is_ending = True

    @handles("visits.host")
    async def on_close(self) -> None:
        """Close what was opened."""
        self.is_emergency = self.is_ending = self.is_handing = False

    @handles("visits.host")
    async def on_ask_hand_over(self) -> None:
        """Ask to whom the visit goes."""
        async with db.opened().act_as(self._credential(), "visits.host") as tx:
            found = await visits.room(tx, known_id(self.appointment_id), is_repeated=True)
            others = await visits.colleagues(tx, found.location_id, found.practitioner_id)
        self.colleagues = [{"value": str(id_), "label": name} for id_, name in others]
        self.is_handing = True

    @handles("visits.host", writes=True)
    async def on_hand_over(self, practitioner_id: str) -> None:
        """Give the visit to a colleague and leave the room; the patient stays in it."""
        self.is_handing = False
        await self._do(lambda tx: visits.hand_over(tx, known_id(self._visit), known_id(practitioner_id)))
        name = next((one["label"] for one in self.colleagues if one["value"] == practitioner_id), "")
        if self.problem or not name or (await self.get_state(Room)).is_open:
            return
        with i18n.use(self._locale()):
            self.handed = _("You handed this visit over to {name}").format(name=name)

    @handles("visits.host", writes=True)
    async def on_return(self) -> None:
        """Go into a room again that was handed over."""
        self.handed = ""
        await self._do(lambda tx: visits.open_room(tx, known_id(self.appointment_id)))

    @handles("visits.host", writes=True)
    async def on_end(self) -> None:
        """End the visit for all."""
        self.is_ending = False
        await self._do(lambda tx: visits.end_for_all(tx, known_id(self._visit)))

    def _stay_out(self, successor: str) -> None:
        with i18n.use(self._locale()):
            self.handed = _("This visit is with {name} now").format(name=successor)

    async def _do(self, act: Callable[[db.Transaction], Awaitable[object]]) -> None:
        self.problem = ""
        try:
            async with db.opened().act_as(self._credential(), "visits.host") as tx:
                await act(tx)
                await self._show(tx)
        except (NotFound, visits.VisitNotBegun, visits.VisitOver, visits.VisitCalledOff,
                visits.PatientHasNotAgreed, visits.PatientNotThere,
                visits.AloneWithPatient) as error:  # fmt: skip
            await self._failed(error)

    async def _failed(self, error: PortalError) -> None:
        await self._refresh()
        with i18n.use(self._locale()):
            self.problem = _(error.message)

    async def _refresh(self) -> None:
        async with db.opened().act_as(self._credential(), "visits.host") as tx:
            await self._show(tx)

    async def _show(self, tx: db.Transaction) -> None:
        try:
            found = await visits.room(tx, known_id(self.appointment_id), is_repeated=True)
        except NotFound:
            self.is_missing = self.is_ready = True
            return
        country = await practice.country(tx)
        self.is_missing, self.status = False, found.status
        self.is_going, self.is_over = found.status == "in_progress", found.status in ("finished", "cancelled")
        self.is_locked, self.is_alone = found.is_locked, found.is_alone
        self.number = found.whereabouts.number
        await (await self.get_state(Room))._fill(tx, str(found.visit_id))
        await (await self.get_state(Documents))._fill_visit(tx, found.visit_id)
        await (await self.get_state(VisitReadings))._fill(tx, found.patient_id)
        with i18n.use(self._locale()):
            self._fill(found, country)
        self.is_ready = True

    def _fill(self, found: visits.RoomView, country: str) -> None:
        said = found.whereabouts
        self.title = found.patient_name
        age = i18n.format_number(words.age_on(found.birth_date, clock.now().date()))
        said_of = (words.moment_words(found.starts_at, found.zone), _("{age} years").format(age=age),
                   i18n.language_list([found.language]), found.pronouns)  # fmt: skip
        self.subtitle = " · ".join(filter(None, said_of))
        self.chart_href = i18n.localized_path(i18n.current(), f"/staff/patients/{found.patient_id}")
        self.status_words = say.status_words(found.status)
        self.licence = ""
        if found.licence == "not_licensed":
            self.licence = _("You have no licence where the patient is: {region}").format(
                region=say.region_words(said.region, country)
            )
        self.address = words.together(said.address, say.region_words(said.region, country))
        rows = [
            (_("What it is about"), found.reason),
            (_("Where they are"), self.address),
            (_("Their number"), said.number),
            (_("With them"), say.company_words(said.company)),
            (_("Connection"), say.line_words(found.line)),
        ]
        self.facts = [{"term": term, "fact": fact} for term, fact in rows if fact]
        self.people = [_person(one) for one in found.people]
        self.roles = [{"value": one, "label": say.role_words(one)} for one in GUEST_ROLES]


def _checked(one: visits.RoomRow) -> str:
    fine = _("Camera and sound checked") if one.camera not in ("", "skipped") else ""
    return say.trouble_words(one.camera, one.microphone, one.speaker) or fine


def _person(one: visits.RoomRow) -> dict[str, str]:
    asks = one.is_guest and not one.is_agreed and one.state in ("invited", "waiting")
    is_outside = one.is_outside and one.state == "waiting"
    return {
        "id": str(one.participant_id),
        "name": one.name,
        "role": say.role_words(one.role),
        "checked": _checked(one),
        "state": _("The patient is asked") if asks else say.state_words("outside" if is_outside else one.state),
        "tone": "good" if one.state in ("admitted", "in") else "caution" if one.state == "waiting" else "plain",
        "can_admit": "yes" if one.state == "waiting" and not asks and not is_outside else "",
        "can_remove": "yes" if one.role != "clinician" and one.state not in ("left", "removed") else "",
    }
