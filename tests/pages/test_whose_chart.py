"""A bar says whose chart is open, on every page on which somebody may act for another."""

import pytest

import portal_app.portal_app  # noqa: F401 - registers every page and policy
from portal_app.core import i18n, policy
from portal_app.core.actor import Role
from portal_app.web.page import Page
from portal_app.web.registry import all_pages


def _for_carers() -> list[Page]:
    return [page for page in all_pages() if page.needs_session and Role.caregiver in policy.get(page.policy).roles]


@pytest.mark.parametrize("page", _for_carers(), ids=lambda page: page.route)
def test_every_page_that_a_caregiver_may_open_says_whose_chart_it_is(page: Page) -> None:
    with i18n.use("en"):
        assert "Acting for another person" in str(page.build())
