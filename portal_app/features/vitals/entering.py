"""From what was typed to a reading: fields, numbers, times. Says at which field something is wrong."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from portal_app.core.errors import InputRefused
from portal_app.core.i18n import N_
from portal_app.features.vitals import judging, rules
from portal_app.features.vitals.measures import (
    DIASTOLIC_LEAST,
    DIASTOLIC_MOST,
    MEASURES,
    PER_MINUTE,
    Measure,
    Unit,
)
from portal_app.features.vitals.typed import typed_number, typed_pair
from portal_app.features.vitals.views import Chart, NewReading

NOTE_MAX: Final = 300
ARMS: Final = ("left", "right")
POSTURES: Final = ("sitting", "standing", "lying")
_MOST: Final = Decimal(100_000)
_DECIMALS: Final = 3
_TYPE_NUMBER: Final = N_("Type the number that your device shows.")


def typed_reading(measure: Measure, said: Mapping[str, str], key: UUID, zone: str) -> NewReading:
    """Return what was typed as a reading. Raises InputRefused at the field that cannot be read."""
    first, second = said.get("value", ""), said.get("pair", "")
    if measure.has_pair and not second.strip() and (both := typed_pair(first)) is not None:
        first, second = both
    unit = next((one for one in measure.units if one.code == said.get("unit", "")), measure.units[0])
    value, unit = _number(measure, first, "value", unit)
    pair = _number(measure, second, "pair", unit)[0] if measure.has_pair else None
    pulse = None
    if measure.has_pair and said.get("pulse", "").strip():
        pulse = _number(MEASURES["pulse"], said["pulse"], "pulse", PER_MINUTE)[0]
    note = said.get("note", "").strip()
    if len(note) > NOTE_MAX:
        raise InputRefused("note", N_("Say it in 300 characters or fewer."))
    return NewReading(
        measure.code, unit.code, value, key, pair, pulse,
        context=_one_of(said.get("context", ""), measure.contexts),
        arm=_one_of(said.get("arm", ""), ARMS if measure.has_pair else ()),
        posture=_one_of(said.get("posture", ""), POSTURES if measure.has_pair else ()),
        has_symptom=said.get("symptom", "") == "yes", note=note, taken_at=_moment(said.get("at", ""), zone),
    )  # fmt: skip


def checked(new: NewReading, now: datetime, chart: Chart) -> NewReading:
    """Return a reading with its time, if it can have been taken then. Raises InputRefused at the time."""
    taken_at = (new.taken_at or now).astimezone(UTC)
    if taken_at > now + rules.AHEAD:
        raise InputRefused("at", N_("That time is still to come. When did you measure?"))
    if _day_at(taken_at, chart.zone) < chart.birth_date:
        raise InputRefused("at", N_("That is before the birth date. When did you measure?"))
    return replace(new, taken_at=taken_at)


def _day_at(moment: datetime, zone: str) -> date:
    """Return which day it was where somebody lives; the first of all for a device's time of nothing."""
    try:
        return moment.astimezone(ZoneInfo(zone)).date()
    except OverflowError:
        return date.min


def doubts(new: NewReading, last: rules.Measured | None) -> tuple[str, ...]:
    """Return what is unusual about numbers, as codes: most likely they were typed wrong."""
    measure = MEASURES[new.measure]
    unit = measure.unit(new.unit)
    found = [_side(new.value, unit.least, unit.most, "value")]
    if new.pair is not None:
        found.append("swapped" if new.pair >= new.value else "")
        found.append(_side(new.pair, DIASTOLIC_LEAST, DIASTOLIC_MOST, "pair"))
    if new.pulse is not None:
        found.append(_side(new.pulse, PER_MINUTE.least, PER_MINUTE.most, "pulse"))
    taken_at = new.taken_at or datetime.now(UTC)
    if judging.leap(rules.Measured(new.measure, new.unit, new.value, new.pair, taken_at), last):
        found.append("leap")
    return tuple(filter(None, found))


def _side(value: Decimal, least: Decimal, most: Decimal, name: str) -> str:
    return f"{name}_low" if value < least else f"{name}_high" if value > most else ""


def _number(measure: Measure, words: str, field: str, unit: Unit) -> tuple[Decimal, Unit]:
    typed = typed_number(words, measure)
    if typed is None:
        raise InputRefused(field, _TYPE_NUMBER)
    exponent = typed.value.as_tuple().exponent
    if typed.value >= _MOST or not isinstance(exponent, int) or -exponent > _DECIMALS:
        raise InputRefused(field, _TYPE_NUMBER)
    if measure.hard_most is not None and typed.value > measure.hard_most:
        raise InputRefused(field, N_("That is more than there can be. Type the number that your device shows."))
    return typed.value, typed.unit or unit


def _one_of(said: str, known: tuple[str, ...]) -> str:
    return said if said in known else ""


def _moment(said: str, zone: str) -> datetime | None:
    if not said:
        return None
    try:
        local = datetime.fromisoformat(said)
        return (local if local.tzinfo else local.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)
    except (ValueError, OverflowError):  # no moment, or one before the first or after the last there is
        raise InputRefused("at", N_("Choose the day and the time, or leave it empty for now.")) from None
