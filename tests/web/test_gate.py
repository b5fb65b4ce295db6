"""The gate's own small decisions; what it does to requests is tried on the production server."""

from dataclasses import replace
from uuid import UUID

import pytest

from portal_app.core.actor import Actor, Role
from portal_app.web.gate import own_start, session_token
from portal_app.web.next_path import staff_start

PATIENT = Actor(UUID(int=1), frozenset({Role.patient}), UUID(int=2), None, 1, "ar", "")
NURSE = replace(PATIENT, roles=frozenset({Role.nurse}), patient_id=None, locale="es")


@pytest.mark.parametrize(
    ("actor", "path", "start"),
    [
        (PATIENT, "/", "/ar"),
        (PATIENT, "//", "/ar"),
        (PATIENT, "/ar", None),
        (PATIENT, "/es", None),
        (PATIENT, "/book", None),
        (replace(PATIENT, locale="en"), "/", None),
        (NURSE, "/", "/es/staff/schedule"),
        (NURSE, "/ar/", "/es/staff/schedule"),
        (replace(NURSE, roles=frozenset({Role.billing})), "/", "/es/staff/inbox"),
        (replace(NURSE, roles=frozenset({Role.manager, Role.nurse})), "/", "/es/staff/schedule"),
        (NURSE, "/staff/schedule", None),
        (replace(NURSE, roles=frozenset({Role.manager})), "/", "/es/staff/settings"),
    ],
)
def test_the_bare_address_means_ones_own_work_and_language(actor: Actor, path: str, start: str | None) -> None:
    assert own_start(actor, path) == start


def test_whoever_may_open_none_of_the_staff_s_places_begins_with_their_own_page(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("portal_app.web.next_path.page_of", lambda _route: None)
    assert staff_start(replace(NURSE, roles=frozenset({Role.billing}))) == "/profile"
    assert staff_start(NURSE) == "/profile"


def test_a_client_token_names_another_state_in_another_session() -> None:
    assert session_token("a", "token") == session_token("a", "token")
    assert len({session_token(session, token) for session in "ab" for token in "cd"}) == 4
