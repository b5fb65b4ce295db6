"""The waiting room: one's place and an honest estimate, and what the clinician says to all who wait."""

from datetime import timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import text

from portal_app.core import audit, clock, crypto, policy
from portal_app.core.crypto import EncryptedText
from portal_app.core.db import Transaction
from portal_app.core.errors import InputRefused, NotFound
from portal_app.core.i18n import N_
from portal_app.core.realtime import announce
from portal_app.features.booking import service as booking
from portal_app.features.visits import policies, rules
from portal_app.features.visits.views import Guest, MyVisit

NOTE_MAX: Final = 200
NOTE_LIFE: Final = timedelta(hours=4)

_MINE: Final = """
select a.id as appointment_id, a.patient_id, a.status as appointment_status, v.id as visit_id,
  coalesce(v.status, '') as status, coalesce(x.state, '') as state, x.id as participant_id,
  coalesce(v.modality, a.modality) as modality, a.starts_at,
  a.ends_at, a.patient_zone as zone, coalesce(v.practitioner_id, a.practitioner_id) as practitioner_id,
  trim(p.title || ' ' || p.name) as practitioner_name, a.location_id, v.said_at, c.checked_at, v.wants_call_at,
  v.called_back_at, x.waiting_since,
  x.outside_since is not null as is_outside,
  coalesce((select r.words from visit_preparation r where r.visit_type_id = a.visit_type_id), '{}') as ready
from appointment a
left join visit v on v.appointment_id = a.id
join practitioner p on p.id = coalesce(v.practitioner_id, a.practitioner_id)
left join visit_participant x on x.visit_id = v.id and x.person_id = actor_person()
left join visit_device_check c on c.visit_id = v.id and c.checked_by = actor_person()
where a.id = :id and a.status <> 'pending'
"""
_GUESTS: Final = """
select x.id as participant_id, x.role, x.name, x.agreed_by_patient_at is not null as is_agreed from visit_participant x
  join visit v on v.id = x.visit_id
where x.visit_id = :visit_id and x.person_id is null and x.state in ('invited', 'waiting', 'admitted', 'in')
  and v.status in ('planned', 'waiting', 'in_progress') and (x.state <> 'invited' or x.link_expires_at > :now)
order by x.invited_at, x.id
"""
_QUEUE: Final = "select * from visit_queue(:visit_id, :since)"
_NOTES: Final = text("""
select n.words from waiting_room_note n where n.practitioner_id = :practitioner_id and n.until_at > :now
order by n.sent_at desc limit 3
""").columns(words=EncryptedText)
_ADD_NOTE: Final = """
insert into waiting_room_note (id, practitioner_id, words, sent_by, sent_at, until_at, request_key)
values (:id, :practitioner_id, :words, actor_person(), :now, :until, :request_key) on conflict (request_key) do nothing
"""


async def my_visit(tx: Transaction, appointment_id: UUID, *, is_repeated: bool = False) -> MyVisit:
    """Return where the actor stands with a visit: too early, waiting, in, or over.

    That a caregiver looked is recorded, unless an open page looks again.

    Raises:
        NotFound: if the actor has no such appointment.
    """
    policy.require(tx.actor, policies.VIEW.name)
    row: Any = await tx.first(_MINE, {"id": appointment_id})
    if row is None:
        raise NotFound
    columns = row._asdict()
    patient_id = columns.pop("patient_id")
    if not is_repeated:
        await audit.record_view(
            tx, "visits.view", patient_id=patient_id, entity="Appointment", entity_id=row.appointment_id
        )
    appointment_status, now = columns.pop("appointment_status"), clock.now()
    columns["status"] = rules.visit_status(columns["status"], appointment_status)
    late_min = (await booking.current_delays(tx)).get(row.practitioner_id, 0)
    ahead, wait_min = await _queue(tx, row, late_min)
    guests = await tx.all(_GUESTS, {"visit_id": row.visit_id, "now": now}) if row.visit_id else []
    notes = await tx.all(_NOTES, {"practitioner_id": row.practitioner_id, "now": now})
    return MyVisit(
        **columns, moment=rules.moment(row.starts_at, row.ends_at, now).value, late_min=late_min, ahead=ahead,
        wait_min=wait_min, notes=tuple(str(one.words) for one in notes),
        guests=tuple(Guest(**one._asdict()) for one in guests),
    )  # fmt: skip


async def _queue(tx: Transaction, row: Any, late_min: int) -> tuple[int, int]:
    now, ahead, busy_for = clock.now(), 0, None
    minutes: list[int] = []
    if row.visit_id:
        found: Any = await tx.first(_QUEUE, {"visit_id": row.visit_id, "since": now - rules.TODAY})
        if found is not None:
            ahead, minutes = found.ahead, found.minutes or []
            busy_for = round((now - found.busy_since) / timedelta(minutes=1)) if found.busy_since else None
    return ahead, rules.wait_min(ahead, busy_for, minutes, row.starts_at, late_min, now)


async def tell_waiting_room(tx: Transaction, practitioner_id: UUID, words: str, request_key: UUID) -> None:
    """Say something to everybody who waits for a clinician today; it stands on their pages for some hours.

    Raises:
        InputRefused: if there is nothing to say, or too much.
    """
    policy.require(tx.actor, policies.HOST.name)
    said = words.strip()
    if not said or len(said) > NOTE_MAX:
        raise InputRefused("words", N_("Write a message of at most 200 characters."))
    now = clock.now()
    params = {
        "id": uuid4(), "practitioner_id": practitioner_id, "words": crypto.encrypt(said), "now": now,
        "until": now + NOTE_LIFE, "request_key": request_key,
    }  # fmt: skip
    if await tx.execute(_ADD_NOTE, params):
        await audit.record(
            tx, "visits.tell_waiting_room", patient_id=None, entity="Practitioner", entity_id=practitioner_id
        )
        await announce(tx, f"visits_of:{practitioner_id}")
