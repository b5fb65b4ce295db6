"""A practice with opening hours, where each test has a clinician and patients of its own."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from itertools import product
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import insert, update
from sqlmodel import col

from portal_app.core import clock
from portal_app.core.crypto import blind_index
from portal_app.core.db import Database
from portal_app.features.access import factors, recovery_codes
from portal_app.features.access.demo import DEMO_PEOPLE
from portal_app.features.access.tables import AccessGrant, Patient, Person, PersonRole
from portal_app.features.alerts import on_call
from portal_app.features.alerts.views import NewTurn
from portal_app.features.booking import service as booking
from portal_app.features.booking.views import AppointmentView, BookingRequest, FreeTime, TimeQuery
from portal_app.features.practice.tables import (
    Location,
    Practice,
    Practitioner,
    PractitionerLocation,
    Room,
    Schedule,
    VisitType,
)
from tests.factories import SELF_SECTIONS, Clinic, Someone


def _zone() -> str:
    """Return where the practice is: where midnight does not come while the tests run.

    What a test puts on today would be yesterday's when it looks.
    """
    return "America/New_York" if clock.now().astimezone(ZoneInfo("America/New_York")).hour < 22 else "America/Denver"


ZONE = _zone()
PHONE = "(555) 014-2200"
BOTH = ["in_person", "video"]
FAMILY_MEDICINE = {"en": "Family medicine", "es": "Medicina familiar", "ar": "طب الأسرة"}
VISIT = {"en": "Visit", "es": "Consulta", "ar": "زيارة"}
LONG_VISIT = {"en": "Long visit", "es": "Consulta larga", "ar": "زيارة طويلة"}
_GIVEN_NAMES = ("Ada", "Bea", "Cleo", "Dora", "Emma", "Flora", "Greta", "Hanna", "Ines", "Jana", "Kaja", "Lena")
_FAMILY_NAMES = [
    f"{first}{last}"
    for last in ("berg", "ström", "feld", "wood")
    for first in ("Al", "Fors", "Lund", "Ek", "Hag", "Sand", "Vik", "Ros", "Lind", "Holm", "Grön", "Norr", "Väst")
]


_ENDINGS = ["".join(letters) for letters in product("bdfgklmnprstvz", "aeiou", "bdfgklmnprstvz", "aeiou")]
"""Family names of patients end in one of these, all of one length: no name is the beginning of another, nor becomes
another's by the cell of a table that follows it, as one with a number would."""


def _tomorrow() -> date:
    return clock.now().astimezone(ZoneInfo(ZONE)).date() + timedelta(days=1)


@dataclass(frozen=True)
class Doctor:
    """A clinician with hours every day from tomorrow, and the account they open their day page with.

    None today: the first free time would stop being offered while a test looks at it, each time the clock passes one.
    """

    practitioner_id: UUID
    name: str
    account: Someone


class Practices:
    """The one practice of a served portal, and what its tests put into it."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.people = Clinic(database)
        self.location_id, self.visit_type_id = uuid4(), uuid4()
        self._endings = iter(_ENDINGS)
        self._names = (f"{given} {family}" for given in _GIVEN_NAMES for family in _FAMILY_NAMES)

    async def open(self) -> None:
        """Write the practice, a place and two kinds of visit, which may be cancelled up to their beginning."""
        async with self.database.act_as_system("test") as tx:
            await tx.execute(
                insert(Practice).values(
                    id=uuid4(),
                    name="Riverside Family Care",
                    initial="R",
                    accent="#0b6b62",
                    phone=PHONE,
                    emergency_phone="911",
                )
            )
            await tx.execute(
                insert(Location).values(
                    id=self.location_id,
                    name="Riverside Main",
                    address="12 River Street",
                    zone=ZONE,
                    phone="(555) 014-2201",
                    directions="Bus 12 stops at the door.",
                    directions_url="https://www.openstreetmap.org/",
                )
            )
            for type_id, names, duration_min in ((self.visit_type_id, VISIT, 20), (uuid4(), LONG_VISIT, 40)):
                await tx.execute(
                    insert(VisitType).values(
                        id=type_id,
                        code=uuid4().hex,
                        names=names,
                        modalities=BOTH,
                        duration_min=duration_min,
                        notice_h=0,
                        lead_min=60,
                    )
                )

    async def doctor(self, name: str = "", *, opens: bool = True) -> Doctor:
        """Make a clinician who is there from eight to six on every day from tomorrow, or never."""
        name = name or next(self._names)
        account = await self.people.staff("clinician", location_id=self.location_id, name=name)
        doctor = Doctor(uuid4(), name, account)
        await self._employ(doctor.practitioner_id, account.person_id, name, weekdays=range(1, 8) if opens else ())
        return doctor

    async def patient(
        self, doctor: Doctor, given: str = "Maria", family: str = "", *, locale: str = "en", zone: str = ZONE,
        **chart: object,
    ) -> Someone:  # fmt: skip
        """Make a patient of a clinician, signed in; the family name is unlike all others unless given."""
        family = family or f"Alva{next(self._endings)}"
        facts = {"general_practitioner_id": doctor.practitioner_id, "language": locale, "zone": zone}
        someone = await self.people.patient(given, family, **facts | chart)
        async with self.database.act_as_system("test") as tx:
            await tx.execute(update(Person).where(col(Person.id) == someone.person_id).values(locale=locale))
        return someone

    async def unseen(self, given: str, family: str = "", *, locale: str = "en") -> UUID:
        """Make the chart of somebody, born on 9 April 1950, who has never signed in."""
        patient_id, family = uuid4(), family or f"Orte{next(self._endings)}"
        async with self.database.act_as_system("test") as tx:
            await tx.execute(
                insert(Patient).values(
                    id=patient_id, given_name=given, family_name=family, birth_date=date(1950, 4, 9), language=locale,
                    zone=ZONE,
                )
            )  # fmt: skip
        return patient_id

    async def demo_people(self) -> Doctor:
        """Make the people whom one tap of the demo signs in, and return their clinician."""
        roles = {"A clinician": "clinician", "A nurse": "nurse", "Front desk": "front_desk", "A manager": "manager"}
        doctor = Doctor(uuid4(), "Ada Okafor", await self.people.staff("front_desk"))
        async with self.database.act_as_system("test") as tx:
            for one in DEMO_PEOPLE:
                email = f"{one.person_id}@example.test"
                index = blind_index(email, purpose="email")
                await tx.execute(
                    insert(Person).values(
                        id=one.person_id,
                        display_name=one.name,
                        locale=one.locale,
                        email=email,
                        email_index=index,
                    )
                )
                role = roles.get(one.role, "patient")
                await tx.execute(
                    insert(PersonRole).values(
                        id=uuid4(),
                        person_id=one.person_id,
                        role=role,
                        location_id=self.location_id if role in ("clinician", "nurse") else None,
                    )
                )
        clinician = next(one for one in DEMO_PEOPLE if one.role == "A clinician")
        await self._employ(doctor.practitioner_id, clinician.person_id, doctor.name)
        for one in DEMO_PEOPLE:
            if one.role not in roles:
                await self._chart(one.person_id, one.name, one.locale, doctor)
        return doctor

    async def free_times(self, someone: Someone, doctor: Doctor, days: int = 3) -> list[FreeTime]:
        """Return the clinician's free times as the patient is offered them."""
        query = TimeQuery(self.visit_type_id, "in_person", None, days, (doctor.practitioner_id,))
        async with self.database.act_as(someone.credential, "booking.find") as tx:
            return list(await booking.find_times(tx, query))

    def wish(self, free: FreeTime) -> BookingRequest:
        return BookingRequest(
            self.visit_type_id, free.practitioner_id, free.location_id, "in_person", free.starts_at, uuid4()
        )

    async def booked(self, someone: Someone, wanted: FreeTime | BookingRequest) -> AppointmentView:
        """Book a time as another process would."""
        request = wanted if isinstance(wanted, BookingRequest) else self.wish(wanted)
        async with self.database.act_as(someone.credential, "booking.book") as tx:
            return await booking.book_appointment(tx, request)

    async def video_visit_soon(
        self, someone: Someone, doctor: Doctor, minutes: int = 10, modality: str = "video", level: str = "N"
    ) -> UUID:
        """Put a visit a few minutes from now, when nobody could book any more; return the appointment's id."""
        starts_at = clock.now() + timedelta(minutes=minutes)
        appointment_id = uuid4()
        params = {
            "id": appointment_id, "slot_id": uuid4(), "patient_id": someone.patient_id, "who": doctor.practitioner_id,
            "place": self.location_id, "kind": self.visit_type_id, "starts_at": starts_at,
            "ends_at": starts_at + timedelta(minutes=20), "zone": ZONE, "now": clock.now(), "modality": modality,
            "level": level,
        }  # fmt: skip
        async with self.database.act_as_system("test") as tx:
            await tx.execute(
                "insert into slot (id, practitioner_id, location_id, starts_at, ends_at, status)"
                " values (:slot_id, :who, :place, :starts_at, :ends_at, 'busy')",
                params,
            )
            await tx.execute(
                "insert into appointment (id, patient_id, confidentiality, status, practitioner_id, location_id,"
                " visit_type_id, modality, starts_at, ends_at, patient_zone, slot_id, request_key, created_by,"
                " created_at, changed_at) values (:id, :patient_id, :level, 'booked', :who, :place, :kind, :modality,"
                " :starts_at, :ends_at, :zone, :slot_id, :id, actor_person(), :now, :now)",
                params,
            )
        return appointment_id

    def wish_beside(self, visit: AppointmentView) -> BookingRequest:
        """Return the wish for the very time of a visit."""
        return BookingRequest(
            self.visit_type_id, visit.practitioner_id, visit.location_id, "in_person", visit.starts_at, uuid4()
        )

    async def overbooked(self, someone: Someone, request: BookingRequest) -> AppointmentView:
        """Book a patient beside others, as the front desk."""
        desk = await self.people.staff("front_desk")
        async with self.database.act_as(desk.credential, "booking.book_for") as tx:
            wish = replace(request, patient_id=someone.patient_id)
            return await booking.book_for(tx, wish, is_beyond=True)

    async def keep_codes(self, someone: Someone) -> None:
        """Let somebody of the staff make and keep recovery codes, without which a device of theirs opens nothing."""
        code, *_ = await recovery_codes.make_recovery_codes(self.database, someone.credential)
        async with self.database.act_as(someone.credential, "access.keep_recovery_codes") as tx:
            await factors.keep_recovery_codes(tx, code)

    async def telephone(self, someone: Someone, number: str) -> None:
        """Give a patient a number, as their chart has it."""
        async with self.database.act_as_system("test") as tx:
            await tx.execute(update(Patient).where(col(Patient.id) == someone.patient_id).values(phone=number))

    async def room(self, name: str) -> UUID:
        """Make a room of the place."""
        room_id = uuid4()
        async with self.database.act_as_system("test") as tx:
            await tx.execute(insert(Room).values(id=room_id, location_id=self.location_id, name=name))
        return room_id

    async def appointments(self, someone: Someone) -> list[AppointmentView]:
        """Return a patient's appointments, held times too, as the database has them."""
        async with self.database.act_as(someone.credential, "booking.view") as tx:
            return list(await booking.my_appointments(tx))

    async def put_on_call(self, who: Someone | None, phone: str = "") -> None:
        """Have one person on call since yesterday and until tomorrow, or nobody, and nobody else."""
        async with self.database.act_as_system("test") as tx:
            await tx.execute("select set_config('portal.roles', '{manager}', true)")
            await tx.execute("delete from on_call_turn")
        if who is not None:
            day, manager = timedelta(days=1), await self.people.staff("manager")
            turn = NewTurn(uuid4(), who.person_id, 1, clock.now() - day, clock.now() + day, phone)
            async with self.database.act_as(manager.credential, "alerts.keep_roster") as tx:
                await on_call.add_turn(tx, turn)

    async def patient_name(self, someone: Someone) -> str:
        return await self.name_of(someone.patient_id)

    async def name_of(self, patient_id: UUID | None) -> str:
        async with self.database.act_as_system("test") as tx:
            return str(
                await tx.scalar(
                    "select given_name || ' ' || family_name from patient where id = :id", {"id": patient_id}
                )
            )

    async def statuses(self, someone: Someone) -> list[str]:
        """Return where the patient's appointments stand, held times left out."""
        return [view.status for view in await self.appointments(someone) if view.status != "pending"]

    async def newest_registration(self) -> UUID:
        """Return the request to become a patient that came last."""
        async with self.database.act_as_system("test") as tx:
            found: UUID = await tx.scalar("select id from registration order by created_at desc limit 1")
            return found

    async def let_lapse(self, appointment_id: UUID) -> None:
        """Let a hold run out now, as if five minutes had passed."""
        async with self.database.act_as_system("test") as tx:
            await tx.execute(
                "update slot set held_until = :past where id = (select slot_id from appointment where id = :id)",
                {"past": clock.now() - timedelta(seconds=1), "id": appointment_id},
            )

    async def let_a_minute_pass(self, someone: Someone) -> None:
        """Make what the person cancelled a minute older, and what waits for that minute due."""
        async with self.database.act_as_system("test") as tx:
            await tx.execute(
                "update appointment set cancelled_at = cancelled_at - interval '61 seconds' where patient_id = :id",
                {"id": someone.patient_id},
            )
            await tx.execute(
                "update procrastinate_jobs set scheduled_at = now() where task_name = 'booking.confirm_cancellation'"
                " and status = 'todo' and (args ->> 'appointment_id')::uuid in"
                " (select id from appointment where patient_id = :id)",
                {"id": someone.patient_id},
            )

    async def let_alerts_wait(self, someone: Someone, minutes: int) -> None:
        """Make the alerts of a patient so many minutes older: what they are due for is the worker's to do."""
        async with self.database.act_as_system("test") as tx:
            params = {"id": someone.patient_id, "minutes": minutes}
            await tx.execute(
                "update alert set due_at = due_at - make_interval(mins => :minutes) where patient_id = :id", params
            )
            await tx.execute(
                "update procrastinate_jobs set scheduled_at = scheduled_at - make_interval(mins => :minutes)"
                " where task_name = 'alerts.escalate' and status = 'todo'"
                " and (args ->> 'alert_id')::uuid in (select id from alert where patient_id = :id)",
                params,
            )

    async def ask_for_notice(self, appointment_id: UUID, notice_h: int) -> None:
        """Give an appointment a kind of visit of its own, which wants so much notice and is on no list."""
        async with self.database.act_as_system("test") as tx:
            await tx.execute(
                "with strict as (insert into visit_type"
                " (id, code, names, modalities, duration_min, notice_h, lead_min, is_active)"
                " select gen_random_uuid(), gen_random_uuid(), v.names, v.modalities, v.duration_min, :notice_h,"
                " v.lead_min, false from visit_type v join appointment a on a.visit_type_id = v.id where a.id = :id"
                " returning id) update appointment a set visit_type_id = strict.id from strict where a.id = :id",
                {"id": appointment_id, "notice_h": notice_h},
            )

    async def end_session(self, someone: Someone) -> None:
        """Take a session away without telling anybody, as time and the sweep do."""
        async with self.database.act_as_system("test") as tx:
            await tx.execute("delete from session where person_id = :id", {"id": someone.person_id})

    async def _employ(
        self, practitioner_id: UUID, person_id: UUID, name: str, *, weekdays: Iterable[int] = range(1, 8)
    ) -> None:
        async with self.database.act_as_system("test") as tx:
            await tx.execute(
                insert(Practitioner).values(
                    id=practitioner_id,
                    person_id=person_id,
                    name=name,
                    title="Dr.",
                    initials="".join(word[0] for word in name.split()),
                    specialty=FAMILY_MEDICINE,
                    languages=["en", "es", "ar"],
                )
            )
            place = {"practitioner_id": practitioner_id, "location_id": self.location_id}
            await tx.execute(insert(PractitionerLocation).values(**place))
            for weekday in weekdays:
                await tx.execute(
                    insert(Schedule).values(
                        id=uuid4(),
                        **place,
                        weekday=weekday,
                        opens=time(8),
                        closes=time(18),
                        grid_min=20,
                        modalities=BOTH,
                        valid_from=_tomorrow(),
                    )
                )

    async def _chart(self, person_id: UUID, name: str, locale: str, doctor: Doctor) -> None:
        given, family = name.rsplit(" ", 1)
        patient_id = uuid4()
        async with self.database.act_as_system("test") as tx:
            await tx.execute(
                insert(Patient).values(
                    id=patient_id,
                    given_name=given,
                    family_name=family,
                    birth_date=date(1964, 5, 1),
                    zone=ZONE,
                    language=locale,
                    general_practitioner_id=doctor.practitioner_id,
                )
            )
            for assurance, sections in SELF_SECTIONS.items():
                await tx.execute(
                    insert(AccessGrant).values(
                        id=uuid4(),
                        grantee=person_id,
                        patient_id=patient_id,
                        sections=sections,
                        verbs=["view", "act"],
                        up_to="V",
                        min_assurance=assurance,
                        basis="self",
                    )
                )
