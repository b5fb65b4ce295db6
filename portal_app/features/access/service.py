"""Sign in by a code sent by e-mail, sign out, and know who is signed in."""

import secrets
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import insert, select, update
from sqlmodel import col

from portal_app.core import audit, clock, i18n
from portal_app.core.actor import STAFF, Actor, Role
from portal_app.core.crypto import blind_index
from portal_app.core.db import Transaction, secret_hash
from portal_app.core.direct import ask_together
from portal_app.core.errors import InputRefused, NotAllowed, NotFound
from portal_app.core.i18n import N_
from portal_app.features.access import jobs, rules, staying
from portal_app.features.access.acting import (
    act_for,
    acting_for,
    answer_invitation,
    charts_acted_for,
    may_work,
    read_invitation,
    why_ended,
)
from portal_app.features.access.caregivers import list_caregivers, sees_caregivers
from portal_app.features.access.charts import add_chart, add_person_of_chart, person_of_address, person_of_chart
from portal_app.features.access.contact_codes import Answered, phone_index
from portal_app.features.access.contact_codes import ask as ask_contact_code
from portal_app.features.access.contact_codes import check as check_contact_code
from portal_app.features.access.demo import DEMO_PEOPLE, DemoPerson
from portal_app.features.access.errors import CodeRefused, CodeWornOut
from portal_app.features.access.leading import chart_behind, lead, named_in
from portal_app.features.access.sessions import end_sessions_of, require_fresh
from portal_app.features.access.tables import Person, Session, SignInCode
from portal_app.features.access.views import ActedFor, CaregiverView, NewSession, OwnChart, Site, WhoAmI
from portal_app.features.notify import service as notify

__all__ = [
    "ActedFor", "Answered", "CaregiverView", "CodeRefused", "CodeWornOut", "DemoPerson", "NewSession", "OwnChart",
    "Site", "WhoAmI", "act_for", "acting_for", "add_chart", "add_person_of_chart", "add_staff", "answer_invitation",
    "ask_contact_code", "ask_for_code", "chart_behind", "charts_acted_for", "check_code", "check_contact_code",
    "choose_language", "demo_people", "email_index", "end_sessions_of", "is_known_browser", "lead", "list_caregivers",
    "may_work", "named_in", "normalised_code", "normalised_email", "open_session", "own_chart", "person_of_address",
    "person_of_chart", "phone_index", "read_invitation", "require_fresh", "safe_next", "sees_caregivers",
    "sign_everybody_out", "sign_out", "speak_for", "who_am_i", "why_ended",
]  # fmt: skip


_CHART_OPENED = (
    "update related_person set used_at = now() where person_id = :me and patient_id = :chart and status = 'active'"
)


def email_index(email: str) -> str:
    """Return the blind index under which a normalised e-mail address is looked up."""
    return blind_index(email, purpose="email")


async def is_known_browser(tx: Transaction, known_secret: str) -> bool:
    """Tell whether somebody, whoever it was, signed in before on the browser that holds this secret."""
    said = await ask_together(tx, [_SHOW_KNOWN, _IS_KNOWN], _known(known_secret), answer=1)
    return bool(said and said["is_known"])


def _known(known_secret: str) -> dict[str, Any]:
    return {"known": secret_hash(known_secret) if known_secret else "", "since": clock.now() - rules.KNOWN_BROWSER_LIFE}


def normalised_code(typed: str) -> str | None:
    """Return the six digits of a code from what was typed in any script, or None."""
    return rules.normalised_code(typed)


def normalised_email(typed: str) -> str | None:
    """Return an e-mail address as it is looked up, or None if it cannot be one."""
    return rules.normalised_email(typed)


def safe_next(target: str) -> str:
    """Return where to go after signing in: a path of ours, or home."""
    return rules.safe_next(target)


async def ask_for_code(
    tx: Transaction, typed_email: str, browser_secret: str, locale: str, known_secret: str = ""
) -> UUID:
    """Take a request to sign in; the same work whether or not the address is known.

    Looking the person up, making the code and sending it happen in a job, so that neither the answer nor
    its time tells a visitor who has an account.

    Raises:
        InputRefused: if the text cannot be an e-mail address.
        NotAllowed: if the browser has no secret, so that the code would be everybody's.
    """
    if not browser_secret:
        raise NotAllowed
    email = rules.normalised_email(typed_email)
    if email is None:
        raise InputRefused("email", N_("Write your e-mail address like this: name@example.org"))
    request_id = uuid4()
    await tx.execute(
        insert(SignInCode).values(
            id=request_id,
            browser_hash=secret_hash(browser_secret),
            known_hash=secret_hash(known_secret) if known_secret else None,
            email_index=email_index(email),
            locale=locale if locale in i18n.LOCALES else i18n.DEFAULT_LOCALE,
            created_at=clock.now(),
            expires_at=clock.now() + rules.CODE_LIFE,
        )
    )
    await jobs.request_code(tx, request_id)
    return request_id


async def check_code(
    tx: Transaction, typed_code: str, browser_secret: str, user_agent: str, known_secret: str = ""
) -> NewSession | type[CodeRefused] | type[CodeWornOut]:
    """Sign a browser in if the code is the newest one it asked for, and know it again from then on.

    Returns the failure instead of raising it, because the count of tries must be committed.
    """
    request = await tx.first(
        "select id, person_id, code_hash, tries from sign_in_code"
        " where browser_hash = :browser and used_at is null and expires_at > :now"
        " order by created_at desc limit 1 for update",
        {"browser": secret_hash(browser_secret), "now": clock.now()},
    )
    code = rules.normalised_code(typed_code)
    expected = request.code_hash if request and request.code_hash else secrets.token_hex()
    fits = secrets.compare_digest(jobs.code_hash(request.id if request else uuid4(), code or ""), expected)
    if request is None:
        return CodeRefused
    if request.tries >= rules.CODE_TRIES:
        return CodeWornOut
    row = update(SignInCode).where(col(SignInCode.id) == request.id)
    if not fits or request.person_id is None:
        await tx.execute(row.values(tries=request.tries + 1))
        return CodeRefused
    await tx.execute(row.values(used_at=clock.now()))
    return await open_session(tx, request.person_id, assurance=1, user_agent=user_agent, known_secret=known_secret)


SPEAK: Final = (
    "select set_config('portal.person_id', %(speaker)s, true), set_config('portal.grantees', %(grantees)s, true)"
)
"""Lets the rest of a transaction act as a person who has just proved who they are; takes what `spoken` returns."""


def spoken(person_id: UUID) -> dict[str, Any]:
    """Return whom `SPEAK` speaks for."""
    return {"speaker": str(person_id), "grantees": "{" + str(person_id) + "}"}


async def speak_for(tx: Transaction, person_id: UUID) -> None:
    """Let the rest of this transaction act as a person who has just proved who they are."""
    await ask_together(tx, [SPEAK], spoken(person_id), answer=0)


# Whoever has no chart begins with one they care for; with one that ended, to be told so.
_SIGNS_IN = """
select p.locale, p.display_name, p.disabled_at, p.text_size || '.' || p.contrast as look,
  coalesce(array_agg(r.role) filter (where r.role is not null), '{}') as roles,
  coalesce((select g.patient_id from access_grant g where g.grantee = p.id and g.basis = 'self' limit 1),
    (select r.patient_id from related_person r where r.person_id = p.id
     order by r.status = 'active' and coalesce(r.valid_until > now(), true) desc, r.used_at desc nulls last,
       r.invited_at desc limit 1)) as patient_id
from person p left join person_role r on r.person_id = p.id where p.id = %(id)s group by p.id
"""
_OPEN: Final = """
insert into session (id, secret_hash, person_id, patient_id, assurance, user_agent, address, passkey_id, is_by_text,
  expires_at, idle_until, owes_codes)
values (%(session)s, %(secret)s, %(id)s, %(patient)s, %(assurance)s, %(agent)s,
  coalesce(current_setting('portal.address', true), ''), %(passkey)s, %(is_by_text)s, %(until)s, %(idle_until)s,
  %(owes_codes)s)
"""
_GO_ON_IN_IT: Final = "select set_config('portal.session_id', %(session)s::text, true)"
_SHOW_KNOWN: Final = "select set_config('portal.known_hash', %(known)s, true)"
_IS_KNOWN: Final = (
    "select exists (select from known_browser where secret_hash = %(known)s and seen_at > %(since)s) as is_known"
)
_KNOW: Final = (
    "insert into known_browser (id, secret_hash, person_id, seen_at) values (:id, :known_hash, :person_id, :now)"
    " on conflict on constraint known_browser_once do update set seen_at = excluded.seen_at"
)


_OWN_FACTORS: Final = frozenset({"passkey", "app", "recovery"})
"""What people set up here and can lose, so that there must be codes for that day."""


async def _owes_codes(tx: Transaction, person_id: UUID) -> bool:
    return bool(await tx.scalar("select owes_codes(:id)", {"id": person_id}))


async def open_session(
    tx: Transaction, person_id: UUID, *, assurance: int, user_agent: str, method: str = "code",
    passkey_id: UUID | None = None, stays_at: UUID | None = None, known_secret: str | None = None,
) -> NewSession:  # fmt: skip
    """Make a session for a person who has just proved who they are; `method` says in the trail by what.

    Somebody with a chart of their own acts for it, a caregiver for whom they last acted; anybody else starts without a
    chart. Whoever proves more in the middle of a chart (`stays_at`) goes on in that one. A browser that says by what it
    is known ("" if by nothing) is known again when the person asks for a code. Raises NotFound if they may not sign in
    any more.
    """
    person = await ask_together(tx, [SPEAK, _SIGNS_IN], {"id": person_id, **spoken(person_id)}, answer=1)
    if person is None or person["disabled_at"] is not None:
        raise NotFound
    is_staff = bool(set(person["roles"]) & STAFF)
    secret, session_id = secrets.token_urlsafe(32), uuid4()
    expires_at = rules.session_expiry(clock.now(), is_staff=is_staff)
    patient_id = stays_at or (None if is_staff else person["patient_id"])
    made = {
        "session": session_id, "secret": secret_hash(secret), "id": person_id, "patient": patient_id,
        "assurance": assurance, "agent": user_agent[:200], "passkey": passkey_id, "is_by_text": method == "text",
        "until": expires_at, "idle_until": await staying.idle_until(tx) if is_staff else None,
        "owes_codes": is_staff and assurance > 1 and method in _OWN_FACTORS and await _owes_codes(tx, person_id),
    }  # fmt: skip
    known = await _begin(tx, made, known_secret)
    roles = frozenset(map(Role, person["roles"]))
    tx.actor = Actor(person_id, roles, patient_id, session_id, assurance, person["locale"], person["display_name"])
    if Role.caregiver in roles:
        await tx.execute(_CHART_OPENED, {"me": person_id, "chart": patient_id})  # announced, so before the commit asks
    detail = {"method": method}
    await audit.record(tx, "sign_in", patient_id=None, entity="Session", entity_id=session_id, detail=detail)
    return NewSession(secret, session_id, person_id, person["locale"], is_staff, expires_at, known, person["look"])


async def _begin(tx: Transaction, made: Mapping[str, Any], known_secret: str | None) -> str:
    """Write a session, go on in it, and return by what the browser is known from now on; "" if it does not say."""
    if known_secret is None:
        await ask_together(tx, [_OPEN, _GO_ON_IN_IT], made, answer=1)
        return ""
    asked = [_OPEN, _GO_ON_IN_IT, _SHOW_KNOWN, _IS_KNOWN]
    said = await ask_together(tx, asked, {**made, **_known(known_secret)}, answer=3)
    secret = known_secret if said and said["is_known"] else secrets.token_urlsafe(32)
    given = {"id": uuid4(), "known_hash": secret_hash(secret), "person_id": made["id"], "now": clock.now()}
    tx.write_at_commit(_KNOW, given)
    return secret


async def sign_out(tx: Transaction) -> None:
    """End the session at once, on every open page of it."""
    await tx.execute(update(Session).where(col(Session.id) == tx.actor.session_id).values(ended_at=clock.now()))
    await audit.record(tx, "sign_out", patient_id=None, entity="Session", entity_id=tx.actor.session_id)


async def sign_everybody_out(tx: Transaction) -> int:
    """End every session, void every code and withdraw the mails that carry one; return how many sessions it ended.

    For the command line, when an older state of the database comes back: what was ended since then must stay ended.
    """
    ended = await tx.execute(update(Session).where(col(Session.ended_at).is_(None)).values(ended_at=clock.now()))
    await tx.execute("delete from sign_in_code")
    await notify.withdraw(tx, "sign_in_code")
    return ended


async def choose_language(tx: Transaction, locale: str) -> None:
    """Remember the language a person reads the portal in.

    Raises:
        InputRefused: if the portal does not ship it.
    """
    if locale not in i18n.LOCALES:
        raise InputRefused("locale", N_("Choose one of the languages in the list."))
    if locale != tx.actor.locale:
        await tx.execute(update(Person).where(col(Person.id) == tx.actor.person_id).values(locale=locale))


async def who_am_i(tx: Transaction) -> WhoAmI:
    """Return who is signed in."""
    email = await tx.scalar(select(col(Person.email)).where(col(Person.id) == tx.actor.person_id))
    return WhoAmI(tx.actor.person_id, tx.actor.display_name, email or "", tx.actor.locale, tx.actor.is_staff())


async def own_chart(tx: Transaction) -> OwnChart:
    """Return what finding a time needs of the chart acted for.

    Raises:
        NotFound: if the actor acts for none.
    """
    row = await tx.first(
        "select general_practitioner_id, zone from patient where id = :id", {"id": tx.actor.patient_id}
    )
    if row is None:
        raise NotFound
    return OwnChart(row.general_practitioner_id, row.zone)


async def add_staff(tx: Transaction, name: str, typed_email: str, role: str) -> UUID:
    """Make somebody staff, or give them one role more; for the command line and managers.

    Raises:
        InputRefused: if the text cannot be an e-mail address.
    """
    email = rules.normalised_email(typed_email)
    if email is None:
        raise InputRefused("email", N_("Write your e-mail address like this: name@example.org"))
    index = email_index(email)
    person_id: UUID | None = await tx.scalar("select id from person where email_index = :index", {"index": index})
    if person_id is None:
        person_id = uuid4()
        await tx.execute(insert(Person).values(id=person_id, display_name=name, email=email, email_index=index))
    await tx.execute(
        "insert into person_role (id, person_id, role) values (:id, :person_id, :role) on conflict do nothing",
        {"id": uuid4(), "person_id": person_id, "role": role},
    )
    await audit.record(tx, "access.add_staff", patient_id=None, entity="Person", entity_id=person_id)
    return person_id


def demo_people() -> tuple[DemoPerson, ...]:
    """Return whom one tap signs in as; for the demo's sign-in page only."""
    return DEMO_PEOPLE
