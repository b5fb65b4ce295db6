"""Words of the steps that end a visit, in the language of the page."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from portal_app.core import i18n
from portal_app.core.i18n import N_, _
from portal_app.features.billing.service import ChargeView, ServiceCode
from portal_app.features.notes.rules import Summary
from portal_app.features.notes.sentences import when_taken
from portal_app.features.notes.service import Facts

HELD: Final[Mapping[str, str]] = {
    "in_person": N_("In person"), "video": N_("By video"), "audio": N_("By voice alone"),
}  # fmt: skip
CHARGE_STATUS: Final[Mapping[str, str]] = {
    "billable": N_("Waits for billing"), "billed": N_("Billed"), "aborted": N_("Not charged"),
}  # fmt: skip


def moment(written: str) -> datetime | None:
    """Return a moment that was kept, or None."""
    return datetime.fromisoformat(written) if written else None


def medicine_rows(summary: Summary) -> list[dict[str, str]]:
    """Return the medicines that were added, each with its place in the list."""
    return [
        {"place": str(n), "title": f"{one.name} · {one.dose}" if one.dose else one.name,
         "detail": " · ".join(when_taken(one))}
        for n, one in enumerate(summary.medicines)
    ]  # fmt: skip


def service_rows(found: Sequence[ServiceCode]) -> list[dict[str, str]]:
    """Return services as choices."""
    return [{"value": one.code, "label": one.code, "detail": one.words} for one in found]


def fact_rows(facts: Facts, zone: str) -> list[dict[str, str]]:
    """Return how a visit was held, as it will be written down."""
    rows = [
        (_("From"), i18n.format_moment(facts.started_at, zone)),
        (_("Until"), i18n.format_moment(facts.ended_at, zone)),
        (_("Who was there"), ", ".join(name for name, _role in facts.people)),
        (_("Booked as"), _(HELD[facts.modality])),
    ]
    return [{"term": term, "fact": fact} for term, fact in rows]


def charge_rows(charge: ChargeView | None) -> list[dict[str, str]]:
    """Return a charge in its codes."""
    if charge is None:
        return []
    service = f"{charge.service_code} {charge.service_words}".strip() or _("Left to billing")
    rows = [
        (_("Where it stands"), _(CHARGE_STATUS[charge.status])),
        (_("Service"), service),
        (_("Modifier"), charge.modifier or _("None")),
        (_("Place of service"), charge.place_of_service),
        (_("Diagnoses"), ", ".join(charge.diagnoses)),
    ]
    return [{"term": term, "fact": fact} for term, fact in rows]
