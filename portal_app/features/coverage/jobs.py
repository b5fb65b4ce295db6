"""Ask insurers."""

import json
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

import procrastinate
from sqlalchemy import text

from portal_app.core import audit, clock, crypto
from portal_app.core.crypto import EncryptedText
from portal_app.core.jobs import Workplace, long_job
from portal_app.features.coverage import policies
from portal_app.features.coverage.errors import AnswerUnreadable, CannotAsk, PayerAway
from portal_app.features.coverage.identity import practice_identity
from portal_app.features.coverage.ports import Answer, EligibilityPort, Inquiry, Named

PATIENCE: Final = timedelta(minutes=5)
"""So long an insurer that is away is tried again; then somebody may ask anew."""
_RETRY: Final = procrastinate.RetryStrategy(max_attempts=6, exponential_wait=3)
_WAITING: Final = text("""
select e.id, e.asked_at, e.coverage_sequence = c.sequence and c.status = 'active' as is_of_now, c.patient_id,
  c.payer_name, coalesce(y.code, '') as payer_code, c.member_id, c.relation, c.subscriber_given, c.subscriber_family,
  c.subscriber_born, p.given_name, p.family_name, p.birth_date, p.zone
from eligibility_check e join coverage c on c.id = e.coverage_id join patient p on p.id = c.patient_id
left join payer y on y.id = c.payer_id
where e.id = :check_id and e.status = 'waiting'
""").columns(payer_name=EncryptedText, member_id=EncryptedText, subscriber_given=EncryptedText,
             subscriber_family=EncryptedText, subscriber_born=EncryptedText)  # fmt: skip
_ANSWER: Final = """
update eligibility_check set status = :status, outcome = :outcome, answered_at = :now, answer = :answer
where id = :check_id and status = 'waiting'
"""
_FAILED: Final = frozenset({"away", "unreadable", "not_asked"})


@long_job("coverage.answer_check", policy=policies.ANSWER.name, retry=_RETRY)
async def answer_check(work: Workplace, check_id: str) -> None:
    """Ask one insurer and keep the answer; what was answered meanwhile, or changed, is not asked.

    Raises:
        PayerAway: so that it is tried again, for five minutes.
    """
    async with work.database.act_as_system("coverage.answer_check") as tx:
        row: Any = await tx.first(_WAITING, {"check_id": UUID(check_id)})
        if row is None:
            return
        identity = await practice_identity(tx)
    answer = Answer("not_asked")
    if row.is_of_now and identity.npi:
        answer = await _asked(work, row, identity.legal_name, identity.npi)
    await _keep(work, UUID(check_id), row.patient_id, answer)


async def _asked(work: Workplace, row: Any, name: str, npi: str) -> Answer:
    try:
        return await work.port(EligibilityPort).ask(_inquiry(row, name, npi))  # type: ignore[type-abstract]
    except CannotAsk:
        return Answer("not_asked")
    except AnswerUnreadable:
        return Answer("unreadable")
    except PayerAway:
        if clock.now() - row.asked_at < PATIENCE:
            raise
        return Answer("away")


def _inquiry(row: Any, name: str, npi: str) -> Inquiry:
    patient = Named(row.given_name, row.family_name, row.birth_date)
    member = patient
    if row.relation != "self":
        member = Named(row.subscriber_given, row.subscriber_family, date.fromisoformat(row.subscriber_born))
    return Inquiry(
        row.id.hex, row.payer_name, row.payer_code, name, npi, row.member_id, member,
        None if row.relation == "self" else patient, row.relation, on=clock.now().date(),
    )  # fmt: skip


async def _keep(work: Workplace, check_id: UUID, patient_id: UUID, answer: Answer) -> None:
    said = asdict(answer.amounts) | {"plan_name": answer.plan_name}
    params = {
        "check_id": check_id, "status": "failed" if answer.outcome in _FAILED else "answered",
        "outcome": answer.outcome, "now": clock.now(), "answer": crypto.encrypt(json.dumps(said, ensure_ascii=False)),
    }  # fmt: skip
    async with work.database.act_as_system("coverage.answer_check") as tx:
        if await tx.execute(_ANSWER, params):
            await audit.record(
                tx, "coverage.answer", patient_id=patient_id, entity="CoverageEligibilityResponse", entity_id=check_id
            )
