"""What the page of a reading says while the server cannot be reached: all of it is in the page beforehand."""

from collections.abc import Mapping
from typing import Any

from portal_app.core.i18n import _
from portal_app.state import vital_words as words


def waiting_words() -> dict[str, Any]:
    """Return what is said of readings that wait on a device."""
    return {
        "waiting": _("Waiting to send"),
        "nobodyKnows": _(
            "Nobody has been told yet. It is kept on this device and sent as soon as there is a connection."
        ),
        "signIn": _("Sign in and go on"),
        "turnedDown": _("This reading was not kept"),
        "confirm": _("They are right: save them"),
        "remove": _("Remove it from this device"),
        "sent": _("Sent"),
        "told": _("Your care team was alerted."),
        "seen": _("Your care team can see this. Nobody was alerted: it is not needed for this number."),
    }


def offline_words() -> dict[str, Any]:
    """Return everything that is said while a reading is entered, judged and kept."""
    return waiting_words() | _asking() | _doubting() | _telling()


def _asking() -> dict[str, Any]:
    return {
        "offline": _("There is no connection. You can log a reading all the same: it is sent later, with its time."),
        "notCarried": _("There is no connection, and this page was not ready for that."),
        "noteIt": _(
            "If you measured something, write the number and the time down. You can log it later, with that time."
        ),
        "noteDanger": _("If you feel unwell, do not wait for a connection: call the emergency number."),
        "what": _("What did you measure?"),
        "names": _all(words.NAMES),
        "labels": _all(words.LABELS),
        "unit": _("Unit"),
        "clock": _("Times here go by the clock in {place}."),
        "lower": _("Lower number, in mmHg"),
        "pulse": _("Pulse, heartbeats in a minute (optional)"),
        "context": _("When was it? (optional)"),
        "contexts": _all(words.CONTEXTS),
        "symptom": _("I have a warning sign now"),
        "symptoms": _("Chest pain, short of breath, confused, fainting, or weak on one side."),
        "more": _("Another time, a note, how you sat"),
        "at": _("When did you measure? Empty for now"),
        "arm": _("Which arm? (optional)"),
        "arms": _all(words.ARMS),
        "posture": _("How were you? (optional)"),
        "postures": _all(words.POSTURES),
        "note": _("A note (optional)"),
        "save": _("Save this reading"),
        "typeNumber": _("Type the number that your device shows."),
        "toCome": _("That time is still to come. When did you measure?"),
    }


def _doubting() -> dict[str, Any]:
    return {
        "doubtTitle": _("Are these numbers right?"),
        "doubtText": _("Look at your device once more. Nothing is saved yet."),
        "doubts": _all(words.DOUBTS),
        "change": _("Change the numbers"),
    }


def _telling() -> dict[str, Any]:
    return {
        "findings": {code: [_(said), tone] for code, (said, tone) in words.FINDINGS.items()},
        "steps": {code: [_(step) for step in steps] for code, steps in words.STEPS.items()},
        "ofPulse": _("Pulse: {finding}"),
        "repeat": {measure: [_(step) for step in steps] for measure, steps in words.AGAIN.items()},
        "danger": {
            "number": _(words.DANGER),
            "symptom": _(words.DANGER_SYMPTOM),
            "ifRight": _(words.DANGER_IF_RIGHT),
        },
        "emergency": _("Emergency"),
        "doNow": _("What to do now"),
        "again": _("Measure again"),
        "whoKnows": _("Who knows"),
        "doNotWait": _("Do not wait for us. Call us, or the emergency number if you feel unwell."),
        "call": _("Call us"),
        "other": _("Log something else"),
    }


def _all(said: Mapping[str, str]) -> dict[str, str]:
    return {code: _(words_) for code, words_ in said.items()}
