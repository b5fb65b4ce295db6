"""Insurance in plain words, never more certain than what the insurer answered."""

from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from portal_app.core import i18n
from portal_app.core.i18n import N_, _
from portal_app.features.billing import service as billing
from portal_app.features.coverage.service import Amounts, ChangeView, CheckView, CoverageView

TURNS: Final = {1: N_("Pays first"), 2: N_("Pays second"), 3: N_("Pays third")}
RELATIONS: Final = {
    "self": N_("Mine: my name is on the card"),
    "spouse": N_("My husband's, wife's or partner's"),
    "child": N_("My parent's or guardian's"),
    "other": N_("Somebody else's"),
}
WHOSE: Final = {
    "self": N_("In the patient's own name"),
    "spouse": N_("Through a husband, wife or partner"),
    "child": N_("Through a parent or guardian"),
    "other": N_("Through somebody else"),
}
_SAID: Final = {
    "active": N_("On {day} the insurer said: this insurance is active."),
    "inactive": N_("On {day} the insurer said: this insurance is not active. Look at the card again, or call us."),
    "not_found": N_("On {day} the insurer did not find this member. Compare the number with the card, or call us."),
    "unclear": N_("On {day} the insurer did not say whether this insurance is active. We check before the visit."),
    "away": N_("We could not reach the insurer on {day}. Ask again later; we also check before the visit."),
}
_WE_CHECK: Final = N_("We check with the insurer before the visit. You need do nothing.")
_TONES: Final = {"active": "good", "inactive": "caution", "not_found": "caution"}
_TAGS: Final = {"active": N_("Active"), "inactive": N_("Not active"), "not_found": N_("Not found")}


def title(one: CoverageView) -> str:
    """Name an insurance."""
    return one.payer_name if one.kind == "insurance" else _("No insurance")


def turn(one: CoverageView) -> str:
    """Say when it pays."""
    return _(TURNS[one.precedence]) if one.kind == "insurance" else ""


def standing(one: CoverageView) -> tuple[str, str]:
    """Return in one word how an insurance stands, and its tone."""
    if one.status != "active":
        return _("Ended"), "plain"
    if one.kind == "self_pay":
        return _("As we were told"), "info"
    check = one.check
    if check is not None and check.is_of_now and check.outcome in _TAGS:
        return _(_TAGS[check.outcome]), _TONES[check.outcome]
    if check is not None and check.is_of_now and check.status == "waiting":
        return _("We are asking"), "info"
    return _("Not checked yet"), "info"


def reviewed(one: CoverageView) -> str:
    """Say whether the practice has looked at it."""
    if one.reviewed_at is None:
        return _("We have not looked at it yet.")
    return _("We looked at it on {day}.").format(day=i18n.format_day(_day(one.reviewed_at, one)))


def facts(one: CoverageView) -> list[dict[str, str]]:
    """Return what is known of an insurance, as terms and facts; what nobody said is left out."""
    if one.kind != "insurance":
        return []
    whose = _(WHOSE[one.relation])
    if one.subscriber:
        name = f"{one.subscriber.given_name} {one.subscriber.family_name}"
        born = i18n.format_long_date(one.subscriber.birth_date)
        whose = _("{whose}: {name}, born {day}").format(whose=whose, name=name, day=born)
    told = [
        (_("Member number"), one.member_id),
        (_("Group number"), one.group_number),
        (_("Plan"), one.plan_name),
        (_("Whose insurance"), whose),
        (_("From"), i18n.format_long_date(one.valid_from) if one.valid_from else ""),
        (_("Until"), i18n.format_long_date(one.valid_until) if one.valid_until else ""),
    ]
    return [{"term": term, "fact": fact} for term, fact in told if fact]


def covers(one: CoverageView) -> dict[str, str | list[str]]:
    """Return what the insurer said, as a sentence and its lines."""
    check = one.check
    if one.kind != "insurance" or one.status != "active" or check is None:
        return {"said": "", "lines": [], "end": ""}
    if not check.is_of_now:
        return {"said": _(_WE_CHECK), "lines": [], "end": ""}
    if check.status == "waiting":
        return {"said": _("We are asking the insurer. This page changes by itself."), "lines": [], "end": ""}
    said = _SAID.get(check.outcome or "")
    if said is None:
        return {"said": _(_WE_CHECK), "lines": [], "end": ""}
    lines = amount_lines(check.amounts) if check.outcome == "active" else []
    end = _("That is what the insurer said that day. It is not a promise that it pays.") if lines else ""
    return {"said": _(said).format(day=_answered(check, one)), "lines": lines, "end": end}


def amount_lines(amounts: Amounts) -> list[str]:
    """Return what a visit costs the member, one sentence each; what the insurer did not say is left out."""
    share = amounts.coinsurance_percent
    words = _("After that {percent} % of the price is left to pay (co-insurance).")
    percent = "" if share is None else words.format(percent=share)
    told = [
        _of(amounts, amounts.copay_minor, _("A visit costs a fixed {amount} (co-pay).")),
        _of(amounts, amounts.deductible_left_minor or None,  # once it is met there is nothing to say
            _("First {amount} has to be paid, then the plan pays (deductible left).")),
        percent,
        _of(amounts, amounts.out_of_pocket_left_minor,
            _("After {amount} more this year the plan pays all that it covers.")),
    ]  # fmt: skip
    return [one for one in told if one]


def _of(amounts: Amounts, minor: int | None, words: str) -> str:
    return "" if minor is None else words.format(amount=money(minor, amounts.currency))


def money(minor: int, currency: str) -> str:
    """Write an amount."""
    return i18n.format_money(minor, currency, billing.decimals_of(currency))


def change(one: ChangeView, zone: str) -> dict[str, str]:
    """Say what an insurance was before a change."""
    day = i18n.format_day(one.changed_at.astimezone(ZoneInfo(zone)).date())
    return {"title": f"{one.payer_name} · {one.member_id}", "detail": _("Until the change of {day}").format(day=day)}


def date_parts(day: date | None) -> dict[str, str]:
    """Return a date for three fields."""
    return {"day": str(day.day), "month": str(day.month), "year": str(day.year)} if day else dict.fromkeys(
        ("day", "month", "year"), "")  # fmt: skip


def _answered(check: CheckView, one: CoverageView) -> str:
    return i18n.format_day(_day(check.answered_at or check.asked_at, one))


def _day(moment: datetime, one: CoverageView) -> date:
    return moment.astimezone(ZoneInfo(one.zone)).date()
