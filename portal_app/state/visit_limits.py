"""What is kept free around each kind of visit, and how many of them a day takes."""

from typing import Any
from uuid import UUID

import reflex as rx

from portal_app.core import clock, db, i18n
from portal_app.core.errors import InputRefused
from portal_app.core.i18n import N_, _, ngettext
from portal_app.features.practice import service as practice
from portal_app.features.schedules import service as schedules
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame


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
    news: str = ""

    @handles("schedules.edit_practice")
    async def on_load(self) -> None:
        """Show every kind of visit."""
        self.editing = self.news = ""
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

    @handles("schedules.edit_practice")
    async def on_leave_it(self) -> None:
        """Leave everything as it is."""
        self.editing = ""

    @handles("schedules.edit_practice", writes=True)
    async def on_save(self, form: dict[str, Any]) -> None:
        """Save the numbers of a kind of visit; the same numbers again change nothing."""
        self.typed = {name: str(value) for name, value in form.items()}
        self.error = self.error_field = ""
        try:
            before, after = (_number(self.typed, name) or 0 for name in ("before", "after"))
            daily = _number(self.typed, "daily")
            async with db.opened().act_as(self._credential(), "schedules.edit_practice") as tx:
                await schedules.set_visit_limits(
                    tx, UUID(self.editing), before_min=before, after_min=after, daily_max=daily
                )
                await self._show(tx)
        except InputRefused as error:
            self.error_field, self.attempt = error.field, clock.now().isoformat()
            with i18n.use(self._locale()):
                self.error = _(error.reason)
            return
        self.editing = ""
        with i18n.use(self._locale()):
            self.news = _("Saved. Visits that are booked stay as they are.")

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
        "daily_typed": str(one.daily_max or ""),
    }


def _minutes(count: int) -> str:
    return ngettext("{count} minute", "{count} minutes", count).format(count=i18n.format_number(count))


def _number(form: dict[str, str], field: str) -> int | None:
    typed = form.get(field, "").strip()
    if not typed:
        return None
    if not typed.isdecimal() or len(typed) > 4:
        raise InputRefused(field, N_("Write a whole number."))
    return int(typed)
