"""Words of charges: codes with what they mean, where billing is with them, what they said before."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final

from portal_app.core import i18n
from portal_app.core.db import Transaction
from portal_app.core.i18n import N_, _, ngettext
from portal_app.features.billing import rules
from portal_app.features.billing import service as billing

Act = Callable[[Transaction], Awaitable[None]]
_REVIEWS: Final[Mapping[str, str]] = {"open": N_("To look at"), "ready": N_("Ready"), "held": N_("Held")}
_TONES: Final = {"open": "info", "ready": "good", "held": "caution"}
_MODIFIERS: Final[Mapping[str, str]] = {
    "": N_("No modifier"), "93": N_("93: by voice alone"), "95": N_("95: by video"),
}  # fmt: skip
_PLACES: Final[Mapping[str, str]] = {
    "02": N_("02: by video or voice, patient not at home"),
    "10": N_("10: by video or voice, patient at home"),
    "11": N_("11: in the practice"),
}


def name(one: billing.ChargeRow) -> str:
    """Say whose charge it is."""
    return f"{one.given_name} {one.family_name}".strip() or _("A patient")


def about(one: billing.ChargeRow) -> str:
    """Say which visit a charge is of."""
    return " · ".join((i18n.format_moment(one.served_at, one.zone), one.practitioner_name, one.location_name))


def standing(one: billing.ChargeRow) -> tuple[str, str]:
    """Say where a charge stands, and in which tone."""
    if one.status != "billable":
        return (_("Billed") if one.status == "billed" else _("Not charged")), "plain"
    return _(_REVIEWS[one.review]), _TONES[one.review]


def tab_rows(counts: Mapping[str, int]) -> list[dict[str, str]]:
    """Return the views of the list, each with how many it holds."""
    return [
        {"value": one, "label": f"{_(_REVIEWS[one])} {i18n.format_number(counts[one])}"}
        for one in ("open", "held", "ready")
    ]


def more_words(left: int) -> str:
    """Say how many a list leaves out."""
    if left <= 0:
        return ""
    return ngettext("{count} more follows.", "{count} more follow.", left).format(count=i18n.format_number(left))


def row(one: billing.ChargeRow) -> dict[str, str]:
    """Return a line of the list."""
    said, tone = standing(one)
    return {
        "id": str(one.id),
        "name_given": name(one),
        "born": i18n.format_long_date(one.birth_date) if one.birth_date else "",
        "when": i18n.format_moment(one.served_at, one.zone),
        "who_given": one.practitioner_name,
        "service_given": f"{one.service_code} {one.service_words}".strip() or _("No service yet"),
        "modifier_words": _(_MODIFIERS[one.modifier]),
        "place_words": _(_PLACES[one.place_of_service]),
        "diagnosis_codes": ", ".join(one.diagnoses),
        "standing": said,
        "tone": tone,
        "because_given": one.held_because,
        "charge_href": i18n.localized_path(i18n.current(), f"/staff/billing?id={one.id}"),
    }


def fact_rows(one: billing.ChargeRow) -> list[dict[str, str]]:
    """Return a charge in its codes, each with what it means."""
    line = row(one)
    rows = [
        (_("Born"), line["born"]),
        (_("Service"), line["service_given"]),
        (_("Modifier"), line["modifier_words"]),
        (_("Place of service"), line["place_words"]),
        (_("Diagnoses"), line["diagnosis_codes"]),
        (_("Number of the visit"), str(one.appointment_id)),
    ]
    return [{"term": term, "fact": fact} for term, fact in rows if fact]


def history_row(one: billing.ChargeChange, zone: str) -> dict[str, str]:
    """Return what a charge said at one time."""
    said = " · ".join(
        (one.service_code or _("No service yet"), _(_MODIFIERS[one.modifier]), _(_PLACES[one.place_of_service]))
    )
    first = _("From the end of the visit")
    return {
        "said_given": said,
        "by_given": one.made_by,
        "when": i18n.format_moment(one.made_at, zone),
        "because_given": one.reason or (first if not one.sequence else ""),
    }


def service_rows(found: Sequence[billing.ServiceCode]) -> list[dict[str, str]]:
    """Return services as choices."""
    return [{"value": one.code, "label": one.code, "detail": one.words} for one in found]


def modifier_rows() -> list[dict[str, str]]:
    """Return the modifiers as choices."""
    return [{"value": one or "none", "label": _(_MODIFIERS[one])} for one in rules.MODIFIERS]


def place_rows() -> list[dict[str, str]]:
    """Return the places of service as choices."""
    return [{"value": one, "label": _(_PLACES[one])} for one in rules.PLACES]
