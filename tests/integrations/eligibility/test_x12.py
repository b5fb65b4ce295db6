"""The 270 and the 271: written and read by the same rules, and hostile answers turned away."""

from datetime import date
from typing import Any

import pytest

from portal_app.features.coverage.errors import AnswerUnreadable, CannotAsk, PayerAway
from portal_app.features.coverage.ports import Inquiry, Named
from portal_app.features.coverage.views import Amounts
from portal_app.integrations.eligibility import segments
from portal_app.integrations.eligibility.demo import DemoPayer
from portal_app.integrations.eligibility.inquiry import write_inquiry
from portal_app.integrations.eligibility.reading import read_answer
from portal_app.integrations.eligibility.x12 import X12Eligibility

TRACE = "0f" * 16
MARIA = Named("María José", "Álvarez*~Ruiz", date(1964, 5, 1))


def inquiry(member_id: str = "NW1", **changes: Any) -> Inquiry:
    said: dict[str, Any] = {
        "trace": TRACE, "payer_name": "Northwind Health", "payer_code": "DEMO1", "provider_name": "Sala Practice",
        "provider_npi": "1234567893", "member_id": member_id, "subscriber": MARIA, "on": date(2026, 11, 21),
    }  # fmt: skip
    return Inquiry(**(said | changes))


async def answer(member_id: str) -> str:
    return await DemoPayer().exchange(write_inquiry(inquiry(member_id)))


def test_the_inquiry_says_who_asks_the_member_and_the_service_and_nothing_else() -> None:
    body = [row for row in write_inquiry(inquiry()).split("~") if row][3:-3]
    assert [row for row in body if not row.startswith("BHT")] == [
        "HL*1**20*1", "NM1*PR*2*NORTHWIND HEALTH*****PI*DEMO1", "HL*2*1*21*1",
        "NM1*1P*2*SALA PRACTICE*****XX*1234567893", "HL*3*2*22*0", f"TRN*1*{TRACE}*1234567893",
        "NM1*IL*1*ALVAREZ RUIZ*MARIA JOSE****MI*NW1", "DMG*D8*19640501", "DTP*291*D8*20261121", "EQ*98",
    ]  # fmt: skip


def test_somebody_insured_through_another_is_asked_about_below_that_person() -> None:
    written = write_inquiry(inquiry(patient=Named("Leo", "Ruiz", date(2015, 1, 2)), relation="child"))
    assert "HL*3*2*22*1~" in written
    assert "HL*4*3*23*0~" in written
    assert "NM1*03*1*RUIZ*LEO~DMG*D8*20150102~INS*N*19~" in written
    segments.read(written)


@pytest.mark.parametrize("missing", [{"payer_code": ""}, {"provider_npi": ""}, {"member_id": "~"},
                                     {"subscriber": Named("منى", "حداد", date(1980, 1, 1))}])  # fmt: skip
def test_without_what_an_insurer_needs_nobody_is_asked(missing: dict[str, Any]) -> None:
    with pytest.raises(CannotAsk):
        write_inquiry(inquiry(**missing))


async def test_what_a_visit_costs_is_read() -> None:
    found = await X12Eligibility(DemoPayer()).ask(inquiry())
    assert (found.outcome, found.plan_name) == ("active", "NORTHWIND SILVER")
    assert found.amounts == Amounts(copay_minor=2_500, deductible_minor=50_000, deductible_left_minor=0)


async def test_what_is_left_of_a_deductible_is_read_and_what_is_for_elsewhere_is_not() -> None:
    found = await X12Eligibility(DemoPayer()).ask(inquiry("DE5"))
    assert found.amounts == Amounts(
        coinsurance_percent=20, deductible_minor=200_000, deductible_left_minor=145_050,
        out_of_pocket_left_minor=520_000,
    )  # fmt: skip


@pytest.mark.parametrize(("member", "outcome"), [("NF1", "not_found"), ("IN1", "inactive"), ("UN1", "unclear")])
async def test_an_answer_is_no_more_certain_than_it_is(member: str, outcome: str) -> None:
    found = await X12Eligibility(DemoPayer()).ask(inquiry(member))
    assert (found.outcome, found.amounts) == (outcome, Amounts())


async def test_two_copays_that_differ_are_none() -> None:
    text = (await answer("NW1")).replace("EB*B*IND*98***27*25*****Y~", "EB*B*IND*98***27*25*****Y~EB*B*IND*98***27*40~")
    assert read_answer(_counted(text), TRACE).amounts.copay_minor is None


async def test_an_insurer_that_cannot_answer_now_is_away() -> None:
    with pytest.raises(PayerAway):
        await X12Eligibility(DemoPayer()).ask(inquiry("AW1"))
    with pytest.raises(PayerAway):
        read_answer((await answer("NF1")).replace("AAA*N**75*C", "AAA*N**42*R"), TRACE)


async def test_the_answer_to_another_question_is_none() -> None:
    with pytest.raises(AnswerUnreadable):
        read_answer(await answer("NW1"), "1f" * 16)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: "",
        lambda text: text[:200],
        lambda text: text.replace("ST*271", "ST*999"),
        lambda text: text.replace("SE*", "SE*9"),
        lambda text: text.replace("00501*0", "00401*0"),
        lambda text: text.replace("HL*3*2", "HL*7*6"),
        lambda text: text + "\x00" * 10,
        lambda text: text.replace("NORTHWIND", "N\u202eD"),
        lambda text: text.replace("~", "A"),
        lambda text: text + "EB*1**30~" * 30_000,
        lambda text: text.replace("EB*1", "EB*1**30~" * 3_000 + "EB*1"),
        lambda text: "ISA" + "*" * 400,
        lambda text: "ISA" + "~" * 400,
        lambda text: "<?xml version='1.0'?>" + text,
        lambda text: text + text,
    ],
)  # fmt: skip
async def test_what_is_no_answer_is_turned_away(spoil: Any) -> None:
    with pytest.raises(AnswerUnreadable):
        read_answer(spoil(await answer("NW1")), TRACE)


@pytest.mark.parametrize("amount", ["-5", "1e30", "NaN", "Infinity", "12.345", "9" * 18, "0x10", ""])
async def test_an_amount_that_cannot_be_is_left_out(amount: str) -> None:
    text = (await answer("NW1")).replace("*27*25*", f"*27*{amount}*")
    assert read_answer(text, TRACE).amounts.copay_minor is None


def _counted(text: str) -> str:
    """Return an interchange with the count of its segments put right."""
    rows = [row for row in text.split("~") if row]
    names = [row.split("*")[0] for row in rows]
    count = names.index("SE") - names.index("ST") + 1
    return "~".join(f"SE*{count}*0001" if name == "SE" else row for name, row in zip(names, rows, strict=True)) + "~"
