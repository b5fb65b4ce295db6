"""Join a visit, host it, come in by a link, and go."""

from portal_app.features.visits.errors import (
    LinkUsed,
    NotByVideo,
    NotInRoom,
    NotYetOpen,
    PatientHasNotAgreed,
    RoomLocked,
    SeatTakenElsewhere,
    VisitCalledOff,
    VisitNotBegun,
    VisitOver,
)
from portal_app.features.visits.guests import agree, invite, redeem
from portal_app.features.visits.hosting import admit, begin, end_for_all, lock, open_room, remove, when_ended
from portal_app.features.visits.joining import join
from portal_app.features.visits.seats import leave, seat, take_seat
from portal_app.features.visits.views import EndedVisit, Invitation, Place, Present, RoomKey, Seat

__all__ = [
    "EndedVisit",
    "Invitation",
    "LinkUsed",
    "NotByVideo",
    "NotInRoom",
    "NotYetOpen",
    "PatientHasNotAgreed",
    "Place",
    "Present",
    "RoomKey",
    "RoomLocked",
    "Seat",
    "SeatTakenElsewhere",
    "VisitCalledOff",
    "VisitNotBegun",
    "VisitOver",
    "admit",
    "agree",
    "begin",
    "end_for_all",
    "invite",
    "join",
    "leave",
    "lock",
    "open_room",
    "redeem",
    "remove",
    "seat",
    "take_seat",
    "when_ended",
]
