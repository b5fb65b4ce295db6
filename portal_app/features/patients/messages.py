"""What a new patient is told by mail: that they may sign in, and how."""

from typing import Final

from portal_app.core.i18n import N_
from portal_app.features.notify.service import Kind, Template, register_template

REGISTERED: Final = register_template(
    Template(
        "registration_accepted",
        N_("Welcome to {practice}"),
        (
            N_("You asked {practice} to take you as a patient. You can sign in now."),
            N_("Type this e-mail address; we send you a code. There is no password."),
            N_("Questions? Call {phone}."),
        ),
        {"practice": Kind.words, "phone": Kind.words, "link": Kind.path},
        N_("Sign in"),
    )
)
