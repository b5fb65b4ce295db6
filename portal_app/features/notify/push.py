"""Notifications on a browser: turned on and off there by the person who is signed in, and tried.

A browser belongs to a session: what ends the session ends its notifications. To whom is sent what is `jobs`' and
`sending`'s.
"""

from base64 import urlsafe_b64decode
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from portal_app.core import audit, clock, limits, policy
from portal_app.core.crypto import blind_index
from portal_app.core.db import Transaction
from portal_app.core.errors import InputRefused, NotFound
from portal_app.core.i18n import N_
from portal_app.core.push_services import is_push_service
from portal_app.features.notify import policies, rules, templates
from portal_app.features.notify.leaving import enqueue_message
from portal_app.features.notify.ports import PushTarget
from portal_app.features.notify.push_keys import load_push_key
from portal_app.features.notify.tables import PushSubscription
from portal_app.features.notify.views import PushBrowser
from portal_app.settings import get_settings

TURNS: Final = "20/hour"
"""How often somebody may turn notifications on: each try makes the portal remember an address."""
TESTS: Final = "5/10 minutes"

PAGE: Final = "/profile/notifications"

_UNKNOWN: Final = N_("This browser gave us an address that we cannot send to. Try another browser, or call us.")
_ENOUGH: Final = N_("Notifications are on for ten browsers already. Turn one of them off first.")

_MINE: Final = """
select p.id, p.session_id, p.session_id = cast(:session as uuid) as is_this, p.taken_at, p.failed_at
from push_subscription p join session s on s.id = p.session_id
where p.person_id = :person and p.key_id = :key and s.ended_at is null and s.expires_at > :now
order by p.created_at, p.id
"""


def server_key() -> str:
    """Return what a browser must be told to let this portal in, "" where notifications are not set up."""
    key = load_push_key(get_settings())
    return key.public if key else ""


async def browsers(tx: Transaction) -> Sequence[PushBrowser]:
    """Return the actor's browsers on which notifications are on, the first one first."""
    policy.require(tx.actor, policies.PUSH.name)
    key = load_push_key(get_settings())
    rows = await tx.all(
        _MINE,
        {"session": tx.actor.session_id, "person": tx.actor.person_id, "key": key.id if key else "",
         "now": clock.now()},
    )  # fmt: skip
    return [PushBrowser(**row._asdict()) for row in rows]


async def turn_on(tx: Transaction, endpoint: str, p256dh: str, auth: str) -> None:
    """Show the actor notifications on this browser from now on; once more is as once.

    The browser says at which address of its push service it takes them, and its two keys in base64url.

    Raises:
        InputRefused: if no browser gives such an address or keys, or they have them on for too many.
        NotFound: where notifications are not set up.
        TooManyTries: if they tried too often.
    """
    policy.require(tx.actor, policies.PUSH.name)
    settings, target = get_settings(), PushTarget(endpoint, p256dh, auth)
    key = load_push_key(settings)
    if key is None:
        raise NotFound
    await limits.count(TURNS, "notifications", str(tx.actor.person_id))
    if not is_push_service(target.endpoint, settings.push_services.split()) or not _fit(target):
        raise InputRefused("browser", _UNKNOWN)
    others = [one for one in await browsers(tx) if not one.is_this]
    if len(others) >= rules.BROWSERS_MAX:
        raise InputRefused("browser", _ENOUGH)
    subscription_id = await _keep(tx, target, key.id)
    await audit.record(tx, "notify.push_on", patient_id=None, entity="PushSubscription", entity_id=subscription_id)


async def _keep(tx: Transaction, target: PushTarget, key_id: str) -> UUID:
    """Write the browser down in the place of what this session had before: a browser has one address at a time."""
    index = blind_index(target.endpoint, purpose="push")
    said: dict[str, Any] = {
        "session_id": tx.actor.session_id, "key_id": key_id,
        "target": {"endpoint": target.endpoint, "p256dh": target.p256dh, "auth": target.auth},
    }  # fmt: skip
    await tx.execute(
        "delete from push_subscription where person_id = :person and session_id = :session and target_index <> :index",
        {"person": tx.actor.person_id, "session": tx.actor.session_id, "index": index},
    )
    row = await tx.one(
        insert(PushSubscription)
        .values(person_id=tx.actor.person_id, target_index=index, created_at=clock.now(), **said)
        .on_conflict_do_update(constraint="push_subscription_once", set_=said)
        .returning(col(PushSubscription.id))
    )
    return UUID(str(row.id))


def _fit(target: PushTarget) -> bool:
    """Tell whether a browser's keys are such as something can be encrypted for."""
    if not rules.are_push_keys(target.p256dh, target.auth):
        return False
    point = urlsafe_b64decode(target.p256dh + "=" * (-len(target.p256dh) % 4))
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except ValueError:
        return False
    return True


async def turn_off(tx: Transaction, subscription_id: UUID | None = None) -> None:
    """Show no more on one of the actor's browsers, this one unless another is named; off already is as wished."""
    policy.require(tx.actor, policies.PUSH.name)
    gone = await tx.all(
        "delete from push_subscription where person_id = :person and case when cast(:id as uuid) is null"
        " then session_id = :session else id = :id end returning id",
        {"person": tx.actor.person_id, "session": tx.actor.session_id, "id": subscription_id},
    )
    for row in gone:
        await audit.record(tx, "notify.push_off", patient_id=None, entity="PushSubscription", entity_id=row.id)


async def try_out(tx: Transaction, attempt: UUID) -> None:
    """Send this browser a notification that says it is one to try; `attempt` is made with the button, for one tap.

    Raises:
        NotFound: if notifications are not on here.
        TooManyTries: if they tried too often.
    """
    policy.require(tx.actor, policies.PUSH.name)
    browser = next((one for one in await browsers(tx) if one.is_this), None)
    if browser is None:
        raise NotFound
    await limits.count(TESTS, "notification to try", str(tx.actor.person_id))
    name: str = await tx.scalar("select name from practice limit 1")
    await enqueue_message(
        tx, tx.actor.person_id, templates.PUSH_TEST.name, f"push-test:{browser.id}:{attempt}",
        {"practice": name, "link": PAGE}, channel="push", to=str(browser.id),
    )  # fmt: skip


async def has_notifications(tx: Transaction) -> bool:
    """Tell whether the actor has notifications on for any browser."""
    return bool(await browsers(tx))


async def hand_on(tx: Transaction, session_id: UUID) -> None:
    """Hand this browser's notifications on to the session that takes the place of the actor's, if it is theirs."""
    await tx.execute(
        "update push_subscription p set session_id = s.id from session s where p.session_id = :old and s.id = :new"
        " and s.person_id = p.person_id",
        {"old": tx.actor.session_id, "new": session_id},
    )


async def takes_notifications(tx: Transaction, person_id: UUID) -> bool:
    """Tell whether somebody has notifications on for any browser. For jobs: nobody else sees others' browsers."""
    key = load_push_key(get_settings())
    params = {"session": None, "person": person_id, "key": key.id if key else "", "now": clock.now()}
    return await tx.first(_MINE, params) is not None
