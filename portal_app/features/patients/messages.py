"""What a new patient is told by mail: that they may sign in, and how."""

from typing import Final

from portal_app.core.i18n import N_
from portal_app.features.notify.service import Kind, Template, register_template

ADDRESS_IN_USE: Final = register_template(
    Template(
        "registration_by_phone",
        N_("Your request to {practice}"),
        (
            N_("With this e-mail address somebody asked {practice} to take a new patient. We have said yes."),
            N_("This address already signs in to the portal, and one address signs in for one person. So we call the "
               "telephone number in the request to arrange the rest; until then nothing changes when you sign in."),
            N_("Was it not you? Then you need do nothing. Questions? Call {phone}."),
        ),
        {"practice": Kind.words, "phone": Kind.words},
    )
)  # fmt: skip

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
