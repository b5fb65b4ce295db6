"""Readings from home: in a few taps, questioned, told to a nurse, and seen to while the patient looks."""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from playwright.async_api import Locator, Page, Route, expect

from portal_app.core import clock, i18n
from portal_app.features.vitals import saying
from portal_app.features.vitals import service as vitals
from portal_app.state.vital_words import DANGER_IF_RIGHT
from tests.browser import axe_findings, overflow
from tests.journeys.beside import visit_and_medicine
from tests.journeys.clinic import Practices
from tests.journeys.conftest import Arrive
from tests.journeys.walker import AWAY, DESK, PHONE, Walker

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def _type(phone: Walker, upper: str, lower: str) -> None:
    await phone.page.locator("#value").fill(upper)
    await phone.page.locator("#pair").fill(lower)
    await phone.tap(phone.button("Save this reading"))


def _emergency(phone: Walker) -> Locator:
    return phone.page.get_by_role("link", name=phone.say("Emergency"))


async def _looks_right(phone: Walker, axe: str) -> None:
    assert await axe_findings(phone.page, axe) == []
    assert await overflow(phone.page) == []


async def _mistypes_and_is_questioned(phone: Walker, axe: str) -> None:
    """Type a number that cannot be; what was typed is kept."""
    await phone.open("/vitals/log")
    await phone.tap(phone.page.locator("button.row").first)
    await _type(phone, "١٩٠", "1000")
    await expect(phone.heading("Are these numbers right?")).to_be_visible()
    await expect(phone.page.get_by_text(phone.say(DANGER_IF_RIGHT))).to_be_visible()
    await expect(_emergency(phone)).to_have_count(1)
    await _looks_right(phone, axe)
    await phone.tap(phone.button("Change the numbers"))
    await expect(phone.page.locator("#value")).to_have_value("١٩٠")
    await _looks_right(phone, axe)


async def _puts_it_right_and_the_care_team_is_alerted(phone: Walker, row: Locator) -> None:
    await phone.page.locator("#pair").fill("100")
    await phone.tap(phone.button("Save this reading"))
    await expect(phone.page.get_by_text("190/100 mmHg", exact=True)).to_be_visible()
    await expect(phone.page.get_by_text(phone.say("Your care team was alerted."))).to_be_visible()
    assert phone.taps == 4
    await expect(row.get_by_text("Today", exact=True)).to_be_visible()


async def _measures_again_after_a_rest(phone: Walker, row: Locator, axe: str) -> None:
    """Find it as high: the advice for an emergency comes first, and the alert is worse."""
    await phone.tap(phone.button("Measure again"))
    await expect(phone.page.locator("#value")).to_have_value("")
    await _type(phone, "188", "101")
    await expect(phone.page.get_by_role("link", name=phone.say("Emergency"))).to_be_visible()
    await expect(row.get_by_text("Call now", exact=True)).to_be_visible()
    await _looks_right(phone, axe)


async def _is_told_who_has_it_and_what_came_of_it(phone: Walker, desk: Walker, row: Locator, axe: str) -> None:
    await row.get_by_role("button", name="I have it").click()
    await expect(phone.page.get_by_text("Noor Haddad")).to_be_visible()
    await phone.open("/vitals")
    await expect(phone.page.get_by_text("188/101", exact=True)).to_be_visible()
    await row.get_by_role("button", name="Close it").click()
    await desk.page.locator("label.choice:has(input[value='called'])").click()
    await desk.button("Close the alert").click()
    await expect(phone.page.get_by_text(phone.say("We spoke with you about it."))).to_be_visible()
    await _looks_right(phone, axe)


async def _opens_the_measure_over_time(phone: Walker, axe: str) -> None:
    """See the picture, the sentence that says it, and every reading in a table."""
    await phone.page.locator("a.row[href*='/vitals/see']").first.click()
    await expect(phone.page.get_by_role("img", name="190/100")).to_be_visible()
    await expect(phone.page.get_by_role("row").filter(has_text="188/101")).to_be_visible()
    await _looks_right(phone, axe)


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_a_high_pressure_is_repeated_taken_by_a_nurse_and_the_patient_sees_it(
    arrive: Arrive, practices: Practices, axe: str, locale: str
) -> None:
    someone = await practices.patient(await practices.doctor(), locale=locale)
    phone, desk = await arrive(locale, PHONE), await arrive("en", DESK)
    await phone.let_in(await practices.people.sign_in_again(someone, timedelta(hours=1), 2))
    await desk.let_in(await practices.people.staff("nurse", name="Noor Haddad"))
    await desk.open("/staff/alerts")
    row = desk.page.get_by_role("row").filter(has_text=await practices.patient_name(someone))

    await _mistypes_and_is_questioned(phone, axe)
    await _puts_it_right_and_the_care_team_is_alerted(phone, row)
    await _measures_again_after_a_rest(phone, row, axe)
    await _is_told_who_has_it_and_what_came_of_it(phone, desk, row, axe)
    await _opens_the_measure_over_time(phone, axe)
    assert desk.unexpected() == phone.unexpected() == []


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_a_warning_sign_is_answered_before_anything_else_with_a_line_and_without(
    arrive: Arrive, practices: Practices, axe: str, locale: str
) -> None:
    # Given somebody who ticks a warning sign: the number to call stands there before anything is sent
    someone = await practices.patient(await practices.doctor(), locale=locale)
    phone = await arrive(locale, PHONE)
    await phone.let_in(await practices.people.sign_in_again(someone, timedelta(hours=1), 2))
    async with phone.page.expect_response("**/vitals/carried"):
        await phone.open("/vitals/log?what=oxygen")
    await expect(phone.page.locator("#value")).to_be_visible()
    await expect(_emergency(phone)).to_have_count(0)
    await phone.page.locator("label.choice:has(#symptom)").click()
    await expect(_emergency(phone)).to_have_count(1)

    # When they save without a number, then it stands there still
    await phone.tap(phone.button("Save this reading"))
    await expect(phone.heading("There is a problem")).to_be_visible()
    await expect(_emergency(phone)).to_have_count(1)
    await _looks_right(phone, axe)

    # And the same without a line, without a number and with one in doubt
    await phone.context.set_offline(True)
    await expect(phone.page.locator("form[data-kept]")).to_be_visible()
    await expect(_emergency(phone)).to_have_count(1)
    await phone.page.locator("form[data-kept] button[type=submit]").click()
    await expect(phone.page.locator("#kept-value-error")).to_be_visible()
    await expect(_emergency(phone)).to_have_count(1)
    await phone.page.locator("form[data-kept] label.choice:has(input[type=checkbox])").click()
    await expect(_emergency(phone)).to_have_count(0)
    await phone.page.locator("#kept-value").fill("59")
    await phone.page.locator("form[data-kept] button[type=submit]").click()
    await expect(phone.page.locator("[data-reading=doubt]")).to_contain_text(phone.say(DANGER_IF_RIGHT))
    await expect(_emergency(phone)).to_have_count(1)
    await _looks_right(phone, axe)
    assert phone.unexpected(AWAY) == []


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_a_dangerous_reading_without_a_line_says_what_to_do_and_arrives_once(
    arrive: Arrive, practices: Practices, axe: str, locale: str
) -> None:
    # Given somebody with the page open, whose line goes while they type
    someone = await practices.patient(await practices.doctor(), locale=locale)
    phone = await arrive(locale, PHONE)
    await phone.let_in(await practices.people.sign_in_again(someone, timedelta(hours=1), 2))
    async with phone.page.expect_response("**/vitals/carried"):
        await phone.open("/vitals/log?what=glucose")
    await phone.page.locator("#value").fill("٤٩")
    await phone.context.set_offline(True)

    # When they save it, then what was typed is there, treating comes first, and nobody is said to know
    await expect(phone.page.locator("#kept-value")).to_have_value("٤٩")
    assert await axe_findings(phone.page, axe) == await overflow(phone.page) == []
    await phone.page.locator("form[data-kept] button[type=submit]").click()
    await expect(phone.page.get_by_role("link", name=phone.say("Emergency"))).to_be_visible()
    first = phone.say("First take 15 grams of sugar: half a glass of juice, or 3 to 4 glucose tablets.")
    await expect(phone.page.get_by_text(first)).to_be_visible()
    nobody = "Nobody has been told yet. It is kept on this device and sent as soon as there is a connection."
    await expect(phone.page.locator("[data-reading] p", has_text=phone.say(nobody))).to_be_visible()
    await expect(phone.page.get_by_text(phone.say("Waiting to send"), exact=True)).to_be_visible()
    assert await axe_findings(phone.page, axe) == await overflow(phone.page) == []

    # And when there is a line again, it is in once, and the care team is alerted
    await phone.context.set_offline(False)
    await expect(phone.page.get_by_text(phone.say("Sent"), exact=True)).to_be_visible()
    async with practices.database.act_as_system("test") as tx:
        kept = await tx.all("select severity from reading where patient_id = :id", {"id": someone.patient_id})
        told = await tx.scalar("select times from alert where patient_id = :id", {"id": someone.patient_id})
    assert ([one.severity for one in kept], told) == (["critical"], 1)
    await phone.open("/vitals")
    await expect(phone.page.get_by_text("49", exact=True)).to_be_visible()
    assert phone.unexpected(AWAY) == []


async def _types_when(phone: Walker, form: str, field: str, at: str, number: str) -> None:
    await phone.page.locator(f"{form} details summary").first.click()
    await expect(phone.page.locator(f"#{field}-hint")).to_be_visible()
    await phone.page.locator(f"#{field}").fill(at)
    await phone.page.locator(f"#{field.replace('at', 'value')}").fill(number)


async def test_a_typed_time_goes_by_the_clock_at_home_with_a_line_and_without_while_somebody_travels(
    arrive: Arrive, practices: Practices, axe: str
) -> None:
    # Given somebody of New York whose phone is elsewhere
    someone = await practices.patient(await practices.doctor(), zone="America/New_York")
    phone = await arrive("en", PHONE)
    await phone.let_in(await practices.people.sign_in_again(someone, timedelta(hours=1), 2))
    async with phone.page.expect_response("**/vitals/carried"):
        await phone.open("/vitals/log?what=oxygen")

    # When they type a time with a line, then without one, then each field says whose clock it goes by
    await _types_when(phone, "#log-reading", "at", "2026-11-01T01:30", "97")
    await expect(phone.page.locator("#at-hint")).to_have_text("Times here go by the clock in New York.")
    await _looks_right(phone, axe)
    await phone.button("Save this reading").click()
    await expect(phone.page.get_by_text("97 %", exact=True)).to_be_visible()
    async with phone.page.expect_response("**/vitals/carried"):
        await phone.open("/vitals/log?what=oxygen")
    await phone.context.set_offline(True)
    await _types_when(phone, "form[data-kept]", "kept-at", "2026-11-01T01:30", "98")
    await _looks_right(phone, axe)
    await phone.page.locator("form[data-kept] button[type=submit]").click()
    await expect(phone.page.get_by_text(phone.say("Waiting to send"), exact=True)).to_be_visible()
    await phone.context.set_offline(False)
    await expect(phone.page.get_by_text(phone.say("Sent"), exact=True)).to_be_visible()

    # And both are the same moment
    async with practices.database.act_as_system("test") as tx:
        kept = await tx.all("select distinct taken_at from reading where patient_id = :id", {"id": someone.patient_id})
    assert [one.taken_at for one in kept] == [datetime(2026, 11, 1, 5, 30, tzinfo=UTC)]
    assert phone.unexpected(AWAY) == []


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_a_reading_of_a_broken_device_says_that_it_is_only_counted(
    arrive: Arrive, practices: Practices, axe: str, locale: str
) -> None:
    # Given as many readings of the last minutes as are kept one by one
    someone = await practices.patient(await practices.doctor(), locale=locale)
    patient = await practices.people.sign_in_again(someone, timedelta(hours=1), 2)
    async with practices.database.act_as(patient.credential, "vitals.log") as tx:
        for _count in range(vitals.HOURLY_MOST):
            await vitals.log_reading(tx, vitals.NewReading("oxygen", "%", Decimal(97), uuid4()))
    phone = await arrive(locale, PHONE)
    await phone.let_in(patient)
    async with phone.page.expect_response("**/vitals/carried"):
        await phone.open("/vitals/log?what=oxygen")

    # When one more waited for a line and is sent, then the page says what became of it, and not that it was kept
    await phone.context.set_offline(True)
    await phone.page.locator("#kept-value").fill("96")
    await phone.page.locator("form[data-kept] button[type=submit]").click()
    await expect(phone.page.get_by_text(phone.say("Waiting to send"), exact=True)).to_be_visible()
    await phone.context.set_offline(False)
    said = phone.page.get_by_role("status").get_by_text(phone.say(vitals.ReadingCounted.message), exact=True)
    await expect(said).to_be_visible()
    for outcome in ("Waiting to send", "Sent"):
        await expect(phone.page.get_by_text(phone.say(outcome), exact=True)).to_have_count(0)
    await _looks_right(phone, axe)

    # And so does a page that has a line, and the list says it
    await phone.open("/vitals/log?what=oxygen")
    await phone.page.locator("#value").fill("98")
    await phone.button("Save this reading").click()
    await expect(phone.page.get_by_role("alert").get_by_text(phone.say(vitals.ReadingCounted.message))).to_be_visible()
    await _looks_right(phone, axe)
    await phone.open("/vitals/see?what=oxygen")
    lowest = vitals.Surplus("oxygen", "%", 1, Decimal(96), Decimal(96), None, None, clock.now(), clock.now())
    with i18n.use(locale):  # a line for each hour, which may have ended meanwhile
        said_of = "|".join(re.escape(saying.surplus_range(lowest._replace(most=Decimal(most)))) for most in (96, 98))
    await expect(phone.page.get_by_role("row").filter(has_text=re.compile(said_of))).to_be_visible()
    await _looks_right(phone, axe)
    assert phone.unexpected(AWAY) == []


async def test_signing_out_says_that_a_reading_has_not_been_sent_and_then_leaves_nothing(
    arrive: Arrive, practices: Practices
) -> None:
    someone = await practices.patient(await practices.doctor())
    phone = await arrive("en", PHONE)
    await phone.let_in(await practices.people.sign_in_again(someone, timedelta(hours=1), 2))
    await phone.page.route("**/vitals/carried/readings", lambda route: route.abort())
    async with phone.page.expect_response("**/vitals/carried"):
        await phone.open("/vitals/log?what=pulse")
    await phone.context.set_offline(True)
    await phone.page.locator("#kept-value").fill("70")
    await phone.page.locator("form[data-kept] button[type=submit]").click()
    await expect(phone.page.get_by_text("Waiting to send", exact=True)).to_be_visible()
    await phone.context.set_offline(False)
    await phone.open("/profile")
    await phone.button("Sign out").click()
    await expect(phone.link("Go back to it")).to_have_attribute("href", "/vitals/log")
    await phone.button("Sign out").click()
    await phone.at("/sign-in")
    kept = await phone.page.evaluate("indexedDB.databases().then((all) => all.map((one) => one.name))")
    assert "portal-forms" not in kept


async def _dots_stand_along_the_lines(phone: Walker) -> None:
    """See that the browser draws the dots where Python would: both find the points of a line by one pattern."""
    read = "found => found.map((one) => one.getAttribute('d'))"
    lines, dots = [
        await phone.page.locator(f"svg.chart path.{name}").evaluate_all(read) for name in ("chart-line", "chart-dots")
    ]
    assert len(lines) == 2
    assert all(lines)
    assert dots == [vitals.dots_of(line) for line in lines]


async def _is_asked_which_day_it_is(phone: Walker, axe: str) -> None:
    """Bring a file whose days may be two, in another encoding: nothing of it can be kept before one is chosen."""
    content = "Date;Time;Weight (kg)\n03/04/2021;7:15;72,5\n".encode("utf-16")
    sent = {"name": "list.csv", "mimeType": "text/csv", "buffer": content}
    await phone.page.locator("#file").set_input_files(sent)  # type: ignore[arg-type]
    keep = phone.page.locator("[data-import] button.btn:not(.btn-quiet)")
    await expect(phone.page.locator("[data-import] input[name=order]")).to_have_count(2)
    await expect(keep).to_have_count(0)
    await _looks_right(phone, axe)
    await phone.page.locator("[data-import] label.choice").first.click()
    await expect(keep).to_have_count(1)
    await expect(phone.page.get_by_text("72.5 kg")).to_be_visible()
    await phone.button("Choose another file").click()


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_a_file_of_readings_is_seen_before_it_is_kept(
    arrive: Arrive, practices: Practices, axe: str, locale: str
) -> None:
    doctor = await practices.doctor()
    someone = await practices.patient(doctor, locale=locale)
    await visit_and_medicine(practices, doctor, someone, "Lisinopril 10 mg")
    phone = await arrive(locale, PHONE)
    await phone.let_in(await practices.people.sign_in_again(someone, timedelta(hours=1), 2))
    await phone.open("/vitals/import")
    await _is_asked_which_day_it_is(phone, axe)
    days = [(clock.now() - timedelta(days=n)).date() for n in (3, 5, 7, 9)]
    content = (
        f"date,time,systolic,diastolic,pulse\n{days[0]},7:10,128,79,66\n{days[1]},7:10,141,88,\n"
        f"{days[2]},7:10,80,120,\n{days[3]},x,1,2,\n"
    )
    sent = {"name": "list.csv", "mimeType": "text/csv", "buffer": content.encode()}
    assert await axe_findings(phone.page, axe) == await overflow(phone.page) == []
    await phone.page.locator("#file").set_input_files(sent)  # type: ignore[arg-type]
    await expect(phone.heading("What is in your file")).to_be_focused()
    lines = phone.page.locator("[data-import] li.row")
    await expect(lines).to_have_count(4)
    swapped = phone.say("The upper number is not above the lower one. Are they the wrong way round?")
    await expect(lines.filter(has_text=swapped)).to_have_count(1)
    assert await axe_findings(phone.page, axe) == await overflow(phone.page) == []
    await phone.page.locator("[data-import] button.btn").first.click()
    await expect(phone.heading("Kept")).to_be_focused()
    await phone.link("See all readings").click()
    await phone.page.locator("a.row[href*='/vitals/see']").first.click()

    # And the picture is gone through by arrow keys, and stands as a table and on paper too
    await phone.page.get_by_role("slider", name=phone.say("Go from reading to reading")).press("ArrowLeft")
    await expect(phone.page.get_by_role("status").filter(has_text="141/88")).to_be_visible()
    await expect(phone.page.get_by_role("row").filter(has_text="128/79")).to_be_visible()

    # And beside the readings stand the visit and the medicine: as signs, in the sentence, and in the table
    started = phone.say("{name} started").format(name="Lisinopril 10 mg")
    seen = phone.say("Visit with {name}").format(name=doctor.name)
    for said in (started, seen):
        await expect(phone.page.get_by_role("img", name=said)).to_be_visible()
        await expect(phone.page.get_by_role("row").filter(has_text=said)).to_be_visible()
    await expect(phone.page.locator("svg.chart path.chart-sign[d^='M']")).to_have_count(2)
    await _dots_stand_along_the_lines(phone)
    await expect(phone.page.get_by_text(phone.say("A medicine was started, changed or stopped"))).to_be_visible()
    assert await axe_findings(phone.page, axe) == await overflow(phone.page) == []
    async with phone.page.expect_download() as taken:
        await phone.link("These readings on paper (PDF)").click()
    assert (await taken.value).suggested_filename == "list.pdf"
    assert phone.complaints == []


async def _places(page: Page) -> list[object]:
    """Return what leads the page, and where each part of it stands."""
    found: list[object] = await page.evaluate(
        """() => [...document.querySelectorAll(
            ".view-tab, .card-first :is(h2, bdi, .tag, p:not(.font-bold)), svg.chart, svg.chart text"
        )].map((part) => [part.textContent, ...["x", "y", "width", "height"].map(
            (side) => Math.round(part.getBoundingClientRect()[side])
        )])"""
    )
    return found


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_a_measure_is_there_before_any_script_and_nothing_moves_when_they_come(
    arrive: Arrive, practices: Practices, axe: str, locale: str
) -> None:
    someone = await practices.patient(await practices.doctor(), locale=locale)
    strong = await practices.people.sign_in_again(someone, timedelta(hours=1), 2)
    async with practices.database.act_as(strong.credential, "vitals.log") as tx:
        for upper in ("147", "151"):
            new = vitals.NewReading("blood_pressure", "mm[Hg]", Decimal(upper), uuid4(), pair=Decimal(91))
            await vitals.log_reading(tx, new)
    phone, held = await arrive(locale, PHONE), asyncio.Event()
    await phone.let_in(strong)
    await phone.page.emulate_media(reduced_motion="reduce")  # what waits below breathes else without end

    async def hold(route: Route) -> None:
        await held.wait()
        await route.continue_()

    # When no script has come yet
    await phone.page.route("**/assets/*.js", hold)
    try:
        await phone.page.goto(phone.house.origin + phone.path("/vitals/see?what=blood_pressure"), wait_until="commit")
        await expect(phone.page.locator("#first-look bdi").first).to_have_text("151/91")
        await expect(phone.page.locator("#first-look svg.chart")).to_be_visible()
        await expect(phone.page.locator("#first-look ~ div")).to_be_hidden()
        await _looks_right(phone, axe)
        first = await _places(phone.page)
    finally:
        held.set()

    # Then it is the same once they have, and stands in the trail once
    await phone.answers()
    await expect(phone.page.locator("#first-look")).to_have_count(0)
    await expect(phone.page.get_by_role("row").filter(has_text="147/91")).to_be_visible()
    assert await _places(phone.page) == first
    await practices.database.told()
    async with practices.database.act_as_system("test") as tx:
        seen = "select count(*) from audit_event where action = 'vitals.see' and patient_id = :id"
        assert await tx.scalar(seen, {"id": someone.patient_id}) == 1
    assert phone.unexpected() == []
