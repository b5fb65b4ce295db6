"""Past visits of the demo with signed notes, summaries and charges, and one note that waits for its signature."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from portal_app.core.actor import Role
from portal_app.core.db import Transaction
from portal_app.features.billing import service as billing
from portal_app.features.notes import service as notes
from portal_app.features.notes.rules import Medicine, Picked, Summary
from portal_app.operations.codes import STARTER
from portal_app.operations.demo_bills import make_bills

DIAGNOSES: Final = (
    ("I10", "Essential (primary) hypertension"),
    ("J06.9", "Acute upper respiratory infection, unspecified"),
    ("M54.50", "Low back pain, unspecified"),
)
SIGNED: Final = 40
"""How many of the newest past visits are written up; what is older was kept on paper."""

_NOTES: Final = (
    {"brought": "Blood pressure check.", "found": "150/95, repeated 148/92. No complaints.",
     "assessment": "Hypertension, not yet controlled.", "plan": "Start lisinopril 10 mg. Home readings. Two weeks."},
    {"brought": "Cough and runny nose for four days.", "found": "Lungs clear. Throat red. 37.9 °C.",
     "assessment": "Viral infection of the upper airways.", "plan": "Rest, fluids, paracetamol when needed."},
    {"brought": "Low back pain after lifting.", "found": "No numbness, full strength.",
     "assessment": "Mechanical low back pain.", "plan": "Keep moving. Ibuprofen for five days."},
)  # fmt: skip
_SUMMARIES: Final = (
    Summary(
        (Picked("pressure", (150, 95)),), (Picked("measure"), Picked("move")), (Picked("chest"), Picked("breath")),
        (Picked("questions"),), (Picked("weeks", (2,)),), (Medicine("Lisinopril", "10 mg", ("morning",)),),
    ),
    Summary(
        (Picked("virus"),), (Picked("rest", (3,)), Picked("drink")), (Picked("breath"), Picked("fever")),
        (Picked("no_better", (5,)),), (Picked("none"),), (Medicine("Paracetamol", "500 mg", ("needed",), 5),),
    ),
    Summary(
        (Picked("same"),), (Picked("move"),), (), (Picked("worse"), Picked("no_better", (14,))),
        (Picked("weeks", (4,)),), (Medicine("Ibuprofen", "400 mg", ("morning", "evening"), 5, with_food=True),),
    ),
)  # fmt: skip
_PAST: Final = """
select a.id, w.person_id from appointment a join practitioner w on w.id = a.practitioner_id
where a.status = 'fulfilled' and a.starts_at < :until and (w.person_id = :own or a.patient_id = any (:patients))
  and not exists (select from clinical_note n where n.appointment_id = a.id)
order by a.patient_id = any (:patients) desc, a.starts_at desc limit :most
"""
_WHO: Final = """
select current_setting('portal.person_id', true) as person, current_setting('portal.roles', true) as roles,
  current_setting('portal.grantees', true) as grantees, current_setting('portal.assurance', true) as assurance
"""
_CLINICIAN: Final = """
select cast(:id as text) as person, '{clinician}' as roles, array(
  select distinct g.grantee from person_role r
  cross join lateral (values (r.person_id), (role_grantee(r.role)), (r.location_id)) g (grantee)
  where r.person_id = :id and g.grantee is not null)::text as grantees, '2' as assurance
"""
_BE: Final = """
select set_config('portal.person_id', :person, true), set_config('portal.roles', :roles, true),
  set_config('portal.grantees', coalesce(:grantees, ''), true),
  set_config('portal.assurance', coalesce(:assurance, ''), true)
"""
_WAITING: Final = """
select a.id, w.person_id from appointment a join practitioner w on w.id = a.practitioner_id
where a.status in ('fulfilled', 'arrived') and w.person_id = :own
  and not exists (select from clinical_note n where n.appointment_id = a.id)
order by a.starts_at desc limit 1
"""


async def make_notes(tx: Transaction, own: UUID, patients: list[UUID], now: datetime) -> None:
    """Write up the past visits of one clinician and of the patients whom one tap signs in as."""
    await notes.fill_diagnoses(tx, [notes.Diagnosis(*one) for one in DIAGNOSES], "demo")
    await billing.fill_services(tx, [billing.ServiceCode(*one) for one in STARTER], "HCPCS starter")
    asked = {"own": own, "patients": patients, "until": now - timedelta(days=1), "most": SIGNED}
    system, before = tx.actor, await tx.one(_WHO)
    past, waiting = await tx.all(_PAST, asked), await tx.all(_WAITING, asked)
    clinicians = {row.person_id: await tx.one(_CLINICIAN, {"id": row.person_id}) for row in (*past, *waiting)}
    for n, row in enumerate(past):
        await _begin(tx, row, clinicians[row.person_id], n)
        await notes.sign_visit(tx, row.id, 1, await _ending(tx, row.id, n))
    for row in waiting:
        await _begin(tx, row, clinicians[row.person_id], 1)
    await _be(tx, before)
    tx.actor = system
    await make_bills(tx, patients)


async def _begin(tx: Transaction, row: Any, clinician: Any, n: int) -> None:
    """Begin a note as the clinician, so that the patient reads in the trail who wrote it: not the portal itself."""
    await _be(tx, clinician)
    tx.actor = replace(tx.actor, person_id=row.person_id, roles=frozenset({Role.clinician}))
    await notes.save_note(tx, row.id, 0, _NOTES[n % len(_NOTES)], {})


async def _be(tx: Transaction, who: Any) -> None:
    await tx.flush()
    await tx.execute(_BE, who._asdict())


async def _ending(tx: Transaction, appointment_id: UUID, n: int) -> notes.Ending:
    visit = await notes.visit_at_work(tx, appointment_id, is_repeated=True)
    facts = await notes.facts_of(tx, visit, None)
    held = facts if facts.patient_place else replace(facts, patient_place="home")
    return notes.Ending((DIAGNOSES[n % len(DIAGNOSES)][0],), _SUMMARIES[n % len(_SUMMARIES)], held, "T1015")
