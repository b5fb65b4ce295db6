"""What is written to the care team about alerts: that one waits, and where; nothing of whom or what."""

from datetime import timedelta
from typing import Final

from portal_app.core.i18n import N_
from portal_app.features.notify.service import Kind, Template, register_template

ALERTS_PAGE: Final = "/staff/alerts"

WAITING: Final = register_template(
    Template(
        "alerts_waiting",
        N_("An alert waits for you"),
        (
            N_("Something about a patient has to be looked at soon, and nobody has taken it yet."),
            N_("Open the alerts and take it, so that everybody knows who has it."),
        ),
        {"link": Kind.path},
        N_("Open the alerts"),
        life=timedelta(hours=2),
    )
)
