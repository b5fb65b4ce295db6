"""One offered time: yes in one tap, or no."""

from uuid import UUID

import reflex as rx
from reflex_base.event import EventSpec

from portal_app.core import clock, db, i18n
from portal_app.core.errors import NotFound, PortalError
from portal_app.core.i18n import _
from portal_app.features.booking.errors import PatientElsewhere, TimeUnavailable
from portal_app.features.practice.views import name_in
from portal_app.features.waiting import service as waiting
from portal_app.features.waiting.views import OfferView
from portal_app.state import booking_words as words
from portal_app.state import waiting_words as say
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame

WARN_BEFORE_S = 60


class Offer(PortalState, rx.State):
    """The page that a mail about a free time leads to."""

    is_ready: bool = False
    is_missing: bool = False
    is_open: bool = False
    status: str = ""
    title: str = ""
    who: str = ""
    specialty: str = ""
    initials: str = ""
    facts: list[dict[str, str]] = []
    instead: str = ""
    kept: str = ""
    button: str = ""
    over: str = ""
    problem: str = ""
    visit_href: str = ""
    from_request: bool = False
    seconds_left: int = 0
    moment: str = ""
    attempt: str = ""
    _id: str = ""
    _entry: str = ""

    @handles("waiting.view")
    async def on_load(self) -> None:
        """Fill the page and follow its changes."""
        self._id = self.router.url.path.rstrip("/").rsplit("/", 1)[-1]
        self.problem = ""
        async with db.opened().act_as(self._credential(), "waiting.view") as tx:
            await (await self.get_state(Frame))._fill(tx)
            await self._show(tx, is_repeated=False)
        self._watch(f"patient:{tx.actor.patient_id}")

    @handles("waiting.answer_offer", writes=True)
    async def on_accept(self) -> EventSpec | None:
        """Take the time; from however many tabs, it is one appointment."""
        self.problem = ""
        try:
            async with db.opened().act_as(self._credential(), "waiting.answer_offer") as tx:
                view = await waiting.accept_offer(tx, UUID(self._id))
        except waiting.OfferOver:
            await self._refresh()
            return None
        except (TimeUnavailable, PatientElsewhere) as error:
            self._say(error)
            return None
        return rx.redirect(i18n.localized_path(self._locale(), f"/appointments/{view.id}?done=booked"), replace=True)

    @handles("waiting.answer_offer", writes=True)
    async def on_decline(self) -> None:
        """Let the time go and stay on the list."""
        await self._decline(stops=False)

    @handles("waiting.answer_offer", writes=True)
    async def on_decline_and_stop(self) -> None:
        """Let the time go and leave the list."""
        await self._decline(stops=True)

    @handles("waiting.view")
    async def on_warn(self) -> None:
        """Say that the time is kept for one more minute only."""
        with i18n.use(self._locale()):
            self.kept = _("We keep this time for you for one more minute.")

    @handles("waiting.view")
    async def on_end(self) -> None:
        """Say that the time is no longer kept."""
        await self._refresh()

    async def _decline(self, *, stops: bool) -> None:
        try:
            async with db.opened().act_as(self._credential(), "waiting.answer_offer") as tx:
                await waiting.decline_offer(tx, UUID(self._id))
                if stops and self._entry:
                    await waiting.stop_waiting(tx, UUID(self._entry))
        except waiting.OfferOver as error:
            self._say(error)
        await self._refresh()

    def _say(self, error: PortalError) -> None:
        self.attempt = clock.now().isoformat()
        with i18n.use(self._locale()):
            self.problem = _(error.message)

    async def _refresh(self) -> None:
        async with db.opened().act_as(self._credential(), "waiting.view") as tx:
            await self._show(tx)

    async def _show(self, tx: db.Transaction, *, is_repeated: bool = True) -> None:
        self.is_ready = True
        try:
            one = await waiting.offer(tx, UUID(self._id), is_repeated=is_repeated)
        except (NotFound, ValueError):
            self.is_missing = True
            return
        with i18n.use(self._locale()):
            self._fill(one)

    def _fill(self, one: OfferView) -> None:
        self.is_missing, self.is_open = False, say.is_open(one)
        self._entry, self.from_request = str(one.entry_id or ""), one.request_id is not None
        self.title = words.moment_words(one.starts_at, one.display_zone)
        self.status = say.offer_status(one)
        self.who = f"{one.practitioner_title} {one.practitioner_name}".strip()
        self.specialty, self.initials = name_in(one.specialty, i18n.current()), one.practitioner_initials
        self.facts = say.offer_facts(one)
        self.button = _("Yes, book {when}").format(when=words.brief_moment(one.starts_at, one.display_zone))
        self.kept = _("We keep this time for you until {moment}.").format(
            moment=words.moment_words(one.answer_by, one.patient_zone)
        )
        self.instead = _instead(one) if self.is_open else ""
        self.over = "" if self.is_open else _over(one)
        self.visit_href = (
            i18n.localized_path(i18n.current(), f"/appointments/{one.appointment_id}") if one.appointment_id else ""
        )
        self.seconds_left = max(0, int((one.answer_by - clock.now()).total_seconds())) if self.is_open else 0
        self.moment = one.answer_by.isoformat()


def _instead(one: OfferView) -> str:
    if one.replaces_at is None:
        return ""
    return _("If you say yes, this takes the place of your visit on {moment}. Until then that one stays yours.").format(
        moment=words.moment_words(one.replaces_at, one.display_zone)
    )


def _over(one: OfferView) -> str:
    if one.status == "accepted":
        return _("You have said yes. It is booked.")
    stays = _("You are still on the list, with your place in it.")
    said = {
        "declined": _("You said no to this time. It goes to the next person."),
        "withdrawn": _("This time is no longer kept for you."),
    }.get(one.status) or _("The time to answer is over, and this time goes to the next person.")
    return f"{said} {stays}" if one.entry_status == "active" else said
