"""A form before a visit: question by question on a phone, without a line, with a thought that cannot wait, signed."""

import json
import re
from uuid import UUID

import pytest
from playwright.async_api import expect

from portal_app.core import i18n
from portal_app.features.intake import service as intake
from tests.browser import axe_findings, overflow
from tests.factories import Someone
from tests.journeys.clinic import LONG_VISIT, Doctor, Practices
from tests.journeys.conftest import Arrive
from tests.journeys.walker import AWAY, DESK, PHONE, TABLET, Walker

pytestmark = pytest.mark.asyncio(loop_scope="session")
REASON = "urn:sala:form:reason-for-visit"
PHQ = "urn:sala:form:phq-9"
CONSENT = "urn:sala:form:consent-treatment"
PAIN = "urn:sala:form:pain-0-10"
NINTH = '"key":"44260-8"'
"""The answer to the last of the PHQ-9's questions, on its way."""


async def begun(practices: Practices, patient: Someone, visit_id: UUID, *urls: str) -> list[UUID]:
    """Begin forms of a visit; nobody else's visit asks for them afterwards."""
    async with practices.database.act_as_system("test") as tx:
        for url in urls:
            await intake.add_rule(tx, url)
    async with practices.database.act_as(patient.credential, "intake.fill_in") as tx:
        found = [await intake.open_form(tx, visit_id, url) for url in urls]
    async with practices.database.act_as_system("test") as tx:
        await tx.execute("delete from form_rule")
    return found


async def with_form(practices: Practices, url: str) -> tuple[Doctor, Someone, UUID]:
    """Book a visit for a patient and begin a form of it."""
    doctor = await practices.doctor()
    patient = await practices.patient(doctor)
    visit = await practices.booked(patient, (await practices.free_times(patient, doctor))[0])
    [form_id] = await begun(practices, patient, visit.id, url)
    return doctor, patient, form_id


async def given(practices: Practices, form_id: UUID) -> int:
    async with practices.database.act_as_system("test") as tx:
        return int(await tx.scalar("select count(*) from form_answer where response_id = :id", {"id": form_id}))


async def saved(walker: Walker) -> None:
    await expect(walker.page.get_by_role("status").filter(has_text=re.compile(r"\d"))).to_be_visible()


async def _goes_through_it_one_question_at_a_time(phone: Walker, visit_id: UUID, axe: str) -> None:
    """Open the form from the visit; what is skipped is asked for."""
    await phone.open(f"/appointments/{visit_id}")
    title = {"en": "Why you are coming", "es": "Por qué viene", "ar": "سبب زيارتك"}[phone.locale]
    await phone.page.get_by_role("button", name=re.compile(title)).click()
    await expect(phone.page.locator("textarea")).to_be_visible()
    await phone.button("Continue").click()
    await expect(phone.page.locator(".banner[role=alert]")).to_contain_text(phone.say("Answer this question to go on."))
    assert await axe_findings(phone.page, axe) == await overflow(phone.page) == []
    await phone.page.locator("textarea").fill("My knee")
    await phone.button("Continue").click()
    await phone.page.locator("label.choice").nth(1).click()
    await saved(phone)
    await phone.button("Continue").click()


async def _is_asked_what_depends_on_an_answer_and_is_not_once_that_changed(phone: Walker) -> None:
    await phone.page.locator("label.choice").nth(0).click()
    await phone.button("Continue").click()
    await phone.page.locator("input.input").fill("11")
    await phone.button("Continue").click()
    await expect(phone.page.locator(".banner[role=alert]")).to_contain_text(
        phone.say("Enter {most} or less.", most="10")
    )
    await phone.button("Back to the question before").click()
    await phone.page.locator("label.choice").nth(1).click()
    await phone.button("Continue").click()
    await phone.button("Continue").click()


async def _sends_it_after_the_review(phone: Walker, axe: str) -> None:
    await expect(phone.heading("Check your answers before you send them")).to_be_visible()
    assert await axe_findings(phone.page, axe) == await overflow(phone.page) == []
    await phone.button("Send my answers").click()
    await expect(phone.heading("Sent")).to_be_focused()


async def _reads_it_from_the_chart_and_says_so(desk: Walker, patient: Someone, form_id: UUID, axe: str) -> None:
    await desk.open(f"/staff/patients/{patient.patient_id}")
    await desk.page.locator(f"a[href$='/staff/forms/{form_id}']").click()
    await expect(desk.page.get_by_text("My knee")).to_be_visible()
    assert await axe_findings(desk.page, axe) == await overflow(desk.page) == []
    await desk.button("Mark as read").click()
    await expect(desk.button("Mark as read")).to_have_count(0)


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_a_form_is_filled_in_by_thumb_reviewed_and_sent(
    arrive: Arrive, practices: Practices, axe: str, locale: str
) -> None:
    doctor = await practices.doctor()
    patient = await practices.patient(doctor, locale=locale)
    visit = await practices.booked(patient, (await practices.free_times(patient, doctor))[0])
    [form_id] = await begun(practices, patient, visit.id, REASON)
    phone, desk = await arrive(locale, PHONE), await arrive(locale, DESK)
    await phone.let_in(patient)
    await desk.let_in(doctor.account)

    await _goes_through_it_one_question_at_a_time(phone, visit.id, axe)
    await _is_asked_what_depends_on_an_answer_and_is_not_once_that_changed(phone)
    await _sends_it_after_the_review(phone, axe)
    await _reads_it_from_the_chart_and_says_so(desk, patient, form_id, axe)
    assert phone.complaints == desk.complaints == []


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_four_answers_without_a_line_arrive_once_and_go_on_elsewhere(
    arrive: Arrive, practices: Practices, locale: str
) -> None:
    _doctor, patient, form_id = await with_form(practices, PHQ)
    phone = await arrive(locale, PHONE)
    await phone.let_in(patient)
    await phone.open(f"/forms/{form_id}")
    await expect(phone.page.get_by_text("Little interest")).to_be_visible()
    await phone.context.set_offline(True)
    for _question in range(4):
        await phone.page.locator("label.choice").nth(0).click()
        await phone.button("Continue").click()
    waiting = phone.say("Waiting to send. Your answers are kept on this device.")
    await expect(phone.page.get_by_text(waiting)).to_be_visible()
    assert await given(practices, form_id) == 0
    await phone.context.set_offline(False)
    await expect(phone.page.get_by_text(waiting)).to_have_count(0)
    assert await given(practices, form_id) == 4

    # The browser is gone, and another goes on at the same question: the fifth, which has no answer yet
    await phone.context.close()
    tablet = await arrive(locale, PHONE)
    await tablet.let_in(await practices.people.sign_in_again(patient))
    await tablet.open(f"/forms/{form_id}")
    await expect(tablet.page.get_by_text("Poor appetite or overeating")).to_be_visible()
    await expect(tablet.page.locator("input:checked")).to_have_count(0)
    await tablet.button("Back to the question before").click()
    await expect(tablet.page.locator("input:checked")).to_have_count(1)
    assert [one for one in phone.complaints if not one.startswith(AWAY)] == []


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_two_devices_that_answer_differently_ask_which_answer_stays(
    arrive: Arrive, practices: Practices, axe: str, locale: str
) -> None:
    _doctor, patient, form_id = await with_form(practices, PHQ)
    phone, other = await arrive(locale, PHONE), await arrive(locale, PHONE)
    await phone.let_in(patient)
    await other.let_in(await practices.people.sign_in_again(patient))
    for one in (phone, other):
        await one.open(f"/forms/{form_id}")
        await expect(one.page.locator("label.choice").first).to_be_visible()
    await phone.context.set_offline(True)
    await phone.page.locator("label.choice").nth(0).click()
    waiting = phone.say("Waiting to send. Your answers are kept on this device.")
    await expect(phone.page.get_by_text(waiting)).to_be_visible()
    await other.page.locator("label.choice").nth(2).click()
    await saved(other)

    # Neither is guessed to be the right one
    await phone.context.set_offline(False)
    words = phone.say("You gave two different answers, here and on another device.")
    asked = phone.page.get_by_role("alert").filter(has_text=words)
    await expect(asked).to_be_visible()
    assert await axe_findings(phone.page, axe) == await overflow(phone.page) == []
    await expect(asked.get_by_role("button")).to_have_count(2)
    async with phone.page.expect_response(lambda said: said.url.endswith("/answers")):
        await asked.get_by_role("button").last.click()
    await expect(asked).to_have_count(0)
    for one in (phone, other):
        await one.open(f"/forms/{form_id}")
        await expect(one.page.locator("label.choice").nth(0).locator("input")).to_be_checked()
    assert [one for one in (*phone.complaints, *other.complaints) if not one.startswith(AWAY)] == []


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_a_thought_of_death_shows_help_at_once_and_reaches_the_care_team_though_the_tab_is_closed(
    arrive: Arrive, practices: Practices, axe: str, locale: str
) -> None:
    _doctor, patient, form_id = await with_form(practices, PHQ)
    nurse = await arrive(locale, PHONE)
    await nurse.let_in(await practices.people.staff("nurse", name="Noor Haddad"))
    await nurse.open("/staff/alerts")
    phone = await arrive(locale, PHONE)
    await phone.let_in(patient)
    await phone.open(f"/forms/{form_id}")
    for _question in range(8):
        await phone.page.locator("label.choice").nth(0).click()
        await phone.button("Continue").click()
    await expect(phone.page.get_by_text("better off dead")).to_be_visible()
    async with phone.page.expect_response(
        lambda said: said.url.endswith("/answers") and NINTH in (said.request.post_data or "")
    ):
        await phone.page.locator("label.choice").nth(1).click()
        await expect(phone.link("Call or text {number}", number="988")).to_be_visible()
        assert await axe_findings(phone.page, axe) == await overflow(phone.page) == []
    await phone.context.close()

    # The nurse's open page shows it, and she takes it
    row = nurse.page.get_by_role("row").filter(has_text=await practices.patient_name(patient))
    await expect(row.get_by_text(nurse.say("Call now"), exact=True)).to_be_visible()
    await row.get_by_role("button", name=nurse.say("I have it")).press("Enter")
    await expect(row.get_by_text(nurse.say("You have it"), exact=True)).to_be_visible()
    assert phone.complaints == nurse.unexpected() == []


async def test_a_consent_is_signed_by_keys_alone_on_a_page(arrive: Arrive, practices: Practices) -> None:
    _doctor, patient, form_id = await with_form(practices, CONSENT)
    tablet = await arrive("en", TABLET)
    await tablet.let_in(patient)
    await tablet.open(f"/forms/{form_id}")
    keys = tablet.page.keyboard
    await tablet.page.get_by_role("radio", name="Yes").focus()
    await keys.press("Space")
    await tablet.button("Check your answers").press("Enter")
    await tablet.page.get_by_label("Your full name, as your signature").fill("Maria Alvarez")
    await tablet.button("Send my answers").press("Enter")
    await expect(tablet.heading("Sent")).to_be_focused()


async def test_a_consent_is_signed_with_a_finger_and_read_as_it_was_drawn(
    arrive: Arrive, practices: Practices, axe: str
) -> None:
    doctor, patient, form_id = await with_form(practices, CONSENT)
    tablet = await arrive("en", TABLET)
    await tablet.let_in(patient)
    await tablet.open(f"/forms/{form_id}")
    await tablet.page.get_by_role("radio", name="Yes").check()
    await tablet.button("Check your answers").click()
    await tablet.page.get_by_label("Your full name, as your signature").fill("Maria Alvarez")
    pad = tablet.page.locator("[data-pad]")
    await pad.hover(position={"x": 20, "y": 20})
    await tablet.page.mouse.down()
    await pad.hover(position={"x": 120, "y": 60})
    await tablet.page.mouse.up()
    await expect(tablet.button("Draw it again")).to_be_visible()
    assert await axe_findings(tablet.page, axe) == await overflow(tablet.page) == []
    await tablet.button("Send my answers").click()
    await expect(tablet.heading("Sent")).to_be_focused()
    desk = await arrive("en", DESK)
    await desk.let_in(doctor.account)
    await desk.open(f"/staff/forms/{form_id}")
    await expect(desk.page.get_by_role("img", name="The signature as it was drawn")).to_be_visible()
    assert await axe_findings(desk.page, axe) == []


async def test_a_manager_chooses_what_is_asked_before_each_visit(
    arrive: Arrive, practices: Practices, axe: str
) -> None:
    desk = await arrive("en", DESK)
    await desk.let_in(await practices.people.staff("manager"))
    await desk.open("/staff/settings")
    await desk.page.get_by_role("link", name=re.compile("^Forms before a visit")).click()
    await desk.button("Ask before each visit: {title}", title="Pain, 0 to 10").click()
    await expect(desk.button("Stop asking: {title}", title="Pain, 0 to 10")).to_be_visible()
    assert await axe_findings(desk.page, axe) == await overflow(desk.page) == []
    await desk.button("Stop asking: {title}", title="Pain, 0 to 10").click()
    await expect(desk.button("Ask before each visit: {title}", title="Pain, 0 to 10")).to_be_visible()


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_a_form_is_asked_from_the_chart_waits_for_the_patient_and_is_gone_once_sent(
    arrive: Arrive, practices: Practices, axe: str, locale: str
) -> None:
    doctor = await practices.doctor()
    patient = await practices.patient(doctor, locale=locale)
    await practices.booked(patient, (await practices.free_times(patient, doctor))[0])
    desk = await arrive(locale, PHONE)
    await desk.let_in(doctor.account)
    await desk.open(f"/staff/patients/{patient.patient_id}")
    await desk.link("Ask for a form, see what is not sent").click()
    await desk.button("Ask for this form").click()
    await expect(desk.page.get_by_role("alert").get_by_text(desk.say("Choose a form."))).to_be_visible()
    assert await axe_findings(desk.page, axe) == await overflow(desk.page) == []
    await desk.page.locator(f"input[value='{PAIN}']").check()
    await desk.button("Ask for this form").press("Enter")
    await expect(desk.page.get_by_text(desk.say("Outstanding"), exact=True)).to_be_visible()
    assert await axe_findings(desk.page, axe) == await overflow(desk.page) == []

    phone = await arrive(locale, PHONE)
    await phone.let_in(patient)
    await phone.open("/appointments")
    await phone.link("Forms to fill in").click()
    row = phone.page.get_by_role("button", name=re.compile(re.escape(phone.say("Not yet started"))))
    await expect(row).to_be_visible()
    assert await axe_findings(phone.page, axe) == await overflow(phone.page) == []
    await row.press("Enter")
    await expect(phone.page.locator("[data-form=filling]")).to_be_visible()
    assert phone.complaints == desk.complaints == []


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_a_manager_imports_a_form_after_seeing_what_is_wrong_and_what_patients_will_see(
    arrive: Arrive, practices: Practices, axe: str, locale: str
) -> None:
    def form(first: str) -> str:
        asked = [{"linkId": "a", "type": first, "text": "Do you walk?"}, {
            "linkId": "b", "type": "string", "text": "How far?",
            "enableWhen": [{"question": "a", "operator": "=", "answerBoolean": True}],
        }]  # fmt: skip
        head = {"resourceType": "Questionnaire", "url": f"http://example.org/walking/{locale}", "version": "1"}
        return json.dumps(head | {"title": f"Walking {locale}", "item": asked})

    desk = await arrive(locale, PHONE)
    await desk.let_in(await practices.people.staff("manager"))
    await desk.open("/staff/settings/forms")
    await desk.link("Import a form").click()
    await desk.page.locator("#form-text").fill(form("slider"))
    await desk.button("Check this form").click()
    await expect(desk.page.get_by_text("Questionnaire.item[0].type")).to_be_visible()
    assert await axe_findings(desk.page, axe) == await overflow(desk.page) == []

    # Corrected, it is shown as patients see it: what depends on an answer comes with the answer
    await desk.page.locator("#form-text").fill(form("boolean"))
    await desk.button("Check this form").press("Enter")
    shown = desk.page.locator("[data-preview=en]")
    await expect(shown.get_by_text("How far?")).to_have_count(0)
    await shown.get_by_role("radio", name=desk.say("Yes")).press("Space")
    await expect(shown.get_by_text("How far?")).to_be_visible()
    assert await axe_findings(desk.page, axe) == await overflow(desk.page) == []
    await desk.button("Keep this form").click()
    await desk.link("Open the list of forms").click()
    await expect(desk.page.get_by_role("heading", name=f"Walking {locale}")).to_be_visible()
    assert desk.complaints == []


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_a_manager_chooses_by_keys_which_forms_belong_to_which_kind_of_visit(
    arrive: Arrive, practices: Practices, axe: str, locale: str
) -> None:
    desk = await arrive(locale, PHONE)
    await desk.let_in(await practices.people.staff("manager"))
    await desk.open("/staff/settings/forms")
    form = desk.page.locator("main li.card").filter(has_text="STEADI")
    kind = desk.page.get_by_role("group").get_by_role("button", name=LONG_VISIT[locale], exact=True)
    await kind.press("Enter")
    await expect(kind).to_have_attribute("aria-pressed", "true")
    asks = form.get_by_role("button", name=desk.say("Ask before {kind}", kind=LONG_VISIT[locale]))
    await asks.press("Enter")
    await expect(form.get_by_text(desk.say("Asked"), exact=True)).to_be_visible()
    assert await axe_findings(desk.page, axe) == await overflow(desk.page) == []

    # It is asked before that kind alone, and is so on another day
    await desk.open("/staff/settings/forms")
    await expect(form.get_by_role("button")).to_have_text(desk.say("Ask before each visit"))
    await kind.click()
    await expect(kind).to_have_attribute("aria-pressed", "true")
    await form.get_by_role("button", name=desk.say("Stop asking")).click()
    await expect(asks).to_be_visible()
    assert desk.complaints == []


async def test_signing_out_says_what_has_not_been_sent_and_then_leaves_nothing(
    arrive: Arrive, practices: Practices
) -> None:
    _doctor, patient, form_id = await with_form(practices, REASON)
    phone = await arrive("en", PHONE)
    await phone.let_in(patient)
    await phone.page.route("**/forms/*/answers", lambda route: route.abort())
    await phone.open(f"/forms/{form_id}")
    await phone.page.locator("textarea").fill("My knee")
    await phone.button("Continue").click()
    await expect(phone.page.get_by_text("Waiting to send.")).to_be_visible()
    await phone.open("/call-back")
    await phone.button("Sign out").click()
    await expect(phone.page.get_by_text("Something you entered has not been sent")).to_be_visible()
    await phone.button("Sign out").click()
    await phone.at("/sign-in")
    kept = await phone.page.evaluate("indexedDB.databases().then((all) => all.map((one) => one.name))")
    assert "portal-forms" not in kept
