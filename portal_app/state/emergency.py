"""Open a chart outside one's own patients: find who it is, say why, and look."""

from uuid import UUID, uuid4

import reflex as rx
from reflex.event import EventSpec

from portal_app.core import clock, db, i18n, limits
from portal_app.core.errors import InputRefused, NotFound
from portal_app.core.i18n import _
from portal_app.features.privacy import service as privacy
from portal_app.features.privacy.service import EMERGENCY_KINDS, Opening, OutsideChart
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame
from portal_app.state.staff_patients import birth_words
from portal_app.state.who_looked_words import GIVEN_REASONS

SEARCHES = "60/hour"


class Emergency(PortalState, rx.State):
    """The page on which a chart is opened in an emergency; nothing of the chart is shown here."""

    is_ready: bool = False
    has_asked: bool = False
    rows: list[dict[str, str]] = []
    said: str = ""
    kinds: list[dict[str, str]] = []
    chosen: str = ""
    chosen_name: str = ""
    chosen_born: str = ""
    errors: list[dict[str, str]] = []
    kind_error: str = ""
    reason_error: str = ""
    attempt: str = ""
    _key: str = ""

    @handles("privacy.open_in_emergency")
    async def on_load(self) -> None:
        """Begin with nobody."""
        self.rows, self.said, self.has_asked, self.chosen = [], "", False, ""
        self._refused("", "")
        async with db.opened().act_as(self._credential(), "privacy.open_in_emergency") as tx:
            await (await self.get_state(Frame))._fill(tx)
        with i18n.use(self._locale()):
            self.kinds = [{"value": one, "label": _(GIVEN_REASONS[one][0])} for one in EMERGENCY_KINDS]
        self.is_ready = True

    @handles("privacy.open_in_emergency")
    async def on_search(self, form: dict[str, str]) -> None:
        """Show who fits a name; only when asked, because each is recorded in their chart."""
        query, self.chosen = str(form.get("query", "")), ""
        self.has_asked = bool(query.strip())
        async with db.opened().act_as(self._credential(), "privacy.open_in_emergency") as tx:
            await limits.count(SEARCHES, "emergency", str(tx.actor.person_id))
            found = await privacy.find_outside(tx, query)
        with i18n.use(self._locale()):
            self.rows = [_row(one) for one in found]
            self.said = "" if self.rows or not self.has_asked else _("Nobody found")

    @handles("privacy.open_in_emergency")
    async def on_choose(self, patient_id: str) -> None:
        """Ask why this chart is needed."""
        row = next((one for one in self.rows if one["id"] == patient_id), None)
        if row is not None:
            self.chosen, self.chosen_name, self.chosen_born = patient_id, row["name_given"], row["born"]
            self._key = str(uuid4())
            self._refused("", "")

    @handles("privacy.open_in_emergency")
    async def on_stop(self) -> None:
        """Open nothing."""
        self.chosen = ""

    @handles("privacy.open_in_emergency", writes=True)
    async def on_open(self, form: dict[str, str]) -> EventSpec | None:
        """Open the chart, if whoever asks has signed in a moment ago."""
        self.attempt = clock.now().isoformat()
        try:
            wish = Opening(UUID(self.chosen), str(form.get("kind", "")), str(form.get("reason", "")), UUID(self._key))
        except ValueError:
            raise NotFound from None
        try:
            async with db.opened().act_as(self._credential(), "privacy.open_in_emergency") as tx:
                await privacy.open_in_emergency(tx, wish)
        except InputRefused as error:
            with i18n.use(self._locale()):
                self._refused(error.field, _(error.reason))
            return None
        self.chosen = ""
        return rx.redirect(i18n.localized_path(self._locale(), f"/staff/patients/{wish.patient_id}"))

    def _refused(self, field: str, words: str) -> None:
        self.errors = [{"field": field, "text": words}] if field else []
        self.kind_error = words if field == "kind" else ""
        self.reason_error = words if field == "reason" else ""


def _row(one: OutsideChart) -> dict[str, str]:
    return {
        "id": str(one.id),
        "name_given": f"{one.given_name} {one.family_name}",
        "born": birth_words(one.birth_date),
    }
