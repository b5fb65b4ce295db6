"""Whom you act for: the charts to choose from, and why a page could not be shown."""

import reflex as rx

from portal_app.core import db, i18n
from portal_app.core.i18n import N_, _
from portal_app.features.access import service as access
from portal_app.state import share_words as say
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame

MOVED = N_("In another tab you went to another chart. What was open here was not saved and nothing was changed.")
ENDED = N_("You do not act for that person any more. They, or the practice, have ended it, or the time ran out.")
NOT_SHARED = N_("{name} has not shared this part with you: {part}. They can share it under Me, Caregivers; or call us.")


class ActingFor(PortalState, rx.State):
    """The switcher between charts."""

    is_ready: bool = False
    charts: list[dict[str, str | list[str]]] = []
    is_staff: bool = False
    is_working: bool = False
    problem: str = ""

    @handles("access.act_for")
    async def on_load(self) -> None:
        """Show the charts, and say why somebody was brought here."""
        async with db.opened().act_as(self._credential(), "access.act_for") as tx:
            await (await self.get_state(Frame))._fill(tx)
            found, self.is_staff = await access.charts_acted_for(tx), await access.may_work(tx)
            self.is_working = tx.actor.is_staff()
        with i18n.use(self._locale()):
            self.charts = [_row(one) for one in found]
            current = next((one.name for one in found if one.is_current), "")
            self.problem = self._why(current)
        self.is_ready = True

    def _why(self, current: str) -> str:
        asked = self.router.url.query_parameters
        part = say.PARTS.get(asked.get("part", ""), "")
        if asked.get("why") == "moved":
            return _(MOVED)
        if asked.get("why") == "ended":
            return _(ENDED)
        return _(NOT_SHARED).format(name=current, part=_(part)) if part and current else ""


def _row(one: access.ActedFor) -> dict[str, str | list[str]]:
    is_own = one.relationship == "self"
    return {
        "id": str(one.patient_id),
        "name_given": _("Myself") if is_own else one.name,
        "detail": one.name if is_own else "",
        "state": "current" if one.is_current else "",
        "shares": [] if is_own else [_(say.PARTS[part]) for part in say.PARTS if part in one.view_sections],
    }
