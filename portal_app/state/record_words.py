"""A record on paper: each part of a chart under its title. Call inside `i18n.use`."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from portal_app.core import i18n
from portal_app.core.i18n import N_, _
from portal_app.core.printing import Line, Part, Sheet
from portal_app.features.access.service import CaregiverView
from portal_app.features.booking.service import AppointmentView
from portal_app.features.intake import service as intake
from portal_app.features.notes.service import PastVisit
from portal_app.features.record.service import PARTS, Record
from portal_app.state import (
    bill_words,
    booking_words,
    coverage_words,
    estimates,
    note_words,
    share_words,
    staff_form,
    vital_words,
    who_looked_words,
)
from portal_app.state.me import REACHED_BY

TITLES: Final[Mapping[str, str]] = {
    "about": N_("About you"), "caregivers": N_("Caregivers"), "appointments": N_("Appointments"),
    "lists": N_("Medicines and allergies"), "visits": N_("Summaries of visits"),
    "documents": N_("Documents and photos"), "forms": N_("Forms you sent"), "readings": N_("Readings"),
    "bills": N_("Bills"), "estimates": N_("Estimates"), "coverages": N_("Insurance"), "who_looked": N_("Who looked"),
}  # fmt: skip

SEVERITIES: Final[Mapping[str, str]] = {"mild": N_("Mild"), "moderate": N_("Moderate"), "severe": N_("Severe")}


def sheet(record: Record, practice: str) -> Sheet:
    """Return all of it for the printer; a part that is empty says so, one that is not shared is named at the end."""
    facts = [record.name]
    if record.birth_date is not None:
        facts.append(_("Born: {day}").format(day=i18n.format_long_date(record.birth_date)))
    facts.append(_("As of {when}").format(when=_when(record.made_at, record.zone)))
    facts.append(practice)
    parts = [part for name in record.parts for part in _parts(name, record)]
    missing = [_(TITLES[name]) for name in PARTS if name not in record.parts and name != "caregivers"]
    if missing:
        parts.append(Part("not_shared", _("Not shared with you"), tuple(map(Line, missing))))
    return Sheet(_("Your record"), practice, tuple(facts), tuple(parts))


def _parts(name: str, record: Record) -> Iterable[Part]:
    if name == "forms" and record.forms:
        return [_form(one, record.zone) for one in record.forms]
    if name == "visits" and record.visits:
        return [_visit(one, record) for one in record.visits]
    lines = tuple(_LINES[name](record))
    return [Part(name, _(TITLES[name]), lines or (Line(_("Nothing here")),))]


def _about(record: Record) -> Iterable[Line]:
    said = record.about
    if said is None:
        return
    contact, pharmacy = said.emergency_contact, said.pharmacy
    wish = "" if said.reached_by == "either" else _(REACHED_BY[said.reached_by])
    told = (
        (_("The name we call you by"), (said.called,)), (_("Pronouns"), (said.pronouns,)),
        (_("Emergency contact"), (contact.name, contact.relation, contact.phone)),
        (_("Pharmacy"), (pharmacy.name, pharmacy.address, pharmacy.phone)),
        (_("When there is something to talk about"), (wish,)),
    )  # fmt: skip
    for title, parts in told:
        if any(parts):
            yield Line(_titled(title, " · ".join(filter(None, parts))))


def _caregivers(record: Record) -> Iterable[Line]:
    return (_caregiver(one, record.zone) for one in record.caregivers)


def _caregiver(one: CaregiverView, zone: str) -> Line:
    since = one.accepted_at or one.invited_at
    shared = " · ".join(share_words.share_lines(one.ticked))
    stands = f"{_(share_words.STATUSES[one.status][0])} · {_when(since, zone)}"
    return Line(one.name, tuple(filter(None, (_(share_words.RELATIONSHIPS[one.relationship]), stands, shared))))


def _appointments(record: Record) -> Iterable[Line]:
    return (_appointment(one) for one in record.appointments)


def _appointment(one: AppointmentView) -> Line:
    kind = one.visit_type_names.get(i18n.current()) or one.visit_type_names.get(i18n.DEFAULT_LOCALE, "")
    who = f"{one.practitioner_title} {one.practitioner_name}".strip()
    where = f"{booking_words.modality_words(one.modality)} · {_typed(one.location_name)}"
    notes = (f"{_typed(who)} · {_typed(kind)}", where, _typed(one.reason or ""))
    stands = booking_words.status_words(one.status)
    return Line(f"{_when(one.starts_at, one.display_zone)} · {stands}", tuple(filter(None, notes)))


def _lists(record: Record) -> Iterable[Line]:
    if record.lists is None:
        return
    for one in record.lists.standing("medication", "allergy", "no_allergies"):
        if one.kind == "no_allergies":
            yield Line(_("No known allergies"))
            continue
        kind = _("Medicine") if one.kind == "medication" else _("Allergy")
        severity = SEVERITIES.get(one.content.get("severity", ""), "")
        told = (_typed(one.content.get(part, "")) for part in ("how", "why", "prescriber", "reaction"))
        yield Line(
            _titled(kind, one.content.get("name", "")), tuple(filter(None, (*told, _(severity) if severity else "")))
        )


def _visit(one: PastVisit, record: Record) -> Part:
    when = next((a.starts_at for a in record.appointments if a.id == one.appointment_id), one.sent_at)
    lines: list[Line] = []
    for part in one.parts:
        lines += [Line(part.title, (part.intro,))] if part.intro else []
        lines += [Line(_titled(part.title, line.text), tuple(map(_typed, line.notes))) for line in part.lines]
    lines += [Line(_titled(_("Diagnosis"), f"{found.words} ({found.code})")) for found in one.diagnoses]
    if one.note is not None:
        signed = note_words.signed_words(one.note, record.zone)
        lines += [Line(_titled(row["title"], row["text"])) for row in note_words.note_rows(one.note)]
        lines += [Line(_typed(row["text"]), (row["who"],)) for row in note_words.addenda_rows(one.note, record.zone)]
        lines += [Line(signed)] if signed else []
    title = _("Summary of your visit, {day}").format(day=_day(when, record.zone))
    return Part("visits", title, tuple(lines))


def _documents(record: Record) -> Iterable[Line]:
    for one in record.documents:
        yield Line(one.filename, (" · ".join(filter(None, (one.sent_by, _when(one.sent_at, one.zone)))),))


def _form(one: intake.OwnForm, zone: str) -> Part:
    title = intake.said(one.questionnaire.title, i18n.current(), one.questionnaire.language)
    answers = [Line(row["question"], (_typed(row["answer"]),)) for row in staff_form.answer_rows(one)]
    totals = [Line(_titled(row["term"], row["fact"])) for row in staff_form.total_rows(one)]
    sent = _("Sent by {name}, {moment}").format(name=one.submitted_by, moment=_when(one.submitted_at, zone))
    return Part("forms", title, (*totals, *answers), sent)


def _readings(record: Record) -> Iterable[Line]:
    for one in record.readings:
        said = _titled(_(vital_words.NAMES[one.measure]), vital_words.reading_words(one))
        notes = (_when(one.taken_at, one.zone), vital_words.detail_words(one), _typed(one.note))
        yield Line(said, tuple(filter(None, notes)))


def _bills(record: Record) -> Iterable[Line]:
    for one, postings in record.bills:
        status, _tone = bill_words.status_of(one, record.made_at.astimezone(ZoneInfo(one.zone)).date())
        history = bill_words.history_of(one, list(postings))
        told = (
            f"{_day(posting.made_at, one.zone)}: {row['title']} {row['amount']}"
            for posting, row in zip(postings, history, strict=True)
        )
        amount = bill_words.money(one.charged_minor, one.currency)
        title = _("{day} with {who}").format(day=_day(one.served_at, one.zone), who=one.practitioner)
        yield Line(title, (_typed(one.service_words), status, *told), amount=amount)


def _estimates(record: Record) -> Iterable[Line]:
    for one in record.estimates:
        when = _when(one.starts_at, one.zone)
        notes = (_("{when}, with {who}").format(when=when, who=one.practitioner), one.service_words)
        yield Line(estimates.kind_words(one), tuple(filter(None, notes)), amount=estimates.standing(one)[0])


def _coverages(record: Record) -> Iterable[Line]:
    for one in record.coverages:
        facts = tuple(_titled(row["term"], row["fact"]) for row in coverage_words.facts(one))
        yield Line(coverage_words.title(one), (coverage_words.standing(one)[0], *facts))


def _looked(record: Record) -> Iterable[Line]:
    for day in record.who_looked:
        yield from who_looked_words.paper_lines(day, record.zone)
    if record.is_cut:
        yield Line(_("What is older stands on the page “Who looked”."))


def _titled(title: str, said: str) -> str:
    return _("{title}: {said}").format(title=title, said=_typed(said))


def _typed(words: str) -> str:
    """Keep words that may be of another script together, so that "1 tablet" begins with its number in Arabic too."""
    return f"\u2068{words}\u2069" if words else ""


def _when(moment: datetime, zone: str) -> str:
    """Say a moment with its year: such a file is read years later."""
    return _("{day} at {time}").format(day=_day(moment, zone), time=i18n.format_clock(moment, zone))


def _day(moment: datetime, zone: str) -> str:
    return i18n.format_long_date(moment.astimezone(ZoneInfo(zone)).date())


_LINES: Final[Mapping[str, Callable[[Record], Iterable[Line]]]] = {
    "about": _about, "caregivers": _caregivers, "appointments": _appointments, "lists": _lists,
    "visits": lambda _none: (), "documents": _documents, "forms": lambda _none: (), "readings": _readings,
    "bills": _bills, "estimates": _estimates, "coverages": _coverages, "who_looked": _looked,
}  # fmt: skip
