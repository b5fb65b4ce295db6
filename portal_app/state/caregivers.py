"""Caregivers: who may act for the patient, what they may do, ending it in one tap, or asking the practice to."""

import reflex as rx

from portal_app.core import db, i18n, limits
from portal_app.core.db import Transaction
from portal_app.core.i18n import N_, _
from portal_app.features.access import caregivers
from portal_app.features.access import service as access
from portal_app.features.access.errors import SetByPractice
from portal_app.features.access.views import CaregiverView
from portal_app.state import share_words as say
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame
from portal_app.state.ids import known_id

ASK_LIMIT = "10/hour"
SAID = {
    "invited": N_("The invitation is on its way by e-mail. It counts for seven days."),
    "changed": N_("Changed. It counts from now on."),
}


ENDED = N_("Ended. From now on they see nothing of yours, on open pages too.")
ENDED_AND_TOLD = N_(
    "Ended. From now on they see nothing of yours, on open pages too. The practice is told and checks the document."
)


class Caregivers(PortalState, rx.State):
    """The list of a patient's caregivers."""

    is_ready: bool = False
    current: list[dict[str, str | list[str]]] = []
    past: list[dict[str, str | list[str]]] = []
    news: str = ""
    problem: str = ""

    @handles("access.see_caregivers")
    async def on_load(self) -> None:
        """Fill the page, say what was just done, and follow what caregivers answer."""
        asked = self.router.url.query_parameters.get("done", "")
        self.problem = ""
        async with db.opened().act_as(self._credential(), "access.see_caregivers") as tx:
            await (await self.get_state(Frame))._fill(tx)
            await self._show(tx)
        with i18n.use(self._locale()):
            self.news = _(SAID[asked]) if asked in SAID else ""
        self.is_ready = True
        self._watch(f"caregivers:{tx.actor.patient_id}")

    @handles("access.share_chart", writes=True)
    async def on_end(self, relation_id: str) -> None:
        """End what somebody may do, at once."""
        self.news = self.problem = ""
        try:
            async with db.opened().act_as(self._credential(), "access.share_chart") as tx:
                await caregivers.end_caregiver(tx, known_id(relation_id))
                await self._show(tx)
            is_checked = any(row["id"] == relation_id and row["practice"] for row in self.past)
            said = ENDED_AND_TOLD if is_checked else ENDED
        except SetByPractice as error:
            with i18n.use(self._locale()):
                self.problem = _(error.message)
            return
        with i18n.use(self._locale()):
            self.news = _(said)

    @handles("access.share_chart", writes=True)
    async def on_ask(self, relation_id: str) -> None:
        """Ask the practice to look at what it alone can end."""
        self.news = self.problem = ""
        async with db.opened().act_as(self._credential(), "access.share_chart") as tx:
            await limits.count(ASK_LIMIT, "caregiver-question", str(tx.actor.patient_id))
            await caregivers.ask_about_caregiver(tx, known_id(relation_id))
            await self._show(tx)
        with i18n.use(self._locale()):
            self.news = _("We have your question. Somebody here looks at it and gets back to you.")

    async def _refresh(self) -> None:
        async with db.opened().act_as(self._credential(), "access.see_caregivers") as tx:
            await self._show(tx)

    async def _show(self, tx: Transaction) -> None:
        zone, found = (await access.own_chart(tx)).zone, await caregivers.list_caregivers(tx)
        with i18n.use(self._locale()):
            self.current = [_row(one, zone) for one in found if one.is_open]
            self.past = [_row(one, zone) for one in found if not one.is_open]


def _row(one: CaregiverView, zone: str) -> dict[str, str | list[str]]:
    words, tone = say.STATUSES[one.status]
    used = (
        _("Not used yet") if one.used_at is None else _("Last used {day}").format(day=say.day_words(one.used_at, zone))
    )
    return {
        "id": str(one.id),
        "name_given": one.name,
        "relationship": _(say.RELATIONSHIPS[one.relationship]),
        "status": _(words),
        "tone": tone,
        "shares": say.share_lines(one.ticked),
        "until": say.until_words(one.valid_until, zone),
        "used": used if one.accepted_at else "",
        "practice": _("Set by the practice") if one.is_set_by_practice else "",
        "document": _(say.DOCUMENTS[one.document_kind]) if one.is_set_by_practice else "",
        "ends": "" if one.is_own_will else "asked" if one.is_asked else "ask",
        "change_href": i18n.localized_path(i18n.current(), f"/profile/caregivers/invite?id={one.id}"),
    }
