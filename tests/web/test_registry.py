"""Screens declare themselves, each at one address."""

import re
import sys
from pathlib import Path

import pytest
import reflex as rx

import portal_app.portal_app  # noqa: F401 - what frames draw is known once the app is
from portal_app.core import i18n
from portal_app.web import registry
from portal_app.web.page import Page


def _page(route: str) -> Page:
    return Page(route, "Title", rx.fragment, "web.notice", "public")


def test_a_value_in_an_address_is_one_part_of_it() -> None:
    pattern = _page("/staff/patients/[id]").pattern

    assert pattern.match("/staff/patients/0f-1")
    for address in ("/staff/patients/", "/staff/patients/1/notes", "/staff/patients", "/xstaff/patients/1"):
        assert not pattern.match(address)


def test_two_screens_cannot_claim_one_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.py").write_text("from tests.web.test_registry import _page\nPAGE = _page('/same')\n")
    (tmp_path / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path.parent)
    monkeypatch.setattr(registry, "PACKAGE", tmp_path.name)

    with pytest.raises(ValueError, match="/same"):
        registry.all_pages.__wrapped__()
    for name in (tmp_path.name, f"{tmp_path.name}.one", f"{tmp_path.name}.two"):
        sys.modules.pop(name, None)


def test_a_page_with_an_address_of_its_own_goes_before_one_with_a_value_in_it() -> None:
    found = [registry.page_at(address) for address in ("/insurance/add", "/insurance/0f-1", "/requests/ask")]
    assert [page.route for page in found if page] == ["/insurance/add", "/insurance/[id]", "/requests/ask"]


_ROUTED = re.compile(r"'ReactRouterLink'.{0,400}?to:[^,]*?/staff/[a-z]+")


def test_only_the_staffs_documents_know_the_way_to_their_pages() -> None:
    """Their routes are in no other document's list (`web/build_plugin.py`): a link there loads a document."""
    found = {}
    for page in registry.all_pages():
        with i18n.use("en"):
            found[page.route] = bool(_ROUTED.search(str(page.build().render())))
    assert found["/staff/schedule"]
    assert found["/staff/settings"]
    assert [route for route, is_routed in found.items() if is_routed and not route.startswith("/staff")] == []
