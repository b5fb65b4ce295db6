"""What the desk does for who gets in, and how far: addresses put back, caregivers set, whole lists invited."""

import re
from uuid import uuid4

import pytest
from playwright.async_api import FilePayload, expect

from portal_app.web import cookies
from tests.browser import axe_findings, overflow
from tests.features.access.conftest import accept, acting_for, invited
from tests.features.ages.conftest import born
from tests.journeys.clinic import Practices
from tests.journeys.conftest import Arrive
from tests.journeys.house import House
from tests.journeys.test_keyboard import Keyboard
from tests.journeys.walker import DESK, Walker, body
from tests.sent_files import paper

pytestmark = pytest.mark.asyncio(loop_scope="session")
PAPER = FilePayload(name="order.pdf", mimeType="application/pdf", buffer=paper())


async def keyboard(walker: Walker) -> Keyboard:
    devtools = await walker.context.new_cdp_session(walker.page)
    await devtools.send("Accessibility.enable")
    return Keyboard(walker, devtools)


async def at_work(arrive: Arrive, practices: Practices, *roles: str) -> Walker:
    desk = await arrive("en", DESK)
    await desk.let_in(await practices.people.staff(*roles, name="Tom Ortiz"))
    return desk


async def test_an_address_changed_with_keys_alone_is_announced_at_the_old_one_and_put_back_by_the_desk(
    arrive: Arrive, house: House, practices: Practices
) -> None:
    patient = await practices.patient(await practices.doctor(opens=False))
    new, phone = f"new-{uuid4().hex[:8]}@example.test", await arrive()
    await phone.let_in(await practices.people.sign_in_again(patient, assurance=2))
    keys = await keyboard(phone)
    await phone.open("/profile")
    await keys.to("link", "E-mail")
    await keys.press("Enter")
    await phone.at("/profile/contact")
    await keys.to("textbox", "New e-mail address")
    await phone.page.keyboard.type(new)
    await keys.press("Enter")
    await expect(phone.page.locator("#code")).to_be_visible()
    code = re.search(r"\b\d{6}\b", body(await house.mail(new, "access_contact_code")))
    assert code
    await keys.to("textbox", "The six digits")
    await phone.page.keyboard.type(code.group())
    await keys.press("Enter")
    await phone.at("/profile")
    await expect(phone.page.get_by_text(new)).to_be_visible()
    assert "call us now" in body(await house.mail(patient.email, "profile_email_changed"))

    desk = await at_work(arrive, practices, "front_desk")
    await desk.open(f"/staff/patients/{patient.patient_id}")
    await desk.button("They say it was not them").click()
    await desk.button("Put it back and sign everybody out").click()
    await phone.at("/sign-in")
    await house.mail(patient.email, "profile_put_back")
    assert desk.unexpected() == []


async def test_the_desk_sets_a_caregiver_with_a_document_and_says_whose_rule_counts(
    arrive: Arrive, house: House, practices: Practices, axe: str
) -> None:
    doctor, email = await practices.doctor(opens=False), f"guardian-{uuid4().hex[:8]}@example.test"
    child, parent = await practices.patient(doctor, "Wren", birth_date=born(13)), await practices.patient(doctor, "Ana")
    key = await invited(practices.database, child, parent.email, "forms_act", relationship="parent", until="open")
    await accept(practices.database, parent, key)
    desk = await at_work(arrive, practices, "front_desk")
    await desk.open(f"/staff/caregivers?patient={child.patient_id}")
    await desk.page.locator("#document").set_input_files(PAPER)
    await desk.button("Keep it and go on").click()
    await desk.page.get_by_text("An order of a court", exact=True).click()
    await desk.page.locator("#name").fill("Ines Guardia")
    await desk.page.locator("#email").fill(email)
    for choice in ("Guardian", "For one year"):
        await desk.page.get_by_text(choice, exact=True).click()
    await desk.page.get_by_role("group", name="Visits", exact=True).get_by_text("See", exact=True).click()
    await desk.button("Send the invitation").click()
    await expect(desk.page.get_by_role("listitem").filter(has_text="Ines Guardia")).to_contain_text(
        "An order of a court"
    )
    await house.mail(email, "access_caregiver_invited")

    keys = await keyboard(desk)
    await keys.to("textbox", "State where the patient lives")
    await desk.page.keyboard.type("ca")
    await keys.press("Enter")
    await expect(desk.page.get_by_text("For 1 person who acts for this patient something changes.")).to_be_visible()
    assert (await axe_findings(desk.page, axe), await overflow(desk.page)) == ([], [])
    await keys.to("button", "Let this rule count")
    await keys.press("Enter")
    await expect(desk.page.get_by_text("The rule of CA counts, where the patient lives.")).to_be_visible()

    theirs = desk.page.get_by_role("link", name="Court limit or suspected abuse: Ines Guardia", exact=True)
    await theirs.press("Enter")
    await desk.at("/staff/caregivers/limits")
    await keys.to("textbox", "Why? Say it for your colleagues.")
    await desk.page.keyboard.type("The school told us of bruises")
    await keys.to("button", "Close everything now")
    await keys.press("Enter")
    await expect(desk.page.get_by_role("button", name="Lift this limit: ")).to_be_visible()
    assert desk.unexpected() == []


async def test_many_are_invited_together_and_once_more(arrive: Arrive, practices: Practices) -> None:
    name = f"Aabel{uuid4().hex[:6]}"  # stands first, however many there are
    await practices.unseen("Olga", name)
    desk = await at_work(arrive, practices, "front_desk")
    await desk.open("/staff/enrolment")
    person = desk.page.get_by_role("listitem").filter(has_text=name)
    for stage in ("", "Invited"):
        if stage:
            await desk.page.get_by_text(stage, exact=True).first.click()
        await person.get_by_role("checkbox").check()
        await desk.button("Invite those ticked").click()
        await expect(desk.page.get_by_text("1 of 1 invited: 1 card, 0 e-mails")).to_be_visible()
        await expect(desk.link("Print the cards")).to_be_visible()
    await expect(person).to_be_visible()
    assert desk.unexpected() == []


async def test_who_may_only_view_reads_who_can_act_where_a_button_would_be_refused(
    arrive: Arrive, practices: Practices
) -> None:
    doctor = await practices.doctor()
    patient, carer = await practices.patient(doctor, "Maria"), await practices.patient(doctor, "Ana")
    await accept(practices.database, carer, await invited(practices.database, patient, carer.email, "booking_view"))
    visit = await practices.booked(patient, (await practices.free_times(patient, doctor))[-1])
    phone, name = await arrive(), await practices.patient_name(patient)
    await phone.let_in(await acting_for(practices.database, carer, patient))
    only = phone.page.get_by_text(f"You may see this. Only {name}, or somebody they let act, can change it.")
    for path in (f"/appointments/{visit.id}", "/book"):
        await phone.open(path)
        await expect(only).to_be_visible()
        for refused in ("Cancel this visit", "Choose another time", "I will come"):
            await expect(phone.button(refused)).to_have_count(0)
    await phone.open("/")
    await expect(phone.page.locator("main").get_by_text(doctor.name)).to_be_visible()
    await expect(phone.link("Find a time")).to_have_count(0)
    assert phone.unexpected() == []


async def test_the_pages_of_ones_own_and_of_the_desk_are_walked_with_keys_and_fit_at_400_percent(
    arrive: Arrive, practices: Practices
) -> None:
    patient = await practices.patient(await practices.doctor(opens=False), birth_date=born(9))
    carer = await practices.patient(await practices.doctor(opens=False), "Ana")
    await accept(practices.database, carer, await invited(practices.database, patient, carer.email, "booking_view"))
    async with practices.database.act_as_system("test") as tx:
        relation = await tx.scalar("select id from related_person where patient_id = :id", {"id": patient.patient_id})
    of_chart = f"patient={patient.patient_id}"
    pages = {
        "/profile": ("link", "Sign-in and devices"), "/profile/contact": ("button", "Send me a code"),
        "/profile/caregivers/invite": ("button", "Send the invitation"), "/staff/privacy": ("link", "Privacy"),
        "/staff/settings/ages": ("button", "See what"), f"/staff/caregivers?{of_chart}": ("button", "See what"),
        f"/staff/caregivers/limits?{of_chart}&relation={relation}": ("button", "Close everything now"),
    }  # fmt: skip
    staff = await practices.people.staff("front_desk", "manager")
    for someone, part in ((await practices.people.sign_in_again(patient, assurance=2), "/profile"), (staff, "/staff")):
        walker = await arrive("en", {"width": 320, "height": 256})
        await walker.let_in(someone)
        look = {"name": f"{cookies.cookie_name()}-look", "value": "largest.normal", "domain": "localhost", "path": "/",
                "secure": True, "httpOnly": True, "sameSite": "Lax"}  # fmt: skip
        await walker.context.add_cookies([look])  # type: ignore[list-item]
        keys = await keyboard(walker)
        for path, wanted in pages.items():
            if path.startswith(part):
                await walker.open(path)
                await expect(walker.page.get_by_role(wanted[0], name=wanted[1]).first).to_be_attached()  # type: ignore[arg-type]
                assert await overflow(walker.page) == [], path
                await keys.to(*wanted)
