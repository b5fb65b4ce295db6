"""The service worker: in every language, asked for anew, and allowed to speak with this portal alone."""

import json
import re
from pathlib import Path

from portal_app.core.i18n import DEFAULT_LOCALE, LOCALES, localized_path
from portal_app.web import csp
from tests.web.conftest import Portal

SCRIPT = Path(__file__).parent.parent.parent / "assets" / "sw.js"


def test_it_knows_every_language() -> None:
    found = re.search(r"const LANGUAGES = (\[.*?\]);", SCRIPT.read_text())
    assert found
    assert json.loads(found.group(1)) == ["" if one == DEFAULT_LOCALE else f"/{one}" for one in LOCALES]


def test_it_is_asked_for_anew_and_may_fetch_from_here_alone(portal: Portal) -> None:
    answer = portal.get("/sw.js")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["content-security-policy"] == csp.WORKER


def test_the_offline_page_is_there_in_every_language_for_whoever_asks(portal: Portal) -> None:
    for locale in LOCALES:
        answer = portal.get(localized_path(locale, "/offline"))
        assert answer.status_code == 200
        assert f'lang="{locale}"' in answer.text
        assert "set-cookie" not in answer.headers
