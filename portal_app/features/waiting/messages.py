"""What is written to people who wait: practice, time, place and a link to the very thing."""

from typing import Final

from portal_app.core.i18n import N_
from portal_app.features.notify.service import Kind, Template, register_template

OFFER: Final = register_template(
    Template(
        "waiting_offer",
        N_("An earlier time is free at {practice}"),
        (
            N_("A time has become free at {practice}, and it is your turn."),
            N_("When: {starts}"),
            N_("Where: {place}"),
            N_("We keep it for you until {until}. Say yes or no before then; if you say nothing, it goes to the next "
               "person and you stay on the list."),
            N_("Questions? Call {phone}."),
        ),
        {"practice": Kind.words, "place": Kind.words, "phone": Kind.words, "starts": Kind.moment, "until": Kind.moment,
         "link": Kind.path},
        N_("See it and answer"),
        text=N_("{practice}: an earlier time is free and kept for you until {until}. See it and answer: {link}"),
        about="offer",
    )
)  # fmt: skip

_WHY_TAKEN_OFF: Final = {
    "asked": N_("You asked us to."),
    "other_time": N_("You have another time with us."),
    "unreachable": N_("We tried to reach you and could not."),
    "other": N_("Call us and we tell you why."),
}
"""Why staff take somebody off the list, as that person reads it."""

TAKEN_OFF: Final = {
    why: register_template(
        Template(
            f"waiting_taken_off_{why}",
            N_("You are no longer on the waiting list at {practice}"),
            (
                N_("We have taken you off the list for an earlier time at {practice}."),
                said,
                N_("The visits you have booked stay as they are."),
                N_("Do you still want an earlier time? Ask again, or call {phone}."),
            ),
            {"practice": Kind.words, "phone": Kind.words, "link": Kind.path},
            N_("Earlier times"),
        )
    )
    for why, said in _WHY_TAKEN_OFF.items()
}
"""A mail for each reason: no mail carries words of its own. Jobs name one by its place: add at the end."""

REQUEST_ANSWERED: Final = register_template(
    Template(
        "request_answered",
        N_("{practice} has answered your request"),
        (N_("We have answered what you asked us."), N_("Questions? Call {phone}.")),
        {"practice": Kind.words, "phone": Kind.words, "link": Kind.path},
        N_("See the answer"),
    )
)
