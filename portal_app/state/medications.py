"""A patient's own lists: what they take, how, since when and by whom; what they told, and what became of it. Live."""

import reflex as rx

from portal_app.core import db, i18n
from portal_app.core.i18n import _
from portal_app.features.chart import service as chart
from portal_app.state import chart_words as words
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame


class Medications(PortalState, rx.State):
    """The page of both lists, for the patient's side."""

    is_ready: bool = False
    medicines: list[dict[str, str | list[dict[str, str]]]] = []
    allergies: list[dict[str, str | list[dict[str, str]]]] = []
    told: list[dict[str, str]] = []

    @handles("chart.see")
    async def on_load(self) -> None:
        """Fill the page and follow its changes."""
        async with db.opened().act_as(self._credential(), "chart.see") as tx:
            await (await self.get_state(Frame))._fill(tx)
            await self._show(tx, is_repeated=False)
        self._watch(f"chart:{tx.actor.patient_id}")

    async def _refresh(self) -> None:
        async with db.opened().act_as(self._credential(), "chart.see") as tx:
            await self._show(tx, is_repeated=True)

    async def _show(self, tx: db.Transaction, *, is_repeated: bool) -> None:
        found = await chart.own_lists(tx, is_repeated=is_repeated)
        with i18n.use(self._locale()):
            self.medicines = [_row(one, found.zone) for one in found.standing("medication")]
            self.allergies = [_row(one, found.zone) for one in found.standing("allergy", "no_allergies")]
            self.told = [_told(one, found) for one in found.changes if one.status in words.OUTCOMES]
        self.is_ready = True


def _row(one: chart.Entry, zone: str) -> dict[str, str | list[dict[str, str]]]:
    return {
        "id": str(one.id), "name": words.entry_title(one), "facts": words.entry_facts(one),
        "written": words.written_words(one, zone),
        "private": _("Only you and your care team see this") if one.is_private else "",
    }  # fmt: skip


def _told(one: chart.Change, lists: chart.Lists) -> dict[str, str]:
    status, tone = words.OUTCOMES[one.status]
    decided = ""
    if one.decided_at is not None:
        decided = _("{name}, {day}").format(name=one.decided_name, day=words.day(one.decided_at, lists.zone))
    return {
        "id": str(one.id), "what": words.change_title(one, lists), "said": words.own_words(one), "lang": one.locale,
        "status": _(status), "tone": tone, "decided": decided, "reason": one.reason,
    }  # fmt: skip
