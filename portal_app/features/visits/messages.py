"""What somebody reads who left the waiting room to be called: that it is their turn, and where they go on."""

from datetime import timedelta
from typing import Final

from portal_app.core.i18n import N_
from portal_app.features.notify.service import Kind, Template, register_template

YOUR_TURN: Final = register_template(
    Template(
        "visits_your_turn",
        N_("It is your turn at {practice}"),
        (
            N_("It is your turn now. Your place is kept: open the link and say that you are there."),
            N_("We also call you on the number that you gave us."),
            N_("Questions? Call {phone}."),
        ),
        {"practice": Kind.words, "phone": Kind.words, "link": Kind.path},
        N_("Go back to my place"),
        life=timedelta(minutes=30),
        text=N_("{practice}: it is your turn now. Your place is kept: {link}"),
        about="reminder",
        push=N_("It is your turn now"),
    )
)
