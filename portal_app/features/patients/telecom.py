"""Telephone numbers: read as people write them, kept encrypted, found by blind indexes."""

from uuid import UUID

import phonenumbers

from portal_app.core import crypto
from portal_app.core.db import Transaction
from portal_app.features.patients import rules


def normalised(number: str, country: str) -> str | None:
    """Return a number as E.164 (+17185550142), read as in the practice's country, or None if it cannot be one."""
    try:
        found = phonenumbers.parse(number, country)
    except phonenumbers.NumberParseException:
        return None
    if phonenumbers.is_possible_number_with_reason(found) != phonenumbers.ValidationResult.IS_POSSIBLE:
        return None
    return phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164)


def written(e164: str, country: str) -> str:
    """Return a number as people of the practice's country write it."""
    found = phonenumbers.parse(e164, None)
    is_ours = found.country_code == phonenumbers.country_code_for_region(country)
    form = phonenumbers.PhoneNumberFormat
    return phonenumbers.format_number(found, form.NATIONAL if is_ours else form.INTERNATIONAL)


async def write_number(tx: Transaction, patient_id: UUID, e164: str | None) -> None:
    """Write into a chart under which number the patient is reached; part of another use case, under its policy."""
    given = {"phone": crypto.encrypt(e164) if e164 else None, "keys": keys(e164) if e164 else [], "id": patient_id}
    await tx.execute("update patient set phone = :phone, phone_keys = :keys where id = :id", given)


def keys(e164: str) -> list[str]:
    """Return the blind indexes a number is found by: itself, and its last seven digits."""
    return [_whole(e164), _tail(rules.phone_digits(e164))]


def wanted_keys(typed: str, country: str) -> list[str]:
    """Return the blind indexes that answer a number somebody looks for; a short one is found by its end."""
    if e164 := normalised(typed, country):
        return [_whole(e164)]
    digits = rules.phone_digits(typed)
    return [_tail(digits)] if len(digits) >= rules.TAIL_DIGITS else []


def _whole(e164: str) -> str:
    return crypto.blind_index(e164, purpose="phone")


def _tail(digits: str) -> str:
    return crypto.blind_index(digits[-rules.TAIL_DIGITS :], purpose="phone_tail")
