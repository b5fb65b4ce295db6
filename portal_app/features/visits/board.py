"""The clinician's board of today's video visits, one room as its host sees it, and handing over."""

from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from portal_app.core import audit, clock, policy
from portal_app.core.crypto import EncryptedText
from portal_app.core.db import Transaction
from portal_app.core.errors import NotFound
from portal_app.features.visits import policies, rules
from portal_app.features.visits.before import SAID
from portal_app.features.visits.errors import PatientNotThere, VisitNotBegun
from portal_app.features.visits.licences import licensed_in
from portal_app.features.visits.views import BoardRow, RoomRow, RoomView, Whereabouts

_BOARD: Final = text("""
select a.id as appointment_id, v.id as visit_id, a.patient_id, x.id as participant_id,
  trim(said_name(c.given_name, c.called) || ' ' || c.family_name) as patient_name, c.birth_date, c.language,
  not (c.language = any (p.languages)) as is_interpreter_needed,
  coalesce((select i.state from visit_participant i where i.visit_id = v.id and i.role = 'interpreter'
              and i.state <> 'removed' order by i.invited_at desc limit 1), '') as interpreter,
  a.reason, a.starts_at, l.zone, coalesce(v.practitioner_id, a.practitioner_id) as practitioner_id,
  trim(p.title || ' ' || p.name) as practitioner_name, a.status as appointment_status,
  coalesce(v.status, 'planned') as status, coalesce(x.state, '') as state, v.waiting_since, v.started_at, v.ended_at,
  v.said_at is not null as is_said, d.checked_at is not null as is_checked, d.round_trip_ms, d.loss_percent,
  d.down_kbit, d.up_kbit, coalesce(d.camera, '') as camera, coalesce(d.microphone, '') as microphone,
  coalesce(d.speaker, '') as speaker, v.region,
  v.wants_call_at is not null as wants_call, v.called_back_at is not null as is_called_back
from appointment a
join location l on l.id = a.location_id
join patient c on c.id = a.patient_id
left join visit v on v.appointment_id = a.id
join practitioner p on p.id = coalesce(v.practitioner_id, a.practitioner_id)
left join lateral (select * from visit_participant y where y.visit_id = v.id and y.role in ('patient', 'caregiver')
                   order by y.state in ('waiting', 'admitted', 'in') desc, y.waiting_since limit 1) x on true
left join lateral (
  select * from visit_device_check e where e.visit_id = v.id and not exists (
    select from visit_participant g where g.id = e.checked_by) order by e.checked_at desc limit 1) d on true
where a.modality = 'video' and a.status not in ('pending', 'cancelled')
  and (a.starts_at at time zone l.zone)::date = (cast(:now as timestamptz) at time zone l.zone)::date
  and (cast(:practitioner_id as uuid) is null or coalesce(v.practitioner_id, a.practitioner_id) = :practitioner_id)
order by a.starts_at, a.id
""").columns(reason=EncryptedText, region=EncryptedText)
_ROOM: Final = text("""
select v.id as visit_id, v.appointment_id, v.patient_id,
  trim(said_name(c.given_name, c.called) || ' ' || c.family_name) as patient_name, c.pronouns,
  c.birth_date, c.language, v.status, v.modality, v.is_locked, v.is_alone, v.practitioner_id, a.location_id, a.reason,
  a.starts_at, l.zone, v.started_at, v.ended_at, v.address, v.region, v.call_back_number as number, v.company,
  d.round_trip_ms, d.loss_percent, d.down_kbit, d.up_kbit
from visit v
join appointment a on a.id = v.appointment_id
join location l on l.id = a.location_id
join patient c on c.id = v.patient_id
left join lateral (
  select * from visit_device_check e where e.visit_id = v.id and not exists (
    select from visit_participant g where g.id = e.checked_by) order by e.checked_at desc limit 1) d on true
where v.appointment_id = :id
""").columns(reason=EncryptedText, **SAID)
_PEOPLE: Final = """
select x.id as participant_id, x.role, x.name, x.state, x.person_id is null as is_guest,
  x.agreed_by_patient_at is not null as is_agreed, coalesce(k.camera, '') as camera,
  coalesce(k.microphone, '') as microphone, coalesce(k.speaker, '') as speaker,
  x.outside_since is not null as is_outside from visit_participant x
left join visit_device_check k on k.visit_id = x.visit_id and k.checked_by = coalesce(x.person_id, x.id)
where x.visit_id = :visit_id order by x.role = 'patient' desc, coalesce(x.waiting_since, x.invited_at), x.id
"""
_COLLEAGUES: Final = """
select p.id, trim(p.title || ' ' || p.name) as name, p.person_id from practitioner p
join practitioner_location w on w.practitioner_id = p.id
where w.location_id = :location_id and p.person_id is not null and p.id <> :practitioner_id order by p.name
"""
_HAND_OVER: Final = """
update visit set practitioner_id = :practitioner_id, host_id = :person_id
where id = :id and status in ('planned', 'waiting', 'in_progress')
"""

_HOSTS_GO: Final = """
update visit_participant set state = 'left', left_at = :now
where visit_id = :id and role = 'clinician' and person_id <> :person_id and state in ('admitted', 'in')
"""
_OUTSIDE: Final = """
update visit_participant set state = case when state = 'left' then state else 'waiting' end, outside_since = :now,
  waiting_since = :now
where visit_id = :visit_id and role in ('caregiver', 'family') and state in ('admitted', 'in', 'left')
"""
_INSIDE: Final = """
update visit_participant set state = case when state = 'waiting' then 'admitted' else state end, outside_since = null,
  admitted_at = case when state = 'waiting' then :now else admitted_at end
where visit_id = :visit_id and outside_since is not null
"""
_IS_THERE: Final = """
select exists (select from visit_participant x where x.visit_id = :visit_id and x.role = 'patient'
                 and x.state in ('admitted', 'in'))
"""
_OVER: Final = ("finished", "cancelled")
_MEASURED: Final = ("round_trip_ms", "loss_percent", "down_kbit", "up_kbit")


async def board(
    tx: Transaction, practitioner_id: UUID | None = None, *, is_repeated: bool = False
) -> tuple[BoardRow, ...]:
    """Return today's video visits that the actor may see, of one clinician or of all, what is over last.

    That each chart was seen is recorded, unless the same open page only keeps itself up to date (`is_repeated`).
    """
    policy.require(tx.actor, policies.HOST.name)
    now = clock.now()
    licensed = await licensed_in(tx)
    rows: Any = await tx.all(_BOARD, {"now": now, "practitioner_id": practitioner_id})
    found = sorted((_board_row(row._asdict(), licensed) for row in rows), key=lambda one: one.status in _OVER)
    if not is_repeated:
        await audit.record_each(
            tx, "visits.view_board", dict.fromkeys(one.patient_id for one in found), entity="Schedule",
            entity_id=practitioner_id,
        )  # fmt: skip
    return tuple(found)


async def room(tx: Transaction, appointment_id: UUID, *, is_repeated: bool = False) -> RoomView:
    """Return the room of an appointment as its host sees it; recorded, unless it was when they opened it.

    Raises:
        NotFound: if the actor has no such appointment, or nobody has opened the room yet.
    """
    policy.require(tx.actor, policies.HOST.name)
    row: Any = await tx.first(_ROOM, {"id": appointment_id})
    if row is None:
        raise NotFound
    if not is_repeated:
        await audit.record_view(
            tx, "visits.open", patient_id=row.patient_id, entity="Encounter", entity_id=row.visit_id
        )
    columns = row._asdict()
    said = Whereabouts(*(columns.pop(name) or "" for name in ("address", "region", "number", "company")))
    line = rules.line_quality(*(columns.pop(name) for name in _MEASURED))
    licence = rules.licence(said.region, (await licensed_in(tx)).get(row.practitioner_id, []))
    people = await tx.all(_PEOPLE, {"visit_id": row.visit_id})
    columns["reason"] = columns["reason"] or ""
    return RoomView(
        **columns,
        whereabouts=said,
        licence=licence,
        line=line,
        people=tuple(RoomRow(**one._asdict()) for one in people),
    )


async def colleagues(tx: Transaction, location_id: UUID, practitioner_id: UUID) -> tuple[tuple[UUID, str], ...]:
    """Return to whom a visit at a place can be handed over: who else works there and signs in."""
    policy.require(tx.actor, policies.HOST.name)
    rows = await tx.all(_COLLEAGUES, {"location_id": location_id, "practitioner_id": practitioner_id})
    return tuple((row.id, row.name) for row in rows)


async def hand_over(tx: Transaction, visit_id: UUID, practitioner_id: UUID) -> None:
    """Give a visit to a colleague at the same place; the patient moves along, waiting or in the room.

    Raises:
        NotFound: if the actor sees no such visit, or there is no such colleague.
        VisitNotBegun: if it is over.
    """
    policy.require(tx.actor, policies.HOST.name)
    found: Any = await tx.first(
        "select v.patient_id, v.practitioner_id, a.location_id from visit v join appointment a"
        " on a.id = v.appointment_id where v.id = :id for update of v",
        {"id": visit_id},
    )
    if found is None:
        raise NotFound
    places = {"location_id": found.location_id, "practitioner_id": found.practitioner_id}
    other = next((one for one in await tx.all(_COLLEAGUES, places) if one.id == practitioner_id), None)
    if other is None:
        raise NotFound
    params = {"id": visit_id, "practitioner_id": practitioner_id, "person_id": other.person_id}
    if not await tx.execute(_HAND_OVER, params):
        raise VisitNotBegun
    await tx.execute(_HOSTS_GO, {"id": visit_id, "person_id": other.person_id, "now": clock.now()})
    await audit.record(tx, "visits.hand_over", patient_id=found.patient_id, entity="Encounter", entity_id=visit_id)


async def be_alone(tx: Transaction, visit_id: UUID, *, is_alone: bool) -> None:
    """Ask for time alone with the patient, as with a teenager: whoever acts for them waits outside meanwhile.

    Those outside neither hear, see nor read anything of it, now or later.

    Raises:
        NotFound: if the actor sees no such visit.
        PatientNotThere: if the patient has not joined by themself, so that nobody would be left in the room.
    """
    policy.require(tx.actor, policies.HOST.name)
    if is_alone and not await tx.scalar(_IS_THERE, {"visit_id": visit_id}):
        raise PatientNotThere
    row = await tx.first(
        "update visit set is_alone = :is_alone where id = :id and status = 'in_progress' returning patient_id",
        {"id": visit_id, "is_alone": is_alone},
    )
    if row is None:
        raise NotFound
    await tx.execute(_OUTSIDE if is_alone else _INSIDE, {"visit_id": visit_id, "now": clock.now()})
    action = "visits.be_alone" if is_alone else "visits.be_together"
    await audit.record(tx, action, patient_id=row.patient_id, entity="Encounter", entity_id=visit_id)


def _board_row(columns: dict[str, Any], licensed: dict[UUID, list[rules.Licence]]) -> BoardRow:
    line = rules.line_quality(*(columns.pop(name) for name in _MEASURED))
    region = columns.pop("region") or ""
    columns["reason"] = columns["reason"] or ""
    columns["status"] = rules.visit_status(columns["status"], columns["appointment_status"])
    licence = rules.licence(region, licensed.get(columns["practitioner_id"], []))
    return BoardRow(**columns, line=line, licence=licence)
