"""What somebody under age keeps private: a parent who may see all that can be shared finds it nowhere."""

import json
from dataclasses import dataclass
from decimal import Decimal
from io import BytesIO
from uuid import UUID, uuid4

import pypdfium2
import pytest
from playwright.async_api import expect

from portal_app.core import i18n
from portal_app.features.access import rules
from portal_app.features.billing import service as billing
from portal_app.features.booking.views import AppointmentView
from portal_app.features.chart import service as chart
from portal_app.features.intake import service as intake
from portal_app.features.vitals import service as vitals
from tests.factories import Someone
from tests.features.access.conftest import accept, acting_for, invited
from tests.features.ages.conftest import born
from tests.journeys.clinic import Doctor, Practices
from tests.journeys.conftest import Arrive
from tests.journeys.test_bills import charged
from tests.journeys.walker import Walker

pytestmark = pytest.mark.asyncio(loop_scope="session")
PAIN, MEDICINE, DIAGNOSIS = "urn:sala:form:pain-0-10", "Norethindrone 0.35 mg", "Hypertension made for a journey"


@dataclass(frozen=True)
class Family:
    """A teen with a visit, and a parent who acts for them; both have proved who they are twice."""

    practices: Practices
    doctor: Doctor
    teen: Someone
    parent: Someone
    visit: AppointmentView

    @property
    def chart_id(self) -> UUID:
        assert self.teen.patient_id
        return self.teen.patient_id

    async def messages(self) -> int:
        """Count whatever was written to the parent: by mail, by text or by a push."""
        async with self.practices.database.act_as_system("test") as tx:
            asked = "select count(*) from outbox_message where person_id = :id"
            return int(await tx.scalar(asked, {"id": self.parent.person_id}))


@dataclass(frozen=True)
class Kept:
    """What came of the private visit: the ids of a bill and of a form, and the title of the form."""

    bill_id: UUID
    form_id: UUID
    form: str


async def _family(practices: Practices, locale: str) -> Family:
    doctor = await practices.doctor()
    teen = await practices.patient(doctor, "Lia", locale=locale, birth_date=born(15))
    ana = await practices.people.sign_in_again(await practices.patient(doctor, "Ana", locale=locale), assurance=2)
    key = await invited(practices.database, teen, ana.email, *rules.SHARES, relationship="parent", until="open")
    await accept(practices.database, ana, key)
    parent = await acting_for(practices.database, ana, teen)
    visit = await practices.booked(teen, (await practices.free_times(teen, doctor))[-1])
    return Family(practices, doctor, await practices.people.sign_in_again(teen, assurance=2), parent, visit)


async def _keeps_the_visit_private(own: Walker, family: Family) -> None:
    await own.open(f"/appointments/{family.visit.id}")
    await own.button("Keep private from people who act for me").click()
    await expect(own.button("Show it to people who act for me")).to_be_visible()


async def _the_visit_takes_its_course(family: Family, locale: str) -> Kept:
    """Sign the visit, bill it, put a private medicine on the list, ask a private form, and measure at home."""
    database, doctor, form_id, pill_id = family.practices.database, family.doctor.account, uuid4(), uuid4()
    await charged(family.practices, family.teen, family.visit.id, doctor)
    keeper = await family.practices.people.staff("billing")
    async with database.act_as(keeper.credential, "billing.keep_books") as tx:
        charge = await billing.charge_of(tx, family.visit.id)
        assert charge
        bill_id = await billing.issue_bill(tx, charge.id, charge.corrections)
    async with database.act_as(doctor.credential, "chart.write") as tx:
        content = {"name": MEDICINE, "how": "1 tablet in the morning"}
        await chart.add_entry(tx, family.chart_id, "medication", content, None, pill_id)
        await chart.keep_to_patient(tx, pill_id, 1, is_private=True)
    async with database.act_as(doctor.credential, "intake.assign") as tx:
        await intake.assign_form(tx, intake.NewAssignment(form_id, family.chart_id, PAIN, is_private=True))
    async with database.act_as(family.teen.credential, "vitals.log") as tx:
        await vitals.log_reading(tx, vitals.NewReading("weight", "kg", Decimal("70.5"), uuid4()))
    async with database.act_as(family.teen.credential, "intake.fill_in") as tx:
        (asked,) = await intake.asked_forms(tx)
        form = intake.said(asked.questionnaire.title, locale, asked.questionnaire.language)
        return Kept(bill_id, await intake.open_asked(tx, form_id), form)


async def _is_on_none_of_their_pages(theirs: Walker, family: Family, kept: Kept) -> None:
    visit_id, name = family.visit.id, await family.practices.name_of(family.chart_id)
    for address, said in (
        ("/", "No visit booked"),
        ("/appointments", "No visit booked"),
        (f"/appointments/{visit_id}", "We could not find that visit"),
        (f"/check-in?id={visit_id}", "We could not find that visit"),
        ("/bills", "{name} owes nothing"),
        (f"/bills/{kept.bill_id}", "We could not find that bill"),
        (f"/estimates?visit={visit_id}", "We could not find that visit"),
        ("/forms", "Nothing to fill in"),
        (f"/forms/{kept.form_id}", "We cannot show this form"),
    ):
        await theirs.open(address)
        await expect(theirs.heading(said, name=name)).to_be_visible()
        shown = theirs.page.locator("main")
        for secret in (family.doctor.name, DIAGNOSIS, kept.form):
            await expect(shown).not_to_contain_text(secret)


async def _is_led_away_from_what_is_the_teens_own(theirs: Walker) -> None:
    """Lists, readings, and who looked are no parent's at that age."""
    for address in ("/medications", "/vitals", "/profile/who-looked"):
        await theirs.page.goto(theirs.house.origin + theirs.path(address))
        await theirs.at("/profile/acting-for")
        for secret in (MEDICINE, "70.5", "70,5"):
            await expect(theirs.page.locator("main")).not_to_contain_text(secret)


async def _taken_along(phone: Walker) -> str:
    """Return what is in the two files of somebody's record, which they find on its page."""
    await phone.open("/profile/record")
    await expect(phone.heading("What is in it")).to_be_visible()
    files = [await phone.context.request.get(f"{phone.house.origin}/record/record.{kind}") for kind in ("json", "pdf")]
    assert [file.status for file in files] == [200, 200]
    program, paper = [await file.body() for file in files]
    read = [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(BytesIO(paper))]
    return " ".join([json.dumps(json.loads(program), ensure_ascii=False), *read])


async def _is_in_no_file_of_theirs(own: Walker, theirs: Walker, family: Family, kept: Kept) -> None:
    secrets = (str(family.visit.id), family.doctor.name, DIAGNOSIS, MEDICINE, "70.5")
    hers, all_of_it = await _taken_along(theirs), await _taken_along(own)
    assert [one for one in secrets if one in hers] == []
    assert [one for one in secrets if one not in all_of_it] == []
    for file in (f"/appointments/{family.visit.id}/calendar.ics", f"/appointments/{family.visit.id}/summary.pdf"):
        assert (await theirs.context.request.get(theirs.house.origin + file)).status == 404


async def _is_where_it_was_for_the_teen(own: Walker, family: Family, kept: Kept) -> None:
    """Look at every page as whose it is: the words that were looked for are there."""
    for address, said in (
        (f"/appointments/{family.visit.id}", family.doctor.name),
        ("/forms", kept.form),
        ("/medications", MEDICINE),
        ("/profile/who-looked", family.doctor.name),
    ):
        await own.open(address)
        await expect(own.page.locator("main")).to_contain_text(said)
    await own.open(f"/bills/{kept.bill_id}")
    await expect(own.heading("What happened to this bill")).to_be_visible()
    await own.open("/vitals")
    await expect(own.heading("Your last readings")).to_be_visible()


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_a_teens_confidential_visit_is_invisible_to_the_parent_everywhere(
    arrive: Arrive, practices: Practices, locale: str
) -> None:
    family = await _family(practices, locale)
    own, theirs = await arrive(locale), await arrive(locale)
    await own.let_in(family.teen)
    await theirs.let_in(family.parent)
    await theirs.open("/appointments")
    row = theirs.page.locator("main").get_by_text(family.doctor.name)
    await expect(row).to_have_count(1)
    told = await family.messages()

    await _keeps_the_visit_private(own, family)
    await expect(row).to_have_count(0)
    kept = await _the_visit_takes_its_course(family, locale)

    await _is_on_none_of_their_pages(theirs, family, kept)
    await _is_led_away_from_what_is_the_teens_own(theirs)
    await _is_in_no_file_of_theirs(own, theirs, family, kept)
    await _is_where_it_was_for_the_teen(own, family, kept)
    assert await family.messages() == told
    assert own.unexpected() == []
