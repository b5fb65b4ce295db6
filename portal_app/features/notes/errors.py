"""What can go wrong while a visit is written up."""

from portal_app.core.errors import PortalError
from portal_app.core.i18n import N_


class NoteChanged(PortalError):
    """Somebody else, or another tab, has saved the note since it was opened here."""

    code = "note_changed"
    message = N_("This note was changed elsewhere. Both versions are below: choose what to keep.")


class NoteSigned(PortalError):
    """The note is signed; nothing in it changes any more."""

    code = "note_signed"
    message = N_("This note is signed and does not change any more. You can add to it.")


class NoteEmpty(PortalError):
    """There is nothing to sign."""

    code = "note_empty"
    message = N_("Write the note first: an empty one cannot be signed.")


class NoteUnsigned(PortalError):
    """Only a signed note takes an addendum."""

    code = "note_unsigned"
    message = N_("This note is not signed yet. Write what you want to add into the note itself.")


class VisitNotHeld(PortalError):
    """The appointment was cancelled, nobody came, or it has not begun."""

    code = "visit_not_held"
    message = N_("This visit has not taken place, so there is nothing to sign. Your note is kept.")


class EndingIncomplete(PortalError):
    """A step before the signature is not done."""

    code = "ending_incomplete"
    message = N_("Something is missing before this visit can be signed. The steps that are open are marked.")
