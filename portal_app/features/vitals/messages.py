"""What is written to patients about measuring: that they asked to be reminded; nothing of what."""

from datetime import timedelta
from typing import Final

from portal_app.core.i18n import N_
from portal_app.features.notify.service import Kind, Template, register_template

PAGE: Final = "/vitals"

REMINDER: Final = register_template(
    Template(
        "vitals_reminder",
        N_("The reminder you asked for"),
        (
            N_("You asked us to remind you at this time."),
            N_("Open the portal to see what it is about. You can change or stop the reminders there."),
        ),
        {"link": Kind.path},
        N_("Open the portal"),
        life=timedelta(hours=2),
    )
)
