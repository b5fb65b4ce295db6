"""Repeat a visit: every so many weeks, all booked together or not at all."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import reflex as rx
from reflex_base.event import EventSpec

from portal_app.core import clock, db, i18n, limits
from portal_app.core.errors import InputRefused
from portal_app.core.i18n import N_, _, ngettext
from portal_app.features.booking import rules, series
from portal_app.features.booking.errors import SeriesNotWhole, TimeUnavailable, TooManyUpcoming
from portal_app.features.booking.views import BookingRequest, FreeTime
from portal_app.features.practice import service as practice
from portal_app.settings import get_settings
from portal_app.state import booking_words as words
from portal_app.state.base import PortalState, handles
from portal_app.state.confirm import wish_of
from portal_app.state.frame import Frame

COUNTS = (2, 3, 4, 6, 8)


class Series(PortalState, rx.State):
    """The wish for the first visit is in the address; the others are worked out from it."""

    is_ready: bool = False
    first: str = ""
    weeks: list[dict[str, str]] = []
    counts: list[dict[str, str]] = []
    rows: list[dict[str, str]] = []
    button: str = ""
    is_whole: bool = False
    problem: str = ""
    attempt: str = ""
    _zone: str = "UTC"

    @handles("booking.book")
    async def on_load(self) -> EventSpec | None:
        """Ask how often and how many; nothing is chosen yet. Without a first visit, begin where one is chosen."""
        self.rows, self.problem, self.is_whole = [], "", False
        try:
            wish = wish_of(self.router.url.query_parameters)
        except InputRefused:
            return rx.redirect(i18n.localized_path(self._locale(), "/book"), replace=True)
        async with db.opened().act_as(self._credential(), "booking.book") as tx:
            await (await self.get_state(Frame))._fill(tx)
            zones = {one.id: one.zone for one in await practice.locations(tx)}
        self._zone = zones.get(wish.location_id, "UTC")
        with i18n.use(self._locale()):
            self.first = words.moment_words(wish.starts_at, self._zone)
            self.weeks = [{"value": str(one), "label": _every(one)} for one in rules.SERIES_WEEKS]
            self.counts = [{"value": str(one), "label": _visits(one)} for one in COUNTS]
        self.is_ready = True
        return None

    @handles("booking.book")
    async def on_plan(self, form: dict[str, str]) -> None:
        """Show which times there are, and others for those that cannot be had."""
        self.problem, self.attempt = "", clock.now().isoformat()
        try:
            every, count = int(form.get("every", "")), int(form.get("count", ""))
            async with db.opened().act_as(self._credential(), "booking.book") as tx:
                wish = wish_of(self.router.url.query_parameters)
                plan = await series.plan_series(tx, wish, self._zone, every, count)
        except ValueError:
            self._say(N_("Choose how often and how many visits."))
            return
        self._show(plan)

    @handles("booking.book")
    async def on_swap(self, at: str, other: str) -> None:
        """Take another time in the place of one that cannot be had, or leave it out."""
        with i18n.use(self._locale()):
            if other:
                self.rows = [self._row(other, is_free=True) if row["at"] == at else row for row in self.rows]
            else:
                self.rows = [row for row in self.rows if row["at"] != at]
            self._count()

    @handles("booking.book", writes=True)
    async def on_book(self) -> EventSpec | None:
        """Book all of them, or say which cannot be had; then none is booked."""
        self.problem, self.attempt = "", clock.now().isoformat()
        try:
            async with db.opened().act_as(self._credential(), "booking.book") as tx:
                await limits.count(f"{get_settings().bookings_per_hour}/hour", "booking", str(tx.actor.patient_id))
                await series.book_series(tx, self._wishes())
        except SeriesNotWhole as error:
            self._say(error.message)
            with i18n.use(self._locale()):
                self.rows = [self._missed(row, error) for row in self.rows]
                self._count()
            return None
        except (TooManyUpcoming, TimeUnavailable, InputRefused) as error:
            self._say(error.reason if isinstance(error, InputRefused) else error.message)
            return None
        return rx.redirect(i18n.localized_path(self._locale(), "/appointments"))

    def _wishes(self) -> Sequence[BookingRequest]:
        first = wish_of(self.router.url.query_parameters)
        wishes = []
        for row in self.rows:
            who, where, at = row["at"].split("|")
            starts_at = datetime.fromisoformat(at)
            wishes.append(replace(first, practitioner_id=UUID(who), location_id=UUID(where), starts_at=starts_at))
        return wishes

    def _missed(self, row: dict[str, str], error: SeriesNotWhole) -> dict[str, str]:
        starts_at = datetime.fromisoformat(row["at"].split("|")[2])
        if starts_at not in error.missing:
            return row
        return self._row(row["at"], is_free=False, others=error.missing[starts_at])

    def _show(self, plan: Sequence[series.PlannedTime]) -> None:
        wish = wish_of(self.router.url.query_parameters)
        with i18n.use(self._locale()):
            self.rows = [
                self._row(
                    f"{wish.practitioner_id}|{wish.location_id}|{one.starts_at.isoformat()}",
                    is_free=one.is_free,
                    others=one.alternatives,
                )
                for one in plan
            ]
            self._count()

    def _row(self, at: str, *, is_free: bool, others: Sequence[FreeTime] = ()) -> dict[str, str]:
        row = {"at": at, "when": words.moment_words(datetime.fromisoformat(at.split("|")[2]), self._zone)}
        row |= {"free": "yes" if is_free else "", "tone": "good" if is_free else "caution"}
        row["status"] = _("Free") if is_free else _("Cannot be had")
        for number in range(rules.ALTERNATIVES):
            other = others[number] if number < len(others) else None
            row[f"other{number}"] = words.moment_words(other.starts_at, self._zone) if other else ""
            row[f"value{number}"] = (
                f"{other.practitioner_id}|{other.location_id}|{other.starts_at.isoformat()}" if other else ""
            )
        return row

    def _count(self) -> None:
        self.is_whole = len(self.rows) > 1 and all(row["free"] for row in self.rows)
        self.button = ngettext("Book {count} visit", "Book {count} visits", len(self.rows)).format(
            count=i18n.format_number(len(self.rows))
        )

    def _say(self, message: str) -> None:
        with i18n.use(self._locale()):
            self.problem = _(message)


def _every(weeks: int) -> str:
    return ngettext("Every week", "Every {count} weeks", weeks).format(count=i18n.format_number(weeks))


def _visits(count: int) -> str:
    return ngettext("{count} visit", "{count} visits", count).format(count=i18n.format_number(count))
