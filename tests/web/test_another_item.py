"""A page of one thing that opens another in the same tab shows nothing of the first meanwhile."""

from typing import Any

import pytest
import reflex as rx
from reflex.istate.data import HeaderData, ReflexURL, RouterData
from reflex_base.event import Event

import portal_app.portal_app  # noqa: F401 - registers every page and state
from portal_app.core.db import secret_hash
from portal_app.state.appointment import Appointment
from portal_app.state.bill import Bill
from portal_app.state.check_in import CheckIn
from portal_app.state.insurance_form import InsuranceForm
from portal_app.state.staff_bill import StaffBill
from portal_app.web import guard

FIRST, SECOND = "0f6a0b52-0d51-4b43-9d36-0e7bb0f2d201", "0f6a0b52-0d51-4b43-9d36-0e7bb0f2d202"


async def turn_to(root: rx.State, path: str) -> None:
    """Let a page be loaded inside the open document."""
    headers = HeaderData(origin="http://localhost:4100", host="localhost:4100")
    root.router = RouterData(headers=headers, url=ReflexURL(f"http://localhost:4100{path}"))
    (await root.get_state(guard.Binding))._session_hash = secret_hash("")
    event = Event(name=guard._page_load(), payload={})
    assert await guard.Guard(lambda: None).preprocess(None, root, event) is None  # type: ignore[arg-type,return-value]


@pytest.mark.parametrize(("state", "route"), [
    (Bill, "/bills/{id}"), (StaffBill, "/staff/bills/{id}"), (Appointment, "/appointments/{id}"),
])  # fmt: skip
async def test_another_item_begins_empty_and_the_same_one_stays(state: type[rx.State], route: str) -> None:
    root = rx.State(_reflex_internal_init=True)  # type: ignore[call-arg]
    await turn_to(root, route.format(id=FIRST))
    page: Any = root.get_substate(state.get_full_name().split("."))
    page.is_ready = True
    await turn_to(root, route.format(id=FIRST))
    assert page.is_ready
    await turn_to(root, "/es" + route.format(id=SECOND))
    assert not page.is_ready


@pytest.mark.parametrize("meanwhile", ["/bills", f"/check-in?id={SECOND}", f"/check-in/insurance?id={FIRST}"])
async def test_a_page_opened_again_after_another_begins_with_its_skeleton(meanwhile: str) -> None:
    root = rx.State(_reflex_internal_init=True)  # type: ignore[call-arg]
    await turn_to(root, f"/check-in?id={FIRST}")
    page: Any = root.get_substate(CheckIn.get_full_name().split("."))
    page.is_ready = True
    await turn_to(root, f"/check-in?id={FIRST}&here=1")
    assert page.is_ready
    await turn_to(root, meanwhile)
    await turn_to(root, f"/check-in?id={FIRST}")
    assert not page.is_ready


async def test_a_page_beside_one_of_any_item_is_known_by_its_own_address() -> None:
    root = rx.State(_reflex_internal_init=True)  # type: ignore[call-arg]
    await turn_to(root, f"/insurance/add?id={FIRST}")
    page: Any = root.get_substate(InsuranceForm.get_full_name().split("."))
    page.is_ready = True
    await turn_to(root, f"/insurance/{FIRST}")
    await turn_to(root, f"/insurance/add?id={FIRST}")
    assert not page.is_ready


async def test_a_document_just_loaded_begins_with_its_skeleton() -> None:
    root = rx.State(_reflex_internal_init=True)  # type: ignore[call-arg]
    await turn_to(root, f"/check-in?id={FIRST}")
    page: Any = root.get_substate(CheckIn.get_full_name().split("."))
    page.is_ready = True
    await guard._empty_for_another(root, is_fresh=True)
    assert not page.is_ready


async def test_a_page_that_is_about_no_single_thing_keeps_what_it_shows() -> None:
    root = rx.State(_reflex_internal_init=True)  # type: ignore[call-arg]
    await turn_to(root, f"/bills/{FIRST}")
    page: Any = root.get_substate(Bill.get_full_name().split("."))
    page.is_ready = True
    await turn_to(root, "/bills")
    assert page.is_ready
