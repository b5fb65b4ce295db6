"""What people are told about their addresses: at the old one that it was changed, and what to do if it was not them."""

from typing import Final

from portal_app.core.i18n import N_
from portal_app.features.notify.service import Kind, Template, register_template

_NOT_YOU: Final = N_("If this was not you, call us now: {phone}. We put it back and sign everybody out.")

EMAIL_CHANGED: Final = register_template(
    Template(
        "profile_email_changed",
        N_("Your e-mail address was changed"),
        (
            N_("The e-mail address with which you sign in to the portal of {practice} was changed. This one does not "
               "sign you in any more."),
            _NOT_YOU,
        ),
        {"practice": Kind.words, "phone": Kind.words},
    )
)  # fmt: skip

PHONE_CHANGED: Final = register_template(
    Template(
        "profile_phone_changed",
        N_("Your telephone number was changed"),
        (N_("The number under which {practice} reaches you by text message was changed."), _NOT_YOU),
        {"practice": Kind.words, "phone": Kind.words},
        text=N_("{practice}: the number of your account was changed. If this was not you, call us now: {phone}"),
    )
)

PUT_BACK: Final = register_template(
    Template(
        "profile_put_back",
        N_("Your address is as it was"),
        (
            N_("{practice} has put your e-mail address or telephone number back to what it was, and signed out every "
               "device. Sign in again."),
            N_("Questions? Call {phone}."),
        ),
        {"practice": Kind.words, "phone": Kind.words, "link": Kind.path},
        N_("Sign in"),
    )
)  # fmt: skip
