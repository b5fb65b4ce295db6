"""Insurance: kept, put right, ended, confirmed; seen by whom it concerns and by nobody else."""

import asyncio
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from portal_app.core.db import libpq_conninfo
from portal_app.core.errors import InputRefused, NotAllowed, NotFound, PortalError
from portal_app.core.files import FileRefused, open_file
from portal_app.features.coverage import service as coverages
from portal_app.features.coverage.service import CoverageMovedOn, CoverageNotNoted, TooManyCoverages
from tests.factories import Clinic
from tests.features.coverage.conftest import PNG, Insured, typed

BORN = ("5", "March", "1961")


async def test_what_the_card_says_is_kept_and_the_insurer_is_asked(insured: Insured) -> None:
    one = await insured.one(await insured.add())
    assert (one.payer_name, one.member_id, one.group_number, one.precedence) == (
        "Northwind Health", "NW123456", "G-77", 1,
    )  # fmt: skip
    assert one.reviewed_at is None
    assert one.check is not None
    assert one.check.status == "waiting"


async def test_two_taps_keep_it_once(insured: Insured) -> None:
    key = uuid4()
    first, second = await asyncio.gather(insured.add(key=key), insured.add(key=key))
    assert first == second
    assert len(await insured.listed()) == 1


async def test_who_paid_first_steps_back_for_a_new_one_and_three_are_the_most(insured: Insured) -> None:
    old = await insured.add()
    new = await insured.add(member_id="B2")
    assert [one.id for one in await insured.listed()] == [new, old]
    await insured.add(member_id="C3", precedence="2")
    with pytest.raises(TooManyCoverages):
        await insured.add(member_id="D4")


async def test_two_insurances_change_places(insured: Insured) -> None:
    second, first = await insured.add(), await insured.add(member_id="B2")
    sequence = (await insured.one(second)).sequence
    await insured.change(second, sequence, precedence="1")
    assert [one.id for one in await insured.listed()] == [second, first]


async def test_a_change_keeps_what_was_and_is_to_be_looked_at_again(insured: Insured, clinic: Clinic) -> None:
    coverage_id = await insured.add()
    desk = await clinic.staff("front_desk")
    async with insured.database.act_as(desk.credential, "coverage.review") as tx:
        await coverages.review_coverage(tx, coverage_id, 0)
    assert (await insured.one(coverage_id)).reviewed_at is not None
    await insured.change(coverage_id, 0, member_id="NEW9")
    async with insured.database.act_as(insured.maria.credential, "coverage.see") as tx:
        one, history = await coverages.coverage(tx, coverage_id)
    assert (one.member_id, one.sequence, one.reviewed_at) == ("NEW9", 1, None)
    assert [before.member_id for before in history] == ["NW123456"]


async def test_a_stale_tab_is_told(insured: Insured, clinic: Clinic) -> None:
    coverage_id = await insured.add()
    await insured.change(coverage_id, 0, member_id="NEW9")
    desk = await clinic.staff("billing")
    with pytest.raises(CoverageMovedOn):
        await insured.change(coverage_id, 0, member_id="OLD1")
    with pytest.raises(CoverageMovedOn):
        await insured.end(coverage_id, 0)
    with pytest.raises(CoverageMovedOn):
        async with insured.database.act_as(desk.credential, "coverage.review") as tx:
            await coverages.review_coverage(tx, coverage_id, 0)


async def test_no_insurance_is_an_answer_and_ends_with_the_next_one(insured: Insured) -> None:
    ended = await insured.add()
    async with insured.database.act_as(insured.maria.credential, "coverage.change") as tx:
        none = await coverages.say_uninsured(tx, uuid4())
    assert {one.id: one.status for one in await insured.listed()} == {none: "active", ended: "cancelled"}
    await insured.add(member_id="B2")
    assert {one.kind for one in await insured.listed() if one.status == "active"} == {"insurance"}


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("member_id", {"member_id": "9" * 100_000}),
        ("member_id", {"member_id": "12\u202e34"}),
        ("member_id", {"member_id": "1~ISA*00"}),
        ("member_id", {"member_id": ""}),
        ("plan_name", {"plan_name": "Gold\u202edlog"}),
        ("payer_name", {"payer_name": " "}),
        ("payer", {"payer": str(uuid4())}),
        ("precedence", {"precedence": "9"}),
        ("relation", {"relation": "boss"}),
        ("subscriber_born", {"relation": "spouse", "subscriber_given": "A", "subscriber_family": "B"}),
        ("valid_until", {"valid_from": ("1", "5", "2026"), "valid_until": ("1", "4", "2026")}),
        ("valid_from", {"valid_from": ("31", "2", "2026")}),
    ],
)
async def test_what_no_card_says_is_refused_at_its_field(insured: Insured, field: str, changes: dict[str, Any]) -> None:
    with pytest.raises(InputRefused) as refused:
        await insured.add(**changes)
    assert field in {one.field for one in (refused.value, *refused.value.others)}
    assert await insured.listed() == []


async def test_arabic_digits_are_those_of_the_card(insured: Insured) -> None:
    one = await insured.one(await insured.add(member_id="٠١٢ ٣٤"))
    assert one.member_id == "01234"


async def test_nothing_of_the_card_lies_open_in_the_database(insured: Insured) -> None:
    await insured.add(relation="spouse", subscriber_given="Ines", subscriber_family="Alvarez", subscriber_born=BORN)
    async with insured.database.act_as_system("test") as tx:
        (row,) = await tx.all("select row_to_json(c)::text as said from coverage c")
    assert not any(said in row.said for said in ("NW123456", "Northwind", "G-77", "Ines", "1961"))


async def test_others_neither_see_nor_change_it(insured: Insured, clinic: Clinic) -> None:
    coverage_id = await insured.add()
    other = await clinic.sign_in_again(await clinic.patient("Lena", "Berg"), assurance=2)
    for attempt in (
        lambda: insured.one(coverage_id, other), lambda: insured.change(coverage_id, 0, other),
        lambda: insured.end(coverage_id, 0, other), lambda: insured.send(coverage_id, PNG, other),
    ):  # fmt: skip
        with pytest.raises(NotFound):
            await attempt()
    assert await insured.listed(other) == []


async def test_a_caregiver_with_the_bills_may_and_one_without_may_not(insured: Insured) -> None:
    coverage_id = await insured.add()
    trusted, other = await insured.carer("booking", "bills"), await insured.carer("booking", "profile")
    assert (await insured.one(coverage_id, trusted)).member_id == "NW123456"
    await insured.change(coverage_id, 0, trusted, member_id="NEW9")
    with pytest.raises((NotAllowed, NotFound)):
        await insured.one(coverage_id, other)


async def test_what_stands_in_the_way_of_one_that_a_carer_does_not_see_is_answered_plainly_and_changes_nothing(
    insured: Insured,
) -> None:
    kept, carer = await insured.add(), await insured.carer("booking", "bills")
    assert insured.settings.database_owner_url
    with psycopg.connect(libpq_conninfo(insured.settings.database_owner_url)) as connection:
        connection.execute("select set_config('portal.maintenance', 'test', true)")
        connection.execute("update coverage set confidentiality = 'R'")
    open_one = await insured.add(member_id="B2", precedence="2")

    async def none() -> None:
        async with insured.database.act_as(carer.credential, "coverage.change") as tx:
            await coverages.say_uninsured(tx, uuid4())

    for attempt in (
        none, lambda: insured.add(carer, member_id="C3", precedence="1"),
        lambda: insured.change(open_one, 0, carer, precedence="1"),
    ):  # fmt: skip
        with pytest.raises(CoverageNotNoted):
            await attempt()
    assert [(one.id, one.status, one.sequence) for one in await insured.listed()] == [
        (kept, "active", 0), (open_one, "active", 0)
    ]  # fmt: skip
    assert [one.id for one in await insured.listed(carer)] == [open_one]


async def test_the_desks_see_and_confirm_but_do_not_rewrite_it(insured: Insured, clinic: Clinic) -> None:
    coverage_id = await insured.add()
    for role in ("billing", "front_desk"):
        someone = await clinic.staff(role)
        async with insured.database.act_as(someone.credential, "coverage.review") as tx:
            name = (await coverages.covered_person(tx, insured.maria.patient_id))[0]  # type: ignore[arg-type]
            assert (name, len(await coverages.unseen_coverages(tx))) == ("Maria Alvarez", 1)
        with pytest.raises(Exception, match="for them to say"):
            async with insured.database.act_as(someone.credential, "coverage.review") as tx:
                await tx.execute("update coverage set member_id = 'x' where id = :id", {"id": coverage_id})
    nurse = await clinic.staff("nurse")
    async with insured.database.act_as(nurse.credential, "access.who_am_i") as tx:
        assert await tx.scalar("select count(*) from coverage") == 0


async def test_nobody_confirms_their_own_card(insured: Insured) -> None:
    coverage_id = await insured.add()
    with pytest.raises(Exception, match="confirms their own"):
        async with insured.database.act_as(insured.maria.credential, "coverage.change") as tx:
            await tx.execute(
                "update coverage set reviewed_by = actor_person(), reviewed_at = now() where id = :id",
                {"id": coverage_id},
            )


async def test_a_card_is_seen_by_its_side_and_the_desks_alone(insured: Insured, clinic: Clinic) -> None:
    coverage_id = await insured.add()
    file_id = await insured.send(coverage_id, PNG)
    assert (await insured.one(coverage_id)).front_file_id == file_id
    for role, may in (("front_desk", True), ("billing", True), ("nurse", False), ("manager", False)):
        someone = await clinic.staff(role)
        async with insured.database.act_as(someone.credential, "files.download") as tx:
            try:
                await open_file(tx, insured.settings, file_id)
                seen = True
            except NotFound:
                seen = False
        assert (role, seen) == (role, may)


@pytest.mark.parametrize(
    "content",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"GIF89a/*" + b"\x00" * 64 + b"*/=alert(1)",
        b"%PDF-1.7\n1 0 obj\n%%EOF",
        PNG[:40],
        b"\xff\xd8\xff\xe0<script>alert(1)</script>",
    ],
)
async def test_what_is_no_picture_is_not_taken_for_a_card(insured: Insured, content: bytes) -> None:
    coverage_id = await insured.add()
    with pytest.raises(FileRefused):
        await insured.send(coverage_id, content)
    assert (await insured.one(coverage_id)).front_file_id is None


async def test_another_charts_file_is_no_card_of_this_one(insured: Insured, clinic: Clinic) -> None:
    other = await clinic.sign_in_again(await clinic.patient("Lena", "Berg"), assurance=2)
    theirs = await insured.send(await insured.add(other), PNG, other)
    coverage_id = await insured.add()
    with pytest.raises(Exception, match="row-level security"):
        async with insured.database.act_as(insured.maria.credential, "coverage.change") as tx:
            await tx.execute(
                "update coverage set front_file_id = :file where id = :id", {"file": theirs, "id": coverage_id}
            )


async def test_an_ended_one_takes_no_picture_and_ends_once(insured: Insured) -> None:
    coverage_id = await insured.add()
    await insured.end(coverage_id, 0)
    await insured.end(coverage_id, 0)
    assert (await insured.one(coverage_id)).status == "cancelled"
    with pytest.raises(PortalError):
        await insured.send(coverage_id, PNG)


async def test_another_key_of_the_ring_is_no_change_of_the_insurance(insured: Insured) -> None:
    coverage_id = await insured.add()
    with psycopg.connect(libpq_conninfo(insured.settings.database_owner_url or "")) as owner:
        owner.execute("set portal.maintenance = 'keys.rotate'")
        owner.execute("update coverage set member_id = plan_name")
    one = await insured.one(coverage_id)
    assert (one.member_id, one.sequence) == ("Silver", 0)


def test_a_form_shows_nothing_of_the_card_in_a_log() -> None:
    assert "123" not in repr(typed())
