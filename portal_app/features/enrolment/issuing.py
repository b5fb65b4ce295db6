"""Staff issue, print and withdraw activations."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from portal_app.core import audit, clock, policy
from portal_app.core.crypto import EncryptedText
from portal_app.core.db import Transaction
from portal_app.core.errors import InputRefused, NotFound
from portal_app.core.i18n import N_
from portal_app.core.jobs import enqueue
from portal_app.features.access import service as access
from portal_app.features.enrolment import jobs, policies, rules
from portal_app.features.enrolment.errors import AlreadyEnrolled, TooYoung
from portal_app.features.enrolment.making import WITHDRAW, make_activation, note
from portal_app.features.enrolment.secret import code_of, link_of
from portal_app.features.enrolment.views import CardView, Channel, Chart, EnrolmentView, Stage

_CHART: Final = """
select c.confidentiality, c.language,
  exists (select from access_grant g where g.patient_id = c.id and g.basis = 'self') as has_sign_in,
  signs_in_by_age(c.id, c.birth_date) as is_old_enough
from patient c where c.id = :id
"""
_STATE: Final = text("""
select c.id, o.done, o.finished_at, o.person_id is not null as is_new,
  exists (select from access_grant g where g.patient_id = c.id and g.basis = 'self') as has_sign_in,
  a.id as activation_id, a.channel, a.email, a.created_at, a.expires_at, a.opened_at,
  coalesce((select t.tries from activation_try t where t.subject = a.id::text), 0) as tries
from patient c left join onboarding o on o.patient_id = c.id
left join activation a on a.patient_id = c.id and a.used_at is null and a.revoked_at is null
where c.id = :id
""").columns(email=EncryptedText)
_CARDS: Final = """
select a.id, a.patient_id, a.locale, a.expires_at, c.given_name, c.family_name
from activation_batch_item i join activation a on a.id = i.activation_id join patient c on c.id = a.patient_id
where i.batch_id = :id and a.channel = 'card' and a.used_at is null and a.revoked_at is null and a.expires_at > :now
order by c.family_name, c.given_name, c.id
"""
_CARD: Final = """
select a.id, a.patient_id, a.locale, a.expires_at, c.given_name, c.family_name
from activation a join patient c on c.id = a.patient_id
where a.id = :id and a.channel = 'card' and a.used_at is null and a.revoked_at is null and a.expires_at > :now
"""


async def issue_activation(
    tx: Transaction, patient_id: UUID, channel: Channel, request_key: UUID, typed_email: str = ""
) -> UUID:
    """Make an activation, as a card or sent to an address, in the chart's language; it replaces the one before.

    The same key makes one activation. Returns its id.

    Raises:
        NotFound: if the actor may not see the chart.
        AlreadyEnrolled: if somebody signs in for it already.
        TooYoung: if by the rule of age nobody does so for themself yet.
        InputRefused: if an address is wanted and the text cannot be one.
        ActivationRaced: if a colleague made one at the same moment.
    """
    policy.require(tx.actor, policies.ISSUE.name)
    known: UUID | None = await tx.scalar("select id from activation where request_key = :key", {"key": request_key})
    if known is not None:
        return known
    chart = await tx.first(_CHART, {"id": patient_id})
    if chart is None:
        raise NotFound
    if chart.has_sign_in:
        raise AlreadyEnrolled
    if not chart.is_old_enough:
        raise TooYoung
    email = _address(typed_email) if channel == "mail" else None
    about = Chart(patient_id, chart.confidentiality, chart.language)
    activation_id = await make_activation(tx, about, request_key, email)
    if channel == "mail":
        await enqueue(tx, jobs.send_invitation, activation_id=activation_id)
    return activation_id


def _address(typed: str) -> str:
    email = access.normalised_email(typed)
    if email is None:
        raise InputRefused("email", N_("Write the e-mail address like this: name@example.org"))
    return email


async def revoke_activation(tx: Transaction, patient_id: UUID) -> None:
    """Withdraw the activation of a chart; one that is gone already is as wished.

    Raises:
        NotFound: if the actor may not see the chart.
    """
    policy.require(tx.actor, policies.ISSUE.name)
    if await tx.first(_CHART, {"id": patient_id}) is None:
        raise NotFound
    if await tx.execute(WITHDRAW, {"id": patient_id, "now": clock.now()}):
        await note(tx, "enrolment.revoke", patient_id, patient_id)


async def enrolment_of(tx: Transaction, patient_id: UUID) -> EnrolmentView:
    """Return how far the person of a chart is.

    Raises:
        NotFound: if the actor may not see the chart.
    """
    policy.require(tx.actor, policies.ISSUE.name)
    row = await tx.first(_STATE, {"id": patient_id})
    if row is None:
        raise NotFound
    return stage_of(row)


def stage_of(row: Any) -> EnrolmentView:
    """Read how far somebody is from a row of their chart, their first steps and the activation that is out."""
    left = rules.steps_left(row.done or ()) if row.is_new and row.finished_at is None else ()
    if row.has_sign_in:
        stage: Stage = "settling" if left else "in"
        return EnrolmentView(stage, None, None, "", None, None, None, left)
    if row.activation_id is None:
        return EnrolmentView("none", None, None, "", None, None, None, ())
    stage = rules.stage_out(row.expires_at, row.opened_at, row.tries, clock.now())
    return EnrolmentView(
        stage, row.activation_id, row.channel, row.email or "", row.created_at, row.expires_at, row.opened_at, ()
    )


async def card(tx: Transaction, activation_id: UUID) -> CardView:
    """Return what is printed on a card; recorded.

    Raises:
        NotFound: if there is no such card any more, or the actor may not see its chart.
    """
    policy.require(tx.actor, policies.ISSUE.name)
    row = await tx.first(_CARD, {"id": activation_id, "now": clock.now()})
    if row is None:
        raise NotFound
    await audit.record(
        tx, "enrolment.print_card", patient_id=row.patient_id, entity="Activation", entity_id=activation_id
    )
    return _card(row)


async def cards_of_batch(tx: Transaction, batch_id: UUID) -> Sequence[CardView]:
    """Return the cards of a batch that still work, by name; each is recorded."""
    policy.require(tx.actor, policies.ISSUE.name)
    rows: Sequence[Any] = await tx.all(_CARDS, {"id": batch_id, "now": clock.now()})
    shown = [row.patient_id for row in rows]
    await audit.record_each(tx, "enrolment.print_card", shown, entity="Activation", entity_id=batch_id)
    return [_card(row) for row in rows]


def _card(row: Any) -> CardView:
    name = f"{row.given_name} {row.family_name}".strip()
    code = rules.written_code(code_of(row.id))
    return CardView(row.id, name, row.locale, code, jobs.link_path(link_of(row.id)), row.expires_at)
