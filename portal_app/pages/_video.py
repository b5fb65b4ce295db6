"""The words of a visit's video, and its place on the pages of patients, clinicians and guests."""

from collections.abc import Mapping
from typing import Any

import reflex as rx

from portal_app.components import room
from portal_app.components.kinds import Flag, Text
from portal_app.core.i18n import _
from portal_app.state.visit_words import all_roles


def video(
    visit: Text, *, is_guest: Flag = False, is_awaiting: Flag = False, numbers: Mapping[str, Text]
) -> rx.Component:
    """Return the video of a visit; `visit` is its id, "" while one is not in the room; the rest as `room.picture`."""
    return room.picture(visit, words=_words(), numbers=numbers, is_guest=is_guest, is_awaiting=is_awaiting)


def _words() -> dict[str, Any]:
    return {
        "asking": _("Your browser asks for your camera and microphone. Choose “Allow”."),
        "refused": _(
            "We cannot use your camera or your microphone. You can still see and hear the others. To allow them, tap "
            "the lock beside the address, then reload this page."
        ),
        "alone": _("You are in. The others are not here yet."),
        "connecting": _("Connecting you …"),
        "reconnecting": _("The connection broke. We are connecting you again."),
        "poor": _("The line is weak, so there is only sound now. The picture comes back by itself."),
        "stands": _("The line is weak: a picture stands still. The sound goes on, and we ask for the picture again."),
        "still": _("the picture stands still"),
        "theirStill": _("weak line, sees a picture that stands still"),
        "direct": _("Encrypted from your device to theirs. Nobody in between can see or hear you."),
        "hub": _("Encrypted to our own server, which passes it on and records nothing."),
        "taken": _("You opened this visit somewhere else. It goes on there; this page has stopped."),
        "out": _("You are not in this visit any more."),
        "full": _("This visit is full. Ask the clinician to let you in."),
        "you": _("You"),
        "roles": all_roles(),
        "soundIsOn": _("Your sound is on"),
        "soundIsOff": _("Your sound is off"),
        "pictureIsOn": _("Your camera is on"),
        "screenIsShown": _("The others see your screen"),
        "mute": _("Turn my sound off"),
        "unmute": _("Turn my sound on"),
        "hide": _("Turn my camera off"),
        "show": _("Turn my camera on"),
        "otherBusy": _("The other camera could not be opened. The others still see you by this one."),
        "heldBack": _(
            "Your device holds your camera or your microphone back, perhaps for a call. We take them up again as soon "
            "as it lets us."
        ),
        "takeUp": _("Turn them on again"),
        "paused": _("Your picture is paused"),
        "turn": _("Use the other camera"),
        "share": _("Show my screen"),
        "unshare": _("Stop showing my screen"),
        "speaker": _("Speaker"),
        "pictureOff": _("Your camera is off"),
        "away": _("is connecting again"),
        "theirSoundOff": _("sound off"),
        "theirPictureOff": _("camera off"),
        "theirPause": _("picture paused"),
        "theirScreen": _("shows their screen"),
        "theirLinePoor": _("weak line, sound only"),
        "noLine": _("There is no connection. Your place is kept, and this page goes on trying."),
        "again": _("Load this page again"),
        "weCallYou": _("We can call you on"),
        "callUs": _("Call us:"),
        "theirLineGone": _("The patient has no connection. Their place is kept."),
        "callThem": _("Call the patient:"),
    }
