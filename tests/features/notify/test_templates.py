"""What messages say, and what they can never say."""

from datetime import UTC, datetime

import pytest

from portal_app.features.notify.errors import UnknownTemplate, UnsafeParameter
from portal_app.features.notify.templates import (
    APPOINTMENT_BOOKED,
    SIGN_IN_CODE,
    Kind,
    all_templates,
    check_parameters,
    get_template,
    moment_parameter,
    render,
)
from portal_app.wiring import load_features

BOOKED = {
    "practice": "Sala <Clinic> & Sons",
    "place": "12 Main St",
    "phone": "+1 555 0100",
    "starts": moment_parameter(datetime(2026, 11, 24, 14, 20, tzinfo=UTC), "America/New_York"),
    "link": "/appointments",
}


def test_time_is_said_in_the_zone_of_the_visit() -> None:
    said = render(APPOINTMENT_BOOKED, BOOKED, "en", "https://portal.example")
    assert "Tuesday" in said.text
    assert "9:20" in said.text
    assert "Eastern" in said.text


def test_link_leads_to_the_portal_in_the_reader_s_language() -> None:
    said = render(APPOINTMENT_BOOKED, BOOKED, "es", "https://portal.example")
    assert "https://portal.example/es/appointments" in said.text
    assert 'href="https://portal.example/es/appointments"' in said.html


def test_arabic_runs_from_right_to_left_and_isolates_what_does_not() -> None:
    said = render(APPOINTMENT_BOOKED, BOOKED, "ar", "https://portal.example")
    assert '<html lang="ar" dir="rtl">' in said.html
    assert "<bdi>12 Main St</bdi>" in said.html


def test_names_cannot_become_markup() -> None:
    said = render(APPOINTMENT_BOOKED, BOOKED, "en", "https://portal.example")
    assert "<Clinic>" not in said.html
    assert "Sala &lt;Clinic&gt; &amp; Sons" in said.html
    assert "Sala <Clinic> & Sons" in said.text


def test_a_line_without_its_parameter_is_left_out() -> None:
    params = {name: value for name, value in BOOKED.items() if name != "phone"}
    assert "Questions" not in render(APPOINTMENT_BOOKED, params, "en", "").text


def test_code_stands_in_both_forms() -> None:
    said = render(SIGN_IN_CODE, {"code": "042917"}, "ar", "")
    assert "042917" in said.text
    assert "042917" in said.html
    assert "042917" not in said.subject


@pytest.mark.parametrize(
    "params",
    [
        {"reason": "rash"},
        {"practice": "two\nlines"},
        {"practice": "x" * 201},
        {"practice": "abc\u202edcba"},
        {"link": "https://evil.example"},
        {"link": "//evil.example\\"},
        {"starts": "tomorrow"},
        {"place": ""},
    ],
)
def test_what_a_template_does_not_declare_is_refused(params: dict[str, str]) -> None:
    with pytest.raises(UnsafeParameter):
        check_parameters(APPOINTMENT_BOOKED, params)


def test_a_path_that_leaves_the_portal_is_refused() -> None:
    with pytest.raises(UnsafeParameter):
        check_parameters(APPOINTMENT_BOOKED, {"link": "//evil.example/appointments"})


def test_unknown_template_is_an_error() -> None:
    with pytest.raises(UnknownTemplate):
        get_template("no_such")


def test_no_template_can_carry_free_text_under_a_name_about_health() -> None:
    for module in ("messages", "mails", "jobs"):
        load_features(module)
    for template in all_templates():
        words = {name for name, kind in template.parameters.items() if kind is Kind.words}
        assert words <= {"practice", "place", "phone", "amount", "day"}, template.name
