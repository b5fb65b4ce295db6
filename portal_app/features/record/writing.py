"""A record as JSON, for programs: stable English names, codes as they are kept, times in UTC, decimals as text."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from portal_app.features.chart.service import Lists
from portal_app.features.intake.service import OwnForm
from portal_app.features.notes.service import PastVisit
from portal_app.features.privacy.service import DayOfLines, sentence
from portal_app.features.record.views import PARTS, Record

FORMAT: Final = "sala-record"
VERSION: Final = 1
_APPOINTMENT: Final = ("id", "status", "starts_at", "ends_at", "modality", "practitioner_name", "practitioner_title",
                       "location_name", "address", "visit_type_names", "reason", "cancelled_at")  # fmt: skip
_CAREGIVER: Final = ("name", "email", "relationship", "ticked", "status", "invited_at", "accepted_at", "valid_until",
                     "ended_at")  # fmt: skip
_DOCUMENT: Final = ("file_id", "filename", "media_type", "size_bytes", "sent_by", "sent_at")
_READING: Final = ("id", "measure", "value", "pair", "unit", "pulse", "context", "arm", "posture", "has_symptom",
                   "note", "taken_at", "finding")  # fmt: skip
_BILL: Final = ("number", "currency", "service_words", "modality", "served_at", "practitioner", "location_name",
                "issued_at", "due_on", "charged_minor", "insured_minor", "reduced_minor", "paid_minor", "owed_minor",
                "is_void")  # fmt: skip
_POSTING: Final = ("kind", "made_at", "off_minor", "corrected_kind", "is_corrected")
_ESTIMATE: Final = ("id", "status", "kind", "asked_at", "given_at", "starts_at", "practitioner", "service_code",
                    "service_words", "currency", "fee_minor", "patient_minor", "payer_name", "is_newest")  # fmt: skip
_COVERAGE: Final = ("kind", "status", "precedence", "payer_name", "plan_name", "member_id", "group_number", "relation",
                    "subscriber", "valid_from", "valid_until")  # fmt: skip
_ENTRY: Final = ("id", "kind", "content", "since_on", "status", "written_name", "written_at")
_CHANGE: Final = ("kind", "entry_id", "verb", "content", "told_name", "told_at", "status", "decided_at", "reason")
_LINE: Final = ("newest", "oldest", "times", "person_name", "roles", "action", "side", "emergency")


def written(record: Record) -> str:
    """Return the record as JSON; a part that the reader may not see is not in it, and said under `not_shared`."""
    parts = {
        "about": asdict(record.about) if record.about else None,
        "caregivers": _picked(record.caregivers, _CAREGIVER),
        "appointments": _picked(record.appointments, _APPOINTMENT),
        "lists": _lists(record.lists) if record.lists else None,
        "visits": [_visit(one) for one in record.visits],
        "documents": _picked(record.documents, _DOCUMENT),
        "forms": [_form(one) for one in record.forms],
        "readings": _picked(record.readings, _READING),
        "bills": [_one(bill, _BILL) | {"history": _picked(history, _POSTING)} for bill, history in record.bills],
        "estimates": _picked(record.estimates, _ESTIMATE),
        "coverages": _picked(record.coverages, _COVERAGE),
        "who_looked": [_line(line) for day in record.who_looked for line in _picked(day.lines, _LINE)],
    }
    said = {
        "format": FORMAT, "version": VERSION, "made_at": record.made_at,
        "patient": {"name": record.name, "birth_date": record.birth_date, "zone": record.zone},
        "not_shared": [one for one in PARTS if one not in record.parts],
    }  # fmt: skip
    if record.is_cut:
        said["who_looked_until"] = _oldest(record.who_looked)
    return json.dumps(said | {one: parts[one] for one in record.parts}, default=_plain, ensure_ascii=False, indent=1)


def _picked(rows: Iterable[object], names: tuple[str, ...]) -> list[dict[str, Any]]:
    return [_one(row, names) for row in rows]


def _one(row: object, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def _lists(found: Lists) -> dict[str, Any]:
    return {"entries": _picked(found.entries, _ENTRY), "changes": _picked(found.changes, _CHANGE)}


def _visit(one: PastVisit) -> dict[str, Any]:
    note = one.note and {"content": dict(one.note.content), "signed_by": one.note.signed_by,
                         "signed_at": one.note.signed_at, "addenda": one.note.addenda}  # fmt: skip
    return {"appointment_id": one.appointment_id, "summary": one.parts, "diagnoses": one.diagnoses, "note": note,
            "sent_at": one.sent_at}  # fmt: skip


def _form(one: OwnForm) -> dict[str, Any]:
    asked = one.questionnaire
    return {"questionnaire": f"{asked.url}|{asked.version}", "title": dict(asked.title), "language": one.locale,
            "submitted_at": one.submitted_at, "submitted_by": one.submitted_by, "answers": dict(one.answers),
            "totals": dict(one.totals)}  # fmt: skip


def _line(line: dict[str, Any]) -> dict[str, Any]:
    return line | {"words": sentence(line["action"]).words}


def _oldest(days: Iterable[DayOfLines]) -> datetime:
    return min(line.oldest for day in days for line in day.lines)


def _plain(value: object) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, UUID | Decimal):
        return f"{value}"
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Iterable):
        return list(value)
    raise TypeError(type(value).__name__)
