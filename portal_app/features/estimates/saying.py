"""An estimate as parts and lines in the current language, for the screen and for paper alike.

What a good-faith estimate must say: 45 CFR 149.610(c); how to dispute a bill: 45 CFR 149.620.
"""

from zoneinfo import ZoneInfo

from portal_app.core import i18n
from portal_app.core.i18n import _
from portal_app.core.printing import Line, Part
from portal_app.features.billing import service as billing
from portal_app.features.estimates.rules import Step
from portal_app.features.estimates.views import EstimateView


def money(one: EstimateView, minor: int) -> str:
    """Write an amount of an estimate."""
    return i18n.format_money(minor, one.currency, billing.decimals_of(one.currency))


def parts_of(one: EstimateView) -> tuple[Part, ...]:
    """Return what a given estimate says."""
    parts = [Part("cost", _("What it will probably cost"), _cost(one))]
    if one.kind == "insured":
        parts.append(Part("worked", _("How we worked it out"), _worked(one)))
    parts.append(Part("who", _("Who, where, and known by which numbers"), _who(one)))
    parts.append(Part("know", _("What you should know"), _good_faith() if one.kind == "good_faith" else _insured(one)))
    return tuple(parts)


def _cost(one: EstimateView) -> tuple[Line, ...]:
    fee = _("{service} ({code}): {amount}").format(
        service=one.service_words, code=one.service_code, amount=money(one, one.fee_minor)
    )
    lines = [Line(fee)]
    if one.kind == "good_faith":
        lines.append(Line(_("In all: {amount}").format(amount=money(one, one.fee_minor))))
    elif one.patient_minor is None:
        lines.append(Line(_("What your plan pays of it we cannot say. At most you pay {amount}.").format(
            amount=money(one, one.fee_minor))))  # fmt: skip
    else:
        lines.append(Line(_("You will probably pay: {amount}").format(amount=money(one, one.patient_minor))))
    return tuple(lines)


def _worked(one: EstimateView) -> tuple[Line, ...]:
    if one.checked_at is None:
        return (Line(_("Your insurer has not told us what your plan pays.")),)
    day = i18n.format_long_date(one.checked_at.astimezone(ZoneInfo(one.zone)).date())
    heard = Line(_("What {payer} told us on {day}:").format(payer=one.payer_name, day=day))
    steps = tuple(Line(_step(step, money(one, amount))) for step, amount in one.steps)
    if one.patient_minor is None:
        return (heard, Line(_("The plan is active. How much it pays of this visit was not said.")))
    return (heard, *(steps or (Line(_("The plan leaves nothing of it to you.")),)))


def _step(step: Step, amount: str) -> str:
    said = {
        "copay": _("The plan's fixed part for a visit (co-pay): {amount}"),
        "deductible": _("What is left of your deductible, and paid by you first: {amount}"),
        "coinsurance": _("Your share of the rest (co-insurance): {amount}"),
        "cap": _("Not more than is left of the most you pay in a year: {amount}"),
    }
    return said[step].format(amount=amount)


def _who(one: EstimateView) -> tuple[Line, ...]:
    provider = one.provider
    if provider is None:
        return ()
    known = _("{name}, NPI {number}")
    told = [
        known.format(name=provider.name, number=provider.npi) if provider.npi else provider.name,
        known.format(name=provider.practice, number=provider.practice_npi)
        if provider.practice_npi else provider.practice,
        _("Tax number (TIN): {number}").format(number=provider.tax_id) if provider.tax_id else "",
        " · ".join(part for part in (provider.location, " ".join(provider.address.split())) if part),
        _("When: {moment}").format(moment=i18n.format_moment(one.starts_at, one.zone)),
    ]  # fmt: skip
    return tuple(Line(said) for said in told if said)


def _good_faith() -> tuple[Line, ...]:
    return (
        Line(_("This is a good-faith estimate: what we expect for this visit as we know it today. It is not a contract,"
               " and you need not take the visit from us.")),
        Line(_("The clinician may recommend more (a test, another visit). That is not in it and is estimated apart.")),
        Line(_("What the visit really costs may differ.")),
        Line(_("If you are billed 400 US dollars or more above this estimate, you may dispute the bill within 120 days"
               " of it: www.cms.gov/nosurprises/consumers or 1-800-985-3059. Disputing changes nothing in your care.")),
        Line(_("Keep this estimate, or take a picture of it.")),
    )  # fmt: skip


def _insured(one: EstimateView) -> tuple[Line, ...]:
    lines = [
        Line(_("This is an estimate and not a promise. Your insurer decides when it gets the claim.")),
        Line(_("Your plan's agreed price may be lower than ours. Tests or medicines may cost more.")),
    ]
    if one.has_second:
        lines.append(Line(_("Your second insurance may pay a part of it. That is not counted here.")))
    return tuple(lines)
