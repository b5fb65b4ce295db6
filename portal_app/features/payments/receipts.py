"""Messages about payments: how much and where, never what for."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from portal_app.core import i18n
from portal_app.core.db import Transaction
from portal_app.core.i18n import N_
from portal_app.features.billing import service as billing
from portal_app.features.notify import service as notify
from portal_app.features.payments import statements
from portal_app.features.practice import service as practice

_FACTS: Final = {
    "practice": notify.Kind.words, "phone": notify.Kind.words, "amount": notify.Kind.words, "link": notify.Kind.path,
}  # fmt: skip
PAID = notify.register_template(
    notify.Template(
        "payment_paid",
        N_("Your payment to {practice}"),
        (
            N_("{practice} has received your payment of {amount}. Thank you."),
            N_("What it was for is in your portal."),
            N_("Questions? Call {phone}."),
        ),
        _FACTS,
        N_("See your receipt"),
    )
)
FAILED = notify.register_template(
    notify.Template(
        "payment_failed",
        N_("Your payment to {practice} did not go through"),
        (
            N_("Your bank did not make the payment of {amount} to {practice}. You were not charged."),
            N_("You can pay again in your portal, another way if you like."),
            N_("Questions? Call {phone}."),
        ),
        _FACTS,
        N_("See what happened"),
    )
)


async def tell(tx: Transaction, attempt: Any, status: str) -> None:
    """Mail whoever paid what became of it, once, in their language."""
    await tell_all(tx, [(attempt, status)])


async def tell_all(tx: Transaction, outcomes: Sequence[tuple[Any, str]]) -> None:
    """Mail everybody who paid one of several attempts what became of it."""
    readers = {row.id: row.locale for row in await tx.all(
        statements.PEOPLE, {"ids": list({attempt.person_id for attempt, _ in outcomes})}
    )} if outcomes else {}  # fmt: skip
    if not readers:
        return
    us, phone = await practice.practice(tx), await practice.phone_line(tx, "billing")
    for attempt, status in outcomes:
        if attempt.person_id in readers:
            await _tell(
                tx, attempt, PAID if status == "paid" else FAILED, readers[attempt.person_id], us.name, phone.number
            )


async def _tell(tx: Transaction, attempt: Any, template: notify.Template, locale: str, name: str, phone: str) -> None:
    with i18n.use(locale):
        amount = i18n.format_money(attempt.amount_minor, attempt.currency, billing.decimals_of(attempt.currency))
    link = f"/pay/return?attempt={attempt.id}"
    await notify.enqueue_message(
        tx,
        person_id=attempt.person_id,
        template=template.name,
        dedupe_key=f"{template.name}:{attempt.id}",
        params={"practice": name, "phone": phone, "amount": amount, "link": link},
        locale=locale,
        patient_id=attempt.patient_id,
    )


SOON = notify.register_template(
    notify.Template(
        "payment_soon",
        N_("Your next payment to {practice}"),
        (
            N_("On {day} we charge {amount} to the card you keep with us, as you planned."),
            N_("You can stop the plan in your portal until then."),
            N_("Questions? Call {phone}."),
        ),
        _FACTS | {"day": notify.Kind.words},
        N_("See your plan"),
    )
)


async def announce(tx: Transaction, part: Any, day: date) -> None:
    """Tell whoever pays by a plan how much is charged and when, once for each part."""
    person: Any = await tx.first(statements.PERSON, {"id": part.person_id})
    if person is None:
        return
    us, phone = await practice.practice(tx), await practice.phone_line(tx, "billing")
    with i18n.use(person.locale):
        amount = i18n.format_money(part.amount_minor, part.currency, billing.decimals_of(part.currency))
        said = i18n.format_long_date(day)
    await notify.enqueue_message(
        tx,
        person_id=person.id,
        template=SOON.name,
        dedupe_key=f"{SOON.name}:{part.id}",
        params={
            "practice": us.name, "phone": phone.number, "amount": amount, "day": said,
            "link": f"/pay/plan?about={part.plan_id}",
        },
        locale=person.locale,
        patient_id=part.patient_id,
    )  # fmt: skip
