"""The words of a visit's video, and its place on the pages of patients, clinicians and guests."""

from typing import Any

import reflex as rx

from portal_app.components import room
from portal_app.components.kinds import Flag, Text
from portal_app.core.i18n import _


def video(visit: Text, *, is_guest: Flag = False) -> rx.Component:
    """Return the video of a visit; `visit` is its id, "" while one is not in the room."""
    return room.picture(visit, words=_words(), is_guest=is_guest)


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
        "direct": _("Encrypted from your device to theirs. Nobody in between can see or hear you."),
        "hub": _("Encrypted to our own server, which passes it on and records nothing."),
        "taken": _("You opened this visit somewhere else. It goes on there; this page has stopped."),
        "out": _("You are not in this visit any more."),
        "full": _("This visit is full. Ask the clinician to let you in."),
        "you": _("You"),
        "mute": _("Turn my sound off"),
        "unmute": _("Turn my sound on"),
        "hide": _("Turn my camera off"),
        "show": _("Turn my camera on"),
        "turn": _("Use the other camera"),
        "share": _("Show my screen"),
        "unshare": _("Stop showing my screen"),
        "speaker": _("Speaker"),
        "pictureOff": _("Your camera is off"),
        "away": _("is connecting again"),
        "theirSoundOff": _("sound off"),
        "theirPictureOff": _("camera off"),
        "theirLinePoor": _("weak line, sound only"),
    }
