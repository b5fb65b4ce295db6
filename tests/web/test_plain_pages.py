"""Pages that stand alone: in the reader's language, with whom to call, without a script."""

from collections.abc import Iterator

import pytest

from portal_app.web import plain_pages
from portal_app.web.contact import CONTACT
from portal_app.web.csp import style_hashes

PAGES = [value for value in vars(plain_pages).values() if isinstance(value, plain_pages.PlainPage)]


@pytest.fixture
def contact() -> Iterator[None]:
    CONTACT.practice, CONTACT.phone, CONTACT.emergency = "Elm <Street>", "+1 212 555 0100", "911"
    yield
    CONTACT.practice = CONTACT.phone = CONTACT.emergency = ""


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


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.title)
def test_what_stands_in_for_every_page_says_the_emergency_number_and_what_to_do_with_a_reading(
    contact: None, page: plain_pages.PlainPage
) -> None:
    html = plain_pages.render(page, "es")[0].decode()

    assert ('<a href="tel:911"><bdi>911</bdi></a>' in html) is page.retries
    assert ("anote el número" in html) is page.retries


def test_nothing_is_said_of_a_number_nobody_knows() -> None:
    assert "tel:" not in plain_pages.render(plain_pages.AWAY, "en")[0].decode()
