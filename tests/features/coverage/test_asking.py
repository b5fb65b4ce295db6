"""Insurers: asked by a job, once, with no more than they need; what they answer is kept and never in the open."""

from dataclasses import dataclass, field
from datetime import timedelta
from types import SimpleNamespace
from uuid import UUID, uuid4

import pytest

from portal_app.core import clock
from portal_app.core.jobs import Workplace
from portal_app.features.coverage import jobs
from portal_app.features.coverage import service as coverages
from portal_app.features.coverage.errors import AnswerUnreadable, CannotAsk, PayerAway
from portal_app.features.coverage.ports import Answer, EligibilityPort, Inquiry
from portal_app.features.coverage.views import Amounts, CheckView
from tests.factories import Clinic
from tests.features.booking.practice_maker import PracticeMaker
from tests.features.coverage.conftest import Insured


@dataclass
class Payer:
    """An insurer that answers what a test says."""

    says: Answer | type[Exception] = field(default_factory=lambda: Answer("active", Amounts(copay_minor=2_500)))
    asked: list[Inquiry] = field(default_factory=list)

    async def ask(self, inquiry: Inquiry) -> Answer:
        self.asked.append(inquiry)
        if isinstance(self.says, Answer):
            return self.says
        raise self.says


@dataclass(frozen=True)
class Asking:
    """A practice with an NPI, and its worker."""

    insured: Insured
    payer: Payer

    async def work(self, check_id: UUID) -> None:
        place = Workplace(self.insured.database, self.insured.settings, {EligibilityPort: self.payer})
        context = SimpleNamespace(job=SimpleNamespace(id=1), additional_context={"workplace": place})
        await jobs.answer_check.func(context, check_id=str(check_id))

    async def check(self, coverage_id: UUID) -> CheckView:
        one = await self.insured.one(coverage_id)
        assert one.check is not None
        return one.check


@pytest.fixture
async def asking(insured: Insured) -> Asking:
    await PracticeMaker(insured.database).practice()
    async with insured.database.act_as_system("test") as tx:
        await tx.execute(
            "insert into billing_identity (id, npi, set_by, set_at) values (:id, '1234567893', actor_person(), now())",
            {"id": uuid4()},
        )  # fmt: skip
    return Asking(insured, Payer())


async def test_an_answer_is_kept_with_its_day(asking: Asking) -> None:
    coverage_id = await asking.insured.add()
    await asking.work((await asking.check(coverage_id)).id)
    check = await asking.check(coverage_id)
    assert (check.status, check.outcome, check.amounts.copay_minor) == ("answered", "active", 2_500)
    (asked,) = asking.payer.asked
    assert (asked.member_id, asked.subscriber.family_name, asked.provider_npi) == ("NW123456", "Alvarez", "1234567893")


async def test_a_job_done_twice_asks_once(asking: Asking) -> None:
    check_id = (await asking.check(await asking.insured.add())).id
    await asking.work(check_id)
    await asking.work(check_id)
    assert len(asking.payer.asked) == 1


@pytest.mark.parametrize(("error", "outcome"), [(AnswerUnreadable, "unreadable"), (CannotAsk, "not_asked")])
async def test_what_is_no_answer_is_said_to_be_none(asking: Asking, error: type[Exception], outcome: str) -> None:
    asking.payer.says = error
    coverage_id = await asking.insured.add()
    await asking.work((await asking.check(coverage_id)).id)
    check = await asking.check(coverage_id)
    assert (check.status, check.outcome) == ("failed", outcome)


async def test_an_insurer_that_is_away_is_tried_again_and_then_said_to_be(asking: Asking) -> None:
    asking.payer.says = PayerAway
    coverage_id = await asking.insured.add()
    check_id = (await asking.check(coverage_id)).id
    with pytest.raises(PayerAway):
        await asking.work(check_id)
    assert (await asking.check(coverage_id)).status == "waiting"
    with clock.frozen_at(clock.now() + jobs.PATIENCE + timedelta(seconds=1)):
        await asking.work(check_id)
    assert (await asking.check(coverage_id)).outcome == "away"


async def test_what_was_changed_meanwhile_is_asked_about_anew(asking: Asking) -> None:
    coverage_id = await asking.insured.add()
    first = (await asking.check(coverage_id)).id
    await asking.insured.change(coverage_id, 0, member_id="NEW9")
    await asking.work(first)
    assert asking.payer.asked == []
    check = await asking.check(coverage_id)
    assert (check.status, check.is_of_now) == ("waiting", True)
    await asking.work(check.id)
    assert [one.member_id for one in asking.payer.asked] == ["NEW9"]


async def test_two_taps_ask_once_and_a_stranger_asks_nothing(asking: Asking, clinic: Clinic) -> None:
    coverage_id = await asking.insured.add()
    desk = await clinic.staff("front_desk")
    for _again in range(2):
        async with asking.insured.database.act_as(desk.credential, "coverage.ask") as tx:
            await coverages.ask_payer(tx, coverage_id, uuid4())
    async with asking.insured.database.act_as_system("test") as tx:
        assert await tx.scalar("select count(*) from eligibility_check") == 1
        said = await tx.scalar("select string_agg(args::text, ' ') from procrastinate_jobs")
    assert "NW123456" not in said


async def test_an_answer_lies_closed_and_cannot_be_rewritten(asking: Asking) -> None:
    coverage_id = await asking.insured.add()
    check_id = (await asking.check(coverage_id)).id
    await asking.work(check_id)
    async with asking.insured.database.act_as_system("test") as tx:
        assert "2500" not in await tx.scalar("select answer from eligibility_check")
        assert not await tx.execute("update eligibility_check set outcome = 'inactive'")


async def test_without_an_npi_nobody_is_asked(asking: Asking) -> None:
    async with asking.insured.database.act_as_system("test") as tx:
        await tx.execute("update billing_identity set npi = '', set_by = actor_person()")
    coverage_id = await asking.insured.add()
    await asking.work((await asking.check(coverage_id)).id)
    assert (await asking.check(coverage_id)).outcome == "not_asked"
    assert asking.payer.asked == []
