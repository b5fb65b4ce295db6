"""The sign-in page's state, without a browser."""

from typing import Any

import pytest
import reflex as rx
from reflex.istate.data import HeaderData, RouterData

from portal_app import wiring
from portal_app.core import db, limits
from portal_app.core.db import Database
from portal_app.state.sign_in import SignIn
from portal_app.web.cookies import cookie_name, new_session_secret, new_visitor_secret


@pytest.mark.parametrize("make", [new_session_secret, new_visitor_secret])
def test_a_code_is_asked_for_by_this_browser_whether_signed_in_or_not(make: Any) -> None:
    secret = make()
    assert page_of(secret)._browser_secret() == secret


async def test_many_mistyped_addresses_keep_nobody_from_hearing_what_is_wrong(database: Database) -> None:
    wiring.load_features("policies")
    limits.forget_all()
    db.use(database)
    said = set()
    for number in range(7):
        page = page_of(f"anon-{number}")
        await SignIn.on_ask.fn(page, {"email": "maria"})
        said.add(page.email_error)
    db.use(None)
    limits.forget_all()
    assert len(said) == 1


def page_of(secret: str) -> Any:
    """Return the page's state in a browser with this secret."""
    root: Any = rx.State(_reflex_internal_init=True)  # type: ignore[call-arg]
    root.router = RouterData(headers=HeaderData(cookie=f"{cookie_name()}={secret}"))
    return root.get_substate(SignIn.get_full_name().split("."))
