"""How waiting, offers and requests are said, and what the form of a wish holds.

Call with the language of the page in use (`i18n.use`).
"""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import reduce
from uuid import UUID

from portal_app.core import clock, i18n
from portal_app.core.i18n import _, ngettext
from portal_app.features.practice.views import name_in
from portal_app.features.waiting.views import OfferView, RequestView, WaitingView
from portal_app.state import booking_words as words

PARTS = ("morning", "afternoon", "evening")
ANY = "any"
NOTICES = ("2", "24", "72")
"""How many hours of notice can be asked for."""


def part_words(part: str) -> str:
    """Name a part of the day."""
    return {"morning": _("Morning"), "afternoon": _("Afternoon")}.get(part) or _("Evening")


def weekday_words(weekday: int) -> str:
    """Name an ISO weekday as a line begins."""
    return words.opening(i18n.format_weekday(date(2024, 1, weekday)))  # a January that began on a Monday


def days_words(weekdays: int) -> str:
    """Name the days of a wish."""
    if weekdays == 127:
        return _("Any day")
    return _list([weekday_words(day) for day in range(1, 8) if weekdays & (1 << (day - 1))])


def parts_words(parts: int) -> str:
    """Name the parts of the day of a wish."""
    if parts == 7:
        return _("Any time of day")
    return _list([part_words(part) for at, part in enumerate(PARTS) if parts & (1 << at)])


def notice_words(notice_min: int) -> str:
    """Say how much notice somebody needs."""
    hours = notice_min // 60
    if hours < 24:
        return ngettext("At least {count} hour before", "At least {count} hours before", hours).format(
            count=i18n.format_number(hours)
        )
    days = hours // 24
    return ngettext("At least {count} day before", "At least {count} days before", days).format(
        count=i18n.format_number(days)
    )


def choices(pairs: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    """Return values and their labels as a form lists them."""
    return [{"value": value, "label": label, "detail": ""} for value, label in pairs]


def weekday_rows() -> list[dict[str, str]]:
    """Return the weekdays a wish can name."""
    return [{"value": str(day), "label": weekday_words(day)} for day in range(1, 8)]


def part_rows() -> list[dict[str, str]]:
    """Return the parts of the day a wish can name."""
    return [{"value": part, "label": part_words(part)} for part in PARTS]


def notice_rows() -> list[dict[str, str]]:
    """Return how much notice a wish can ask for."""
    return choices([(hours, notice_words(int(hours) * 60)) for hours in NOTICES])


def chosen_weekdays(form: Mapping[str, str]) -> tuple[int, ...]:
    """Return the weekdays ticked in a form."""
    return tuple(day for day in range(1, 8) if form.get(f"day-{day}"))


def chosen_parts(form: Mapping[str, str]) -> tuple[str, ...]:
    """Return the parts of the day ticked in a form."""
    return tuple(part for part in PARTS if form.get(f"part-{part}"))


def chosen_id(form: Mapping[str, str], name: str) -> UUID | None:
    """Return what was chosen in a list that also has "any"; None for that. Raises ValueError for what is no id."""
    value = form.get(name, ANY)
    return None if value == ANY else UUID(value)


def wish_facts(one: WaitingView) -> list[dict[str, str]]:
    """Return what somebody waits for as terms and facts."""
    anyone = _("Anyone")
    rows = [
        (_("Kind of visit"), name_in(one.visit_type_names, i18n.current())),
        (_("With"), one.practitioner_name or anyone),
        (_("Where"), words.modality_words("video") if one.modality == "video" else one.location_name or _("Any place")),
        (_("Days"), days_words(one.weekdays)),
        (_("Time of day"), parts_words(one.parts)),
        (_("Notice"), notice_words(one.notice_min)),
        (_("Waiting since"), words.opening(i18n.format_day(words.local_day(one.waiting_since, one.zone)))),
    ]
    return [{"term": term, "fact": fact} for term, fact in rows]


def offer_facts(one: OfferView) -> list[dict[str, str]]:
    """Return what an offered time is."""
    place = _("By video, on your phone") if one.modality == "video" else words.together(one.location_name, one.address)
    rows = [
        (_("Time zone"), words.opening(words.zone_words(one.starts_at, one.display_zone))),
        (_("How long"), words.duration_words(one.starts_at, one.ends_at)),
        (_("Kind of visit"), name_in(one.visit_type_names, i18n.current())),
        (_("Where"), place),
    ]
    return [{"term": term, "fact": fact} for term, fact in rows]


def offer_row(one: OfferView) -> dict[str, str]:
    """Return an offered time as a row that opens it."""
    who = f"{one.practitioner_title} {one.practitioner_name}".strip()
    return {
        "id": str(one.id),
        "title": words.moment_words(one.starts_at, one.display_zone),
        "detail": _("{who} · answer by {moment}").format(
            who=who, moment=words.moment_words(one.answer_by, one.patient_zone)
        ),
        "who": who,
        "label": _("Book {when}").format(when=words.brief_moment(one.starts_at, one.display_zone)),
        "status": offer_status(one),
        "is_open": "yes" if is_open(one) else "",
        "href": i18n.localized_path(i18n.current(), f"/offers/{one.id}"),
    }


def is_open(one: OfferView) -> bool:
    """Tell whether an offer can still be answered."""
    return one.status == "open" and one.answer_by > clock.now()


def offer_status(one: OfferView) -> str:
    """Say where an offer stands."""
    if is_open(one):
        return _("Kept for you")
    return {
        "accepted": _("Booked"),
        "declined": _("You said no"),
        "withdrawn": _("No longer kept"),
    }.get(one.status) or _("Ran out")


def request_status(one: RequestView) -> tuple[str, str]:
    """Say where a request stands, and in which tone."""
    return {
        "open": (_("We will answer"), "info"),
        "answered": (_("Answered"), "good"),
        "booked": (_("Booked"), "good"),
        "withdrawn": (_("Taken back"), "plain"),
    }.get(one.status) or (_("Closed"), "plain")


def answer_by_words(one: RequestView) -> str:
    """State the practice's promise, on the patient's clock."""
    return _("We answer by {moment}.").format(moment=words.moment_words(one.answer_by, one.zone))


def _list(said: list[str]) -> str:
    return reduce(words.together, said)
