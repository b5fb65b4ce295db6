"""Ask to be told when an earlier time comes free."""

from uuid import UUID, uuid4

import reflex as rx
from reflex_base.event import EventSpec

from portal_app.core import clock, db, i18n, limits
from portal_app.core.errors import InputRefused, NotFound
from portal_app.core.i18n import N_, _
from portal_app.features.booking import service as booking
from portal_app.features.booking.views import AppointmentView
from portal_app.features.practice import service as practice
from portal_app.features.practice.views import name_in
from portal_app.features.waiting import service as waiting
from portal_app.features.waiting.views import Wish
from portal_app.state import booking_words as words
from portal_app.state import waiting_words as say
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame


class AskEarlier(PortalState, rx.State):
    """The form of a wish. What it is instead of, or which kind of visit, is in the address."""

    is_ready: bool = False
    is_missing: bool = False
    title: str = ""
    what: list[dict[str, str]] = []
    people: list[dict[str, str]] = []
    places: list[dict[str, str]] = []
    weekdays: list[dict[str, str]] = []
    parts: list[dict[str, str]] = []
    notices: list[dict[str, str]] = []
    errors: list[dict[str, str]] = []
    who_error: str = ""
    where_error: str = ""
    notice_error: str = ""
    problem: str = ""
    attempt: str = ""
    _key: str = ""
    _appointment: str = ""
    _visit_type: str = ""
    _modality: str = ""

    @handles("waiting.ask")
    async def on_load(self) -> None:
        """Say what is asked for, and what can be chosen."""
        self._key = str(uuid4())
        self.is_missing, self.errors, self.problem = False, [], ""
        self.who_error = self.where_error = self.notice_error = ""
        async with db.opened().act_as(self._credential(), "waiting.ask") as tx:
            await (await self.get_state(Frame))._fill(tx)
            try:
                await self._show(tx)
            except (NotFound, ValueError):
                self.is_missing = True
        self.is_ready = True

    @handles("waiting.ask", writes=True)
    async def on_ask(self, form: dict[str, str]) -> EventSpec | None:
        """Put the patient on the list; the key of the form makes two taps one wish."""
        if not self._checked(form):
            return None
        try:
            async with db.opened().act_as(self._credential(), "waiting.ask") as tx:
                await limits.count("30/hour", "waiting", str(tx.actor.patient_id))
                await waiting.ask_for_earlier(tx, self._wish(form))
        except waiting.AlreadyWaiting as error:
            with i18n.use(self._locale()):
                self.problem = _(error.message)
            return None
        return rx.redirect(i18n.localized_path(self._locale(), "/waiting?done=asked"), replace=True)

    def _checked(self, form: dict[str, str]) -> bool:
        chosen = {
            "who": any(form.get("who") == one["value"] for one in self.people),
            "where": not self.places or any(form.get("where") == one["value"] for one in self.places),
            "notice": form.get("notice") in say.NOTICES,
        }
        self.attempt, self.problem = clock.now().isoformat(), ""
        with i18n.use(self._locale()):
            said = {
                "who": _("Choose who you would like to see."),
                "where": _("Choose where you can come."),
                "notice": _("Choose how much notice you need."),
            }
        found = {name: "" if is_fine else said[name] for name, is_fine in chosen.items()}
        self.who_error, self.where_error, self.notice_error = found["who"], found["where"], found["notice"]
        self.errors = [{"field": name, "text": text} for name, text in found.items() if text]
        return not self.errors

    def _wish(self, form: dict[str, str]) -> Wish:
        try:
            return Wish(
                visit_type_id=UUID(self._visit_type),
                modality=self._modality,
                request_key=UUID(self._key),
                practitioner_id=say.chosen_id(form, "who"),
                location_id=say.chosen_id(form, "where"),
                weekdays=say.chosen_weekdays(form),
                parts=say.chosen_parts(form),
                notice_h=int(form.get("notice", "0")),
                appointment_id=UUID(self._appointment) if self._appointment else None,
            )
        except ValueError as error:
            raise InputRefused("who", N_("Choose one from the list.")) from error

    async def _show(self, tx: db.Transaction) -> None:
        asked = self.router.url.query_parameters
        self._appointment = asked.get("appointment", "")
        view = await booking.appointment(tx, UUID(self._appointment)) if self._appointment else None
        if view is not None and (view.status != "booked" or view.starts_at <= clock.now()):
            raise NotFound
        self._visit_type = str(view.visit_type_id) if view else str(UUID(asked.get("type", "")))
        self._modality = view.modality if view else ("video" if asked.get("how") == "video" else "in_person")
        kind = next((one for one in await practice.visit_types(tx) if str(one.id) == self._visit_type), None)
        if kind is None:
            raise NotFound
        people, places = await practice.practitioners(tx), await practice.locations(tx)
        own = str(view.practitioner_id) if view else asked.get("who", "")
        person = next((one for one in people if str(one.id) == own), None)
        with i18n.use(self._locale()):
            self._say_what(view, name_in(kind.names, i18n.current()))
            self.weekdays, self.parts, self.notices = say.weekday_rows(), say.part_rows(), say.notice_rows()
            named = [(str(person.id), f"{person.title} {person.name}".strip())] if person else []
            self.people = say.choices([*named, (say.ANY, _("Anyone"))])
            near = [view.location_id] if view else [one.id for one in places]
            here = [(str(one.id), one.name) for one in places if one.id in near]
            is_asked = self._modality == "in_person" and len(places) > 1
            self.places = say.choices([*here, (say.ANY, _("Any place"))]) if is_asked else []

    def _say_what(self, view: AppointmentView | None, kind: str) -> None:
        self.title = _("Tell me if an earlier time comes free") if view else _("Tell me when a time comes free")
        now_booked = [(_("Your visit now"), words.when_words(view))] if view else []
        rows = [*now_booked, (_("Kind of visit"), words.together(kind, words.modality_words(self._modality)))]
        self.what = [{"term": term, "fact": fact} for term, fact in rows]
