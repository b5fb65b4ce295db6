"""Which forms are asked before which visits: of every kind, or of one alone."""

from collections.abc import Sequence
from uuid import UUID, uuid4

import pytest

from portal_app.core.errors import NotAllowed, NotFound
from portal_app.features.intake import service as intake
from tests.factories import Clinic, Someone
from tests.features.intake.conftest import CONSENT, PHQ, REASON, Forms

GAD = "urn:sala:form:gad-7"


async def _ask(forms: Forms, by: Someone, url: str, kind: UUID | None, *, is_asked: bool = True) -> None:
    async with forms.database.act_as(by.credential, "intake.choose_forms") as tx:
        await intake.ask_before_visits(tx, url, is_asked=is_asked, visit_type_id=kind)


async def _library(forms: Forms, by: Someone, kind: UUID | None) -> Sequence[intake.LibraryForm]:
    async with forms.database.act_as(by.credential, "intake.choose_forms") as tx:
        return await intake.kept_forms(tx, kind)


async def _another_kind(forms: Forms) -> UUID:
    kind = uuid4()
    async with forms.database.act_as_system("test") as tx:
        await tx.execute(
            "insert into visit_type (id, code, names, modalities, duration_min, notice_h, lead_min)"
            " select :id, :code, names, modalities, duration_min, notice_h, lead_min from visit_type where id = :like",
            {"id": kind, "code": kind.hex, "like": forms.place.visit_type_id},
        )
    return kind


async def test_a_form_for_one_kind_of_visit_is_asked_before_that_kind_alone(forms: Forms, clinic: Clinic) -> None:
    manager, other = await clinic.staff("manager"), await _another_kind(forms)
    await _ask(forms, manager, GAD, other)
    assert GAD not in {one.url for one in await forms.due()}
    for _twice in range(2):
        await _ask(forms, manager, GAD, forms.place.visit_type_id)
    assert [one.url for one in await forms.due()].count(GAD) == 1
    await _ask(forms, manager, GAD, forms.place.visit_type_id, is_asked=False)
    assert {one.url for one in await forms.due()} == {PHQ, REASON, CONSENT}


async def test_what_is_asked_before_every_visit_is_said_beside_what_one_kind_has(forms: Forms, clinic: Clinic) -> None:
    manager, kind = await clinic.staff("manager"), forms.place.visit_type_id
    await _ask(forms, manager, GAD, kind)
    listed = {one.questionnaire.url: (one.is_asked, one.is_always) for one in await _library(forms, manager, kind)}
    assert (listed[GAD], listed[PHQ]) == ((True, False), (False, True))
    assert not any(one.is_asked for one in await _library(forms, manager, None) if one.questionnaire.url == GAD)


async def test_taking_it_back_from_one_kind_leaves_it_before_every_visit(forms: Forms, clinic: Clinic) -> None:
    manager, kind = await clinic.staff("manager"), forms.place.visit_type_id
    await _ask(forms, manager, PHQ, kind)
    await _ask(forms, manager, PHQ, kind, is_asked=False)
    assert PHQ in {one.url for one in await forms.due()}


async def test_a_kind_of_visit_that_is_not_there_is_refused_and_only_managers_choose(
    forms: Forms, clinic: Clinic
) -> None:
    with pytest.raises(NotFound):
        await _ask(forms, await clinic.staff("manager"), GAD, uuid4())
    for role in ("clinician", "nurse", "front_desk", "billing"):
        with pytest.raises(NotAllowed):
            await _ask(forms, await clinic.staff(role), GAD, forms.place.visit_type_id)
