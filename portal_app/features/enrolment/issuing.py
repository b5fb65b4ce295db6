"""Staff issue, print and withdraw activations."""

from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from portal_app.core import audit, clock, i18n, policy
from portal_app.core.crypto import EncryptedText
from portal_app.core.db import Transaction, secret_hash
from portal_app.core.errors import InputRefused, NotFound
from portal_app.core.i18n import N_
from portal_app.core.jobs import enqueue
from portal_app.core.realtime import announce
from portal_app.features.access import service as access
from portal_app.features.enrolment import jobs, policies, rules
from portal_app.features.enrolment.errors import ActivationRaced, AlreadyEnrolled
from portal_app.features.enrolment.secret import code_hash, code_of, link_of
from portal_app.features.enrolment.tables import Activation
from portal_app.features.enrolment.views import CardView, Channel, EnrolmentView, Stage

TOPIC: Final = "enrolment:all"
"""Announced when somebody is invited, opens a link, or is in."""

_CHART: Final = """
select c.confidentiality, c.language,
  exists (select from access_grant g where g.patient_id = c.id and g.basis = 'self') as has_sign_in
from patient c where c.id = :id
"""
_WITHDRAW: Final = """
update activation set revoked_at = :now where patient_id = :id and used_at is null and revoked_at is null
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
    email = _address(typed_email) if channel == "mail" else None
    await tx.execute(_WITHDRAW, {"id": patient_id, "now": clock.now()})
    activation_id, locale = uuid4(), chart.language if chart.language in i18n.LOCALES else i18n.DEFAULT_LOCALE
    values = {
        "id": activation_id, "patient_id": patient_id, "confidentiality": chart.confidentiality, "channel": channel,
        "link_hash": secret_hash(link_of(activation_id)), "email": email, "locale": locale,
        "code_hash": code_hash(code_of(activation_id)) if channel == "card" else None,
        "request_key": request_key, "created_by": tx.actor.person_id, "created_at": clock.now(),
        "expires_at": clock.now() + rules.ACTIVATION_LIFE,
    }  # fmt: skip
    added = insert(Activation).values(**values).on_conflict_do_nothing().execution_options(preserve_rowcount=True)
    if not await tx.execute(added):
        raise ActivationRaced
    await _note(tx, "enrolment.issue", patient_id, activation_id, {"channel": channel})
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
    if await tx.execute(_WITHDRAW, {"id": patient_id, "now": clock.now()}):
        await _note(tx, "enrolment.revoke", patient_id, patient_id)


async def enrolment_of(tx: Transaction, patient_id: UUID) -> EnrolmentView:
    """Return how far the person of a chart is.

    Raises:
        NotFound: if the actor may not see the chart.
    """
    policy.require(tx.actor, policies.ISSUE.name)
    row = await tx.first(_STATE, {"id": patient_id})
    if row is None:
        raise NotFound
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
    name = f"{row.given_name} {row.family_name}".strip()
    code = rules.written_code(code_of(row.id))
    return CardView(row.id, name, row.locale, code, jobs.link_path(link_of(row.id)), row.expires_at)


async def _note(
    tx: Transaction, action: str, patient_id: UUID, entity_id: UUID, detail: dict[str, str] | None = None
) -> None:
    await audit.record(tx, action, patient_id=patient_id, entity="Activation", entity_id=entity_id, detail=detail)
    await announce(tx, TOPIC, f"patient:{patient_id}")
