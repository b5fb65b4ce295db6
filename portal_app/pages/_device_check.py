"""The device check in words: what it says at each step, and the way out of each refusal."""

import reflex as rx

from portal_app.components.device_check import device_check
from portal_app.core.i18n import _
from portal_app.state.guest_room import GuestRoom
from portal_app.state.visit import Visit

MEASURE_AT = "/visit/measure"
MIRROR_AT = "/visit/mirror"
GUESTS_MEASURE_AT = "/room/measure"
GUESTS_MIRROR_AT = "/visit/mirror?as=guest"


def check(*, is_guest: bool = False) -> rx.Component:
    """Return the device check; what it found is kept for whoever lets the patient, or a guest, in."""
    words = _words() | _refusals()
    if is_guest:
        return device_check(
            words, measure_at=GUESTS_MEASURE_AT, mirror_at=GUESTS_MIRROR_AT, on_done=GuestRoom.on_checked
        )
    return device_check(words, measure_at=MEASURE_AT, mirror_at=MIRROR_AT, on_done=Visit.on_checked)


def _words() -> dict[str, str]:
    return {
        "explain": _(
            "We try your camera, your microphone and your connection. It takes less than a minute. Your browser will"
            " ask whether this page may use them: tap Allow. Nobody sees or hears you yet."
        ),
        "begin": _("Try camera and sound"),
        "skip": _("Skip this"),
        "asking": _("Your browser is asking now. Tap Allow."),
        "picture": _("Your own picture"),
        "only_you": _("Only you see this. Nothing is recorded."),
        "no_camera": _("We found no camera that works. You can still talk and listen."),
        "camera": _("Which camera?"),
        "microphone": _("Microphone"),
        "speak": _("Say a few words. The bar should move."),
        "level": _("How loud you are"),
        "heard": _("We hear you."),
        "not_heard_yet": _("We have not heard you yet."),
        "which_microphone": _("Which microphone?"),
        "sound": _("Sound"),
        "which_speaker": _("Which speaker?"),
        "play": _("Play a tone"),
        "did_you_hear": _("Did you hear it?"),
        "yes": _("Yes"),
        "no": _("No"),
        "deaf": _("I do not hear, I read"),
        "sound_works": _("Good. You will hear us."),
        "sound_silent": _("Turn the volume up, switch silent mode off, unplug headphones, and play it again."),
        "sound_deaf": _("Good. In the visit you can write, and an interpreter can join."),
        "line": _("Connection"),
        "measuring": _("Measuring your connection…"),
        "line_good": _("Your connection is good enough for video."),
        "line_weak": _("Your connection is weak. The picture may stop; the sound goes on. Wi-Fi may help."),
        "line_unknown": _("We could not measure your connection. You can go on."),
        "done": _("Go on"),
    }


def _refusals() -> dict[str, str]:
    return {
        "refused": _("We cannot use your camera and microphone"),
        "again": _("Try again"),
        "without": _("Go on without them"),
        "missing": _("We found no camera and no microphone. Plug one in or use a phone, then try again."),
        "busy": _("Another app is using the camera or the microphone. Close it, then try again."),
        "refused_apple": _(
            "Tap the symbol at the left of the address at the edge of the screen, choose Website Settings, and set"
            " Camera and Microphone to Allow. Then try again."
        ),
        "refused_device": _(
            "Open the settings of this device, find this browser among the apps, and allow Camera and Microphone. Then"
            " come back and try again."
        ),
        "refused_android": _(
            "Tap the symbol at the left of the address, choose Permissions, and allow Camera and Microphone. Then try"
            " again."
        ),
        "refused_firefox": _(
            "Click the crossed-out camera at the left of the address, take the block away, and try again."
        ),
        "refused_computer": _(
            "Click the symbol at the left of the address, allow Camera and Microphone, and try again."
        ),
        "in_app_apple": _(
            "This app cannot show video visits. Tap the compass or the three dots, choose Open in Safari, and join"
            " there."
        ),
        "in_app_android": _(
            "This app cannot show video visits. Tap the three dots, choose Open in browser, and join there."
        ),
    }
