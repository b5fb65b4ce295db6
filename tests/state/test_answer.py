"""One question about oneself: a contact detail asks for what it takes before a word is typed."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
import reflex as rx
from reflex.istate.data import HeaderData, ReflexURL, RouterData

from portal_app import wiring
from portal_app.core import db
from portal_app.core.db import Database
from portal_app.core.errors import StepUpNeeded
from portal_app.pages import answer
from portal_app.state.answer import Answer
from portal_app.web.cookies import cookie_name
from tests.factories import Clinic, Someone

wiring.load_features("policies")


@pytest_asyncio.fixture
async def opened(database: Database) -> AsyncIterator[Database]:
    db.use(database)
    yield database
    db.use(None)


def page_of(someone: Someone, question: str) -> Any:
    """Return the page's state with a question in its address."""
    root: Any = rx.State(_reflex_internal_init=True)  # type: ignore[call-arg]
    root.router = RouterData(
        headers=HeaderData(cookie=f"{cookie_name()}={someone.credential.session_secret}"),
        url=ReflexURL(f"http://localhost:4100/profile/answer?q={question}"),
    )
    return root.get_substate(Answer.get_full_name().split("."))


async def test_whom_to_call_wants_a_second_proof_before_anything_is_typed_and_the_rest_does_not(
    opened: Database, clinic: Clinic
) -> None:
    assert answer.PAGE.steps_up
    maria = await clinic.patient()
    for question in ("called", "pharmacy"):
        page = page_of(maria, question)
        await Answer.on_load.fn(page)
        assert page.is_ready
    page = page_of(maria, "emergency")
    with pytest.raises(StepUpNeeded):
        await Answer.on_load.fn(page)
    assert not page.is_ready
    page = page_of(await clinic.sign_in_again(maria, assurance=2), "emergency")
    await Answer.on_load.fn(page)
    assert page.is_ready


async def test_an_answer_sent_by_hand_wants_it_too(opened: Database, clinic: Clinic) -> None:
    page = page_of(await clinic.patient(), "emergency")
    page.question = "emergency"
    with pytest.raises(StepUpNeeded):
        await Answer.on_say.fn(page, {"name": "Ana", "relation": "Mother", "phone": "(718) 555-0142"})
