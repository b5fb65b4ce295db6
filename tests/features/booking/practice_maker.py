"""Makers of a practice with hours, for tests of finding and booking."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import insert

from portal_app.core import clock
from portal_app.core.db import Database, Transaction
from portal_app.features.booking import service
from portal_app.features.booking.views import AppointmentView, BookingRequest, Modality, TimeQuery
from portal_app.features.practice.tables import (
    Location,
    Practice,
    Practitioner,
    PractitionerLocation,
    Schedule,
    VisitType,
)
from tests.factories import Someone

BOTH = ["in_person", "video"]
NEW_YORK = "America/New_York"


@dataclass(frozen=True)
class Place:
    """A practitioner with hours at a location, and something to book."""

    practitioner_id: UUID
    location_id: UUID
    visit_type_id: UUID
    zone: str

    def at(self, day: date, wall: str, fold: int = 0) -> datetime:
        return datetime.combine(day, time.fromisoformat(wall), ZoneInfo(self.zone)).replace(fold=fold)

    def request(self, starts_at: datetime, **changes: object) -> BookingRequest:
        wish = BookingRequest(
            self.visit_type_id, self.practitioner_id, self.location_id, "in_person", starts_at, uuid4()
        )
        return replace(wish, **changes)  # type: ignore[arg-type]

    def query(self, modality: Modality = "in_person", **changes: object) -> TimeQuery:
        return replace(TimeQuery(self.visit_type_id, modality), **changes)  # type: ignore[arg-type]


class PracticeMaker:
    """Writes what the demo's clinic writes, one piece at a time."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def practice(self) -> None:
        async with self.database.act_as_system("test") as tx:
            await tx.execute(
                insert(Practice).values(
                    id=uuid4(),
                    name="Riverside",
                    initial="R",
                    accent="#0b6b62",
                    phone="+1 212 555 0100",
                    emergency_phone="911",
                )
            )

    async def place(
        self, *hours: tuple[int, str, str], zone: str = NEW_YORK, grid_min: int = 30, duration_min: int = 30,
        notice_h: int = 24, lead_min: int = 0, modalities: list[str] | None = None, person_id: UUID | None = None,
    ) -> Place:  # fmt: skip
        place = Place(uuid4(), uuid4(), uuid4(), zone)
        async with self.database.act_as_system("test") as tx:
            await _location(tx, place.location_id, zone)
            await tx.execute(
                insert(VisitType).values(
                    id=place.visit_type_id,
                    code=uuid4().hex,
                    names={"en": "Check-up", "es": "Revisión"},
                    modalities=BOTH,
                    duration_min=duration_min,
                    notice_h=notice_h,
                    lead_min=lead_min,
                )
            )
            await _practitioner(tx, place.practitioner_id, person_id)
            await _works_at(tx, place.practitioner_id, place.location_id)
        for weekday, opens, closes in hours or ((day, "09:00", "12:00") for day in range(1, 8)):
            await self.hours(place, weekday, opens, closes, grid_min, modalities or BOTH)
        return place

    async def hours(
        self, place: Place, weekday: int, opens: str, closes: str, grid_min: int, modalities: list[str],
        valid_from: date = date(2020, 1, 1), valid_until: date | None = None,
    ) -> None:  # fmt: skip
        closing = None if closes == "24:00" else time.fromisoformat(closes)
        async with self.database.act_as_system("test") as tx:
            schedule_id = uuid4()
            await tx.execute(
                insert(Schedule).values(
                    id=schedule_id,
                    practitioner_id=place.practitioner_id,
                    location_id=place.location_id,
                    weekday=weekday,
                    opens=time.fromisoformat(opens),
                    closes=closing or time(23, 59, 59),
                    grid_min=grid_min,
                    modalities=modalities,
                    valid_from=valid_from,
                    valid_until=valid_until,
                )
            )
            if closing is None:
                await tx.execute("update schedule set closes = '24:00' where id = :id", {"id": schedule_id})

    async def colleague(self, place: Place, *hours: tuple[int, str, str], grid_min: int = 30) -> Place:
        """Make another practitioner at the same location, by default with the same hours."""
        other = replace(place, practitioner_id=uuid4())
        async with self.database.act_as_system("test") as tx:
            await _practitioner(tx, other.practitioner_id, None)
            await _works_at(tx, other.practitioner_id, other.location_id)
        for weekday, opens, closes in hours or ((day, "09:00", "12:00") for day in range(1, 8)):
            await self.hours(other, weekday, opens, closes, grid_min, BOTH)
        return other

    async def booked(self, someone: Someone, request: BookingRequest) -> AppointmentView:
        async with self.database.act_as(someone.credential, "booking.book") as tx:
            return await service.book_appointment(tx, request)

    async def held(self, someone: Someone, request: BookingRequest) -> AppointmentView:
        async with self.database.act_as(someone.credential, "booking.hold") as tx:
            return await service.hold_time(tx, request)

    async def counts(self) -> tuple[int, int]:
        """Return how many slots and appointments there are in all."""
        async with self.database.act_as_system("test") as tx:
            row = await tx.one(
                "select (select count(*) from slot) as slots, (select count(*) from appointment) as appointments"
            )
            return row.slots, row.appointments


async def _location(tx: Transaction, location_id: UUID, zone: str) -> None:
    await tx.execute(
        insert(Location).values(
            id=location_id,
            name="Riverside Clinic",
            address="1 River Street\nNew York, NY 10001",
            zone=zone,
            phone="+1 212 555 0101",
            directions="Two stops by bus",
            directions_url="https://maps.example.test/1",
        )
    )


async def _practitioner(tx: Transaction, practitioner_id: UUID, person_id: UUID | None) -> None:
    await tx.execute(
        insert(Practitioner).values(
            id=practitioner_id,
            person_id=person_id,
            name="Ada Okafor",
            title="Dr.",
            initials="AO",
            specialty={"en": "Family medicine"},
            languages=["en", "ig"],
        )
    )


async def _works_at(tx: Transaction, practitioner_id: UUID, location_id: UUID) -> None:
    await tx.execute(insert(PractitionerLocation).values(practitioner_id=practitioner_id, location_id=location_id))


def in_days(days: int) -> date:
    """Return a day some days from now, in New York."""
    return (clock.now().astimezone(ZoneInfo(NEW_YORK)) + timedelta(days=days)).date()
