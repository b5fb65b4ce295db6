"""What must hold of visits, holds and offers whatever people did: each rule counts how often it is broken."""

from collections.abc import Iterable
from uuid import UUID

import psycopg

RULES = {
    "a practitioner is with two people at once": """
        select count(*) from slot a join slot b on a.practitioner_id = b.practitioner_id and a.id < b.id
          and a.starts_at < b.ends_at and b.starts_at < a.ends_at where not (a.is_overbooked or b.is_overbooked)""",
    "a patient is in two places at once": """
        select count(*) from appointment a join appointment b on a.patient_id = b.patient_id and a.id < b.id
          and a.starts_at < b.ends_at and b.starts_at < a.ends_at
        where a.slot_id is not null and b.slot_id is not null""",
    "an appointment without its time": """
        select count(*) from appointment a left join slot s on s.id = a.slot_id
          and (s.practitioner_id, s.starts_at, s.ends_at, s.status)
            = (a.practitioner_id, a.starts_at, a.ends_at, 'busy')
        where a.status in ('booked', 'arrived') and s.id is null""",
    "a time kept for nobody": """
        select count(*) from slot s where s.status = 'busy' and not exists (
          select from appointment a where a.slot_id = s.id and a.status <> 'cancelled')""",
    "a held time that belongs to nothing": """
        select count(*) from slot s where s.status = 'busy-tentative' and not s.is_kept and not exists (
          select from appointment a where a.slot_id = s.id and a.status = 'pending')
        and not exists (select from time_offer o where o.slot_id = s.id and o.status = 'open')""",
    "a patient who holds two times": """
        select count(*) from (
          select 1 from appointment where status = 'pending' and slot_id is not null
          group by patient_id having count(*) > 1) twice""",
    "one wish, two appointments": """
        select count(*) from (
          select 1 from appointment where status <> 'pending' group by patient_id, request_key having count(*) > 1
        ) twice""",
    "told of a booking that is not there": """
        select count(*) from unnest(%(booked)s::uuid[]) told (id)
          where not exists (select from appointment a where a.id = told.id and a.status <> 'pending')""",
    "a booking without its message, or with two": """
        select count(*) from appointment a where a.status <> 'pending' and 1 <> (
          select count(*) from procrastinate_jobs j where j.task_name = 'booking.confirm_booking'
            and j.args ->> 'appointment_id' = a.id::text)""",
    "a booking nobody can account for": """
        select count(*) from appointment a where a.status <> 'pending' and not exists (
          select from audit_event e where e.entity_id = a.id and e.action in ('booking.book', 'booking.book_for'))""",
    "an offer whose time is not kept": """
        select count(*) from time_offer o left join slot s on s.id = o.slot_id
          and (s.practitioner_id, s.starts_at, s.ends_at, s.status)
            = (o.practitioner_id, o.starts_at, o.ends_at, 'busy-tentative')
        where o.status = 'open' and o.answer_by > now() and s.id is null""",
    "one time offered to two": """
        select count(*) from time_offer a join time_offer b on a.practitioner_id = b.practitioner_id and a.id < b.id
          and a.starts_at < b.ends_at and b.starts_at < a.ends_at
        where a.status = 'open' and b.status = 'open' and least(a.answer_by, b.answer_by) > now()""",
    "an offer and somebody in line who know nothing of each other": """
        select count(*) from time_offer o full join waitlist_entry e on e.offer_id = o.id and e.id = o.entry_id
        where (o.status = 'open' and e.id is null) or (e.offer_id is not null and e.status = 'active'
          and o.status is distinct from 'open')""",
    "an offer accepted without its visit, or beside the visit it was instead of": """
        select count(*) from time_offer o join waitlist_entry e on e.id = o.entry_id
          left join appointment a on a.id = o.appointment_id and a.status <> 'pending'
        where o.status = 'accepted' and (a.id is null or e.status <> 'served' or e.appointment_id <> a.id)""",
    "served without having said yes": """
        select count(*) from waitlist_entry e where e.status = 'served' and not exists (
          select from time_offer o where o.entry_id = e.id and o.status = 'accepted')""",
    "waiting instead of a visit there is not": """
        select count(*) from waitlist_entry e join appointment a on a.id = e.appointment_id
        where e.status = 'active' and a.status <> 'booked'""",
    "told yes, and it is not": """
        select count(*) from unnest(%(accepted)s::uuid[]) told (id)
          where not exists (select from time_offer o where o.id = told.id and o.status = 'accepted')""",
    "an offer that nobody was told of, or twice": """
        select count(*) from time_offer o where o.entry_id is not null and 1 <> (
          select count(*) from outbox_message m
          where m.template = 'waiting_offer' and m.dedupe_key like '%%' || o.id || '%%')""",
    "an offer nobody can account for": """
        select count(*) from time_offer o where o.status = 'open' and not exists (
          select from audit_event e where e.entity_id = o.slot_id and e.action = 'waiting.offer')""",
    "a time declined or let go that nobody passes on": """
        select count(*) from time_offer o where o.status = 'declined' and not exists (
          select from procrastinate_jobs j where j.task_name = 'waiting.offer_freed'
            and (j.args ->> 'from_s')::bigint = extract(epoch from o.starts_at)
            and j.args ->> 'practitioner_id' = o.practitioner_id::text)""",
}  # fmt: skip


async def broken_rules(superuser: str, booked: Iterable[UUID], accepted: Iterable[UUID]) -> dict[str, int]:
    """Return how often each rule is broken, without those that hold; people were told of what is given."""
    told: dict[str, object] = {"booked": list(booked), "accepted": list(accepted)}
    async with await psycopg.AsyncConnection.connect(superuser) as connection:
        broken = {}
        for rule, query in RULES.items():
            row = await (await connection.execute(query, told)).fetchone()
            broken[rule] = row[0] if row else 0
    return {rule: count for rule, count in broken.items() if count}
