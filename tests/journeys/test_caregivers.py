"""Acting for somebody: invited, accepted, booked for, shut out with the page open; and what is kept from a parent."""

import re
from uuid import uuid4

import pytest
from playwright.async_api import expect

from portal_app.core import i18n, policy
from portal_app.core.actor import Role, Section
from portal_app.features.access import rules
from portal_app.features.intake import service as intake
from portal_app.web.registry import all_pages
from tests.browser import axe_findings, overflow
from tests.features.access.conftest import accept, acting_for, invited
from tests.features.access.test_set_caregivers import acts_by_document
from tests.features.ages.conftest import born
from tests.features.intake.conftest import REASON, answer
from tests.journeys.clinic import Practices
from tests.journeys.conftest import Arrive
from tests.journeys.house import House
from tests.journeys.test_passkeys import with_passkeys
from tests.journeys.walker import DESK, Walker, body

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def _invites(phone: Walker, email: str, **shares: str) -> None:
    """Invite somebody; `shares` names parts of the chart, and what is tapped there."""
    await phone.open("/profile/caregivers")
    await phone.link("Invite a caregiver").click()
    await phone.at("/profile/caregivers/invite")
    await phone.page.locator("#name").fill("Ana Moreno")
    await phone.page.locator("#email").fill(email)
    for choice in ("Daughter or son", "For one year"):
        await phone.page.get_by_text(phone.say(choice), exact=True).click()
    for part, choice in shares.items():
        group = phone.page.get_by_role("group", name=phone.say(part.capitalize()), exact=True)
        await group.get_by_text(phone.say(choice), exact=True).click()
    await phone.button("Send the invitation").click()
    await expect(phone.page.get_by_text(phone.say("Invited, has not answered yet"))).to_be_visible()


async def _accepts(house: House, phone: Walker, email: str) -> None:
    """Open the link of the mail, prove the address, accept, and go to the chart."""
    link = re.search(r"https?://\S+/invitation\?key=\S+", body(await house.mail(email, "access_caregiver_invited")))
    assert link
    await phone.page.goto(link.group())
    await phone.at("/sign-in")
    await phone.type_code(email)
    await phone.at("/invitation")
    await phone.button("Accept").click()
    await phone.button("Open their page").click()
    await phone.at("/")


async def _bar(phone: Walker, patient: str) -> None:
    bar = phone.page.get_by_role("complementary", name=phone.say("Acting for another person"))
    await expect(bar).to_contain_text(phone.say("Acting for {name}", name=patient))


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_invited_by_mail_somebody_new_books_for_the_patient_and_is_shut_out_with_the_page_open(
    arrive: Arrive, house: House, practices: Practices, locale: str
) -> None:
    patient = await practices.patient(await practices.doctor(), locale=locale)
    email, name = f"ana-{patient.person_id}@example.test", await practices.patient_name(patient)
    owner, carer = await arrive(locale), await arrive(locale)
    await owner.let_in(await practices.people.sign_in_again(patient, assurance=2))
    await _invites(owner, email, visits="See and book")
    await _accepts(house, carer, email)
    await _bar(carer, name)
    await expect(owner.page.get_by_text(owner.say("Can act for you"))).to_be_visible()

    await carer.to_confirmation()
    await _bar(carer, name)
    await carer.book.click()
    await expect(carer.page).to_have_url(re.compile(r"/appointments/[0-9a-f-]{36}"))
    assert await practices.statuses(patient) == ["booked"]

    await carer.open("/appointments")
    await owner.page.get_by_role("button", name=f"{owner.say('End their access now')}: Ana Moreno", exact=True).click()
    await carer.at("/sign-in")
    said = "You do not act for this person any more. Nothing was changed. If you think you should, call us."
    await expect(carer.page.get_by_text(carer.say(said))).to_be_visible()
    assert carer.unexpected() == []


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_what_the_patient_signed_they_end_on_an_open_page_and_of_a_courts_order_they_ask(
    arrive: Arrive, house: House, practices: Practices, axe: str, locale: str
) -> None:
    # Given two caregivers whom the desk set: one the patient signed for, one a court named
    doctor, database = await practices.doctor(opens=False), practices.database
    patient = await practices.patient(doctor, locale=locale)
    signed, named = await practices.patient(doctor, "Ana", locale=locale), await practices.patient(doctor, "Ines")
    _, signed = await acts_by_document(database, house.settings, patient, signed, "consent")
    _, named = await acts_by_document(database, house.settings, patient, named, "court_order", name="Ines Guardia")
    owner, carer, desk = await arrive(locale), await arrive(locale), await arrive("en", DESK)
    await carer.let_in(signed)
    await carer.open("/appointments")
    await owner.let_in(patient)
    await owner.open("/profile/caregivers")
    assert await axe_findings(owner.page, axe) == []
    assert await overflow(owner.page) == []

    # When the patient ends the first, then it is over on their open page
    await owner.page.get_by_role("button", name=f"{owner.say('End their access now')}: Ana Moreno", exact=True).click()
    await carer.at("/sign-in")
    told = (
        "Ended. From now on they see nothing of yours, on open pages too. The practice is told and checks the document."
    )
    await expect(owner.page.get_by_text(owner.say(told))).to_be_visible()

    # And the second has no such button, but one that asks
    end = owner.page.get_by_role("button", name=owner.say("End their access now"))
    await expect(end).to_have_count(0)
    await owner.page.get_by_role(
        "button", name=f"{owner.say('Ask us to look at it')}: Ines Guardia", exact=True
    ).click()
    await expect(owner.page.get_by_text(owner.say("You asked us about it. We get back to you."))).to_be_visible()

    # And both are given to the desk
    await desk.let_in(await practices.people.staff("front_desk", name="Tom Ortiz"))
    await desk.open("/staff/inbox")
    name = await practices.patient_name(patient)
    for what, step in (
        ("Took back a document about a caregiver", "Check the document"),
        ("Asks about a caregiver whom the practice set", "Look at it"),
    ):
        row = desk.page.get_by_role("row").filter(has_text=name).filter(has_text=what)
        await row.get_by_role("button", name="Take it").click()
        await expect(row).to_have_count(0)
        await desk.page.locator("label.view-tab").filter(has_text="Mine").first.click()
        await row.get_by_role("link", name=step).click()
        await desk.at("/staff/caregivers")
        await expect(desk.page.get_by_role("listitem").filter(has_text="Ines Guardia")).to_be_visible()
        await desk.open("/staff/inbox")
    assert owner.unexpected() == carer.unexpected() == desk.unexpected() == []


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_who_may_see_forms_and_video_visits_reads_the_answers_and_is_not_asked_to_act(
    arrive: Arrive, practices: Practices, axe: str, locale: str
) -> None:
    doctor = await practices.doctor()
    patient, someone = await practices.patient(doctor, "Maria"), await practices.patient(doctor, "Ana", locale=locale)
    appointment_id, database = await practices.video_visit_soon(patient, doctor), practices.database
    async with database.act_as_system("test") as tx:
        await intake.add_rule(tx, REASON)
    async with database.act_as(patient.credential, "intake.fill_in") as tx:
        form_id = await intake.open_form(tx, appointment_id, REASON)
        await intake.save_answers(tx, form_id, uuid4(), [answer(1, "reason", "A cough that stays")])
    key = await invited(database, patient, someone.email, "booking_act", "visits_view", "forms_view")
    await accept(database, someone, key)
    carer = await arrive(locale)
    await carer.let_in(await acting_for(database, someone, patient))
    await carer.open(f"/appointments/{appointment_id}")
    await carer.page.locator(f'a[href$="/forms/{form_id}"]').click()
    await expect(carer.page.get_by_text("A cough that stays")).to_be_visible()
    await expect(carer.page.get_by_text(carer.say("You may see this, not fill it in."))).to_be_visible()
    await expect(carer.page.locator("main").get_by_role("button")).to_have_count(0)
    assert await axe_findings(carer.page, axe) == []
    assert await overflow(carer.page) == []
    said = await carer.context.request.post(
        f"{carer.house.origin}/forms/{form_id}/answers", data={"client": str(uuid4()), "answers": []},
        headers={"origin": carer.house.origin},
    )  # fmt: skip
    assert said.status == 404
    await carer.open(f"/visit?id={appointment_id}")
    await expect(carer.heading("You may see this visit, not join it")).to_be_visible()
    assert carer.unexpected() == []


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_a_teens_private_visit_goes_from_the_parents_open_page_and_is_nowhere_else(
    arrive: Arrive, practices: Practices, locale: str
) -> None:
    doctor = await practices.doctor()
    teen = await practices.patient(doctor, "Lia", locale=locale, birth_date=born(15))
    parent = await practices.patient(doctor, "Ana")
    key = await invited(practices.database, teen, parent.email, *rules.SHARES, relationship="parent", until="open")
    await accept(practices.database, parent, key)
    parent = await acting_for(practices.database, parent, teen)
    visit = await practices.booked(teen, (await practices.free_times(teen, doctor))[-1])
    own, theirs = await arrive(locale), await arrive(locale)
    await own.let_in(teen)
    await theirs.let_in(parent)

    await theirs.open("/appointments")
    row = theirs.page.locator("main").get_by_text(doctor.name)
    await expect(row).to_have_count(1)
    await own.open(f"/appointments/{visit.id}")
    await own.button("Keep private from people who act for me").click()
    await expect(own.button("Show it to people who act for me")).to_be_visible()
    await expect(row).to_have_count(0)

    await theirs.open("/")
    await expect(theirs.heading("No visit booked")).to_be_visible()
    await theirs.open(f"/appointments/{visit.id}")
    await expect(theirs.heading("We could not find that visit")).to_be_visible()
    await theirs.open("/profile/acting-for?why=part&part=messages")
    whose = "From age {age} on, this part of the chart is {name}'s own: {part}. {name} can show you; or call us."
    with i18n.use(locale):
        said = theirs.say(whose, age=i18n.format_number(12), name="Lia", part=theirs.say("Messages"))
    await expect(theirs.page.get_by_text(said)).to_be_visible()
    file = await theirs.context.request.get(f"{theirs.house.origin}/appointments/{visit.id}/calendar.ics")
    assert file.status == 404
    await own.open("/appointments")
    await expect(own.page.locator("main").get_by_text(doctor.name)).to_have_count(1)

    await own.to_confirmation()
    await own.page.get_by_label(own.say("Keep this visit private from people who act for me")).check()
    await own.book.click()
    await expect(own.page).to_have_url(re.compile(r"/appointments/[0-9a-f-]{36}"))
    await theirs.open("/appointments")
    await expect(theirs.heading("No visit booked")).to_be_visible()


COLOURS = """() => {
  const drawn = (one) => {
    for (; one; one = one.parentElement) {
      const colour = getComputedStyle(one).backgroundColor;
      if (!/(, 0\\)|transparent)$/.test(colour)) return colour;
    }
    return "";
  };
  const [bar, usual] = [document.querySelector(".acting"), document.querySelector(".bar")];
  return [drawn(bar), drawn(usual), getComputedStyle(bar).borderBlockEndColor].map((one) =>
    one.match(/[\\d.]+/g).slice(0, 3).map(Number));
}"""
"""What the bar and the ordinary one are painted with, and the edge of the bar, as red, green and blue."""
NEVER_THEIRS = {"/looked"}
"""Pages of the patients' side on which no chart is open."""


def _theirs() -> list[str]:
    """Return an address of every page that somebody may open who acts for a patient."""
    return [
        page.route.replace("[id]", str(uuid4()))
        for page in all_pages()
        if page.audience == "patient"
        and page.route not in NEVER_THEIRS
        and Role.caregiver in (wanted := policy.get(page.policy)).roles
        and wanted.section is not Section.profile
    ]


def _light(colour: list[float]) -> float:
    """Return how light a colour is (WCAG 2.2, relative luminance)."""
    parts = [one / 255 for one in colour]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: list[float], other: list[float]) -> float:
    lighter, darker = sorted((_light(one), _light(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


async def test_on_every_page_the_bar_of_whoever_acts_for_somebody_is_there_and_in_another_colour(
    arrive: Arrive, practices: Practices
) -> None:
    doctor, seen = await practices.doctor(), {}
    patient, ana = await practices.patient(doctor, "Maria"), await practices.patient(doctor, "Ana")
    key = await invited(practices.database, patient, ana.email, *rules.SHARES)
    await accept(practices.database, ana, key)
    phone = await arrive()
    acting = await acting_for(practices.database, await practices.people.sign_in_again(ana, assurance=2), patient)
    await phone.let_in(acting)
    for address in _theirs():
        await phone.open(address)
        await expect(phone.page.locator(".acting"), address).to_contain_text("Acting for Maria")
        for scheme in ("light", "dark"):
            await phone.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            seen[address, scheme] = await phone.page.evaluate(COLOURS)
    assert len(seen) > 60
    for scheme in ("light", "dark"):
        (bar, usual, edge), *others = (found for (_address, shown), found in seen.items() if shown == scheme)
        assert [one for one in others if one != [bar, usual, edge]] == []
        assert bar != usual
        assert _contrast(edge, usual) >= 3


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_a_link_leads_a_caregiver_of_several_to_the_very_visit_in_its_own_chart(
    arrive: Arrive, practices: Practices, axe: str, locale: str
) -> None:
    doctor = await practices.doctor()
    maria, leo = await practices.patient(doctor, "Maria"), await practices.patient(doctor, "Leo")
    ana = await practices.patient(doctor, "Ana", locale=locale)
    for one in (maria, leo):
        key = await invited(practices.database, one, ana.email, "booking_act", name="Ana Moreno")
        await accept(practices.database, ana, key)
    visit = await practices.booked(maria, (await practices.free_times(maria, doctor))[0])
    link, name = f"/appointments/{visit.id}", await practices.patient_name(maria)
    phone = await arrive(locale)
    await with_passkeys(phone)
    await phone.let_in(await practices.people.sign_in_again(ana, assurance=2))
    await phone.open("/profile/devices")
    await phone.button("Add a passkey").click()
    await expect(
        phone.page.get_by_text(phone.say("Your passkey is ready. Next time, sign in with one tap."))
    ).to_be_visible()

    # Signed out, it takes the one touch.
    await phone.context.clear_cookies()
    await phone.page.goto(phone.house.origin + phone.path(link))
    await phone.at("/sign-in")
    await phone.tap(phone.button("Sign in with a passkey"))
    await phone.at(link)
    await _bar(phone, name)
    await expect(phone.page.locator("main").get_by_text(doctor.name)).to_be_visible()
    assert phone.taps == 1

    # In the chart of somebody else, it is asked before that one closes.
    strong = await practices.people.sign_in_again(ana, assurance=2)
    await phone.let_in(await acting_for(practices.database, strong, leo))
    await phone.page.goto(phone.house.origin + phone.path(link))
    await phone.at("/profile/acting-for")
    await expect(phone.heading("What you opened is in the chart of {name}.", name=name)).to_be_visible()
    assert await axe_findings(phone.page, axe) == []
    assert await overflow(phone.page) == []
    await phone.tap(phone.button("Open it for {name}", name=name))
    await phone.at(link)
    await _bar(phone, name)
    assert phone.unexpected() == []
