"""Whose rule by age counts for a patient, as the front desk looks at it and changes it."""

from uuid import UUID

import reflex as rx

from portal_app.core import clock, db, i18n
from portal_app.core.errors import InputRefused
from portal_app.core.i18n import _, ngettext
from portal_app.features.ages import service as ages
from portal_app.features.ages.errors import PreviewStale
from portal_app.features.ages.views import ChartState, StateChange, StatePreview
from portal_app.state import age_words as words
from portal_app.state.base import PortalState, handles
from portal_app.state.ids import known_id


class StaffState(PortalState, rx.State):
    """A part of the page of a patient's caregivers, for whoever is young enough for a rule to touch."""

    is_shown: bool = False
    counts: str = ""
    own: str = ""
    is_looking: bool = False
    summary: str = ""
    changes: list[dict[str, str]] = []
    error: str = ""
    attempt: str = ""
    problem: str = ""
    news: str = ""
    _patient: str = ""
    _names: dict[str, str] = {}
    _seen: StatePreview | None = None

    @handles("ages.set_state")
    async def on_look(self, form: dict[str, str]) -> None:
        """Show what another state would change, before it does."""
        self._begin()
        await self._look(str(form.get("patient-state", "")).strip().upper()[:2])

    @handles("ages.set_state")
    async def on_keep(self) -> None:
        """Go back and change nothing."""
        self._begin()
        self.is_looking, self._seen = False, None

    @handles("ages.set_state", writes=True)
    async def on_set(self) -> None:
        """Let it count, unless it would do something else by now than was seen."""
        if self._seen is None:
            return
        self._begin()
        try:
            async with db.opened().act_as(self._credential(), "ages.set_state") as tx:
                await ages.set_state(tx, known_id(self._patient), self._seen)
                self._fill(await ages.chart_state(tx, known_id(self._patient)))
        except PreviewStale as error:
            await self._look(self._seen.state)
            with i18n.use(self._locale()):
                self.problem = _(error.message)
            return
        self.is_looking, self._seen = False, None
        with i18n.use(self._locale()):
            self.news = _("Saved. It counts from now on, on open pages too.")

    async def _look(self, state: str) -> None:
        try:
            async with db.opened().act_as(self._credential(), "ages.set_state") as tx:
                seen = await ages.preview_state(tx, known_id(self._patient), state)
        except InputRefused as error:
            with i18n.use(self._locale()):
                self.error = _(error.reason)
            return
        self._seen, self.is_looking, self.own = seen, True, state
        with i18n.use(self._locale()):
            self.summary = _summary(seen.changes)
            self.changes = [self._row(one) for one in seen.changes]

    def _row(self, one: StateChange) -> dict[str, str]:
        return {
            "name_given": self._names.get(str(one.relation_id), ""),
            "what": words.loss_words(one.loses, one.gains),
            "from": _("From {day}").format(day=i18n.format_long_date(one.first_on)),
        }

    def _begin(self) -> None:
        self.error = self.problem = self.news = ""
        self.attempt = clock.now().isoformat()

    async def _show(self, tx: db.Transaction, patient_id: UUID, names: dict[str, str]) -> None:
        """Fill it with the page it is a part of; what is being looked at stays."""
        if str(patient_id) != self._patient:
            self._begin()
            self._patient, self.is_looking, self._seen = str(patient_id), False, None
        self._names = names
        found = await ages.chart_state(tx, patient_id)
        if not self.is_looking:
            self._fill(found)

    def _fill(self, found: ChartState) -> None:
        self.is_shown, self.own = found.is_young, found.own
        with i18n.use(self._locale()):
            if found.own:
                self.counts = _("The rule of {state} counts, where the patient lives.").format(state=found.own)
            elif found.practice:
                self.counts = _("The rule of {state} counts, where the practice is.").format(state=found.practice)
            else:
                self.counts = _("The rule for all states without one of their own counts.")


def _summary(changes: tuple[StateChange, ...]) -> str:
    if not changes:
        return _("Nobody who acts for this patient would lose or gain anything.")
    return ngettext(
        "For {count} person who acts for this patient something changes.",
        "For {count} people who act for this patient something changes.",
        len(changes),
    ).format(count=i18n.format_number(len(changes)))
