"""A time that is kept for somebody who has no e-mail: staff call, and answer for them."""

from uuid import UUID

import reflex as rx

from portal_app.core import clock, db, i18n
from portal_app.core.errors import NotFound, PortalError
from portal_app.core.i18n import N_, _
from portal_app.features.booking.errors import PatientElsewhere, TimeUnavailable
from portal_app.features.patients import service as patients
from portal_app.features.patients.views import PatientView
from portal_app.features.waiting import service as waiting
from portal_app.features.waiting.views import OfferView
from portal_app.state import booking_words as words
from portal_app.state import waiting_words as say
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame


class AnswerFor(PortalState, rx.State):
    """The page of one offer, for staff who have the patient on the phone; which is in the address."""

    is_ready: bool = False
    is_missing: bool = False
    is_open: bool = False
    name: str = ""
    about: str = ""
    phone: str = ""
    title: str = ""
    status: str = ""
    until: str = ""
    instead: str = ""
    who: str = ""
    facts: list[dict[str, str]] = []
    button: str = ""
    news: str = ""
    problem: str = ""
    chart_href: str = ""
    _id: str = ""

    @handles("waiting.answer_for")
    async def on_load(self) -> None:
        """Say who is to be called, about which time, and until when it is kept."""
        self._id, self.is_ready = self.router.url.query_parameters.get("id", ""), False
        self.news = self.problem = ""
        async with db.opened().act_as(self._credential(), "waiting.answer_for") as tx:
            await (await self.get_state(Frame))._fill(tx)
            await self._show(tx)
        self.is_ready = True
        self._watch("waiting:all")

    @handles("waiting.answer_for", writes=True)
    async def on_accept(self) -> None:
        """Book the time for them; however often it is sent, it is one appointment."""
        try:
            async with db.opened().act_as(self._credential(), "waiting.answer_for") as tx:
                await waiting.accept_offer(tx, UUID(self._id))
            said = N_("Booked. Say the day and the time to them once more.")
        except (waiting.OfferOver, TimeUnavailable, PatientElsewhere) as error:
            await self._end("", _why_not(error))
            return
        await self._end(said, "")

    @handles("waiting.answer_for", writes=True)
    async def on_decline(self) -> None:
        """Let the time go for them; they keep their place in the line."""
        try:
            async with db.opened().act_as(self._credential(), "waiting.answer_for") as tx:
                await waiting.decline_offer(tx, UUID(self._id))
        except waiting.OfferOver:
            await self._end("", N_("They have said yes in the meantime."))
            return
        await self._end(N_("Let go. The next in line is asked; they keep their place."), "")

    async def _end(self, news: str, problem: str) -> None:
        await self._refresh()
        with i18n.use(self._locale()):
            self.news, self.problem = _(news) if news else "", _(problem) if problem else ""

    async def _refresh(self) -> None:
        async with db.opened().act_as(self._credential(), "waiting.answer_for") as tx:
            await self._show(tx, is_repeated=True)

    async def _show(self, tx: db.Transaction, *, is_repeated: bool = False) -> None:
        try:
            one = await waiting.offer_for(tx, UUID(self._id))
            found = await patients.patient(tx, one.patient_id, is_repeated=is_repeated)
        except (NotFound, ValueError):
            self.is_missing = True
            return
        self.is_missing = False
        with i18n.use(self._locale()):
            self._fill(one, found)

    def _fill(self, one: OfferView, found: PatientView) -> None:
        self.is_open = say.is_open(one)
        self.name, self.phone = found.said_name, found.phone
        age = i18n.format_number(words.age_on(found.birth_date, clock.now().date()))
        self.about = " · ".join((age, i18n.language_list([found.language])))
        self.chart_href = i18n.localized_path(i18n.current(), f"/staff/patients/{found.id}")
        self.title = words.moment_words(one.starts_at, one.display_zone)
        self.who = f"{one.practitioner_title} {one.practitioner_name}".strip()
        self.facts = [{"term": _("With"), "fact": self.who}, *say.offer_facts(one)]
        self.status = _("Kept for them") if self.is_open else _over(one.status)
        self.until = _("It is kept until {moment}. Then the next in line is asked.").format(
            moment=words.moment_words(one.answer_by, one.zone)
        )
        self.instead = (
            _("If they say yes, this takes the place of their visit on {moment}.").format(
                moment=words.moment_words(one.replaces_at, one.display_zone)
            )
            if one.replaces_at is not None and self.is_open
            else ""
        )
        self.button = _("They say yes: book {when}").format(when=words.brief_moment(one.starts_at, one.display_zone))


def _over(status: str) -> str:
    return {"accepted": _("Booked"), "declined": _("They said no")}.get(status) or _("No longer kept")


def _why_not(error: PortalError) -> str:
    if isinstance(error, PatientElsewhere):
        return N_("This patient already has an appointment at that time. Nothing was booked.")
    return N_("That time is no longer kept for them. Nothing has changed; they are still on the list.")
