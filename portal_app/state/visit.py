"""A patient's way through a video visit: check, before, waiting room, room. A reload finds the place again."""

from collections.abc import Awaitable, Callable

import reflex as rx

from portal_app.core import clock, db, i18n
from portal_app.core.errors import InputRefused, NotFound, PortalError
from portal_app.core.i18n import _
from portal_app.features.access import service as access
from portal_app.features.practice import service as practice
from portal_app.features.visits import rules
from portal_app.features.visits import service as visits
from portal_app.state import booking_words as words
from portal_app.state import visit_words as say
from portal_app.state.base import PortalState, handles
from portal_app.state.documents import Documents
from portal_app.state.frame import Frame
from portal_app.state.ids import known_id
from portal_app.state.refused import beside, refused
from portal_app.state.room import Room, check_of
from portal_app.web.next_path import check_in_path

LOOK_AGAIN_S = 30
ASKED = ("address", "region", "number", "company", "agrees")


class Visit(PortalState, rx.State):
    """The page of one video visit, for the patient and whoever acts for them."""

    is_ready: bool = False
    step: str = ""
    moved: str = ""
    """What came while the page was open: the heading takes the focus, since the button that had it is gone."""
    title: str = ""
    who: str = ""
    opens: str = ""
    place: str = ""
    wait: str = ""
    late: str = ""
    notes: list[str] = []
    ready: list[str] = []
    guests: list[dict[str, str]] = []
    is_called: bool = False
    is_outside: bool = False
    is_turn: bool = False
    is_told: bool = False
    is_checked: bool = False
    facts: list[dict[str, str]] = []
    regions: list[dict[str, str]] = []
    companies: list[dict[str, str]] = []
    address: str = ""
    region: str = ""
    number: str = ""
    company: str = ""
    called_on: str = ""
    """The number we call, as far as it may be shown."""
    address_kept: str = ""
    number_kept: str = ""
    """What is known already of both, in part, where it can be left empty."""
    errors: list[dict[str, str]] = []
    error_of: dict[str, str] = {}
    attempt: str = ""
    problem: str = ""
    phone: str = ""
    back_href: str = ""
    check_in_href: str = ""
    """The check-in that somebody came from to try camera and sound."""
    is_leaving: bool = False
    is_going: bool = False
    moment: str = ""
    _id: str = ""
    _told: str = ""
    """What of what was told before is on the page, so that nothing else is confirmed than what was read."""
    _room_id: str = ""

    @handles("visits.view")
    async def on_load(self) -> None:
        """Show where the patient stands with the visit of the address, and follow it."""
        named = self.router.url.query_parameters
        self._id, self.check_in_href = named.get("id", ""), check_in_path(self._locale(), named.get("visit", ""))
        self.problem, self.is_leaving = "", False
        self._refuse([])
        async with db.opened().act_as(self._credential(), "visits.view") as tx:
            await (await self.get_state(Frame))._fill(tx)
            found = await self._show(tx, is_repeated=False)
            self.moved = ""
            if found is not None:
                await self._remember(tx)
        if found is not None:
            self._watch(f"patient:{tx.actor.patient_id}", f"visits_of:{found.practitioner_id}", self._topic(found))

    @handles("visits.view")
    async def on_look(self) -> None:
        """Look again, so that what is said about the wait is never old."""
        await self._refresh()

    @handles("visits.join", writes=True)
    async def on_checked(self, found: dict[str, str]) -> None:
        """Keep what the device check found, and go on."""
        check = check_of(found)
        await self._do(lambda tx: visits.keep_check(tx, known_id(self._id), check))

    @handles("visits.join", writes=True)
    async def on_confirm(self, form: dict[str, str]) -> None:
        """Take what was remembered as true again, and go to the waiting room."""
        agrees, told = form.get("agrees") == "yes", self._told
        await self._say(lambda tx: visits.confirm_whereabouts(tx, known_id(self._id), told, agrees=agrees))

    @handles("visits.join", writes=True)
    async def on_say(self, form: dict[str, str]) -> None:
        """Take where the patient is, how to reach them and who is with them, and go to the waiting room."""
        self.address, self.number, self.company = (str(form.get(name, "")) for name in ("address", "number", "company"))
        said = visits.Whereabouts(self.address, self.region, self.number, self.company)
        agrees, told = form.get("agrees") == "yes", self._told
        await self._say(lambda tx: visits.say_whereabouts(tx, known_id(self._id), said, agrees=agrees, version=told))

    @handles("visits.join")
    async def on_region(self, region: str) -> None:
        """Choose the state."""
        self.region = region

    @handles("visits.join")
    async def on_change(self) -> None:
        """Show what was remembered as a form."""
        self.is_told, self.moved = False, "change"

    @handles("visits.join", writes=True)
    async def on_want_call(self) -> None:
        """Leave the page and be called."""
        await self._do(lambda tx: visits.want_call(tx, known_id(self._room_id)))
        self.moved = "called"

    @handles("visits.join", writes=True)
    async def on_back(self) -> None:
        """Be at the page again, in one's place."""
        await self._do(lambda tx: visits.be_back(tx, known_id(self._room_id)))
        self.moved = "back"

    @handles("visits.join", writes=True)
    async def on_join(self) -> None:
        """Come back into the waiting room, or the room."""
        await self._do(lambda tx: visits.join(tx, known_id(self._id)))

    @handles("visits.view")
    async def on_ask_leave(self) -> None:
        """Ask once before leaving."""
        self.is_leaving = True

    @handles("visits.view")
    async def on_stay(self) -> None:
        """Stay."""
        self.is_leaving = False

    @handles("visits.join", writes=True)
    async def on_leave(self) -> None:
        """Leave the waiting room or the room; the way back stays open."""
        self.is_leaving = False
        await self._do(lambda tx: visits.leave(tx, known_id(self._room_id)), policy="visits.room")

    @handles("visits.agree", writes=True)
    async def on_agree(self, participant_id: str, answer: str) -> None:
        """Say whether somebody who was invited may come in."""
        room, who, is_welcome = known_id(self._room_id), known_id(participant_id), answer == "yes"
        await self._do(lambda tx: visits.agree(tx, room, who, is_welcome=is_welcome), policy="visits.agree")
        self.moved = f"answered {participant_id}"

    async def _say(self, say_it: Callable[[db.Transaction], Awaitable[None]]) -> None:
        self._refuse([])
        self.attempt = clock.now().isoformat()
        try:
            async with db.opened().act_as(self._credential(), "visits.join") as tx:
                await say_it(tx)
                await visits.join(tx, known_id(self._id))
                await self._remember(tx)
                await self._show(tx)
            self.problem = ""
        except InputRefused as error:
            with i18n.use(self._locale()):
                self._refuse(refused(error))
            self.is_told = self.is_told and error.field == "agrees"
        except visits.WhereaboutsChanged as error:
            async with db.opened().act_as(self._credential(), "visits.view") as tx:
                await self._remember(tx)
            await self._failed(error)
        except PortalError as error:
            await self._failed(error)

    async def _do(self, act: Callable[[db.Transaction], Awaitable[object]], *, policy: str = "visits.join") -> None:
        self.problem = ""
        try:
            async with db.opened().act_as(self._credential(), policy) as tx:
                await act(tx)
                await self._show(tx)
        except (InputRefused, NotFound, visits.NotInRoom, visits.NotYetOpen, visits.VisitOver, visits.VisitCalledOff,
                visits.RoomLocked) as error:  # fmt: skip
            await self._failed(error)

    async def _failed(self, error: PortalError) -> None:
        await self._refresh()
        with i18n.use(self._locale()):
            self.problem = _(error.reason if isinstance(error, InputRefused) else error.message)

    async def _refresh(self) -> None:
        async with db.opened().act_as(self._credential(), "visits.view") as tx:
            await self._show(tx)

    async def _show(self, tx: db.Transaction, *, is_repeated: bool = True) -> visits.MyVisit | None:
        self.is_ready, self.moment = True, clock.now().isoformat()
        try:
            found = await visits.my_visit(tx, known_id(self._id), is_repeated=is_repeated)
        except NotFound:
            self.step = "missing"
            return None
        chart = await access.acting_for(tx)
        is_only_seen = tx.actor.is_onlooker() or (chart is not None and "visits" not in chart.act_sections)
        before, self.step, was_outside = self.step, _step(found, is_only_seen=is_only_seen), self.is_outside
        self.is_checked, self._room_id = found.checked_at is not None, str(found.visit_id or "")
        self.is_going = found.status == "in_progress"
        self.is_called, self.is_outside = found.wants_call_at is not None, found.is_outside
        self.is_turn = found.called_back_at is not None
        if (before, was_outside) != (self.step, self.is_outside):
            self.moved = f"{self.step} {self.is_outside}"
        self.back_href = i18n.localized_path(self._locale(), f"/appointments/{found.appointment_id}")
        self.phone = (await practice.phone_line(tx, "bookings", found.location_id)).number
        with i18n.use(self._locale()):
            self._fill(found)
        room = await self.get_state(Room)
        if self.step == "room":
            await room._fill(tx, self._room_id)
            await (await self.get_state(Documents))._fill_visit(tx, known_id(self._room_id))
        else:
            room._empty()
        if found.visit_id is not None and before != self.step:
            self._watch(f"patient:{tx.actor.patient_id}", f"visits_of:{found.practitioner_id}", self._topic(found))
        return found

    def _topic(self, found: visits.MyVisit) -> str:
        return f"visit:{found.visit_id}"

    def _fill(self, found: visits.MyVisit) -> None:
        self.title = words.moment_words(found.starts_at, found.zone)
        self.who = found.practitioner_name
        self.opens = words.moment_words(found.starts_at - rules.JOIN_BEFORE, found.zone)
        self.place, self.wait = say.place_words(found.ahead), say.wait_words(found.wait_min)
        overdue = say.overdue_words(found.starts_at, found.waiting_since, found.late_min)
        self.late = overdue or words.late_words(found.late_min)
        self.notes = list(found.notes)
        self.ready = list(found.ready.get(i18n.current()) or (_(one) for one in visits.SHIPPED))
        self.guests = [
            {"id": str(one.participant_id), "name": one.name, "role": say.role_words(one.role),
             "asks": "" if one.is_agreed else "yes"}
            for one in found.guests
        ]  # fmt: skip

    async def _remember(self, tx: db.Transaction) -> None:
        country, told = await practice.country(tx), await visits.told(tx)
        last, self.is_told, self._told = told.shown, told.is_whole(), told.version
        # After a code alone the form begins empty: what is left empty stays what the server knows.
        self.address, self.number = ("", "") if told.is_masked else (last.address, last.number)
        self.region, self.company, self.called_on = last.region, last.company, last.number
        with i18n.use(self._locale()):
            still = _("Leave this empty if it still is: {said}")
            self.address_kept = still.format(said=last.address) if told.is_masked and last.address else ""
            self.number_kept = still.format(said=last.number) if told.is_masked and last.number else ""
            self.regions, self.companies = say.region_choices(country), say.company_choices()
            rows = [
                (_("Where you are"), words.together(last.address, say.region_words(last.region, country))),
                (_("We call you on"), last.number),
                (_("With you"), say.company_words(last.company)),
            ]
            self.facts = [{"term": term, "fact": fact} for term, fact in rows]

    def _refuse(self, errors: list[dict[str, str]]) -> None:
        self.errors, self.error_of = errors, beside(ASKED, errors)


def _step(found: visits.MyVisit, *, is_only_seen: bool = False) -> str:
    """Return what the page shows: one thing at a time. Whoever may only see the visit is not asked to join it."""
    for step, holds in (
        ("called_off", found.status == "cancelled"),
        ("in_person", found.modality == "in_person"),
        ("over", found.status == "finished"),
        ("seen", is_only_seen),
        ("room", found.status == "in_progress" and found.state in ("admitted", "in")),
        ("phone", found.status == "in_progress" and found.modality == "phone"),
        ("late", found.status != "in_progress" and found.moment == "over"),
        (found.moment, found.status != "in_progress" and found.moment != "open"),
        ("waiting", found.state == "waiting"),
        ("left", found.state == "left" and found.said_at is not None),
        ("taken_out", found.state == "removed"),
        ("check", found.checked_at is None),
    ):
        if holds:
            return step
    return "before"
