"""The inbox of staff: everything that waits for a person, with clocks and owners. Live."""

from collections.abc import Awaitable, Callable
from uuid import UUID

import reflex as rx

from portal_app.core import clock, db, i18n
from portal_app.core.errors import PortalError
from portal_app.core.i18n import N_, _
from portal_app.features.practice import service as practice
from portal_app.features.tasks import service as tasks
from portal_app.features.tasks.views import TaskView
from portal_app.state import booking_words as words
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame
from portal_app.state.ids import picked_id
from portal_app.state.task_kinds import TASK_KINDS, TaskKind

SHELVES = ("open", "mine", "others", "closed")
EVERY_KIND = "all"


class Inbox(PortalState, rx.State):
    """The staff's inbox."""

    is_ready: bool = False
    subtitle: str = ""
    shown: str = "open"
    shelves: list[dict[str, str]] = []
    kind: str = EVERY_KIND
    kinds: list[dict[str, str]] = []
    rows: list[dict[str, str]] = []
    problem: str = ""
    news: str = ""
    handing: str = ""
    handing_what: str = ""
    colleagues: list[dict[str, str]] = []
    colleague_error: str = ""
    attempt: str = ""
    _looked_at: str = ""
    _zone: str = "UTC"

    @handles("tasks.view")
    async def on_load(self) -> None:
        """Show what nobody has taken yet."""
        self.problem = self.news = self._looked_at = self.handing = ""
        self.shown, self.kind = "open", EVERY_KIND
        async with db.opened().act_as(self._credential(), "tasks.view") as tx:
            await (await self.get_state(Frame))._fill(tx)
            self._zone = next((one.zone for one in await practice.locations(tx)), "UTC")
            await self._show(tx)
        self._watch("tasks:all")

    @handles("tasks.view")
    async def on_shelf(self, shown: str) -> None:
        """Show what is open, one's own, colleagues', or done."""
        self.shown = shown if shown in SHELVES else "open"
        self.problem = self.news = ""
        await self._refresh()

    @handles("tasks.view")
    async def on_kind(self, kind: str) -> None:
        """Show one kind only, or all."""
        self.kind = kind if kind in TASK_KINDS else EVERY_KIND
        await self._refresh()

    @handles("tasks.handle", writes=True)
    async def on_take(self, task_id: str) -> None:
        """Take a task, or take it over from the colleague whom the row names."""
        owner = self._owner_of(task_id)
        await self._change(
            lambda tx, one: tasks.claim_task(tx, one, owner), task_id, N_("It is yours now: see “Mine”.")
        )

    @handles("tasks.handle")
    async def on_begin_hand(self, task_id: str) -> None:
        """Ask to which colleague a task goes: those who could see to it."""
        row = next((one for one in self.rows if one["id"] == task_id), None)
        self.problem = self.news = self.colleague_error = ""
        if row is None:
            return
        async with db.opened().act_as(self._credential(), "tasks.handle") as tx:
            found = await tasks.colleagues(tx, picked_id(task_id, "task"))
        self.colleagues = [{"value": str(one.person_id), "label": one.display_name} for one in found]
        with i18n.use(self._locale()):
            self.handing_what = words.together(row["what"], row["who"]) if row["who"] else row["what"]
        self.handing = task_id

    @handles("tasks.handle")
    async def on_stop_hand(self) -> None:
        """Leave the task where it is."""
        self.handing = ""

    @handles("tasks.handle", writes=True)
    async def on_hand(self, form: dict[str, str]) -> None:
        """Hand the task to the colleague chosen."""
        to, task_id = str(form.get("colleague", "")), self.handing
        self.attempt = clock.now().isoformat()
        if to not in {one["value"] for one in self.colleagues}:
            with i18n.use(self._locale()):
                self.colleague_error = _("Choose a colleague from the list.")
            return
        self.handing, owner = "", self._owner_of(task_id)

        async def hand(tx: db.Transaction, one: UUID) -> None:
            await tasks.assign_task(tx, one, UUID(to), owner)

        await self._change(hand, task_id, N_("Handed over: it is in their inbox, under “Mine”."))

    @handles("tasks.handle", writes=True)
    async def on_give_back(self, task_id: str) -> None:
        """Hand one's own task back to the team."""
        await self._change(tasks.give_back_task, task_id, N_("Handed back: whoever is free can take it."))

    @handles("tasks.handle", writes=True)
    async def on_finish(self, task_id: str) -> None:
        """Close a task by hand."""
        await self._change(tasks.finish_task, task_id, N_("Closed. You find it under “Done”, and can open it again."))

    @handles("tasks.handle", writes=True)
    async def on_reopen(self, task_id: str) -> None:
        """Open again what was closed by mistake."""
        await self._change(tasks.reopen_task, task_id, N_("Open again."))

    def _owner_of(self, task_id: str) -> UUID | None:
        """Return whom the page shows as having a task: whoever else has it by now is not passed over."""
        row = next((one for one in self.rows if one["id"] == task_id), None)
        return UUID(row["owner_id"]) if row and row["owner_id"] else None

    async def _change(self, act: Callable[[db.Transaction, UUID], Awaitable[None]], task_id: str, done: str) -> None:
        self.problem = self.news = ""
        said = ""
        try:
            async with db.opened().act_as(self._credential(), "tasks.handle") as tx:
                await act(tx, picked_id(task_id, "task"))
            said = done
        except PortalError as error:
            if error.code not in ("task_moved_on", "not_found"):
                raise
            with i18n.use(self._locale()):
                self.problem = _(error.message)
        await self._refresh()
        with i18n.use(self._locale()):
            self.news = _(said)

    async def _refresh(self) -> None:
        async with db.opened().act_as(self._credential(), "tasks.view") as tx:
            await self._show(tx)

    async def _show(self, tx: db.Transaction) -> None:
        hour = f"{clock.now():%F %H}"
        is_repeated, self._looked_at = hour == self._looked_at, hour
        found = await tasks.list_tasks(tx, is_repeated=is_repeated)
        me = tx.actor.person_id
        on_shelf = {shelf: [one for one in found if _shelf(one, me) == shelf] for shelf in SHELVES}
        with i18n.use(self._locale()):
            self._fill(on_shelf, me)
        self.is_ready = True

    def _fill(self, on_shelf: dict[str, list[TaskView]], me: UUID) -> None:
        labels = {"open": _("To do"), "mine": _("Mine"), "others": _("With colleagues"), "closed": _("Done")}
        self.shelves = [
            {"value": key, "label": f"{label} {i18n.format_number(len(on_shelf[key]))}"}
            for key, label in labels.items()
        ]
        here = on_shelf[self.shown]
        codes = sorted({one.code for one in here})
        self.kind = self.kind if self.kind in codes else EVERY_KIND
        self.kinds = [{"value": EVERY_KIND, "label": _("Every kind")}, *(_kind_row(code) for code in codes)]
        self.rows = [_row(one, me, one.zone or self._zone) for one in here if self.kind in (EVERY_KIND, one.code)]
        late = sum(_is_late(one) for one in (*on_shelf["open"], *on_shelf["mine"], *on_shelf["others"]))
        self.subtitle = _("Late: {count}").format(count=i18n.format_number(late)) if late else _("Nothing is late.")


def _shelf(one: TaskView, me: UUID) -> str:
    if one.closed_at is not None:
        return "closed"
    if one.status == "requested":
        return "open"
    return "mine" if one.owner_id == me else "others"


def _is_late(one: TaskView) -> bool:
    return one.closed_at is None and one.due_at is not None and one.due_at < clock.now()


def _kind(code: str) -> TaskKind:
    return TASK_KINDS.get(code) or TaskKind(N_("To be seen to"))


def _kind_row(code: str) -> dict[str, str]:
    return {"value": code, "label": _(_kind(code).label)}


def _row(one: TaskView, me: UUID, zone: str) -> dict[str, str]:
    kind, shelf = _kind(one.code), _shelf(one, me)
    page = i18n.localized_path(i18n.current(), kind.page.format(focus=one.focus_id)) if kind.page else ""
    status, tone = _status(one, shelf)
    return {
        "id": str(one.id),
        "what": _(kind.label),
        "note": one.note,
        "who": f"{one.given_name} {one.family_name}".strip(),
        "about": _about(one),
        "place": " · ".join(filter(None, (one.practitioner_name, one.location_name))),
        "due": _due(one, zone),
        "late": _("Late") if _is_late(one) else "",
        "status": status,
        "tone": tone,
        "first": {"open": "take", "mine": "open" if page else "finish", "others": "take_over"}.get(shelf, "reopen"),
        "second": "give_back" if shelf == "mine" else "",
        "fourth": "" if shelf == "closed" else "hand",
        "third": "finish" if shelf == "mine" and page else "",
        "step": _(kind.step) if kind.step else "",
        "href": page,
        "owner_id": str(one.owner_id or "") if one.status == "accepted" else "",
    }


def _about(one: TaskView) -> str:
    if one.birth_date is None:
        return ""
    age = i18n.format_number(words.age_on(one.birth_date, clock.now().date()))
    return " · ".join((age, i18n.language_list([one.language])))


def _due(one: TaskView, zone: str) -> str:
    if one.closed_at is not None:
        return words.moment_words(one.closed_at, zone)
    if one.due_at is None:
        return _("No deadline")
    return words.moment_words(one.due_at, zone)


def _status(one: TaskView, shelf: str) -> tuple[str, str]:
    if shelf == "closed":
        return _("Done"), "plain"
    if shelf == "open":
        return _("Nobody has it yet"), "caution" if _is_late(one) else "info"
    if shelf == "mine":
        return _("You have it"), "good"
    return _("{name} has it").format(name=one.owner_name), "plain"
