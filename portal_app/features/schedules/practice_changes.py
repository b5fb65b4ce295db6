"""Changes of the manager's that touch more than one schedule: a place's clock, its end, what visits take up."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import ClassVar, Final
from uuid import UUID
from zoneinfo import available_timezones

from portal_app.core import audit, clock, policy
from portal_app.core.db import Transaction
from portal_app.core.errors import InputRefused, NotFound
from portal_app.core.i18n import N_
from portal_app.features.schedules import policies
from portal_app.features.schedules.impact import Concern, Stretch, carry_out, look_at
from portal_app.features.schedules.views import Impact

BUFFER_MAX_MIN: Final = 120
DAILY_MOST: Final = 200
REMINDERS_MOST: Final = 5
COUNTED_DAYS: Final = 14
"""For how many days a preview counts free times: those of many people for half a year would keep everybody waiting."""

_END_HOURS: Final = """
update schedule set valid_until = least(cast(:last_day as date), valid_until)
where location_id = :id and valid_from <= :last_day and coalesce(valid_until, 'infinity') > :last_day
"""
_FORGET_HOURS: Final = "delete from schedule where location_id = :id and valid_from > :last_day"
_FORGET_DAYS: Final = "delete from schedule_exception where location_id = :id and day > :last_day"
_AT_PLACE: Final = "select practitioner_id from practitioner_location where location_id = :id order by 1"


@dataclass(frozen=True, slots=True)
class SetZone:
    """Set a place's clock by another zone (IANA name): hours keep their wall times, visits their moment."""

    entity: ClassVar[str] = "Location"
    kind: ClassVar[str] = "SetZone"
    location_id: UUID
    zone: str

    async def concern(self, tx: Transaction) -> Concern:
        """Return what it can touch."""
        counted = Stretch(clock.now().date(), COUNTED_DAYS)
        return Concern(await _at_place(tx, self.location_id), self.location_id, counted=counted)

    async def apply(self, tx: Transaction) -> None:
        """Write it. Raises InputRefused if there is no such zone, NotFound if there is no such place."""
        if self.zone not in available_timezones() or "/" not in self.zone:
            raise InputRefused("zone", N_("Write the time zone as a continent and a city, such as America/New_York."))
        params = {"id": self.location_id, "zone": self.zone}
        if not await tx.execute("update location set zone = :zone where id = :id", params):
            raise NotFound


@dataclass(frozen=True, slots=True)
class ClosePlace:
    """Let a place end: from a day on nobody has hours there, and nobody is offered it."""

    entity: ClassVar[str] = "Location"
    kind: ClassVar[str] = "ClosePlace"
    location_id: UUID
    from_day: date

    async def concern(self, tx: Transaction) -> Concern:
        """Return what it can touch."""
        counted = Stretch(self.from_day, COUNTED_DAYS)
        return Concern(await _at_place(tx, self.location_id), self.location_id, counted=counted)

    async def apply(self, tx: Transaction) -> None:
        """Write it. Raises InputRefused if the day is past or it is the last place, NotFound if there is none."""
        if self.from_day < clock.now().date():
            raise InputRefused("from", N_("Choose a day that is still to come."))
        params = {"id": self.location_id, "day": self.from_day, "last_day": self.from_day - timedelta(days=1)}
        if not await tx.scalar("select count(*) from location where id <> :id and closed_from is null", params):
            raise InputRefused("from", N_("This is the only place that is open. Open another one first."))
        if not await tx.execute("update location set closed_from = :day where id = :id", params):
            raise NotFound
        for statement in (_END_HOURS, _FORGET_HOURS, _FORGET_DAYS):
            await tx.execute(statement, params)


@dataclass(frozen=True, slots=True)
class SetLimits:
    """Say what is kept free around a kind of visit, how many a day takes, and when people are reminded of it."""

    entity: ClassVar[str] = "HealthcareService"
    kind: ClassVar[str] = "SetLimits"
    visit_type_id: UUID
    before_min: int
    after_min: int
    daily_max: int | None
    remind_before_min: tuple[int, ...]

    async def concern(self, tx: Transaction) -> Concern:
        """Return what it can touch: the free times of this kind of visit, everybody's."""
        rows = await tx.all("select id from practitioner where is_active order by 1")
        who = [row.id for row in rows]
        return Concern(who, visit_type_id=self.visit_type_id, counted=Stretch(clock.now().date(), COUNTED_DAYS))

    async def apply(self, tx: Transaction) -> None:
        """Write it. Raises InputRefused if a number is out of range, NotFound if there is no such kind of visit."""
        for field, minutes in (("before", self.before_min), ("after", self.after_min)):
            if not 0 <= minutes <= BUFFER_MAX_MIN:
                raise InputRefused(field, N_("Write a number of minutes from 0 to 120."))
        if self.daily_max is not None and not 1 <= self.daily_max <= DAILY_MOST:
            raise InputRefused("daily", N_("Write a number from 1 to 200, or nothing for no limit."))
        if len(self.remind_before_min) > REMINDERS_MOST or any(not 15 <= m <= 43200 for m in self.remind_before_min):
            raise InputRefused("remind", N_("Choose at most five reminders."))
        values = asdict(self) | {"remind_before_min": sorted(self.remind_before_min, reverse=True)}
        changed = await tx.execute(
            "update visit_type set buffer_before_min = :before_min, buffer_after_min = :after_min,"
            " daily_max = :daily_max, remind_before_min = :remind_before_min where id = :visit_type_id",
            values,
        )
        if not changed:
            raise NotFound


PracticeChange = SetZone | ClosePlace | SetLimits


async def preview_practice(tx: Transaction, change: PracticeChange) -> Impact:
    """Return what a change would do, without making it. A manager's; errors as `save_practice`."""
    policy.require(tx.actor, policies.EDIT_PRACTICE.name)
    impact = await look_at(tx, await change.concern(tx), lambda: change.apply(tx))
    await _record(tx, "schedules.preview", change, impact)
    return impact


async def save_practice(tx: Transaction, change: PracticeChange) -> Impact:
    """Make a change; each appointment that falls outside goes onto the work list. A manager's.

    Raises:
        InputRefused: if it makes no sense.
        NotFound: if what it changes is gone.
    """
    policy.require(tx.actor, policies.EDIT_PRACTICE.name)
    impact = await carry_out(tx, await change.concern(tx), lambda: change.apply(tx))
    await _record(tx, "schedules.change_practice", change, impact)
    return impact


async def _record(tx: Transaction, action: str, change: PracticeChange, impact: Impact) -> None:
    id_, *rest = (str(value) for value in asdict(change).values())
    await audit.record(
        tx, action, patient_id=None, entity=change.entity, entity_id=UUID(id_),
        detail={"kind": change.kind, "to": " ".join(rest), "visits": str(len(impact.lost))},
    )  # fmt: skip


async def _at_place(tx: Transaction, location_id: UUID) -> Sequence[UUID]:
    return [row.practitioner_id for row in await tx.all(_AT_PLACE, {"id": location_id})]
