"""Seeing as the patient does, against the production server: what a script may try with such a session."""

from reflex_base.registry import RegistrationContext

from portal_app.state.base import policy_of
from tests.factories import Clinic, Someone
from tests.features.privacy.test_seeing import looking, may_look
from tests.web.conftest import Portal
from tests.web.wire import ROOT, open_tab

STATE = f"{ROOT}.portal_app___state___"
CONFIRM = f"{STATE}home____home.on_confirm"
CALLED = f"{STATE}answer____answer.on_say"
STAFF_PATIENTS = f"{STATE}staff_patients____staff_patients.on_search"
HOME = f"{STATE}home____home.on_load"
SHOWN = ("/", "/appointments", "/book", "/waiting", "/profile")
NOT_SHOWN = ("/profile/answer?q=called", "/profile/devices", "/profile/caregivers", "/profile/who-looked", "/welcome",
             "/book/series", "/requests/ask", "/staff/schedule", "/staff/patients", "/profile/acting-for")  # fmt: skip


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
    for path in NOT_SHOWN:
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
        await tab.until(lambda tab: "Nothing can be changed" in str(tab.var("notice____notice", "text")))
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
