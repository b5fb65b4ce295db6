"""What patients are written once a visit is signed: that there is something to read, and where."""

from typing import Final

from portal_app.core.i18n import N_
from portal_app.features.notify.service import Kind, Template, register_template

SUMMARY_READY: Final = register_template(
    Template(
        "notes_summary_ready",
        N_("The summary of a visit at {practice} is ready"),
        (
            N_("The summary of a visit at {practice} is ready to read: what to do now, and when to call."),
            N_("Questions? Call {phone}."),
        ),
        {"practice": Kind.words, "phone": Kind.words, "link": Kind.path},
        N_("Read the summary"),
    )
)
