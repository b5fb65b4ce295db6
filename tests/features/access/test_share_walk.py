"""Every box that can be ticked for a caregiver, at each assurance, against every policy and every row: one product."""

from collections.abc import Collection
from itertools import product
from uuid import uuid4

import pytest

import portal_app.portal_app  # noqa: F401 - registers every page, state and policy
from portal_app.core.actor import Role
from portal_app.core.db import Database
from portal_app.core.errors import NotAllowed, OutOfScope, StepUpNeeded
from portal_app.features.access.rules import SHARES
from tests.factories import Clinic, Someone
from tests.features.access.conftest import Share
from tests.features.access.test_scope_walk import allowed
from tests.features.chart.conftest import Listed, listed
from tests.test_policy_walk import JOBS, PATIENTS, STAFF, WANTS_TWO, WHO_MAY, ours

__all__ = ["listed"]
ASSURANCES = (1, 2)
NEEDS: dict[str, set[str]] = {
    "view booking": {
        "booking.calendar_file", "booking.find", "booking.view", "callback.view", "checkin.see", "waiting.view",
    },
    "act booking": {
        "booking.arrive", "booking.book", "booking.cancel", "booking.confirm", "booking.hold",
        "booking.keep_private", "booking.move", "callback.ask", "checkin.act", "waiting.answer_offer", "waiting.ask",
    },
    "view forms": {"intake.see"},
    "act forms": {"chart.tell", "intake.fill_in"},
    "view visits": {"files.documents", "notes.see_ended", "visits.view"},
    "act visits": {"files.send", "notes.rate", "visits.agree", "visits.join", "visits.room"},
    "view vitals": {"vitals.see"},
    "act vitals": {"vitals.log"},
    "view results": {"chart.see"},
    "view notes": {"notes.read_own"},
    "view bills": {
        "billing.see_bills", "billing.take_statement", "coverage.see", "estimates.see", "payments.see_outcome",
        "payments.see_plan",
    },
    "act bills": {"billing.ask", "coverage.ask", "coverage.change", "estimates.ask", "payments.pay"},
    "view profile": {"access.see_caregivers", "privacy.ask", "privacy.who_looked", "profile.view"},
    "act profile": {"access.share_chart", "profile.change", "profile.name_emergency"},
}  # fmt: skip
"""What each policy of the patient's side wants of a chart, written down a second time, by hand."""
OPENS: dict[str, set[str]] = {
    "booking_view": {"view booking"}, "booking_act": {"view booking", "act booking"},
    "visits_view": {"view visits"}, "visits_act": {"view visits", "act visits"},
    "forms_view": {"view forms"}, "forms_act": {"view forms", "act forms"},
    "messages_view": {"view messages"}, "messages_act": {"view messages", "act messages"},
    "results_view": {"view results"}, "notes_view": {"view notes"}, "vitals_view": {"view vitals"},
    "vitals_act": {"view vitals", "act vitals"}, "bills_view": {"view bills"},
    "bills_act": {"view bills", "act bills"},
}  # fmt: skip
"""What each box opens, by hand too; the profile, which decides who else may, is in none."""
BY_CODE = {"booking", "forms", "visits", "profile"}
"""Sections that a code alone opens, to whoever they are shared with."""


ANYWHERE: dict[Role, set[str]] = {
    Role.front_desk: {"booking", "profile"}, Role.billing: {"bills"}, Role.manager: set(), Role.nurse: set(),
    Role.clinician: set(),
}  # fmt: skip
"""The sections of anybody's chart that a role of the staff reaches, and below those of whom a place treats."""
TREATED = {"booking", "forms", "vitals", "visits"}
AT_WORK: dict[Role, set[str]] = ANYWHERE | {Role.nurse: TREATED, Role.clinician: TREATED}
FOR_PEOPLE = [name for name, roles in WHO_MAY.items() if roles != JOBS]


def _scope_of(policy: str) -> str | None:
    return next((scope for scope, names in NEEDS.items() if policy in names), None)


def _expected(policy: str, hats: set[Role], boxes: Collection[str], assurance: int) -> str:
    """Say what somebody who acts for a chart, with these boxes ticked, is told under a policy."""
    if not hats & WHO_MAY[policy]:
        return "not allowed"
    if assurance == 1 and policy in WANTS_TWO:
        return "asked for more"
    if (scope := _scope_of(policy)) is None:
        return "in"
    if not any(scope in OPENS[box] for box in boxes):
        return "out of scope"
    return "in" if assurance == 2 or scope.split()[1] in BY_CODE else "asked for more"


async def _told(database: Database, who: Someone, policy: str) -> str:
    try:
        async with database.act_as(who.credential, policy):
            return "in"
    except OutOfScope:
        return "out of scope"
    except StepUpNeeded:
        return "asked for more"
    except NotAllowed:
        return "not allowed"


async def _wrong(
    database: Database, who: Someone, hats: set[Role], boxes: Collection[str], assurance: int
) -> list[tuple[str, str]]:
    """Return every policy under which somebody is told something else than they should, and what."""
    told = {policy: await _told(database, who, policy) for policy in FOR_PEOPLE}
    return [(one, told[one]) for one in FOR_PEOPLE if told[one] != _expected(one, hats, boxes, assurance)]


def test_the_boxes_and_what_each_policy_wants_are_what_is_written_here() -> None:
    assert OPENS.keys() == SHARES.keys()
    scoped = {one.name: f"{one.verb} {one.section}" for one in ours() if one.section and one.roles & PATIENTS}
    assert {name: scope for scope, names in NEEDS.items() for name in names} == scoped


@pytest.mark.parametrize("assurance", ASSURANCES)
@pytest.mark.parametrize("box", SHARES)
async def test_a_box_opens_its_policies_and_its_rows_and_nothing_else(
    database: Database, clinic: Clinic, share: Share, box: str, assurance: int
) -> None:
    maria = await clinic.patient()
    ana = await clinic.sign_in_again(await share(maria, box), assurance=assurance)
    assert await _wrong(database, ana, PATIENTS, [box], assurance) == []
    scopes = [scope.split() for scope in OPENS[box] if assurance == 2 or scope.split()[1] in BY_CODE]
    assert await allowed(database, ana, maria, assurance) == {(verb, section, "N") for verb, section in scopes}


@pytest.mark.parametrize("role", sorted(STAFF))
async def test_whoever_works_here_and_acts_for_somebody_is_a_caregiver_and_nothing_else(
    database: Database, clinic: Clinic, share: Share, role: Role
) -> None:
    maria, colleague = await clinic.patient(), await clinic.staff(role.value)
    acting = await clinic.sign_in_again(await share(maria, *SHARES, who=colleague), assurance=2)
    assert await _wrong(database, acting, {Role.caregiver}, SHARES, 2) == []
    everything = {tuple(scope.split()) for scopes in OPENS.values() for scope in scopes}
    assert await allowed(database, acting, maria, 2) == {(verb, section, "N") for verb, section in everything}


@pytest.mark.parametrize("role", sorted(STAFF))
async def test_staff_reach_what_is_their_work_up_to_its_confidentiality(
    database: Database, clinic: Clinic, listed: Listed, role: Role
) -> None:
    """Maria of `listed` has a visit there in three days; Leo has none, anywhere."""
    leo = await clinic.patient("Leo")
    here = await clinic.staff(role.value, location_id=listed.location_id)
    elsewhere = await clinic.staff(role.value, location_id=uuid4())
    for chart, who, sections in (
        (listed.maria, here, AT_WORK[role]), (listed.maria, elsewhere, ANYWHERE[role]), (leo, here, ANYWHERE[role]),
    ):  # fmt: skip
        found = await allowed(database, who, chart, 2)
        assert found == {(verb, section, level) for verb, section, level in product(("view", "act"), sections, "NR")}
        assert await allowed(database, await clinic.code_alone(who), chart, 1) == set()
