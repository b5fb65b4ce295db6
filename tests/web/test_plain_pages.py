"""Pages that stand alone: in the reader's language, with whom to call, without a script."""

from collections.abc import Iterator

import pytest

from portal_app.web import plain_pages
from portal_app.web.contact import CONTACT
from portal_app.web.csp import style_hashes

PAGES = [value for value in vars(plain_pages).values() if isinstance(value, plain_pages.PlainPage)]


@pytest.fixture
def contact() -> Iterator[None]:
    CONTACT.practice, CONTACT.phone = "Elm <Street>", "+1 212 555 0100"
    yield
    CONTACT.practice = CONTACT.phone = ""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.title)
@pytest.mark.parametrize(("locale", "direction"), [("en", "ltr"), ("es", "ltr"), ("ar", "rtl")])
def test_each_page_is_whole_in_each_language(page: plain_pages.PlainPage, locale: str, direction: str) -> None:
    body, policy = plain_pages.render(page, locale)
    html = body.decode()

    assert f'<html lang="{locale}" dir="{direction}">' in html
    assert "<script" not in html
    assert style_hashes(html)[0] in policy
    assert ('http-equiv="refresh"' in html) is page.retries


def test_whom_to_call_is_said_when_known(contact: None) -> None:
    html = plain_pages.render(plain_pages.AWAY, "ar")[0].decode()

    assert '<a href="tel:+12125550100"><bdi>+1 212 555 0100</bdi></a>' in html


def test_nothing_is_said_of_a_number_nobody_knows() -> None:
    assert "tel:" not in plain_pages.render(plain_pages.AWAY, "en")[0].decode()
