"""Claims as data: what is there, and in words what is missing."""

from dataclasses import replace
from datetime import date
from uuid import uuid4

import pytest

from portal_app.core import i18n
from portal_app.core.errors import InputRefused, NotAllowed, NotFound
from portal_app.features.claims import service as claims
from portal_app.features.claims.rules import Claim, missing
from portal_app.features.coverage import rules
from portal_app.features.coverage import service as coverages
from portal_app.features.coverage.service import Identity
from portal_app.state.claim import MISSING, _said
from tests.factories import Clinic
from tests.features.billing.conftest import Office, office, visit
from tests.features.coverage.conftest import typed

__all__ = ["office", "visit"]
WHOLE = Claim(
    "insurance", "T1015", "95", "10", date(2026, 11, 1), ("I10",), "1234567893", "207Q00000X", "1234567893",
    "123456789", "Northwind", "NW1", "M1", "", "self", "Maria Alvarez", "1964-05-01", is_reviewed=True,
    outcome="active",
)  # fmt: skip


def test_a_whole_claim_misses_nothing() -> None:
    assert missing(WHOLE) == ()


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"service_code": ""}, "service"), ({"diagnoses": ()}, "diagnosis"), ({"modifier": ""}, "modifier"),
        ({"provider_npi": ""}, "provider_npi"), ({"tax_id": ""}, "tax_id"), ({"payer_code": ""}, "payer_code"),
        ({"kind": ""}, "insurance"), ({"is_reviewed": False}, "review"), ({"outcome": "inactive"}, "active"),
        ({"subscriber_born": ""}, "subscriber"), ({"member_id": ""}, "member"),
    ],
)  # fmt: skip
def test_each_missing_thing_is_named_and_has_its_words(changes: dict[str, object], found: str) -> None:
    assert missing(replace(WHOLE, **changes)) == (found,)  # type: ignore[arg-type]
    assert found in MISSING


def test_who_pays_alone_needs_no_claim_and_a_visit_in_person_no_modifier() -> None:
    assert missing(replace(WHOLE, kind="self_pay", payer_code="", member_id="")) == ()
    assert missing(replace(WHOLE, modifier="", place_of_service="11")) == ()


@pytest.mark.parametrize(
    ("changes", "tells"),
    [
        ({}, False), ({"is_private": True}, False), ({"relation": "child"}, False),
        ({"is_private": True, "relation": "child"}, True),
        ({"is_private": True, "relation": "child", "kind": "self_pay"}, False),
    ],
)  # fmt: skip
def test_of_a_private_visit_the_insurer_would_tell_whoever_is_on_the_card(
    changes: dict[str, object], *, tells: bool
) -> None:
    claim = replace(WHOLE, **changes)  # type: ignore[arg-type]
    assert claim.tells_another is tells
    with i18n.use("en"):
        assert ("Ask the patient before you claim." in _said(claim, is_ready=True)) is tells


async def test_a_private_visits_claim_says_that_it_is_private(office: Office) -> None:
    async with office.database.act_as(office.keeper.credential, "claims.prepare") as tx:
        assert not (await claims.claim_of(tx, office.charge_id)).is_private
    async with office.database.act_as_system("test") as tx:
        await tx.execute("update appointment set confidentiality = 'R'")
    async with office.database.act_as(office.keeper.credential, "claims.prepare") as tx:
        assert (await claims.claim_of(tx, office.charge_id)).is_private


@pytest.mark.parametrize(
    ("number", "is_one"),
    [
        ("1234567893", True), ("1245319599", True), ("1234567890", False), ("3234567893", False),
        ("123456789", False), ("١٢٣٤٥٦٧٨٩٣", False),
    ],
)  # fmt: skip
def test_an_npi_checks_itself(number: str, is_one: bool) -> None:
    assert rules.is_npi(number) is is_one


async def test_a_manager_s_numbers_and_a_patient_s_card_complete_a_claim(office: Office, clinic: Clinic) -> None:
    async with office.database.act_as(office.keeper.credential, "claims.prepare") as tx:
        before = missing(await claims.claim_of(tx, office.charge_id))
    assert before == ("provider_npi", "provider_taxonomy", "practice_npi", "tax_id", "insurance")
    manager = await clinic.staff("manager")
    async with office.database.act_as(manager.credential, "coverage.identify") as tx:
        await coverages.set_identity(tx, Identity(None, "Riverside LLC", "1234567893", "", "12-3456789"))
        whose = office.visit.place.practitioner_id
        await coverages.set_identity(tx, Identity(whose, "", "1245319599", "207q00000x", ""))
    async with office.database.act_as_system("test") as tx:
        await coverages.fill_payers(tx, [coverages.PayerEntry("Northwind Health", "NW001")])
        payer_id = await tx.scalar("select id from payer")
    async with office.database.act_as(office.visit.maria_strong.credential, "coverage.change") as tx:
        coverage_id = await coverages.add_coverage(tx, typed(payer=str(payer_id)), uuid4())
    async with office.database.act_as(office.keeper.credential, "coverage.review") as tx:
        await coverages.review_coverage(tx, coverage_id, 0)
    async with office.database.act_as(office.keeper.credential, "claims.prepare") as tx:
        claim = await claims.claim_of(tx, office.charge_id)
    assert missing(claim) == ()
    assert (claim.payer_code, claim.member_id, claim.subscriber_name, claim.tax_id, claim.provider_npi) == (
        "NW001", "NW123456", "Maria Alvarez", "123456789", "1245319599",
    )  # fmt: skip


async def test_numbers_that_cannot_be_are_refused_and_only_managers_set_them(office: Office, clinic: Clinic) -> None:
    manager = await clinic.staff("manager")
    with pytest.raises(InputRefused) as refused:
        async with office.database.act_as(manager.credential, "coverage.identify") as tx:
            await coverages.set_identity(tx, Identity(None, "a\u202eb", "1234567890", "X", "12"))
    assert [one.field for one in (refused.value, *refused.value.others)] == ["legal_name", "npi", "taxonomy", "tax_id"]
    with pytest.raises(NotAllowed):
        async with office.database.act_as(office.keeper.credential, "coverage.identify"):
            pass


async def test_a_charge_that_nobody_knows_has_no_claim(office: Office) -> None:
    with pytest.raises(NotFound):
        async with office.database.act_as(office.keeper.credential, "claims.prepare") as tx:
            await claims.claim_of(tx, uuid4())
