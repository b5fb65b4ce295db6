"""How readings are said: codes and numbers in the words of the page's language. Call inside `i18n.use`."""

from collections.abc import Mapping, Sequence
from typing import Final

from portal_app.core.i18n import N_, _
from portal_app.features.alerts.service import PatientAlert, Reading
from portal_app.features.vitals.saying import (
    ARMS,
    CONTEXTS,
    FINDINGS,
    NAMES,
    PARTS,
    POSTURES,
    average_basis,
    average_number,
    average_title,
    average_words,
    converted_words,
    detail_words,
    finding_words,
    halves_words,
    number_words,
    numbers_words,
    reading_words,
    unit_words,
    value_words,
)
from portal_app.features.vitals.service import ReadingView
from portal_app.state import booking_words

__all__ = [
    "AGAIN", "ARMS", "CONTEXTS", "DANGER", "DANGER_IF_RIGHT", "DANGER_SYMPTOM", "DOUBTS", "FINDINGS", "LABELS",
    "NAMES", "OUTCOMES", "PARTS", "POSTURES", "STEPS", "alert_words", "average_basis", "average_number",
    "average_title", "average_words", "choices", "converted_words", "detail_words", "finding_words", "halves_words",
    "number_words", "numbers_words", "reading_words", "steps_of", "steps_words", "told_words", "unit_words",
    "value_words",
]  # fmt: skip
LABELS: Final[Mapping[str, str]] = {
    "blood_pressure": N_("Upper number, in mmHg"), "glucose": N_("Blood sugar"), "weight": N_("Weight"),
    "temperature": N_("Temperature"), "oxygen": N_("Oxygen, in %"), "pulse": N_("Heartbeats in a minute"),
    "breaths": N_("Breaths in a minute"), "peak_flow": N_("Peak flow, in L/min"), "pain": N_("Pain, from 0 to 10"),
    "steps": N_("Steps in a day"),
}  # fmt: skip
STEPS: Final[Mapping[str, tuple[str, ...]]] = {
    "rest_repeat": (N_("Measure again, in the same way as before."),),
    "reseat": (
        N_("Warm your hand, take nail polish off, and put the device on another finger."),
        N_("Sit still for a minute, then measure again."),
        N_("The device can read too high on darker skin. How you feel counts more than the number."),
    ),
    "treat_first": (
        N_("First take 15 grams of sugar: half a glass of juice, or 3 to 4 glucose tablets."),
        N_("Wait 15 minutes, then measure again."),
        N_("If you cannot swallow, or somebody has to help you, call the emergency number."),
    ),
    "ketones": (
        N_("Check your ketones, if you have strips for it, and drink water."),
        N_("Call us today."),
    ),
    "emergency": (N_("Call the emergency number now, or have somebody call. Do not drive yourself."),),
}  # fmt: skip
"""What to do now, in order, by protocol."""
AGAIN: Final[Mapping[str, tuple[str, ...]]] = {
    "blood_pressure": (
        N_("Sit and rest for 5 minutes. Do not talk, eat or drink."),
        N_("Then measure again."),
    ),
    "pulse": (
        N_("Sit and rest for 5 minutes."),
        N_("Then measure again. By hand, count for a full minute."),
    ),
    "temperature": (
        N_("Wait 15 minutes if there was food, a drink, a bath or exercise just before."),
        N_("Then measure again, in the same place and with the same thermometer."),
    ),
    "breaths": (
        N_("Sit and rest for 5 minutes. Do not talk."),
        N_("Then count again for a full minute: each rise of the chest is one breath."),
    ),
}  # fmt: skip
"""What the protocol "rest_repeat" is for a measure that has words of its own."""
DANGER: Final = N_("This can be dangerous. If you feel unwell, or it stays like this, call now.")
DANGER_SYMPTOM: Final = STEPS["emergency"][0]
DANGER_IF_RIGHT: Final = N_("If these numbers are right, this can be dangerous. If you feel unwell, call now.")
"""The advice for an emergency: for a number, for a warning sign whatever the number, and for a number in doubt."""
DOUBTS: Final[Mapping[str, str]] = {
    "value_low": N_("The number is lower than home devices usually show."),
    "value_high": N_("The number is higher than home devices usually show."),
    "pair_low": N_("The lower number is lower than home devices usually show."),
    "pair_high": N_("The lower number is higher than home devices usually show."),
    "swapped": N_("The upper number is not above the lower one. Are they the wrong way round?"),
    "pulse_low": N_("The pulse is lower than home devices usually show."),
    "pulse_high": N_("The pulse is higher than home devices usually show."),
    "leap": N_("It is very different from your last one."),
}
OUTCOMES: Final[Mapping[str, str]] = {
    "called": N_("We spoke with you about it."), "no_change": N_("We looked at it, and nothing has to change."),
    "plan_changed": N_("We changed your plan or your medicine."), "come_in": N_("We asked you to come in."),
    "emergency": N_("Emergency help was called."), "not_reached": N_("We tried to reach you. Call us back."),
    "mistake": N_("It was a mistake in measuring or typing."), "taken_back": N_("You took the reading back."),
    "arrived": N_("The readings have come."),
}  # fmt: skip


def steps_of(protocol: str, measure: str) -> tuple[str, ...]:
    """Return what a protocol is for a measure, to be translated."""
    own = AGAIN.get(measure) if protocol == "rest_repeat" else None
    return own or STEPS.get(protocol, ())


def steps_words(one: ReadingView) -> list[str]:
    """Say what to do now; nothing where nothing has to be done."""
    return [_(step) for step in steps_of(one.protocol, one.measure)]


def told_words(one: ReadingView, alert: PatientAlert | None, hours: Reading) -> list[str]:
    """Say who was told of a reading, and when somebody will look."""
    if not one.severity:
        return [_("Your care team can see this. Nobody was alerted: it is not needed for this number.")]
    said = [_("Your care team was alerted.")]
    if not hours.is_open and (heard := _on_call_words(alert, hours, one.zone)):
        said += heard
    elif not hours.is_open and hours.opens_at is not None:
        when = booking_words.moment_words(hours.opens_at, one.zone)
        said.append(_("We are closed until: {when}. Nobody may be reading before then.").format(when=when))
    elif not hours.is_open:
        said.append(_("We are closed now. Nobody may be reading."))
    elif alert is not None and alert.due_at is not None and alert.status == "open":
        when = booking_words.moment_words(alert.due_at, one.zone)
        said.append(_("Somebody should look by: {when}.").format(when=when))
    return said


def _on_call_words(alert: PatientAlert | None, hours: Reading, zone: str) -> list[str]:
    """Say who hears of it while the practice is closed, and no more than the clock of alerts sees to."""
    known = alert and alert.on_call
    if not known or not (known.is_sure or hours.opens_at is None or known.look_by < hours.opens_at):
        return []
    look_by = _("They should look by: {when}.").format(when=booking_words.moment_words(known.look_by, zone))
    if known.at is None:
        return [_("We are closed. Somebody on call is being told now."), look_by]
    when = booking_words.moment_words(known.at, zone)
    if known.is_sure:
        return [_("We are closed. Somebody on call was told: {when}.").format(when=when), look_by]
    return [
        _("We are closed. If nobody has looked by then, somebody on call is told: {when}.").format(when=when),
        look_by,
    ]


def alert_words(alert: PatientAlert, zone: str) -> tuple[str, str]:
    """Say how it stands with what the care team was alerted about, and the tone of it."""
    if alert.status == "closed":
        said = _(OUTCOMES[alert.outcome]) if alert.outcome else ""
        if not alert.owner_name:  # it ended by itself
            return said, "good"
        return " ".join(filter(None, (_("{name} has seen it.").format(name=alert.owner_name), said))), "good"
    if alert.status == "acknowledged" and alert.acknowledged_at is not None:
        when = booking_words.moment_words(alert.acknowledged_at, zone)
        return _("{name} has seen it: {when}.").format(name=alert.owner_name, when=when), "good"
    if alert.on_call and alert.on_call.is_sure and alert.on_call.at is not None:
        when = booking_words.moment_words(alert.on_call.at, zone)
        return _("Somebody on call was told: {when}. Nobody has looked yet.").format(when=when), "caution"
    return _("Nobody of the care team has looked yet."), "caution"


def choices(said: Mapping[str, str], among: Sequence[str]) -> list[dict[str, str]]:
    """Return what can be chosen, in its order."""
    return [{"value": code, "label": _(said[code])} for code in among]
