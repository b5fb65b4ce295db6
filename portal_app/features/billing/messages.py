"""What is written to people about bills: that there is something to read, and where. No visit, no name."""

from typing import Any, Final
from uuid import UUID

from portal_app.core import i18n
from portal_app.core.db import Transaction
from portal_app.core.i18n import N_
from portal_app.features.billing.money import decimals_of
from portal_app.features.notify import service as notify
from portal_app.features.notify.service import Kind, Template, register_template
from portal_app.features.practice import service as practice

QUESTION_ANSWERED: Final = register_template(
    Template(
        "billing_question_answered",
        N_("We have answered your question"),
        (
            N_("You asked {practice} something. The answer is in your portal."),
            N_("Questions? Call {phone}."),
        ),
        {"practice": Kind.words, "phone": Kind.words, "link": Kind.path},
        N_("See the answer"),
    )
)

STATEMENT_READY: Final = register_template(
    Template(
        "billing_statement_ready",
        N_("A statement from {practice}"),
        (
            N_("There is a new statement in your portal, with how to pay and how to ask for help."),
            N_("You can pay without signing in, for sixty days: {pay}"),
            N_("Questions? Call {phone}."),
        ),
        {"practice": Kind.words, "phone": Kind.words, "link": Kind.path, "pay": Kind.path},
        N_("See the statement"),
    )
)

_OF_REFUND: Final = {"practice": Kind.words, "phone": Kind.words, "amount": Kind.words, "link": Kind.path}

REFUND_SENT: Final = register_template(
    Template(
        "billing_refund_sent",
        N_("{practice} pays you back"),
        (
            N_("{practice} pays you back {amount}, to the card or account that you paid with."),
            N_("Your bank can take up to ten days to show it."),
            N_("Questions? Call {phone}."),
        ),
        _OF_REFUND,
        N_("See what it is for"),
    )
)

REFUND_FAILED: Final = register_template(
    Template(
        "billing_refund_failed",
        N_("We could not pay you back yet"),
        (
            N_("Your bank did not take the {amount} that {practice} paid back to you."),
            N_("You have lost nothing: we keep it for you and find another way. You do not have to do anything."),
            N_("Questions? Call {phone}."),
        ),
        _OF_REFUND,
        N_("See your bill"),
    )
)

_PERSON: Final = "select id, locale from person where id = :id and disabled_at is null and email is not null"


async def tell_refund(tx: Transaction, template: Template, refund: Any, person_id: UUID | None) -> None:
    """Mail whoever paid that money goes back to them, or that it did not arrive; once, in their language."""
    person: Any = await tx.first(_PERSON, {"id": person_id})
    if person is None:
        return
    us, line = await practice.practice(tx), await practice.phone_line(tx, "billing")
    with i18n.use(person.locale):
        amount = i18n.format_money(refund.amount_minor, refund.currency, decimals_of(refund.currency))
    link = f"/bills/{refund.invoice_id}"
    await notify.enqueue_message(
        tx, person.id, template.name, f"{template.name}:{refund.id}",
        {"practice": us.name, "phone": line.number, "amount": amount, "link": link}, locale=person.locale,
        patient_id=refund.patient_id,
    )  # fmt: skip
