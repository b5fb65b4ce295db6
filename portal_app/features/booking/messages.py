"""What patients are written about their appointments, beyond what notify brings along."""

from typing import Final

from portal_app.core.i18n import N_
from portal_app.features.notify.service import APPOINTMENT_REMINDER, Kind, Template, register_template

MOVED: Final = register_template(
    Template(
        "appointment_moved",
        N_("New time for your appointment at {practice}"),
        (
            N_("Your appointment at {practice} has a new time."),
            N_("New time: {starts}"),
            N_("It was: {was}"),
            N_("Where: {place}"),
            N_("You need do nothing more. The old time is free for someone else."),
            N_("Questions? Call {phone}."),
        ),
        {
            "practice": Kind.words, "place": Kind.words, "phone": Kind.words, "starts": Kind.moment, "was": Kind.moment,
            "link": Kind.path,
        },
        N_("See, move or cancel it"),
    )
)  # fmt: skip

REMINDER: Final = APPOINTMENT_REMINDER

_SERIES_FACTS: Final = {
    "practice": Kind.words, "place": Kind.words, "phone": Kind.words, "count": Kind.number,
    "starts": Kind.moment, "last": Kind.moment, "link": Kind.path,
}  # fmt: skip

SERIES: Final = register_template(
    Template(
        "appointment_series",
        N_("Your {count} appointments at {practice}"),
        (
            N_("Your {count} appointments at {practice} are booked."),
            N_("The first: {starts}"),
            N_("The last: {last}"),
            N_("Where: {place}"),
            N_("All of them are in the attached file for your calendar."),
            N_("Questions? Call {phone}."),
        ),
        _SERIES_FACTS,
        N_("See, move or cancel them"),
    )
)  # fmt: skip

SERIES_CANCELLED: Final = register_template(
    Template(
        "appointment_series_cancelled",
        N_("{count} appointments at {practice} are cancelled"),
        (
            N_("{count} of your appointments at {practice} are cancelled. You need do nothing more."),
            N_("The first: {starts}"),
            N_("The last: {last}"),
            N_("Are they in your calendar? Open the attached file and it marks all of them as cancelled."),
            N_("Questions? Call {phone}."),
        ),
        _SERIES_FACTS,
        N_("Book another time"),
    )
)  # fmt: skip
