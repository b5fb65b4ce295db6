"""A database for one benchmark: the portal's own schema, with people, charts and hours made in bulk."""

import contextlib
import itertools
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import psycopg

from portal_app.core.actor import Credential
from portal_app.core.db import libpq_conninfo, secret_hash
from portal_app.features.booking.views import BookingRequest, TimeQuery
from portal_app.operations import embedded_postgres, migrate
from portal_app.operations.database import with_addresses
from portal_app.operations.embedded_postgres import SUPERUSER_ROLE
from portal_app.operations.places import Places
from portal_app.settings import Settings

ZONE = "America/New_York"
OPENS, CLOSES = time(8), time(18)
GRID_MIN = 15


@dataclass(frozen=True)
class Installation:
    """A portal that exists for one benchmark. `superuser` is a libpq address past row-level security."""

    settings: Settings
    superuser: str


@dataclass(frozen=True)
class Person:
    """Somebody with a chart of their own and a session, or with a role and a session."""

    person_id: UUID
    patient_id: UUID | None
    secret: str

    @property
    def credential(self) -> Credential:
        """Return what their browser would prove itself with."""
        return Credential(self.secret, "192.0.2.7")


@dataclass(frozen=True)
class Practice:
    """Practitioners at one location, open every day, and one kind of visit."""

    location_id: UUID
    visit_type_id: UUID
    practitioner_ids: tuple[UUID, ...]

    def times(self, first_day: date, days: int) -> list[datetime]:
        """Return the beginnings of all times of one practitioner, in order."""
        return [start for n in range(days) for start in _times_of(first_day + timedelta(days=n))]

    def request(self, practitioner_id: UUID, starts_at: datetime) -> BookingRequest:
        """Return the wish for a time, with a key of its own, as a form sends it."""
        return BookingRequest(
            self.visit_type_id, practitioner_id, self.location_id, "in_person", starts_at, uuid4(), "Sore throat"
        )

    def query(self, first_day: date, days: int) -> TimeQuery:
        """Return the search for every time of everybody in so many days."""
        return TimeQuery(self.visit_type_id, "in_person", first_day, days)


def _times_of(day: date) -> Iterator[datetime]:
    closes = datetime.combine(day, CLOSES, ZoneInfo(ZONE))
    start = datetime.combine(day, OPENS, ZoneInfo(ZONE))
    while start < closes:
        yield start
        start += timedelta(minutes=GRID_MIN)


@contextlib.contextmanager
def installation() -> Iterator[Installation]:
    """Give an empty, migrated installation under PORTAL_DATA_DIR, served by the embedded PostgreSQL; then remove it.

    The server runs with its own defaults: `fsync` and `synchronous_commit` are on.
    """
    root = Places.from_environment().root
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=root) as folder:
        settings = Settings(
            mode="test",
            data_dir=Path(folder),
            database_url=None,
            database_owner_url=None,
            bookings_per_hour=1_000_000,  # a few people stand for many
            upcoming_visits_max=1_000_000,
        )
        server = embedded_postgres.start(settings.data_dir / "postgres")
        try:
            settings = with_addresses(settings, server)
            migrate.main(settings)
            yield Installation(settings, libpq_conninfo(server.url(SUPERUSER_ROLE)))
        finally:
            server.stop()


def require_fsync(superuser: str) -> str:
    """Return in words how durable a commit is; a benchmark on a forgetful server measures nothing."""
    with psycopg.connect(superuser) as connection:
        names = ("server_version", "fsync", "synchronous_commit", "full_page_writes")
        values = [connection.execute("select current_setting(%s)", [name]).fetchone() for name in names]
    version, *switches = (row[0] for row in values if row)
    assert switches == ["on"] * 3, f"fsync, synchronous_commit, full_page_writes: {switches}"
    return f"PostgreSQL {version}, fsync, synchronous_commit and full_page_writes on"


def make_practice(superuser: str, practitioners: int) -> Practice:
    """Make practitioners at one location, each open every day from 8 to 18 in steps of a quarter of an hour."""
    practice = Practice(uuid4(), uuid4(), tuple(uuid4() for _ in range(practitioners)))
    with psycopg.connect(superuser) as connection, connection.cursor() as cursor:
        cursor.execute(
            "insert into practice (id, name, initial, accent, phone, emergency_phone)"
            " values (%s, 'Riverside', 'R', '#0b6b62', '+1 212 555 0100', '911')",
            [uuid4()],
        )
        cursor.execute(
            "insert into location (id, name, address, zone, phone)"
            " values (%s, 'Riverside Clinic', '1 River Street', %s, '+1 212 555 0101')",
            [practice.location_id, ZONE],
        )
        cursor.execute(
            "insert into visit_type (id, code, names, modalities, duration_min, notice_h, lead_min)"
            """ values (%s, 'checkup', '{"en": "Check-up"}', '{in_person,video}', %s, 24, 0)""",
            [practice.visit_type_id, GRID_MIN],
        )
        for practitioner_id in practice.practitioner_ids:
            cursor.execute(
                "insert into practitioner (id, name, title, initials, specialty, languages)"
                """ values (%s, 'Ada Okafor', 'Dr.', 'AO', '{"en": "Family medicine"}', '{en}')""",
                [practitioner_id],
            )
            cursor.execute("insert into practitioner_location values (%s, %s)", [practitioner_id, practice.location_id])
            cursor.executemany(
                "insert into schedule (id, practitioner_id, location_id, weekday, opens, closes, grid_min, modalities,"
                " valid_from) values (%s, %s, %s, %s, %s, %s, %s, '{in_person,video}', '2020-01-01')",
                [
                    (uuid4(), practitioner_id, practice.location_id, weekday, OPENS, CLOSES, GRID_MIN)
                    for weekday in range(1, 8)
                ],
            )
    analyze(superuser)
    return practice


def make_patients(superuser: str, count: int, clinicians: Sequence[UUID] = ()) -> list[Person]:
    """Make so many patients with a chart, the grants of somebody who acts for themselves, and a live session.

    `clinicians` are their own ones, in turn.
    """
    people = [Person(uuid4(), uuid4(), uuid4().hex) for _ in range(count)]
    with psycopg.connect(superuser) as connection, connection.cursor() as cursor:
        _copy(cursor, "person (id, display_name)", [(one.person_id, "Maria Alvarez") for one in people])
        _copy(cursor, "person_role (id, person_id, role)", [(uuid4(), one.person_id, "patient") for one in people])
        _copy(
            cursor,
            "patient (id, family_name, given_name, birth_date, zone, general_practitioner_id)",
            [
                (one.patient_id, "Alvarez", "Maria", date(1964, 5, 1), ZONE, own)
                for one, own in zip(people, itertools.cycle(clinicians or [None]), strict=False)
            ],
        )
        _copy(
            cursor,
            "access_grant (grantee, patient_id, sections, verbs, up_to, min_assurance, basis)",
            [
                (one.person_id, one.patient_id, sections, ["view", "act"], "V", assurance, "self")
                for one in people
                for assurance, sections in SELF_SECTIONS.items()
            ],
        )
    sign_in(superuser, people)
    analyze(superuser)
    return people


SELF_SECTIONS = {
    1: ["booking", "forms", "visits", "profile"],
    2: ["vitals", "messages", "results", "notes", "bills"],
}
"""What people may do for themselves, by assurance."""


def make_clinician(superuser: str, practice: Practice, practitioner_id: UUID) -> Person:
    """Make the person who is this practitioner, with a live session."""
    person = Person(uuid4(), None, uuid4().hex)
    with psycopg.connect(superuser) as connection:
        connection.execute("insert into person (id, display_name) values (%s, 'Ana Silva')", [person.person_id])
        connection.execute(
            "insert into person_role (id, person_id, role, location_id) values (%s, %s, %s, %s)",
            [uuid4(), person.person_id, "clinician", practice.location_id],
        )
        connection.execute("update practitioner set person_id = %s where id = %s", [person.person_id, practitioner_id])
    sign_in(superuser, [person])
    return person


def sign_in(superuser: str, people: list[Person], *, assurance: int = 1) -> None:
    """Write a session for each person, as signing in by code does; staff have shown their second factor too."""
    expires_at = datetime.now(ZoneInfo("UTC")) + timedelta(hours=6)
    rows: list[tuple[object, ...]] = [
        (
            uuid4(),
            secret_hash(one.secret),
            one.person_id,
            one.patient_id,
            assurance if one.patient_id else 2,
            expires_at,
        )
        for one in people
    ]
    with psycopg.connect(superuser) as connection, connection.cursor() as cursor:
        _copy(
            cursor,
            "session (id, secret_hash, person_id, patient_id, assurance, expires_at)",
            rows,
        )


def prove_anew(superuser: str) -> None:
    """Have everybody signed in just now: some pages want a proof that is minutes old, and a long run outlasts it."""
    with psycopg.connect(superuser) as connection:
        connection.execute("update session set proved_at = now()")


def analyze(superuser: str) -> None:
    """Let the planner know what the tables hold, as autovacuum would have by the next minute."""
    with psycopg.connect(superuser, autocommit=True) as connection:
        connection.execute("vacuum analyze")


def _copy(cursor: "psycopg.Cursor[tuple[object, ...]]", target: str, rows: "list[tuple[object, ...]]") -> None:
    with cursor.copy(f"copy {target} from stdin") as copy:
        for row in rows:
            copy.write_row(row)
