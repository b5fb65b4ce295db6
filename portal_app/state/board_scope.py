"""Whose day, week or month a staff screen shows: a clinician's, a place's or a room's."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from portal_app.core.db import Transaction
from portal_app.core.errors import NotFound
from portal_app.features.practice import service as practice
from portal_app.features.practice.views import LocationView, PractitionerView, RoomView

_FILTERS = {"who": "practitioner_id", "place": "location_id", "room": "room_id"}


@dataclass(frozen=True, slots=True)
class Scope:
    """One choice: `kind` is who, place or room."""

    kind: str
    id: UUID

    @classmethod
    def read(cls, value: str) -> Self:
        """Read what `value` wrote; anything else is a ValueError."""
        kind, _sep, id_ = value.partition(":")
        if kind not in _FILTERS:
            raise ValueError(kind)
        return cls(kind, UUID(id_))

    @classmethod
    def of_practitioner(cls, id_: str) -> Self | None:
        """Return a clinician's; nothing without an id."""
        return cls("who", UUID(id_)) if id_ else None

    @property
    def value(self) -> str:
        """Return it as addresses and choices carry it."""
        return f"{self.kind}:{self.id}"

    def filters(self) -> dict[str, Any]:
        """Return it as the service takes it."""
        return {_FILTERS[self.kind]: self.id}


@dataclass(frozen=True, slots=True)
class ScopeOptions:
    """Everybody and everything there is to choose from."""

    people: Sequence[PractitionerView]
    places: Sequence[LocationView]
    rooms: Sequence[RoomView]

    def place_of(self, scope: Scope) -> LocationView:
        """Return the place whose clock counts the days: its own, the room's, or the clinician's first."""
        wanted = {scope.id}
        if scope.kind == "room":
            wanted = {one.location_id for one in self.rooms if one.id == scope.id}
        if scope.kind == "who":
            wanted = {place for one in self.people if one.id == scope.id for place in one.location_ids[:1]}
        return next((one for one in self.places if one.id in wanted), self.places[0])

    def zone_of(self, scope: Scope) -> str:
        """Return the IANA zone in which days and times are said."""
        return self.place_of(scope).zone

    def name_of(self, scope: Scope) -> str:
        """Return what it is called."""
        rows = [*self.people_rows(), *self.place_rows(), *self.room_rows(prefix="room:")]
        return next((row["label"] for row in rows if row["value"] == scope.value), "")

    def topics_of(self, scope: Scope) -> tuple[str, ...]:
        """Return what to follow, so that the page stays true."""
        if scope.kind == "who":
            return (f"practitioner:{scope.id}",)
        return (f"location:{self.place_of(scope).id}",)

    def people_rows(self) -> list[dict[str, str]]:
        """Return the clinicians as choices."""
        return [{"value": f"who:{one.id}", "label": f"{one.title} {one.name}".strip()} for one in self.people]

    def place_rows(self) -> list[dict[str, str]]:
        """Return the places as choices."""
        return [{"value": f"place:{one.id}", "label": one.name} for one in self.places]

    def room_rows(self, *, prefix: str = "") -> list[dict[str, str]]:
        """Return the rooms as choices, each with its place."""
        names = {one.id: one.name for one in self.places}
        return [
            {"value": f"{prefix}{one.id}", "label": f"{names.get(one.location_id, '')} · {one.name}"}
            for one in self.rooms
        ]


async def scope_options(tx: Transaction) -> ScopeOptions:
    """Return what there is to choose from."""
    return ScopeOptions(await practice.practitioners(tx), await practice.locations(tx), await practice.rooms(tx))


def clinician_of(value: str) -> UUID:
    """Return whose board it is; raises NotFound where it is not a clinician's."""
    try:
        found = Scope.read(value)
    except ValueError:
        raise NotFound from None
    if found.kind != "who":
        raise NotFound
    return found.id


def choose_scope(wanted: str, own: str, options: ScopeOptions) -> Scope:
    """Return what is wanted if there is such a thing, else one's own, else the first place."""
    known = [*options.people_rows(), *options.place_rows(), *options.room_rows(prefix="room:")]
    if any(row["value"] == wanted for row in known):
        return Scope.read(wanted)
    return Scope("who", UUID(own)) if own else Scope("place", options.places[0].id)
