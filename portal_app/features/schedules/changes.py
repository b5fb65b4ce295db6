"""Changes to a schedule: each is a value that says what to do, and knows how to do it in a transaction."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import insert

from portal_app.core.db import Transaction
from portal_app.core.errors import InputRefused, NotFound
from portal_app.core.i18n import N_
from portal_app.features.practice.service import Schedule
from portal_app.features.schedules import rules
from portal_app.features.schedules.rules import HoursProblem
from portal_app.features.schedules.tables import PractitionerLeave, ScheduleException
from portal_app.features.schedules.views import WeeklyHours

_WORDS: Final = {
    HoursProblem.order: ("closes", N_("The end must be later than the beginning.")),
    HoursProblem.grid: ("grid", N_("Choose one from the list.")),
    HoursProblem.modality: ("modalities", N_("Choose in person, by video, or both.")),
    HoursProblem.validity: ("until", N_("The last day must not be before the first.")),
    HoursProblem.release: ("release", N_("Say how many days before and at what time, or neither.")),
}
_OVERLAP: Final = """
select exists (
  select from schedule a join schedule b on a.practitioner_id = b.practitioner_id and a.weekday = b.weekday
    and a.id < b.id and a.opens < b.closes and b.opens < a.closes
    and a.valid_from <= coalesce(b.valid_until, 'infinity') and b.valid_from <= coalesce(a.valid_until, 'infinity')
  where a.practitioner_id = :id and (a.valid_until is null or a.valid_until >= :today))
"""


def refuse(problem: HoursProblem | None) -> None:
    """Raise InputRefused with the field and the words for a problem; nothing if there is none."""
    if problem:
        raise InputRefused(*_WORDS[problem])


@dataclass(frozen=True, slots=True)
class SetHours:
    """Add weekly hours, or change a rule from the day on from which the new hours are valid."""

    hours: WeeklyHours
    rule_id: UUID | None = None

    async def apply(self, tx: Transaction, practitioner_id: UUID) -> None:
        """Write it. What was valid before the first day of the new hours stays as it was.

        Raises:
            InputRefused: if the hours make no sense, or overlap with others of that weekday.
            NotFound: if the rule is gone.
        """
        one = self.hours
        refuse(rules.hours_problem(one.opens, one.closes, one.grid_min, one.modalities))
        refuse(rules.validity_problem(one.valid_from, one.valid_until))
        refuse(rules.release_problem(one.release_days, one.release_at))
        if self.rule_id:
            await EndHours(self.rule_id, one.valid_from - timedelta(days=1)).apply(tx, practitioner_id)
        values = asdict(one) | {"modalities": list(one.modalities)}
        await tx.execute(insert(Schedule).values(id=uuid4(), practitioner_id=practitioner_id, **values))
        # An overlap would offer the same time twice.
        if await tx.scalar(_OVERLAP, {"id": practitioner_id, "today": one.valid_from}):
            raise InputRefused("opens", N_("These hours overlap with others on the same weekday."))


@dataclass(frozen=True, slots=True)
class EndHours:
    """Let a weekly rule end with a day; before its first day it is forgotten."""

    rule_id: UUID
    last_day: date

    async def apply(self, tx: Transaction, practitioner_id: UUID) -> None:
        """Write it. Raises NotFound if the rule is gone."""
        params = {"id": self.rule_id, "who": practitioner_id, "last_day": self.last_day}
        ended = await tx.execute(
            "update schedule set valid_until = least(:last_day, valid_until)"
            " where id = :id and practitioner_id = :who and valid_from <= :last_day",
            params,
        )
        if not ended and not await tx.execute("delete from schedule where id = :id and practitioner_id = :who", params):
            raise NotFound


@dataclass(frozen=True, slots=True)
class SetDay:
    """Give one day at a location hours of its own, or none."""

    location_id: UUID
    day: date
    spans: tuple[tuple[time, time], ...]
    grid_min: int
    modalities: tuple[str, ...]

    async def apply(self, tx: Transaction, practitioner_id: UUID) -> None:
        """Write it. Raises InputRefused if the hours make no sense or overlap."""
        for opens, closes in self.spans:
            refuse(rules.hours_problem(opens, closes, self.grid_min, self.modalities))
        ordered = sorted(self.spans)
        if any(first[1] > second[0] for first, second in pairwise(ordered)):
            raise InputRefused("opens", N_("These hours overlap."))
        await ForgetDay(self.location_id, self.day).apply(tx, practitioner_id)
        spans: Sequence[tuple[time | None, time | None]] = ordered or [(None, None)]
        for opens_, closes_ in spans:
            await tx.execute(
                insert(ScheduleException).values(
                    id=uuid4(),
                    practitioner_id=practitioner_id,
                    location_id=self.location_id,
                    day=self.day,
                    opens=opens_,
                    closes=closes_,
                    grid_min=self.grid_min,
                    modalities=list(self.modalities),
                )
            )


@dataclass(frozen=True, slots=True)
class ForgetDay:
    """Let a day have its usual hours again."""

    location_id: UUID
    day: date

    async def apply(self, tx: Transaction, practitioner_id: UUID) -> None:
        """Write it; nothing happens if the day had none of its own."""
        await tx.execute(
            "delete from schedule_exception where practitioner_id = :who and location_id = :place and day = :day",
            {"who": practitioner_id, "place": self.location_id, "day": self.day},
        )


@dataclass(frozen=True, slots=True)
class AddLeave:
    """Write down a time away, in wall time; without an end, for good."""

    starts_at: datetime
    ends_at: datetime | None

    async def apply(self, tx: Transaction, practitioner_id: UUID) -> None:
        """Write it. Raises InputRefused if it ends before it begins."""
        if self.ends_at is not None and self.ends_at <= self.starts_at:
            raise InputRefused("until", N_("The end must be later than the beginning."))
        values: dict[str, Any] = {"starts_at": self.starts_at, "ends_at": self.ends_at}
        await tx.execute(insert(PractitionerLeave).values(id=uuid4(), practitioner_id=practitioner_id, **values))


@dataclass(frozen=True, slots=True)
class DropLeave:
    """Take a time away back."""

    leave_id: UUID

    async def apply(self, tx: Transaction, practitioner_id: UUID) -> None:
        """Write it. Raises NotFound if it is gone."""
        params = {"id": self.leave_id, "who": practitioner_id}
        if not await tx.execute("delete from practitioner_leave where id = :id and practitioner_id = :who", params):
            raise NotFound


@dataclass(frozen=True, slots=True)
class Several:
    """Several changes that are one."""

    changes: tuple["Change", ...]

    async def apply(self, tx: Transaction, practitioner_id: UUID) -> None:
        """Write them in order. Errors as each of them."""
        for change in self.changes:
            await change.apply(tx, practitioner_id)


Change = Several | SetHours | EndHours | SetDay | ForgetDay | AddLeave | DropLeave

OWN_CHANGES: Final = (SetDay, ForgetDay, AddLeave, DropLeave)
"""What a clinician may do to their own schedule; the rest is the manager's."""
