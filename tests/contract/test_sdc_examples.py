"""The example questionnaires of SDC, all of them: imported by the service that staff use, or refused for a reason.

A reason is a path and a code; what each means is said to staff in words (state/import_words.py). Nothing is fetched
from elsewhere, so options in a value set that a form does not bring are none; patients are shown no form without a
title and no question without words; one question that repeats has no questions of its own below each answer.
"""

import json
import re
from uuid import uuid4

import pytest

from portal_app.features.intake import service as intake
from portal_app.state.import_words import words_of_problem
from tests.contract.written import filled_in
from tests.factories import Clinic
from tests.features.intake.conftest import Forms, answer
from tests.sdc_examples import TAKEN, sdc_examples

_P, _T = "questionnaire-sdc-profile-example-", "questionnaire-sdc-test-"
REFUSED: dict[str, set[str]] = {
    "demographics": {"answerValueSet: options"},
    "sdc-derivation-child": {"title: missing"},
    "sdc-derivation-parent": {"title: missing"},
    "sdc-modular-name": {"text: missing"},
    "sdc-modular-root": {"answerOption: options", "text: missing"},
    f"{_P}PHQ9-search": {"item: missing"},
    f"{_P}cap": {"item: below_repeated"},
    f"{_P}context-expression": {"answerValueSet: options", "title: missing"},
    f"{_P}cqf-PHQ9": {"answerValueSet: options"},
    f"{_P}form-behavior": {"answerValueSet: options", "initial: initial", "text: missing", "title: missing"},
    f"{_P}image-options": {"title: missing"},
    f"{_P}item-weight": {"title: missing"},
    f"{_P}loinc": {"text: missing"},
    f"{_P}render": {"answerValueSet: options", "extension(supportLink): link", "title: missing"},
    f"{_P}ussg-fht": {"answerValueSet: options", "initial: initial"},
    f"{_T}all-data-types": {"answerValueSet: options"},
    f"{_T}enableWhen": {"answerValueSet: options"},
    f"{_T}fhirpath-prepop-source-query": {"answerValueSet: options"},
    f"{_T}initialvalue": {"answerValueSet: options", "initial: initial"},
    f"{_T}initialvalue-multiple": {"answerValueSet: options", "initial: initial"},
    f"{_T}nested-groups": {"answerValueSet: options"},
    f"{_T}required-radios": {"answerValueSet: options"},
}


async def test_every_example_is_taken_or_refused_for_a_known_reason_with_its_path(forms: Forms, clinic: Clinic) -> None:
    manager, taken, refused = await clinic.staff("manager"), set(), {}
    unsaid: set[str] = set()
    nowhere: list[str] = []
    for name, written in sdc_examples().items():
        async with forms.database.act_as(manager.credential, "intake.choose_forms") as tx:
            try:
                await intake.import_form(tx, written)
                taken.add(name)
            except intake.QuestionnaireRefused as error:
                refused[name] = {f"{one.at.rsplit('.', 1)[-1]}: {one.code}" for one in error.problems}
                unsaid |= {one.code for one in error.problems if words_of_problem(one.code) == words_of_problem("")}
                nowhere += [one.at for one in error.problems if not re.match(r"Questionnaire\.\w+", one.at)]
    assert refused == REFUSED
    assert taken == set(TAKEN)
    assert (unsaid, nowhere) == (set(), [])


@pytest.mark.parametrize("name", TAKEN)
async def test_what_is_taken_is_filled_in_sent_and_read_back(forms: Forms, clinic: Clinic, name: str) -> None:
    manager, written = await clinic.staff("manager"), sdc_examples()[name]
    url = json.loads(written)["url"]
    async with forms.database.act_as(manager.credential, "intake.choose_forms") as tx:
        await intake.import_form(tx, written)
        await intake.ask_before_visits(tx, url, is_asked=True)
    form_id = await forms.open(url)
    form = (await forms.form(form_id)).questionnaire
    async with forms.database.act_as(forms.maria.credential, "intake.see") as tx:
        given = filled_in(form, 0, await intake.offered(tx, form))
    saved = await forms.save(
        form_id, *(answer(n, key, *values) for n, (key, values) in enumerate(given.items(), 1)), client=uuid4()
    )
    assert list(saved.refused) == []
    await forms.send(form_id, saved.latest)
    assert (await forms.read(form_id)).answers == given
