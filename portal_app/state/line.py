"""The line of those who wait, for staff: who is next, and who has to be seen sooner."""

import reflex as rx

from portal_app.core import clock, db, i18n
from portal_app.core.errors import NotFound
from portal_app.core.i18n import N_, _
from portal_app.features.practice.views import name_in
from portal_app.features.waiting import service as waiting
from portal_app.features.waiting.views import LineView
from portal_app.state import booking_words as words
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame
from portal_app.state.ids import picked_id


class Line(PortalState, rx.State):
    """The staff's page of who waits."""

    is_ready: bool = False
    can_set: bool = False
    rows: list[dict[str, str]] = []
    subtitle: str = ""
    news: str = ""
    taking_off: str = ""
    taking_off_who: str = ""
    taking_off_what: str = ""
    whys: list[dict[str, str]] = []
    why_error: str = ""
    attempt: str = ""

    @handles("waiting.view_line")
    async def on_load(self) -> None:
        """Show the line in the order in which people are asked."""
        self.news = self.taking_off = ""
        async with db.opened().act_as(self._credential(), "waiting.view_line") as tx:
            await (await self.get_state(Frame))._fill(tx)
            await self._show(tx, is_repeated=False)
        self._watch("waiting:all")

    @handles("waiting.set_priority", writes=True)
    async def on_priority(self, entry_id: str, priority: str) -> None:
        """Say how soon somebody has to be seen."""
        try:
            async with db.opened().act_as(self._credential(), "waiting.set_priority") as tx:
                await waiting.set_priority(
                    tx, picked_id(entry_id, "entry"), int(priority) if priority in ("1", "2", "3") else 0
                )
            said = N_("Saved. The line has changed.")
        except NotFound:
            said = N_("They do not wait any more.")
        self.taking_off = ""
        await self._refresh()
        with i18n.use(self._locale()):
            self.news = _(said)

    @handles("waiting.take_off")
    async def on_begin_off(self, entry_id: str) -> None:
        """Ask why somebody is to come off the list."""
        row = next((one for one in self.rows if one["id"] == entry_id), None)
        self.news = self.why_error = ""
        if row is None:
            return
        with i18n.use(self._locale()):
            self.whys = [{"value": code, "label": label} for code, label in _whys().items()]
        self.taking_off, self.taking_off_who, self.taking_off_what = entry_id, row["who"], row["visit"]

    @handles("waiting.take_off")
    async def on_keep_on(self) -> None:
        """Leave them on the list."""
        self.taking_off = ""

    @handles("waiting.take_off", writes=True)
    async def on_take_off(self, form: dict[str, str]) -> None:
        """Take them off, for the reason chosen."""
        why, entry_id = str(form.get("why", "")), self.taking_off
        self.attempt = clock.now().isoformat()
        if why not in {one["value"] for one in self.whys}:
            with i18n.use(self._locale()):
                self.why_error = _("Choose a reason.")
            return
        try:
            async with db.opened().act_as(self._credential(), "waiting.take_off") as tx:
                await waiting.take_off(tx, picked_id(entry_id, "entry"), why)
            said = N_("Taken off the list. We write to them and say why.")
        except NotFound:
            said = N_("They do not wait any more.")
        await self._refresh()
        with i18n.use(self._locale()):
            self.news = _(said)

    async def _refresh(self) -> None:
        async with db.opened().act_as(self._credential(), "waiting.view_line") as tx:
            await self._show(tx)

    async def _show(self, tx: db.Transaction, *, is_repeated: bool = True) -> None:
        self.can_set = bool({role.value for role in tx.actor.roles} & {"nurse", "clinician"})
        found = await waiting.line(tx, is_repeated=is_repeated)
        with i18n.use(self._locale()):
            self.rows = [_row(place, one) for place, one in enumerate(found, 1)]
            self.subtitle = _("{count} waiting").format(count=i18n.format_number(len(found)))
        self.is_ready = True


def _row(place: int, one: LineView) -> dict[str, str]:
    labels = {1: _("Soonest"), 2: _("Soon"), 3: _("In turn")}
    days = max(0, (clock.now() - one.waiting_since).days)
    return {
        "id": str(one.id),
        "place": i18n.format_number(place),
        "who": f"{one.given_name} {one.family_name}",
        "about": " · ".join(
            (i18n.format_number(words.age_on(one.birth_date, clock.now().date())), i18n.language_list([one.language]))
        ),
        "visit": words.together(name_in(one.visit_type_names, i18n.current()), words.modality_words(one.modality)),
        "where": " · ".join((one.practitioner_name or _("Anyone"), one.location_name or _("Any place"))),
        "since": i18n.ngettext("{count} day", "{count} days", days).format(count=i18n.format_number(days)),
        "priority": labels[one.priority],
        "tone": {1: "caution", 2: "info"}.get(one.priority, "plain"),
        "up": str(one.priority - 1) if one.priority > 1 else "",
        "down": str(one.priority + 1) if one.priority < 3 else "",
        "offer": _("A time is kept for them") if one.offer_id else "",
        "href": i18n.localized_path(i18n.current(), f"/staff/waiting/offer?id={one.offer_id}") if one.offer_id else "",
    }


def _whys() -> dict[str, str]:
    return {
        "asked": _("They asked us to"),
        "other_time": _("They have another time with us"),
        "unreachable": _("We could not reach them"),
        "other": _("Another reason: we tell them when they call"),
    }
