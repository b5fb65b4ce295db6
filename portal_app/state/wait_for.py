"""Put somebody on the waiting list who asks by phone or at the desk."""

from collections.abc import Sequence
from uuid import UUID, uuid4

import reflex as rx
from reflex_base.event import EventSpec

from portal_app.core import clock, db, i18n
from portal_app.core.errors import InputRefused, NotFound
from portal_app.core.i18n import N_, _
from portal_app.features.booking import service as booking
from portal_app.features.booking.views import AppointmentView
from portal_app.features.patients import service as patients
from portal_app.features.practice import service as practice
from portal_app.features.practice.views import VisitTypeView, name_in
from portal_app.features.waiting import service as waiting
from portal_app.features.waiting.views import Wish
from portal_app.state import booking_words as words
from portal_app.state import waiting_words as say
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame


class WaitFor(PortalState, rx.State):
    """The form in which staff write down somebody's wish; whose is in the address."""

    is_ready: bool = False
    is_missing: bool = False
    name: str = ""
    reach: str = ""
    what: list[dict[str, str]] = []
    people: list[dict[str, str]] = []
    places: list[dict[str, str]] = []
    weekdays: list[dict[str, str]] = []
    parts: list[dict[str, str]] = []
    notices: list[dict[str, str]] = []
    errors: list[dict[str, str]] = []
    what_error: str = ""
    notice_error: str = ""
    problem: str = ""
    attempt: str = ""
    _patient: str = ""
    _key: str = ""

    @handles("waiting.ask_for")
    async def on_load(self) -> None:
        """Say who it is, and what can be chosen."""
        self._patient, self._key = self.router.url.query_parameters.get("patient", ""), str(uuid4())
        self.is_ready = self.is_missing = False
        self.errors, self.problem, self.what_error, self.notice_error = [], "", "", ""
        async with db.opened().act_as(self._credential(), "waiting.ask_for") as tx:
            await (await self.get_state(Frame))._fill(tx)
            try:
                await self._show(tx)
            except (NotFound, ValueError):
                self.is_missing = True
        self.is_ready = True

    @handles("waiting.ask_for", writes=True)
    async def on_ask(self, form: dict[str, str]) -> EventSpec | None:
        """Put them on the list; the key of the form makes two taps one wish."""
        if not self._checked(form):
            return None
        try:
            async with db.opened().act_as(self._credential(), "waiting.ask_for") as tx:
                wish = await self._wish(tx, form)
                await waiting.ask_for(tx, UUID(self._patient), wish)
        except waiting.AlreadyWaiting:
            with i18n.use(self._locale()):
                self.problem = _("They are on the list for this already.")
            return None
        return rx.redirect(i18n.localized_path(self._locale(), "/staff/waiting"))

    def _checked(self, form: dict[str, str]) -> bool:
        self.attempt, self.problem = clock.now().isoformat(), ""
        with i18n.use(self._locale()):
            said = {"what": _("Choose what they wait for."), "notice": _("Choose how much notice they need.")}
        known = {"what": {one["value"] for one in self.what}, "notice": set(say.NOTICES)}
        found = {name: "" if form.get(name) in known[name] else said[name] for name in said}
        self.what_error, self.notice_error = found["what"], found["notice"]
        self.errors = [{"field": name, "text": text} for name, text in found.items() if text]
        return not self.errors

    async def _wish(self, tx: db.Transaction, form: dict[str, str]) -> Wish:
        try:
            kind, chosen = form.get("what", "").split(":", 1)
            seen = await booking.appointment(tx, UUID(chosen)) if kind == "visit" else None
            return Wish(
                visit_type_id=seen.visit_type_id if seen else UUID(chosen),
                modality=seen.modality if seen else kind,
                request_key=UUID(self._key),
                practitioner_id=say.chosen_id(form, "who"),
                location_id=say.chosen_id(form, "where"),
                weekdays=say.chosen_weekdays(form),
                parts=say.chosen_parts(form),
                notice_h=int(form.get("notice", "0")),
                appointment_id=seen.id if seen else None,
            )
        except ValueError as error:
            raise InputRefused("what", N_("Choose one from the list.")) from error

    async def _show(self, tx: db.Transaction) -> None:
        found = await patients.patient(tx, UUID(self._patient))
        visits = await booking.patient_appointments(tx, found.id)
        types, people = await practice.visit_types(tx), await practice.practitioners(tx)
        places = await practice.locations(tx)
        self.name = found.said_name
        with i18n.use(self._locale()):
            self.reach = _reach(found.email, found.phone)
            self.what = [*_visits(visits), *_kinds(types)]
            named = [(str(one.id), f"{one.title} {one.name}".strip()) for one in people]
            self.people = say.choices([(say.ANY, _("Anyone")), *named])
            here = [(str(one.id), one.name) for one in places]
            self.places = say.choices([(say.ANY, _("Any place")), *here]) if len(places) > 1 else []
            self.weekdays, self.parts, self.notices = say.weekday_rows(), say.part_rows(), say.notice_rows()


def _reach(email: str, phone: str) -> str:
    if email:
        return _("A time that comes free is offered to them by e-mail.")
    if phone:
        return _("They have no e-mail: you are asked to call {phone} when it is their turn.").format(
            phone=words.phone_words(phone)
        )
    return _("They have no e-mail and no telephone number here. Ask for a number, or nobody can reach them.")


def _visits(visits: Sequence[AppointmentView]) -> list[dict[str, str]]:
    ahead = [one for one in visits if one.status == "booked" and one.starts_at > clock.now()]
    return [
        {"value": f"visit:{one.id}", "label": _("Earlier than {when}").format(when=words.when_words(one)), "detail": ""}
        for one in ahead
    ]


def _kinds(types: Sequence[VisitTypeView]) -> list[dict[str, str]]:
    return [
        {
            "value": f"{how}:{one.id}",
            "label": words.together(name_in(one.names, i18n.current()), words.modality_words(how)),
            "detail": "",
        }
        for one in types
        for how in one.modalities
    ]
