"""Staff see who is in and who is not, and invite many together."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from portal_app.core.actor import Credential
from portal_app.core.errors import InputRefused
from portal_app.features.enrolment import jobs, listing, service
from portal_app.features.enrolment.views import BatchView, EnrolledPage
from portal_app.features.profile import service as profile
from tests.factories import Clinic, Someone
from tests.features.enrolment.world import World, browser, by_code


async def shown(world: World, show: service.Show = "all", **more: Any) -> EnrolledPage:
    async with world.database.act_as(world.desk.credential, "enrolment.issue") as tx:
        return await service.enrolment_list(tx, show, **more)


async def names(world: World, show: service.Show) -> list[str]:
    return [one.family_name for one in (await shown(world, show)).people]


async def invited(world: World, *patients: UUID, key: UUID | None = None, who: Someone | None = None) -> UUID:
    async with world.database.act_as((who or world.desk).credential, "enrolment.issue") as tx:
        return await service.invite_batch(tx, patients, key or uuid4())


async def done(world: World, batch_id: UUID) -> BatchView:
    async with world.database.act_as_system("test") as tx:
        while await jobs.invite_next(tx, batch_id):
            pass
    async with world.database.act_as(world.desk.credential, "enrolment.issue") as tx:
        return await service.batch(tx, batch_id)


async def test_everybody_stands_where_they_are(world: World, clinic: Clinic) -> None:
    await clinic.patient("Ana", "Adentro")
    await world.issue(await world.chart("Bo", "Busy"))
    new, who = await world.chart("Cy", "Coming"), browser()
    await world.claim(who, by_code(await world.issue(new), "Cy Coming"))
    session = await world.finish(who, await world.ask(who, "cy@example.test"))
    await world.chart("Di", "Dormant")
    stages = {show: await names(world, show) for show in service.SHOWS}
    assert stages == {
        "in": ["Adentro"], "out": ["Busy"], "settling": ["Coming"], "none": ["Dormant"],
        "all": ["Adentro", "Busy", "Coming", "Dormant"],
    }  # fmt: skip
    async with world.database.act_as(Credential(session.secret), "enrolment.settle_in") as tx:
        await service.finish_step(tx, "channel", "phone")
    (cy,) = (await shown(world, "settling")).people
    assert (cy.reached_by, "channel" in cy.enrolment.steps_left) == ("phone", False)
    async with world.database.act_as(Credential(session.secret), "profile.change") as tx:
        await profile.choose_reached_by(tx, "mail")
    (cy,) = (await shown(world, "settling")).people
    assert cy.reached_by == "mail"


async def test_a_long_list_is_turned_page_by_page_in_the_order_of_names(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "PAGE_MOST", 2)
    for name in ("Dee", "Ada", "Cid", "Bob", "Eve"):
        await world.chart(name, "Same" if name in "Ada Bob" else name)
    read, after = [], None
    while True:
        page = await shown(world, after=after)
        read += [one.given_name for one in page.people]
        last = page.people[-1]
        after = (last.family_name, last.given_name, last.patient_id)
        if not page.is_more:
            break
    assert read == ["Cid", "Dee", "Eve", "Ada", "Bob"]


async def test_a_batch_mails_where_an_address_is_known_and_makes_cards_for_the_rest(
    world: World, clinic: Clinic
) -> None:
    known, card, in_already = await world.chart("Al", "A"), await world.chart("Bo", "B"), await clinic.patient()
    await world.issue(known, "mail", "al@example.test")
    found = await done(world, await invited(world, known, card, in_already.patient_id or uuid4(), uuid4()))
    assert (found.total, found.done, found.cards, found.mails) == (2, 2, 1, 1)
    assert (await world.mail("enrolment_invitation")).content["to"] == "al@example.test"
    async with world.database.act_as(world.desk.credential, "enrolment.issue") as tx:
        assert [one.name for one in await service.cards_of_batch(tx, found.id)] == ["Bo B"]


async def test_a_batch_taken_up_again_invites_nobody_twice(world: World) -> None:
    batch_id = await invited(world, await world.chart("Al", "A"), await world.chart("Bo", "B"))
    async with world.database.act_as_system("test") as tx:
        await jobs.invite_next(tx, batch_id)
    assert (await done(world, batch_id)).done == 2
    assert await world.scalar("select count(*) from activation") == 2


async def test_two_taps_make_one_batch(world: World) -> None:
    chart, key = await world.chart(), uuid4()
    assert await invited(world, chart, key=key) == await invited(world, chart, key=key)


async def test_whoever_opened_the_account_meanwhile_is_left_out(world: World) -> None:
    patient_id, who = await world.chart(), browser()
    await world.claim(who, by_code(await world.issue(patient_id)))
    code = await world.ask(who, "ines@example.test")
    batch_id = await invited(world, patient_id)
    await world.finish(who, code)
    found = await done(world, batch_id)
    assert (found.done, found.cards, found.mails) == (1, 0, 0)


async def test_a_nurse_elsewhere_invites_and_sees_nobody(world: World, clinic: Clinic) -> None:
    patient_id, nurse = await world.chart(), await clinic.staff("nurse")
    batch_id = await invited(world, patient_id, who=nurse)
    async with world.database.act_as(nurse.credential, "enrolment.issue") as tx:
        assert (await service.batch(tx, batch_id)).total == 0
        assert (await service.enrolment_list(tx, "all")).people == ()


@pytest.mark.parametrize("count", [0, 201])
async def test_nobody_and_too_many_are_refused(world: World, count: int) -> None:
    with pytest.raises(InputRefused):
        await invited(world, *(uuid4() for _ in range(count)))
