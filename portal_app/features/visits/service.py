"""Join a visit, host it, come in by a link, and go."""

from portal_app.features.visits.before import COMPANY, remembered, say_whereabouts
from portal_app.features.visits.board import be_alone, board, colleagues, hand_over, room
from portal_app.features.visits.chat import lines, write
from portal_app.features.visits.checks import keep_check
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
from portal_app.features.visits.guests import agree, come_back, invite, my_seat_outside, redeem
from portal_app.features.visits.hosting import admit, begin, end_for_all, lock, open_room, remove, when_ended
from portal_app.features.visits.joining import join
from portal_app.features.visits.regions import ELSEWHERE, regions_of
from portal_app.features.visits.seats import leave, seat, take_seat
from portal_app.features.visits.views import (
    BoardRow,
    ChatLine,
    DeviceCheck,
    EndedVisit,
    Guest,
    Invitation,
    MyVisit,
    Place,
    Present,
    RoomKey,
    RoomRow,
    RoomView,
    Seat,
    Whereabouts,
)
from portal_app.features.visits.waiting_room import my_visit, tell_waiting_room, want_call

__all__ = [
    "COMPANY",
    "ELSEWHERE",
    "BoardRow",
    "ChatLine",
    "DeviceCheck",
    "EndedVisit",
    "Guest",
    "Invitation",
    "LinkUsed",
    "MyVisit",
    "NotByVideo",
    "NotInRoom",
    "NotYetOpen",
    "PatientHasNotAgreed",
    "Place",
    "Present",
    "RoomKey",
    "RoomLocked",
    "RoomRow",
    "RoomView",
    "Seat",
    "SeatTakenElsewhere",
    "VisitCalledOff",
    "VisitNotBegun",
    "VisitOver",
    "Whereabouts",
    "admit",
    "agree",
    "be_alone",
    "begin",
    "board",
    "colleagues",
    "come_back",
    "end_for_all",
    "hand_over",
    "invite",
    "join",
    "keep_check",
    "leave",
    "lines",
    "lock",
    "my_seat_outside",
    "my_visit",
    "open_room",
    "redeem",
    "regions_of",
    "remembered",
    "remove",
    "room",
    "say_whereabouts",
    "seat",
    "take_seat",
    "tell_waiting_room",
    "want_call",
    "when_ended",
    "write",
]
