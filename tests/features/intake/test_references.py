"""A question for a reference: chosen from what the portal knows, called as it calls it, or said in words."""

import json
from typing import Any
from uuid import UUID, uuid4

from portal_app.features.intake import service as intake
from portal_app.features.intake.parsing import read_questionnaire
from portal_app.features.intake.responses import read_response
from portal_app.state.staff_form import answer_rows
from tests.factories import Clinic
from tests.features.intake.conftest import Forms, answer

DOCTOR = "urn:test:whose-patient"
RESOURCE = "http://hl7.org/fhir/StructureDefinition/questionnaire-referenceResource"


def _to(link_id: str, *kinds: str, **more: Any) -> dict[str, Any]:
    told = [{"url": RESOURCE, "valueCode": kind} for kind in kinds]
    return {"linkId": link_id, "type": "reference", "text": link_id, **({"extension": told} if told else {}), **more}


FORM = {
    "resourceType": "Questionnaire",
    "url": DOCTOR,
    "version": "1",
    "title": "Who treats you",
    "status": "active",
    "item": [
        _to("who", "Practitioner", required=True),
        _to("where", "Location"),
        _to("any"),
        _to("from", "Organization"),
    ],
}


async def _begun(forms: Forms, clinic: Clinic) -> tuple[UUID, dict[str, str]]:
    """Begin the form; return it with what can be chosen."""
    manager = await clinic.staff("manager")
    async with forms.database.act_as(manager.credential, "intake.choose_forms") as tx:
        await intake.import_form(tx, json.dumps(FORM))
        await intake.ask_before_visits(tx, DOCTOR, is_asked=True)
    form_id = await forms.open(DOCTOR)
    async with forms.database.act_as(forms.maria.credential, "intake.see") as tx:
        return form_id, dict(await intake.offered(tx, read_questionnaire(json.dumps(FORM))))


async def test_each_question_offers_what_it_may_lead_to_and_a_form_without_one_offers_nothing(
    forms: Forms, clinic: Clinic
) -> None:
    _form_id, things = await _begun(forms, clinic)
    items = intake.sheet_of(read_questionnaire(json.dumps(FORM)), "en", things)["items"]
    offered = {one["id"]: [option["key"].partition("/")[0] for option in one.get("options", ())] for one in items}
    people, places = (sum(key.startswith(kind) for key in things) for kind in ("Practitioner/", "Location/"))
    assert people
    assert places
    assert offered == {
        "who": ["Practitioner"] * people, "where": ["Location"] * places,
        "any": ["Practitioner"] * people + ["Location"] * places, "from": [],
    }  # fmt: skip
    async with forms.database.act_as(forms.maria.credential, "intake.see") as tx:
        assert await intake.offered(tx, read_questionnaire(intake.shipped()["urn:sala:form:phq-9"])) == {}


async def test_what_is_chosen_is_called_as_the_portal_calls_it_and_what_is_gone_stays_in_words(
    forms: Forms, clinic: Clinic
) -> None:
    form_id, things = await _begun(forms, clinic)
    doctor = next(key for key in things if key.startswith("Practitioner/"))
    place = next(key for key in things if key.startswith("Location/"))
    await forms.save(
        form_id,
        answer(1, "who", {"reference": doctor, "display": "Another name"}),
        answer(2, "where", {"reference": f"Location/{uuid4()}", "display": "The old house"}),
        answer(3, "any", {"reference": place, "display": "x"}),
        answer(4, "from", {"display": "Mutual of Springfield"}),
    )
    answers = (await forms.form(form_id)).answers
    assert answers == {
        "who": [{"reference": doctor, "display": things[doctor]}], "where": [{"display": "The old house"}],
        "any": [{"reference": place, "display": things[place]}], "from": [{"display": "Mutual of Springfield"}],
    }  # fmt: skip


async def test_it_is_sent_as_a_fhir_reference_and_read_by_name(forms: Forms, clinic: Clinic) -> None:
    form_id, things = await _begun(forms, clinic)
    doctor = next(key for key in things if key.startswith("Practitioner/"))
    chosen, typed = {"reference": doctor, "display": things[doctor]}, {"display": "Mutual of Springfield"}
    saved = await forms.save(form_id, answer(1, "who", chosen), answer(2, "from", typed))
    await forms.send(form_id, saved.latest)
    sent = await forms.read(form_id)
    assert [row["answer"] for row in answer_rows(sent)] == [
        things[doctor], "Not answered", "Not answered", "Mutual of Springfield",
    ]  # fmt: skip
    written = json.dumps({"resourceType": "QuestionnaireResponse", "questionnaire": f"{DOCTOR}|1", "item": [
        {"linkId": "who", "answer": [{"valueReference": chosen}]},
        {"linkId": "from", "answer": [{"valueReference": typed}]},
    ]})  # fmt: skip
    assert read_response(sent.questionnaire, written) == ({"who": [chosen], "from": [typed]}, [])


async def test_what_may_not_be_meant_is_refused(forms: Forms, clinic: Clinic) -> None:
    form_id, things = await _begun(forms, clinic)
    place = next(key for key in things if key.startswith("Location/"))
    patient = {"reference": f"Patient/{forms.maria.patient_id}", "display": "Maria"}
    saved = await forms.save(
        form_id,
        answer(1, "who", {"reference": place, "display": "x"}),
        answer(2, "any", patient),
        answer(3, "any", place),
    )
    assert list(saved.refused) == ["who", "any", "any"]
    assert (await forms.form(form_id)).answers == {}
