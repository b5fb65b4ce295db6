"""What people say about themselves, how they are reached, and how they read the portal."""

from portal_app.features.profile.changes import accept_change, changes_before
from portal_app.features.profile.contacts import Kind, confirm, propose, undo, undoable
from portal_app.features.profile.errors import ChangedAgain, ChangeOver
from portal_app.features.profile.rules import masked_number
from portal_app.features.profile.saying import (
    acts_for_self,
    be_called,
    called,
    choose_channels,
    choose_look,
    choose_pharmacy,
    choose_reached_by,
    choose_units,
    contacts,
    name_emergency_contact,
    profile,
    reading,
    require_proof_of_contact,
    say_pronouns,
)
from portal_app.features.profile.views import (
    Contacts,
    EmergencyContact,
    Pharmacy,
    Profile,
    ProfileChange,
    Reading,
    UndoableChange,
)

__all__ = [
    "ChangeOver", "ChangedAgain", "Contacts", "EmergencyContact", "Kind", "Pharmacy", "Profile", "ProfileChange",
    "Reading", "UndoableChange", "accept_change", "acts_for_self", "be_called", "called", "changes_before",
    "choose_channels", "choose_look", "choose_pharmacy", "choose_reached_by", "choose_units", "confirm", "contacts",
    "masked_number", "name_emergency_contact", "profile", "propose", "reading", "require_proof_of_contact",
    "say_pronouns", "undo", "undoable",
]  # fmt: skip
