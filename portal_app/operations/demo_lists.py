"""Medicines and allergies of the demo's patients, and two things that one of them says are different."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from portal_app.core import clock
from portal_app.core.actor import Role
from portal_app.core.db import Transaction
from portal_app.features.chart import service as chart
from portal_app.operations.demo_acting import as_patient
from portal_app.operations.demo_practice import demo_id

_LISTS: Final[tuple[tuple[tuple[str, Mapping[str, str], date | None], ...], ...]] = (
    (
        ("medication", {"name": "Lisinopril 10 mg", "how": "1 tablet in the morning", "why": "Blood pressure",
                        "prescriber": "Ada Okafor"}, date(2025, 9, 4)),
        ("medication", {"name": "Metformin 500 mg", "how": "1 tablet in the morning and in the evening, with food",
                        "why": "Blood sugar", "prescriber": "Ada Okafor"}, date(2024, 2, 12)),
        ("allergy", {"name": "Penicillin", "reaction": "Rash", "severity": "moderate"}, None),
    ),
    (
        ("medication", {"name": "Levothyroxine 75 µg", "how": "1 tablet half an hour before breakfast",
                        "why": "Thyroid"}, date(2021, 6, 1)),
    ),
    (
        ("allergy", {"name": "Peanuts", "reaction": "Swollen lips", "severity": "severe"}, None),
    ),
)  # fmt: skip
_HALF: Final = "Half a tablet in the morning"
_LISTED, _CHANGED = timedelta(days=90), timedelta(days=8)
_WRITER: Final = "Ada Okafor"


async def make_lists(tx: Transaction, patients: list[UUID]) -> None:
    """Write lists of the patients whom one tap signs in as, and have the first of them go halfway through theirs."""
    system = tx.actor
    tx.actor = replace(system, roles=system.roles | {Role.clinician}, display_name=_WRITER)
    for n, patient_id in enumerate(patients):
        for m, (kind, content, since_on) in enumerate(_LISTS[n % len(_LISTS)]):
            said = {**content, "how": _HALF} if (n, m) == (0, 0) else content
            with clock.frozen_at(clock.now() - _LISTED):
                await chart.add_entry(tx, patient_id, kind, said, since_on, demo_id("list", n, m))
        if n % len(_LISTS) == 1:
            await chart.say_no_allergies(tx, patient_id, demo_id("list", n, "none"))
    await _more(tx)
    tx.actor = system
    await _tell(tx, patients[0])


async def _more(tx: Transaction) -> None:
    """Have the first medicine of the first patient be half as much until last week."""
    content, since_on = dict(_LISTS[0][0][1]), _LISTS[0][0][2]
    with clock.frozen_at(clock.now() - _CHANGED):
        await chart.change_entry(tx, demo_id("list", 0, 0), 1, content, since_on)


async def _tell(tx: Transaction, patient_id: UUID) -> None:
    """Say, as the patient, that one medicine is taken differently and another is missing."""
    async with as_patient(tx, patient_id):
        await chart.answer(tx, None, demo_id("list", 0, 1), 1, "differs", "Only in the evening, it upsets my stomach")
        ibuprofen = {"name": "Ibuprofen", "how": "When my back hurts, maybe twice a week"}
        await chart.add(tx, None, "medication", ibuprofen, demo_id("list", 0, "told"))
