"""What a question for a reference can be answered with: who can be seen, and the places of the practice."""

from collections.abc import Mapping, Sequence
from typing import Any

from portal_app.core.db import Transaction
from portal_app.features.intake.items import Questionnaire
from portal_app.features.practice import service as practice


async def offered(tx: Transaction, questionnaire: Questionnaire) -> Mapping[str, str]:
    """Return what can be chosen by its reference, with what it is called; nothing for a form that asks for none."""
    if not any(item.type == "reference" and item.is_asked() for item in questionnaire.every()):
        return {}
    people = {f"Practitioner/{one.id}": one.name for one in await practice.practitioners(tx)}
    return people | {f"Location/{one.id}": one.name for one in await practice.locations(tx)}


def as_called(values: Sequence[Any], known: Mapping[str, str]) -> list[Any]:
    """Return references with the portal's own names; what is not there any more stays by its words alone."""
    return [
        {"reference": one["reference"], "display": known[one["reference"]]} if one.get("reference") in known
        else {"display": one["display"]}
        for one in values
    ]  # fmt: skip
