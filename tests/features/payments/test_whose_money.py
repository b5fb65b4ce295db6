"""What the database refuses of a payment that somebody begins: more on bills than is paid, the processor's words."""

from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError

from tests.factories import Clinic, Someone
from tests.features.payments.conftest import Till
from tests.features.payments.test_plans import begun, plan_of

_ATTEMPT = """
insert into payment_attempt (id, patient_id, confidentiality, purpose, via, amount_minor, currency, status, request_key,
  person_id, locale, keeps_method, created_at, expires_at{more})
select :id, i.patient_id, i.confidentiality, 'bills', 'portal', 100, i.currency, 'new', gen_random_uuid(),
  actor_person(), 'en', false, now(), now() + interval '1 hour'{values} from invoice i
"""
_SHARE = """
insert into payment_share (attempt_id, invoice_id, patient_id, confidentiality, amount_minor)
select :id, i.id, i.patient_id, i.confidentiality, :amount from invoice i
"""


def maria(till: Till) -> Someone:
    return till.office.visit.maria_strong


async def refused(till: Till, statement: str, **params: object) -> None:
    with pytest.raises(DBAPIError) as caught:
        async with till.database.act_as(maria(till).credential, "payments.pay") as tx:
            await tx.execute(statement, params)
    assert isinstance(caught.value.orig, psycopg.errors.InsufficientPrivilege), caught.value.orig


async def attempt(till: Till) -> UUID:
    attempt_id = uuid4()
    async with till.database.act_as(maria(till).credential, "payments.pay") as tx:
        await tx.execute(_ATTEMPT.format(more="", values=""), {"id": attempt_id})
    return attempt_id


async def test_no_more_is_put_on_bills_than_is_paid(till: Till) -> None:
    attempt_id = await attempt(till)
    await refused(till, _SHARE, id=attempt_id, amount=101)
    async with till.database.act_as(maria(till).credential, "payments.pay") as tx:
        assert await tx.execute(_SHARE, {"id": attempt_id, "amount": 100}) == 1


async def test_nobody_puts_a_bill_on_the_payment_of_another(till: Till, clinic: Clinic) -> None:
    attempt_id = await attempt(till)
    sam = await clinic.proven("Sam")
    async with till.database.act_as(sam.credential, "payments.pay") as tx:
        assert await tx.execute(_SHARE, {"id": attempt_id, "amount": 1}) == 0


@pytest.mark.parametrize(("column", "value"), [
    ("session_id", "'cs_1'"), ("session_url", "'https://elsewhere.example'"), ("intent_id", "'pi_1'"),
    ("customer_id", "'cus_of_another'"), ("settled_at", "now()"), ("checked_at", "now()"),
])  # fmt: skip
async def test_what_the_processor_says_nobody_else_writes(till: Till, column: str, value: str) -> None:
    await refused(till, _ATTEMPT.format(more=f", {column}", values=f", {value}"), id=uuid4())


@pytest.mark.parametrize("changed", [
    "method_id = 'pm_of_another'", "customer_id = 'cus_of_another'", "status = 'done'", "status = 'new'",
    "paused_because = 'declined'",
])  # fmt: skip
async def test_of_a_plan_whoever_pays_stops_it_or_goes_on_and_nothing_else(till: Till, changed: str) -> None:
    await begun(till)
    await refused(till, f"update payment_plan set {changed}")
    assert (await plan_of(till)).status == "active"


async def test_a_plan_that_was_stopped_or_never_paid_does_not_begin_by_itself(till: Till) -> None:
    await begun(till)
    async with till.database.act_as(maria(till).credential, "payments.pay") as tx:
        await tx.execute("update payment_plan set status = 'cancelled'")
    await refused(till, "update payment_plan set status = 'active'")
    async with till.database.act_as_system("test") as tx:
        await tx.execute("update payment_plan set status = 'new'")
    await refused(till, "update payment_plan set status = 'active'")
