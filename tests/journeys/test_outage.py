"""The database or a process is gone in the middle of it: pages say so, come back by themselves, and book once.

In a video visit the pictures go on meanwhile, and what was written is kept until it can be sent.
"""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
import pytest_asyncio
from playwright.async_api import expect
from sqlalchemy import make_url

from portal_app.core.db import Database
from portal_app.core.errors import DatabaseAway
from portal_app.operations import embedded_postgres, migrate
from portal_app.operations.embedded_postgres import DatabaseNotStarted
from portal_app.operations.startup import unused_port
from portal_app.settings import Settings
from portal_app.web.plain_pages import AWAY as AWAY_PAGE
from tests.factories import Someone
from tests.journeys.clinic import Doctor, Practices
from tests.journeys.conftest import Arrive
from tests.journeys.house import House, until
from tests.journeys.meeting import KEEP, both_move, meet
from tests.journeys.test_bills import ended_by_video
from tests.journeys.walker import DESK, PHONE, Walker

pytestmark = pytest.mark.asyncio(loop_scope="session")
Waits = Callable[[], Coroutine[Any, Any, bool]]
WORDS = "My knee hurts since Monday"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def fragile(
    house_settings: Settings, pages: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    """Serve a second portal, whose database is its own and can be killed."""
    base = tmp_path_factory.mktemp("fragile")
    postgres = embedded_postgres.start(base / "postgres")
    settings = house_settings.model_copy(
        update={
            "data_dir": base,
            "port": unused_port(),
            "smtp_port": unused_port(),
            "key_file": house_settings.key_path,
            "database_url": postgres.url("portal_app"),
            "database_owner_url": postgres.url("portal_owner"),
        }
    )
    house = House(settings, pages, postgres)
    try:
        migrate.upgrade(postgres.url("portal_owner"))
        house.start()
        await house.ready()
        yield house
    finally:
        try:
            house.stop()
        finally:
            postgres.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def clinic(fragile: House) -> AsyncIterator[Practices]:
    assert fragile.settings.database_url
    database = Database(fragile.settings.database_url, pool=2)
    practices = Practices(database)
    await practices.open()
    yield practices
    await database.close()


@pytest_asyncio.fixture(loop_scope="session")
async def doctor(clinic: Practices) -> Doctor:
    return await clinic.doctor()


@pytest_asyncio.fixture(loop_scope="session")
async def patient(clinic: Practices, doctor: Doctor) -> Someone:
    return await clinic.patient(doctor)


@pytest_asyncio.fixture(loop_scope="session")
async def phone(arrive: Arrive, fragile: House, patient: Someone) -> Walker:
    """A phone on which a time is being confirmed."""
    walker = await arrive(at=fragile)
    await walker.let_in(patient)
    await walker.to_confirmation()
    await walker.reason.fill(WORDS)
    return walker


async def test_a_database_gone_for_ten_seconds_is_said_and_caught_up_with(
    arrive: Arrive, fragile: House, clinic: Practices, doctor: Doctor, patient: Someone, phone: Walker
) -> None:
    desk = await arrive(size=DESK, at=fragile)
    await desk.let_in(doctor.account)
    await desk.open("/staff/schedule")
    (held,) = await clinic.appointments(patient)
    await desk.turn_to(held.starts_at)
    newcomer = await arrive("es", at=fragile)
    await newcomer.let_in(patient)

    async with _no_postgres(fragile, clinic):
        await phone.book.click()
        await expect(phone.page.locator("#notice").get_by_text(DatabaseAway.message)).to_be_visible()
        await newcomer.page.goto(f"{fragile.origin}/es/appointments")
        await expect(newcomer.page.get_by_role("heading", name=newcomer.say(AWAY_PAGE.title))).to_be_visible()
        for _ in range(2):  # it tries again every five seconds
            await newcomer.page.wait_for_event("domcontentloaded")

    await newcomer.at("/appointments")
    await expect(phone.page.get_by_text(DatabaseAway.message)).to_be_hidden()
    await _book_and_see_one(phone, clinic, patient)
    await expect(desk.page.get_by_role("row").filter(has_text="Booked")).to_have_count(1)


async def test_a_database_killed_while_it_books_has_booked_nothing_and_books_once_afterwards(
    fragile: House, clinic: Practices, patient: Someone, phone: Walker
) -> None:
    async with _stuck(fragile, patient) as waits:
        await phone.book.click()
        await until(waits, what="the booking to be under way")
        async with _no_postgres(fragile, clinic):
            await expect(phone.page.locator("#notice").get_by_text(DatabaseAway.message)).to_be_visible()

    await expect(phone.page.get_by_text(DatabaseAway.message)).to_be_hidden()
    assert await clinic.statuses(patient) == []
    await _book_and_see_one(phone, clinic, patient)


async def test_a_web_process_killed_while_it_books_has_booked_nothing_and_books_once_afterwards(
    fragile: House, clinic: Practices, patient: Someone, phone: Walker
) -> None:
    async with _stuck(fragile, patient) as waits:
        await phone.book.click()
        await until(waits, what="the booking to be under way")
        fragile.kill("web")
    await expect(phone.page.get_by_text("You are offline")).to_be_visible()
    assert await clinic.statuses(patient) == []
    fragile.start("web")
    await fragile.ready()

    await expect(phone.page.get_by_text("You are offline")).to_be_hidden()
    await _book_and_see_one(phone, clinic, patient)


async def test_a_worker_killed_while_a_visit_is_booked_sends_one_mail_when_it_is_back(
    fragile: House, clinic: Practices, patient: Someone, phone: Walker
) -> None:
    fragile.signal("worker", signal.SIGSTOP)
    await _book_and_see_one(phone, clinic, patient)
    fragile.kill("worker")
    fragile.start("worker")

    await fragile.mail(patient.email, "appointment_booked")
    await phone.button("Cancel this visit").click()
    await phone.button("Yes, cancel it").click()
    await expect(phone.heading("Your visit is cancelled")).to_be_visible()
    await clinic.let_a_minute_pass(patient)
    await fragile.mail(patient.email, "appointment_cancelled")
    assert len(fragile.mails(patient.email, "appointment_booked")) == 1


@pytest.mark.parametrize(("way", "locale"), [("direct", "es"), ("hub", "ar")])
async def test_in_a_visit_the_pictures_go_on_and_nothing_written_is_lost_while_the_database_is_gone(
    arrive: Arrive, fragile: House, clinic: Practices, way: str, locale: str
) -> None:
    meeting = await meet(clinic, is_through_hub=way == "hub")
    phone, desk = await arrive(locale, PHONE, at=fragile), await arrive(size=DESK, at=fragile)
    newcomer = await arrive(at=fragile)
    await newcomer.let_in(meeting.patient)
    for one in (phone, desk):
        await one.page.add_init_script(KEEP)
    await meeting.begin(phone, desk)
    await both_move(way, phone, desk)
    ways = [await one.page.evaluate("window.ways.length") for one in (phone, desk)]
    written, box = desk.page.get_by_role("log").get_by_text(WORDS, exact=True), phone.page.locator("#words")
    said = [one.page.locator("#notice").get_by_text(one.say(DatabaseAway.message)) for one in (phone, desk)]

    async with _no_postgres(fragile, clinic):
        await box.fill(WORDS)
        await phone.button("Send").click()
        await desk.button("Lock the room").click()
        for notice in said:
            await expect(notice).to_be_visible()
        await expect(box).to_have_value(WORDS)
        await newcomer.page.goto(f"{fragile.origin}/appointments")
        for _ in range(2):  # it tries again every five seconds
            await newcomer.page.wait_for_event("domcontentloaded")
        await both_move(way, phone, desk)

    # Then all is as it was by itself, by the very same way, and what was written goes with one more tap
    for notice in said:
        await expect(notice).to_be_hidden()
    await expect(desk.button("Lock the room")).to_be_visible()
    await both_move(way, phone, desk)
    assert [await one.page.evaluate("window.ways.length") for one in (phone, desk)] == ways
    await expect(written).to_have_count(0)
    await phone.button("Send").click()
    await expect(written).to_have_count(1)
    await expect(box).to_have_value("")
    assert (phone.unexpected(("503",)), desk.unexpected(("503",))) == ([], [])


async def test_why_a_charge_is_kept_back_stays_in_its_field_until_it_has_been_taken(
    arrive: Arrive, fragile: House, clinic: Practices, doctor: Doctor, patient: Someone
) -> None:
    await ended_by_video(clinic, await clinic.video_visit_soon(patient, doctor), doctor.account)
    desk = await arrive(size=DESK, at=fragile)
    await desk.let_in(await clinic.people.staff("billing"))
    await desk.open("/staff/billing")
    await desk.page.get_by_role("link", name=f"Open the charge: {await clinic.name_of(patient.patient_id)}").click()
    box, why = desk.page.locator("#because"), "The insurer was asked about the number"
    await expect(box).to_be_visible()
    away, kept = (desk.page.get_by_text(said) for said in (DatabaseAway.message, "Kept back. It waits under “Held”."))

    async with _no_postgres(fragile, clinic):
        await box.fill(why)
        await desk.button("Hold the charge").click()
        await expect(away).to_be_visible()
        await expect(box).to_have_value(why)

    await expect(away).to_be_hidden()
    await desk.button("Hold the charge").click()
    await expect(kept).to_be_visible()
    await expect(box).to_have_value("")


async def _book_and_see_one(phone: Walker, clinic: Practices, patient: Someone) -> None:
    """Tap once more on the page that was open all the time."""
    await expect(phone.reason).to_have_value(WORDS)
    await phone.book.click()
    await expect(phone.heading("Your visit is booked")).to_be_visible()
    await expect(phone.page.get_by_text(WORDS)).to_be_visible()
    assert await clinic.statuses(patient) == ["booked"]


@asynccontextmanager
async def _stuck(fragile: House, patient: Someone) -> AsyncIterator[Waits]:
    """Hold the lock that every booking of this patient takes first; yields what tells that one waits for it."""
    url = make_url(fragile.settings.database_url or "").set(drivername="postgresql")
    connection = await psycopg.AsyncConnection.connect(url.render_as_string(hide_password=False), autocommit=True)
    await connection.execute("select pg_advisory_lock(uuid_hash_extended(%s, 0))", [patient.patient_id])

    async def waits() -> bool:
        found = await connection.execute("select 1 from pg_locks where locktype = 'advisory' and not granted")
        return await found.fetchone() is not None

    try:
        yield waits
    finally:
        await connection.close()


@asynccontextmanager
async def _no_postgres(house: House, clinic: Practices) -> AsyncIterator[None]:
    """Kill PostgreSQL, and start it afterwards as the supervisor does: again, until what the old one left has ended."""
    postgres = house.postgres
    assert postgres
    assert postgres.process
    postgres.process.kill()
    postgres.process.wait(10)

    async def is_up() -> bool:
        postgres.launch()
        try:
            await asyncio.to_thread(postgres.wait_until_ready)
        except DatabaseNotStarted:
            return False
        return True

    try:
        yield
    finally:
        await until(is_up, what="PostgreSQL to start again")
        await clinic.database.close()  # the test's own connections are gone as well; the next use opens others
