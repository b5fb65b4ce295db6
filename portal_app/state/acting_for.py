"""Whom you act for: the charts to choose from, and why a page could not be shown."""

from collections.abc import Sequence

import reflex as rx

from portal_app.core import db, i18n
from portal_app.core.i18n import N_, _
from portal_app.features.access import service as access
from portal_app.features.ages import service as ages
from portal_app.features.ages.views import Closed
from portal_app.state import share_words as say
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame
from portal_app.state.look_refusal import LookRefusal

MOVED = N_("In another tab you went to another chart. What was open here was not saved and nothing was changed.")
ENDED = N_("You do not act for that person any more. They, or the practice, have ended it, or the time ran out.")
NOT_SHARED = N_("{name} has not shared this part with you: {part}. They can share it under Me, Caregivers; or call us.")
OWN = N_("From age {age} on, this part of the chart is {name}'s own: {part}. {name} can show you; or call us.")
GROWN = N_("From age {age} on, {name}'s chart is {name}'s own, so you do not act for {name} any more. Or call us.")
SOON = N_("From {day} on, when {name} is {age}, this closes for you: {parts}.")


class ActingFor(PortalState, rx.State):
    """The switcher between charts."""

    is_ready: bool = False
    charts: list[dict[str, str | list[str]]] = []
    is_staff: bool = False
    is_working: bool = False
    problem: str = ""
    leads_to: str = ""
    """The address that somebody came for, "" if it is in no other chart than the one open."""
    leads_at: str = ""
    leads_words: str = ""
    leads_tap: str = ""

    @handles("access.act_for")
    async def on_load(self) -> None:
        """Show the charts, and say why somebody was brought here."""
        async with db.opened().act_as(self._credential(), "access.act_for") as tx:
            await (await self.get_state(Frame))._fill(tx)
            found, self.is_staff = await access.charts_acted_for(tx), await access.may_work(tx)
            self.is_working, chart = tx.actor.is_staff(), tx.actor.patient_id
            closed = await ages.closed_by_age(tx)
            target = access.safe_next(self.router.url.query_parameters.get("next", "/"))
            behind = await access.chart_behind(tx, target)
            await (await self.get_state(LookRefusal))._look(tx)
        with i18n.use(self._locale()):
            self.charts = [_row(one, [each for each in closed if each.patient_id == one.patient_id]) for one in found]
            current = next((one.name for one in found if one.is_current), "")
            self.problem = self._why(current, [one for one in closed if one.patient_id == chart and one.is_closed])
            self._say_where(next((one for one in found if one.patient_id == behind), None), target)
        self.is_ready = True

    def _say_where(self, chart: access.ActedFor | None, target: str) -> None:
        """Offer to go on to what somebody came for, in the chart it is about."""
        self.leads_to, self.leads_at = (target, str(chart.patient_id)) if chart else ("", "")
        self.leads_words = self.leads_tap = ""
        if chart is not None and chart.relationship == "self":
            self.leads_words, self.leads_tap = _("What you opened is in your own chart."), _("Open it in my chart")
        elif chart is not None:
            self.leads_words = _("What you opened is in the chart of {name}.").format(name=chart.name)
            self.leads_tap = _("Open it for {name}").format(name=chart.name)

    def _why(self, current: str, closed: Sequence[Closed]) -> str:
        asked = self.router.url.query_parameters
        part = say.PARTS.get(asked.get("part", ""), "")
        if asked.get("why") == "moved":
            return _(MOVED)
        if asked.get("why") == "ended":
            return _by_age(GROWN, max(closed, key=lambda one: one.from_age)) if closed else _(ENDED)
        by_age = next((one for one in closed if part and one.section == asked.get("part")), None)
        if by_age:
            return _by_age(OWN, by_age)
        return _(NOT_SHARED).format(name=current, part=_(part)) if part and current else ""


def _by_age(words: str, one: Closed) -> str:
    part = _(say.PARTS[one.section])
    return _(words).format(age=i18n.format_number(one.from_age), name=one.given_name, part=part)


def _soon(closed: Sequence[Closed]) -> list[str]:
    """Return what will close, a line for each day on which something does, as far ahead as people plan."""
    ahead = sorted({one.closes_on for one in closed if not one.is_closed})[:2]
    together = [[one for one in closed if one.closes_on == day] for day in ahead]
    return [
        _(SOON).format(
            day=i18n.format_long_date(some[0].closes_on), name=some[0].given_name,
            age=i18n.format_number(some[0].from_age), parts=" · ".join(_(say.PARTS[one.section]) for one in some),
        )
        for some in together
    ]  # fmt: skip


def _row(one: access.ActedFor, closed: Sequence[Closed]) -> dict[str, str | list[str]]:
    is_own = one.relationship == "self"
    return {
        "id": str(one.patient_id),
        "name_given": _("Myself") if is_own else one.name,
        "detail": one.name if is_own else "",
        "state": "current" if one.is_current else "",
        "shares": [] if is_own else [_(say.PARTS[part]) for part in say.PARTS if part in one.view_sections],
        "soon": _soon(closed),
    }
