"""What a number means, as clinicians review it: each rule with its source, approved by measure, in versions."""

import reflex as rx

from portal_app.core import clock, db, i18n
from portal_app.core.errors import InputRefused
from portal_app.core.i18n import N_, _
from portal_app.features.vitals import service as vitals
from portal_app.features.vitals.service import MEASURES, RuleMovedOn, RuleRow
from portal_app.state import measuring_words
from portal_app.state import vital_words as words
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame


class ReadingRules(PortalState, rx.State):
    """The page of one measure's rules."""

    is_ready: bool = False
    measure: str = ""
    measures: list[dict[str, str]] = []
    rows: list[dict[str, str]] = []
    sets: list[dict[str, str]] = []
    """For whom this measure has numbers: each age and condition."""
    is_open: bool = False
    """Whether rules of this measure wait for a review."""
    protocols: list[dict[str, str]] = []
    """What whoever measures it can be told to do."""
    changing: dict[str, str] = {}
    news: str = ""
    problem: str = ""
    error: str = ""
    error_field: str = ""
    attempt: str = ""

    @handles("vitals.review")
    async def on_load(self) -> None:
        """Show the rules of the first measure."""
        self._begin()
        self.measure = next(iter(MEASURES))
        async with db.opened().act_as(self._credential(), "vitals.review") as tx:
            await (await self.get_state(Frame))._fill(tx)
            await self._show(tx)

    @handles("vitals.review")
    async def on_measure(self, measure: str) -> None:
        """Show the rules of another measure."""
        self._begin()
        self.measure = measure if measure in MEASURES else self.measure
        async with db.opened().act_as(self._credential(), "vitals.review") as tx:
            await self._show(tx)

    @handles("vitals.review", writes=True)
    async def on_approve(self) -> None:
        """Note that all rules of this measure were reviewed."""
        self._begin()
        seen = [int(row["id"]) for row in self.rows]
        try:
            async with db.opened().act_as(self._credential(), "vitals.review") as tx:
                await vitals.approve_rules(tx, self.measure, seen)
                await self._show(tx)
        except RuleMovedOn as error:
            await self._moved_on(error)
            return
        self._say(N_("Noted: you have reviewed these for your practice."))

    @handles("vitals.review")
    async def on_begin(self, rule_id: str) -> None:
        """Open the form for the next version of a rule."""
        self._begin()
        self.changing = next((one for one in self.rows if one["id"] == rule_id), {})

    @handles("vitals.review")
    async def on_stop(self) -> None:
        """Leave it as it is."""
        self._begin()

    @handles("vitals.review", writes=True)
    async def on_change(self, form: dict[str, str]) -> None:
        """Put the next version in its place; what was judged keeps what it meant."""
        rule_id = self.changing.get("id", "")
        self.error, self.error_field, self.attempt = "", "", clock.now().isoformat()
        names = ("value", "severity", "again", "protocol", "reason")
        said = {name: str(form.get(name, ""))[:400] for name in names}
        try:
            async with db.opened().act_as(self._credential(), "vitals.review") as tx:
                await vitals.change_rule(tx, int(rule_id or 0), said)
                await self._show(tx)
        except InputRefused as error:
            self.error_field = error.field
            with i18n.use(self._locale()):
                self.error = _(error.reason)
            return
        except RuleMovedOn as error:
            await self._moved_on(error)
            return
        self._begin()
        self._say(N_("Changed. New readings are judged by it; those that are there keep what they meant."))

    def _begin(self) -> None:
        self.changing, self.news, self.problem, self.error, self.error_field = {}, "", "", "", ""

    async def _moved_on(self, error: RuleMovedOn) -> None:
        """Show what a colleague has made of it, and say so."""
        async with db.opened().act_as(self._credential(), "vitals.review") as tx:
            await self._show(tx)
        self._begin()
        with i18n.use(self._locale()):
            self.problem = _(error.message)

    def _say(self, said: str) -> None:
        with i18n.use(self._locale()):
            self.news = _(said)

    async def _show(self, tx: db.Transaction) -> None:
        found = await vitals.rules_in_force(tx)
        own = [one for one in found if one.measure == self.measure]
        with i18n.use(self._locale()):
            self.measures = [{"value": code, "label": _(said)} for code, said in words.NAMES.items()]
            self.rows = [_row(one) for one in own]
            self.protocols = [
                {"value": code, "label": measuring_words.protocol_words(code, self.measure)}
                for code in measuring_words.PROTOCOLS
            ]
            self.sets = [measuring_words.set_row(one) for one in vitals.bands(own)]
        self.is_open = any(not one.is_reviewed for one in own)
        self.is_ready = True


def _row(one: RuleRow) -> dict[str, str]:
    said, tone = words.finding_words(one.finding)
    number = words.number_words(one.value)
    return {
        "id": str(one.id),
        "what": measuring_words.bound_words(one, f"{number} {words.unit_words(one.measure, one.unit)}".strip()),
        "value": number,
        "whose": measuring_words.whose_words(one),
        "finding": said,
        "tone": tone,
        "how": measuring_words.severity_words(one.severity, one.severity_again),
        "severity": one.severity or "none",
        "again": one.severity_again or "none",
        "protocol": one.protocol or "none",
        "do": measuring_words.protocol_words(one.protocol, one.measure) if one.protocol else "",
        "source": one.source,
        "version": _("Version {number}").format(number=i18n.format_number(one.version)),
        "reason": one.reason,
        "reviewed": "" if one.is_reviewed else _("Not reviewed by your practice"),
        "by": _("Reviewed by {name}").format(name=one.reviewed_by_name) if one.reviewed_by_name else "",
    }
