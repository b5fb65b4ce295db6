"""Decisions about times and appointments, exhaustively where that is possible."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from portal_app.features.booking import rules
from portal_app.features.booking.rules import AppointmentStatus, ReasonProblem

NOW = datetime(2026, 3, 2, 15, tzinfo=UTC)
ALLOWED = {
    ("pending", "booked"),
    ("booked", "arrived"),
    ("booked", "cancelled"),
    ("booked", "noshow"),
    ("arrived", "booked"),
    ("arrived", "fulfilled"),
    ("noshow", "booked"),
    ("noshow", "arrived"),
}


@pytest.mark.parametrize(("status", "following"), list(product(AppointmentStatus, AppointmentStatus)))
def test_an_appointment_goes_only_where_its_state_leads(
    status: AppointmentStatus, following: AppointmentStatus
) -> None:
    assert rules.can_become(status, following) == ((status.value, following.value) in ALLOWED)


def test_a_hold_lasts_five_minutes_and_twenty_with_every_extension() -> None:
    assert rules.held_until(NOW) == NOW + timedelta(minutes=5)
    assert rules.extended_until(NOW, NOW + timedelta(minutes=4)) == NOW + timedelta(minutes=9)
    assert rules.extended_until(NOW, NOW + timedelta(minutes=18)) == NOW + timedelta(minutes=20)


def test_notice_runs_to_its_very_last_moment() -> None:
    starts_at = NOW + timedelta(hours=24)
    assert not rules.is_too_late_to_cancel(starts_at, 24, NOW)
    assert rules.is_too_late_to_cancel(starts_at, 24, NOW + timedelta(seconds=1))


@pytest.mark.parametrize(
    "typed",
    [
        "Cough since Monday",
        "سعال منذ يوم الاثنين",
        "می\u200cخواهم",
        "खाँसी",
        "👩\u200d⚕️ visit",
        "line one\nline two",
        "x" * rules.REASON_MAX,
    ],
)
def test_words_in_any_script_are_kept_as_typed(typed: str) -> None:
    assert rules.normalised_reason(typed) == typed


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  a\r\nb\tc  ", "a\nb c"),
        ("a\n\n\n\n\nb", "a\n\nb"),
        ("cafe\u0301", "café"),
        ("a\u2028b", "a\nb"),
        (" \n ", ""),
        ("y" * 500 + " " * 100, "y" * 500),
    ],
)
def test_white_space_and_forms_are_made_alike(typed: str, kept: str) -> None:
    assert rules.normalised_reason(typed) == kept


@pytest.mark.parametrize("character", [chr(n) for n in (*range(9), 11, 12, *range(14, 32), 127, 0x9F)])
def test_a_control_character_is_refused(character: str) -> None:
    assert rules.normalised_reason(f"a{character}b") is ReasonProblem.unreadable


@pytest.mark.parametrize("character", "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ud800")
def test_a_character_that_hides_what_is_said_is_refused(character: str) -> None:
    assert rules.normalised_reason(f"pay{character}load") is ReasonProblem.unreadable


@pytest.mark.parametrize("length", [rules.REASON_MAX + 1, 100_000])
def test_too_many_words_are_refused(length: int) -> None:
    assert rules.normalised_reason("z" * length) is ReasonProblem.too_long
