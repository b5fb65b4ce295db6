"""What can go wrong with lists and with what was said of them."""

from portal_app.core.errors import InputRefused, PortalError
from portal_app.core.i18n import N_
from portal_app.features.chart.rules import Refused

_WORDS = {
    "name": N_("Write the name."),
    "words": N_("Write how it is now, in your own words."),
    "reason": N_("Write why. The patient reads it."),
    "too_long": N_("This is too long. Shorten it."),
    "signs": N_("Write it with letters and signs that everybody can see."),
    "choose": N_("Choose one of the answers."),
    "day": N_("Write a day that has been, or leave it empty."),
}


class EntryMovedOn(PortalError):
    """The entry has changed since it was shown."""

    code = "entry_moved_on"
    message = N_("This was changed in the meantime. The list now shows how it stands. Look at it once more.")


class ChangeDecided(PortalError):
    """Somebody has decided about a change already."""

    code = "change_decided"
    message = N_("A colleague was faster: this was decided already. The list now shows how it stands.")


class AnswerSeen(PortalError):
    """The care team has already decided about what was said, or the review is finished."""

    code = "answer_seen"
    message = N_("Your care team has this already. If something is different now, go through your list once more.")


class ReviewIncomplete(PortalError):
    """Something on the lists has no answer yet."""

    code = "review_incomplete"
    message = N_("Some things on your list have no answer yet. Choose an answer for each; “I don't know” is fine too.")


class AllergiesKnown(PortalError):
    """That there are no allergies cannot stand beside one."""

    code = "allergies_known"
    message = N_("There are allergies on the list. Take them off first, or leave this.")


class ListFull(PortalError):
    """More than anybody takes."""

    code = "list_full"
    message = N_("The list is full. Call us, and we go through it together.")


def at_field(error: Refused) -> InputRefused:
    """Return what is wrong with a form as it is said beside its field."""
    why = error.field if error.why == "missing" and error.field in _WORDS else error.why
    return InputRefused(error.field, _WORDS.get(why, _WORDS["choose"]))
