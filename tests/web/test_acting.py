"""Acting for somebody, against the production server: what a script may try with a session that acts for another."""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID, uuid4

import httpx
import pytest

from portal_app.core import i18n
from portal_app.features.access import caregivers
from portal_app.features.tasks import service as tasks
from portal_app.features.waiting import service as waiting
from tests.factories import Clinic, Someone
from tests.features.access.conftest import accept, acting_for, invited
from tests.features.access.test_set_caregivers import acts_by_document
from tests.features.privacy.test_seeing import looking
from tests.web.conftest import Portal
from tests.web.wire import HYDRATE, ROOT, Tab, open_tab

STATE = f"{ROOT}.portal_app___state___"
END = f"{STATE}caregivers____caregivers.on_end"
ASK = f"{STATE}caregivers____caregivers.on_ask"
LIST = f"{STATE}caregivers____caregivers.on_load"
HOME = f"{STATE}home____home.on_load"
INVITE = f"{STATE}share____share.on_send"


async def shared(people: Clinic, *ticked: str) -> tuple[Someone, Someone]:
    """Return a patient, and somebody who acts for them as far as the boxes say."""
    patient, carer = await people.patient("Zuleika", "Unmistakable"), await people.patient("Ana", "Moreno")
    await accept(people.database, carer, await invited(people.database, patient, carer.email, *ticked))
    return patient, await acting_for(people.database, carer, patient)


async def relation_of(people: Clinic, patient: Someone) -> tuple[str, str]:
    async with people.database.act_as_system("test") as tx:
        row = await tx.one(
            "select id::text as id, status from related_person where patient_id = :id", {"id": patient.patient_id}
        )
        return row.id, row.status


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_the_address_of_a_part_that_was_not_shared_leads_to_whom_to_ask(
    portal: Portal, people: Clinic, locale: str
) -> None:
    _, carer = await shared(people, "booking_view")
    prefix = "" if locale == i18n.DEFAULT_LOCALE else f"/{locale}"
    for path, part in (("/book/series", "booking"), ("/profile/caregivers", "profile")):
        answer = portal.get(prefix + path, portal.signed_in(carer))
        assert answer.headers["location"] == f"{prefix}/profile/acting-for?why=part&part={part}"
    for path in ("/appointments", "/book"):
        assert portal.get(prefix + path, portal.signed_in(carer)).status_code == 200


async def test_a_raw_event_of_a_part_that_was_not_shared_does_and_shows_nothing(portal: Portal, people: Clinic) -> None:
    patient, carer = await shared(people, "booking_act")
    relation_id, _ = await relation_of(people, patient)
    async with open_tab(portal.origin, portal.signed_in(carer), path="/appointments") as tab:
        await tab.arrive()
        await tab.send(END, relation_id=relation_id)
        await tab.send(INVITE, form={"name": "Eve", "email": "eve@example.test", "booking_act": "yes"})
        await tab.send(LIST)
        await tab.until(lambda tab: "why=part&part=profile" in str(tab.seen))
        assert relation_id not in str(tab.seen)
    assert (await relation_of(people, patient))[1] == "active"


async def test_an_open_page_after_revocation_hears_that_it_is_over_and_a_raw_event_brings_nothing(
    portal: Portal, people: Clinic
) -> None:
    patient, carer = await shared(people, "booking_act")
    async with open_tab(portal.origin, portal.signed_in(carer), path="/") as tab:
        await tab.arrive()
        async with people.database.act_as(patient.credential, "access.share_chart") as tx:
            (one,) = await caregivers.list_caregivers(tx)
            await caregivers.end_caregiver(tx, one.id)
        await people.database.told()
        await tab.until(lambda tab: "ended=access" in str(tab.seen))
        tab.seen.clear()
        await tab.send(HOME)
        await tab.send(HYDRATE)
        await tab.until(lambda tab: "ended=access" in str(tab.seen))
        assert "Zuleika" not in str(tab.seen)


def hears(words: str) -> Callable[[Tab], bool]:
    """Return what is so once a tab was told these words."""
    return lambda tab: words in str(tab.seen)


async def statuses(people: Clinic, patient: Someone) -> set[str]:
    async with people.database.act_as_system("test") as tx:
        rows = await tx.all("select status from related_person where patient_id = :id", {"id": patient.patient_id})
    return {row.status for row in rows}


async def test_a_raw_event_about_a_caregiver_by_document_does_nothing_for_anybody_but_the_patient(
    portal: Portal, people: Clinic
) -> None:
    patient, eve = await people.patient("Zuleika", "Unmistakable"), await people.patient("Eve", "Moore")
    consent, carer = await acts_by_document(
        people.database, portal.settings, patient, await people.patient("Ana", "Moreno"), "consent"
    )
    order, guard = await acts_by_document(
        people.database, portal.settings, patient, await people.patient("Ines", "Guardia"), "court_order"
    )
    desk = await people.staff("front_desk")
    onlooker = await looking(people.database, desk, patient.patient_id)
    for who, path, told in (
        (eve, "/profile/caregivers", "could not find"),
        (carer, "/appointments", "why=part&part=profile"),
        (guard, "/appointments", "why=part&part=profile"),
        (onlooker, "/", "Nothing can be changed"),
    ):
        async with open_tab(portal.origin, portal.signed_in(who), path=path) as tab:
            await tab.arrive()
            for event in (END, ASK):
                for relation_id in (consent, order):
                    tab.seen.clear()
                    await tab.send(event, relation_id=str(relation_id))
                    await tab.until(hears(told))
    assert await statuses(people, patient) == {"active"}
    async with people.database.act_as(desk.credential, "tasks.view") as tx:
        found = await tasks.list_tasks(tx, codes=("caregiver_ended", "caregiver_question"))
    assert [one for one in found if one.patient_id == patient.patient_id] == []


async def test_a_raw_event_of_the_patient_ends_what_they_signed_and_only_asks_about_what_a_court_ordered(
    portal: Portal, people: Clinic
) -> None:
    patient = await people.patient("Zuleika", "Unmistakable")
    order, _ = await acts_by_document(
        people.database, portal.settings, patient, await people.patient("Ines", "Guardia"), "court_order"
    )
    consent, carer = await acts_by_document(
        people.database, portal.settings, patient, await people.patient("Ana", "Moreno"), "consent"
    )
    async with (
        open_tab(portal.origin, portal.signed_in(patient), path="/profile/caregivers") as tab,
        open_tab(portal.origin, portal.signed_in(carer), path="/appointments") as theirs,
    ):
        await theirs.arrive()
        await tab.arrive()
        await tab.send(END, relation_id=str(order))
        await tab.until(lambda tab: "Only the practice can do that" in str(tab.seen))
        await tab.send(ASK, relation_id=str(order))
        await tab.until(lambda tab: "We have your question" in str(tab.seen))
        await tab.send(END, relation_id=str(consent))
        await tab.until(lambda tab: "The practice is told" in str(tab.seen))
        await theirs.until(lambda tab: "ended=access" in str(tab.seen))
    async with people.database.act_as_system("test") as tx:
        rows = await tx.all("select id, status from related_person where patient_id = :id", {"id": patient.patient_id})
    assert {row.id: row.status for row in rows} == {order: "active", consent: "ended"}


async def test_a_tab_of_the_chart_before_is_told_that_another_one_is_open_and_shows_nothing_of_it(
    portal: Portal, people: Clinic
) -> None:
    patient, carer = await shared(people, "booking_act")
    async with open_tab(portal.origin, portal.signed_in(carer), path="/") as tab:
        await tab.arrive()
        answer = portal.post("/auth/act-for", portal.signed_in(carer), data={"patient": "", "locale": "en"})
        assert answer.headers["location"] == "/profile/acting-for?why=ended"
        own = await own_chart(people, carer)
        answer = portal.post("/auth/act-for", portal.signed_in(carer), data={"patient": own, "locale": "en"})
        assert (answer.status_code, "set-cookie" in answer.headers) == (303, True)
        await tab.until(lambda tab: "/profile/acting-for?why=moved" in str(tab.seen))
    assert (await relation_of(people, patient))[1] == "active"


async def own_chart(people: Clinic, someone: Someone) -> str:
    async with people.database.act_as_system("test") as tx:
        return str(
            await tx.scalar(
                "select patient_id from access_grant where grantee = :me and basis = 'self'", {"me": someone.person_id}
            )
        )


async def test_nobody_is_given_a_session_for_a_chart_that_is_not_shared_with_them(
    portal: Portal, people: Clinic
) -> None:
    patient, _ = await shared(people, "booking_act")
    mallory = await people.patient("Mallory", "Moore")
    answer = portal.post("/auth/act-for", portal.signed_in(mallory), data={"patient": str(patient.patient_id)})
    assert (answer.headers["location"], "set-cookie" in answer.headers) == ("/profile/acting-for?why=ended", False)


async def test_a_link_to_another_chart_asks_before_it_goes_there_and_then_goes_on(
    portal: Portal, people: Clinic
) -> None:
    patient, carer = await shared(people, "booking_act")
    link = await asked_by(people, patient)
    assert portal.get(link, portal.signed_in(carer)).status_code == 200
    own = await acting_for(people.database, carer, replace(carer, patient_id=UUID(await own_chart(people, carer))))
    answer = portal.get("/es" + link, portal.signed_in(own))
    assert answer.headers["location"] == f"/es/profile/acting-for?next=/es{link}"
    stranger = await people.patient("Eve", "Moore")
    assert portal.get(link, portal.signed_in(stranger)).status_code == 200
    form = {"patient": str(patient.patient_id), "locale": "en", "next": link}
    answer = portal.post("/auth/act-for", portal.signed_in(own), data=form)
    assert (answer.headers["location"], "set-cookie" in answer.headers) == (link, True)
    form = {"patient": str(own.patient_id), "locale": "en", "next": "//evil.test/" + link}
    again = replace(own, credential=replace(own.credential, session_secret=secret_in(answer, portal)))
    assert portal.post("/auth/act-for", portal.signed_in(again), data=form).headers["location"] == "/"


async def asked_by(people: Clinic, patient: Someone) -> str:
    """Have a patient ask for a time, and return the address of the page on which that is answered."""
    async with people.database.act_as(patient.credential, "waiting.ask") as tx:
        return f"/requests/{await waiting.ask_in_words(tx, 'In the morning', uuid4())}"


def secret_in(answer: httpx.Response, portal: Portal) -> str:
    given = answer.headers["set-cookie"]
    return given.partition(f"{portal.cookie_name}=")[2].partition(";")[0]
