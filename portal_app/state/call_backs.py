"""Who asks to be called, for those who call. Live."""

from uuid import UUID

import reflex as rx

from portal_app.core import clock, db, i18n
from portal_app.core.errors import NotFound
from portal_app.core.i18n import _, ngettext
from portal_app.features.callback import service as callback
from portal_app.features.callback.service import CallBackOver, CallBackView
from portal_app.state import booking_words as words
from portal_app.state import practice_words
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame
from portal_app.state.ids import known_id


class CallBacks(PortalState, rx.State):
    """The staff's list of calls to make."""

    is_ready: bool = False
    rows: list[dict[str, str]] = []
    problem: str = ""
    _seen: frozenset[UUID] = frozenset()

    @handles("callback.answer")
    async def on_load(self) -> None:
        """Show who waits for a call, and follow changes."""
        self.problem, self._seen = "", frozenset()
        await self._refresh()
        self._watch("call_back:all")

    @handles("callback.answer", writes=True)
    async def on_answer(self, call_back_id: str, outcome: str) -> None:
        """Note a call: "reached", or "missed" to try again."""
        self.problem = ""
        try:
            async with db.opened().act_as(self._credential(), "callback.answer") as tx:
                await callback.answer(tx, known_id(call_back_id), is_reached=outcome == "reached")
        except (CallBackOver, NotFound) as error:
            with i18n.use(self._locale()):
                self.problem = _(error.message)
        await self._refresh()

    async def _refresh(self) -> None:
        async with db.opened().act_as(self._credential(), "callback.answer") as tx:
            await (await self.get_state(Frame))._fill(tx)
            found = await callback.open_ones(tx, seen=self._seen)
        self._seen = frozenset(one.id for one in found)
        with i18n.use(self._locale()):
            self.rows = [_row(one) for one in found]
        self.is_ready = True


def _row(one: CallBackView) -> dict[str, str]:
    is_late = one.due_at < clock.now()
    tries = ngettext("tried {count} time", "tried {count} times", one.tries).format(count=i18n.format_number(one.tries))
    return {
        "id": str(one.id),
        "patient": f"{one.given_name} {one.family_name}".strip() or _("A patient"),
        "purpose": practice_words.purpose_words(one.purpose),
        "number": one.number,
        "chart": i18n.localized_path(i18n.current(), f"/staff/patients/{one.patient_id}") if one.family_name else "",
        "words": one.words,
        "language": i18n.language_list([one.language]) if one.language else "",
        "due": words.moment_words(one.due_at, one.zone),
        "state": _("Overdue") if is_late else _("Waiting"),
        "tone": "caution" if is_late else "info",
        "tried": tries if one.tries else "",
    }
