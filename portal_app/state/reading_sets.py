"""The forms that put a set of numbers in force for an age or a condition, or end one; beside the table of rules."""

from collections.abc import Awaitable, Callable, Mapping

import reflex as rx

from portal_app.core import clock, db, i18n
from portal_app.core.errors import InputRefused
from portal_app.core.i18n import N_, _
from portal_app.features.vitals import service as vitals
from portal_app.features.vitals.service import Band, RuleMovedOn
from portal_app.state import measuring_words
from portal_app.state.base import PortalState, handles
from portal_app.state.reading_rules import ReadingRules

SAVED = N_("In force for new readings. It is marked as not reviewed until you or a colleague have reviewed it.")
ENDED = N_("Ended. Readings that are there keep what they meant.")
_FIELDS = ("condition", "since", "until", "ages", "source", "because")
_LONGEST = 400
OnSet = Callable[[db.Transaction, str, frozenset[int], Mapping[str, str]], Awaitable[None]]
"""What is done with a set that was seen, by what was typed."""


class ReadingSets(PortalState, rx.State):
    """The form that is open: a copy of a set, or the question whether one should end."""

    writing: dict[str, str] = {}
    lines: list[dict[str, str]] = []
    ending: dict[str, str] = {}
    seen: str = ""
    """The set that the form was opened on, by the ids of its rules."""
    error: str = ""
    error_field: str = ""
    attempt: str = ""

    @handles("vitals.review")
    async def on_begin(self, seen: str) -> None:
        """Open the form on a copy of a set, "" for one that begins with nothing."""
        self._close()
        page = await self.get_state(ReadingRules)
        band = await self._band(page.measure, seen)
        with i18n.use(self._locale()):
            self.lines = [measuring_words.line_row(one) for one in vitals.lines_of(page.measure, band)]
            self.writing = {**measuring_words.set_form(band), "moment": clock.now().isoformat()}
        self.seen = seen if band else ""

    @handles("vitals.review")
    async def on_begin_end(self, seen: str) -> None:
        """Ask why a set should end."""
        self._close()
        page = await self.get_state(ReadingRules)
        self.ending = next((one for one in page.sets if one["id"] == seen), {})
        self.seen = self.ending.get("id", "")

    @handles("vitals.review")
    async def on_stop(self) -> None:
        """Leave everything as it is."""
        self._close()

    @handles("vitals.review", writes=True)
    async def on_write(self, form: dict[str, str]) -> None:
        """Put the set in force."""
        names = (*_FIELDS, *(row["field"] for row in self.lines))
        said = {name: str(form.get(name, ""))[:_LONGEST] for name in names}
        if self.writing:
            await self._do(vitals.put_band, {**said, "reason": said["because"]}, SAVED)

    @handles("vitals.review", writes=True)
    async def on_end(self, form: dict[str, str]) -> None:
        """End the set."""
        if self.ending:
            await self._do(vitals.remove_band, {"reason": str(form.get("why", ""))[:_LONGEST]}, ENDED)

    async def _do(self, act: OnSet, said: dict[str, str], done: str) -> None:
        self.error, self.error_field, self.attempt = "", "", clock.now().isoformat()
        page = await self.get_state(ReadingRules)
        try:
            async with db.opened().act_as(self._credential(), "vitals.review") as tx:
                await act(tx, page.measure, _ids(self.seen), said)
                await page._show(tx)
        except InputRefused as error:
            self.error_field = {"reason": "why" if self.ending else "because"}.get(error.field, error.field)
            with i18n.use(self._locale()):
                self.error = _(error.reason)
            return
        except RuleMovedOn as error:
            self._close()
            await page._moved_on(error)
            return
        self._close()
        page._begin()
        page._say(done)

    def _close(self) -> None:
        self.writing, self.lines, self.ending, self.seen = {}, [], {}, ""
        self.error, self.error_field = "", ""

    async def _band(self, measure: str, seen: str) -> Band | None:
        async with db.opened().act_as(self._credential(), "vitals.review") as tx:
            found = [one for one in await vitals.rules_in_force(tx) if one.measure == measure]
        return next((one for one in vitals.bands(found) if one.ids == _ids(seen)), None)


def _ids(said: str) -> frozenset[int]:
    parts = str(said)[:_LONGEST].split("-")
    return frozenset(int(one) for one in parts if one.isascii() and one.isdigit())
