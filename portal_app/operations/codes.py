"""`./portal codes`: load the diagnoses of ICD-10-CM, what the practice charges for, what it costs, and insurers."""

import argparse
import asyncio
import csv
import re
import warnings
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Final

from portal_app import wiring
from portal_app.core.db import Database
from portal_app.features.billing import service as billing
from portal_app.features.coverage import service as coverages
from portal_app.features.notes import service as notes
from portal_app.settings import Settings

PAYER_MAX: Final = 80
RELEASE: Final = "2026-04"
"""Of ICD-10-CM, in the package simple-icd-10-cm 1.5; a newer package says its own in its file's name."""

STARTER: Final = (
    ("G0402", "First preventive visit of somebody new to Medicare"),
    ("G0438", "First yearly wellness visit with a prevention plan"),
    ("G0439", "Later yearly wellness visit with a prevention plan"),
    ("G2010", "Looking at a picture or video that a patient sent"),
    ("T1015", "Clinic visit, all included"),
)
"""A few codes of HCPCS level II (CMS, public), in our own words.

CPT is the AMA's and never ships: practices import it.
"""

_WANTED: Final = {"fees": "three columns: code, amount, valid from", "payers": "two columns: insurer, code"}


def main(settings: Settings, given: argparse.Namespace) -> int:
    """Do what was asked and say how many codes there are now."""
    database = wiring.open_portal(settings)
    try:
        count = asyncio.run(_load(database, given))
    except (OSError, UnicodeDecodeError, ValueError) as problem:
        wanted = _WANTED.get(given.list, "two columns: code, words")
        print(f"{given.file or 'Without a file nothing'} was not read: {problem}. It wants {wanted}.")
        return 2
    print(f"{count} codes are loaded.")
    return 0


async def _load(database: Database, given: argparse.Namespace) -> int:
    try:
        if given.list == "diagnoses":
            return await load_diagnoses(database)
        if given.list == "payers":
            async with database.act_as_system("codes") as tx:
                return await coverages.fill_payers(tx, list(payers_of(Path(given.file))))
        if given.list == "fees":
            return await _load_fees(database, given)
        listed = list(services_of(Path(given.file))) if given.file else [billing.ServiceCode(*one) for one in STARTER]
        async with database.act_as_system("codes") as tx:
            return await billing.fill_services(tx, listed, Path(given.file).name if given.file else "HCPCS starter")
    finally:
        await database.close()


async def _load_fees(database: Database, given: argparse.Namespace) -> int:
    fees = list(fees_of(Path(given.file), given.currency))
    async with database.act_as_system("codes") as tx:
        if unknown := await billing.unknown_services(tx, {one.code for one in fees}):
            raise ValueError(f"load these services first: {', '.join(sorted(unknown))}")
        return await billing.fill_fees(tx, fees)


async def load_diagnoses(database: Database) -> int:
    """Replace the list of diagnoses by the packaged release; return how many it has."""
    # A block with one category in it has that category's code, and comes twice.
    found = await asyncio.to_thread(lambda: {one.code: one for one in packaged_diagnoses()})
    async with database.act_as_system("codes") as tx:
        return await notes.fill_diagnoses(tx, found.values(), RELEASE)


def packaged_diagnoses() -> Iterator[notes.Diagnosis]:
    """Yield the codes that a claim may carry: those that nothing more exact stands under."""
    # Only here: it takes two seconds and 150 MB. It reads its files by a function that Python 3.11 calls deprecated.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        import simple_icd_10_cm as icd

    for code in icd.get_all_codes(with_dots=True):
        if icd.is_leaf(code):
            yield notes.Diagnosis(code, " ".join(icd.get_description(code).split()))


def services_of(file: Path) -> Iterator[billing.ServiceCode]:
    """Yield the services of a CSV file with the columns code and words. Raises ValueError for what is no code."""
    with file.open(newline="", encoding="utf-8-sig") as lines:
        for number, row in enumerate(csv.reader(lines), 1):
            code = row[0].strip().upper() if row else ""
            if number == 1 and code == "CODE":
                continue
            if len(row) < 2 or not re.fullmatch(r"[A-Z0-9]{5}", code) or not row[1].strip():
                raise ValueError(f"line {number} is no code with its words")
            yield billing.ServiceCode(code, row[1].strip())


def fees_of(file: Path, currency: str) -> Iterator[billing.FeeEntry]:
    """Yield the fees of a CSV file with the columns code, amount and valid from. Raises ValueError for what is none."""
    with file.open(newline="", encoding="utf-8-sig") as lines:
        for number, row in enumerate(csv.reader(lines), 1):
            code = row[0].strip().upper() if row else ""
            if number == 1 and code == "CODE":
                continue
            amount = billing.typed_amount(row[1], currency) if len(row) > 2 else None
            if amount is None or not re.fullmatch(r"[A-Z0-9]{5}", code):
                raise ValueError(f"line {number} is no code with its amount and its day")
            yield billing.FeeEntry(code, date.fromisoformat(row[2].strip()), currency, amount)


def payers_of(file: Path) -> Iterator[coverages.PayerEntry]:
    """Yield the insurers of a CSV file with the columns insurer and code. Raises ValueError for what is none."""
    with file.open(newline="", encoding="utf-8-sig") as lines:
        for number, row in enumerate(csv.reader(lines), 1):
            name, code = (" ".join(row[0].split()), row[1].strip().upper()) if len(row) > 1 else ("", "")
            if number == 1 and code == "CODE":
                continue
            if not name or len(name) > PAYER_MAX or not re.fullmatch(r"[A-Z0-9]{2,15}", code):
                raise ValueError(f"line {number} is no insurer with its code at the clearing house")
            yield coverages.PayerEntry(name, code)
