"""Nothing can be opened or called that names no policy."""

import pytest
from reflex_base.event import Event
from reflex_base.registry import RegistrationContext
from starlette.routing import BaseRoute

import portal_app.portal_app  # noqa: F401 - registers every page, state and policy
from portal_app.api import all_routes
from portal_app.core import policy as policies
from portal_app.core.actor import Role
from portal_app.core.jobs import all_jobs
from portal_app.portal_app import routes
from portal_app.state.base import policy_of
from portal_app.web.guard import framework_events, refusal
from portal_app.web.registry import all_pages
from portal_app.web.route import PolicyRoute, PolicySocket
from portal_app.wiring import load_features

load_features("policies")
OURS = {
    name: entry.handler
    for name, entry in RegistrationContext.get().event_handlers.items()
    if entry.states[0].__module__.startswith("portal_app.")
}
METHODS = {name: handler for name, handler in OURS.items() if not name.endswith(".setvar")}


def test_there_are_events_and_pages_to_look_at() -> None:
    assert len(METHODS) > 10
    assert len(all_pages()) > 5
    assert routes


@pytest.mark.parametrize("name", sorted(METHODS))
def test_every_public_method_of_a_state_names_a_registered_policy(name: str) -> None:
    policy = policy_of(METHODS[name].fn)

    assert policy is not None, f"{name} is public: decorate it with @handles, or begin its name with _"
    assert policies.get(policy).name == policy


@pytest.mark.parametrize("page", all_pages(), ids=lambda page: page.route)
def test_every_page_names_a_registered_policy(page: object) -> None:
    from portal_app.web.page import Page

    assert isinstance(page, Page)
    policy = policies.get(page.policy)
    assert page.needs_session is not policy.public


@pytest.mark.parametrize("name", sorted(METHODS))
def test_a_visitor_is_refused_what_is_not_public(name: str) -> None:
    policy = policies.get(policy_of(METHODS[name].fn) or "")

    assert (refusal(Event(name=name), is_visitor=True) == "nobody is signed in") is not policy.public


def test_no_event_of_the_framework_is_let_through_but_the_few_a_page_needs() -> None:
    theirs = RegistrationContext.get().event_handlers.keys() - METHODS.keys()
    refused = {name for name in theirs if refusal(Event(name=name), is_visitor=False) == "no policy"}

    assert theirs - refused == framework_events()
    assert len(framework_events()) == 5


@pytest.mark.parametrize("route", all_routes(is_demo=True), ids=lambda route: route.path)
def test_every_route_names_a_registered_policy(route: BaseRoute) -> None:
    assert isinstance(route, PolicyRoute | PolicySocket)
    assert policies.get(route.policy).name == route.policy


def test_a_route_outside_the_demo_has_no_policy_of_the_demo() -> None:
    outside = [
        policies.get(route.policy)
        for route in all_routes(is_demo=False)
        if isinstance(route, PolicyRoute | PolicySocket)
    ]

    assert outside
    assert not [policy.name for policy in outside if policy.demo_only]


def test_every_job_names_a_policy_for_the_system() -> None:
    load_features("jobs")

    ours = {job: name for job, name in all_jobs().items() if not job.startswith("test.")}

    assert len(ours) > 5
    assert all(policies.get(name).roles >= {Role.system} for name in ours.values())
