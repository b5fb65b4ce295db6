"""See a patient's own pages as the patient sees them, to help: for minutes, read-only, in the patient's trail.

It is another session, in place of the one at work, whose rights are those the staff member has in this chart, to view.
The database ends it by itself and lets nothing be written in it (migration 0027); this module opens and closes it.
"""

import secrets
from typing import Final
from uuid import UUID, uuid4

from portal_app.core import audit, policy
from portal_app.core.db import Transaction, secret_hash
from portal_app.core.errors import InputRefused, NotFound
from portal_app.core.i18n import N_
from portal_app.features.access import service as access
from portal_app.features.privacy import policies, rules
from portal_app.features.privacy.errors import LookRefused
from portal_app.features.privacy.refusing import are_looks_refused
from portal_app.features.privacy.views import Look

_START: Final = "select locale, look, expires_at from see_as_patient(:view, :id, :hash, :patient_id, :kind)"
_STOP: Final = "select person_id, locale, look, expires_at from stop_seeing(:hash, :id, :new_hash)"
_NOW: Final = """
select coalesce(nullif(c.called, ''), c.given_name) as called,
  coalesce(nullif(c.called, ''), c.given_name) || ' ' || c.family_name as name, v.until, me.locale,
  coalesce((select l.zone from location l order by l.name limit 1), c.zone) as zone
from session s join support_view v on v.id = s.support_view_id join patient c on c.id = v.patient_id
  join person me on me.id = v.person_id
where s.id = :id
"""


async def see_as_patient(tx: Transaction, patient_id: UUID, kind: str) -> access.NewSession:
    """Return the session in which a chart's own pages open as its patient sees them; one at a time for each person.

    Raises:
        InputRefused: if no reason was chosen.
        LookRefused: if the patient does not want it.
        NotFound: if it is no chart of the actor's patients, or their own, or open to them in an emergency alone.
    """
    policy.require(tx.actor, policies.SEE.name)
    if kind not in rules.SEEING_KINDS:
        raise InputRefused("kind", N_("Choose why you need to see it."))
    secret, view_id, session_id = secrets.token_urlsafe(32), uuid4(), uuid4()
    given = {"view": view_id, "id": session_id, "hash": secret_hash(secret), "patient_id": patient_id, "kind": kind}
    row = await tx.first(_START, given)
    if row is None:
        raise LookRefused if await are_looks_refused(tx, patient_id) else NotFound
    await audit.record(
        tx, f"privacy.see_as_patient_{kind}", patient_id=patient_id, entity="Patient", entity_id=patient_id
    )
    return access.NewSession(
        secret, session_id, tx.actor.person_id, row.locale, is_staff=False, expires_at=row.expires_at, look=row.look
    )


async def stop_seeing(tx: Transaction, session_secret: str) -> access.NewSession | None:
    """End a look and return the session at work that follows it; None if there is nothing to go back to.

    The transaction is a visitor's: in the look's own nothing can be written. The secret proves who it is, once.
    """
    policy.require(tx.actor, policies.STOP.name)
    secret, session_id = secrets.token_urlsafe(32), uuid4()
    given = {"hash": secret_hash(session_secret), "id": session_id, "new_hash": secret_hash(secret)}
    row = await tx.first(_STOP, given)
    if row is None:
        return None
    return access.NewSession(
        secret, session_id, row.person_id, row.locale, is_staff=True, expires_at=row.expires_at, look=row.look
    )


async def look_now(tx: Transaction) -> Look | None:
    """Return whose pages the actor sees, and until when; None for everybody else, who is asked nothing."""
    if not tx.actor.is_onlooker():
        return None
    return Look(**(await tx.one(_NOW, {"id": tx.actor.session_id}))._asdict())


async def note_page(tx: Transaction) -> None:
    """Write a page that was seen in this way into the patient's trail."""
    chart = tx.actor.patient_id
    await audit.record(tx, "privacy.see_as_patient", patient_id=chart, entity="Patient", entity_id=chart)
