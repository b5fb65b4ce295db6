"""What a script with a socket and somebody else's ids can do: hear a plain answer, and write nothing."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio

from portal_app.core.errors import NotAllowed, NotFound
from portal_app.features.booking.views import BookingRequest
from portal_app.web import cookies
from tests.factories import Someone
from tests.journeys.clinic import Doctor, Practices
from tests.journeys.house import PATIENCE_S, House
from tests.web.wire import ROOT, Tab, open_tab

pytestmark = pytest.mark.asyncio(loop_scope="session")
TOO_LONG = "Say it in 500 characters or fewer."
UNREADABLE = "Some characters cannot be shown to your clinician. Type it again, without copying."
NOT_OFFERED = "That time can no longer be booked. You have not been booked. Choose another time."


def _event(screen: str, handler: str) -> str:
    return f"{ROOT}.portal_app___state___{screen}____{screen}.{handler}"


@asynccontextmanager
async def _tab(house: House, someone: Someone, path: str) -> AsyncIterator[Tab]:
    cookie = f"{cookies.cookie_name(house.settings)}={someone.credential.session_secret}"
    async with open_tab(house.origin, {"Origin": house.origin, "Cookie": cookie}, path=path) as tab:
        yield await tab.arrive()


async def _told(tab: Tab) -> str:
    """Return the sentence the page shows on top."""
    return str(await tab.until(lambda tab: tab.var("notice", "text")))


@pytest_asyncio.fixture(loop_scope="session")
async def doctor(practices: Practices) -> Doctor:
    return await practices.doctor()


@pytest_asyncio.fixture(loop_scope="session")
async def patient(practices: Practices, doctor: Doctor) -> Someone:
    return await practices.patient(doctor)


@pytest_asyncio.fixture(loop_scope="session")
async def wish(practices: Practices, doctor: Doctor, patient: Someone) -> BookingRequest:
    """A time the patient could have."""
    return practices.wish((await practices.free_times(patient, doctor))[0])


def _confirm(wish: BookingRequest, **changes: Any) -> str:
    asked = {
        "type": wish.visit_type_id,
        "how": wish.modality,
        "who": wish.practitioner_id,
        "where": wish.location_id,
        "at": wish.starts_at.isoformat(),
        "key": wish.request_key,
    }
    return f"/book/confirm?{urlencode(asked | changes)}"


async def test_another_patients_visit_is_not_found_and_cannot_be_cancelled(
    house: House, practices: Practices, doctor: Doctor, patient: Someone
) -> None:
    victim = await practices.patient(doctor, "Victoria")
    theirs = await practices.booked(victim, (await practices.free_times(victim, doctor))[1])
    async with _tab(house, patient, f"/appointments/{theirs.id}") as tab:
        await tab.send(_event("appointment", "on_load"))
        await tab.until(lambda tab: tab.var("appointment", "is_missing"))
        await tab.send(_event("appointment", "on_cancel"), form={})

        assert await _told(tab) == NotFound.message
        assert "Victoria" not in str(tab.seen)
        assert tab.var("appointment", "title") == ""
    assert await practices.statuses(victim) == ["booked"]


async def test_another_patients_calendar_file_is_not_found(
    house: House, practices: Practices, doctor: Doctor, patient: Someone
) -> None:
    victim = await practices.patient(doctor)
    theirs = await practices.booked(victim, (await practices.free_times(victim, doctor))[1])
    cookie = {"Cookie": f"{cookies.cookie_name(house.settings)}={patient.credential.session_secret}"}
    async with httpx.AsyncClient(trust_env=False, headers=cookie, timeout=PATIENCE_S) as browser:
        answer = await browser.get(f"{house.origin}/appointments/{theirs.id}/calendar.ics")

    assert answer.status_code == 404
    assert "BEGIN:VCALENDAR" not in answer.text


@pytest.mark.parametrize("handler", ["on_arrive", "on_noshow", "on_finish", "on_undo"])
async def test_staffs_events_do_nothing_for_a_patient_not_even_with_their_own_visit(
    house: House, practices: Practices, doctor: Doctor, patient: Someone, handler: str
) -> None:
    own = await practices.booked(patient, (await practices.free_times(patient, doctor))[1])
    async with _tab(house, patient, "/staff/schedule") as tab:
        await tab.send(_event("schedule", handler), appointment_id=str(own.id))

        assert await _told(tab) == NotAllowed.message
    assert await practices.statuses(patient) == ["booked"]


async def test_the_days_list_stays_empty_for_a_patient(
    house: House, practices: Practices, doctor: Doctor, patient: Someone
) -> None:
    victim = await practices.patient(doctor, "Victoria")
    await practices.booked(victim, (await practices.free_times(victim, doctor))[1])
    async with _tab(house, patient, "/staff/schedule") as tab:
        await tab.send(_event("schedule", "on_load"))

        assert await _told(tab) == NotAllowed.message
        assert tab.var("schedule", "rows") == []
        assert "Victoria" not in str(tab.seen)


async def test_a_time_in_the_past_is_refused(
    house: House, practices: Practices, patient: Someone, wish: BookingRequest
) -> None:
    past = replace(wish, starts_at=wish.starts_at - timedelta(days=7))
    async with _tab(house, patient, _confirm(past)) as tab:
        await tab.send(_event("confirm", "on_load"))
        assert await tab.until(lambda tab: tab.var("confirm", "problem")) == NOT_OFFERED
        await tab.send(_event("confirm", "on_book"), form={"reason": ""})
        await tab.until(lambda tab: tab.var("confirm", "attempt"))

        assert tab.var("confirm", "is_done") is False
    assert await practices.appointments(patient) == []


@pytest.mark.parametrize(
    ("reason", "answer"),
    [
        ("a" * 100_000, TOO_LONG),
        ("a" * 501, TOO_LONG),
        ("knee\x00", UNREADABLE),
        ("knee\x1b[2J", UNREADABLE),
        ("knee \u202eeenk", UNREADABLE),
        ("\u2066knee\u2069", UNREADABLE),
    ],
    ids=["100 kB", "501 characters", "nul", "escape", "right-to-left override", "isolates"],
)
async def test_words_nobody_could_read_are_refused_in_plain_words(
    house: House, practices: Practices, patient: Someone, wish: BookingRequest, reason: str, answer: str
) -> None:
    async with _tab(house, patient, _confirm(wish)) as tab:
        await tab.send(_event("confirm", "on_book"), form={"reason": reason})

        assert await tab.until(lambda tab: tab.var("confirm", "reason_error")) == answer
    assert await practices.appointments(patient) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"who": uuid4()},
        {"where": uuid4()},
        {"type": uuid4()},
        {"at": "2026-11-24T10:07:00+00:00"},
        {"at": "9999-12-31T23:59:59+00:00"},
        {"at": "0001-01-01T00:00:00+14:00"},
        {"at": "2026-11-24T10:00:00"},
        {"at": "tomorrow"},
        {"key": "1; drop table appointment"},
        {"who": ""},
    ],
    ids=lambda changes: (
        " ".join(f"{name} {str(value)[:19]}" for name, value in changes.items() if name == "at") or "-".join(changes)
    ),
)
async def test_a_made_up_wish_is_answered_and_writes_nothing(
    house: House, practices: Practices, patient: Someone, wish: BookingRequest, changes: dict[str, Any]
) -> None:
    async with _tab(house, patient, _confirm(wish, **changes)) as tab:
        await tab.send(_event("confirm", "on_book"), form={"reason": ""})
        answer = await tab.until(
            lambda tab: tab.var("confirm", "problem") or tab.var("confirm", "reason_error") or tab.var("notice", "text")
        )

        assert len(answer) > 20
        assert not tab.var("confirm", "is_done")
    assert await practices.appointments(patient) == []


async def test_another_patients_key_does_not_open_their_appointment(
    house: House, practices: Practices, doctor: Doctor, patient: Someone, wish: BookingRequest
) -> None:
    victim = await practices.patient(doctor, "Victoria")
    theirs = await practices.booked(victim, wish)
    async with _tab(house, patient, _confirm(wish)) as tab:
        await tab.send(_event("confirm", "on_book"), form={"reason": ""})
        await tab.until(lambda tab: tab.var("confirm", "problem"))

        assert str(theirs.id) not in str(tab.seen) + str(tab.events)
    assert await practices.appointments(patient) == []
