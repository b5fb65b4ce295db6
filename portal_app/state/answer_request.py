"""Staff answer a request: with up to three times that are kept, or with words and a number to call."""

from datetime import datetime
from uuid import UUID, uuid4

import reflex as rx
from reflex_base.event import EventSpec

from portal_app.core import clock, db, i18n
from portal_app.core.errors import InputRefused, NotFound
from portal_app.core.i18n import N_, _
from portal_app.features.booking.views import BookingRequest, Modality
from portal_app.features.practice import service as practice
from portal_app.features.practice.views import name_in
from portal_app.features.waiting import service as waiting
from portal_app.features.waiting.views import RequestView
from portal_app.state import booking_words as words
from portal_app.state import waiting_words as say
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame

ANYONE = "anyone"


class AnswerRequest(PortalState, rx.State):
    """The staff's page of one request."""

    is_ready: bool = False
    is_missing: bool = False
    is_open: bool = False
    who: str = ""
    about: str = ""
    words: str = ""
    facts: list[dict[str, str]] = []
    status: str = ""
    tone: str = "info"
    answer: str = ""
    offers: list[dict[str, str]] = []
    kind: str = ""
    kinds: list[dict[str, str]] = []
    modality: str = "in_person"
    person: str = ANYONE
    people: list[dict[str, str]] = []
    times: list[dict[str, str]] = []
    chosen: list[str] = []
    chosen_words: str = ""
    phone: str = ""
    problem: str = ""
    _id: str = ""

    @handles("waiting.view_line")
    async def on_load(self) -> None:
        """Show what is asked, and times that could be offered."""
        self._id = self.router.url.path.rstrip("/").rsplit("/", 1)[-1]
        self.problem, self.chosen, self.kind, self.person = "", [], "", ""
        async with db.opened().act_as(self._credential(), "waiting.view_line") as tx:
            frame = await self.get_state(Frame)
            await frame._fill(tx)
            self.phone = frame.phone
            await self._show(tx, is_repeated=False)
        self._watch("waiting:all")

    @handles("waiting.view_line")
    async def on_kind(self, kind: str) -> None:
        """Look for times of another kind of visit."""
        self.kind, self.chosen = kind, []
        await self._refresh()

    @handles("waiting.view_line")
    async def on_modality(self, modality: str) -> None:
        """Look for times in person, or by video."""
        self.modality, self.chosen = "video" if modality == "video" else "in_person", []
        await self._refresh()

    @handles("waiting.view_line")
    async def on_person(self, person: str) -> None:
        """Look for times with somebody."""
        self.person, self.chosen = person, []
        await self._refresh()

    @handles("waiting.view_line")
    async def on_time(self, value: str) -> None:
        """Choose a time to offer, or leave it out again; three at most."""
        if value in self.chosen:
            self.chosen = [one for one in self.chosen if one != value]
        elif len(self.chosen) < waiting.OFFERED_TIMES_MAX and any(one["value"] == value for one in self.times):
            self.chosen = [*self.chosen, value]
        self._say_chosen()

    @handles("waiting.answer_request", writes=True)
    async def on_answer(self, form: dict[str, str]) -> EventSpec | None:
        """Send the answer; the patient is told, and the times are kept for them."""
        self.problem = ""
        answer = {"words": form.get("answer", ""), "phone": form.get("phone", "").strip()[:40]}
        try:
            async with db.opened().act_as(self._credential(), "waiting.answer_request") as tx:
                await waiting.answer_request(tx, UUID(self._id), times=self._wishes(), **answer)
        except (waiting.NoTimeKept, waiting.RequestMovedOn, InputRefused) as error:
            await self._refresh()
            with i18n.use(self._locale()):
                self.problem = _(error.reason if isinstance(error, InputRefused) else error.message)
            return None
        return rx.redirect(i18n.localized_path(self._locale(), "/staff/inbox"))

    def _wishes(self) -> list[BookingRequest]:
        modality: Modality = "video" if self.modality == "video" else "in_person"
        try:
            parted = [value.split("|") for value in self.chosen]
            return [
                BookingRequest(UUID(self.kind), UUID(who), UUID(where), modality, datetime.fromisoformat(at), uuid4())
                for who, where, at in parted
            ]
        except ValueError as error:
            raise InputRefused("times", N_("Choose one of the times in the list.")) from error

    async def _refresh(self) -> None:
        async with db.opened().act_as(self._credential(), "waiting.view_line") as tx:
            await self._show(tx)

    async def _show(self, tx: db.Transaction, *, is_repeated: bool = True) -> None:
        self.is_ready = True
        try:
            one = await waiting.request(tx, UUID(self._id), is_repeated=is_repeated)
        except (NotFound, ValueError):
            self.is_missing = True
            return
        kinds, people = await practice.visit_types(tx), await practice.practitioners(tx)
        self.kind = self.kind or str(one.visit_type_id or kinds[0].id)
        self.person = self.person or str(one.practitioner_id or ANYONE)
        person = next((some.id for some in people if str(some.id) == self.person), None)
        kind = next((some for some in kinds if str(some.id) == self.kind), kinds[0])
        found = await waiting.times_to_offer(tx, kind.id, self.modality, person) if one.status == "open" else []
        names = {some.id: some.name for some in people}
        with i18n.use(self._locale()):
            self.kinds = [
                {"value": str(some.id), "label": some.name_in(i18n.current()), "detail": ""} for some in kinds
            ]
            known = [(str(some.id), f"{some.title} {some.name}".strip()) for some in people]
            self.people = [
                {"value": value, "label": name, "detail": ""} for value, name in [(ANYONE, _("Anyone")), *known]
            ]
            self.times = [
                {
                    "value": f"{time.practitioner_id}|{time.location_id}|{time.starts_at.isoformat()}",
                    "label": words.moment_words(time.starts_at, time.zone),
                    "detail": names.get(time.practitioner_id, ""),
                }
                for time in found
            ]
            self._fill(one)
            self._say_chosen()

    def _fill(self, one: RequestView) -> None:
        self.is_missing, self.is_open = False, one.status == "open"
        self.who = f"{one.given_name} {one.family_name}"
        self.words, self.answer = one.words, one.answer
        self.status, self.tone = say.request_status(one)
        age = words.age_on(one.birth_date, clock.now().date()) if one.birth_date else 0
        self.about = " · ".join((i18n.format_number(age), i18n.language_list([one.language])))
        kind = name_in(one.visit_type_names, i18n.current()) if one.visit_type_names else _("Not said")
        rows = [
            (_("Asked"), words.moment_words(one.asked_at, one.zone)),
            (_("Answer by"), words.moment_words(one.answer_by, one.zone)),
            (_("Kind of visit"), kind),
            (_("With"), one.practitioner_name or _("Anyone")),
        ]
        self.facts = [{"term": term, "fact": fact} for term, fact in rows]
        self.offers = [say.offer_row(offer) for offer in one.offers]

    def _say_chosen(self) -> None:
        with i18n.use(self._locale()):
            labels = [one["label"] for one in self.times if one["value"] in self.chosen]
            self.chosen_words = (
                _("Offering: {times}").format(times="; ".join(labels)) if labels else _("No time chosen yet.")
            )
