"""Makers of what changes weekly hours, written row by row as the system."""

from datetime import date, datetime, time
from typing import Any
from uuid import uuid4

from sqlalchemy import insert, update
from sqlmodel import SQLModel, col

from portal_app.features.booking import service as booking
from portal_app.features.practice.tables import Practitioner, Schedule, VisitType
from portal_app.features.schedules.tables import ClosedDay, PractitionerLeave, ScheduleException
from tests.factories import Someone
from tests.features.booking.practice_maker import BOTH, Place, PracticeMaker


class Roster(PracticeMaker):
    """A practice whose hours have exceptions."""

    async def other_hours(
        self,
        place: Place,
        day: date,
        opens: str = "",
        closes: str = "",
        grid_min: int = 30,
        modalities: list[str] = BOTH,
    ) -> None:
        """Write other hours on a day; none without an opening."""
        await self._add(
            ScheduleException, practitioner_id=place.practitioner_id, location_id=place.location_id, day=day,
            opens=time.fromisoformat(opens) if opens else None, closes=time.fromisoformat(closes) if closes else None,
            grid_min=grid_min, modalities=modalities,
        )  # fmt: skip

    async def leave(self, place: Place, starts_at: datetime, ends_at: datetime | None) -> None:
        """Write a leave in wall time."""
        await self._add(PractitionerLeave, practitioner_id=place.practitioner_id, starts_at=starts_at, ends_at=ends_at)

    async def closed(self, place: Place, day: date) -> None:
        """Close a location for a day."""
        async with self.database.act_as_system("test") as tx:
            await tx.execute(
                insert(ClosedDay).values(location_id=place.location_id, day=day, name="Holiday", is_holiday=True)
            )

    async def visit(self, place: Place, **values: Any) -> None:
        """Change the kind of visit."""
        await self._change(update(VisitType).where(col(VisitType.id) == place.visit_type_id).values(**values))

    async def rule(self, place: Place, **values: Any) -> None:
        """Change every weekly rule."""
        await self._change(
            update(Schedule).where(col(Schedule.practitioner_id) == place.practitioner_id).values(**values)
        )

    async def goes(self, place: Place) -> None:
        """Let the practitioner leave the practice."""
        await self._change(
            update(Practitioner).where(col(Practitioner.id) == place.practitioner_id).values(is_active=False)
        )

    async def starts(self, someone: Someone, place: Place, day: date, days: int = 1) -> list[datetime]:
        """Return when times are free, as somebody finds them."""
        async with self.database.act_as(someone.credential, "booking.find") as tx:
            found = await booking.find_times(tx, place.query(from_day=day, days=days))
        return [one.starts_at for one in found if one.practitioner_id == place.practitioner_id]

    async def _add(self, table: type[SQLModel], **values: Any) -> None:
        await self._change(insert(table).values(id=uuid4(), **values))

    async def _change(self, statement: Any) -> None:
        async with self.database.act_as_system("test") as tx:
            await tx.execute(statement)
