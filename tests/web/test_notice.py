"""Errors become words; what caused them stays here."""

import pytest
from structlog.testing import capture_logs

from portal_app.core.errors import InputRefused, NotAllowed, NotSignedIn, PortalError, StepUpNeeded
from portal_app.state.notice import Notice, on_backend_error, on_frontend_error


@pytest.mark.parametrize(
    ("error", "handler", "code"),
    [
        (NotAllowed("booking.book"), "on_error", "not_allowed"),
        (InputRefused("reason", "Write less."), "on_error", "input_refused"),
        (ValueError("the reason of a visit"), "on_error", "portal_error"),
        (NotSignedIn(), "on_signed_out", "not_signed_in"),
        (StepUpNeeded(), "on_signed_out", "step_up_needed"),
    ],
)
def test_an_error_becomes_an_event_with_its_code_alone(error: Exception, handler: str, code: str) -> None:
    event = on_backend_error(error)

    assert event.handler.fn is getattr(Notice, handler).fn
    assert [str(value) for _name, value in event.args] == [f'"{code}"']


def test_every_named_failure_has_a_sentence_of_its_own() -> None:
    from portal_app.state.notice import _messages

    assert len(_messages()) > 8
    assert all(_messages()[code] for code in _messages())
    assert _messages()[PortalError.code] == PortalError.message


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("TypeError: cannot read 'Maria Alvarez'", "TypeError"),
        ("Maria Alvarez has a visit", "unknown"),
        ("", "unknown"),
    ],
)
def test_what_a_browser_reports_is_logged_without_its_words(text: str, kind: str) -> None:
    with capture_logs() as logs:
        on_frontend_error(Exception(text))

    assert logs == [{"event": "page_failed", "error": kind, "log_level": "error"}]
