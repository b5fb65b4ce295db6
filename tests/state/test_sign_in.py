"""The sign-in page's state, without a browser."""

from typing import Any

import pytest
import reflex as rx
from reflex.istate.data import HeaderData, RouterData

from portal_app.state.sign_in import SignIn
from portal_app.web.cookies import cookie_name, new_session_secret, new_visitor_secret


@pytest.mark.parametrize("make", [new_session_secret, new_visitor_secret])
def test_a_code_is_asked_for_by_this_browser_whether_signed_in_or_not(make: Any) -> None:
    secret = make()
    root: Any = rx.State(_reflex_internal_init=True)  # type: ignore[call-arg]
    root.router = RouterData(headers=HeaderData(cookie=f"{cookie_name()}={secret}"))
    page = root.get_substate(SignIn.get_full_name().split("."))
    assert page._browser_secret() == secret
