"""How fair the line is, for those who answer for it."""

import reflex as rx

from portal_app.core import db, i18n
from portal_app.core.actor import Role
from portal_app.core.i18n import _
from portal_app.features.waiting import service as waiting
from portal_app.features.waiting.views import FairnessRow
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame

SPLITS = ("language", "age", "channel")


class Insights(PortalState, rx.State):
    """The report of offers by language, age and channel."""

    is_ready: bool = False
    sees_ratings: bool = False
    language: list[dict[str, str]] = []
    age: list[dict[str, str]] = []
    channel: list[dict[str, str]] = []

    @handles("waiting.report")
    async def on_load(self) -> None:
        """Add it up now."""
        async with db.opened().act_as(self._credential(), "waiting.report") as tx:
            await (await self.get_state(Frame))._fill(tx)
            self.sees_ratings = Role.manager in tx.actor.roles
            found = await waiting.fairness(tx)
        with i18n.use(self._locale()):
            self.language, self.age, self.channel = (
                [_row(one) for one in found if one.split == split] for split in SPLITS
            )
        self.is_ready = True


def _row(one: FairnessRow) -> dict[str, str]:
    few = _("Fewer than 5 people")
    if one.offers is None:
        return {"band": _band(one), "offers": few, "accepted": "", "declined": "", "lapsed": "", "waited": ""}
    return {
        "band": _band(one),
        "offers": i18n.format_number(one.offers),
        "accepted": _share(one.accepted, one.offers),
        "declined": _share(one.declined, one.offers),
        "lapsed": _share(one.lapsed, one.offers),
        "waited": _waited(one.median_waiting_h or 0.0),
    }


def _share(count: int | None, of: int) -> str:
    share = i18n.format_number(round(100 * (count or 0) / of)) if of else i18n.format_number(0)
    return _("{count} ({share} %)").format(count=i18n.format_number(count or 0), share=share)


def _waited(hours: float) -> str:
    if hours < 48:
        whole = round(hours)
        return i18n.ngettext("{count} hour", "{count} hours", whole).format(count=i18n.format_number(whole))
    days = round(hours / 24)
    return i18n.ngettext("{count} day", "{count} days", days).format(count=i18n.format_number(days))


def _band(one: FairnessRow) -> str:
    if one.split == "language":
        return i18n.language_list([one.band])
    if one.split == "channel":
        return _("By telephone") if one.band == "phone" else _("By e-mail")
    return {
        "0": _("Under 18"),
        "18": _("18 to 39"),
        "40": _("40 to 64"),
        "65": _("65 to 79"),
    }.get(one.band) or _("80 and over")
