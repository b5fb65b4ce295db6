"""Estimates: asked for by a tap, given by a job, kept as they were given, seen by whom they concern."""

import asyncio
from uuid import uuid4

import psycopg
import pypdfium2
import pytest

from portal_app.core import clock, i18n
from portal_app.core.db import libpq_conninfo
from portal_app.core.errors import InputRefused, NotFound, PortalError
from portal_app.features.billing import service as billing
from portal_app.features.coverage import service as coverages
from portal_app.features.estimates import service
from portal_app.features.estimates.service import VisitPast
from tests.features.estimates.conftest import FEE, Asker


async def test_who_pays_alone_gets_a_good_faith_estimate(asker: Asker) -> None:
    await asker.price()
    await asker.uninsured()
    one = await asker.given()
    assert (one.status, one.kind, one.fee_minor, one.patient_minor) == ("given", "good_faith", FEE, FEE)
    said = " ".join(line.text for part in service.parts_of(one) for line in part.lines)
    assert all(words in said for words in ("T1015", "180.00", "400 US dollars", "120 days", "Riverside"))


async def test_who_pays_alone_is_told_by_the_law_without_asking(asker: Asker) -> None:
    await asker.price()
    await asker.uninsured()
    await asker.work()
    await asker.work()
    (one,) = await asker.listed()
    assert one.kind == "good_faith"


async def test_a_plan_s_copay_is_what_is_probably_paid(asker: Asker) -> None:
    await asker.price()
    await asker.insured(copay_minor=2_500)
    one = await asker.given()
    assert (one.kind, one.patient_minor, one.steps) == ("insured", 2_500, (("copay", 2_500),))
    async with asker.database.act_as(asker.maria.credential, "estimates.see") as tx:
        due = await service.copay_due(tx, asker.appointment_id)
    assert due is not None
    assert (due.amount_minor, due.currency) == (2_500, "USD")


async def test_an_insurance_that_does_not_count_any_more_leaves_no_copay_and_no_promise(asker: Asker) -> None:
    await asker.price()
    coverage_id = await asker.insured(copay_minor=2_500)
    desk = await asker.people.staff("front_desk")
    async with asker.database.act_as(desk.credential, "coverage.ask") as tx:
        await coverages.ask_payer(tx, coverage_id, uuid4())
    await asker.answer("inactive")
    one = await asker.given()
    assert (one.kind, one.patient_minor) == ("insured", None)
    async with asker.database.act_as(asker.maria.credential, "estimates.see") as tx:
        assert await service.copay_due(tx, asker.appointment_id) is None


async def test_what_was_given_stays_and_a_newer_one_counts_instead(asker: Asker) -> None:
    await asker.price()
    first = await asker.given()
    async with asker.database.act_as_system("test") as tx:
        await billing.fill_fees(tx, [billing.FeeEntry("T1015", clock.now().date(), "USD", 25_000)])
    second = await asker.given()
    listed = {one.id: one for one in await asker.listed()}
    assert (listed[first.id].fee_minor, listed[first.id].is_newest) == (FEE, False)
    assert (listed[second.id].fee_minor, listed[second.id].is_newest) == (25_000, True)
    with pytest.raises(Exception, match="stays as it was given"):
        async with asker.database.act_as_system("test") as tx:
            await tx.execute("update estimate set fee_minor = 1, patient_minor = 1 where id = :id", {"id": first.id})


async def test_another_key_of_the_ring_is_no_change_of_an_estimate(asker: Asker) -> None:
    await asker.price()
    await asker.given()
    with psycopg.connect(libpq_conninfo(asker.settings.database_owner_url or "")) as owner:
        owner.execute("set portal.maintenance = 'keys.rotate'")
        assert owner.execute("update estimate set content = content || ''").rowcount == 1


async def test_without_a_price_it_waits_for_billing_and_then_comes(asker: Asker) -> None:
    await asker.ask()
    await asker.work()
    assert [one.status for one in await asker.listed()] == ["asked"]
    keeper = await asker.people.staff("billing")
    async with asker.database.act_as(keeper.credential, "estimates.keep") as tx:
        assert [one.patient_name for one in await service.waiting_estimates(tx)] == ["Maria Alvarez"]
    await asker.price()
    await asker.work()
    assert [one.status for one in await asker.listed()] == ["given"]


async def test_two_taps_and_a_second_wish_ask_once(asker: Asker) -> None:
    key = uuid4()
    await asyncio.gather(asker.ask(key=key), asker.ask(key=key))
    await asker.ask()
    assert len(await asker.listed()) == 1


async def test_a_visit_that_is_over_is_not_estimated(asker: Asker) -> None:
    async with asker.database.act_as_system("test") as tx:
        await tx.execute("update appointment set status = 'fulfilled' where id = :id", {"id": asker.appointment_id})
    with pytest.raises(VisitPast):
        await asker.ask()


async def test_others_neither_ask_nor_see(asker: Asker) -> None:
    await asker.price()
    one = await asker.given()
    other = await asker.people.sign_in_again(await asker.people.patient("Lena", "Berg"), assurance=2)
    with pytest.raises(NotFound):
        await asker.ask(other)
    with pytest.raises(NotFound):
        async with asker.database.act_as(other.credential, "estimates.see") as tx:
            await service.estimate_file(tx, one.id)
    nurse = await asker.people.staff("nurse")
    async with asker.database.act_as(nurse.credential, "access.who_am_i") as tx:
        assert await tx.scalar("select count(*) from estimate") == 0


async def test_an_estimate_is_as_private_as_its_visit(asker: Asker) -> None:
    await asker.price()
    await asker.given()
    async with asker.database.act_as_system("test") as tx:
        await tx.execute("update appointment set confidentiality = 'V' where id = :id", {"id": asker.appointment_id})
        assert await tx.scalar("select confidentiality from estimate") == "V"
    desk = await asker.people.staff("billing")
    async with asker.database.act_as(desk.credential, "coverage.review") as tx:
        assert await tx.scalar("select count(*) from estimate") == 0


async def test_a_code_that_is_not_in_the_list_is_refused(asker: Asker) -> None:
    keeper = await asker.people.staff("billing")
    with pytest.raises(InputRefused):
        async with asker.database.act_as(keeper.credential, "estimates.keep") as tx:
            await service.expect_service(tx, asker.place.visit_type_id, "99999")


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_it_is_printed_in_each_language(asker: Asker, locale: str) -> None:
    await asker.price()
    await asker.uninsured()
    one = await asker.given()
    async with asker.database.act_as(asker.maria.credential, "estimates.see") as tx:
        with i18n.use(locale):
            file = await service.estimate_file(tx, one.id)
    page = pypdfium2.PdfDocument(file.content)[0]
    assert "Alvarez" in page.get_textpage().get_text_bounded()


async def test_an_estimate_that_only_waits_is_not_printed(asker: Asker) -> None:
    await asker.ask()
    (one,) = await asker.listed()
    with pytest.raises(PortalError):
        async with asker.database.act_as(asker.maria.credential, "estimates.see") as tx:
            await service.estimate_file(tx, one.id)
