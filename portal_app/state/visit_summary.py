"""What a patient reads of a visit that was signed, beside its page: summary, note, and one question."""

from typing import Any, Final

import reflex as rx

from portal_app.core import clock, db, i18n
from portal_app.core.errors import InputRefused, NotFound
from portal_app.core.i18n import N_, _
from portal_app.features.booking import service as booking
from portal_app.features.notes import service as notes
from portal_app.state import booking_words as words
from portal_app.state import note_words
from portal_app.state.base import PortalState, handles
from portal_app.state.ids import known_id

STAR_WORDS: Final = {5: N_("Very good"), 4: N_("Good"), 3: N_("All right"), 2: N_("Bad"), 1: N_("Very bad")}
STRONG: Final = 2
HIDDEN: Final = {
    True: N_("Documents that were sent are not shown here. They open in the chart."),
    False: N_("Notes, the summary and documents of a visit are not shown to your role."),
}
"""What support is told, by whether they may read what was written."""


class VisitSummary(PortalState, rx.State):
    """The part of a visit's page that is there once the visit is signed; says nothing before."""

    is_settled: bool = False
    """Whether it is known if there is something; the page waits for it, so that nothing moves when it comes."""
    is_there: bool = False
    is_open: bool = False
    seen_by: str = ""
    parts: list[dict[str, Any]] = []
    diagnoses: list[dict[str, str]] = []
    note: list[dict[str, str]] = []
    addenda: list[dict[str, str]] = []
    signed: str = ""
    withheld: str = ""
    following: str = ""
    pdf_href: str = ""
    answers: list[dict[str, str]] = []
    stars: str = ""
    can_rate: bool = False
    said: str = ""
    problem: str = ""
    hidden: str = ""
    """What support is not shown of the visit, in words."""
    _id: str = ""

    @handles("booking.view")
    async def on_load(self) -> None:
        """Look whether there is something to read, and show it to whoever signed in strongly enough."""
        self._id = self.router.url.path.rstrip("/").rsplit("/", 1)[-1]
        self.is_there = self.is_open = False
        self.said = self.problem = ""
        await self._look(is_repeated=False)

    @handles("notes.read_own")
    async def on_read(self) -> None:
        """Read it; whoever signed in by a code alone proves themself first and comes back here."""
        async with db.opened().act_as(self._credential(), "notes.read_own") as tx:
            await self._show(tx, is_repeated=False)

    @handles("notes.rate", writes=True)
    async def on_rate(self, form: dict[str, str]) -> None:
        """Say how the visit was."""
        self.said = self.problem = ""
        given = str(form.get("stars", ""))
        try:
            async with db.opened().act_as(self._credential(), "notes.rate") as tx:
                await notes.rate_visit(tx, known_id(self._id), int(given) if given in "12345" and given else 0)
                await self._ask(tx)
        except InputRefused as error:
            with i18n.use(self._locale()):
                self.problem = _(error.reason)
            return
        with i18n.use(self._locale()):
            self.said = _("Thank you. You can change your answer for a day.")

    async def _refresh(self) -> None:
        await self._look(is_repeated=self.is_open)

    async def _look(self, *, is_repeated: bool) -> None:
        async with db.opened().act_as(self._credential(), "booking.view") as tx:
            try:
                shown = known_id(self._id)
                seen_by = (await notes.ended(tx, shown)).get(shown, "")
            except NotFound:
                seen_by = ""
            self.is_there, self.is_settled = bool(seen_by), True
            self.hidden = await self._hidden(tx)
            with i18n.use(self._locale()):
                self.seen_by = _("You saw {name}.").format(name=seen_by)
            if not self.is_there:
                return
            await self._ask(tx)
            if tx.actor.assurance >= STRONG:
                try:
                    await self._show(tx, is_repeated=is_repeated)
                except NotFound:  # that a visit was, and what is written of it, are shared apart
                    self.is_there = self.is_open = False

    async def _hidden(self, tx: db.Transaction) -> str:
        if not tx.actor.is_onlooker():
            return ""
        with i18n.use(self._locale()):
            return _(HIDDEN[await notes.may_read_own(tx)])

    async def _ask(self, tx: db.Transaction) -> None:
        try:
            stars, self.can_rate = await notes.my_rating(tx, known_id(self._id))
        except NotFound:
            stars, self.can_rate = 0, False
        self.stars = str(stars) if stars else ""
        with i18n.use(self._locale()):
            self.answers = [{"value": str(one), "label": _(said)} for one, said in STAR_WORDS.items()]

    async def _show(self, tx: db.Transaction, *, is_repeated: bool) -> None:
        view = await booking.appointment(tx, known_id(self._id), is_repeated=True)
        with i18n.use(self._locale()):
            past = await notes.past_visit(tx, view.id, is_repeated=is_repeated)
            self.parts = note_words.part_rows(past.parts, self._locale())
            self.diagnoses = [{"code": one.code, "words": one.words} for one in past.diagnoses]
            self.note = note_words.note_rows(past.note) if past.note else []
            self.addenda = note_words.addenda_rows(past.note, view.display_zone) if past.note else []
            self.signed = note_words.signed_words(past.note, view.display_zone) if past.note else ""
            self.withheld = _("The note itself is not shown here. Ask us if you want to know why.")
            self.withheld = self.withheld if past.is_withheld else ""
            self.following = await self._next(tx)
        self.pdf_href = f"/appointments/{view.id}/summary.pdf?in={self._locale()}"
        self.is_there = self.is_open = True

    async def _next(self, tx: db.Transaction) -> str:
        now = clock.now()
        found = await booking.my_appointments(tx, is_repeated=True)
        ahead = [one for one in found if one.status == "booked" and one.starts_at > now]
        if not ahead:
            return ""
        return _("You are booked: {when}, with {who}.").format(
            when=words.when_words(ahead[0]), who=ahead[0].practitioner_name
        )
