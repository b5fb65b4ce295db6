"""Rules by age: what counts from when, a new version, and what it would change before it does."""

from uuid import UUID, uuid4

import reflex as rx

from portal_app.core import clock, db, i18n
from portal_app.core.errors import InputRefused, NotFound
from portal_app.core.i18n import N_, _, ngettext
from portal_app.features.ages import rules
from portal_app.features.ages import service as ages
from portal_app.features.ages.errors import PreviewStale, RuleChanged, RuleInEffect
from portal_app.features.ages.views import CountingPreview, Preview, RuleForm, RuleView
from portal_app.state import age_words as words
from portal_app.state import share_words as say
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame
from portal_app.state.ids import known_id


class AgeRules(PortalState, rx.State):
    """The manager's page about rules by age."""

    is_ready: bool = False
    view: str = "list"
    rows: list[dict[str, str | list[str]]] = []
    counting: str = ""
    about: str = ""
    is_new_state: bool = False
    typed: dict[str, str] = {}
    sections: list[dict[str, str]] = []
    error_field: str = ""
    error: str = ""
    attempt: str = ""
    problem: str = ""
    news: str = ""
    summary: str = ""
    lines: list[str] = []
    changes: list[dict[str, str]] = []
    hidden: str = ""
    _known: tuple[RuleView, ...] = ()
    _form: RuleForm | None = None
    _seen: Preview | None = None
    _chosen: CountingPreview | None = None
    _counts_now: str = ""
    _key: str = ""

    @handles("ages.change_rules")
    async def on_load(self) -> None:
        """Show every version."""
        self.view, self.news, self.problem, self.error, self.error_field = "list", "", "", "", ""
        async with db.opened().act_as(self._credential(), "ages.change_rules") as tx:
            await (await self.get_state(Frame))._fill(tx)
            await self._show(tx)
        self.is_ready = True

    @handles("ages.change_rules")
    async def on_state(self, form: dict[str, str]) -> None:
        """Show what another state would change for everybody, before it does."""
        self._begin()
        await self._look_at_state(str(form.get("counting", "")).strip().upper())

    @handles("ages.change_rules", writes=True)
    async def on_choose(self) -> None:
        """Let the state count that was looked at, unless it would do something else by now."""
        if self._chosen is None:
            return
        self._begin()
        try:
            async with db.opened().act_as(self._credential(), "ages.change_rules") as tx:
                await ages.choose_state(tx, self._chosen)
                await self._show(tx)
        except PreviewStale as error:
            await self._look_at_state(self._chosen.state)
            self._warn(error.message)
            return
        self.view, self._chosen = "list", None
        self._say(N_("Saved. It counts at once, on open pages too."))

    @handles("ages.change_rules")
    async def on_other_state(self) -> None:
        """Go back to where the state is written; what was typed is there."""
        self._begin()
        self.view = "list"

    @handles("ages.change_rules")
    async def on_change(self, rule_id: str) -> None:
        """Open the form for the version that follows one; "" for a state that has none yet."""
        self._begin()
        found = next((one for one in self._known if str(one.id) == rule_id), None)
        if rule_id and found is None:
            raise NotFound
        base = found or next(one for one in self._known if one.state == "" and one.standing == "now")
        self.typed = words.typed_of(base) | ({} if found else {"state": "", "source": ""})
        self.is_new_state = found is None
        with i18n.use(self._locale()):
            self.about = words.state_name(found.state) if found else _("Another state")
            self.sections = [
                {"value": f"open-{name}", "label": _(say.PARTS[name]), "is_on": "yes" if name in base.sections else ""}
                for name in rules.SECTIONS
            ]
        self.view = "form"

    @handles("ages.change_rules")
    async def on_leave_it(self) -> None:
        """Leave everything as it is."""
        self._begin()
        self.view, self._form, self._seen, self._chosen = "list", None, None, None
        self.counting = self._counts_now

    @handles("ages.change_rules")
    async def on_correct(self) -> None:
        """Go back to the form."""
        self.view = "form"

    @handles("ages.change_rules")
    async def on_look(self, form: dict[str, str]) -> None:
        """Show what the new version would change, or what in it needs another look."""
        self._begin()
        state = str(form.get("state", "")) if self.is_new_state else self.typed.get("state", "")
        asked = ("effective_from", "source", *words.AGES)
        self.typed = {name: str(form.get(name, ""))[:400] for name in asked} | {"state": state}
        self.sections = [one | {"is_on": "yes" if form.get(one["value"]) else ""} for one in self.sections]
        if self.is_new_state and not state.strip():
            self._complain("state", N_("Choose a state from the list."))
            return
        await self._look()

    @handles("ages.change_rules", writes=True)
    async def on_save(self) -> None:
        """Date the version that was looked at, unless it would do something else by now; two taps are one."""
        if self._form is None or self._seen is None:
            return
        form, seen = self._form, self._seen
        try:
            async with db.opened().act_as(self._credential(), "ages.change_rules") as tx:
                await ages.date_version(tx, form, seen, UUID(self._key))
                await self._show(tx)
        except (RuleChanged, InputRefused):
            await self._back_to_list(RuleChanged.message)
            return
        except PreviewStale as error:
            await self._look()
            self._warn(error.message)
            return
        self.view, self._form, self._seen = "list", None, None
        self._say(N_("Dated. Until that day you can take it back."))

    @handles("ages.change_rules", writes=True)
    async def on_withdraw(self, rule_id: str) -> None:
        """Take a version back that does not count yet."""
        await self._do(ages.withdraw_version, rule_id, N_("Taken back. What counted before goes on counting."))

    @handles("ages.change_rules", writes=True)
    async def on_approve(self, rule_id: str) -> None:
        """Note that the practice has looked at an example."""
        await self._do(ages.approve_version, rule_id, N_("Noted: your practice has reviewed this rule."))

    async def _do(self, act: ages.OfRule, rule_id: str, said: str) -> None:
        self._begin()
        try:
            async with db.opened().act_as(self._credential(), "ages.change_rules") as tx:
                await act(tx, known_id(rule_id))
                await self._show(tx)
        except (RuleInEffect, RuleChanged) as error:
            await self._back_to_list(error.message)
            return
        self._say(said)

    async def _look(self) -> None:
        ticked = {row["value"] for row in self.sections if row["is_on"]}
        chosen = tuple(name for name in rules.SECTIONS if f"open-{name}" in ticked)
        form = words.form_of(self.typed, chosen)
        try:
            async with db.opened().act_as(self._credential(), "ages.change_rules") as tx:
                seen = await ages.preview_version(tx, form)
        except InputRefused as error:
            self.view = "form"
            self._complain(error.field, error.reason)
            return
        self._form, self._seen, self._key, self.view = form, seen, str(uuid4()), "preview"
        with i18n.use(self._locale()):
            self._fill_preview(form, seen)

    def _fill_preview(self, form: RuleForm, seen: Preview) -> None:
        day = i18n.format_long_date(form.effective_from) if form.effective_from else ""
        self.about = words.state_name(form.state)
        self.lines = [_("From {day}").format(day=day), *words.age_lines(form.ages, form.sections)]
        self._fill_changes(seen)

    async def _look_at_state(self, state: str) -> None:
        try:
            async with db.opened().act_as(self._credential(), "ages.change_rules") as tx:
                seen = await ages.preview_counting(tx, state)
                self._known = tuple(await ages.rule_versions(tx))
        except InputRefused as error:
            self._complain(error.field, error.reason)
            return
        self._chosen, self.counting, self.view = seen, state, "counting"
        rules_now = {one.state: one for one in self._known if one.standing == "now"}
        rule = rules_now.get(state) or rules_now[""]
        with i18n.use(self._locale()):
            self.about = words.state_name(state)
            self.lines = words.age_lines({name: getattr(rule, name) for name in words.AGES}, rule.sections)
            self._fill_changes(seen)

    def _fill_changes(self, seen: Preview) -> None:
        self.summary = _summary(seen)
        named = [one for one in seen.changes if one.name]
        self.changes = [words.change_row(one) for one in named[: rules.PREVIEWED_MOST]]
        left = len(seen.changes) - len(self.changes)
        self.hidden = ngettext(
            "{count} more is not listed: names are for those who work with charts.",
            "{count} more are not listed: names are for those who work with charts.", left,
        ).format(count=i18n.format_number(left)) if left else ""  # fmt: skip

    async def _back_to_list(self, message: str) -> None:
        async with db.opened().act_as(self._credential(), "ages.change_rules") as tx:
            await self._show(tx)
        self.view, self._form, self._seen = "list", None, None
        self._warn(message)

    async def _show(self, tx: db.Transaction) -> None:
        self._known = tuple(await ages.rule_versions(tx))
        self.counting = self._counts_now = await ages.counting_state(tx)
        with i18n.use(self._locale()):
            self.rows = [words.rule_row(one) for one in self._known]

    def _begin(self) -> None:
        self.news = self.problem = self.error = self.error_field = ""
        self.attempt = clock.now().isoformat()

    def _complain(self, field: str, reason: str) -> None:
        with i18n.use(self._locale()):
            self.error_field, self.error = field, _(reason)

    def _warn(self, message: str) -> None:
        with i18n.use(self._locale()):
            self.problem = _(message)

    def _say(self, message: str) -> None:
        with i18n.use(self._locale()):
            self.news = _(message)


def _summary(seen: Preview) -> str:
    if not seen.changes:
        return _("Nobody who acts for a patient now would lose or gain anything.")
    loses, gains = seen.losing, seen.gaining
    losing = ngettext("{count} person would see less.", "{count} people would see less.", loses)
    gaining = ngettext("{count} person would see more for longer.", "{count} people would see more for longer.", gains)
    said = [(losing, loses), (gaining, gains)]
    return " ".join(text.format(count=i18n.format_number(count)) for text, count in said if count)
