"""Seeing as the patient does, against the production server: what a script may try with such a session."""

from collections.abc import AsyncIterator

import psycopg
import pytest
from reflex_base.registry import RegistrationContext
from reflex_base.utils.format import format_event_handler

from portal_app.settings import Settings
from portal_app.state.base import policy_of
from portal_app.web.page import Page
from portal_app.web.registry import all_pages
from tests.conftest import Server
from tests.factories import Clinic, Someone
from tests.features.privacy.test_seeing import looking, may_look
from tests.web.conftest import Portal
from tests.web.every_handler import address_of
from tests.web.victim import NAME, PHONE, WORDS, World, make_world
from tests.web.wire import ROOT, open_tab

STATE = f"{ROOT}.portal_app___state___"
CONFIRM = f"{STATE}home____home.on_confirm"
CALLED = f"{STATE}answer____answer.on_say"
STAFF_PATIENTS = f"{STATE}staff_patients____staff_patients.on_search"
HOME = f"{STATE}home____home.on_load"
SHOWN = ("/", "/appointments", "/book", "/waiting", "/profile")
OF_WORK = ("/staff/schedule", "/staff/patients", "/staff/as-patient")


async def both(people: Clinic) -> tuple[Someone, Someone, Someone]:
    """Return a patient, somebody at the front desk, and the same person seeing the patient's pages."""
    patient, desk = await people.patient("Zuleika", "Unmistakable"), await people.staff("front_desk")
    return patient, desk, await looking(people.database, desk, patient.patient_id)


def test_no_event_that_changes_anything_is_open_to_whoever_only_looks() -> None:
    open_to_them = may_look()
    writing = {
        name: policy
        for name, registered in RegistrationContext.get().event_handlers.items()
        if (policy := policy_of(registered.handler.fn)) and registered.handler.event_actions.get("temporal")
    }
    assert len(writing) > 50
    assert {name for name, policy in writing.items() if policy in open_to_them} == set()


async def test_the_patients_own_pages_open_and_every_other_leads_to_the_way_back(
    portal: Portal, people: Clinic
) -> None:
    _, _, look = await both(people)
    for path in SHOWN:
        assert portal.get(path, portal.signed_in(look)).status_code == 200, path
    for path in OF_WORK:
        answer = portal.get(path, portal.signed_in(look))
        assert (answer.status_code, answer.headers.get("location")) == (303, "/looked"), path
    assert portal.get("/looked", portal.signed_in(look)).status_code == 200


async def test_a_raw_event_that_writes_or_works_is_refused_and_the_page_goes_on(portal: Portal, people: Clinic) -> None:
    patient, _, look = await both(people)
    async with open_tab(portal.origin, portal.signed_in(look), path="/") as tab:
        await tab.arrive()
        for name, payload in (
            (CONFIRM, {"appointment_id": str(patient.patient_id)}),
            (CALLED, {"form": {"name": "Eve"}}),
            (STAFF_PATIENTS, {"query": "Unmistakable"}),
        ):
            await tab.send(name, **payload)
            await tab.until(lambda tab: "Nothing can be changed" in str(tab.var("notice____notice", "text")))
        await tab.send(HOME)
        await tab.until(lambda tab: tab.var("home____home", "greeting") == "Hello, Zuleika")
    async with people.database.act_as_system("test") as tx:
        assert await tx.scalar("select called from patient where id = :id", {"id": patient.patient_id}) == ""


async def test_a_tab_of_the_work_before_shows_nothing_more_once_a_look_has_begun(
    portal: Portal, people: Clinic
) -> None:
    _, _, look = await both(people)
    async with open_tab(portal.origin, portal.signed_in(look), path="/staff/patients") as tab:
        await tab.arrive()
        await tab.send(STAFF_PATIENTS, query="Unmistakable")
        await tab.until(lambda tab: tab.var("departure", "to") == "/looked")
        assert "Zuleika" not in str(tab.seen)


async def test_a_look_begins_and_stops_by_plain_forms_each_with_another_cookie(portal: Portal, people: Clinic) -> None:
    patient, desk = await people.patient("Zuleika"), await people.staff("front_desk")
    asked = {"chart": str(patient.patient_id), "kind": "", "locale": "en"}
    refused = portal.post("/auth/as-patient", portal.signed_in(desk), data=asked)
    assert refused.headers["location"] == f"/staff/as-patient?chart={patient.patient_id}&problem=kind"
    begun = portal.post("/auth/as-patient", portal.signed_in(desk), data=asked | {"kind": "asked"})
    look = cookie_of(begun.headers["set-cookie"])
    stopped = portal.post("/auth/as-patient/stop", portal.headers(look))
    work = cookie_of(stopped.headers["set-cookie"])
    assert portal.get("/staff/patients", portal.headers(work)).status_code == 200
    again = portal.post("/auth/as-patient/stop", portal.headers(look))
    assert (again.headers["location"], "set-cookie" in again.headers) == ("/", False)


def cookie_of(header: str) -> str:
    return header.split(";", maxsplit=1)[0].split("=", 1)[1]


async def test_signing_out_of_a_look_ends_the_work_it_came_from_too(portal: Portal, people: Clinic) -> None:
    _, desk, look = await both(people)
    portal.post("/auth/sign-out", portal.signed_in(look), data={"locale": "en"})
    async with people.database.act_as_system("test") as tx:
        ended = await tx.all(
            "select ended_at from session where person_id = :id and ended_at is null", {"id": desk.person_id}
        )
    assert ended == []


async def test_choosing_a_language_shows_the_page_in_it_and_changes_nobodys(portal: Portal, people: Clinic) -> None:
    _, desk, look = await both(people)
    answer = portal.post("/auth/language/es", portal.signed_in(look) | {"referer": f"{portal.origin}/profile"})
    assert answer.headers["location"] == "/es/profile"
    async with people.database.act_as_system("test") as tx:
        assert await tx.scalar("select locale from person where id = :id", {"id": desk.person_id}) == "en"


FOR_THE_PATIENT = {
    "/bill-question", "/book/confirm", "/book/series", "/given-code", "/here", "/insurance/add", "/invitation",
    "/medications/review", "/pay", "/pay/return", "/profile/acting-for", "/profile/answer",
    "/profile/caregivers/invite", "/profile/contact", "/profile/devices", "/profile/notifications", "/profile/record",
    "/profile/who-looked", "/requests/ask", "/text-code", "/vitals/import", "/vitals/log", "/vitals/plan",
    "/waiting/ask", "/welcome",
}  # fmt: skip
"""What stays shut in every look; why, docs/decisions/0099-what-a-look-shows.md says of each."""
OF_BILLS = {"/bills", "/bills/[id]", "/check-in/copay", "/estimates", "/estimates/[id]", "/pay/plan"}
OF_THE_DESK = {"/check-in/contact", "/check-in/insurance", "/insurance", "/insurance/[id]", "/profile/caregivers"}
CLINICAL = {"/forms", "/forms/[id]", "/medications", "/visit", "/vitals", "/vitals/reading", "/vitals/see"}
NOT_OF_ROLE = {
    "front_desk": OF_BILLS | CLINICAL,
    "front_desk billing": CLINICAL,
    "nurse": OF_BILLS | OF_THE_DESK,
    "front_desk billing nurse": set[str](),
}
"""What stays shut to whoever looks with these hats, as at work."""
WITHOUT_A_WISH = {"/book/confirm", "/book/series"}
"""What leads back to booking, before anybody is asked, where the address names no time."""
WHY = {"patient": "That page is for the patient alone", "part": "is not shown to your role"}


@pytest.fixture
async def world(server: Server, web_settings: Settings, people: Clinic) -> AsyncIterator[World]:
    """Make a patient with something of every kind."""
    world = await make_world(server, web_settings, people)
    yield world
    with psycopg.connect(world.dsn) as connection:  # there is one practice at most, and the other tests have none
        connection.execute("delete from practice")


@pytest.mark.parametrize("hats", NOT_OF_ROLE)
async def test_every_page_of_patients_opens_in_a_look_and_is_recorded_or_says_why_it_does_not(
    portal: Portal, world: World, hats: str
) -> None:
    staff = await world.people.staff(*hats.split(), location_id=world.practices.location_id)
    look = await looking(world.people.database, staff, world.victim.patient_id)
    patients = [page for page in all_pages() if page.audience == "patient"]
    shut = {"patient": FOR_THE_PATIENT, "part": NOT_OF_ROLE[hats]}
    for page in patients:
        why = next((why for why, routes in shut.items() if page.route in routes), "")
        answer = portal.get(address_of(page.route, world.ids), portal.signed_in(look))
        led = answer.headers.get("location")
        assert (answer.status_code, led) == ((303, f"/looked?why={why}") if why else (200, None)), page.route
    assert {page.route for page in patients} >= FOR_THE_PATIENT | OF_BILLS | OF_THE_DESK | CLINICAL


@pytest.mark.parametrize("hats", NOT_OF_ROLE)
async def test_what_is_shut_sends_nothing_of_the_patient_when_its_events_come_raw(
    portal: Portal, world: World, hats: str
) -> None:
    staff = await world.people.staff(*hats.split(), location_id=world.practices.location_id)
    look = await looking(world.people.database, staff, world.victim.patient_id)
    shut = (FOR_THE_PATIENT | NOT_OF_ROLE[hats]) - WITHOUT_A_WISH
    async with open_tab(portal.origin, portal.signed_in(look), path="/appointments") as tab:
        await tab.arrive()
        for page in all_pages():
            if page.route in shut:
                since = len(tab.heard)
                await tab.send_from(address_of(page.route, world.ids), _opening(page), {})
                await tab.until(lambda tab: "/looked?why=" in str(tab.var("departure", "to")))
                assert not any(words in "".join(tab.heard[since:]) for words in (NAME, PHONE, WORDS)), page.route
                await tab.send(f"{STATE}notice____notice.on_dismiss")
                await tab.until(lambda tab: tab.var("departure", "to") == "")


@pytest.mark.parametrize("why", WHY)
async def test_the_way_back_says_in_one_sentence_why_a_page_stays_shut(
    portal: Portal, people: Clinic, why: str
) -> None:
    _, _, look = await both(people)
    async with open_tab(portal.origin, portal.signed_in(look), path=f"/looked?why={why}") as tab:
        await tab.arrive()
        await tab.send(f"{STATE}looking____looking.on_load")
        await tab.until(lambda tab: WHY[why] in str(tab.var("looking____looking", "shut")))


def _opening(page: Page) -> str:
    loads = page.on_load if isinstance(page.on_load, list | tuple) else [page.on_load]
    return format_event_handler(loads[0])
