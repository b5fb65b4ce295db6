"""What each kind of task is called, what there is to do about it, and on which page.

A feature that opens tasks of a new kind adds its line here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from portal_app.core.i18n import N_


@dataclass(frozen=True, slots=True)
class TaskKind:
    """One kind in words (msgids). `page` is where it is done, with `{focus}` for what it is about; else by hand."""

    label: str
    step: str = ""
    page: str = ""


TASK_KINDS: Final[Mapping[str, TaskKind]] = {
    "bill_question": TaskKind(N_("A question about a bill"), N_("Answer"), "/staff/bill-questions?id={focus}"),
    "call_back": TaskKind(N_("Asks to be called back"), N_("Call back"), "/staff/call-backs"),
    "caregiver_ended": TaskKind(
        N_("Took back a document about a caregiver"), N_("Check the document"), "/staff/caregivers?relation={focus}"
    ),
    "caregiver_question": TaskKind(
        N_("Asks about a caregiver whom the practice set"), N_("Look at it"), "/staff/caregivers?relation={focus}"
    ),
    "appointment_request": TaskKind(N_("Asks for an appointment"), N_("Answer"), "/staff/requests/{focus}"),
    "offer_call": TaskKind(
        N_("Is offered a time and has no e-mail"), N_("Call and answer"), "/staff/waiting/offer?id={focus}"
    ),
    "emergency_access": TaskKind(N_("A chart was opened in an emergency"), N_("Look into it"), "/staff/privacy"),
    "privacy_question": TaskKind(N_("A question about who looked"), N_("Answer"), "/staff/privacy"),
    "duplicate": TaskKind(N_("Two charts may be one person")),
    "leave": TaskKind(N_("Appointment during a leave"), N_("Find another time"), "/staff/leave?visit={focus}"),
    "payment_failed": TaskKind(N_("A bank did not pay after all: the bill is owed again")),
    "payment_quarantined": TaskKind(N_("A payment online is not what was asked")),
    "payment_surplus": TaskKind(N_("More was paid than was owed: decide what becomes of the credit")),
    "plan_paused": TaskKind(N_("A payment plan stands still: ask whoever pays how to go on")),
    "registration": TaskKind(N_("Asks to become a patient"), N_("Look at it"), "/staff/registration?id={focus}"),
    "stale_line": TaskKind(N_("Phone line to be checked"), N_("Check the line"), "/staff/settings"),
    "undelivered": TaskKind(N_("A message could not be delivered"), N_("Call them"), "/staff/patients/{focus}"),
}
