"""Every screen in every state: axe in both themes, and nothing beyond the edge of the narrowest phone."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Literal
from urllib.parse import urlencode
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio
from playwright.async_api import Browser, ViewportSize, WebSocketRoute, expect

from portal_app.core import clock, i18n
from portal_app.web.page import Page
from portal_app.web.registry import all_pages
from tests.browser import COLOURS, EVERY_RULE, axe_findings, overflow, resize, stretch
from tests.factories import Someone
from tests.features.access.conftest import accept, acting_for, invited
from tests.features.ages.conftest import born
from tests.journeys.clinic import ZONE, Doctor, Practices
from tests.journeys.conftest import Arrive
from tests.journeys.house import HOLD_FILE, House
from tests.journeys.walker import AWAY, DESK, PHONE, Walker

pytestmark = pytest.mark.asyncio(loop_scope="session")
NARROWEST: ViewportSize = {"width": 320, "height": 640}
SCHEMES: dict[Literal["light", "dark"], Mapping[str, object]] = {"light": EVERY_RULE, "dark": COLOURS}
EVERY_LANGUAGE = pytest.mark.parametrize("locale", list(i18n.LOCALES))
Look = Callable[[Walker], Awaitable[None]]


@pytest.fixture
def chromium(bare_chromium: Browser) -> Browser:
    """Look at every page in the browser without windows."""
    return bare_chromium


@pytest.fixture
def look(axe: str) -> Look:
    """Look at what a tab shows now, in both themes, at its own size and at the narrowest."""

    async def look(walker: Walker) -> None:
        size = walker.page.viewport_size or PHONE
        await stretch(walker.page)  # once for both themes
        for scheme, rules in SCHEMES.items():
            await walker.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            assert await axe_findings(walker.page, axe, rules) == []
        await resize(walker.page, NARROWEST)
        assert await overflow(walker.page) == []
        await resize(walker.page, size)
        assert walker.unexpected(AWAY) == []

    return look


@pytest_asyncio.fixture(loop_scope="session")
async def doctor(practices: Practices) -> Doctor:
    return await practices.doctor()


@pytest_asyncio.fixture(loop_scope="session")
async def patient(practices: Practices, doctor: Doctor) -> Someone:
    return await practices.patient(doctor)


async def _phone(arrive: Arrive, someone: Someone, locale: str) -> Walker:
    walker = await arrive(locale)
    await walker.let_in(someone)
    return walker


@EVERY_LANGUAGE
async def test_sign_in_asking_refusing_and_taking_a_code(arrive: Arrive, look: Look, locale: str) -> None:
    phone = await arrive(locale)
    await phone.open("/sign-in")
    await look(phone)
    await phone.page.locator("#email").fill("nobody at all")
    await phone.button("Send me a code").click()
    await expect(phone.page.get_by_text(phone.say("There is a problem"))).to_be_visible()
    await look(phone)
    await phone.page.locator("#email").fill(f"{uuid4().hex[:8]}@example.test")
    await phone.button("Send me a code").click()
    await expect(phone.page.locator("#code")).to_be_visible()
    await look(phone)
    await phone.page.locator("#code").fill("000000")
    await phone.button("Sign in").click()
    await expect(phone.page.get_by_text(phone.say("There is a problem"))).to_be_visible()
    await look(phone)


@EVERY_LANGUAGE
async def test_home_visits_and_me_without_and_with_a_visit(
    arrive: Arrive, practices: Practices, doctor: Doctor, patient: Someone, look: Look, locale: str
) -> None:
    phone = await _phone(arrive, await practices.people.sign_in_again(patient, assurance=2), locale)
    await phone.open("/")
    await expect(phone.heading("No visit booked")).to_be_visible()
    await look(phone)
    await phone.open("/appointments")
    await expect(phone.heading("No visit booked")).to_be_visible()
    await look(phone)
    times = await practices.free_times(patient, doctor)
    for free in (times[0], times[5]):
        await practices.booked(patient, free)
    await phone.open("/")
    await expect(phone.heading("Also coming up")).to_be_visible()
    await look(phone)
    await phone.open("/appointments")
    await expect(phone.heading("Coming up")).to_be_visible()
    await look(phone)
    await phone.open("/profile")
    await expect(phone.page.get_by_text(patient.email)).to_be_visible()
    await look(phone)
    await phone.open("/profile/devices")
    await expect(phone.page.get_by_text(phone.say("You have no passkey yet."))).to_be_visible()
    await look(phone)
    await phone.open("/profile/who-looked")
    await phone.page.locator("details > summary").last.click()
    await expect(phone.page.get_by_text(phone.say("Booked an appointment")).first).to_be_visible()
    await look(phone)


@EVERY_LANGUAGE
async def test_finding_a_time_and_finding_none(
    arrive: Arrive, practices: Practices, patient: Someone, look: Look, locale: str
) -> None:
    phone = await _phone(arrive, patient, locale)
    await phone.open("/book")
    await expect(phone.times.first).to_be_visible()
    await look(phone)
    for disclosure in await phone.page.locator("details > summary").all():
        await disclosure.click()
    await look(phone)
    idle = await practices.patient(await practices.doctor(opens=False))
    other = await _phone(arrive, idle, locale)
    await other.open("/book")
    await expect(other.heading("No free time in the next weeks")).to_be_visible()
    await look(other)


@EVERY_LANGUAGE
async def test_confirming_a_time_that_is_kept_ending_refused_and_taken(
    arrive: Arrive, practices: Practices, doctor: Doctor, patient: Someone, hasty: House, look: Look, locale: str
) -> None:
    (hasty.settings.data_dir / HOLD_FILE).write_text("300")
    phone = await arrive(locale, at=hasty)
    await phone.let_in(patient)
    await phone.to_confirmation()
    await look(phone)
    await phone.reason.fill("a" * 501)
    await phone.book.click()
    await expect(phone.page.get_by_text(phone.say("There is a problem"))).to_be_visible()
    await look(phone)
    (hasty.settings.data_dir / HOLD_FILE).write_text("59")
    await phone.to_confirmation()
    await expect(phone.button("Keep it five more minutes")).to_be_visible()
    await look(phone)
    quick = await practices.patient(doctor)
    await practices.let_lapse((await practices.appointments(patient))[0].id)
    await practices.booked(quick, (await practices.free_times(quick, doctor))[0])
    await phone.reason.fill("")
    await phone.book.click()
    await expect(phone.heading("The nearest free times")).to_be_visible()
    await look(phone)
    await phone.open("/book/confirm?at=nonsense")
    await expect(phone.heading("You have not been booked")).to_be_visible()
    await look(phone)


@EVERY_LANGUAGE
async def test_a_visit_booked_asked_about_cancelled_and_missing(
    arrive: Arrive, patient: Someone, look: Look, locale: str
) -> None:
    phone = await _phone(arrive, patient, locale)
    await phone.to_confirmation()
    await phone.reason.fill("My knee hurts")
    await phone.book.click()
    await expect(phone.heading("Your visit is booked")).to_be_visible()
    await look(phone)
    await phone.button("Cancel this visit").click()
    await expect(phone.page.get_by_role("dialog")).to_be_visible()
    await look(phone)
    await phone.button("Yes, cancel it").click()
    await expect(phone.page.locator(".tag", has_text=phone.say("Cancelled")).first).to_be_visible()
    await look(phone)
    await phone.open(f"/appointments/{uuid4()}")
    await expect(phone.heading("We could not find that visit")).to_be_visible()
    await look(phone)


@EVERY_LANGUAGE
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
async def test_the_day_empty_filled_and_asking(
    arrive: Arrive, practices: Practices, doctor: Doctor, patient: Someone, look: Look, locale: str, size: ViewportSize
) -> None:
    desk = await arrive(locale, size)
    await desk.let_in(doctor.account)
    await desk.open("/staff/schedule")
    await expect(desk.heading("Nobody here")).to_be_visible()
    await look(desk)
    free = next(one for one in await practices.free_times(patient, doctor) if one.starts_at > clock.now())
    await desk.turn_to(free.starts_at)
    await practices.booked(patient, free)
    await expect(desk.page.get_by_role("row")).to_have_count(2)
    await look(desk)
    await desk.page.get_by_role("button", name=desk.say("Cancel")).click()
    await expect(desk.page.get_by_role("dialog")).to_be_visible()
    await look(desk)


@EVERY_LANGUAGE
async def test_the_desk_finding_somebody_and_booking_for_them(
    arrive: Arrive, practices: Practices, doctor: Doctor, patient: Someone, look: Look, locale: str
) -> None:
    desk = await arrive(locale, DESK)
    await desk.let_in(await practices.people.staff("front_desk"))
    await desk.open("/staff/patients")
    await expect(desk.heading("Who is it?")).to_be_visible()
    await look(desk)
    await desk.page.locator("#query").fill("nobody at all")
    await expect(desk.heading("Nobody found")).to_be_visible()
    name = await practices.patient_name(patient)
    await desk.page.locator("#query").fill(name)
    await expect(desk.page.get_by_role("link").filter(has_text=name)).to_be_visible()
    await look(desk)
    await practices.booked(patient, (await practices.free_times(patient, doctor))[0])
    await desk.open(f"/staff/patients/{patient.patient_id}")
    await desk.button("Book a visit for them").click()
    await desk.page.locator(f"input[value='{practices.visit_type_id}']").check(force=True)
    await expect(desk.times.first).to_be_visible()
    await look(desk)
    await desk.times.first.click()
    await expect(desk.page.get_by_role("dialog")).to_be_visible()
    await look(desk)


@EVERY_LANGUAGE
async def test_the_week_and_the_month_with_a_visit_open_and_moving(
    arrive: Arrive, practices: Practices, doctor: Doctor, patient: Someone, look: Look, locale: str
) -> None:
    booked = await practices.booked(patient, (await practices.free_times(patient, doctor, 14))[-1])
    desk = await arrive(locale, DESK)
    await desk.let_in(doctor.account)
    await desk.open("/staff/schedule/month")
    await expect(desk.page.locator(".month-day").first).to_be_visible()
    await look(desk)
    await desk.open(f"/staff/schedule/week?day={booked.starts_at.astimezone(ZoneInfo(ZONE)).date()}")
    await expect(desk.page.locator(".week-item").first).to_be_visible()
    await look(desk)
    await desk.page.locator(".week-item").first.click()
    await expect(desk.page.get_by_role("dialog")).to_be_visible()
    await look(desk)
    await desk.button("Move").click()
    await expect(desk.page.locator(".week-ghost")).to_be_visible()
    await look(desk)
    await desk.button("Block a time").click()
    await desk.button("Block it").click()
    await expect(desk.page.get_by_text(desk.say("There is a problem"))).to_be_visible()
    await look(desk)


@EVERY_LANGUAGE
async def test_asking_to_become_a_patient_and_deciding(
    arrive: Arrive, practices: Practices, house: House, look: Look, locale: str
) -> None:
    phone = await arrive(locale)
    await phone.open("/register")
    await look(phone)
    await phone.button("Send my request").click()
    await expect(phone.page.get_by_text(phone.say("There is a problem"))).to_be_visible()
    await look(phone)
    family = f"Nuevo{uuid4().hex[:6]}"
    written = {"given": "Inés", "family": family, "birth-day": "1", "birth-month": "5", "birth-year": "1964",
               "email": f"{family}@example.test", "phone": "718 555 0142"}  # fmt: skip
    for name, value in written.items():
        await phone.page.locator(f"#{name}").fill(value)
    await phone.button("Send my request").click()
    await expect(phone.heading("We have your request")).to_be_visible()
    await look(phone)
    desk = await arrive(locale, DESK)
    await desk.let_in(await practices.people.staff("front_desk"))
    await practices.people.patient("Inés", family)
    await desk.open(f"/staff/registration?id={await practices.newest_registration()}")
    await expect(desk.page.locator("h3", has_text=family)).to_be_visible()
    await look(desk)
    await desk.button("New patient: open a chart").click()
    await expect(desk.page.get_by_role("dialog")).to_be_visible()
    await look(desk)
    await desk.button("Yes, open a new chart").click()
    await expect(desk.link("Open the chart")).to_be_visible()
    assert await house.mail(written["email"].lower(), "registration_accepted")


@EVERY_LANGUAGE
async def test_a_page_without_a_connection(arrive: Arrive, patient: Someone, look: Look, locale: str) -> None:
    phone = await _phone(arrive, patient, locale)
    await phone.open("/")
    await phone.context.set_offline(True)
    await expect(phone.page.get_by_role("status").get_by_text(phone.say("You are offline"))).to_be_visible()
    await look(phone)
    await phone.context.set_offline(False)
    await expect(phone.page.get_by_text(phone.say("You are offline"))).to_be_hidden()


@EVERY_LANGUAGE
async def test_the_practice_a_clinician_and_a_call_back_asked_for_refused_and_promised(
    arrive: Arrive, practices: Practices, doctor: Doctor, patient: Someone, look: Look, locale: str
) -> None:
    visitor, phone = await arrive(locale), await _phone(arrive, patient, locale)
    await visitor.open("/practice")
    await expect(visitor.heading("Call us")).to_be_visible()
    await look(visitor)
    await phone.open(f"/clinicians/{doctor.practitioner_id}")
    await expect(phone.heading_named(doctor.name)).to_be_visible()
    await look(phone)
    await phone.open(f"/clinicians/{uuid4()}")
    await expect(phone.heading("We could not find this clinician")).to_be_visible()
    await look(phone)
    await phone.open("/book")
    await phone.page.locator("#about").press_sequentially("pecho")
    await phone.page.locator(".rows button").first.wait_for()
    await look(phone)
    await phone.open("/call-back")
    await phone.button("Call me back").click()
    await expect(phone.page.get_by_text(phone.say("There is a problem"))).to_be_visible()
    await look(phone)
    await phone.page.get_by_label(phone.say("Appointments")).check()
    await phone.page.locator("#number").fill("718 555 0143")
    await phone.button("Call me back").click()
    await expect(phone.button("I no longer need a call")).to_be_visible()
    await look(phone)


@EVERY_LANGUAGE
async def test_settings_places_profiles_and_calls_to_make(
    arrive: Arrive, practices: Practices, doctor: Doctor, look: Look, locale: str
) -> None:
    desk = await arrive(locale, DESK)
    await desk.let_in(await practices.people.staff("manager", "front_desk"))
    await desk.open("/staff/settings")
    await expect(desk.heading("Phone lines")).to_be_visible()
    await look(desk)
    await desk.page.get_by_role("button", name=desk.say("Test call")).first.click()
    await expect(desk.heading("Call this number now")).to_be_visible()
    await look(desk)
    await desk.open(f"/staff/settings/place?id={practices.location_id}")
    await expect(desk.button("Save these hours")).to_be_visible()
    await look(desk)
    await desk.open(f"/staff/settings/rooms?id={practices.location_id}")
    await expect(desk.button("Add a room")).to_be_visible()
    await look(desk)
    await desk.open(f"/staff/settings/clinician?id={doctor.practitioner_id}")
    await expect(desk.button("Save this profile")).to_be_visible()
    await look(desk)
    await desk.open("/staff/settings/video")
    await desk.page.locator("#person").select_option(value=str(doctor.practitioner_id))
    await desk.page.locator("#region").select_option(value="US-VT")
    await desk.button("Save the licence").click()
    drop = f"{desk.say('Take the licence out')}: Dr. {doctor.name}, Vermont"
    await expect(desk.page.get_by_role("button", name=drop)).to_be_visible()
    await desk.page.get_by_role("button", name=f"{desk.say('Change the list')}: ").first.click()
    await expect(desk.button("Save the list")).to_be_visible()
    await look(desk)
    await desk.open("/staff/call-backs")
    await expect(desk.heading("Calls to make")).to_be_visible()
    await look(desk)


STATES = {"en": "VT", "es": "ME", "ar": "RI"}
"""States without a rule of their own, one for each language: tests of other languages run beside this one."""


@EVERY_LANGUAGE
async def test_a_rule_by_age_is_previewed_dated_and_taken_back_and_a_suspicion_closes_the_open_page(
    arrive: Arrive, practices: Practices, doctor: Doctor, look: Look, locale: str
) -> None:
    state, desk = STATES[locale], await arrive(locale, DESK)
    child = await practices.patient(doctor, "Wren", birth_date=born(9), state=state)
    parent = await practices.patient(doctor, "Ana", locale=locale)
    key = await invited(practices.database, child, parent.email, "results_view", relationship="parent", until="open")
    await accept(practices.database, parent, key)
    theirs = await _phone(arrive, await acting_for(practices.database, parent, child), locale)
    await theirs.open("/profile/acting-for")
    await expect(theirs.page.get_by_text(await practices.patient_name(child)).last).to_be_visible()
    await look(theirs)
    await desk.let_in(await practices.people.staff("manager", "front_desk"))
    await desk.open("/staff/settings/ages")
    await expect(desk.heading("Whose rule counts")).to_be_visible()
    await look(desk)
    await desk.page.locator("#counting").fill("AL")
    await desk.button("See what this changes").click()
    await expect(desk.button("Let this rule count")).to_be_visible()
    await look(desk)
    await desk.button("Leave it as it is").click()
    await expect(desk.page.locator("#counting")).to_be_visible()
    await _preview(desk, state)
    await expect(desk.page.get_by_text(await practices.patient_name(child))).to_be_visible()
    await look(desk)
    await desk.button("Date this rule").click()
    back = desk.page.get_by_role("button", name=f"{desk.say('Take it back')}: {state}")
    await back.click()
    await expect(desk.page.get_by_text(desk.say("Taken back. What counted before goes on counting."))).to_be_visible()
    await expect(back).to_have_count(0)

    await desk.open(f"/staff/caregivers?patient={child.patient_id}")
    await desk.page.get_by_role("link", name=f"{desk.say('Court limit or suspected abuse')}: Ana Moreno").click()
    await desk.page.locator("#why").fill("The school told us of bruises")
    await look(desk)
    await desk.button("Close everything now").click()
    lift = desk.page.get_by_role("button", name=f"{desk.say('Lift this limit')}: ")
    await expect(lift).to_be_visible()
    await theirs.at("/sign-in")
    await look(desk)


async def _preview(desk: Walker, state: str) -> None:
    await desk.button("Add a rule for another state").click()
    await desk.page.locator("#state").fill(state)
    day = (clock.now() + timedelta(days=30)).date().isoformat()
    for name, typed in (("effective_from", day), ("full_until", "8"), ("source", "A new law")):
        await desk.page.locator(f"#{name}").fill(typed)
    await desk.button("See what this changes").click()


@EVERY_LANGUAGE
async def test_the_outbox(arrive: Arrive, house: House, patient: Someone, look: Look, locale: str) -> None:
    visitor, reader = await arrive(locale), await arrive(locale)
    await reader.open("/outbox")
    await visitor.sign_in_by_code(patient.email)
    await expect(reader.page.get_by_text(patient.email).first).to_be_visible()
    await look(reader)


@EVERY_LANGUAGE
async def test_every_page_before_the_server_has_answered(
    arrive: Arrive, practices: Practices, patient: Someone, look: Look, locale: str
) -> None:
    """The socket never opens: what is seen is the first HTML, with its skeletons."""
    readers = await _readers(arrive, practices, patient, locale)
    for walker in readers.values():
        await walker.page.route_web_socket("**/_event/**", _silent)
    for page in all_pages():
        if page.audience in readers:
            walker = readers[page.audience]
            await walker.page.goto(walker.house.origin + _address(page, walker))
            await expect(walker.page.locator("h1").first).to_be_attached()
            await look(walker)


@EVERY_LANGUAGE
async def test_language_and_direction_are_right_in_the_first_html(
    arrive: Arrive, practices: Practices, patient: Someone, locale: str
) -> None:
    """Read as a program reads it, before any script has run; dynamic pages and those with a query too."""
    readers = await _readers(arrive, practices, patient, locale)
    wish = urlencode({"type": uuid4(), "at": "2030-01-01T10:00:00+00:00"})
    for page in all_pages():
        walker = readers.get(page.audience, readers["public"])
        for query in ("", f"?{wish}"):
            address = _address(page, walker) + query
            answer = await walker.context.request.get(walker.house.origin + address)
            opening = (await answer.text()).split(">", 2)[1]
            assert (answer.status, answer.url) == (200, walker.house.origin + address)
            assert f'lang="{locale}"' in opening, address
            assert f'dir="{i18n.direction(locale)}"' in opening, address


async def _readers(arrive: Arrive, practices: Practices, patient: Someone, locale: str) -> dict[str, Walker]:
    """Return somebody for each audience of a page; at work, somebody who may open every one."""
    desk = await arrive(locale, DESK)
    roles = ("clinician", "nurse", "front_desk", "billing", "manager")
    await desk.let_in(await practices.people.staff(*roles, location_id=practices.location_id))
    proved = await practices.people.sign_in_again(patient, assurance=2)
    return {"patient": await _phone(arrive, proved, locale), "staff": desk, "public": await arrive(locale)}


def _address(page: Page, walker: Walker) -> str:
    return walker.path(page.route.replace("[id]", str(uuid4())))


async def _silent(socket: WebSocketRoute) -> None:
    """Take what the page says and never answer."""
    socket.on_message(lambda _: None)


@EVERY_LANGUAGE
async def test_sharing_a_chart_and_acting_for_somebody(
    arrive: Arrive, look: Look, practices: Practices, doctor: Doctor, patient: Someone, locale: str
) -> None:
    owner = await _phone(arrive, await practices.people.sign_in_again(patient, assurance=2), locale)
    await owner.open("/profile/caregivers")
    await look(owner)
    await owner.open("/profile/caregivers/invite")
    await look(owner)
    await owner.button("Send the invitation").click()
    await expect(owner.page.get_by_text(owner.say("There is a problem"))).to_be_visible()
    await look(owner)
    someone = await practices.patient(doctor, "Ana", locale=locale)
    key = await invited(practices.database, patient, someone.email, "booking_view")
    carer = await _phone(arrive, someone, locale)
    await carer.open(f"/invitation?key={key}")
    await expect(carer.heading("Will you act for this person?")).to_be_visible()
    await look(carer)
    await carer.button("Accept").click()
    await expect(carer.heading("You can act for them now")).to_be_visible()
    await look(carer)
    await carer.button("Open their page").click()
    await carer.at("/")
    await look(carer)
    await carer.open("/profile/acting-for?why=part&part=bills")
    await look(carer)
    await owner.open("/profile/caregivers")
    await expect(owner.page.get_by_text(owner.say("Can act for you"))).to_be_visible()
    await look(owner)
