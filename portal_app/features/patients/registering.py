"""People who ask to become patients: asking, suspecting that they have a chart, deciding. Staff decide, nobody else."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from portal_app.core import audit, clock, i18n, policy
from portal_app.core.crypto import EncryptedJSON, EncryptedText
from portal_app.core.db import Transaction
from portal_app.core.errors import NotFound, Refusals
from portal_app.core.i18n import N_
from portal_app.core.jobs import enqueue
from portal_app.features.access import service as access
from portal_app.features.patients import jobs, policies, rules, telecom
from portal_app.features.patients.errors import RegistrationDecided
from portal_app.features.patients.tables import Registration
from portal_app.features.patients.views import FoundPatient, RegistrationForm, RegistrationView, Suspect
from portal_app.features.practice import service as practice
from portal_app.features.tasks import service as tasks

NAME_MAX: Final = 80
TEXT_MAX: Final = 500
SUSPECTS_MAX: Final = 6
TASK: Final = "registration"

_ONE: Final = text("""
select id, status, content, locale, created_at, patient_id from registration where id = :id
""").columns(content=EncryptedJSON)

# Suspected: the same birth date and a name in common, or the same telephone number, or the same e-mail address; whoever
# has most in common comes first.
_SUSPECTS: Final = text("""
with named as (
  select w.patient_id, count(distinct t.token) as in_common from wanted_words(:names) t
  cross join lateral (
    select x.patient_id from patient_word x where x.word >= t.low and x.word < t.high offset 0
  ) w group by w.patient_id
), born as (
  select x.patient_id from patient_word x where x.word = :born
), reached as (
  select x.patient_id from patient_word x where x.word = :phone
), mailed as (
  select g.patient_id from person p join access_grant g on g.grantee = p.id and g.basis = 'self'
  where p.email_index = :email_index
), suspected as (
  (select patient_id from named intersect select patient_id from born)
  union select patient_id from reached union select patient_id from mailed
)
select c.id, c.given_name, c.family_name, c.birth_date, c.language, c.phone,
  (select p.email from person p join access_grant g on g.grantee = p.id
   where g.patient_id = c.id and g.basis = 'self' limit 1) as email,
  n.in_common is not null as same_name, c.id in (select patient_id from born) as same_birth_date,
  c.id in (select patient_id from reached) as same_phone, c.id in (select patient_id from mailed) as same_email
from suspected s join patient c on c.id = s.patient_id left join named n on n.patient_id = c.id
order by (c.id in (select patient_id from reached))::int + (c.id in (select patient_id from mailed))::int
  + coalesce(n.in_common, 0) + (c.id in (select patient_id from born))::int desc, c.family_name, c.given_name, c.id
limit :most
""").columns(phone=EncryptedText, email=EncryptedText)

_HAS_SIGN_IN: Final = """
select exists (select from access_grant where patient_id = :id and basis = 'self')
"""

_DECIDE: Final = """
update registration set status = :status, patient_id = :patient_id, decided_by = :person_id, decided_at = :now
where id = :id and status = 'open'
"""


async def ask_to_register(tx: Transaction, form: RegistrationForm, request_key: UUID, locale: str) -> None:
    """Take a visitor's wish to become a patient; the answer is the same whether or not there is a chart.

    The same key makes one request. Looking for charts, and telling staff, happen in a job.

    Raises:
        InputRefused: with every field that cannot be taken.
    """
    policy.require(tx.actor, policies.REGISTER.name)
    registration_id, content = uuid4(), _content(form, await practice.country(tx))
    values = {
        "id": registration_id, "content": content, "request_key": request_key, "created_at": clock.now(),
        "locale": locale if locale in i18n.LOCALES else i18n.DEFAULT_LOCALE, "status": "open",
    }  # fmt: skip
    await tx.execute(insert(Registration).values(**values).on_conflict_do_nothing())
    await enqueue(tx, jobs.take_registration, registration_id=registration_id)


def _content(form: RegistrationForm, country: str) -> Mapping[str, str]:
    given, family = " ".join(form.given_name.split()), " ".join(form.family_name.split())
    born = read_birth_date(form.birth_day, form.birth_month, form.birth_year)
    email, phone = access.normalised_email(form.email), telecom.normalised(form.phone, country)
    wrong = Refusals()
    if not given or len(given) > NAME_MAX:
        wrong.note("given", N_("Write your given name."))
    if not family or len(family) > NAME_MAX:
        wrong.note("family", N_("Write your family name."))
    if born is None:
        wrong.note("birth", N_("Write your whole birth date, such as March 5, 1964."))
    if email is None:
        wrong.note("email", N_("Write your e-mail address like this: name@example.org"))
    if phone is None:
        wrong.note("phone", N_("Write your telephone number with its area code."))
    for name, words in (("reason", form.reason), ("preferred", form.preferred)):
        if len(words) > TEXT_MAX:
            wrong.note(name, N_("Say it in 500 characters or fewer."))
    wrong.done()
    return {
        "given_name": given, "family_name": family, "birth_date": str(born), "email": str(email), "phone": str(phone),
        "reason": form.reason.strip(), "preferred": form.preferred.strip(),
    }  # fmt: skip


def read_birth_date(day: str, month: str, year: str) -> date | None:
    """Return the birth date of three fields, the month as a number or a word, or None if there was no such day yet."""
    return rules.birth_date(day, month, year, clock.now().date())


def read_day(day: str, month: str, year: str) -> date | None:
    """Return the date of three fields, past or to come, or None if there is no such day."""
    return rules.birth_date(day, month, year, date.max)


async def registration(tx: Transaction, registration_id: UUID, *, is_repeated: bool = False) -> RegistrationView:
    """Return a wish to become a patient with the charts it may already have, side by side; recorded.

    Raises:
        NotFound: if there is none.
    """
    policy.require(tx.actor, policies.DECIDE.name)
    row = await tx.first(_ONE, {"id": registration_id})
    if row is None:
        raise NotFound
    content = row.content
    country = await practice.country(tx)
    suspects = await _suspects(tx, content, country) if row.status == "open" else ()
    has_sign_in = bool(row.patient_id) and await tx.scalar(_HAS_SIGN_IN, {"id": row.patient_id})
    if not is_repeated:
        await audit.record(
            tx, "patients.view_registration", patient_id=None, entity="Registration", entity_id=registration_id
        )
        await audit.record_each(tx, "patients.suspect", [one.patient.id for one in suspects], entity="Patient")
    return RegistrationView(
        row.id, row.status, content["given_name"], content["family_name"], date.fromisoformat(content["birth_date"]),
        content["email"], telecom.written(content["phone"], country), content["reason"], content["preferred"],
        row.locale, row.created_at, row.patient_id, has_sign_in, suspects,
    )  # fmt: skip


async def _suspects(tx: Transaction, content: Mapping[str, Any], country: str) -> tuple[Suspect, ...]:
    born = date.fromisoformat(content["birth_date"])
    params = {
        "names": f"{content['given_name']} {content['family_name']}", "born": f"@{born:%Y%m%d}",
        "phone": f"#{telecom.keys(content['phone'])[0]}", "email_index": access.email_index(content["email"]),
        "most": SUSPECTS_MAX,
    }  # fmt: skip
    rows: Sequence[Any] = await tx.all(_SUSPECTS, params)
    return tuple(_suspect(row, country) for row in rows)


def _suspect(row: Any, country: str) -> Suspect:
    phone = telecom.written(row.phone, country) if row.phone else ""
    found = FoundPatient(row.id, row.given_name, row.family_name, row.birth_date, row.language, phone)
    same = (row.same_name, row.same_birth_date, row.same_phone, row.same_email)
    return Suspect(found, row.email or "", *same)


async def accept_registration(tx: Transaction, registration_id: UUID) -> None:
    """Open a new chart for somebody who asked; a job makes person and chart in one transaction and sends the mail.

    Raises:
        RegistrationDecided: if it was decided before.
    """
    await _decide(tx, registration_id, "accepted", None)


async def link_registration(tx: Transaction, registration_id: UUID, patient_id: UUID) -> None:
    """Say that somebody who asked has this chart already.

    Charts are never merged, and nobody new gets access to one that somebody signs in to: they are told by the address
    on file.

    Raises:
        NotFound: if the actor may not see the chart.
        RegistrationDecided: if it was decided before.
    """
    if not await tx.scalar("select exists (select from patient where id = :id)", {"id": patient_id}):
        raise NotFound
    await _decide(tx, registration_id, "linked", patient_id)


async def decline_registration(tx: Transaction, registration_id: UUID) -> None:
    """Turn somebody away who asked; nothing is sent, staff call them.

    Raises:
        RegistrationDecided: if it was decided before.
    """
    await _decide(tx, registration_id, "declined", None)


async def _decide(tx: Transaction, registration_id: UUID, status: str, patient_id: UUID | None) -> None:
    policy.require(tx.actor, policies.DECIDE.name)
    params = {"id": registration_id, "status": status, "patient_id": patient_id, "person_id": tx.actor.person_id,
              "now": clock.now()}  # fmt: skip
    if await tx.execute(_DECIDE, params) == 0:
        raise RegistrationDecided
    await tasks.close_task(tx, TASK, registration_id, status)
    await audit.record(
        tx, f"patients.registration_{status}", patient_id=patient_id, entity="Registration", entity_id=registration_id
    )
    if status != "declined":
        await enqueue(tx, jobs.open_chart, registration_id=registration_id)
