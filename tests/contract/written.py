"""What independent judges look at: every response and every reading that the portal writes, by its own services."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import product
from typing import Any, Final

from portal_app.core import clock
from portal_app.core.db import Database
from portal_app.features.intake import service as intake
from portal_app.features.intake import statements
from portal_app.features.intake.enabling import Place, Sheet
from portal_app.features.vitals import service as vitals
from portal_app.features.vitals.entering import ARMS, POSTURES
from portal_app.operations.places import CHECKOUT
from tests.factories import Clinic
from tests.features.booking.practice_maker import PracticeMaker
from tests.features.intake.conftest import Forms, answer
from tests.features.vitals.conftest import at_home

ALL_TYPES: Final = "urn:test:all-types"
FROM_ELSEWHERE: Final = "urn:test:from-elsewhere"
LAST: Final = -1
_WORDS: Final = {"string": 'Stairs, <b> & "é"', "text": "Two\nlines, عربي 😀", "url": "https://example.org/a?b=c"}
_TIMES: Final = {
    "date": ("2020", "2020-02-29"), "dateTime": ("2020-02-29T10:00:00Z", "2020-02-29T10:00:00+05:30"),
    "time": ("00:00:00", "23:59:59"),
}  # fmt: skip
_SOMETHING: Final[Mapping[str, Decimal]] = {
    "blood_pressure": Decimal(128), "glucose": Decimal("6.10"), "weight": Decimal("72.10"), "oxygen": Decimal(97),
    "temperature": Decimal("36.9"), "pulse": Decimal(66), "breaths": Decimal(14), "peak_flow": Decimal(420),
    "pain": Decimal(0), "steps": Decimal(8000),
}  # fmt: skip


def every_type() -> dict[str, Any]:
    """Return a form with a question of each type, and with what else a response can hold."""
    vectors = {one["name"]: one for one in json.loads((CHECKOUT / "tests/vectors/forms.json").read_text())}
    form: dict[str, Any] = vectors["types"]["questionnaire"]
    units = [
        {"url": "http://hl7.org/fhir/StructureDefinition/questionnaire-unitOption",
         "valueCoding": {"system": "http://unitsofmeasure.org", "code": code, "display": shown}}
        for code, shown in (("kg", "kg"), ("[lb_av]", "lb"))
    ]  # fmt: skip
    plain = [{"valueString": "Morning"}, {"valueString": "Evening"}]
    more = [
        {"linkId": "in-units", "type": "quantity", "text": "How heavy?", "extension": units},
        {"linkId": "when", "type": "choice", "text": "When?", "repeats": True, "answerOption": plain},
        {"linkId": "doctor", "type": "reference", "text": "Whose patient are you?", "extension": [
            {"url": "http://hl7.org/fhir/StructureDefinition/questionnaire-referenceResource",
             "valueCode": "Practitioner"}]},
        {"linkId": "pets", "type": "group", "text": "Pets", "repeats": True, "item": [
            {"linkId": "pet", "type": "string", "text": "Name", "item": [
                {"linkId": "age", "type": "integer", "text": "Age"}]}]},
    ]  # fmt: skip
    return form | {"url": ALL_TYPES, "item": [*form["item"], *more]}


def as_others_write() -> dict[str, Any]:
    """Return a form in the way of US Core's and SDC's examples.

    No version, codes with spaces out of a value set that it brings along, link ids with slashes, a unit that is a code
    alone, help below a question, and a total by an expression.
    """
    base = "http://hl7.org/fhir/StructureDefinition"
    often = [
        {"extension": [{"url": f"{base}/ordinalValue", "valueDecimal": n}], "code": words, "display": words}
        for n, words in enumerate(("Not at all", "Nearly every day"))
    ]
    included = {"system": "urn:test:how-often", "concept": often}
    unit = {"url": f"{base}/questionnaire-unit", "valueCoding": {"system": "http://unitsofmeasure.org", "code": "kg"}}
    sum_up = {"url": "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression",
              "valueExpression": {"language": "text/fhirpath", "expression": "1 + 1"}}  # fmt: skip
    return {
        "resourceType": "Questionnaire", "url": FROM_ELSEWHERE, "title": "How are you?", "status": "draft",
        "contained": [{"resourceType": "ValueSet", "id": "often", "compose": {"include": [included]}}],
        "item": [
            {"linkId": "H1/T1", "type": "group", "text": "Lately", "item": [
                {"linkId": "H1/T1/Q1", "type": "choice", "text": "Were you sad?", "answerValueSet": "#often", "item": [
                    {"linkId": "H1/T1/Q1-help", "type": "display", "text": "Or without hope"}]}]},
            {"linkId": "/29463-7", "type": "quantity", "text": "How heavy are you?", "extension": [unit]},
            {"linkId": "/total", "type": "decimal", "text": "Score", "extension": [sum_up, unit]},
        ],
    }  # fmt: skip


def filled_in(form: intake.Questionnaire, which: int, things: Mapping[str, str]) -> dict[str, list[Any]]:
    """Return answers to all that is asked, with the first or the last of what can be chosen, a reference among them."""
    given: dict[str, list[Any]] = {}
    while place := next((one for one in Sheet(form, given).places() if one.key not in given and _waits(one)), None):
        given[place.key] = [2] if place.item.type == "group" else [_value(place.item, which, things)]
    return given


def _waits(place: Place) -> bool:
    return place.item.is_asked() or (place.item.type == "group" and place.item.repeats)


def _value(item: intake.Item, which: int, things: Mapping[str, str]) -> Any:
    known: dict[str, Callable[[], Any]] = {
        "boolean": lambda: which != LAST,
        "choice": lambda: item.options[which].key,
        "open-choice": lambda: {"text": "None of these"} if which == LAST else item.options[which].key,
        "integer": lambda: (item.maximum if which == LAST else item.minimum) or 0,
        "decimal": lambda: "-0.50" if which == LAST else "1.10",
        "reference": lambda: {"display": "Somebody else"} if which == LAST else _first(item, things),
        "quantity": lambda: {"value": "72.10", "unit": item.units[which].key if item.units else ""},
    }
    if item.type in _TIMES:
        return _TIMES[item.type][which]
    return _WORDS[item.type] if item.type in _WORDS else known[item.type]()


def _first(item: intake.Item, things: Mapping[str, str]) -> dict[str, str]:
    fitting = ((key, name) for key, name in things.items() if key.partition("/")[0] in (item.targets or key))
    reference, name = next(fitting, ("", "Somebody"))
    return {"reference": reference, "display": name} if reference else {"display": name}


async def every_response(forms: Forms, clinic: Clinic) -> dict[str, str]:
    """Return each form, filled in twice and sent, as it is kept: the second time in another language if it has one."""
    manager = await clinic.staff("manager")
    asked = (*intake.shipped(), ALL_TYPES, FROM_ELSEWHERE)
    async with forms.database.act_as(manager.credential, "intake.choose_forms") as tx:
        for form in (every_type(), as_others_write()):
            await intake.import_form(tx, json.dumps(form))
        for url in asked:
            await intake.ask_before_visits(tx, url, is_asked=True)
    found = {f"{url} first": await _sent(forms, url, 0, "en") for url in asked}
    later = await PracticeMaker(forms.database).booked(forms.maria, forms.place.request(_tomorrow(forms)))
    again = replace(forms, appointment_id=later.id)
    return found | {f"{url} last": await _sent(again, url, LAST, "ar") for url in asked}


def _tomorrow(forms: Forms) -> datetime:
    return forms.place.at((clock.now() + timedelta(days=4)).date(), "10:00")


async def _sent(forms: Forms, url: str, which: int, locale: str) -> str:
    form_id = await forms.open(url)
    form = (await forms.form(form_id)).questionnaire
    async with forms.database.act_as(forms.maria.credential, "intake.see") as tx:
        given = filled_in(form, which, await intake.offered(tx, form))
    locale = locale if locale in form.languages() else form.language
    await forms.save(form_id, *(answer(n, key, *values) for n, (key, values) in enumerate(given.items(), 1)))
    async with forms.database.act_as(forms.maria.credential, "intake.fill_in") as tx:
        await intake.submit_form(tx, form_id, len(given), locale, "Maria Alvarez" if form.is_signed else "")
    async with forms.database.act_as_system("test") as tx:
        row: Any = await tx.one(statements.SENT, {"id": form_id})
    return str(row.content["response"])


async def every_observation(database: Database, clinic: Clinic) -> str:
    """Return every measure in each of its units and circumstances, as the Bundle that a patient takes along."""
    home = await at_home(database, clinic)
    for measure in vitals.MEASURES.values():
        value = _SOMETHING[measure.code]
        for unit in measure.units:
            here = vitals.converted(value, measure.units[0], unit)
            for context in ("", *measure.contexts):
                known: dict[str, Any] = {"unit": unit.code, "context": context, "is_confirmed": True}
                pair = "79" if measure.has_pair else ""
                await home.log(measure.code, str(vitals.shown(here, unit.decimals)), pair, **known)
    for arm, posture in product(("", *ARMS), ("", *POSTURES)):
        more: dict[str, Any] = {
            "arm": arm,
            "posture": posture,
            "pulse": Decimal(66),
            "note": "After the stairs",
            "is_confirmed": True,
        }
        await home.log("blood_pressure", "128", "79", minutes=-60, **more)
    first = await home.log("temperature", "36.90", minutes=-90)
    await home.log("temperature", "36.70", minutes=-90, instead=first.id)
    async with database.act_as(home.patient.credential, "vitals.see") as tx:
        return await vitals.fhir_file(tx)
