"""Parts that were shared to be seen: whatever acts in them is refused by the service, and by the database."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy.exc import DBAPIError, ProgrammingError

from portal_app.core import clock
from portal_app.core.db import Database, Transaction
from portal_app.core.errors import NotFound, OutOfScope
from portal_app.features.access import rules
from portal_app.features.access.caregivers import list_caregivers
from portal_app.features.intake import service as intake
from portal_app.features.visits import service as visits
from tests.factories import Clinic, Someone
from tests.features.access.conftest import Share
from tests.features.intake.conftest import REASON, Forms, answer, forms
from tests.features.intake.test_assigning import ask, begin
from tests.features.visits.conftest import Visit, maker, visit
from tests.features.visits.test_waiting_room import HOME, say

__all__ = ["forms", "maker", "visit"]
Use = Callable[[Transaction], Awaitable[Any]]


async def _seeing(forms: Forms, share: Share, *ticked: str) -> Someone:
    return await Clinic(forms.database).sign_in_again(await share(forms.maria, *ticked), assurance=2)


async def test_forms_that_are_shared_to_be_seen_are_seen(forms: Forms, share: Share) -> None:
    form_id = await forms.open()
    await forms.save(form_id, answer(1, "reason", "A cough"))
    asked = await ask(forms, REASON)
    ana = await _seeing(forms, share, "booking_view", "forms_view")
    async with forms.database.act_as(ana.credential, "intake.see") as tx:
        due = {one.url: one for one in await intake.forms_for_visit(tx, forms.appointment_id)}
        (waiting,) = await intake.asked_forms(tx)
        seen = await intake.form(tx, form_id)
    assert (due[REASON].response_id, due[REASON].is_only_seen) == (form_id, True)
    assert (waiting.id, waiting.is_only_seen) == (asked.id, True)
    assert (seen.answers, seen.is_only_seen) == ({"reason": ["A cough"]}, True)
    assert not (await forms.form(form_id)).is_only_seen


async def test_forms_that_are_shared_to_be_seen_are_not_begun_answered_or_sent(forms: Forms, share: Share) -> None:
    form_id, asked = await forms.open(), await ask(forms, REASON)
    await begin(forms, asked.id)
    ana = await _seeing(forms, share, "booking_view", "forms_view")
    uses: list[Use] = [
        lambda tx: intake.open_form(tx, forms.appointment_id, REASON),
        lambda tx: intake.open_asked(tx, asked.id),
        lambda tx: intake.save_answers(tx, form_id, uuid4(), [answer(1, "reason", "Mine")]),
        lambda tx: intake.submit_form(tx, form_id, 0, "en"),
    ]
    for use in uses:
        with pytest.raises(OutOfScope):
            async with forms.database.act_as(ana.credential, "intake.see") as tx:
                await use(tx)
    with pytest.raises(OutOfScope):
        async with forms.database.act_as(ana.credential, "intake.fill_in"):
            pass
    assert (await forms.form(form_id)).answers == {}


_ANSWER = """
insert into form_answer (response_id, number, patient_id, client_id, sequence, key, value, standing, given_by, given_at,
  saved_at)
select id, 1, patient_id, gen_random_uuid(), 1, 'reason', 'x', 'kept', :me, now(), now()
from questionnaire_response where id = :id
"""
_BEGIN = """
insert into questionnaire_response (id, questionnaire_id, url, patient_id, appointment_id, locale, started_by,
  started_at)
select gen_random_uuid(), q.id, q.url, a.patient_id, a.id, 'en', :me, now()
from questionnaire q, appointment a where q.url not in (select url from questionnaire_response)
"""
_SEND = "update questionnaire_response set place = 'x' where id = :id"


@pytest.mark.parametrize("statement", [_ANSWER, _BEGIN, _SEND])
async def test_the_database_takes_no_answer_from_whoever_may_only_see_forms(
    forms: Forms, share: Share, statement: str
) -> None:
    form_id = await forms.open()
    sees = await _seeing(forms, share, "booking_view", "forms_view")
    assert await _written(forms.database, sees, statement, form_id) == 0
    acts = await share(forms.maria, "booking_view", "forms_act", who=await Clinic(forms.database).patient("Ines"))
    assert await _written(forms.database, acts, statement, form_id) > 0


async def _written(database: Database, who: Someone, statement: str, row_id: UUID) -> int:
    """Return how many rows a raw statement touches; none where the database refuses it outright."""
    try:
        async with database.act_as(who.credential, "access.who_am_i") as tx:
            return int(await tx.execute(statement, {"me": who.person_id, "id": row_id}))
    except ProgrammingError:
        return 0


async def test_who_does_not_share_forms_shows_not_even_their_names(forms: Forms, share: Share) -> None:
    ana = await _seeing(forms, share, "booking_act")
    async with forms.database.act_as(ana.credential, "booking.view") as tx:
        with pytest.raises(NotFound):
            await intake.forms_for_visit(tx, forms.appointment_id)


async def test_a_visit_that_is_shared_to_be_seen_is_not_joined(visit: Visit, share: Share) -> None:
    ana = await share(visit.maria, "booking_view", "visits_view")
    with clock.frozen_at(visit.starts_at - timedelta(minutes=10)):
        await _joins_nothing(visit, ana)


async def test_where_somebody_is_during_a_visit_is_not_told_to_whom_visits_are_only_shown(
    visit: Visit, share: Share
) -> None:
    seeing = await share(visit.maria, "booking_act", "visits_view")
    await say(visit, HOME)
    async with visit.database.act_as(seeing.credential, "visits.view") as tx:
        assert await visits.remembered(tx) == visits.Whereabouts("", "", "", "")
    async with visit.database.act_as(visit.maria.credential, "visits.view") as tx:
        assert await visits.remembered(tx) == HOME


async def _joins_nothing(visit: Visit, ana: Someone) -> None:
    place = await visit.admitted()
    uses: list[Use] = [
        lambda tx: visits.join(tx, visit.appointment_id),
        lambda tx: visits.want_call(tx, place.visit_id),
        lambda tx: visits.leave(tx, place.visit_id),
    ]
    for use in uses:
        with pytest.raises((NotFound, OutOfScope, visits.NotInRoom, DBAPIError)):
            async with visit.database.act_as(ana.credential, "visits.view") as tx:
                await use(tx)
    for policy in ("visits.join", "visits.room", "visits.agree", "files.send", "notes.rate"):
        with pytest.raises(OutOfScope):
            async with visit.database.act_as(ana.credential, policy):
                pass
    async with visit.database.act_as(ana.credential, "visits.view") as tx:
        assert (await visits.my_visit(tx, visit.appointment_id)).visit_id == place.visit_id
        assert (
            await tx.scalar("select count(*) from visit_participant where person_id = :id", {"id": ana.person_id}) == 0
        )


async def test_what_was_shared_before_parts_were_told_apart_stays_shared(
    database: Database, clinic: Clinic, share: Share
) -> None:
    maria = await clinic.patient()
    await share(maria, "booking_view", "results_view", "notes_view")
    async with database.act_as_system("test") as tx:  # as the one box of results and notes was kept
        rows = await tx.all("select view_sections, act_sections from related_person")
    assert [(row.view_sections, row.act_sections) for row in rows] == [(["booking", "notes", "results"], [])]
    async with database.act_as(maria.credential, "access.share_chart") as tx:
        (one,) = await list_caregivers(tx)
    assert one.ticked == ("booking_view", "results_view", "notes_view")
    chosen = rules.choice_of_parts(one.ticked)
    assert rules.chosen_shares(chosen) == one.ticked
    assert chosen["forms"] == rules.NOT_SHARED
