"""Who may do what in which part of a chart: a caregiver as far as was shared, by assurance and confidentiality."""

from itertools import product

import pytest

from portal_app.core.actor import Section, Verb
from portal_app.core.db import Database
from portal_app.web.policies import CONNECT
from tests.factories import Clinic, Someone
from tests.features.access.conftest import Share

SHARED = ("booking_act", "forms_act", "results_view", "notes_view", "bills_act")
VIEWED = {"booking", "forms", "results", "notes", "bills"}
ACTED_IN = {"booking", "forms", "bills"}
BY_CODE = {"booking", "forms", "visits", "profile"}
WAYS = [(verb.value, section.value, level) for verb, section, level in product(Verb, Section, "NRV")]


async def allowed(database: Database, who: Someone, patient: Someone, assurance: int) -> set[tuple[str, str, str]]:
    """Return every way that is open, as the database answers."""
    async with database.act_as(who.credential, CONNECT) as tx:
        await tx.execute("select set_config('portal.assurance', :level, true)", {"level": str(assurance)})
        rows = await tx.all(
            "select w.verb, w.section, w.level from unnest(cast(:verbs as text[]), cast(:sections as text[]),"
            " cast(:levels as text[])) w (verb, section, level) where may(w.verb, w.section, :id, w.level)",
            {"verbs": [one[0] for one in WAYS], "sections": [one[1] for one in WAYS],
             "levels": [one[2] for one in WAYS], "id": patient.patient_id},
        )  # fmt: skip
        return {(row.verb, row.section, row.level) for row in rows}


def expected(assurance: int) -> set[tuple[str, str, str]]:
    reached = {one for one in VIEWED if assurance == 2 or one in BY_CODE}
    return {("view", one, "N") for one in reached} | {("act", one, "N") for one in reached & ACTED_IN}


@pytest.mark.parametrize("assurance", [1, 2])
async def test_a_caregiver_reaches_what_was_shared_at_its_assurance_and_nothing_confidential(
    database: Database, clinic: Clinic, share: Share, assurance: int
) -> None:
    maria = await clinic.patient()
    ana = await share(maria, *SHARED)
    assert await allowed(database, ana, maria, assurance) == expected(assurance)


@pytest.mark.parametrize("assurance", [1, 2])
async def test_the_patient_reaches_everything_a_stranger_and_a_caregiver_elsewhere_nothing(
    database: Database, clinic: Clinic, share: Share, assurance: int
) -> None:
    maria, leo = await clinic.patient(), await clinic.patient("Leo")
    stranger, elsewhere = await clinic.patient("Eve"), await share(leo, *SHARED)
    own = {one for one in WAYS if assurance == 2 or one[1] in BY_CODE}
    assert await allowed(database, maria, maria, assurance) == own
    assert await allowed(database, stranger, maria, assurance) == set()
    assert await allowed(database, elsewhere, maria, assurance) == set()
