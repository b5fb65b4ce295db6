"""Confirming a time, without a browser."""

from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
import reflex as rx
from reflex.istate.data import HeaderData, ReflexURL, RouterData

from portal_app import wiring
from portal_app.core import db, limits
from portal_app.core.db import Database
from portal_app.core.errors import TooManyTries
from portal_app.state.confirm import Confirm
from portal_app.web.cookies import cookie_name
from tests.factories import Clinic, Someone


def page_of(someone: Someone) -> Any:
    """Return the page's state with a wish in its address."""
    wish = {name: str(uuid4()) for name in ("type", "who", "where", "key")} | {"at": "2027-01-05T15:00:00+00:00"}
    root: Any = rx.State(_reflex_internal_init=True)  # type: ignore[call-arg]
    root.router = RouterData(
        headers=HeaderData(cookie=f"{cookie_name()}={someone.credential.session_secret}"),
        url=ReflexURL(f"http://localhost:4100/book/confirm?{urlencode(wish)}"),
    )
    return root.get_substate(Confirm.get_full_name().split("."))


async def test_nobody_takes_time_after_time_without_end(database: Database, clinic: Clinic) -> None:
    wiring.load_features("policies")
    db.use(database)
    limits.forget_all()
    maria, sam = await clinic.patient(), await clinic.patient("Sam")
    for _ in range(30):
        await Confirm.on_book.fn(page_of(maria), {"reason": ""})
    with pytest.raises(TooManyTries):
        await Confirm.on_book.fn(page_of(maria), {"reason": ""})
    await Confirm.on_book.fn(page_of(sam), {"reason": ""})
    db.use(None)
