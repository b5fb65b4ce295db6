"""What is kept free around each kind of visit, how many of them a day takes, and when people are reminded."""

from typing import Any
from uuid import UUID

import reflex as rx

from portal_app.core import clock, db, i18n
from portal_app.core.errors import InputRefused, NotFound
from portal_app.core.i18n import N_, _, ngettext
from portal_app.features.practice import service as practice
from portal_app.features.schedules import service as schedules
from portal_app.state import schedule_rows as rows
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame

REMINDERS = (20160, 10080, 4320, 2880, 1440, 240, 120, 60, 30)
"""When people can be reminded, in minutes before the visit; what a kind of visit has besides is kept."""


class Limits(PortalState, rx.State):
    """The manager's page about buffers and limits. `editing` is the kind of visit whose form is open."""

    is_ready: bool = False
    rows: list[dict[str, str]] = []
    editing: str = ""
    about: str = ""
    typed: dict[str, str] = {}
    error_field: str = ""
    error: str = ""
    attempt: str = ""
    view: str = "list"
    reminders: list[dict[str, str]] = []
    facts: list[dict[str, str]] = []
    news: str = ""
    _reminders: tuple[int, ...] = ()
    _change: schedules.SetLimits | None = None

    @handles("schedules.edit_practice")
    async def on_load(self) -> None:
        """Show every kind of visit."""
        self.editing = self.news = ""
        self.view, self._change = "list", None
        async with db.opened().act_as(self._credential(), "schedules.edit_practice") as tx:
            await (await self.get_state(Frame))._fill(tx)
            await self._show(tx)
        self.is_ready = True

    @handles("schedules.edit_practice")
    async def on_edit(self, visit_type: str) -> None:
        """Open the form of a kind of visit."""
        row = next((one for one in self.rows if one["id"] == visit_type), None)
        if row is None:
            raise InputRefused("id", N_("Choose one from the list."))
        self.editing, self.about, self.news, self.error, self.error_field = visit_type, row["label"], "", "", ""
        self.typed = {name: row[f"{name}_typed"] for name in ("before", "after", "daily")}
        chosen = {int(one) for one in row["remind_typed"].split()}
        self._reminders = tuple(sorted({*REMINDERS, *chosen}, reverse=True))
        with i18n.use(self._locale()):
            self.reminders = [
                {"value": f"remind-{one}", "label": before_words(one), "is_on": "yes" if one in chosen else ""}
                for one in self._reminders
            ]
        self.view, self._change = "form", None

    @handles("schedules.edit_practice")
    async def on_leave_it(self) -> None:
        """Leave everything as it is."""
        self.editing, self.view, self._change = "", "list", None

    @handles("schedules.edit_practice")
    async def on_look(self, form: dict[str, Any]) -> None:
        """Show what the numbers of a kind of visit would change, or what in them needs another look."""
        self.typed = {name: str(value) for name, value in form.items()}
        self.attempt, self.error, self.error_field = clock.now().isoformat(), "", ""
        try:
            change = self._read()
            async with db.opened().act_as(self._credential(), "schedules.edit_practice") as tx:
                impact = await schedules.preview_practice(tx, change)
        except InputRefused as error:
            self.error_field = error.field
            with i18n.use(self._locale()):
                self.error = _(error.reason)
            return
        self._change = change
        with i18n.use(self._locale()):
            self.facts = rows.impact_facts(impact)
        self.view = "preview"

    @handles("schedules.edit_practice")
    async def on_correct(self) -> None:
        """Go back to the form."""
        self.view = "form"

    @handles("schedules.edit_practice", writes=True)
    async def on_save(self) -> None:
        """Make the change that was looked at; a second tap finds nothing left to do."""
        change = self._change
        if change is None:
            return
        async with db.opened().act_as(self._credential(), "schedules.edit_practice") as tx:
            await schedules.save_practice(tx, change)
            await self._show(tx)
        self._change = None  # and not before: while the records are away it can be saved once more
        self.view, self.editing = "list", ""
        with i18n.use(self._locale()):
            self.news = _("Saved. Visits that are booked stay as they are.")

    def _read(self) -> schedules.SetLimits:
        if not self.editing:
            raise NotFound
        before, after = (_number(self.typed, name) or 0 for name in ("before", "after"))
        remind = tuple(one for one in self._reminders if self.typed.get(f"remind-{one}"))
        return schedules.SetLimits(UUID(self.editing), before, after, _number(self.typed, "daily"), remind)

    async def _show(self, tx: db.Transaction) -> None:
        found = await schedules.visit_limits(tx)
        with i18n.use(self._locale()):
            self.rows = [_row(one) for one in found]


def _row(one: schedules.VisitLimits) -> dict[str, str]:
    return {
        "id": str(one.visit_type_id),
        "label": practice.name_in(one.names, i18n.current()),
        "length": _minutes(one.duration_min),
        "before": _minutes(one.buffer_before_min),
        "after": _minutes(one.buffer_after_min),
        "daily": _("No limit") if one.daily_max is None else i18n.format_number(one.daily_max),
        "before_typed": str(one.buffer_before_min),
        "after_typed": str(one.buffer_after_min),
        "remind": " · ".join(before_words(minutes) for minutes in one.remind_before_min) or _("None"),
        "daily_typed": str(one.daily_max or ""),
        "remind_typed": " ".join(str(minutes) for minutes in one.remind_before_min),
    }


def before_words(minutes: int) -> str:
    """Say how long before a visit, in the largest unit that fits."""
    if minutes % 1440 == 0:
        days = minutes // 1440
        return ngettext("{count} day before", "{count} days before", days).format(count=i18n.format_number(days))
    if minutes % 60 == 0:
        hours = minutes // 60
        return ngettext("{count} hour before", "{count} hours before", hours).format(count=i18n.format_number(hours))
    return ngettext("{count} minute before", "{count} minutes before", minutes).format(
        count=i18n.format_number(minutes)
    )


def _minutes(count: int) -> str:
    return ngettext("{count} minute", "{count} minutes", count).format(count=i18n.format_number(count))


def _number(form: dict[str, str], field: str) -> int | None:
    typed = form.get(field, "").strip()
    if not typed:
        return None
    if not typed.isdecimal() or len(typed) > 4:
        raise InputRefused(field, N_("Write a whole number."))
    return int(typed)
