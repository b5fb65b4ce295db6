"""What only a manager changes of the practice and its places: its country, and the rooms of a place."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

import phonenumbers

from portal_app.core import audit, policy
from portal_app.core.db import Transaction
from portal_app.core.errors import InputRefused, NotFound
from portal_app.core.i18n import N_
from portal_app.features.practice import policies
from portal_app.features.practice.rules import STAFF_IDLE_MIN, VIDEO_PATHS
from portal_app.features.practice.views import PlaceUse, RoomUse

NAME_MAX: Final = 40
_ADD: Final = """
insert into room (id, location_id, name) select :id, l.id, :name from location l where l.id = :location_id
on conflict (id) do nothing
"""
_SAME: Final = """
select exists (select from room r where lower(r.name) = lower(:name) and r.id <> :id and r.is_active
  and r.location_id = coalesce(cast(:location_id as uuid), (select o.location_id from room o where o.id = :id)))
"""


async def set_country(tx: Transaction, country: str) -> None:
    """Say in which country the practice is (ISO 3166, two letters): how its people write telephone numbers.

    Raises:
        InputRefused: if there is no such country.
    """
    policy.require(tx.actor, policies.CHANGE_FACTS.name)
    if country not in phonenumbers.SUPPORTED_REGIONS:
        raise InputRefused("country", N_("Write the two letters of a country, such as US."))
    if await tx.execute("update practice set country = :country where country <> :country", {"country": country}):
        await audit.record(
            tx, "practice.set_country", patient_id=None, entity="Organization", entity_id=None,
            detail={"country": country},
        )  # fmt: skip


async def staff_idle(tx: Transaction) -> int:
    """Return after how many minutes without anybody at the screen a session of the staff's is locked."""
    return await tx.scalar("select staff_idle_min from practice") or STAFF_IDLE_MIN[1]


async def set_staff_idle(tx: Transaction, minutes: int) -> None:
    """Say after how long that is; sessions that are open follow when somebody is next at their screen.

    Raises:
        InputRefused: if it is not one of the times offered.
    """
    policy.require(tx.actor, policies.CHANGE_FACTS.name)
    if minutes not in STAFF_IDLE_MIN:
        raise InputRefused("idle", N_("Choose one from the list."))
    changed = "update practice set staff_idle_min = :minutes where staff_idle_min <> :minutes"
    if await tx.execute(changed, {"minutes": minutes}):
        detail = {"minutes": str(minutes)}
        await audit.record(
            tx, "practice.set_staff_idle", patient_id=None, entity="Organization", entity_id=None, detail=detail
        )


async def video_path(tx: Transaction) -> str:
    """Return how the practice lets video travel: "direct" where two browsers may, else "hub"."""
    return await tx.scalar("select video_path from practice") or VIDEO_PATHS[0]


async def set_video_path(tx: Transaction, path: str) -> None:
    """Say how video travels; it counts for whoever comes into a room from now on.

    Raises:
        InputRefused: if there is no such way.
    """
    policy.require(tx.actor, policies.CHANGE_FACTS.name)
    if path not in VIDEO_PATHS:
        raise InputRefused("path", N_("Choose one from the list."))
    if await tx.execute("update practice set video_path = :path where video_path <> :path", {"path": path}):
        await audit.record(
            tx, "practice.set_video_path", patient_id=None, entity="Organization", entity_id=None,
            detail={"path": path},
        )  # fmt: skip


async def kept_places(tx: Transaction) -> Sequence[PlaceUse]:
    """Return every place by name, those that are closed too. A manager's."""
    policy.require(tx.actor, policies.VIEW_CHECKS.name)
    rows: Sequence[Any] = await tx.all("select id, name, zone, closed_from from location order by name, id")
    return [PlaceUse(*row) for row in rows]


async def keep_place_open(tx: Transaction, location_id: UUID) -> None:
    """Take back that a place closes or has closed; its hours are entered anew. A manager's.

    Raises:
        NotFound: if there is no such place.
    """
    policy.require(tx.actor, policies.CHANGE_FACTS.name)
    if not await tx.execute("update location set closed_from = null where id = :id", {"id": location_id}):
        raise NotFound
    await _record(tx, "practice.keep_open", location_id)


async def rooms_of(tx: Transaction, location_id: UUID) -> Sequence[RoomUse]:
    """Return a place's rooms by name, those in use first. A manager's."""
    policy.require(tx.actor, policies.VIEW_CHECKS.name)
    rows: Sequence[Any] = await tx.all(
        "select id, name, is_active from room where location_id = :id order by is_active desc, lower(name), id",
        {"id": location_id},
    )
    return [RoomUse(*row) for row in rows]


async def add_room(tx: Transaction, room_id: UUID, location_id: UUID, name: str) -> None:
    """Add a room to a place; the id is made with the form, so that two taps make one. A manager's.

    Raises:
        InputRefused: if the name is missing, too long, or another room's of this place.
    """
    values = {"id": room_id, "location_id": location_id, "name": await _name(tx, room_id, name, location_id)}
    if await tx.execute(_ADD, values):
        await _record(tx, "practice.add_room", room_id)


async def rename_room(tx: Transaction, room_id: UUID, name: str) -> None:
    """Give a room another name. A manager's. Errors as `add_room`, and NotFound if there is no such room."""
    values = {"id": room_id, "name": await _name(tx, room_id, name, None)}
    if not await tx.execute("update room set name = :name where id = :id", values):
        raise NotFound
    await _record(tx, "practice.rename_room", room_id)


async def set_room_in_use(tx: Transaction, room_id: UUID, *, is_active: bool) -> None:
    """Retire a room, or take it into use again; visits that have it keep it. A manager's.

    Raises:
        NotFound: if there is no such room.
    """
    policy.require(tx.actor, policies.CHANGE_FACTS.name)
    values = {"id": room_id, "is_active": is_active}
    if not await tx.execute("update room set is_active = :is_active where id = :id", values):
        raise NotFound
    await _record(tx, "practice.use_room" if is_active else "practice.retire_room", room_id)


async def _name(tx: Transaction, room_id: UUID, typed: str, location_id: UUID | None) -> str:
    policy.require(tx.actor, policies.CHANGE_FACTS.name)
    name = " ".join(typed.split())
    if not 0 < len(name) <= NAME_MAX:
        raise InputRefused("room", N_("Write the room's name in 40 characters or fewer."))
    if await tx.scalar(_SAME, {"id": room_id, "name": name, "location_id": location_id}):
        raise InputRefused("room", N_("Another room of this place has that name."))
    return name


async def _record(tx: Transaction, action: str, place_id: UUID) -> None:
    await audit.record(tx, action, patient_id=None, entity="Location", entity_id=place_id)
