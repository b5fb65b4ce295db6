"""What patients said of visits, for managers: by month, clinician and kind of visit, never of a few people."""

from datetime import date

import reflex as rx

from portal_app.core import db, i18n
from portal_app.core.i18n import _
from portal_app.features.notes import service as notes
from portal_app.state.base import PortalState, handles
from portal_app.state.ending_words import HELD
from portal_app.state.frame import Frame


class Ratings(PortalState, rx.State):
    """The report of the one question after a visit. `chosen` is a month, "" for all that there are."""

    is_ready: bool = False
    months: list[dict[str, str]] = []
    chosen: str = ""
    rows: list[dict[str, str]] = []
    _known: tuple[notes.RatingRow, ...] = ()

    @handles("notes.see_ratings")
    async def on_load(self) -> None:
        """Add it up now, and show the last month that is over."""
        async with db.opened().act_as(self._credential(), "notes.see_ratings") as tx:
            await (await self.get_state(Frame))._fill(tx)
            self._known = tuple(await notes.rating_report(tx))
        found = sorted({one.month for one in self._known}, reverse=True)
        self.chosen = found[0].isoformat() if found else ""
        with i18n.use(self._locale()):
            self.months = [{"value": one.isoformat(), "label": _month(one)} for one in found]
            self.months += [{"value": "", "label": _("All months")}] if len(found) > 1 else []
            self._fill()
        self.is_ready = True

    @handles("notes.see_ratings")
    async def on_month(self, month: str) -> None:
        """Show a month, or all of them."""
        self.chosen = month if month in {one["value"] for one in self.months} else ""
        with i18n.use(self._locale()):
            self._fill()

    def _fill(self) -> None:
        self.rows = [_row(one) for one in self._known if self.chosen in ("", one.month.isoformat())]


def _month(day: date) -> str:
    return f"{i18n.format_month(day)} {day.year}"


def _row(one: notes.RatingRow) -> dict[str, str]:
    row = {
        "month": _month(one.month),
        "who_given": one.practitioner_name or _("All small groups together"),
        "how": _(HELD[one.modality]) if one.modality else "",
    }
    if one.answers is None:
        return row | {"answers": _("Fewer than 5 people"), "good": "", "fair": "", "bad": ""}
    shares = {name: _share(getattr(one, name), one.answers) for name in ("good", "fair", "bad")}
    return row | {"answers": i18n.format_number(one.answers)} | shares


def _share(count: int | None, of: int) -> str:
    share = i18n.format_number(round(100 * (count or 0) / of))
    return _("{count} ({share} %)").format(count=i18n.format_number(count or 0), share=share)
