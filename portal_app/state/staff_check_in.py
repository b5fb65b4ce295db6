"""Check-in at the desk: how far somebody is, checking them in there, and the square for the waiting room."""

from collections.abc import Awaitable, Callable

import reflex as rx

from portal_app.core import db, i18n
from portal_app.core.errors import InputRefused, NotFound, PortalError
from portal_app.core.i18n import N_, _
from portal_app.features.checkin import service as checkin
from portal_app.settings import get_settings
from portal_app.state import booking_words as words
from portal_app.state import check_in_words as say
from portal_app.state.base import PortalState, handles
from portal_app.state.card_rows import square
from portal_app.state.frame import Frame
from portal_app.state.ids import known_id

HERE = "/here"


class StaffCheckIn(PortalState, rx.State):
    """The page of one visit's check-in, for whoever attends it; and what is printed for the waiting room."""

    is_ready: bool = False
    is_missing: bool = False
    is_over: bool = False
    title: str = ""
    done: str = ""
    rows: list[dict[str, str]] = []
    chart_href: str = ""
    news: str = ""
    problem: str = ""
    squares: list[dict[str, str]] = []
    days: str = ""
    marks_arrived: bool = False
    choices: list[dict[str, str]] = []
    _id: str = ""

    @handles("checkin.at_desk")
    async def on_load(self) -> None:
        """Show the check-in of the address's visit, and follow it."""
        self._id = self.router.url.query_parameters.get("id", "")
        self.news = self.problem = ""
        async with db.opened().act_as(self._credential(), "checkin.at_desk") as tx:
            await (await self.get_state(Frame))._fill(tx)
            found = await self._show(tx, is_repeated=False)
        if found is not None:
            self._watch(f"location:{found.appointment.location_id}")

    @handles("checkin.at_desk", writes=True)
    async def on_confirm(self, task: str) -> None:
        """Keep that the patient said at the desk that this still is right."""
        await self._do(lambda tx: checkin.confirm_at_desk(tx, known_id(self._id), task), N_("Noted."))

    @handles("checkin.at_desk", writes=True)
    async def on_check_in(self) -> None:
        """Check the patient in; that they are here is said on the day's page."""
        await self._do(lambda tx: checkin.check_in_at_desk(tx, known_id(self._id)), N_("Checked in."))

    @handles("checkin.at_desk", writes=True)
    async def on_undo(self) -> None:
        """Take a check-in back."""
        await self._do(lambda tx: checkin.undo_at_desk(tx, known_id(self._id)), N_("Taken back."))

    @handles("checkin.at_desk")
    async def on_square(self) -> None:
        """Make the sheet for the waiting room in the language of the address (`lang`), else in the page's."""
        async with db.opened().act_as(self._credential(), "checkin.at_desk") as tx:
            await (await self.get_state(Frame))._fill(tx)
        asked = self.router.url.query_parameters.get("lang", "")
        self.squares = [_sheet(asked if asked in i18n.LOCALES else self._locale())]
        self.is_ready = True

    @handles("checkin.set_rule")
    async def on_rule(self) -> None:
        """Show what the practice has said about check-in."""
        self.news = self.problem = ""
        async with db.opened().act_as(self._credential(), "checkin.set_rule") as tx:
            await (await self.get_state(Frame))._fill(tx)
            await self._show_rule(tx)

    @handles("checkin.set_rule", writes=True)
    async def on_set_rule(self, form: dict[str, str]) -> None:
        """Keep when check-in opens, and whether the square marks people as here."""
        self.news = self.problem = ""
        days = str(form.get("days", ""))
        wanted = checkin.CheckInRule(int(days) if days.isascii() and days.isdigit() else 0, "arrives" in form)
        try:
            async with db.opened().act_as(self._credential(), "checkin.set_rule") as tx:
                await checkin.set_rule(tx, wanted)
                await self._show_rule(tx)
        except InputRefused as error:
            self._say(error.reason, is_problem=True)
            return
        self._say(N_("Saved. It counts from now on."), is_problem=False)

    async def _do(self, act: Callable[[db.Transaction], Awaitable[object]], said: str) -> None:
        self.news = self.problem = ""
        try:
            async with db.opened().act_as(self._credential(), "checkin.at_desk") as tx:
                await act(tx)
                await self._show(tx, is_repeated=True)
        except (NotFound, InputRefused, checkin.CheckInClosed) as error:
            await self._refresh()
            self._say(_reason(error), is_problem=True)
            return
        self._say(said, is_problem=False)

    def _say(self, words_: str, *, is_problem: bool) -> None:
        with i18n.use(self._locale()):
            said = _(words_)
        self.news, self.problem = ("", said) if is_problem else (said, "")

    async def _refresh(self) -> None:
        async with db.opened().act_as(self._credential(), "checkin.at_desk") as tx:
            await self._show(tx, is_repeated=True)

    async def _show_rule(self, tx: db.Transaction) -> None:
        rule = await checkin.rule(tx)
        self.days, self.marks_arrived, self.is_ready = str(rule.days), rule.marks_arrived, True
        with i18n.use(self._locale()):
            self.choices = [{"value": str(one), "label": say.days_words(one)} for one in (1, 2, 3, 5, 7, 14)]

    async def _show(self, tx: db.Transaction, *, is_repeated: bool) -> checkin.CheckInView | None:
        self.is_ready = True
        try:
            found = await checkin.at_desk(tx, known_id(self._id), is_repeated=is_repeated)
        except NotFound:
            self.is_missing = True
            return None
        self.is_missing, self.is_over = False, found.stage in ("over", "cancelled")
        with i18n.use(self._locale()):
            self.title = words.together(found.patient_name, words.when_words(found.appointment))
            self.rows = [say.desk_row(one, found.appointment.zone) for one in found.tasks]
            self.done = say.finished_words(found)
            self.chart_href = i18n.localized_path(i18n.current(), f"/staff/patients/{found.appointment.patient_id}")
        return found


def _reason(error: PortalError) -> str:
    return error.reason if isinstance(error, InputRefused) else error.message


def _sheet(code: str) -> dict[str, str]:
    """Return the sheet for the waiting room in one language."""
    with i18n.use(code):
        size, strokes = square(get_settings().public_origin + i18n.localized_path(code, HERE))
        return {
            "lang": code,
            "dir": i18n.direction(),
            "title": _("Check in on your own phone"),
            "first": _("Point your phone's camera at the square."),
            "second": _("Sign in with the code we send you, and check in for today's visit."),
            "third": _("No phone? The front desk does it with you."),
            "square": _("A square to point a camera at; it opens your check-in"),
            "size": f"0 0 {size} {size}",
            "path": strokes,
        }
