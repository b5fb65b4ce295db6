"""What a visit that somebody under age keeps private costs: nothing of it reaches whoever acts for them."""

import pytest

from portal_app.core.db import Database
from portal_app.core.errors import NotFound
from portal_app.features.billing import service as billing
from portal_app.features.billing.views import MyBills, Shelf
from portal_app.settings import Settings
from tests.factories import Clinic, Someone
from tests.features.access.conftest import accept, acting_for, invited
from tests.features.ages.conftest import grow
from tests.features.billing.conftest import Office
from tests.features.billing.test_questions import answer, ask, wish

HIDE = "update appointment set confidentiality = 'R' where id = :id"
KEPT_APART = """
select table_name from information_schema.columns join information_schema.tables using (table_schema, table_name)
where table_schema = 'public' and table_type = 'BASE TABLE' and column_name in ('patient_id', 'confidentiality')
  and case when table_schema = 'public' then has_table_privilege('public.' || table_name, 'select') end
group by table_name having count(*) = 2
"""


@pytest.fixture
async def parent(database: Database, clinic: Clinic, office: Office, settings: Settings) -> Someone:
    """Make the patient fifteen, and somebody who may do everything a parent may."""
    teen = office.visit.maria_strong
    grow(settings, teen, 15, days=100)
    ana = await clinic.sign_in_again(await clinic.patient("Ana"), assurance=2)
    shared = ("booking_act", "visits_act", "forms_act", "bills_view", "bills_act")
    await accept(database, ana, await invited(database, teen, ana.email, *shared, relationship="parent", until="open"))
    return await acting_for(database, ana, teen)


async def mailed(office: Office, who: Someone) -> int:
    async with office.database.act_as_system("test") as tx:
        asked = "select count(*) from outbox_message where person_id = :id and template like 'billing%'"
        return int(await tx.scalar(asked, {"id": who.person_id}))


async def test_a_private_visits_bill_and_all_about_it_is_nowhere_for_a_parent(office: Office, parent: Someone) -> None:
    bill_id = await office.issue()
    await office.post(bill_id, "payment", 500)
    async with office.database.act_as(parent.credential, "billing.see_bills") as tx:
        assert len((await billing.my_bills(tx)).to_pay.bills) == 1
    async with office.database.act_as_system("test") as tx:
        await tx.execute(HIDE, {"id": office.visit.appointment_id})
    await office.post(bill_id, "payment", 700)
    await ask(office, wish(bill_id))
    async with office.database.act_as(parent.credential, "billing.see_bills") as tx:
        assert await billing.my_bills(tx) == MyBills((), Shelf((), has_more=False), Shelf((), has_more=False))
        with pytest.raises(NotFound):
            await billing.bill(tx, bill_id)
        tables = [row.table_name for row in await tx.all(KEPT_APART)]
        assert {"invoice", "ledger_entry", "bill_question", "appointment"} <= set(tables)
        hidden = "select count(*) from {} where patient_id = :id and confidentiality <> 'N'"
        seen = {name: await tx.scalar(hidden.format(name), {"id": parent.patient_id}) for name in tables}
        assert {name for name, count in seen.items() if count} == set()
    async with office.database.act_as(office.visit.maria_strong.credential, "billing.see_bills") as tx:
        assert len((await billing.my_bills(tx)).to_pay.bills) == 1


async def test_no_mail_about_a_private_visits_bill_reaches_a_parent_who_had_asked_about_it(
    office: Office, parent: Someone
) -> None:
    bill_id = await office.issue()
    theirs, own = await ask(office, wish(bill_id), parent), await ask(office, wish(bill_id))
    async with office.database.act_as_system("test") as tx:
        await tx.execute(HIDE, {"id": office.visit.appointment_id})
    for question in (theirs, own):
        await answer(office, question.id, "Because")
    assert (await mailed(office, parent), await mailed(office, office.visit.maria_strong)) == (0, 1)
