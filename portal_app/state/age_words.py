"""Rules by age, in words."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from portal_app.core import i18n
from portal_app.core.i18n import N_, _
from portal_app.features.ages.views import Change, RuleForm, RuleView
from portal_app.state import share_words as say

STANDINGS: Final = {
    "now": (N_("Counts now"), "good"), "to come": (N_("Will count"), "caution"), "past": (N_("Counted before"), "info"),
}  # fmt: skip
AGES: Final = ("full_until", "limited_until", "majority", "own_from")


def state_name(state: str) -> str:
    """Return a state as it is written in addresses, or what stands for all those without a rule of their own."""
    return state or _("All other states")


def parts(sections: tuple[str, ...]) -> str:
    """Return parts of a chart, one after the other."""
    return " · ".join(_(words) for name, words in say.PARTS.items() if name in sections) or _("Nothing")


def age_lines(ages: Mapping[str, int | None], sections: tuple[str, ...]) -> list[str]:
    """Return what a rule says, a line each."""
    full, limited, grown, own = (i18n.format_number(ages[name] or 0) for name in AGES)
    return [
        _("Until {age}: all that was shared").format(age=full),
        _("Until {age}: only {parts}").format(age=limited, parts=parts(sections)),
        _("Own sign-in from {age}").format(age=own),
        _("Of age at {age}: a parent's access ends").format(age=grown),
    ]


def rule_row(one: RuleView) -> dict[str, str | list[str]]:
    """Return the row of one version."""
    words, tone = STANDINGS[one.standing]
    return {
        "id": str(one.id),
        "state_code": one.state,
        "label": state_name(one.state),
        "from": _("From {day}").format(day=i18n.format_long_date(one.effective_from)),
        "lines": age_lines({name: getattr(one, name) for name in AGES}, one.sections),
        "source_given": one.source,
        "example": _("Example, not reviewed by your practice") if one.is_example else "",
        "standing": _(words),
        "tone": tone,
        "can_change": "yes" if one.standing != "past" else "",
        "can_approve": "yes" if one.is_example and one.standing == "now" else "",
        "can_withdraw": "yes" if one.standing == "to come" else "",
    }


def typed_of(one: RuleView) -> dict[str, str]:
    """Return what stands in the form for the version that follows another one."""
    return {name: str(getattr(one, name)) for name in AGES} | {"source": one.source, "state": one.state}


def form_of(typed: dict[str, str], chosen: tuple[str, ...]) -> RuleForm:
    """Read what was typed, digits of any script, with the parts that were ticked."""
    ages = {name: _age(typed.get(name, "")) for name in AGES}
    return RuleForm(
        typed.get("state", "").strip().upper(), _day(typed.get("effective_from", "")), ages, chosen,
        typed.get("source", ""),
    )  # fmt: skip


def loss_words(loses: tuple[str, ...], gains: tuple[str, ...]) -> str:
    """Say which parts somebody loses and which they keep longer."""
    lost = _("Loses: {parts}").format(parts=parts(loses)) if loses else ""
    kept = _("Keeps longer: {parts}").format(parts=parts(gains)) if gains else ""
    return " — ".join(words for words in (lost, kept) if words)


def change_row(one: Change) -> dict[str, str]:
    """Return the row of what one relation loses or gains."""
    return {
        "name_given": one.name,
        "what": loss_words(one.loses, one.gains),
        "from": _("From {day}").format(day=i18n.format_long_date(one.first_on)),
    }


def _age(typed: str) -> int | None:
    text = typed.strip()
    return int(text) if text.isdecimal() and len(text) <= 2 else None


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed.strip())
    except ValueError:
        return None
