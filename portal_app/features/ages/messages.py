"""What is written to people before age changes what somebody sees: that there is something to read, and where."""

from typing import Final

from portal_app.core.i18n import N_
from portal_app.features.notify.service import Kind, Template, register_template

ACTING_FOR_PAGE: Final = "/profile/acting-for"
CAREGIVERS_PAGE: Final = "/profile/caregivers"

LESS_SOON: Final = register_template(
    Template(
        "ages_less_soon",
        N_("What you see for somebody changes soon"),
        (
            N_("Somebody you act for has a birthday, or our rule of age changes, within four weeks."),
            N_("From that day on, less of their chart is open to you. You need do nothing. The day, and what closes, "
               "stand on our portal."),
        ),
        {"link": Kind.path},
        N_("See what changes"),
    )
)  # fmt: skip
YOURS_SOON: Final = register_template(
    Template(
        "ages_yours_soon",
        N_("More of your chart is your own soon"),
        (
            N_("Within four weeks, because of your age or because our rule of age changes, your parent or guardian "
               "sees less of your chart."),
            N_("You need do nothing. If you have questions, call us."),
        ),
        {"link": Kind.path},
        N_("See who acts for you"),
    )
)  # fmt: skip
