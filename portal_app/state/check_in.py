"""Check-in: the list of what to do before a visit, and each thing known already as a card to confirm."""

import contextlib

import reflex as rx
from reflex_base.event import EventSpec

from portal_app.core import db, i18n
from portal_app.core.errors import InputRefused, NotFound, PortalError
from portal_app.core.i18n import _
from portal_app.features.checkin import service as checkin
from portal_app.features.coverage import service as coverages
from portal_app.features.estimates import service as estimates
from portal_app.features.intake import service as intake
from portal_app.features.practice import service as practice
from portal_app.features.profile import service as profile
from portal_app.state import booking_words as words
from portal_app.state import check_in_words as say
from portal_app.state import coverage_words
from portal_app.state.base import PortalState, handles
from portal_app.state.bill_words import money
from portal_app.state.documents import Documents
from portal_app.state.frame import Frame
from portal_app.state.ids import known_id


class CheckIn(PortalState, rx.State):
    """Check-in for the visit of the address (`id`). `stage` is "missing" where there is no such visit."""

    is_ready: bool = False
    stage: str = ""
    title: str = ""
    opens: str = ""
    phone: str = ""
    rows: list[dict[str, str]] = []
    done: str = ""
    left: str = ""
    facts: list[dict[str, str]] = []
    problem: str = ""
    here: str = ""
    is_by_square: bool = False
    shows_documents: bool = False
    id: str = ""

    @handles("checkin.see")
    async def on_load(self) -> None:
        """Show what there is to do, and follow it: on another device, at the desk, by a change of the visit."""
        await self._open()
        self.is_by_square = "here" in self.router.url.query_parameters
        async with db.opened().act_as(self._credential(), "checkin.see") as tx:
            await (await self.get_state(Frame))._fill(tx)
            await self._show(tx, is_repeated=False)
        self._watch(f"patient:{tx.actor.patient_id}")

    @handles("intake.fill_in", writes=True)
    async def on_form(self, key: str) -> EventSpec | None:
        """Begin a form, or go on with it where it was left."""
        try:
            async with db.opened().act_as(self._credential(), "intake.fill_in") as tx:
                form_id = await intake.open_form(tx, known_id(self.id), key.removeprefix("form:"))
        except (NotFound, intake.OnlyOneself) as error:
            await self._refuse(error)
            return None
        return rx.redirect(i18n.localized_path(self._locale(), f"/forms/{form_id}?visit={self.id}"))

    @handles("checkin.act", writes=True)
    async def on_finish(self) -> None:
        """Check in; a second tap finds the first one's."""
        self.problem = ""
        try:
            async with db.opened().act_as(self._credential(), "checkin.act") as tx:
                await checkin.finish(tx, known_id(self.id))
                await self._show(tx)
        except (NotFound, checkin.CheckInClosed) as error:
            await self._refuse(error)

    @handles("profile.view")
    async def on_contact(self) -> None:
        """Show how the person is reached."""
        await self._open()
        async with db.opened().act_as(self._credential(), "profile.view") as tx:
            await (await self.get_state(Frame))._fill(tx)
            found = await profile.contacts(tx)
            known = await profile.profile(tx)
            await self._show(tx)
        with i18n.use(self._locale()):
            emergency = known.emergency_contact
            self._tell(
                (_("E-mail"), found.email),
                (_("Phone"), words.phone_words(found.phone) if found.phone else ""),
                (_("In an emergency we call"), words.together(emergency.name, emergency.phone)),
            )

    @handles("coverage.see")
    async def on_insurance(self) -> None:
        """Show what insurance we know of."""
        await self._open()
        async with db.opened().act_as(self._credential(), "coverage.see") as tx:
            await (await self.get_state(Frame))._fill(tx)
            found = await coverages.my_coverages(tx)
            await self._show(tx)
        with i18n.use(self._locale()):
            self._tell(*(_insurance(one) for one in found if one.status == "active"))

    @handles("estimates.see")
    async def on_copay(self) -> None:
        """Show what the plan leaves to the patient."""
        await self._open()
        async with db.opened().act_as(self._credential(), "estimates.see") as tx:
            await (await self.get_state(Frame))._fill(tx)
            due = None
            with contextlib.suppress(NotFound):
                due = await estimates.copay_now(tx, known_id(self.id))
            await self._show(tx)
        with i18n.use(self._locale()):
            if due is not None:
                self._tell((_("Co-pay"), money(due.amount_minor, due.currency)))

    @handles("checkin.see")
    async def on_documents(self) -> None:
        """Show what was sent for the visit so far, and follow it."""
        await self._open()
        self.shows_documents = True
        (await self.get_state(Documents))._forget()
        async with db.opened().act_as(self._credential(), "checkin.see") as tx:
            await (await self.get_state(Frame))._fill(tx)
            await self._show(tx, is_repeated=False)
        self._watch(f"patient:{tx.actor.patient_id}")

    @handles("checkin.act", writes=True)
    async def on_here(self) -> EventSpec | None:
        """Open the check-in of today's visit, for whoever stands in the waiting room."""
        self.id, self.stage, self.is_ready = "", "", False
        async with db.opened().act_as(self._credential(), "checkin.act") as tx:
            await (await self.get_state(Frame))._fill(tx)
            found = await checkin.here(tx)
            self.phone = (await practice.phone_line(tx, "bookings")).number
        if found.appointment_id is None:
            self.stage, self.is_ready = "none", True
            return None
        said = "" if found.is_arrived else "&here=1"
        return rx.redirect(
            i18n.localized_path(self._locale(), f"/check-in?id={found.appointment_id}{said}"), replace=True
        )

    @handles("checkin.act", writes=True)
    async def on_confirm(self, task: str, answer: str) -> EventSpec | None:
        """Keep that it still is right, or that it is settled at the desk, and go back to the list."""
        try:
            async with db.opened().act_as(self._credential(), "checkin.act") as tx:
                await checkin.confirm(tx, known_id(self.id), task, answer)
        except (NotFound, InputRefused, checkin.CheckInClosed) as error:
            await self._refuse(error)
            return None
        return rx.redirect(i18n.localized_path(self._locale(), f"/check-in?id={self.id}"))

    async def _open(self) -> None:
        self.id, self.is_ready, self.problem = self.router.url.query_parameters.get("id", ""), False, ""
        self.facts, self.shows_documents = [], False

    def _tell(self, *facts: tuple[str, str]) -> None:
        self.facts = [{"term": term, "fact": fact} for term, fact in facts if fact]

    async def _refuse(self, error: PortalError) -> None:
        await self._refresh()
        with i18n.use(self._locale()):
            self.problem = _(error.reason if isinstance(error, InputRefused) else error.message)

    async def _refresh(self) -> None:
        async with db.opened().act_as(self._credential(), "checkin.see") as tx:
            await self._show(tx)

    async def _show(self, tx: db.Transaction, *, is_repeated: bool = True) -> None:
        try:
            found = await checkin.check_in(tx, known_id(self.id), is_repeated=is_repeated)
        except NotFound:
            self.stage, self.phone = "missing", (await practice.phone_line(tx, "bookings")).number
        else:
            self.phone = (await practice.phone_line(tx, "bookings", found.appointment.location_id)).number
            with i18n.use(self._locale()):
                self._fill(found)
            if self.shows_documents:
                await (await self.get_state(Documents))._fill_visit(tx, found.appointment.id)
        self.is_ready = True

    def _fill(self, found: checkin.CheckInView) -> None:
        visit = found.appointment
        who = f"{visit.practitioner_title} {visit.practitioner_name}".strip()
        self.stage, self.title = found.stage, f"{words.when_words(visit)} · {who}"
        self.opens = words.opening(i18n.format_day(words.local_day(found.opens_at, visit.zone)))
        self.rows = [say.task_row(one, self.id) for one in found.tasks]
        self.left = say.missing_words([one.key for one in found.missing()])
        self.here = words.stage_words(visit) if visit.status == "arrived" else ""
        self.done = ""
        if found.finished_at is not None:
            at = i18n.format_clock(found.finished_at, visit.zone)
            self.done = {
                "patient": _("You checked in at {time}."),
                "caregiver": _("{name} checked you in at {time}."),
                "desk": _("The front desk checked you in at {time}."),
            }[found.finished_side].format(time=at, name=found.finished_name)


def _insurance(one: coverages.CoverageView) -> tuple[str, str]:
    """Return an insurance as a fact: when it pays, whose it is and which plan."""
    name = " · ".join(filter(None, (coverage_words.title(one), one.plan_name)))
    return coverage_words.turn(one) or _("Insurance"), name
