"""Who is in the demo's clinic: its staff, and four hundred patients."""

import random
from collections.abc import Iterator
from datetime import date
from typing import Final
from uuid import UUID

from portal_app.core import crypto
from portal_app.core.db import Transaction
from portal_app.features.access.demo import DemoPerson
from portal_app.features.access.service import demo_people, email_index
from portal_app.operations import demo_desk
from portal_app.operations.demo_names import NAMES, WEIGHTS
from portal_app.operations.demo_practice import PRACTITIONERS, SEED, ZONES, DemoPractitioner, demo_id, location_id
from portal_app.operations.demo_rows import Row, insert_rows

PATIENTS: Final = 400
WITHOUT_ACCOUNT: Final = 9
"""Each ninth patient was never invited to the portal."""
_SECTIONS: Final = {
    1: ["booking", "forms", "visits", "profile"],
    2: ["vitals", "messages", "results", "notes", "bills"],
}
"""What people may do with their own chart, by assurance."""

OTHER_STAFF: Final[dict[int, tuple[str, int | None]]] = {
    0x12: ("nurse", 0), 0x13: ("front_desk", None), 0x14: ("manager", None)
}  # fmt: skip
"""Role and place of those whom one tap signs in as and who see nobody, by the last byte of their id."""
OWN_CLINICIANS: Final = {"en": 0, "es": 0, "ar": 6}
"""The own clinician of each demo patient, by the language they read."""


def staff_person(who: DemoPractitioner) -> UUID:
    """Return the person somebody who sees patients is."""
    shown = [one.person_id for one in demo_people() if one.name.endswith(who.name)]
    return shown[0] if shown else demo_id("person", who.name)


async def make_staff(tx: Transaction) -> None:
    """Write who works here: every practitioner signs in, and those whom one tap signs in as."""
    clinicians = [(staff_person(who), f"{who.title} {who.name}", "clinician", who.place) for who in PRACTITIONERS]
    others = [
        (one.person_id, one.name, OTHER_STAFF[one.person_id.int & 0xFF][0], OTHER_STAFF[one.person_id.int & 0xFF][1])
        for one in demo_people()
        if one.person_id.int & 0xFF in OTHER_STAFF
    ]
    everybody = [*clinicians, *others]
    await insert_rows(
        tx, "person", [_person(id_, name, f"staff{n}", "en") for n, (id_, name, _, _) in enumerate(everybody)]
    )
    await insert_rows(tx, "person_role", [
        {"id": demo_id("role", id_, role), "person_id": id_, "role": role,
         "location_id": None if place is None else location_id(place)}
        for id_, _, role, place in everybody
    ])  # fmt: skip


def _person(id_: UUID, name: str, mailbox: str, locale: str) -> Row:
    email = f"{mailbox}@example.test"
    return {"id": id_, "display_name": name, "email": crypto.encrypt(email), "email_index": email_index(email),
            "locale": locale}  # fmt: skip


async def make_people(tx: Transaction) -> None:
    """Write the patients: the ones whom one tap signs in as, and as many others as it takes; some cannot sign in."""
    people, patients = [], []
    for number, (person_id, mailbox, given, family, language, own) in enumerate(everyone()):
        locale = language if language in ("en", "es", "ar") else "en"
        people.append(_person(person_id, f"{given} {family}", mailbox, locale))
        born = random.Random(mailbox).randrange(1935, 2023)  # noqa: S311 - invented people
        patients.append({
            "id": demo_id("patient", person_id), "family_name": family, "given_name": given,
            "birth_date": date(born, 1 + born % 12, 1 + born % 28), "language": language,
            "zone": ZONES[PRACTITIONERS[own].place], "general_practitioner_id": PRACTITIONERS[own].id,
            **demo_desk.phone_of(number),
        })  # fmt: skip
    await insert_rows(tx, "person", people)
    await insert_rows(tx, "patient", patients)
    roles = [{"id": demo_id("role", one["id"]), "person_id": one["id"], "role": "patient"} for one in people]
    await insert_rows(tx, "person_role", roles)
    await insert_rows(tx, "access_grant", [
        {"id": demo_id("grant", one["id"], assurance), "grantee": one["id"], "patient_id": chart["id"],
         "sections": sections, "verbs": ["view", "act"], "up_to": "V", "min_assurance": assurance, "basis": "self"}
        for number, (one, chart) in enumerate(zip(people, patients, strict=True)) if (number + 1) % WITHOUT_ACCOUNT
        for assurance, sections in _SECTIONS.items()
    ])  # fmt: skip


async def make_caller(tx: Transaction) -> None:
    """Let somebody who has a chart ask to become a patient, with another address."""
    chart = await tx.one(
        "select given_name, family_name, birth_date::text as born from patient where id = :id",
        {"id": demo_id("patient", demo_id("person", 0))},
    )
    await demo_desk.make_request(tx, chart.given_name, chart.family_name, chart.born)


def patients_to_tap() -> list[DemoPerson]:
    """Return the patients whom one tap signs in as; the last byte of their ids is below 0x10."""
    return [one for one in demo_people() if one.person_id.int & 0xFF < 0x10]


def everyone() -> Iterator[tuple[UUID, str, str, str, str, int]]:
    """Give every patient: person, mailbox, given and family name, language, and the number of the own clinician."""
    shown = patients_to_tap()
    for one in shown:
        given, family = one.name.split(" ", 1)
        yield one.person_id, f"patient-{one.locale}", given, family, one.locale, OWN_CLINICIANS[one.locale]
    chance = random.Random(SEED)  # noqa: S311 - invented people
    for n in range(PATIENTS - len(shown)):
        language, givens, families = chance.choices(NAMES, WEIGHTS)[0]
        given, family = chance.choice(givens.split()), chance.choice(families.split())
        yield demo_id("person", n), f"patient{n}", given, family, language, chance.randrange(len(PRACTITIONERS))
