"""Every page of a patient carries the way out in its first HTML, once."""

import pytest

from portal_app.core import i18n
from portal_app.web.registry import all_pages
from tests.factories import Clinic
from tests.web.conftest import Portal

OF_STAFF = {"/looked"}
"""The way back to work, for support."""
SIGNS_OUT = 'action="/auth/sign-out"'


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_the_first_html_of_each_page_signs_out_in_one_place(portal: Portal, people: Clinic, locale: str) -> None:
    maria = await people.proven()
    pages = [page for page in all_pages() if page.audience == "patient" and not page.is_dynamic]
    found = {
        page.route: portal.get(i18n.localized_path(locale, page.route), portal.signed_in(maria)).text.count(SIGNS_OUT)
        for page in pages
        if page.route not in OF_STAFF
    }
    assert len(found) > 30
    assert {route: count for route, count in found.items() if count != 1} == {}


def test_nobody_is_offered_to_sign_out_who_has_not_signed_in(portal: Portal) -> None:
    for page in all_pages():
        if page.audience == "public" and not page.is_dynamic:
            assert SIGNS_OUT not in portal.get(page.route, {}).text, page.route
