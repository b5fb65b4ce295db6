"""What is written to managers and patients about privacy: that there is something to look at, and where."""

from typing import Final

from portal_app.core.i18n import N_
from portal_app.features.notify.service import Kind, Template, register_template

PRIVACY_PAGE: Final = "/staff/privacy"
WHO_LOOKED_PAGE: Final = "/profile/who-looked"

OPENED: Final = register_template(
    Template(
        "privacy_opened",
        N_("A chart was opened in an emergency"),
        (
            N_("Somebody has opened the chart of a patient who is not theirs, and has given a reason."),
            N_("Please look at it and note that you did."),
        ),
        {"link": Kind.path},
        N_("See who it was and why"),
    )
)

ANSWERED: Final = register_template(
    Template(
        "privacy_answered",
        N_("We have answered your question"),
        (N_("You asked us about who looked. We have looked into it."),),
        {"link": Kind.path},
        N_("See the answer"),
    )
)
