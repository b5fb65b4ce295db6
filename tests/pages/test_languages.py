"""Every word on a screen comes from a catalogue: shown by a made-up language that marks what did."""

import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from email.message import EmailMessage
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
import reflex as rx
from reflex.istate.data import HeaderData, ReflexURL, RouterData
from sqlalchemy import insert

from portal_app.core import clock, db, i18n, policy
from portal_app.core.actor import Credential
from portal_app.core.db import Database
from portal_app.features.access.tables import Passkey
from portal_app.features.alerts import jobs as alert_jobs
from portal_app.features.alerts import on_call
from portal_app.features.alerts import service as alerts
from portal_app.features.alerts.views import NewTurn
from portal_app.features.billing import service as billing
from portal_app.features.booking import reminders, rules, series
from portal_app.features.booking import service as booking
from portal_app.features.booking.views import BookingRequest
from portal_app.features.enrolment.views import CardView
from portal_app.features.intake import service as intake
from portal_app.features.notes import service as notes
from portal_app.features.notify.service import outbox_folder
from portal_app.features.payments import service as payments
from portal_app.features.profile import service as profile
from portal_app.features.reconciling import looking as books
from portal_app.features.reconciling import matters
from portal_app.features.reconciling.matters import Matter
from portal_app.features.reconciling.statements import COUNTED, TAKE_PAYOUT
from portal_app.features.tasks import service as tasks
from portal_app.features.vitals import service as vitals
from portal_app.features.waiting import service as waiting
from portal_app.operations import catalogues
from portal_app.settings import Settings
from portal_app.state import outbox, sign_in
from portal_app.state.acting_for import ActingFor
from portal_app.state.activate import Activate
from portal_app.state.age_rules import AgeRules
from portal_app.state.alerts import Alerts
from portal_app.state.answer import Answer
from portal_app.state.answer_for import AnswerFor
from portal_app.state.answer_request import AnswerRequest
from portal_app.state.appointment import Appointment
from portal_app.state.appointments import Appointments
from portal_app.state.ask_earlier import AskEarlier
from portal_app.state.ask_request import AskRequest
from portal_app.state.asked_forms import AskedForms
from portal_app.state.base import PortalState
from portal_app.state.bill import Bill
from portal_app.state.bill_question import BillQuestion
from portal_app.state.bill_settings import BillSettings
from portal_app.state.billing import Billing
from portal_app.state.bills import Bills
from portal_app.state.book import Book
from portal_app.state.call_back import CallBack
from portal_app.state.call_backs import CallBacks
from portal_app.state.card_rows import card_row
from portal_app.state.caregivers import Caregivers
from portal_app.state.check_in import CheckIn
from portal_app.state.claim import ClaimPart
from portal_app.state.clinician import Clinician
from portal_app.state.clinician_settings import ClinicianSettings
from portal_app.state.closed_days import ClosedDays
from portal_app.state.confirm import Confirm
from portal_app.state.contact import Contact
from portal_app.state.devices import Devices
from portal_app.state.documents import Documents
from portal_app.state.emergency import Emergency
from portal_app.state.estimates import Estimates, OneEstimate
from portal_app.state.form import Form
from portal_app.state.form_library import FormLibrary
from portal_app.state.frame import Frame
from portal_app.state.given_code import GivenCode
from portal_app.state.guest_room import GuestRoom
from portal_app.state.home import Home
from portal_app.state.inbox import Inbox
from portal_app.state.insights import Insights
from portal_app.state.insurance import Insurance
from portal_app.state.insurance_form import InsuranceForm
from portal_app.state.insurer_settings import InsurerSettings
from portal_app.state.invitation import Invitation
from portal_app.state.last_note import LastNote
from portal_app.state.leave import Leave
from portal_app.state.line import Line
from portal_app.state.look_refusal import LookRefusal
from portal_app.state.looking import Looking
from portal_app.state.me import Me
from portal_app.state.medication_review import MedicationReview
from portal_app.state.medications import Medications
from portal_app.state.notice import Notice, _messages
from portal_app.state.notifications import Notifications
from portal_app.state.offer import Offer
from portal_app.state.on_call import OnCall
from portal_app.state.one_insurance import OneInsurance
from portal_app.state.outbox import Outbox
from portal_app.state.outstanding_forms import OutstandingForms
from portal_app.state.pay import Pay
from portal_app.state.pay_plan import PayPlan
from portal_app.state.pay_return import PayReturn
from portal_app.state.place_rooms import PlaceRooms
from portal_app.state.place_settings import PlaceSettings
from portal_app.state.practice import About
from portal_app.state.practice_settings import PracticeSettings
from portal_app.state.privacy import Privacy
from portal_app.state.private_visit import PrivateVisit
from portal_app.state.ratings import Ratings
from portal_app.state.reading_rules import ReadingRules
from portal_app.state.reading_sets import ReadingSets
from portal_app.state.record import TakeRecord
from portal_app.state.register import Register
from portal_app.state.reminder import Reminder
from portal_app.state.request import Request
from portal_app.state.reset_patient import ResetPatient
from portal_app.state.room import Room
from portal_app.state.running_late import RunningLate
from portal_app.state.said_changes import SaidChanges
from portal_app.state.schedule import Schedule
from portal_app.state.schedules import Schedules
from portal_app.state.second_factor import SecondFactor
from portal_app.state.seen_as import SeenAs
from portal_app.state.series import Series
from portal_app.state.share import Share
from portal_app.state.sign_in import SignIn
from portal_app.state.staff_aging import StaffAging
from portal_app.state.staff_before import StaffBefore
from portal_app.state.staff_bill import StaffBill
from portal_app.state.staff_bill_questions import StaffBillQuestions
from portal_app.state.staff_bill_undo import StaffBillUndo
from portal_app.state.staff_bills import StaffBills
from portal_app.state.staff_cards import StaffCards
from portal_app.state.staff_caregivers import StaffCaregivers
from portal_app.state.staff_changes import StaffChanges
from portal_app.state.staff_check_in import StaffCheckIn
from portal_app.state.staff_contact import StaffContact
from portal_app.state.staff_enrolment import StaffEnrolment
from portal_app.state.staff_estimates import StaffEstimates
from portal_app.state.staff_form import ChartForms, StaffForm
from portal_app.state.staff_insurance import StaffInsurance
from portal_app.state.staff_invite import StaffInvite
from portal_app.state.staff_limits import StaffLimits
from portal_app.state.staff_lists import StaffLists
from portal_app.state.staff_money import StaffMoney
from portal_app.state.staff_month import StaffMonth
from portal_app.state.staff_patient import StaffPatient
from portal_app.state.staff_patients import StaffPatients
from portal_app.state.staff_registration import StaffRegistration
from portal_app.state.staff_sign_in import StaffSignIn
from portal_app.state.staff_state import StaffState
from portal_app.state.staff_statements import StaffStatements
from portal_app.state.staff_visit import StaffVisit
from portal_app.state.staff_visits import StaffVisits
from portal_app.state.staff_vitals import StaffVitals
from portal_app.state.staff_week import StaffWeek
from portal_app.state.statements import Statements
from portal_app.state.step_up import StepUp
from portal_app.state.text_code import TextCode
from portal_app.state.unsigned_notes import UnsignedNotes
from portal_app.state.video_settings import VideoSettings
from portal_app.state.visit import Visit
from portal_app.state.visit_ending import VisitEnding
from portal_app.state.visit_forms import VisitForms
from portal_app.state.visit_limits import Limits
from portal_app.state.visit_note import VisitNote
from portal_app.state.visit_preparations import VisitPreparations
from portal_app.state.visit_readings import VisitReadings
from portal_app.state.visit_summary import VisitSummary
from portal_app.state.vitals import Vitals
from portal_app.state.vitals_import import VitalsImport
from portal_app.state.vitals_log import VitalsLog
from portal_app.state.vitals_plan import VitalsPlan
from portal_app.state.vitals_reading import VitalsReading
from portal_app.state.vitals_see import VitalsSee
from portal_app.state.wait_for import WaitFor
from portal_app.state.waiting import Waiting
from portal_app.state.watched_patient import WatchedPatient
from portal_app.state.welcome import Welcome
from portal_app.state.who_looked import WhoLooked
from portal_app.web import plain_pages
from portal_app.web.page import Page
from portal_app.web.registry import all_pages
from portal_app.wiring import load_features
from tests.factories import Someone
from tests.features.access.conftest import accept, acting_for, invited
from tests.features.access.test_set_caregivers import acts_by_document
from tests.features.ages.conftest import born
from tests.features.payments.conftest import Bank
from tests.features.privacy.test_seeing import looking
from tests.journeys.beside import visit_and_medicine
from tests.journeys.clinic import ZONE, Doctor, Practices

SCREENS = [page for page in all_pages() if not page.route.startswith("/design")]
"""The design page shows components in made-up words; nobody is treated with it."""

SAID_ATTRIBUTES = ("aria-label", "aria-description", "aria-valuetext", "alt", "placeholder", "title")

OWN_NAMES = {language.own_name for language in i18n.LOCALES.values()}
"""Each language stands in the menu under its own name, whatever is read now."""

CODES = {code.upper() for code in i18n.LOCALES}
"""The button of the menu shows the code of the language."""

EVERYWHERE = {"UTC"} | {unit.shown for measure in vitals.MEASURES.values() for unit in measure.units if unit.shown}
"""Written so in every language."""

UNSAID = {
    # what the browser and the handlers need, and nobody reads
    "id", "href", "value", "tone", "code", "moment", "attempt", "keep_name", "next_path", "calendar_href",
    "opens", "room", "picked", "moving", "asking", "error_field", "outside", "today", "sequence",
    "picked_href", "chart_href",
    "directions_url", "step", "moved", "modality", "visit_type", "chosen_day", "day", "scope", "shown", "cancelling",
    "first", "second", "third", "is_over", "to", "kind", "owner_id", "closed", "key",
    "field", "editing", "testing", "back_href", "find_href", "move_href", "person", "chosen",
    "photo", "photo_action", "book_href", "earlier_href", "wait_href", "ask_href", "visit_href", "is_open", "up",
    "down", "done",
    "is_on", "Schedules.view", "Schedules.who", "Schedules.typed", "Schedules.error_field", "ClosedDays.view",
    "ClosedDays.place", "ClosedDays.typed", "ClosedDays.error_field", "Limits.typed", "Limits.error_field",
    # countries by their codes, and holidays as their calendars name them
    "ClosedDays.country", "ClosedDays.part", "label_given",
    # the catalogue of specialties, which has its own three languages
    "ClinicianSettings.specialties",
    # initials, and Book.who, which is an id; a row's `who` is a name and is checked
    "initials", "practice_mark", "Book.who",
    # what people typed or were given themselves, and mails as they were sent
    "email", "sent_to", "number", "phone", "emergency_phone", "subject", "text", "attachments",
}  # fmt: skip


UNSAID |= {"state", "doing", "side", "has_others", "WhoLooked.who", "asking", "answering", "typed", "seen_href"}
UNSAID |= {"app_key", "qr_path", "qr_size", "codes", "change_href", "chart_id"}
UNSAID |= {"state", "doing", "taking_off"}
UNSAID |= {"form_key", "taking_back", "corrections", "can_take_back", "StaffBill.unit"}
UNSAID |= {"Bill.ask", "Bill.help", "Bills.help", "BillQuestion.back", "BillQuestion.kind", "asked_href"}
UNSAID |= {"Bill.pay", "Bills.pay", "Pay.unit"}
UNSAID |= {"StaffBillQuestions.answering", "BillSettings.typed", "can_give_back", "giving", "bill_id", "running_id"}
UNSAID |= {"coverage_id", "patient_id", "practitioner_id", "front", "back", "cost_href", "insurance_href", "again_href"}
UNSAID |= {"InsuranceForm.payer", "InsuranceForm.relation", "InsuranceForm.turn", "is_new", "can_ask"}
UNSAID |= {"StaffMoney.journal_href", "StaffMoney.resolving", "ref", "currency"}
UNSAID |= {"file_href", "upload", "caregivers_href", "ends"}
UNSAID |= {"WatchedPatient.measure", "WatchedPatient.drawing", "may_range", "measure"}
UNSAID |= {"before_href", "lists_href", "paper_href", "VitalsImport.zone", "add_href", "is_always"}
UNSAID |= {"VitalsPlan.measure", "log", "ReadingRules.measure", "spark", "again", "severity", "alert_tone"}
UNSAID |= {"WatchedPatient.period", "check_in_href", "key", "CheckIn.stage", "Form.back", "StaffCheckIn.days"}
UNSAID |= {
    "VitalsSee.measure",
    "VitalsSee.period",
    "VitalsSee.part",
    "log_href",
    "VitalsSee.drawing",
    "VitalsSee.number",
    "y",
}
UNSAID |= {"VitalsLog.measure", "unit", "unit_shown", "VitalsLog.units", "VitalsLog.said", "doubted"}
UNSAID |= {"ReadingRules.rows.reason"}  # whoever wrote the version wrote it, in their language
UNSAID |= {"kept_href", "all_href", "next_href", "back_href"}
UNSAID |= {"said-severity", "verb", "writes", "is_private", "is_none", "private_to", "version"}
UNSAID |= {"protocol", "ages", "condition", "moment", "field", "ReadingSets.seen", "error_field"}
UNSAID |= {"StaffSignIn.reason", "StaffSignIn.code"}
UNSAID |= {
    "reminders",
    "offers",
    "quiet",
    "reached",
    "Me.reached",
    "hint",
    "text_path",
    "current",
    "address",
    "relation",
    "question",
    "contrast",
    "called",
    "pronouns",
}
UNSAID |= {"lang", "directions_lang", "parking_lang", "biography_lang", "treats_lang", "treats_not_lang"}
UNSAID |= {"can_confirm", "Confirm.series_href", "at", "free", "value0", "value1", "value2"}
UNSAID |= {
    "Limits.view", "PlaceRooms.view", "PlaceRooms.zone", "PlaceRooms.typed", "PlaceRooms.error_field", "is_active",
    "PracticeSettings.country", "given", "fourth", "handing", "chart", "hours_href",
}  # fmt: skip


UNSAID |= {"proof_path", "known_by", "ResetPatient.reason", "ResetPatient.code"}
UNSAID |= {"form_title", "url", "is_done", "is_open", "is_asked", "next", "is_empty", "source", "licence", "form_id"}
UNSAID |= {
    "OutstandingForms.choices",
    "StaffForm.title",
    "StaffForm.answers",
    "StaffForm.signed_words",
    "StaffForm.totals",
}
UNSAID |= {"pick", "can", "print_href", "show", "theirs", "answer_theirs", "Share.chosen"}
UNSAID |= {"server_key", "StaffState.own"}
UNSAID |= {"StaffInvite.back", "invite_href", "card_href", "known_email", "size", "path", "page", "dir"}

UNSAID |= {
    "join", "join_href", "visit", "visit_id", "participant", "is_own", "asks", "can_admit", "can_open", "can_hand_over",
    "can_remove", "row_tone", "line_tone", "handing", "link", "appointment_id", "StaffVisit.status", "Visit.region",
    "Visit.company",
    # the states of the country, by their own names
    "Visit.regions",
}  # fmt: skip


# states by the two letters of their addresses
UNSAID |= {
    "limits_href",
    "AgeRules.view",
    "AgeRules.counting",
    "state_code",
    "can_change",
    "can_approve",
    "can_withdraw",
    "lifting",
}


UNSAID |= {
    "VideoSettings.path",
    "VideoSettings.typed",
    "VisitPreparations.about",
    "VisitPreparations.typed",
    "VideoSettings.regions",
    "VideoSettings.region",
    "region_given",
    "licence_named",
}


# codes
UNSAID |= {"charge_href", "Billing.review", "Billing.charge_id", "Billing.place", "Billing.modifier", "diagnosis_codes"}
UNSAID |= {"Billing.services", "Billing.facts", "Billing.service", "service_given", "said_given", "sent_turn"}


# codes, what is read in the patient's language instead of the page's, and fields' names
UNSAID |= {
    "VisitEnding.picked", "VisitEnding.services", "VisitEnding.charge", "VisitEnding.preview",
    "preview_language", "patient_place", "service", "wrong", "note_href", "own_href", "pdf_href", "stars",
}  # fmt: skip


def marked(words: str) -> str:
    """Return words as if a catalogue, Babel or the practice had given them."""
    return f"⟦{words}⟧"


def unmarked(text: str) -> str:
    """Return what is left of a text without all that is marked, "" if no letters are."""
    while text != (inner := re.sub(r"⟦[^⟦⟧]*⟧", "", text)):
        text = inner
    for name in sorted(OWN_NAMES | CODES | EVERYWHERE, key=len, reverse=True):
        text = text.replace(name, "")
    return text.strip() if any(letter.isalpha() for letter in text) else ""


# What is laid out


def _drawn(node: Any) -> Iterator[str]:
    """Yield the literal words of a rendered tree: its text, and the attributes that are read out."""
    if isinstance(node, Mapping):
        yield from _literals(str(node.get("contents", "")))
        for prop in node.get("props", ()):
            key, _, value = str(prop).partition(":")
            if key.strip('"') in SAID_ATTRIBUTES:
                yield from _literals(value)
        for key, part in node.items():
            if key not in ("props", "contents"):
                yield from _drawn(part)
    elif isinstance(node, (list, tuple)):
        for part in node:
            yield from _drawn(part)


def _literals(code: str) -> Iterator[str]:
    said = re.sub(r'\["[^"]*"\]|[!=]==? *"[^"]*"', "", code)  # a key, or what something is compared with
    for literal in re.findall(r'"(?:[^"\\]|\\.)*"', said):
        yield json.loads(literal)
    yield from re.findall(r"`([^`]*)`", said)


def _words_of(component: rx.Component) -> list[str]:
    return [left for text in _drawn(component.render()) if (left := unmarked(re.sub(r"\$\{[^}]*\}", "", text)))]


@pytest.mark.parametrize("page", SCREENS, ids=lambda page: page.route)
def test_every_word_laid_out_comes_from_a_catalogue(page: Page) -> None:
    with i18n.use(i18n.PSEUDO_LOCALE):
        drawn = page.build()

    assert _words_of(drawn) == []


def test_the_walk_finds_words_from_nowhere() -> None:
    """What the test above rests on."""
    tree = rx.el.div(
        rx.cond(Home.is_ready, rx.el.p("Stray"), rx.el.p(marked("kept"))),
        rx.foreach(Home.later, lambda row: rx.el.li(row["title"], " astray")),
        rx.el.button(Home.greeting, custom_attrs={"aria-label": "unheard"}),
    )
    assert _words_of(tree) == ["Stray", "astray", "unheard"]


@pytest.fixture(scope="session")
def catalogued() -> set[str]:
    """Return every message of the sources."""
    return {
        id_ for message in catalogues.extract() for id_ in ([message.id] if isinstance(message.id, str) else message.id)
    }


@pytest.mark.parametrize("page", all_pages(), ids=lambda page: page.route)
def test_the_title_of_every_tab_is_in_the_catalogue(page: Page, catalogued: set[str]) -> None:
    assert page.title in catalogued


@pytest.mark.parametrize("code", sorted(_messages()))
def test_every_failure_is_said_in_words_of_the_catalogue(code: str, catalogued: set[str]) -> None:
    assert _messages()[code] in catalogued


@pytest.mark.parametrize("name", ["NOT_FOUND", "AWAY", "REFUSED", "TOO_MANY", "TOO_LARGE", "FAILED"])
def test_plain_pages_are_in_the_catalogue(name: str, catalogued: set[str]) -> None:
    page = getattr(plain_pages, name)

    assert {page.title, page.text} <= catalogued


# What is filled in


@pytest.fixture
def pseudo(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read every page in the made-up language, with Babel's dates and numbers marked as well."""
    monkeypatch.setattr(PortalState, "_locale", lambda _: i18n.PSEUDO_LOCALE)
    for name in [name for name in i18n.__all__ if name.startswith("format_") or name in ("language_list", "zone_city")]:
        original = getattr(i18n, name)
        monkeypatch.setattr(i18n, name, lambda *given, _say=original: marked(_say(*given)))


@pytest.fixture
async def practices(database: Database) -> AsyncIterator[Practices]:
    """Open a practice whose own words are marked."""
    load_features("policies")
    practices = Practices(database)
    await practices.open()
    async with database.act_as_system("test") as tx:
        await tx.execute("update practice set name = :n", {"n": marked("Riverside")})
        await tx.execute(
            "update location set name = :n, address = :n, directions = :n, phone = :n", {"n": marked("here")}
        )
        await tx.execute("update visit_type set names = cast(:n as jsonb)", {"n": json.dumps({"en": marked("visit")})})
    db.use(database)
    yield practices
    db.use(None)


@pytest.fixture
async def doctor(practices: Practices) -> Doctor:
    doctor = await practices.doctor(marked("Ada"))
    async with practices.database.act_as_system("test") as tx:
        words = {"n": marked("Ada"), "s": json.dumps({"en": marked("medicine")}), "id": doctor.practitioner_id}
        await tx.execute(
            "update practitioner set name = :n, title = :n, specialty = cast(:s as jsonb) where id = :id", words
        )
    return doctor


@pytest.fixture
async def patient(practices: Practices, doctor: Doctor) -> Someone:
    return await practices.patient(doctor, marked("Maria"), marked("Alvarez"), zone="America/Los_Angeles")


class Tab:
    """The state of one tab, with no browser."""

    def __init__(self, someone: Someone | None, monkeypatch: pytest.MonkeyPatch) -> None:
        credential = someone.credential if someone else Credential("")
        monkeypatch.setattr(PortalState, "_credential", lambda _: credential)
        monkeypatch.setattr(PortalState, "_browser_secret", lambda _: f"anon-{uuid4().hex}")
        self.root = rx.State(_reflex_internal_init=True)  # type: ignore[call-arg]

    def at(self, address: str) -> "Tab":
        headers = HeaderData(origin="http://localhost:4100", host="localhost:4100")
        self.root.router = RouterData(headers=headers, url=ReflexURL(f"http://localhost:4100{address}"))
        return self

    async def do(self, state: type[rx.State], handler: str, *given: object) -> None:
        """Call a handler as an event of the browser does."""
        found: Any = self.root.get_substate(state.get_full_name().split("."))
        await getattr(state, handler).fn(found, *given)

    def unmarked(self) -> dict[str, str]:
        """Return each var that says words from nowhere."""
        return dict(_stray(self.root))


def _stray(state: rx.State) -> Iterator[tuple[str, str]]:
    name = type(state).__name__
    if isinstance(state, PortalState):
        for var in type(state).vars:
            if f"{name}.{var}" not in UNSAID:
                yield from _stray_in(f"{name}.{var}", var, getattr(state, var))
    for inner in state.substates.values():
        yield from _stray(inner)  # type: ignore[arg-type]


def _stray_in(where: str, key: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        if not {key, where} & UNSAID and (left := unmarked(value)):
            yield where, left
    elif isinstance(value, Mapping):
        for inner, part in value.items():
            yield from _stray_in(f"{where}.{inner}", inner, part)
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from _stray_in(where, key, part)


Story = Callable[[Practices, Doctor, Someone, pytest.MonkeyPatch, Settings], Awaitable[Tab]]


async def _booking(
    practices: Practices, doctor: Doctor, patient: Someone, patch: pytest.MonkeyPatch, settings: Settings
) -> Tab:
    tab = Tab(patient, patch).at("/book")
    await tab.do(Book, "on_load")
    await tab.do(Book, "on_modality", "video")
    await tab.do(Book, "on_people")
    await tab.do(Book, "on_type", "zzzz")
    await tab.at(f"/clinicians/{doctor.practitioner_id}").do(Clinician, "on_load")
    return tab


async def _calling(
    practices: Practices, doctor: Doctor, patient: Someone, patch: pytest.MonkeyPatch, settings: Settings
) -> Tab:
    tab = Tab(patient, patch).at("/call-back")
    await tab.do(CallBack, "on_load")
    await tab.do(CallBack, "on_ask", {"purpose": "nurse", "number": "1"})
    await tab.do(CallBack, "on_ask", {"purpose": "nurse", "number": "718 555 0143", "words": marked("knee")})
    desk = Tab(await practices.people.staff("front_desk", name=marked("Tom")), patch).at("/staff/call-backs")
    await desk.do(CallBacks, "on_load")
    (row,) = desk.root.get_substate(CallBacks.get_full_name().split(".")).rows  # type: ignore[attr-defined]
    await desk.do(CallBacks, "on_answer", row["id"], "missed")
    assert desk.unmarked() == {}
    patch.setattr(PortalState, "_credential", lambda _: patient.credential)
    await tab.do(CallBack, "on_load")
    return tab


async def _written_up(
    practices: Practices, doctor: Doctor, patient: Someone, patch: pytest.MonkeyPatch, settings: Settings
) -> Tab:
    visit = await practices.booked(patient, (await practices.free_times(patient, doctor))[0])
    async with practices.database.act_as_system("test") as tx:
        await notes.fill_diagnoses(tx, [notes.Diagnosis("I10", marked("Hypertension"))], "test")
        await billing.fill_services(tx, [billing.ServiceCode("T1015", marked("Visit"))], "test")
    async with practices.database.act_as(doctor.account.credential, "booking.change_day") as tx:
        await booking.mark_arrived(tx, visit.id)
    tab = Tab(doctor.account, patch).at(f"/staff/visits/{visit.id}/note")
    await tab.do(VisitNote, "on_load")
    await tab.do(VisitEnding, "on_load")
    await tab.do(VisitNote, "on_plan", "x" * 30_000)
    await tab.do(VisitEnding, "on_end", {"plan": marked("Rest")})
    await tab.do(VisitEnding, "on_diagnoses")
    await tab.do(VisitEnding, "on_search", "I10")
    await tab.do(VisitEnding, "on_add", "I10")
    await tab.do(VisitEnding, "on_medicine", {})
    assert tab.unmarked() == {}
    await tab.do(VisitEnding, "on_medicine", {"medicine": marked("Zinc"), "time-noon": "yes", "food": "yes"})
    for form in ({}, {"found-fine": "yes", "call-worse": "yes", "warning-chest": "yes", "again": "none"}):
        await tab.do(VisitEnding, "on_summary", form)
        assert tab.unmarked() == {}
    await tab.do(VisitEnding, "on_service", "T1015")
    await tab.do(VisitEnding, "on_charge", {"service": "T1015"})
    await tab.at("/staff/notes").do(UnsignedNotes, "on_load")
    assert tab.unmarked() == {}
    await tab.do(VisitEnding, "on_sign", {})
    await tab.do(VisitNote, "on_add", {"addendum": ""})
    await tab.do(VisitNote, "on_add", {"addendum": marked("Later")})
    assert tab.unmarked() == {}
    following = await practices.booked(patient, (await practices.free_times(patient, doctor))[-1])
    await tab.at(f"/staff/visit?id={following.id}").do(LastNote, "on_load")
    assert tab.unmarked() == {}
    manager = Tab(await practices.people.staff("manager", name=marked("Tom")), patch).at("/staff/insights/ratings")
    await manager.do(Ratings, "on_load")
    ratings: Any = manager.root.get_substate(Ratings.get_full_name().split("."))
    groups = ((marked("Ada"), "video", 7, 5, 1, 1), ("", "", None, None, None, None))
    ratings._known = tuple(notes.RatingRow(date(2026, month, 1), *one) for month in (9, 10) for one in groups)
    await manager.do(Ratings, "on_month", "")
    assert len(ratings.rows) == 4
    assert manager.unmarked() == {}
    strong = await practices.people.sign_in_again(patient, assurance=2)
    phone = Tab(strong, patch).at(f"/appointments/{visit.id}")
    await phone.do(VisitSummary, "on_load")
    await phone.do(Documents, "on_load")
    await phone.do(VisitSummary, "on_rate", {"stars": ""})
    await phone.do(VisitSummary, "on_rate", {"stars": "5"})
    return phone


async def _billed(
    practices: Practices, doctor: Doctor, patient: Someone, patch: pytest.MonkeyPatch, settings: Settings
) -> Tab:
    """Make a bill of what was written up, pay a part of it, and look at it from both sides."""
    await _written_up(practices, doctor, patient, patch, settings)
    async with practices.database.act_as_system("test") as tx:
        await billing.fill_fees(tx, [billing.FeeEntry("T1015", date(2020, 1, 1), "USD", 9_000)])
        found = "select id from charge_item where patient_id = :id"
        charge_id = str(await tx.scalar(found, {"id": patient.patient_id}))
    keeper = await practices.people.staff("billing", name=marked("Iris"))
    async with practices.database.act_as(keeper.credential, "billing.review") as tx:
        await billing.mark_ready(tx, UUID(charge_id), 0)
    desk = Tab(keeper, patch).at("/staff/bills")
    await desk.do(StaffBills, "on_load")
    await desk.do(StaffBills, "on_make", charge_id, "7")
    await desk.do(StaffBills, "on_make", charge_id, "0")
    assert desk.unmarked() == {}
    async with practices.database.act_as_system("test") as tx:
        bill_id = await tx.scalar("select id from invoice where charge_item_id = cast(:id as uuid)", {"id": charge_id})
    await desk.at(f"/staff/bills/{bill_id}").do(StaffBill, "on_load")
    key = str(uuid4())
    for form in ({}, {"kind": "payment", "amount": "x"}, {"kind": "write_off", "amount": "5", "key": key}):
        await desk.do(StaffBill, "on_post", form)
        assert desk.unmarked() == {}
    await desk.do(StaffBill, "on_post", {"kind": "payment", "amount": "30", "key": key})
    assert desk.unmarked() == {}
    await _undone(
        Tab(await practices.people.staff("billing", "manager", name=marked("Iris")), patch), f"/staff/bills/{bill_id}"
    )
    phone = Tab(await practices.people.sign_in_again(patient, assurance=2), patch).at("/bills")
    await _asked(phone, f"/bill-question?bill={bill_id}")
    await _answered(Tab(keeper, patch))
    phone = Tab(await practices.people.sign_in_again(patient, assurance=2), patch).at("/bills")
    await phone.do(Bills, "on_load")
    await phone.do(Statements, "on_load")
    await phone.do(Statements, "on_make", str(uuid4()))
    assert phone.unmarked() == {}
    await _batched(Tab(keeper, patch).at("/staff/statements"))
    for handler in ("on_load", "on_more"):
        aged = Tab(keeper, patch).at("/staff/aging")
        await aged.do(StaffAging, handler)
        assert aged.unmarked() == {}
    phone = Tab(await practices.people.sign_in_again(patient, assurance=2), patch)
    await phone.at(f"/bills/{bill_id}").do(Bill, "on_load")
    await _paid(phone, f"/pay?bill={bill_id}")
    return phone


async def _batched(desk: Tab) -> None:
    """Begin the statements of a month, wrongly at first, and stop them."""
    found: Any = desk.root.get_substate(StaffStatements.get_full_name().split("."))
    await desk.do(StaffStatements, "on_load")
    for month in ("", found.months[0]["value"]):
        await desk.do(StaffStatements, "on_start", {"month": month, "key": str(uuid4())})
        assert desk.unmarked() == {}
    await desk.do(StaffStatements, "on_start", {"month": found.months[0]["value"], "key": str(uuid4())})
    await desk.do(StaffStatements, "on_cancel", found.running_id)
    assert desk.unmarked() == {}


async def _undone(desk: Tab, address: str) -> None:
    """Give a part of a payment back, wrongly at first, try to take the bill back, and keep the practice's words."""
    found: Any = desk.root.get_substate(StaffBill.get_full_name().split("."))
    await desk.at(address).do(StaffBill, "on_load")
    paid = next(row["id"] for row in found.history if row["can_give_back"])
    await desk.do(StaffBillUndo, "on_begin_refund", paid)
    wish = {"payment": paid, "key": str(uuid4()), "given": "900", "again": "yes", "because": marked("Twice")}
    for sent in ({"given": "x"}, {"again": ""}, {"because": ""}, {}, {"given": "5"}):
        await desk.do(StaffBillUndo, "on_refund", wish | sent)
        assert desk.unmarked() == {}
    await desk.do(StaffBillUndo, "on_void", {"bill": found.bill_id, "key": str(uuid4()), "because": marked("Wrong")})
    await desk.at("/staff/settings/bills").do(BillSettings, "on_load")
    for limit in ("-", "100"):
        await desk.do(BillSettings, "on_save", {"help-en": marked("We help."), "limit": limit})
        assert desk.unmarked() == {}


async def _paid(phone: Tab, address: str) -> None:
    """Begin to pay a bill, wrongly at first, and come back with each outcome there is."""
    bank = Bank()
    payments.use_processor(bank)
    await phone.at("/bills").do(Bills, "on_load")
    await phone.at(address).do(Pay, "on_load")
    await phone.do(Pay, "on_part", "20")
    for sent in ({"amount": "x"}, {"amount": "900"}, {}):
        await phone.do(Pay, "on_pay", {"key": str(uuid4())} | sent)
        assert phone.unmarked() == {}
    attempt_id = UUID(next(iter(bank.pages)).removeprefix("cs_"))
    phone.at(f"/pay/return?attempt={attempt_id}")
    right = next(iter(bank.pages.values())).amount
    for status, problem, amount in (
        ("open", "", right), ("open", "funds", right), ("paid", "", right + 1), ("failed", "declined", right),
    ):  # fmt: skip
        bank.set(attempt_id, status, problem=problem, amount=amount)
        await phone.do(PayReturn, "on_load")
        assert phone.unmarked() == {}
    await _in_parts(phone, bank)
    payments.use_processor(None)


async def _in_parts(phone: Tab, bank: Bank) -> None:
    """Begin to pay in parts, wrongly at first, stop it, and remove the card that was kept."""
    bank.set(UUID(next(iter(bank.pages)).removeprefix("cs_")), "failed")
    phone.at("/pay/plan")
    for sent in ({}, {"count": "9"}, {"count": "2"}):
        await phone.do(PayPlan, "on_load")
        await phone.do(PayPlan, "on_begin", {"key": str(uuid4())} | sent)
        assert phone.unmarked() == {}
    first = UUID(list(bank.pages)[-1].removeprefix("cs_"))
    bank.set(first, "paid", method_id="pm_1", customer_id="cus_1")
    await payments.outcome(db.opened(), first)
    await phone.do(PayPlan, "on_load")
    assert phone.unmarked() == {}
    found: Any = phone.root.get_substate(PayPlan.get_full_name().split("."))
    for method_id in ("pm_of_somebody_else", found.kept[0]["id"]):
        await phone.do(PayPlan, "on_remove", method_id)
        assert phone.unmarked() == {}
    await phone.do(PayPlan, "on_stop")
    await phone.at(f"/pay/return?attempt={first}").do(PayReturn, "on_load")
    assert phone.unmarked() == {}


async def _asked(phone: Tab, address: str) -> None:
    """Ask about a bill, wrongly at first."""
    for sent in (
        {},
        {"line": "x"},
        {"kind": "wrong"},
        {"line": "all"},
        {"kind": "wrong", "words": marked("Why?"), "line": "charged"},
    ):
        await phone.at(address).do(BillQuestion, "on_load")
        await phone.do(BillQuestion, "on_ask", {"key": str(uuid4()), "kind": "unclear"} | sent)
        assert phone.unmarked() == {}


async def _answered(desk: Tab) -> None:
    """Answer one question about a bill, and settle the other by speaking."""
    found: Any = desk.root.get_substate(StaffBillQuestions.get_full_name().split("."))
    await desk.at("/staff/bill-questions").do(StaffBillQuestions, "on_load")
    assert desk.unmarked() == {}
    first, second, *_rest = (row["id"] for row in found.open)
    await desk.do(StaffBillQuestions, "on_take", first)
    await desk.do(StaffBillQuestions, "on_begin_answer", first)
    await desk.do(StaffBillQuestions, "on_answer", {"question": first, "answer": ""})
    assert desk.unmarked() == {}
    await desk.do(StaffBillQuestions, "on_answer", {"question": first, "answer": marked("So it is.")})
    await desk.do(StaffBillQuestions, "on_settle", second)
    await desk.do(StaffBillQuestions, "on_settle", second)


async def _money(
    practices: Practices, doctor: Doctor, patient: Someone, patch: pytest.MonkeyPatch, settings: Settings
) -> Tab:
    """Look at what is online, see one thing that does not fit and settle it."""
    del doctor, settings
    kinds = ("quarantined", "dispute", "dispute_won", "dispute_lost", "payout_failed", "payout_differs", "unmatched")
    async with practices.database.act_as_system("test") as tx:
        for kind in (*kinds, "drift", "unheard"):
            await matters.file(tx, Matter(kind, "1", 100, "USD", patient.patient_id, act_by=clock.now()))
        for status in ("paid", "pending", "failed", "canceled"):
            row = {"id": status, "amount_minor": 9, "currency": "USD", "status": status, "arrives_at": clock.now()}
            await tx.execute(TAKE_PAYOUT, row | {"now": clock.now()})
        await tx.execute(COUNTED, {"id": "paid", "movements_minor": 8})
        await tx.execute(COUNTED, {"id": "pending", "movements_minor": 9})
    await books.look(practices.database, {"USD": 5, "JPY": 0})
    desk = Tab(await practices.people.staff("billing", name=marked("Ines")), patch).at("/staff/money")
    await desk.do(StaffMoney, "on_load")
    assert desk.unmarked() == {}
    found: Any = desk.root.get_substate(StaffMoney.get_full_name().split("."))
    first = found.open[0]["id"]
    for handler, given in (("on_look", ()), ("on_see", (first,)), ("on_begin", (first,))):
        await desk.do(StaffMoney, handler, *given)
        assert desk.unmarked() == {}
    for why in ("", marked("Settled by telephone")):
        await desk.do(StaffMoney, "on_resolve", {"matter": first, "why": why})
        assert desk.unmarked() == {}
    return desk


async def _charges(
    practices: Practices, doctor: Doctor, patient: Someone, patch: pytest.MonkeyPatch, settings: Settings
) -> Tab:
    await _written_up(practices, doctor, patient, patch, settings)
    biller = await practices.people.staff("billing", name=marked("Rita"))
    tab = Tab(biller, patch).at("/staff/billing")
    await tab.do(Billing, "on_load")
    assert tab.unmarked() == {}
    found: Any = tab.root.get_substate(Billing.get_full_name().split("."))
    await tab.at(f"/staff/billing?id={found.rows[0]['id']}").do(Billing, "on_load")
    await tab.do(Billing, "on_search", "T1")
    await tab.do(Billing, "on_correct", {"service": "T1015", "modifier": "none", "place": "11"})
    assert tab.unmarked() == {}
    await tab.do(Billing, "on_correct", {"modifier": "95", "place": "10", "reason": marked("By video")})
    await tab.do(Billing, "on_hold", {"because": marked("A question")})
    assert tab.unmarked() == {}
    await tab.do(Billing, "on_ready")
    await tab.at("/staff/billing").do(Billing, "on_load")
    await tab.do(Billing, "on_review", "ready")
    assert len(found.rows) == 1
    return tab


async def _confirming(
    practices: Practices, doctor: Doctor, patient: Someone, patch: pytest.MonkeyPatch, settings: Settings
) -> Tab:
    wish = practices.wish((await practices.free_times(patient, doctor))[0])
    tab = Tab(patient, patch).at(_confirm(wish))
    await tab.do(Confirm, "on_load")
    await tab.do(Confirm, "on_book", {"reason": "a" * 600})
    return tab


async def _taken(
    practices: Practices, doctor: Doctor, patient: Someone, patch: pytest.MonkeyPatch, settings: Settings
) -> Tab:
    free = (await practices.free_times(patient, doctor))[0]
    await practices.booked(await practices.patient(doctor), free)
    tab = Tab(patient, patch).at(_confirm(practices.wish(free)))
    await tab.do(Confirm, "on_load")
    return tab


async def _visits(
    practices: Practices, doctor: Doctor, patient: Someone, patch: pytest.MonkeyPatch, settings: Settings
) -> Tab:
    times = await practices.free_times(patient, doctor)
    booked = [await practices.booked(patient, free) for free in times[:3]]
    async with practices.database.act_as(patient.credential, "booking.cancel") as tx:
        await booking.cancel_appointment(tx, booked[2].id)
    tab = Tab(patient, patch).at("/")
    for state in (Home, Appointments, Me):
        await tab.do(state, "on_load")
    await tab.at(f"/appointments/{booked[0].id}").do(Appointment, "on_load")
    await tab.do(Appointment, "on_ask")
    await tab.do(Appointment, "on_cancel", {"why": "better", "words": "a" * 501})
    await tab.do(Appointment, "on_cancel", {"why": "better"})
    return tab


async def _moving(
    practices: Practices, doctor: Doctor, patient: Someone, patch: pytest.MonkeyPatch, settings: Settings
) -> Tab:
    times = await practices.free_times(patient, doctor)
    booked = await practices.booked(patient, times[0])
    tab = Tab(patient, patch).at(f"/book?move={booked.id}&seq=0")
    await tab.do(Book, "on_load")
    await tab.at(f"{_confirm(practices.wish(times[4]))}&move={booked.id}&seq=0").do(Confirm, "on_load")
    await tab.do(Confirm, "on_book", {})
    await tab.at(f"/appointments/{booked.id}").do(Appointment, "on_load")
    return tab


async def _repeating(
    practices: Practices, doctor: Doctor, patient: Someone, patch: pytest.MonkeyPatch, settings: Settings
) -> Tab:
    times = await practices.free_times(patient, doctor, days=10)
    wish = practices.wish(times[0])
    later = rules.series_starts(wish.starts_at, ZONE, 1, 2)[1]
    await practices.booked(await practices.patient(doctor), replace(wish, starts_at=later, request_key=uuid4()))
    tab = Tab(patient, patch).at(_confirm(wish).replace("/book/confirm", "/book/series"))
    await tab.do(Series, "on_load")
    await tab.do(Series, "on_plan", {})
    await tab.do(Series, "on_plan", {"every": "1", "count": "2"})
    await tab.do(Series, "on_book")
    return tab


async def _taking_back(
    practices: Practices, doctor: Doctor, patient: Someone, patch: pytest.MonkeyPatch, settings: Settings
) -> Tab:
    wish = practices.wish((await practices.free_times(patient, doctor))[0])
    starts = rules.series_starts(wish.starts_at, ZONE, 1, 3)
    wishes = [replace(wish, starts_at=at) for at in starts]
    async with practices.database.act_as(patient.credential, "booking.book") as tx:
        booked = await series.book_series(tx, wishes)
    tab = Tab(patient, patch).at(f"/appointments/{booked[0].id}")
    await tab.do(Appointment, "on_load")
    await tab.do(Appointment, "on_ask")
    await tab.do(Appointment, "on_cancel", {"rest": "yes"})
    await practices.booked(await practices.patient(doctor), replace(wish, starts_at=starts[1], request_key=uuid4()))
    await tab.do(Appointment, "on_undo")
    assert tab.root.get_substate(Appointment.get_full_name().split(".")).problem  # type: ignore[attr-defined]
    return tab


async def _reminded(
    practices: Practices, doctor: Doctor, patient: Someone, patch: pytest.MonkeyPatch, settings: Settings
) -> Tab:
    booked = await practices.booked(patient, (await practices.free_times(patient, doctor))[0])
    async with practices.database.act_as_system("test") as tx:
        link = await reminders.make_link(tx, patient.person_id, booked, reminders.Due(booked.id, 120))
    assert link
    tab = Tab(None, patch).at(f"{link.path}&done=confirm&problem=appointment_moved_on")
    await tab.do(Reminder, "on_load")
    return tab


async def _day(
    practices: Practices, doctor: Doctor, patient: Someone, patch: pytest.MonkeyPatch, settings: Settings
) -> Tab:
    free = (await practices.free_times(patient, doctor))[0]
    booked = await practices.booked(patient, free)
    tab = Tab(doctor.account, patch).at("/staff/schedule")
    await tab.do(Schedule, "on_load")
    while not tab.root.get_substate(Schedule.get_full_name().split(".")).rows:  # type: ignore[attr-defined]
        await tab.do(Schedule, "on_turn", 1)
    await tab.do(Schedule, "on_ask_cancel", str(booked.id))
    await tab.do(Schedule, "on_arrive", str(booked.id))
    await tab.do(Schedule, "on_noshow", str(booked.id))
    return tab


async def _alerted(
    practices: Practices, doctor: Doctor, patient: Someone, patch: pytest.MonkeyPatch, settings: Settings
) -> Tab:
    assert patient.patient_id
    async with practices.database.act_as_system("test") as tx:
        new = alerts.NewAlert(patient.patient_id, "forms", "forms.self_harm", "critical", uuid4())
        alert_id = str((await alerts.raise_alert(tx, new)).alert_id)
        await alert_jobs.write_to_pool(tx, UUID(alert_id), 0)
    nurse = await practices.people.staff("nurse", name=marked("Noor"))
    tab = Tab(nurse, patch).at("/staff/alerts")
    await tab.do(Alerts, "on_load")
    assert tab.unmarked() == {}
    manager = await practices.people.staff("manager")
    async with practices.database.act_as(manager.credential, "alerts.keep_roster") as tx:
        day = timedelta(days=1)
        turn = NewTurn(uuid4(), nurse.person_id, 1, clock.now() - day, clock.now() + day, "(718) 555-0188")
        await on_call.add_turn(tx, turn)
    async with practices.database.act_as_system("test") as tx:
        await tx.execute("update alert set level = 1")
        await alert_jobs.write_to_pool(tx, UUID(alert_id), 1)
    await tab.do(Alerts, "on_load")
    assert tab.unmarked() == {}
    for handler in ("on_take", "on_give_back", "on_begin_close"):
        await tab.do(Alerts, handler, alert_id)
    await tab.do(Alerts, "on_close", {})
    await tab.do(Alerts, "on_close", {"outcome": "called"})
    return tab


async def _on_call(
    practices: Practices, doctor: Doctor, patient: Someone, patch: pytest.MonkeyPatch, settings: Settings
) -> Tab:
    desk = Tab(await practices.people.staff("manager", name=marked("Rita")), patch).at("/staff/settings/on-call")
    await desk.do(OnCall, "on_load")
    noor, ann = [await practices.people.staff("nurse", name=marked(name)) for name in ("Noor", "Ann")]
    begins, ends = clock.now() - timedelta(days=1), clock.now() + timedelta(days=2)
    form = {
        "key": str(uuid4()), "person": str(noor.person_id), "rank": "1", "phone": "", "from-day": f"{begins:%F}",
        "from-time": "09:00", "until-day": f"{ends:%F}", "until-time": "09:00",
    }  # fmt: skip
    wrong = (
        {"person": ""}, {"rank": ""}, {"from-day": ""}, {"until-time": ""}, {"until-day": f"{begins:%F}"},
        {"until-day": "2099-01-01"}, {"phone": "12"}, {"from-day": "2020-01-01", "until-day": "2020-01-02"},
    )  # fmt: skip
    other = {"key": str(uuid4()), "person": str(ann.person_id)}
    for said in (*wrong, {"phone": "(718) 555-0188"}, {"key": other["key"]}, other, other | {"rank": "2"}):
        await desk.do(OnCall, "on_add", form | said)
        assert desk.unmarked() == {}
    async with practices.database.act_as_system("test") as tx:
        await tx.execute("delete from person_role where person_id = :id", {"id": ann.person_id})
    seen: Any = desk.root.get_substate(OnCall.get_full_name().split("."))
    for turn_id in [*(one["id"] for one in seen.turns), str(uuid4()), "x"]:
        await desk.do(OnCall, "on_load")
        assert desk.unmarked() == {}
        await desk.do(OnCall, "on_remove", turn_id)
        assert desk.unmarked() == {}
    return desk


async def _measured(
    practices: Practices, doctor: Doctor, patient: Someone, patch: pytest.MonkeyPatch, settings: Settings
) -> Tab:
    await visit_and_medicine(practices, doctor, patient, marked("Lisinopril"))
    tab = Tab(await practices.people.sign_in_again(patient, assurance=2), patch).at("/vitals/log")
    await tab.do(VitalsLog, "on_load")
    for measure, typed in (
        ("weight", {"value": "x"}), ("blood_pressure", {"value": "80", "pair": "120"}),
        ("blood_pressure", {"value": "128", "pair": "79"}), ("oxygen", {"value": "90"}),
        ("glucose", {"value": "60", "unit": "mg/dL", "context": "fasting"}),
    ):  # fmt: skip
        await tab.do(VitalsLog, "on_pick", measure)
        await tab.do(VitalsLog, "on_log", {**typed, "key": str(uuid4())})
        assert tab.unmarked() == {}
    await tab.at("/vitals").do(Vitals, "on_load")
    assert tab.unmarked() == {}
    await tab.at("/vitals/import").do(VitalsImport, "on_load")
    for _ in range(vitals.HOURLY_MOST + 1):  # the last one is only counted
        await tab.at("/vitals/log").do(VitalsLog, "on_pick", "blood_pressure")
        await tab.do(VitalsLog, "on_log", {"value": "118", "pair": "76", "key": str(uuid4())})
    assert tab.unmarked() == {}
    await tab.at("/vitals/see?what=blood_pressure").do(VitalsSee, "on_load")
    assert tab.unmarked() == {}
    await tab.at("/vitals/see?what=oxygen&period=year").do(VitalsSee, "on_load")
    page = tab.root.get_substate(VitalsSee.get_full_name().split("."))
    assert page.period == "year"  # type: ignore[attr-defined]  # an address may say how far back
    await tab.at("/vitals/see?what=glucose&of=fasting").do(VitalsSee, "on_load")
    assert tab.unmarked() == {}
    for part in ("morning", "evening", ""):
        await tab.at(f"/vitals/see?what=blood_pressure&of={part}").do(VitalsSee, "on_load")
    await _put_right(tab)
    return tab


async def _put_right(tab: Tab) -> None:
    """Change a reading, and look at both: the one that stands, and the one that does not."""
    log: Any = tab.root.get_substate(VitalsLog.get_full_name().split("."))
    await tab.at("/vitals/log?what=glucose").do(VitalsLog, "on_load")
    sure = {"value": "99", "unit": "mg/dL", "context": "fasting", "symptom": "yes", "note": marked("late")}
    await tab.do(VitalsLog, "on_log", {**sure, "key": str(uuid4())})
    addresses = [log.kept_href]
    await tab.at(log.kept_href.replace("/reading?", "/log?")).do(VitalsLog, "on_load")
    assert tab.unmarked() == {}
    await tab.do(VitalsLog, "on_log", {**sure, "value": "108", "key": log.form_key})
    addresses.append(log.kept_href)
    for address in addresses:
        await tab.at(address).do(VitalsReading, "on_load")
        assert tab.unmarked() == {}
        await tab.do(VitalsReading, "on_ask")
        await tab.do(VitalsReading, "on_delete")
        assert tab.unmarked() == {}
    await tab.at("/vitals/see?what=glucose").do(VitalsSee, "on_load")
    await tab.do(VitalsSee, "on_ended")
    assert tab.unmarked() == {}


async def _monitored(
    practices: Practices, doctor: Doctor, patient: Someone, patch: pytest.MonkeyPatch, settings: Settings
) -> Tab:
    await visit_and_medicine(practices, doctor, patient, marked("Lisinopril"))
    strong = await practices.people.sign_in_again(patient, assurance=2)
    phone = Tab(strong, patch).at("/vitals/log")
    for value in ("95", "90"):
        await phone.do(VitalsLog, "on_pick", "oxygen")
        await phone.do(VitalsLog, "on_log", {"value": value, "key": str(uuid4())})
    await phone.do(VitalsLog, "on_take_back")
    page = Tab(doctor.account, patch).at(f"/staff/vitals/patient?id={patient.patient_id}")
    await page.do(WatchedPatient, "on_load")
    await page.do(WatchedPatient, "on_begin_plan")
    until = (clock.now().date() + timedelta(days=9)).isoformat()
    for asked in (
        {"measure": "oxygen", "times": "2", "until": "soon"},
        {"measure": "oxygen", "times": "2", "until": until},
    ):
        await page.do(WatchedPatient, "on_plan", {**asked, "key": str(uuid4())})
        assert page.unmarked() == {}
    await page.do(WatchedPatient, "on_begin_range")
    for low in ("x", "88"):
        said = {"what": "oxygen", "low": low, "why": marked("COPD"), "key": str(uuid4())}
        await page.do(WatchedPatient, "on_range", said)
        assert page.unmarked() == {}
    await page.do(WatchedPatient, "on_conditions", {})
    await page.do(WatchedPatient, "on_period", "year")
    assert page.unmarked() == {}
    phone = Tab(strong, patch).at("/vitals/plan?what=oxygen")
    await phone.do(VitalsPlan, "on_load")
    for time in ("25:61", "08:00"):
        await phone.do(VitalsPlan, "on_remind", {"at-0": time})
        assert phone.unmarked() == {}
    rules = Tab(doctor.account, patch).at("/staff/settings/readings")
    await rules.do(ReadingRules, "on_load")
    await rules.do(ReadingRules, "on_approve")
    assert rules.unmarked() == {}
    await _numbers_of_an_age(rules)
    panel = Tab(doctor.account, patch).at("/staff/vitals")
    await panel.do(StaffVitals, "on_load")
    return panel


async def _numbers_of_an_age(rules: Tab) -> None:
    """Give two ages and a condition numbers of their own, say what cannot be, and end one of them again."""
    page = rules.root.get_substate(ReadingRules.get_full_name().split("."))
    form = rules.root.get_substate(ReadingSets.get_full_name().split("."))
    said = {"source": marked("AAP"), "because": marked("Children"), "ages": "years", "condition": "none"}
    for condition, since, until in (("none", "x", ""), ("none", "5", "12"), ("copd", "", "12")):
        await rules.do(ReadingSets, "on_begin", page.sets[-1]["id"])  # type: ignore[attr-defined]
        assert rules.unmarked() == {}
        numbers = {row["field"]: row["value"] for row in form.lines}  # type: ignore[attr-defined]
        ages = {"since": since, "until": until, "condition": condition}
        await rules.do(ReadingSets, "on_write", {**said, **numbers, **ages})
        assert rules.unmarked() == {}
    await rules.do(ReadingSets, "on_begin_end", page.sets[0]["id"])  # type: ignore[attr-defined]
    await rules.do(ReadingSets, "on_end", {"why": ""})
    assert rules.unmarked() == {}
    await rules.do(ReadingSets, "on_end", {"why": marked("Tried")})
    assert rules.unmarked() == {}


async def _inbox(
    practices: Practices, doctor: Doctor, patient: Someone, patch: pytest.MonkeyPatch, settings: Settings
) -> Tab:
    tab = Tab(await practices.people.staff("front_desk", "manager", name=marked("Ada")), patch).at("/staff/inbox")
    codes = ("call_back", "leave", "registration", "duplicate", "undelivered", "stale_line", "appointment_request")
    late = clock.now() - timedelta(hours=1)
    async with practices.database.act_as_system("test") as tx:
        for code in codes:
            about = None if code == "stale_line" else patient.patient_id
            await tasks.open_task(tx, code, uuid4(), patient_id=about, due_at=late, note=marked("Note"))
    await tab.do(Inbox, "on_load")
    rows = [row["id"] for row in tab.root.get_substate(Inbox.get_full_name().split(".")).rows]  # type: ignore[attr-defined]
    assert len(rows) == len(codes)
    for handler, row in (("on_take", 0), ("on_finish", 1), ("on_give_back", 0), ("on_reopen", 1), ("on_take", 0)):
        await tab.do(Inbox, handler, rows[row])
    for shelf in ("mine", "closed", "open"):
        await tab.do(Inbox, "on_shelf", shelf)
    await tab.do(Inbox, "on_begin_hand", rows[0])
    await tab.do(Inbox, "on_hand", {"colleague": "nobody"})
    await tab.do(Inbox, "on_stop_hand")
    await tab.do(Inbox, "on_take", str(uuid4()))
    return tab


async def _desk(
    practices: Practices, doctor: Doctor, patient: Someone, patch: pytest.MonkeyPatch, settings: Settings
) -> Tab:
    desk = await practices.people.staff("front_desk", name=marked("Sam"))
    await practices.booked(patient, (await practices.free_times(patient, doctor))[0])
    tab = Tab(desk, patch).at("/staff/patients")
    await tab.do(StaffPatients, "on_load")
    await tab.do(StaffPatients, "on_search", "maria")
    tab.at(f"/staff/patients/{patient.patient_id}")
    await tab.do(StaffPatient, "on_load")
    await tab.do(StaffPatient, "on_begin")
    await tab.do(StaffPatient, "on_visit_type", str(practices.visit_type_id))
    found: Any = tab.root.get_substate(StaffPatient.get_full_name().split("."))
    await tab.do(StaffPatient, "on_time", found.parts[0]["times"][0]["value"])
    await tab.do(StaffPatient, "on_book", {"reason": ""})
    return tab


async def _week(
    practices: Practices, doctor: Doctor, patient: Someone, patch: pytest.MonkeyPatch, settings: Settings
) -> Tab:
    free = (await practices.free_times(patient, doctor))[5]
    booked = await practices.booked(patient, free)
    async with practices.database.act_as_system("test") as tx:
        room = {"id": uuid4(), "place": practices.location_id, "name": marked("Blue")}
        await tx.execute("insert into room (id, location_id, name) values (:id, :place, :name)", room)
    day = str(free.starts_at.date())
    tab = Tab(doctor.account, patch).at(f"/staff/schedule/week?day={day}")
    await tab.do(StaffMonth, "on_load")
    await tab.do(StaffWeek, "on_load")
    await tab.do(StaffWeek, "on_block", {"day": day, "from": "06:00", "until": "07:00", "reason": marked("Drill")})
    await tab.do(StaffWeek, "on_block", {"day": day, "from": "late", "until": "07:00"})
    await tab.do(StaffWeek, "on_pick", str(booked.id))
    await tab.do(StaffWeek, "on_room", str(room["id"]))
    await tab.do(StaffWeek, "on_move")
    await tab.do(StaffWeek, "on_drop", str(booked.id), day, 180)
    await tab.do(StaffWeek, "on_confirm")
    return tab


async def _registering(
    practices: Practices, doctor: Doctor, patient: Someone, patch: pytest.MonkeyPatch, settings: Settings
) -> Tab:
    written = {"given": marked("Maria"), "family": marked("Alvarez"), "birth-day": "1", "birth-month": "may",
               "birth-year": "1964", "email": "new@example.test", "phone": "718 555 0142"}  # fmt: skip
    tab = Tab(None, patch).at("/register")
    await tab.do(Register, "on_load")
    await tab.do(Register, "on_ask", written)
    async with practices.database.act_as_system("test") as tx:
        id_ = await tx.scalar("select id from registration")
    desk = Tab(await practices.people.staff("front_desk", name=marked("Sam")), patch)
    await desk.at(f"/staff/registration?id={id_}").do(StaffRegistration, "on_load")
    assert not desk.unmarked()
    await desk.do(StaffRegistration, "on_decline")
    await desk.do(StaffRegistration, "on_accept")
    await desk.do(Register, "on_load")
    await desk.do(Register, "on_ask", written | {"given": ""})
    return desk


async def _waiting(
    practices: Practices, doctor: Doctor, patient: Someone, patch: pytest.MonkeyPatch, settings: Settings
) -> Tab:
    times = await practices.free_times(patient, doctor, days=6)
    has = await practices.booked(patient, times[-1])
    tab = Tab(patient, patch).at(f"/waiting/ask?appointment={has.id}")
    await tab.do(AskEarlier, "on_load")
    await tab.do(AskEarlier, "on_ask", {})
    wish = {"who": str(doctor.practitioner_id), "where": "any", "notice": "2", "day-2": "yes"}
    wish |= {f"day-{day}": "yes" for day in range(1, 8)} | {"part-morning": "yes", "part-evening": "yes"}
    await tab.do(AskEarlier, "on_ask", wish | {"part-afternoon": "yes"})
    await tab.do(AskEarlier, "on_ask", wish)
    await tab.do(AskEarlier, "on_load")
    await tab.do(AskEarlier, "on_ask", wish)
    first = times[len(times) // 2]
    async with practices.database.act_as_system("test") as tx:
        assert await waiting.offer_time(tx, first.practitioner_id, first.location_id, first.starts_at)
    await tab.at("/waiting?done=asked").do(Waiting, "on_load")
    await tab.do(Home, "on_load")
    async with practices.database.act_as(patient.credential, "waiting.view") as tx:
        (offer,) = await waiting.my_offers(tx)
    await tab.at(f"/offers/{offer.id}").do(Offer, "on_load")
    await tab.do(Offer, "on_warn")
    assert tab.unmarked() == {}
    await tab.do(Offer, "on_decline")
    await tab.do(Offer, "on_accept")
    return tab


async def _asking(
    practices: Practices, doctor: Doctor, patient: Someone, patch: pytest.MonkeyPatch, settings: Settings
) -> Tab:
    tab = Tab(patient, patch).at("/requests/ask")
    await tab.do(AskRequest, "on_load")
    await tab.do(AskRequest, "on_ask", {"words": ""})
    await tab.do(AskRequest, "on_ask", {"words": marked("Mornings")})
    async with practices.database.act_as(patient.credential, "waiting.view") as tx:
        (asked,) = await waiting.my_requests(tx)
    await tab.at("/waiting").do(Waiting, "on_load")
    await tab.at(f"/requests/{asked.id}?done=asked").do(Request, "on_load")
    assert tab.unmarked() == {}
    desk = Tab(await practices.people.staff("front_desk", name=marked("Ada")), patch).at(f"/staff/requests/{asked.id}")
    await desk.do(AnswerRequest, "on_load")
    state = desk.root.get_substate(AnswerRequest.get_full_name().split("."))
    await desk.do(AnswerRequest, "on_answer", {})
    await desk.do(AnswerRequest, "on_time", state.times[0]["value"])  # type: ignore[attr-defined]
    assert desk.unmarked() == {}
    await desk.do(AnswerRequest, "on_answer", {"answer": marked("Yes"), "phone": "555"})
    await desk.do(AnswerRequest, "on_load")
    assert desk.unmarked() == {}
    patch.setattr(PortalState, "_credential", lambda _: patient.credential)
    await tab.do(Request, "on_load")
    await tab.do(Request, "on_withdraw")
    return tab


async def _line_and_report(
    practices: Practices, doctor: Doctor, patient: Someone, patch: pytest.MonkeyPatch, settings: Settings
) -> Tab:
    times, entry = await practices.free_times(patient, doctor, days=9), uuid4()
    for number in range(6):
        someone = await practices.patient(doctor, marked("Maria"), marked("Alvarez"))
        wish = waiting.Wish(practices.visit_type_id, "in_person", uuid4(), notice_h=2)
        async with practices.database.act_as(someone.credential, "waiting.ask") as tx:
            entry = await waiting.ask_for_earlier(tx, wish)
        if number:
            await practices.booked(someone, times[-number])
            free = times[number]
            async with practices.database.act_as_system("test") as tx:
                await waiting.offer_time(tx, free.practitioner_id, free.location_id, free.starts_at)
    tab = Tab(doctor.account, patch).at("/staff/waiting")
    await tab.do(Line, "on_load")
    for priority in ("2", "1"):
        await tab.do(Line, "on_priority", str(entry), priority)
    await tab.do(Line, "on_priority", str(uuid4()), "1")
    await tab.do(Line, "on_begin_off", str(entry))
    await tab.do(Line, "on_take_off", {})
    assert tab.unmarked() == {}
    await tab.do(Line, "on_take_off", {"why": "other"})
    await tab.do(Line, "on_keep_on")
    assert tab.unmarked() == {}
    desk = Tab(await practices.people.staff("front_desk", name=marked("Tom")), patch)
    caller = await practices.patient(doctor, marked("Rosa"), marked("Alvarez"))
    async with practices.database.act_as_system("test") as tx:
        await tx.execute("delete from access_grant where grantee = :id", {"id": caller.person_id})
    await desk.at(f"/staff/waiting/ask?patient={caller.patient_id}").do(WaitFor, "on_load")
    await desk.do(WaitFor, "on_ask", {})
    said = {"what": f"in_person:{practices.visit_type_id}", "who": "any", "where": "any", "notice": "2"}
    for _ in range(2):
        await desk.do(WaitFor, "on_ask", said)
        await desk.do(WaitFor, "on_load")
    await desk.do(WaitFor, "on_ask", said)
    free = times[8]
    async with practices.database.act_as_system("test") as tx:
        await tx.execute(
            "update waitlist_entry set priority = case when patient_id = :id then 1 else 3 end",
            {"id": caller.patient_id},
        )
        assert await waiting.offer_time(tx, free.practitioner_id, free.location_id, free.starts_at)
        offer_id = await tx.scalar("select id from time_offer where patient_id = :id", {"id": caller.patient_id})
    await desk.at(f"/staff/waiting/offer?id={offer_id}").do(AnswerFor, "on_load")
    assert desk.unmarked() == {}
    await desk.do(AnswerFor, "on_decline")
    await desk.do(AnswerFor, "on_accept")
    assert desk.unmarked() == {}
    report = Tab(await practices.people.staff("manager", name=marked("Ada")), patch).at("/staff/insights")
    await report.do(Insights, "on_load")
    assert report.unmarked() == {}
    return tab


async def _enrolling(
    practices: Practices, doctor: Doctor, patient: Someone, patch: pytest.MonkeyPatch, settings: Settings
) -> Tab:
    def spoken_here(card: CardView, *rest: Any) -> dict[str, str]:
        return card_row(replace(card, locale=i18n.PSEUDO_LOCALE), *rest)

    patch.setattr("portal_app.state.staff_cards.card_row", spoken_here)
    invited = await practices.unseen(marked("Inés"), marked("Ortega"))
    desk = Tab(await practices.people.staff("front_desk", name=marked("Tom")), patch)
    await desk.at("/staff/cards").do(StaffCards, "on_load")
    await desk.at(f"/staff/invite?patient={invited}").do(StaffInvite, "on_load")
    for email in ("nobody", "ines@example.test"):
        await desk.do(StaffInvite, "on_mail", {"email": email})
    await desk.do(StaffInvite, "on_withdraw")
    await desk.do(StaffInvite, "on_card")
    state: Any = desk.root.get_substate(StaffInvite.get_full_name().split("."))
    await desk.do(StaffInvite, "on_load")
    await desk.at(state.card_href).do(StaffCards, "on_load")
    cards: Any = desk.root.get_substate(StaffCards.get_full_name().split("."))
    assert desk.unmarked() == {}
    await desk.at("/staff/enrolment").do(StaffEnrolment, "on_load")
    for show in ("out", "in", "none", "all"):
        await desk.do(StaffEnrolment, "on_show", show)
    await desk.do(StaffEnrolment, "on_invite", {})
    await desk.do(StaffEnrolment, "on_invite", {f"pick-{invited}": True})
    assert desk.unmarked() == {}
    await desk.do(StaffEnrolment, "on_coming")
    said = {"name": "Inés Ortega", "birth-day": "9", "birth-month": "4", "birth-year": "1950"}
    tab = Tab(None, patch).at("/activate?problem=activation_run_out")
    await tab.do(Activate, "on_load")
    for more in ({}, {"card": "ABCD-2345", "name": ""}, {"card": "ABCD-2345", "birth-day": "40"}):
        await tab.do(Activate, "on_say_who", said | more)
    await tab.do(Activate, "on_say_who", said | {"card": cards.cards[0]["code"]})
    for email in ("nobody", "ines@example.test"):
        await tab.do(Activate, "on_send_code", {"email": email})
    await tab.do(Activate, "on_other_address")
    async with practices.database.act_as_system("test") as tx:
        await tx.execute(
            "insert into onboarding (person_id, patient_id, created_at) values (:person, :patient, now())",
            {"person": patient.person_id, "patient": patient.patient_id},
        )
    own = Tab(patient, patch).at("/welcome?problem=passkey_refused")
    await own.do(Welcome, "on_load")
    await own.do(Welcome, "on_language", "en")
    await own.do(Welcome, "on_done", "language")
    await own.do(Welcome, "on_channel", "phone")
    for step in ("passkey", "portal", "promises"):
        await own.do(Welcome, "on_done", step)
    assert own.unmarked() == {}
    return tab


async def _signing_in(
    practices: Practices, doctor: Doctor, patient: Someone, patch: pytest.MonkeyPatch, settings: Settings
) -> Tab:
    patch.setattr(sign_in, "get_settings", lambda: settings.model_copy(update={"mode": "demo"}))
    patch.setattr("portal_app.state.sign_in.service.demo_people", lambda: ())
    tab = Tab(None, patch).at("/sign-in?done=signed-out&problem=code_refused")
    await tab.do(SignIn, "on_load")
    await tab.do(SignIn, "on_ask", {"email": "nobody"})
    return tab


async def _ways_in(
    practices: Practices, doctor: Doctor, patient: Someone, patch: pytest.MonkeyPatch, settings: Settings
) -> Tab:
    async with practices.database.act_as(patient.credential, "access.keep_passkeys") as tx:
        kept = {"public_key": b"", "person_id": patient.person_id}
        for external_id in ("a", "b"):
            await tx.execute(insert(Passkey).values(**kept, external_id=external_id, name=marked("Phone")))
    tab = Tab(patient, patch).at("/profile/devices?problem=passkey_refused")
    await tab.do(Devices, "on_load")
    state: Any = tab.root.get_substate(Devices.get_full_name().split("."))
    await tab.do(Devices, "on_choose", "rename", state.passkeys[0]["id"])
    await tab.do(Devices, "on_rename", {"name": ""})
    await tab.at("/profile?done=saved").do(Me, "on_load")
    proved = Tab(await practices.people.sign_in_again(patient, assurance=2), patch)
    for question in ("called", "pronouns", "emergency", "pharmacy", "reached", "units", "look", "channels"):
        await proved.at(f"/profile/answer?q={question}").do(Answer, "on_load")
        if question != "look":
            await proved.do(Answer, "on_say", {"name": "\u202e", "units": "x"})
        assert proved.unmarked() == {}
    patch.setattr(PortalState, "_credential", lambda _: patient.credential)
    await tab.at("/text-code?problem=code_refused").do(TextCode, "on_load")
    await tab.do(TextCode, "on_send")
    await tab.do(TextCode, "on_send_for_passkey")
    owner = Tab(await practices.people.held_back(marked("Rosa"), family=marked("Diaz")), patch)
    await owner.at("/text-code").do(TextCode, "on_load")
    await owner.do(TextCode, "on_shut_out")
    assert owner.unmarked() == {}
    patch.setattr(PortalState, "_credential", lambda _: patient.credential)
    await tab.at("/profile/notifications").do(Notifications, "on_load")
    await tab.do(Notifications, "on_subscribed", {"endpoint": "https://example.org/"})
    await tab.at("/given-code?problem=given_code_refused").do(GivenCode, "on_load")
    return tab


async def _looked_at(
    practices: Practices, doctor: Doctor, patient: Someone, patch: pytest.MonkeyPatch, settings: Settings
) -> Tab:
    tom = await practices.people.staff("front_desk", name=marked("Tom"))
    desk = Tab(tom, patch)
    for _ in range(2):
        await desk.at(f"/staff/patients/{patient.patient_id}").do(StaffPatient, "on_load")
    await practices.booked(patient, (await practices.free_times(patient, doctor))[0])
    await desk.at(f"/staff/as-patient?chart={patient.patient_id}").do(SeenAs, "on_load")
    await desk.at(f"/staff/invite?patient={uuid4()}").do(ResetPatient, "on_ask")
    for reason, known_by in (("", ""), ("lost", ""), ("lost", "document")):
        await desk.do(ResetPatient, "on_reason", reason)
        await desk.do(ResetPatient, "on_known_by", known_by)
        await desk.do(ResetPatient, "on_reset")
    assert desk.unmarked() == {}
    async with practices.people.database.act_as_system("test") as tx:  # the bar speaks the language of who looks
        await tx.execute("update person set locale = 'xx' where id = :id", {"id": tom.person_id})
    look = Tab(await looking(practices.people.database, tom, patient.patient_id), patch)
    await look.at("/").do(Home, "on_load")
    await look.at("/profile").do(Me, "on_load")
    await look.at("/looked").do(Looking, "on_load")
    assert look.unmarked() == {}
    strong = Tab(await practices.people.sign_in_again(patient, assurance=2), patch).at("/profile/record")
    await strong.do(TakeRecord, "on_load")
    assert strong.unmarked() == {}
    tab = strong.at("/profile/who-looked")
    await tab.do(WhoLooked, "on_load")
    state: Any = tab.root.get_substate(WhoLooked.get_full_name().split("."))
    await tab.do(WhoLooked, "on_doubt", state.days[0]["lines"][0]["id"])
    await tab.do(WhoLooked, "on_ask", {"words": "a" * 501})
    await tab.do(WhoLooked, "on_ask", {"words": "why?"})
    for handler in ("on_load", "on_allow", "on_refuse"):
        await tab.do(LookRefusal, handler)
    manager = Tab(await practices.people.staff("manager", name=marked("Grace")), patch).at("/staff/privacy")
    await manager.do(Privacy, "on_load")
    (asked,) = manager.root.get_substate(Privacy.get_full_name().split(".")).questions  # type: ignore[attr-defined]
    await manager.do(Privacy, "on_begin_answer", asked["id"])
    await manager.do(Privacy, "on_answer", {"answer": ""})
    assert manager.unmarked() == {}
    return tab


async def _emergency(
    practices: Practices, doctor: Doctor, patient: Someone, patch: pytest.MonkeyPatch, settings: Settings
) -> Tab:
    nurse = await practices.people.staff("nurse", location_id=uuid4(), name=marked("Ruth"))
    tab = Tab(nurse, patch).at("/staff/emergency")
    await tab.do(Emergency, "on_load")
    await tab.do(Emergency, "on_search", {"query": marked("Maria")})
    await tab.do(Emergency, "on_choose", str(patient.patient_id))
    await tab.do(Emergency, "on_open", {"kind": "", "reason": ""})
    await tab.do(Emergency, "on_open", {"kind": "asked", "reason": "asks for help at the door"})
    await tab.at(f"/staff/patients/{patient.patient_id}").do(StaffPatient, "on_load")
    manager = Tab(await practices.people.staff("manager", name=marked("Grace")), patch).at("/staff/privacy")
    await manager.do(Privacy, "on_load")
    state: Any = manager.root.get_substate(Privacy.get_full_name().split("."))
    await manager.do(Privacy, "on_reviewed", state.openings[0]["id"])
    assert manager.unmarked() == {}
    return tab


async def _second_factor(
    practices: Practices, doctor: Doctor, patient: Someone, patch: pytest.MonkeyPatch, settings: Settings
) -> Tab:
    nurse = await practices.people.staff("nurse", name=marked("Ruth"))
    tab = Tab(nurse, patch).at("/second-factor?problem=factor_refused")
    await tab.do(SecondFactor, "on_load")
    await tab.do(SecondFactor, "on_step", "set-up")
    await tab.do(SecondFactor, "on_app")
    await tab.do(SecondFactor, "on_codes")
    await tab.do(SecondFactor, "on_kept")
    await tab.do(SecondFactor, "on_confirm", {"code": ""})
    await tab.do(SecondFactor, "on_again")
    manager = await practices.people.staff("manager", name=marked("Grace"))
    async with practices.database.act_as_system("test") as tx:
        await tx.execute("update person set display_name = '⟦' || display_name || '⟧' where display_name not like '⟦%'")
    tab = Tab(nurse, patch).at("/profile/devices")
    async with practices.database.act_as(nurse.credential, "access.set_up_factor") as tx:
        await tx.execute("update authenticator_app set confirmed_at = now()")
    await tab.do(StepUp, "on_needed")
    await tab.do(StepUp, "on_digits", {"digits": "000000"})
    assert tab.unmarked() == {}
    tab = Tab(manager, patch).at("/staff/settings/sign-in")
    await tab.do(StaffSignIn, "on_load")
    await tab.do(StaffSignIn, "on_choose", str(nurse.person_id))
    await tab.do(StaffSignIn, "on_reset")
    return tab


async def _sharing(
    practices: Practices, doctor: Doctor, patient: Someone, patch: pytest.MonkeyPatch, settings: Settings
) -> Tab:
    proved = await practices.people.sign_in_again(patient, assurance=2)
    tab = Tab(proved, patch).at("/profile/caregivers/invite")
    await tab.do(Share, "on_load")
    await tab.do(Share, "on_send", {})
    carer = await practices.people.patient(marked("Ana"), marked("Moreno"))
    key = await invited(practices.database, patient, carer.email, name=marked("Ana"))
    theirs = Tab(carer, patch).at(f"/invitation?key={key}")
    await theirs.do(Invitation, "on_load")
    await theirs.do(Invitation, "on_accept")
    there = await acting_for(practices.database, carer, patient)
    for why in ("moved", "ended", "part&part=bills"):
        theirs = Tab(there, patch).at(f"/profile/acting-for?why={why}")
        await theirs.do(ActingFor, "on_load")
        assert theirs.unmarked() == {}
    visit = await practices.booked(patient, (await practices.free_times(patient, doctor))[0])
    beside = Tab(patient, patch).at(f"/appointments/{visit.id}")
    for handler in ("on_load", "on_keep", "on_show"):
        await beside.do(PrivateVisit, handler)
        assert beside.unmarked() == {}
    desk = Tab(await practices.people.staff("front_desk", name=marked("Tom")), patch)
    for more in ("&problem=document", f"&document={uuid4()}"):
        desk.at(f"/staff/caregivers?patient={patient.patient_id}{more}")
        await desk.do(StaffCaregivers, "on_load")
        assert desk.unmarked() == {}
    await desk.do(StaffState, "on_look", {"patient-state": "1"})
    await desk.do(StaffState, "on_look", {"patient-state": "NY"})
    await desk.do(StaffCaregivers, "on_send", {})
    assert desk.unmarked() == {}
    tab = Tab(patient, patch).at("/profile/caregivers?done=invited")
    await tab.do(Caregivers, "on_load")
    state: Any = tab.root.get_substate(Caregivers.get_full_name().split("."))
    await tab.do(Caregivers, "on_end", state.current[0]["id"])
    assert state.past
    for kind, handlers in (("court_order", ("on_end", "on_ask")), ("consent", ("on_end",))):
        who = await practices.people.patient(marked("Ana"), marked("Moreno"))
        relation, _ = await acts_by_document(practices.database, settings, patient, who, kind, marked("Ana"))
        for handler in ("on_load", *handlers):
            await tab.do(Caregivers, handler, *([] if handler == "on_load" else [str(relation)]))
            assert tab.unmarked() == {}
    return tab


async def _ages(
    practices: Practices, doctor: Doctor, patient: Someone, patch: pytest.MonkeyPatch, settings: Settings
) -> Tab:
    child = await practices.people.patient(marked("Maya"), marked("Alvarez"), birth_date=born(9))
    parent = await practices.people.patient(marked("Ana"), marked("Moreno"))
    key = await invited(practices.database, child, parent.email, "results_view", name=marked("Ana"),
                        relationship="parent", until="open")  # fmt: skip
    await accept(practices.database, parent, key)
    theirs = Tab(await acting_for(practices.database, parent, child), patch).at("/profile/acting-for")
    await theirs.do(ActingFor, "on_load")
    assert theirs.unmarked() == {}
    async with practices.database.act_as_system("test") as tx:
        relation = await tx.scalar("select id from related_person where patient_id = :id", {"id": child.patient_id})
    desk = Tab(await practices.people.staff("front_desk", name=marked("Tom")), patch)
    for more in ("&problem=document", f"&document={uuid4()}"):
        desk.at(f"/staff/caregivers/limits?patient={child.patient_id}&relation={relation}{more}")
        await desk.do(StaffLimits, "on_load")
        assert desk.unmarked() == {}
    limits: Any = desk.root.get_substate(StaffLimits.get_full_name().split("."))
    for handler, form in (("on_court", {}), ("on_abuse", {}), ("on_abuse", {"why": marked("A long enough reason")})):
        await desk.do(StaffLimits, handler, form)
        assert desk.unmarked() == {}
    await desk.do(StaffLimits, "on_choose", limits.rows[0]["id"])
    for why in ({"lift": ""}, {"lift": marked("Looked into it")}):
        await desk.do(StaffLimits, "on_lift", why)
        assert desk.unmarked() == {}
    tab = Tab(await practices.people.staff("manager", "front_desk", name=marked("Grace")), patch)
    await tab.at("/staff/settings/ages").do(AgeRules, "on_load")
    state: Any = tab.root.get_substate(AgeRules.get_full_name().split("."))
    for counting in ("no state", "AL", ""):
        await tab.do(AgeRules, "on_state", {"counting": counting})
        await tab.do(AgeRules, "on_choose")
        state.about = marked(state.about)
        for row in state.rows:
            row.update({name: marked(row[name]) for name in ("source_given", "label") if row[name]})
        assert tab.unmarked() == {}
    await tab.do(AgeRules, "on_change", state.rows[0]["id"])
    day = (clock.now() + timedelta(days=30)).date().isoformat()
    good = {"full_until": "8", "limited_until": "18", "majority": "18", "own_from": "13", "source": marked("Law")}
    for form in ({}, good | {"effective_from": day, "open-booking": "yes"}):
        await tab.do(AgeRules, "on_look", form)
        assert tab.unmarked() == {}
    assert (state.view, len(state.changes)) == ("preview", 1)
    return tab


async def _reached(
    practices: Practices, doctor: Doctor, patient: Someone, patch: pytest.MonkeyPatch, settings: Settings
) -> Tab:
    strong = await practices.people._signed_in(patient, patient.patient_id, assurance=2)
    tab = Tab(strong, patch).at("/profile/contact?q=email")
    await tab.do(Contact, "on_load")
    await tab.do(Contact, "on_propose", {"address": "nobody"})
    await tab.do(Contact, "on_propose", {"address": f"{uuid4().hex}@example.test"})
    await tab.do(Contact, "on_confirm", {"code": "1"})
    assert tab.unmarked() == {}
    async with practices.database.act_as_system("test") as tx:
        await tx.execute("update contact_code set code_hash = 'x'")
    async with practices.database.act_as(strong.credential, "profile.change_contact") as tx:
        await tx.execute("update contact_code set used_at = now()")
        assert await tx.scalar("select use_contact_code(id) from contact_code")
    desk = Tab(await practices.people.staff("front_desk", name=marked("Tom")), patch)
    await desk.at(f"/staff/patients/{patient.patient_id}").do(StaffPatient, "on_load")
    return desk


async def _hours(
    practices: Practices, doctor: Doctor, patient: Someone, patch: pytest.MonkeyPatch, settings: Settings
) -> Tab:
    manager = await practices.people.staff("manager", name=marked("Grace"))
    await practices.booked(patient, (await practices.free_times(patient, doctor))[-1])
    tab = Tab(manager, patch).at(f"/staff/settings/schedules?who={doctor.practitioner_id}")
    await tab.do(Schedules, "on_load")
    state: Any = tab.root.get_substate(Schedules.get_full_name().split("."))
    day = (clock.now() + timedelta(days=1)).date().isoformat()
    await tab.do(Schedules, "on_form", "hours", state.rules[0]["id"])
    await tab.do(Schedules, "on_look", {**state.typed, "grid": "7"})
    await tab.do(Schedules, "on_look", {**state.typed, "grid": "30", "release": "1", "release-at": "07:00"})
    await tab.do(Schedules, "on_save")
    await tab.do(Schedules, "on_form", "day", "")
    await tab.do(Schedules, "on_look", {"kind": "none", "place": str(practices.location_id), "day": day})
    await tab.do(Schedules, "on_save")
    for last in ({"last": day}, {"last": day, "ends": "12:00"}, {"for-good": "yes"}):
        await tab.do(Schedules, "on_form", "leave", "")
        await tab.do(Schedules, "on_look", {"first": day, **last})
        await tab.do(Schedules, "on_save")
    await tab.do(Schedules, "on_form", "end", state.rules[0]["id"])
    assert (len(state.days), len(state.leaves)) == (1, 3)
    return tab


async def _video_settings(tab: Tab, doctor: Doctor) -> None:
    await tab.at("/staff/settings/video").do(VideoSettings, "on_load")
    await tab.do(VisitPreparations, "on_load")
    kept: Any = tab.root.get_substate(VisitPreparations.get_full_name().split("."))
    await tab.do(VisitPreparations, "on_edit", kept.rows[0]["id"])
    for said in ("x" * 200, marked("A thing")):
        await tab.do(VisitPreparations, "on_save", {"ready-en": said, "ready-es": said, "ready-ar": said})
        assert tab.unmarked() == {}
    await tab.do(VideoSettings, "on_path", "hub")
    await tab.do(VideoSettings, "on_save", {})
    await tab.do(VideoSettings, "on_person", str(doctor.practitioner_id))
    await tab.do(VideoSettings, "on_region", "US-NY")
    for until in ("soon", "2020-01-01"):
        await tab.do(VideoSettings, "on_save", {"until": until})
        assert tab.unmarked() == {}
    found: Any = tab.root.get_substate(VideoSettings.get_full_name().split("."))
    await tab.do(VideoSettings, "on_edit", found.rows[0]["id"])
    await tab.do(VideoSettings, "on_leave_it")
    assert tab.unmarked() == {}
    await tab.do(VideoSettings, "on_drop", found.rows[0]["id"])


async def _closing(
    practices: Practices, doctor: Doctor, patient: Someone, patch: pytest.MonkeyPatch, settings: Settings
) -> Tab:
    manager = await practices.people.staff("manager", name=marked("Grace"))
    tab = Tab(manager, patch).at("/staff/settings/closed-days")
    await tab.do(ClosedDays, "on_load")
    await tab.do(ClosedDays, "on_country", {"country": "nowhere"})
    await tab.do(ClosedDays, "on_country", {"country": "us", "part": "ny"})
    await tab.do(ClosedDays, "on_choose", {f"holiday-{n}": "yes" for n in range(4)})
    await tab.do(ClosedDays, "on_save")
    tomorrow = (clock.now() + timedelta(days=2)).date().isoformat()
    await tab.do(ClosedDays, "on_close", {"day": tomorrow, "name": marked("Training")})
    await tab.do(ClosedDays, "on_save")
    await tab.at("/staff/settings/visit-limits").do(Limits, "on_load")
    state: Any = tab.root.get_substate(Limits.get_full_name().split("."))
    await tab.do(Limits, "on_edit", state.rows[0]["id"])
    await tab.do(Limits, "on_look", {"before": "999"})
    await tab.do(Limits, "on_look", {"before": "5", "after": "0", "daily": "3", "remind-120": "yes"})
    await tab.do(Limits, "on_save")
    await _video_settings(tab, doctor)
    await tab.at(f"/staff/settings/rooms?id={practices.location_id}").do(PlaceRooms, "on_load")
    for name in ("", marked("Blue")):
        await tab.do(PlaceRooms, "on_add")
        await tab.do(PlaceRooms, "on_name", {"room": name})
    rooms: Any = tab.root.get_substate(PlaceRooms.get_full_name().split("."))
    for handler in ("on_retire", "on_use", "on_rename"):
        await tab.do(PlaceRooms, handler, rooms.rooms[0]["id"])
    await tab.do(PlaceRooms, "on_stop_naming")
    await tab.do(PlaceRooms, "on_close_place", {"from": "soon"})
    await tab.do(PlaceRooms, "on_zone", {"zone": "Mars"})
    await tab.do(PlaceRooms, "on_zone", {"zone": "America/Denver"})
    await tab.do(PlaceRooms, "on_leave_it")
    await tab.do(PlaceRooms, "on_keep_open")
    return tab


async def _leave(
    practices: Practices, doctor: Doctor, patient: Someone, patch: pytest.MonkeyPatch, settings: Settings
) -> Tab:
    booked = await practices.booked(patient, (await practices.free_times(patient, doctor))[0])
    day = booked.starts_at.astimezone(ZoneInfo(ZONE)).date()
    async with practices.database.act_as_system("test") as tx:
        await tx.execute(
            "insert into schedule_exception (id, practitioner_id, location_id, day, modalities)"
            " values (gen_random_uuid(), :who, :place, :day, '{video}')",
            {"who": doctor.practitioner_id, "place": practices.location_id, "day": day},
        )
    tab = Tab(await practices.people.staff("front_desk", name=marked("Tom")), patch)
    tab.at(f"/staff/leave?visit={booked.id}")
    await tab.do(Leave, "on_load")
    state: Any = tab.root.get_substate(Leave.get_full_name().split("."))
    assert not state.is_settled
    await tab.do(Leave, "on_offer")
    await tab.do(Leave, "on_move", state.times[0]["value"])
    await tab.do(Leave, "on_called")
    return tab


async def _outbox(
    practices: Practices, doctor: Doctor, patient: Someone, patch: pytest.MonkeyPatch, settings: Settings
) -> Tab:
    demo = settings.model_copy(update={"mode": "demo"})
    patch.setattr(outbox, "get_settings", lambda: demo)
    patch.setattr(policy, "_demo_is_open", True)
    mail = EmailMessage()
    mail["To"], mail["Subject"] = "a@example.test", "Booked"
    mail.set_content("Your visit")
    outbox_folder(demo).mkdir(parents=True)
    (outbox_folder(demo) / "1.eml").write_bytes(bytes(mail))
    tab = Tab(None, patch).at("/outbox")
    await tab.do(Outbox, "on_load")
    return tab


async def _facts(
    practices: Practices, doctor: Doctor, patient: Someone, patch: pytest.MonkeyPatch, settings: Settings
) -> Tab:
    manager = await practices.people.staff("manager", name=marked("Grace"))
    async with practices.database.act_as_system("test") as tx:
        await tx.execute("update location set parking = cast(:n as jsonb)", {"n": json.dumps({"en": marked("yard")})})
    place = f"/staff/settings/place?id={practices.location_id}"
    tab = Tab(manager, patch).at("/staff/settings")
    await tab.do(PracticeSettings, "on_load")
    await tab.do(PracticeSettings, "on_edit", "nurse|")
    await tab.do(PracticeSettings, "on_number", {"number": "nobody"})
    await tab.do(PracticeSettings, "on_number", {"number": "212 555 0190"})
    await tab.do(PracticeSettings, "on_test", "nurse|")
    await tab.do(PracticeSettings, "on_answered", "yes")
    await tab.at(place).do(PlaceSettings, "on_load")
    await tab.do(PlaceSettings, "on_hours", {"hours-1": "8-25"})
    await tab.do(PlaceSettings, "on_hours", {"hours-1": "8-12"})
    await tab.do(
        PlaceSettings, "on_way", {"way-en": marked("Bus"), "way-es": marked("Bus"), "parking-en": marked("yard")}
    )
    async with practices.database.act_as_system("test") as tx:
        await tx.execute(
            "insert into closed_day (location_id, day, name, is_holiday) values (:id, :day, :name, false)",
            {"id": practices.location_id, "day": clock.now().date() + timedelta(days=3), "name": marked("Fair")},
        )
    await tab.at("/practice").do(About, "on_load")
    await tab.at(f"/staff/settings/clinician?id={doctor.practitioner_id}&problem=photo").do(
        ClinicianSettings, "on_load"
    )
    await tab.do(ClinicianSettings, "on_save", {"age-from": "old"})
    said = {"specialty-family": "yes", "speaks-en": "yes", "biography-en": marked("I run")}
    await tab.do(ClinicianSettings, "on_save", said)
    return tab


def _confirm(wish: BookingRequest) -> str:
    asked: dict[str, object] = {"type": wish.visit_type_id, "how": wish.modality, "who": wish.practitioner_id}
    asked |= {"where": wish.location_id, "at": wish.starts_at.isoformat(), "key": wish.request_key}
    return f"/book/confirm?{urlencode(asked)}"


async def _by_video(
    practices: Practices, doctor: Doctor, patient: Someone, patch: pytest.MonkeyPatch, settings: Settings
) -> Tab:
    id_ = str(await practices.video_visit_soon(patient, doctor))
    tab = Tab(patient, patch).at(f"/visit?id={id_}")
    await tab.do(Visit, "on_load")
    await tab.do(Visit, "on_checked", {"camera": "works", "microphone": "works", "speaker": "works"})
    said = {"address": marked("12 Elm Street"), "region": "US-NY", "number": "718 555 0143", "company": "alone"}
    await tab.do(Visit, "on_region", "US-NY")
    await tab.do(Visit, "on_say", said)
    await tab.do(Visit, "on_say", said | {"agrees": "yes"})
    board = Tab(doctor.account, patch).at("/staff/visits")
    await board.do(StaffVisits, "on_load")
    await board.do(StaffVisits, "on_say", {"words": ""})
    await board.do(StaffVisits, "on_ask_hand_over", id_)
    await board.at(f"/staff/visit?id={id_}").do(StaffVisit, "on_load")
    await board.do(StaffVisit, "on_invite", {"name": "", "role": "family"})
    await board.do(StaffVisit, "on_invite", {"name": marked("Rosa"), "role": "family"})
    found: Any = board.root.get_substate(StaffVisit.get_full_name().split("."))
    waiting_ids = [row["id"] for row in found.people if row["can_admit"]]
    await board.do(StaffVisit, "on_admit", waiting_ids[0])
    await board.do(Room, "on_write", {"words": ""})
    await board.do(StaffVisit, "on_ask_hand_over")
    assert board.unmarked() == {}
    guest = Tab(None, patch).at("/room?problem=link_used")
    await guest.do(GuestRoom, "on_load")
    assert guest.unmarked() == {}
    patch.setattr(PortalState, "_credential", lambda _: patient.credential)
    await tab.do(Visit, "on_load")
    return tab


async def _insured(
    practices: Practices, doctor: Doctor, patient: Someone, patch: pytest.MonkeyPatch, settings: Settings
) -> Tab:
    """Keep an insurance, look at it at the desk, ask what a visit costs, and what a claim still wants."""
    await _written_up(practices, doctor, patient, patch, settings)
    keeper = await practices.people.staff("billing", "front_desk", "manager", name=marked("Iris"))
    strong = await practices.people.sign_in_again(patient, assurance=2)
    phone = Tab(strong, patch).at("/insurance/add")
    await phone.do(InsuranceForm, "on_load")
    await phone.do(InsuranceForm, "on_save", {"key": str(uuid4()), "payer": "other", "relation": "spouse"})
    assert phone.unmarked() == {}
    said = {
        "key": str(uuid4()), "payer": "other", "payer_name": marked("Insurer"), "member_id": "4711",
        "relation": "spouse", "subscriber_given": marked("Robin"), "subscriber_family": marked("Berg"),
        "subscriber_born-day": "3", "subscriber_born-month": "4", "subscriber_born-year": "1970", "precedence": "1",
    }  # fmt: skip
    await phone.do(InsuranceForm, "on_save", said)
    await phone.at("/insurance").do(Insurance, "on_load")
    found: Any = phone.root.get_substate(Insurance.get_full_name().split("."))
    address = found.rows[0]["href"]
    await phone.at(address).do(OneInsurance, "on_load")
    await phone.at(f"/insurance/add?id={address.rsplit('/')[-1]}").do(InsuranceForm, "on_load")
    assert phone.unmarked() == {}
    desk = Tab(keeper, patch).at("/staff/insurance")
    await desk.do(StaffInsurance, "on_load")
    await desk.at(f"/staff/insurance?patient={patient.patient_id}").do(StaffInsurance, "on_load")
    await desk.do(StaffInsurance, "on_review", address.rsplit("/")[-1], "0")
    await desk.at("/staff/estimates").do(StaffEstimates, "on_load")
    await desk.do(StaffEstimates, "on_set", {"kind": "", "code": ""})
    await desk.at("/staff/settings/insurers").do(InsurerSettings, "on_load")
    await desk.do(InsurerSettings, "on_save", {"npi": "1"})
    async with practices.database.act_as_system("test") as tx:
        charge = await tx.scalar("select id from charge_item where patient_id = :id", {"id": patient.patient_id})
    await desk.at(f"/staff/billing?id={charge}").do(ClaimPart, "on_load")
    assert desk.unmarked() == {}
    visit = await practices.booked(patient, (await practices.free_times(patient, doctor))[0])
    phone = Tab(strong, patch).at(f"/estimates?visit={visit.id}")
    await phone.do(Estimates, "on_load")
    await phone.do(Estimates, "on_ask", str(uuid4()))
    rows: Any = phone.root.get_substate(Estimates.get_full_name().split("."))
    await phone.at(rows.rows[0]["href"]).do(OneEstimate, "on_load")
    await phone.at("/insurance").do(Insurance, "on_load")
    await phone.do(Insurance, "on_none", str(uuid4()))
    return phone


async def _forms(
    practices: Practices, doctor: Doctor, patient: Someone, patch: pytest.MonkeyPatch, settings: Settings
) -> Tab:
    manager = Tab(await practices.people.staff("manager", name=marked("Rita")), patch).at("/staff/settings/forms")
    reason = "urn:sala:form:consent-treatment"
    for url in (reason, "urn:other"):
        await manager.do(FormLibrary, "on_load")
        await manager.do(FormLibrary, "on_ask", url, "yes")
        assert manager.unmarked() == {}
        await manager.do(FormLibrary, "on_kind", str(practices.visit_type_id))
        for answer in ("yes", "no"):
            assert manager.unmarked() == {}
            await manager.do(FormLibrary, "on_ask", url, answer)
    visit = await practices.booked(patient, (await practices.free_times(patient, doctor))[0])
    tab = Tab(patient, patch).at(f"/appointments/{visit.id}")
    for url in ("urn:other", reason):
        await tab.do(VisitForms, "on_load")
        await tab.do(VisitForms, "on_open", url)
    async with practices.database.act_as(patient.credential, "intake.fill_in") as tx:
        form_id = await intake.open_form(tx, visit.id, reason)
        given = intake.GivenAnswer(1, "agree", [True], 0, clock.now())
        await intake.save_answers(tx, form_id, uuid4(), [given])
        await intake.submit_form(tx, form_id, 1, "es", marked("Maria"))
    await tab.at(f"/forms/{form_id}").do(Form, "on_load")
    assert tab.unmarked() == {}
    carer = await practices.people.patient(marked("Ana"), marked("Moreno"))
    key = await invited(practices.database, patient, carer.email, "booking_view", "forms_view", name=marked("Ana"))
    await accept(practices.database, carer, key)
    seen = Tab(await acting_for(practices.database, carer, patient), patch).at(f"/appointments/{visit.id}")
    await seen.do(VisitForms, "on_load")
    assert seen.unmarked() == {}
    desk = Tab(doctor.account, patch).at(f"/staff/patients/{patient.patient_id}")
    await desk.do(ChartForms, "on_load")
    await desk.at(f"/staff/forms/{form_id}").do(StaffForm, "on_load")
    assert desk.unmarked() == {}
    await desk.do(StaffForm, "on_review")
    await desk.at(f"/staff/before?id={visit.id}").do(StaffBefore, "on_load")
    await desk.do(StaffBefore, "on_review")
    assert desk.unmarked() == {}
    return await _asked_forms(desk, patient, patch)


async def _listed(
    practices: Practices, doctor: Doctor, patient: Someone, patch: pytest.MonkeyPatch, settings: Settings
) -> Tab:
    await practices.booked(patient, (await practices.free_times(patient, doctor))[0])
    desk = Tab(doctor.account, patch).at(f"/staff/chart?patient={patient.patient_id}")
    await desk.do(StaffLists, "on_load")
    form = {"entry": "medication", "kind": "medication", "name": marked("Metformin"), "how": marked("one a day")}
    await desk.do(StaffLists, "on_save", form | {"key": str(uuid4())})
    form = {"entry": "allergy", "kind": "allergy", "name": marked("Nuts"), "severity": "mild", "key": str(uuid4())}
    await desk.do(StaffLists, "on_save", form)
    await desk.do(StaffLists, "on_save", form | {"name": "", "key": str(uuid4())})
    lists: Any = desk.root.get_substate(StaffLists.get_full_name().split("."))
    medicine, allergy = lists.medicines[0], lists.allergies[0]
    strong = await practices.people.sign_in_again(patient, assurance=2)
    phone = Tab(strong, patch).at("/medications/review")
    await phone.do(MedicationReview, "on_load")
    answer = {"entry": medicine["id"], "version": "1", "words": marked("two")}
    await phone.do(MedicationReview, "on_say", answer)
    await phone.do(MedicationReview, "on_answer", allergy["id"], "1", "unknown")
    typed = {"kind": "allergy", "name": marked("Bees"), "severity": "severe", "key": str(uuid4())}
    await phone.do(MedicationReview, "on_add", typed)
    await phone.do(MedicationReview, "on_finish")
    assert phone.unmarked() == {}
    desk = Tab(doctor.account, patch).at(f"/staff/chart?patient={patient.patient_id}")
    await desk.do(StaffLists, "on_load")
    await desk.do(StaffChanges, "on_load")
    changes: Any = desk.root.get_substate(StaffChanges.get_full_name().split("."))
    first = changes.rows[0]["id"]
    await desk.do(StaffChanges, "on_decline", {"change": first, "reason": ""})
    await desk.do(StaffChanges, "on_decline", {"change": first, "reason": marked("Later")})
    await desk.do(StaffLists, "on_private", medicine["id"], "1", "yes")
    await desk.do(StaffLists, "on_end", allergy["id"], "1", "stopped")
    assert desk.unmarked() == {}
    phone = Tab(strong, patch).at("/medications")
    await phone.do(Medications, "on_load")
    return phone


async def _asked_forms(desk: Tab, patient: Someone, patch: pytest.MonkeyPatch) -> Tab:
    await desk.at(f"/staff/outstanding?patient={patient.patient_id}").do(OutstandingForms, "on_load")
    form = {"url": "", "key": str(uuid4()), "every": "14", "until": "2000-01-01"}
    for url in ("", "urn:other", "urn:sala:form:reason-for-visit"):
        await desk.do(OutstandingForms, "on_ask", form | {"url": url})
        assert desk.unmarked() == {}
    await desk.do(OutstandingForms, "on_ask", form | {"url": "urn:sala:form:phq-9", "every": ""})
    assert desk.unmarked() == {}
    rows: Any = desk.root.get_substate(OutstandingForms.get_full_name().split("."))
    await desk.do(OutstandingForms, "on_end", rows.rows[0]["id"])
    assert desk.unmarked() == {}
    tab = Tab(patient, patch).at("/forms")
    await tab.do(AskedForms, "on_load")
    await tab.do(AskedForms, "on_open", str(uuid4()))
    return tab


async def _checking_in(
    practices: Practices, doctor: Doctor, patient: Someone, patch: pytest.MonkeyPatch, settings: Settings
) -> Tab:
    visit = await practices.booked(patient, (await practices.free_times(patient, doctor))[0])
    strong = await practices.people.sign_in_again(patient, assurance=2)
    phone = Tab(strong, patch).at("/here")
    await phone.do(CheckIn, "on_here")
    parts = (
        ("contact", "on_contact"), ("insurance", "on_insurance"), ("copay", "on_copay"), ("documents", "on_documents"),
    )  # fmt: skip
    for part, handler in parts:
        await phone.at(f"/check-in/{part}?id={visit.id}").do(CheckIn, handler)
    await phone.do(CheckIn, "on_confirm", "contact", "confirmed")
    await phone.do(CheckIn, "on_confirm", "nothing", "confirmed")
    await phone.at(f"/check-in?id={visit.id}").do(CheckIn, "on_load")
    await phone.do(CheckIn, "on_form", "form:urn:other")
    await phone.do(CheckIn, "on_finish")
    assert phone.unmarked() == {}
    manager = Tab(await practices.people.staff("manager", name=marked("Rita")), patch).at("/staff/settings/check-in")
    await manager.do(StaffCheckIn, "on_rule")
    for days in ("3", "99"):
        await manager.do(StaffCheckIn, "on_set_rule", {"days": days})
        assert manager.unmarked() == {}
    desk = Tab(doctor.account, patch).at(f"/staff/check-in?id={visit.id}")
    await desk.do(StaffCheckIn, "on_load")
    for task in ("insurance", "nothing"):
        await desk.do(StaffCheckIn, "on_confirm", task)
    await desk.do(StaffCheckIn, "on_undo")
    await desk.do(StaffCheckIn, "on_check_in")
    async with practices.database.act_as(strong.credential, "profile.change") as tx:
        await profile.be_called(tx, marked("Mari"))
        await profile.say_pronouns(tx, marked("she"))
    clerk = Tab(await practices.people.staff("front_desk"), patch).at(f"/staff/check-in?id={visit.id}")
    await clerk.do(SaidChanges, "on_load")
    assert clerk.unmarked() == {}
    said: Any = clerk.root.get_substate(SaidChanges.get_full_name().split("."))
    assert len(said.rows) == 2
    await clerk.do(SaidChanges, "on_accept", said.rows[0]["id"])
    assert clerk.unmarked() == {}
    return desk


STORIES: dict[Story, set[type[rx.State]]] = {
    _insured: {
        ClaimPart,
        Estimates,
        Insurance,
        InsuranceForm,
        InsurerSettings,
        OneEstimate,
        OneInsurance,
        StaffEstimates,
        StaffInsurance,
    },
    _listed: {MedicationReview, Medications, StaffChanges, StaffLists},
    _forms: {AskedForms, ChartForms, Form, FormLibrary, OutstandingForms, StaffBefore, StaffForm, VisitForms},
    _checking_in: {CheckIn, StaffCheckIn, SaidChanges},
    _booking: {Book, Frame, Clinician},
    _by_video: {GuestRoom, Room, StaffVisit, StaffVisits, Visit, VisitReadings},
    _calling: {CallBack, CallBacks},
    _written_up: {Ratings, VisitNote, VisitEnding, UnsignedNotes, VisitSummary, Documents, LastNote},
    _billed: {
        Bill,
        BillQuestion,
        Bills,
        Pay,
        PayPlan,
        PayReturn,
        BillSettings,
        StaffAging,
        StaffBill,
        StaffBillQuestions,
        StaffBills,
        StaffBillUndo,
        StaffStatements,
        Statements,
    },
    _charges: {Billing},
    _money: {StaffMoney},
    _confirming: {Confirm},
    _taken: {Confirm},
    _moving: {Book, Confirm, Appointment},
    _reminded: {Reminder},
    _repeating: {Series},
    _ages: {AgeRules, StaffLimits},
    _sharing: {Caregivers, Share, Invitation, ActingFor, StaffCaregivers, StaffState, PrivateVisit},
    _taking_back: {Appointment},
    _visits: {Home, Appointments, Appointment, Me},
    _day: {Schedule, RunningLate},
    _inbox: {Inbox},
    _alerted: {Alerts},
    _on_call: {OnCall},
    _measured: {Vitals, VitalsImport, VitalsLog, VitalsReading, VitalsSee},
    _monitored: {ReadingRules, ReadingSets, StaffVitals, VitalsPlan, WatchedPatient},
    _waiting: {AskEarlier, Waiting, Offer},
    _asking: {AskRequest, Request, AnswerRequest},
    _line_and_report: {Line, Insights, WaitFor, AnswerFor},
    _desk: {StaffPatients, StaffPatient},
    _week: {StaffWeek, StaffMonth},
    _registering: {Register, StaffRegistration},
    _enrolling: {Activate, StaffCards, StaffEnrolment, StaffInvite, Welcome},
    _signing_in: {SignIn},
    _ways_in: {Devices, TextCode, GivenCode, Answer, Notifications},
    _looked_at: {WhoLooked, TakeRecord, LookRefusal, Privacy, SeenAs, Looking, ResetPatient},
    _emergency: {Emergency, Privacy},
    _second_factor: {SecondFactor, StaffSignIn, StepUp},
    _reached: {Contact, StaffContact},
    _hours: {Schedules},
    _closing: {ClosedDays, Limits, PlaceRooms, VideoSettings, VisitPreparations},
    _leave: {Leave},
    _outbox: {Outbox},
    _facts: {PracticeSettings, PlaceSettings, About, ClinicianSettings},
}


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
async def test_every_word_filled_in_comes_from_a_catalogue(
    story: Story,
    practices: Practices,
    doctor: Doctor,
    patient: Someone,
    pseudo: None,
    monkeypatch: pytest.MonkeyPatch,
    settings: Settings,
) -> None:
    tab = await story(practices, doctor, patient, monkeypatch, settings)

    assert tab.unmarked() == {}


def test_every_screen_with_a_state_is_told_a_story() -> None:
    """A new screen fails here until its handlers are run above. The notice only says `PortalError.message`s."""
    told = {state for states in STORIES.values() for state in states}
    screens = {state for state in PortalState.__subclasses__() if state.__module__.startswith("portal_app.state.")}
    said = {state for state in screens if state.get_fields()}

    assert {state.__name__ for state in said - told - {Notice}} <= {"Design", "Binding"}
