"""What the demo's practice tells of itself: numbers to call, hours, parking, and who has checked them."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from portal_app.core.db import Transaction
from portal_app.features.access.service import demo_people
from portal_app.operations.demo_practice import LOCATIONS, demo_id, location_id
from portal_app.operations.demo_profiles import PROFILES

Row = dict[str, Any]
_MANAGER: Final = 0x14
_LINES: Final = (
    (None, "bookings", "(718) 555-0100", 12, True),
    (None, "billing", "(718) 555-0170", 34, True),
    (None, "nurse", "(718) 555-0180", 5, True),
    (0, "bookings", "(718) 555-0120", 20, True),
    (0, "nurse", "(718) 555-0124", 3, False),
    (1, "bookings", "(718) 555-0108", 120, True),
    (2, "bookings", "(312) 555-0145", None, None),
)
"""Place, purpose, number, how many days ago somebody called it, and whether a person answered."""
_WEEK: Final = (
    ((1, 2, 3, 4, 5), "08:00", "18:00"),
    ((1, 2, 4, 5, 6), "08:00", "17:00"),
    ((1, 2, 3, 4, 5, 6, 7), "08:00", "19:00"),
)
_SET_WAYS: Final = """
update location set ways = jsonb_build_object('en', directions) || cast(:ways as jsonb) where id = :id
"""
PARKING: Final = (
    {
        "en": "Street parking, two hours. A space for disabled drivers is at the door.",
        "es": "Estacionamiento en la calle, dos horas. Hay un lugar para personas con discapacidad en la puerta.",
        "ar": "مواقف في الشارع لمدة ساعتين. يوجد موقف لذوي الإعاقة عند الباب.",
    },
    {
        "en": "The garage next door is free for two hours with a stamp from the desk.",
        "es": "El estacionamiento de al lado es gratis dos horas con el sello de la recepción.",
        "ar": "المرآب المجاور مجاني لمدة ساعتين بختم من الاستقبال.",
    },
    {
        "en": "Free parking behind the building.",
        "es": "Estacionamiento gratis detrás del edificio.",
        "ar": "مواقف مجانية خلف المبنى.",
    },
)

WAYS: Final = (
    {
        "es": "Planta baja. El ascensor está a la izquierda. A dos minutos del metro, salida B.",
        "ar": "الطابق الأرضي. المصعد على اليسار. على بعد دقيقتين من المترو، المخرج B.",
    },
    {
        "es": "Segundo piso, encima de la farmacia. Sin escalones desde el patio.",
        "ar": "الطابق الثاني فوق الصيدلية. المدخل من الفناء بلا درج.",
    },
    {
        "es": "Estacionamiento detrás del edificio. Toque el timbre en la puerta verde.",
        "ar": "مواقف خلف المبنى. الجرس عند الباب الأخضر.",
    },
)
"""How to get there in the other languages; in English it stands with the place."""


async def make_facts(tx: Transaction, now: datetime) -> None:
    """Write lines, hours, parking and checks, some of them old, for the locations that are there."""
    manager = next((one.person_id for one in demo_people() if one.person_id.int & 0xFF == _MANAGER), None)
    await tx.execute(_ADD_LINES, {"rows": _json(_lines(now, manager))})
    await tx.execute(_ADD_HOURS, {"rows": _json(_hours())})
    await tx.execute(_ADD_CHECKS, {"rows": _json(_checks(now, manager))})
    await tx.execute(_SET_PROFILES, {"rows": json.dumps(list(_profiles()))})
    for n, words in enumerate(PARKING):
        params = {"words": json.dumps(words), "id": location_id(n)}
        await tx.execute("update location set parking = cast(:words as jsonb) where id = :id", params)
    for n, ways in enumerate(WAYS):
        await tx.execute(_SET_WAYS, {"ways": json.dumps(ways), "id": location_id(n)})


def _lines(now: datetime, manager: UUID | None) -> Iterator[Row]:
    for place, purpose, number, days, is_answered in _LINES:
        checked_at = None if days is None else now - timedelta(days=days)
        yield {"id": demo_id("line", place, purpose), "location_id": None if place is None else location_id(place),
               "purpose": purpose, "number": number, "checked_at": checked_at, "is_answered": is_answered,
               "checked_by": manager if checked_at else None}  # fmt: skip


def _hours() -> Iterator[Row]:
    for n, (weekdays, opens, closes) in enumerate(_WEEK):
        for weekday in weekdays:
            yield {"id": demo_id("hours", n, weekday), "location_id": location_id(n), "weekday": weekday,
                   "opens": opens, "closes": closes}  # fmt: skip


def _checks(now: datetime, manager: UUID | None) -> Iterator[Row]:
    for n in range(len(LOCATIONS)):
        for subject, days in (("hours", 20 + 40 * n), ("way", 60)):
            yield {"location_id": location_id(n), "subject": subject, "checked_at": now - timedelta(days=days),
                   "checked_by": manager}  # fmt: skip


def _profiles() -> Iterator[Row]:
    for name, codes, ages, accepts_new, biography, treats, treats_not in PROFILES:
        yield {"id": str(demo_id("practitioner", name)), "specialty_codes": codes, "age_from": ages[0],
               "age_until": ages[1], "accepts_new": accepts_new, "biography": _said(biography),
               "treats": _said(treats), "treats_not": _said(treats_not)}  # fmt: skip


def _said(words: tuple[str, str, str]) -> dict[str, str]:
    return dict(zip(("en", "es", "ar"), words, strict=True))


def _json(rows: Iterator[Row]) -> str:
    return json.dumps(list(rows), default=str)


_ADD_LINES: Final = """
insert into phone_line (id, location_id, purpose, number, checked_at, checked_by, is_answered)
select id, location_id, purpose, number, checked_at, checked_by, is_answered
from jsonb_populate_recordset(null::phone_line, cast(:rows as jsonb)) on conflict do nothing
"""
_ADD_HOURS: Final = """
insert into opening_hours (id, location_id, weekday, opens, closes)
select id, location_id, weekday, opens, closes
from jsonb_populate_recordset(null::opening_hours, cast(:rows as jsonb)) on conflict do nothing
"""
_ADD_CHECKS: Final = """
insert into fact_check (location_id, subject, checked_at, checked_by)
select location_id, subject, checked_at, checked_by
from jsonb_populate_recordset(null::fact_check, cast(:rows as jsonb)) on conflict do nothing
"""
_SET_PROFILES: Final = """
update practitioner p set specialty_codes = r.specialty_codes, age_from = r.age_from, age_until = r.age_until,
  accepts_new = r.accepts_new, biography = r.biography, treats = r.treats, treats_not = r.treats_not
from jsonb_populate_recordset(null::practitioner, cast(:rows as jsonb)) r where p.id = r.id
"""
