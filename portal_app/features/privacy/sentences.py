"""What each action of the trail is called in plain words.

A feature that records an action about a chart adds its line here; a test walks the sources and fails without. The words
have no "you" and no "he": they stand below whoever it was, who may be the reader.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from portal_app.core.i18n import N_


@dataclass(frozen=True, slots=True)
class Sentence:
    """An action in words (a msgid); `is_view` if it changed nothing."""

    words: str
    is_view: bool = False


def _saw(words: str) -> Sentence:
    return Sentence(words, is_view=True)


SENTENCES: Final[Mapping[str, Sentence]] = {
    "access.accept_caregiver": Sentence(N_("Accepted the invitation to act for the patient")),
    "access.act_for": Sentence(N_("Went to this chart to act for the patient")),
    "access.add_chart": Sentence(N_("Opened this chart")),
    "access.add_person": Sentence(N_("Made it possible to sign in to this chart")),
    "access.change_caregiver": Sentence(N_("Changed what a caregiver may do")),
    "access.decline_caregiver": Sentence(N_("Declined the invitation to act for the patient")),
    "access.end_caregiver": Sentence(N_("Ended what a caregiver may do")),
    "access.invite_caregiver": Sentence(N_("Invited a caregiver")),
    "access.keep_document": Sentence(N_("Kept a document about a caregiver")),
    "access.reset_patient": Sentence(N_("Reset how the patient signs in, because a device was lost")),
    "access.view_caregivers": _saw(N_("Looked at who acts for the patient")),
    "billing.correct": Sentence(N_("Corrected what a visit is charged as")),
    "billing.enter": Sentence(N_("Wrote down what a visit is charged as")),
    "booking.arrived": Sentence(N_("Checked in for an appointment")),
    "booking.book": Sentence(N_("Booked an appointment")),
    "booking.book_for": Sentence(N_("Booked an appointment")),
    "booking.booked": Sentence(N_("Took a check-in back")),
    "booking.cancel": Sentence(N_("Cancelled an appointment")),
    "booking.confirm": Sentence(N_("Confirmed an appointment")),
    "booking.fulfilled": Sentence(N_("Noted that an appointment took place")),
    "booking.give_room": Sentence(N_("Chose the room for an appointment")),
    "booking.keep_private": Sentence(N_("Kept an appointment private from caregivers")),
    "booking.move": Sentence(N_("Moved an appointment to another time")),
    "booking.noshow": Sentence(N_("Noted that nobody came to an appointment")),
    "booking.read_link": _saw(N_("Opened the link in a reminder")),
    "booking.show_again": Sentence(N_("Showed an appointment to caregivers again")),
    "booking.undo_cancel": Sentence(N_("Took a cancellation back")),
    "booking.view": _saw(N_("Looked at an appointment")),
    "booking.view_day": _saw(N_("Saw the name in a list of the day's appointments")),
    "callback.answer": Sentence(N_("Called back, or tried to")),
    "callback.ask": Sentence(N_("Asked for a call")),
    "callback.take_back": Sentence(N_("Took back the wish for a call")),
    "callback.view": _saw(N_("Looked at the wish for a call")),
    "enrolment.activate": Sentence(N_("Signed in to this chart for the first time")),
    "enrolment.first_step": Sentence(N_("Finished a first step in the portal")),
    "enrolment.issue": Sentence(N_("Made an invitation to sign in to this chart")),
    "enrolment.list": _saw(N_("Saw the name in a list of who signs in and who does not")),
    "enrolment.print_card": _saw(N_("Printed the card of an invitation")),
    "enrolment.revoke": Sentence(N_("Took back an invitation to sign in to this chart")),
    "enrolment.try": Sentence(N_("Typed a name and a birth date for an invitation")),
    "files.download": _saw(N_("Opened a document")),
    "notes.add": Sentence(N_("Added to the note of a visit")),
    "notes.print_summary": _saw(N_("Opened the summary of a visit as a PDF")),
    "notes.rate": Sentence(N_("Said how a visit was")),
    "notes.read_own": _saw(N_("Read the summary and the note of a visit")),
    "notes.sign": Sentence(N_("Signed the note of a visit and sent its summary")),
    "notes.view": _saw(N_("Looked at the note of a visit")),
    "notes.write": Sentence(N_("Wrote in the note of a visit")),
    "notify.fail": Sentence(N_("Could not deliver a message")),
    "notify.send": Sentence(N_("Sent a message")),
    "patients.find": _saw(N_("Saw the name in the results of a search")),
    "patients.registration_accepted": Sentence(N_("Accepted the wish to become a patient")),
    "patients.registration_linked": Sentence(N_("Noted that this chart was there already")),
    "patients.suspect": _saw(N_("Compared this chart with somebody who asked to become a patient")),
    "patients.view": _saw(N_("Looked at name, birth date, contact details and appointments")),
    "patients.view_contact": _saw(N_("Looked at the telephone number")),
    "privacy.answer": Sentence(N_("Answered a question about who looked")),
    "privacy.ask": Sentence(N_("Asked about a line on this page")),
    "privacy.end_emergency": Sentence(N_("Closed the chart that was opened in an emergency")),
    "privacy.open_in_emergency": Sentence(N_("Opened this chart in an emergency")),
    "privacy.review_emergency": Sentence(N_("Looked into an opening in an emergency")),
    "privacy.see_as_patient": _saw(N_("Saw the portal as the patient sees it, without changing anything")),
    "privacy.see_as_patient_asked": Sentence(
        N_("Began to see these pages as the patient sees them, because the patient asked for help")
    ),
    "privacy.see_as_patient_mistake": Sentence(
        N_("Began to see these pages as the patient sees them, because something may be wrong on them")
    ),
    "privacy.see_as_patient_present": Sentence(
        N_("Began to see these pages as the patient sees them, because the patient stood at the front desk")
    ),
    "privacy.who_looked": _saw(N_("Looked at this page")),
    "profile.be_called": Sentence(N_("Changed the name to be called by")),
    "profile.change_email": Sentence(N_("Changed the e-mail address")),
    "profile.change_phone": Sentence(N_("Changed the telephone number")),
    "profile.choose_pharmacy": Sentence(N_("Changed the pharmacy")),
    "profile.contact_back": Sentence(N_("Put the address from before back")),
    "profile.contact_taken": Sentence(N_("Could not put the address from before back")),
    "profile.name_emergency_contact": Sentence(N_("Changed whom to call in an emergency")),
    "profile.propose_email": Sentence(N_("Asked to change the e-mail address")),
    "profile.propose_phone": Sentence(N_("Asked to change the telephone number")),
    "profile.say_pronouns": Sentence(N_("Changed the pronouns")),
    "profile.undo_contact": Sentence(N_("Took back a change of address")),
    "schedules.offer": Sentence(N_("Asked to choose another time for an appointment")),
    "schedules.view_hit": _saw(N_("Looked at an appointment that needs another time")),
    "tasks.assign": Sentence(N_("Handed something to do to a colleague")),
    "tasks.claim": Sentence(N_("Began to see to something")),
    "tasks.close": Sentence(N_("Finished something that was to be done")),
    "tasks.give_back": Sentence(N_("Handed something to do back to the team")),
    "tasks.open": Sentence(N_("Gave the practice something to do")),
    "tasks.reopen": Sentence(N_("Opened something to do again")),
    "visits.admit": Sentence(N_("Let somebody into the visit")),
    "visits.agree": Sentence(N_("Agreed to somebody in the visit")),
    "visits.begin": Sentence(N_("Began the visit")),
    "visits.be_alone": Sentence(N_("Asked for time alone with the patient in the visit")),
    "visits.be_together": Sentence(N_("Let the others back into the visit")),
    "visits.check": Sentence(N_("Checked camera, sound and connection for a video visit")),
    "visits.hand_over": Sentence(N_("Handed the visit over to a colleague")),
    "visits.say": Sentence(N_("Said where the patient is and how to reach them")),
    "visits.view_board": _saw(N_("Saw the name in the list of the day's video visits")),
    "visits.want_call": Sentence(N_("Asked to be called when it is their turn")),
    "visits.end": Sentence(N_("Ended the visit")),
    "visits.enter": Sentence(N_("Came into the visit")),
    "visits.invite": Sentence(N_("Invited somebody to the visit")),
    "visits.join": Sentence(N_("Came into the waiting room")),
    "visits.leave": Sentence(N_("Left the visit or the waiting room")),
    "visits.lock": Sentence(N_("Closed the room of the visit for others")),
    "visits.open": _saw(N_("Opened the room of the visit")),
    "visits.redeem": Sentence(N_("Used the link of an invitation to the visit")),
    "visits.refuse": Sentence(N_("Said no to somebody in the visit")),
    "visits.remove": Sentence(N_("Took somebody out of the visit")),
    "visits.unlock": Sentence(N_("Opened the room of the visit for others again")),
    "waiting.accept": Sentence(N_("Took a time that was offered")),
    "waiting.answer_request": Sentence(N_("Answered a request for an appointment")),
    "waiting.ask": Sentence(N_("Asked for an earlier time")),
    "waiting.decline": Sentence(N_("Said no to a time that was offered")),
    "waiting.lapsed": Sentence(N_("Let an offered time go, because nobody answered")),
    "waiting.offer": Sentence(N_("Offered a time")),
    "waiting.request": Sentence(N_("Asked for an appointment")),
    "waiting.set_priority": Sentence(N_("Changed the place on the waiting list")),
    "waiting.take_off": Sentence(N_("Took the patient off the waiting list")),
    "waiting.view_request": _saw(N_("Looked at a request for an appointment")),
    "waiting.withdraw": Sentence(N_("Left the waiting list")),
    "waiting.withdraw_request": Sentence(N_("Took back a request for an appointment")),
    "waiting.withdrawn": Sentence(N_("Took back an offered time")),
}

UNNAMED: Final = Sentence(N_("Worked with this chart"))
"""For an action of an older edition that is called otherwise now."""

VIEWS: Final = tuple(sorted(name for name, one in SENTENCES.items() if one.is_view))


def sentence(action: str) -> Sentence:
    """Return what an action is called."""
    return SENTENCES.get(action, UNNAMED)
