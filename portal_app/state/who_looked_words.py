"""What the lines of a chart's trail say: who it was, when, how often and why."""

from collections.abc import Sequence
from typing import Final

from portal_app.core import i18n, printing
from portal_app.core.i18n import N_, _, ngettext
from portal_app.features.privacy.service import DayOfLines, Line, QuestionView, Side, sentence

ROLES: Final = {
    "nurse": N_("Nurse"),
    "clinician": N_("Clinician"),
    "front_desk": N_("Front desk"),
    "billing": N_("Billing"),
    "manager": N_("Practice manager"),
}
_WHY: Final = {
    "nurse": N_("Because of an appointment here, or as part of the care team"),
    "clinician": N_("Because of an appointment here, or as part of the care team"),
    "front_desk": N_("Looks after appointments and contact details"),
    "billing": N_("Looks after bills"),
    "manager": N_("Runs the practice"),
}
GIVEN_REASONS: Final = {
    "emergency": (N_("A medical emergency"), N_("Not one of their own patients. Reason given: a medical emergency")),
    "covering": (
        N_("Standing in for a colleague"),
        N_("Not one of their own patients. Reason given: standing in for a colleague"),
    ),
    "asked": (
        N_("The patient needs help now"), N_("Not one of their own patients. Reason given: the patient needed help")
    ),
    "other": (N_("Another reason"), N_("Not one of their own patients. Ask us for the reason if you wish")),
}  # fmt: skip
"""What somebody says who opens a chart in an emergency, and what its patient reads of that."""

_ORDER: Final = ("clinician", "nurse", "front_desk", "billing", "manager")


def looker_words(name: str, roles: Sequence[str]) -> str:
    """Name somebody with what they are to the practice."""
    return " · ".join(filter(None, (name, _role_words(roles))))


def day_row(one: DayOfLines, zone: str) -> dict[str, str | list[dict[str, str]]]:
    """Return a day: what others did, and apart from it what the reader did."""
    others = [_line_row(line, zone) for line in one.lines if line.side is not Side.own]
    own = [_line_row(line, zone) for line in one.lines if line.side is Side.own]
    label = ngettext("What you did yourself: {count}", "What you did yourself: {count}", len(own))
    day = i18n.format_day(one.day)
    return {
        "label": day[:1].upper() + day[1:],
        "lines": others,
        "has_others": "yes" if others else "",
        "own": own,
        "own_label": label.format(count=i18n.format_number(len(own))) if own else "",
    }


def paper_lines(one: DayOfLines, zone: str) -> list[printing.Line]:
    """Return a day for the printer, what the reader did among it."""
    day = i18n.format_long_date(one.day)
    return [
        printing.Line(
            f"{row['who_given']}: {row['what']}", tuple(filter(None, (f"{day} · {row['at']}", row["as"], row["why"])))
        )
        for row in (_line_row(line, zone) for line in one.lines)
    ]


def _line_row(line: Line, zone: str) -> dict[str, str]:
    return {
        "id": str(line.id),
        "who_given": _("The portal itself") if line.side is Side.portal else line.person_name,
        "as": _as_words(line),
        "what": _(sentence(line.action).words),
        "at": _when(line, zone),
        "why": _why(line),
        "side": line.side.value,
        "state": "emergency" if line.emergency else "",
    }


def _when(line: Line, zone: str) -> str:
    newest, oldest = i18n.format_clock(line.newest, zone), i18n.format_clock(line.oldest, zone)
    if line.times == 1:
        return newest
    times = ngettext("{count} time", "{count} times", line.times).format(count=i18n.format_number(line.times))
    if newest == oldest:
        return _("{time}, {times}").format(time=newest, times=times)
    return _("{first} to {last}, {times}").format(first=oldest, last=newest, times=times)


def _as_words(line: Line) -> str:
    if line.side is Side.caregiver:
        return _("Acting for you")
    if line.side is Side.patient:
        return _("The patient")
    return "" if line.side in (Side.portal, Side.own) else _role_words(line.roles)


def line_about(one: QuestionView, zone: str) -> str:
    """Say in one sentence which line of the trail a question is about."""
    who = looker_words(one.event_person, one.event_roles)
    when = i18n.format_moment(one.event_at, zone)
    return _("About: {who}, {when}: {what}").format(who=who, when=when, what=_(sentence(one.event_action).words))


def question_row(one: QuestionView, zone: str) -> dict[str, str]:
    """Return what the reader asked, and what was answered."""
    waiting = _("We are looking into it. You get a message when there is an answer.")
    return {"id": str(one.id), "about": line_about(one, zone), "typed": one.words, "answer_given": one.answer,
            "stands": "" if one.answered_at else waiting}  # fmt: skip


def _why(line: Line) -> str:
    if line.emergency:
        return _(GIVEN_REASONS[line.emergency][1])
    if line.side is Side.portal:
        return _("So that appointments, messages and reminders work by themselves")
    known = [role for role in _ORDER if role in line.roles]
    return _(_WHY[known[0]]) if line.side is Side.staff and known else ""


def _role_words(roles: Sequence[str]) -> str:
    return " · ".join(_(ROLES[role]) for role in _ORDER if role in roles)
