"""Make an activation; it takes the place of the one that was out before."""

from typing import Final
from uuid import UUID, uuid4

from sqlalchemy.dialects.postgresql import insert

from portal_app.core import audit, clock, i18n
from portal_app.core.db import Transaction, secret_hash
from portal_app.core.realtime import announce
from portal_app.features.enrolment import rules
from portal_app.features.enrolment.errors import ActivationRaced
from portal_app.features.enrolment.secret import code_hash, code_of, link_of
from portal_app.features.enrolment.tables import Activation
from portal_app.features.enrolment.views import Chart

TOPIC: Final = "enrolment:all"
"""Announced when somebody is invited, opens a link, or is in."""

WITHDRAW: Final = """
update activation set revoked_at = :now where patient_id = :id and used_at is null and revoked_at is null
"""


async def make_activation(tx: Transaction, chart: Chart, request_key: UUID, email: str | None) -> UUID:
    """Make an activation in the chart's language, sent to an address or, without one, as a card; return its id.

    Raises:
        ActivationRaced: if a colleague made one at the same moment.
    """
    await tx.execute(WITHDRAW, {"id": chart.patient_id, "now": clock.now()})
    activation_id, channel = uuid4(), "mail" if email else "card"
    values = {
        "id": activation_id, "patient_id": chart.patient_id, "confidentiality": chart.confidentiality,
        "channel": channel, "link_hash": secret_hash(link_of(activation_id)), "email": email,
        "locale": chart.language if chart.language in i18n.LOCALES else i18n.DEFAULT_LOCALE,
        "code_hash": None if email else code_hash(code_of(activation_id)),
        "request_key": request_key, "created_by": tx.actor.person_id, "created_at": clock.now(),
        "expires_at": clock.now() + rules.ACTIVATION_LIFE,
    }  # fmt: skip
    added = insert(Activation).values(**values).on_conflict_do_nothing().execution_options(preserve_rowcount=True)
    if not await tx.execute(added):
        raise ActivationRaced
    await note(tx, "enrolment.issue", chart.patient_id, activation_id, {"channel": channel})
    return activation_id


async def note(
    tx: Transaction, action: str, patient_id: UUID, entity_id: UUID, detail: dict[str, str] | None = None
) -> None:
    """Record something done about an activation, and tell the pages that show it."""
    await audit.record(tx, action, patient_id=patient_id, entity="Activation", entity_id=entity_id, detail=detail)
    await announce(tx, TOPIC, f"patient:{patient_id}")
