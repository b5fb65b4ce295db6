"""What is mailed on the way to an account; no health information, nor whose chart it is."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final
from uuid import UUID

from portal_app.core.db import SYSTEM_PERSON_ID, Transaction
from portal_app.core.i18n import N_
from portal_app.features.notify.service import Kind, Template, enqueue_message, register_template

INVITATION: Final = register_template(
    Template(
        "enrolment_invitation",
        N_("Your way into the portal of {practice}"),
        (
            N_("{practice} invites you to its portal on the web: see your visits, book and move them, at any hour."),
            N_("The button asks for your name and your birth date, and then lets you in. There is no password."),
            N_("It works once, for thirty days. Do not pass this e-mail on."),
            N_("Questions, or not meant for you? Call {phone}."),
        ),
        {"practice": Kind.words, "phone": Kind.words, "link": Kind.path},
        N_("Open my account"),
        life=timedelta(days=2),
    )
)

CODE: Final = register_template(
    Template(
        "enrolment_code",
        N_("Your code for the portal"),
        (
            N_("Your code is {code}"),
            N_("It works once, for ten minutes, in the browser where you asked for it."),
            N_("If you did not ask for a code, you need do nothing: nobody can sign in without it."),
            N_("We will never ask you for this code by phone or by message."),
        ),
        {"code": Kind.code},
        life=timedelta(minutes=10),
    )
)


async def send(
    tx: Transaction, address: str, template: Template, key: str, params: Mapping[str, str], locale: str, *,
    patient_id: UUID | None = None,
) -> None:  # fmt: skip
    """Leave a mail for an address that nobody signs in with yet; it stands under the portal's own name."""
    await enqueue_message(
        tx, SYSTEM_PERSON_ID, template.name, key, params, to=address, locale=locale, patient_id=patient_id
    )
