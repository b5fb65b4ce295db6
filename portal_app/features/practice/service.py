"""Tell who the practice is, where it is, whom one can see there and what can be booked."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from portal_app.core import clock, policy
from portal_app.core.db import Transaction
from portal_app.core.errors import NotFound
from portal_app.features.practice import policies
from portal_app.features.practice.facts import (
    STALE_LINE,
    check_fact,
    check_line,
    phone_line,
    place_facts,
    practice_lines,
    readable_number,
    set_hours,
    set_number,
    set_way,
)
from portal_app.features.practice.places import (
    add_room,
    keep_place_open,
    kept_places,
    rename_room,
    rooms_of,
    set_country,
    set_room_in_use,
    set_staff_idle,
    set_video_path,
    staff_idle,
    video_path,
)
from portal_app.features.practice.profiles import (
    may_set_photo,
    open_photo,
    portrait_of,
    practitioners,
    profile,
    set_photo,
    set_profile,
    takers,
)
from portal_app.features.practice.reasons import SPECIALTIES, Reason, find_reasons, reason_of
from portal_app.features.practice.tables import Schedule
from portal_app.features.practice.views import (
    LocationView,
    PracticeView,
    PractitionerView,
    RoomView,
    VisitTypeView,
    name_in,
    words_in,
)

__all__ = [
    "SPECIALTIES", "STALE_LINE", "LocationView", "PracticeView", "PractitionerView", "Reason", "RoomView",
    "Schedule", "VisitTypeView", "add_room", "check_fact", "check_line", "country", "find_reasons", "home_zone",
    "keep_place_open", "kept_places", "locations", "may_set_photo", "name_in", "open_photo", "own_practitioner_id",
    "phone_line", "place_facts", "portrait_of", "practice", "practice_lines", "practitioners", "profile",
    "readable_number", "reason_of", "rename_room", "rooms", "rooms_of", "set_country", "set_hours", "set_number",
    "set_photo", "set_profile", "set_room_in_use", "set_staff_idle", "set_video_path", "set_way", "staff_idle",
    "takers", "video_path", "visit_types", "words_in",
]  # fmt: skip


async def practice(tx: Transaction) -> PracticeView:
    """Return the practice of this installation. Visitors may ask too.

    Raises:
        NotFound: if none was set up yet.
    """
    row: Any = await tx.first("select name, initial, accent, phone, emergency_phone, country from practice")
    if row is None:
        raise NotFound
    return PracticeView(*row)


async def country(tx: Transaction) -> str:
    """Return the practice's country (ISO 3166): how its people write telephone numbers. Visitors may ask too."""
    return await tx.scalar("select country from practice") or "US"


async def locations(tx: Transaction) -> Sequence[LocationView]:
    """Return every location that is not closed for good, by name. Visitors may ask too."""
    rows: Sequence[Any] = await tx.all(
        "select id, name, address, zone, phone, directions, directions_url, parking, ways from location"
        " where closed_from is null or closed_from > :today order by name, id",
        {"today": clock.now().date()},
    )
    return [LocationView(*row) for row in rows]


async def home_zone(tx: Transaction) -> str:
    """Return the zone in which the practice as a whole reads its clock: that of its first place."""
    return next((one.zone for one in await locations(tx)), "UTC")


async def rooms(tx: Transaction) -> Sequence[RoomView]:
    """Return the rooms in use, by location and name."""
    policy.require(tx.actor, policies.VIEW.name)
    rows: Sequence[Any] = await tx.all(
        "select r.id, r.location_id, r.name from room r join location l on l.id = r.location_id"
        " where r.is_active order by l.name, r.name, r.id"
    )
    return [RoomView(*row) for row in rows]


async def visit_types(tx: Transaction) -> Sequence[VisitTypeView]:
    """Return what can be booked now, the shortest first."""
    policy.require(tx.actor, policies.VIEW.name)
    rows = await tx.all(
        "select id, code, names, modalities, duration_min, notice_h, lead_min from visit_type"
        " where is_active order by duration_min, code"
    )
    return [_visit_type(row) for row in rows]


def _visit_type(row: Row[Any]) -> VisitTypeView:
    duration, lead = timedelta(minutes=row.duration_min), timedelta(minutes=row.lead_min)
    notice = timedelta(hours=row.notice_h)
    return VisitTypeView(row.id, row.code, row.names, tuple(row.modalities), duration, notice, lead)


async def own_practitioner_id(tx: Transaction) -> UUID | None:
    """Return which practitioner the actor is, if any."""
    found: UUID | None = await tx.scalar(
        "select id from practitioner where person_id = :person_id", {"person_id": tx.actor.person_id}
    )
    return found
