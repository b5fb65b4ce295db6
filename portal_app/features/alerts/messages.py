"""What is written to the care team about alerts: that one waits, how urgent, and where; nothing of whom or what."""

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

_ON_CALL_LINES: Final = (
    N_("You are on call, and nobody has taken it yet."),
    N_("Open the alerts and take it, so that everybody knows who has it."),
)

ON_CALL: Final = {
    "critical": register_template(
        Template(
            "alerts_on_call_critical",
            N_("On call: an alert waits for you. Call now"),
            _ON_CALL_LINES,
            {"link": Kind.path},
            N_("Open the alerts"),
            life=timedelta(hours=2),
            text=N_("You are on call. An alert waits and is critical: look now. {link}"),
            push=N_("You are on call. An alert waits and is critical: look now."),
        )
    ),
    "urgent": register_template(
        Template(
            "alerts_on_call_urgent",
            N_("On call: an urgent alert waits for you"),
            _ON_CALL_LINES,
            {"link": Kind.path},
            N_("Open the alerts"),
            life=timedelta(hours=2),
            text=N_("You are on call. An urgent alert waits, and nobody has taken it in time. {link}"),
            push=N_("You are on call. An urgent alert waits, and nobody has taken it in time."),
        )
    ),
}
"""What whoever is on call reads, by how bad it is. Of what is routine nobody on call hears."""
