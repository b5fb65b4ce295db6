"""Offer a notification to every browser of somebody: each takes it once, and one that is gone is forgotten."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from portal_app.core import clock
from portal_app.core.crypto import EncryptedJSON
from portal_app.core.db import Transaction
from portal_app.core.jobs import Workplace
from portal_app.core.realtime import announce
from portal_app.features.notify.errors import PushAway, PushGone, PushRefused
from portal_app.features.notify.ports import OutgoingPush, PushPort, PushTarget
from portal_app.features.notify.push_keys import load_push_key
from portal_app.settings import Settings

_WAITING: Final = text("""
select p.id, p.person_id, p.target from push_subscription p join session s on s.id = p.session_id
where p.person_id = :person and p.key_id = :key and s.ended_at is null and s.expires_at > :now
  and (cast(:only as uuid) is null or p.id = :only)
  and not exists (select from push_delivery d where d.message_id = :message and d.subscription_id = p.id)
order by p.id
""").columns(target=EncryptedJSON())
_FAILED: Final = "update push_subscription set failed_at = :now where id = :id"
_WAS_TAKEN: Final = "update push_subscription set taken_at = :now, failed_at = null where id = :id"
_TAKEN: Final = "select exists (select from push_delivery where message_id = :message and is_taken)"


def topic_of(person_id: UUID) -> str:
    """Return what is announced when something about somebody's notifications has changed."""
    return f"push:{person_id}"


@dataclass(frozen=True, slots=True)
class Browser:
    """A browser that has not been offered a message yet."""

    id: UUID
    person_id: UUID
    target: PushTarget


async def waiting(
    tx: Transaction, settings: Settings, person_id: UUID, message_id: UUID, only: str | None = None
) -> Sequence[Browser]:
    """Return the browsers of somebody, or one of them, to which a message is still to be offered."""
    key = load_push_key(settings)
    if key is None:
        return ()
    rows = await tx.all(
        _WAITING,
        {"person": person_id, "message": message_id, "key": key.id, "now": clock.now(),
         "only": UUID(only) if only else None},
    )  # fmt: skip
    return [Browser(row.id, row.person_id, PushTarget(**row.target)) for row in rows]


async def is_taken(tx: Transaction, message_id: UUID) -> bool:
    """Tell whether any browser's push service has taken a message."""
    found: bool = await tx.scalar(_TAKEN, {"message": message_id})
    return found


async def offer(work: Workplace, message_id: UUID, pushes: Sequence[tuple[Browser, OutgoingPush]]) -> bool:
    """Offer a message to browsers side by side, and note for each at once what came of it; tell whether one took it.

    Raises:
        PushAway: if another try may help; whoever has taken it is not asked again.
    """
    port: PushPort = work.port(PushPort)  # type: ignore[type-abstract]

    async def one(browser: Browser, push: OutgoingPush) -> tuple[Browser, Exception | None]:
        try:
            await port.send(push)
        except (PushGone, PushRefused, PushAway) as error:
            return browser, error
        return browser, None

    outcomes = []
    for ended in asyncio.as_completed([one(*each) for each in pushes]):
        browser, problem = await ended
        await _note(work, message_id, browser, problem)
        outcomes.append(problem)
    away = next((one for one in outcomes if isinstance(one, PushAway)), None)
    if away is not None:
        raise away
    return None in outcomes


async def _note(work: Workplace, message_id: UUID, browser: Browser, problem: Exception | None) -> None:
    given: dict[str, Any] = {"id": browser.id, "message": message_id, "now": clock.now(), "is_taken": problem is None}
    async with work.database.act_as_system("notify.deliver") as tx:
        if isinstance(problem, PushGone):
            await tx.execute("delete from push_subscription where id = :id", given)
        else:
            await tx.execute(_FAILED if problem else _WAS_TAKEN, given)
        if problem is None or isinstance(problem, PushRefused):
            await tx.execute(
                "insert into push_delivery (message_id, subscription_id, is_taken) select :message, id, :is_taken"
                " from push_subscription where id = :id on conflict do nothing",
                given,
            )
        await announce(tx, topic_of(browser.person_id))
