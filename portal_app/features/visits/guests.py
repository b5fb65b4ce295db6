"""Third parties: invited by a link that works once, agreed to by the patient, in one room and nowhere else."""

import secrets
from typing import Any, Final
from uuid import UUID, uuid4

from portal_app.core import audit, clock, policy
from portal_app.core.db import GUEST_PREFIX, Transaction, secret_hash
from portal_app.core.errors import InputRefused, NotFound
from portal_app.core.i18n import N_
from portal_app.features.visits import policies, rules
from portal_app.features.visits.errors import LinkUsed, RoomLocked, VisitNotBegun
from portal_app.features.visits.joining import BY_ID
from portal_app.features.visits.rules import VisitStatus
from portal_app.features.visits.views import Invitation, Place, RoomKey

_OWN: Final = """
select x.visit_id, x.id, x.state, x.outside_since is not null as is_outside from visit_participant x
where x.id = actor_guest()
"""
ROLES: Final = ("interpreter", "family", "other_clinician")
_ADD: Final = """
insert into visit_participant (id, visit_id, patient_id, confidentiality, role, name, language, state, invited_by,
  invited_at, link_hash, link_expires_at)
values (:id, :visit_id, :patient_id, :confidentiality, :role, :name, :language, 'invited', :person_id, :now, :link_hash,
  :expires_at)
"""
_AGREE: Final = """
update visit_participant set agreed_by_patient_at = :now, agreed_by = actor_person()
where id = :id and visit_id = :visit_id and person_id is null and agreed_by_patient_at is null
  and state in ('invited', 'waiting')
"""
_DECLINE: Final = """
update visit_participant set state = 'removed', left_at = :now,
  link_expires_at = least(link_expires_at, :now), secret_expires_at = least(secret_expires_at, :now)
where id = :id and visit_id = :visit_id and person_id is null and state <> 'removed'
"""
_LINK: Final = """
select x.id, x.visit_id, x.patient_id, x.state from visit_participant x join visit v on v.id = x.visit_id
where x.link_hash = :link_hash and x.link_expires_at > :now and x.redeemed_at is null and x.state = 'invited'
  and v.status in ('planned', 'waiting', 'in_progress') for update of x
"""
_REDEEM: Final = """
update visit_participant set state = 'waiting', redeemed_at = :now, waiting_since = :now, secret_hash = :secret_hash,
  secret_expires_at = :expires_at, name = case when :name = '' then name else :name end
where id = :id
"""
_COME_BACK: Final = """
update visit_participant set state = 'waiting', waiting_since = :now where id = actor_guest() and state = 'left'
returning patient_id, visit_id
"""


async def invite(tx: Transaction, visit_id: UUID, role: str, name: str, language: str = "") -> Invitation:
    """Make the link by which somebody comes into this visit, once; the patient is asked to agree to them.

    Raises:
        NotFound: if the actor sees no such visit.
        VisitNotBegun: if it is over or was called off.
        RoomLocked: if the room is locked.
        InputRefused: if there is no such role, or the name is missing or too long.
    """
    policy.require(tx.actor, policies.HOST.name)
    if role not in ROLES:
        raise InputRefused("role", N_("Choose who this is."))
    called = _name(name)
    visit: Any = await tx.first(BY_ID, {"id": visit_id})
    if visit is None:
        raise NotFound
    if visit.status in (VisitStatus.finished, VisitStatus.cancelled):
        raise VisitNotBegun
    if visit.is_locked:
        raise RoomLocked
    now, participant_id, secret = clock.now(), uuid4(), secrets.token_urlsafe(24)
    params = {
        "id": participant_id, "visit_id": visit_id, "patient_id": visit.patient_id,
        "confidentiality": visit.confidentiality, "role": role, "name": called, "language": language,
        "person_id": tx.actor.person_id, "now": now, "link_hash": secret_hash(secret),
        "expires_at": now + rules.LINK_LIFE,
    }  # fmt: skip
    await tx.execute(_ADD, params)
    await _record(tx, "visits.invite", visit.patient_id, visit_id, role)
    return Invitation(participant_id, secret, now + rules.LINK_LIFE)


async def agree(tx: Transaction, visit_id: UUID, participant_id: UUID, *, is_welcome: bool) -> None:
    """Say as the patient, or who acts for them, whether somebody invited may come in; a no takes them out.

    Raises:
        NotFound: if there is no such guest of a visit of the chart acted for.
    """
    policy.require(tx.actor, policies.AGREE.name)
    params = {"id": participant_id, "visit_id": visit_id, "now": clock.now()}
    if not await tx.execute(_AGREE if is_welcome else _DECLINE, params):
        is_done = is_welcome and await tx.scalar(
            "select agreed_by_patient_at is not null from visit_participant where id = :id", {"id": participant_id}
        )
        if not is_done:
            raise NotFound
        return
    action = "visits.agree" if is_welcome else "visits.refuse"
    await audit.record(tx, action, patient_id=tx.actor.patient_id, entity="Encounter", entity_id=visit_id)


async def redeem(tx: Transaction, link_secret: str, name: str = "") -> RoomKey:
    """Exchange a link, once, for the key of one room; the guest then waits to be let in. Runs as the system.

    Raises:
        LinkUsed: whatever is wrong with the link.
        InputRefused: if the name they give is too long.
    """
    now, secret = clock.now(), GUEST_PREFIX + secrets.token_urlsafe(32)
    found: Any = await tx.first(_LINK, {"link_hash": secret_hash(link_secret), "now": now})
    if found is None:
        raise LinkUsed
    expires_at = now + rules.ROOM_LIFE
    called = _name(name) if name.strip() else ""
    await tx.execute(
        _REDEEM,
        {"id": found.id, "now": now, "secret_hash": secret_hash(secret), "expires_at": expires_at, "name": called},
    )
    await _record(tx, "visits.redeem", found.patient_id, found.visit_id, "guest")
    return RoomKey(found.visit_id, found.id, secret, expires_at)


def _name(typed: str) -> str:
    name = " ".join(typed.split())
    if not name:
        raise InputRefused("name", N_("Enter the name that everybody in the visit will see."))
    if len(name) > rules.NAME_MAX or not name.isprintable():
        raise InputRefused("name", N_("Use a name of at most 60 letters."))
    return name


async def _record(tx: Transaction, action: str, patient_id: UUID, visit_id: UUID, role: str) -> None:
    await audit.record(tx, action, patient_id=patient_id, entity="Encounter", entity_id=visit_id, detail={"role": role})


async def my_seat_outside(tx: Transaction) -> Place:
    """Return where the guest who acts stands; whether the visit goes on they learn once they have been let in.

    Raises:
        NotFound: if whoever acts is no guest.
    """
    policy.require(tx.actor, policies.ROOM.name)
    row: Any = await tx.first(_OWN)
    if row is None:
        raise NotFound
    return Place(row.visit_id, row.id, row.state, "", row.is_outside)


async def come_back(tx: Transaction) -> None:
    """Wait to be let in again after leaving; whoever was taken out stays out.

    Raises:
        NotFound: if whoever acts is no guest who has left.
    """
    policy.require(tx.actor, policies.ROOM.name)
    row: Any = await tx.first(_COME_BACK, {"now": clock.now()})
    if row is None:
        raise NotFound
    await _record(tx, "visits.redeem", row.patient_id, row.visit_id, "guest")
