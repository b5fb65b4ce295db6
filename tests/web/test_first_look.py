"""The first look: what the first HTML of a page says of its person, to whom, and what is left in the trail."""

import gzip
from collections.abc import Mapping
from pathlib import Path

import brotli
import pytest
import reflex as rx
from markupsafe import Markup

from portal_app.core import i18n
from portal_app.core.db import Database, Transaction
from portal_app.core.errors import DatabaseAway
from portal_app.settings import Settings
from portal_app.web.cookies import cookie_name
from portal_app.web.csp import script_hashes, style_hashes
from portal_app.web.documents import Documents
from portal_app.web.first_look import PLACE, FirstLooks, Given, packed
from portal_app.web.gate import Gate
from portal_app.web.page import FirstLook, Page
from portal_app.web.registry import all_pages
from portal_app.web.request import Message, Receive, Scope, Send, answer
from tests.factories import Clinic, Someone
from tests.features.access.conftest import accept, acting_for, invited
from tests.features.privacy.test_seeing import looking
from tests.features.vitals.conftest import AtHome, at_home
from tests.web.conftest import Portal

PATH = "/vitals/see?what=blood_pressure&period=year"
NUMBER = "147/91"
BUILT = (
    '<!DOCTYPE html><html lang="en"><head><link as="style" href="/assets/s.css" rel="preload"/>'
    '<link rel="modulepreload" href="/assets/a.js"/><link href="/assets/s.css" rel="stylesheet" type="text/css"/>'
    f'</head><body><div>{PLACE}<i></i></div><script type="module" async="">import "/assets/a.js";</script></body>'
    "</html>"
)


@pytest.fixture
def looks(tmp_path: Path) -> FirstLooks:
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "s.css").write_text(".a{color:red}")
    (tmp_path / "page.html").write_text(BUILT)
    return FirstLooks(tmp_path)


async def measured(people: Clinic) -> AtHome:
    home = await at_home(people.database, people)
    await home.log("blood_pressure", "147", "91")
    return home


async def seen_times(people: Clinic, someone: Someone) -> int:
    await people.database.told()
    async with people.database.act_as_system("test") as tx:
        asked = "select count(*) from audit_event where action = 'vitals.see' and patient_id = :id"
        return int(await tx.scalar(asked, {"id": someone.patient_id}))


def test_scripts_and_the_sheet_s_file_wait_and_all_that_is_in_it_may_run(looks: FirstLooks) -> None:
    html = looks.document("/page.html", " data-accent", Markup("<b>147</b>"))
    assert '<html data-accent lang="en">' in html
    assert '<div id="first-look"><b>147</b></div><i></i>' in html
    assert '<link media="not all" as="style"' in html
    assert 'rel="stylesheet" disabled=""' in html
    assert ('rel="modulepreload"' in html, '<script type="module"' in html) == (False, False)
    policy = looks.policy("/page.html", script_hashes(BUILT), ["ws://x"])
    assert set(script_hashes(html)) | set(style_hashes(html)) <= set(policy.replace(";", "").split())


def test_a_build_without_room_for_it_or_without_one_sheet_that_can_stand_in_it_is_an_error(looks: FirstLooks) -> None:
    another = '<link href="/assets/b.css" rel="stylesheet"/></head>'
    for broken in (BUILT.replace(PLACE, ""), BUILT.replace('rel="stylesheet"', ""), BUILT.replace("</head>", another)):
        (looks.root / "page.html").write_text(broken)
        with pytest.raises(ValueError, match="first look"):
            FirstLooks(looks.root).document("/page.html", "", Markup())
    (looks.root / "page.html").write_text(BUILT)
    (looks.root / "assets" / "s.css").write_text(".a{background:url(../x.png)}")
    with pytest.raises(ValueError, match="first look"):
        FirstLooks(looks.root).document("/page.html", "", Markup())


def test_nothing_of_the_script_in_it_is_a_remark(looks: FirstLooks) -> None:
    html = looks.document("/page.html", "", Markup())
    assert "//" not in html[html.index("<script>") : html.index("</script>")]


def test_a_document_is_packed_as_the_browser_takes_it() -> None:
    text = "é" * 3000
    assert packed(text, "gzip, deflate, br;q=0.9, zstd")[1] == "br"
    assert brotli.decompress(packed(text, "br")[0]).decode() == text
    assert gzip.decompress(packed(text, "deflate, gzip")[0]).decode() == text
    assert packed(text, "br;q=0, gzip; q=0.0") == packed(text, "") == (text.encode(), "")


def test_what_was_given_counts_once_for_a_minute_and_for_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    now, given = [100.0], Given()
    monkeypatch.setattr("portal_app.web.first_look.time.monotonic", lambda: now[0])
    given.note("hers", "/a?b", {"readings"})
    assert (given.take("his", "/a?b"), given.take("hers", "/a?c")) == (frozenset(), frozenset())
    assert given.take("hers", "/a?b") == {"readings"}
    assert given.take("hers", "/a?b") == frozenset()
    given.note("hers", f"/a?b{'x' * 100_000}", {"readings"})
    given.note("hers", "/a?b", {"readings"})
    now[0] += 61
    assert given.take("hers", "/a?b") == frozenset()
    given.note("hers", "/a", ())
    assert len(given) == 1
    for n in range(10_050):
        given.note("hers", f"/{n}", {"readings"})
    assert (len(given), given.take("hers", "/0")) == (10_000, frozenset())
    assert given.take("hers", "/10049") == {"readings"}


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_one_s_own_readings_are_in_the_first_html_recorded_and_kept_by_no_cache(
    portal: Portal, people: Clinic, locale: str
) -> None:
    home = await measured(people)
    answer = portal.get(i18n.localized_path(locale, PATH), portal.signed_in(home.patient))
    assert (answer.status_code, NUMBER in answer.text, 'class="chart-dots"' in answer.text) == (200, True, True)
    assert (answer.headers["cache-control"], "accept-encoding" in answer.headers["vary"]) == ("no-store", True)
    policy = answer.headers["content-security-policy"]
    assert set(script_hashes(answer.text)) | set(style_hashes(answer.text)) <= set(policy.replace(";", "").split())
    assert await seen_times(people, home.patient) == 1


async def test_whoever_acts_for_somebody_only_looks_or_has_proven_too_little_gets_none(
    portal: Portal, people: Clinic
) -> None:
    home, ana = await measured(people), await people.patient("Ana", "Moreno")
    patient, desk = home.patient, await people.staff("front_desk", "nurse")
    await accept(people.database, ana, await invited(people.database, patient, ana.email, "vitals_act", "vitals_view"))
    carer = await people.sign_in_again(await acting_for(people.database, ana, patient), assurance=2)
    onlooker = await looking(people.database, desk, patient.patient_id)
    weak = await people.sign_in_again(patient, assurance=1)
    for who in (carer, onlooker, weak, ana, desk):
        answer = portal.get(PATH, portal.signed_in(who))
        assert (NUMBER in answer.text, PLACE in answer.text or answer.status_code in (303, 404)) == (False, True)
    assert portal.get(PATH).headers["location"].startswith("/sign-in")
    assert await seen_times(people, patient) == 0


async def test_nothing_odd_in_an_address_gets_into_it_and_an_empty_time_has_none(
    portal: Portal, people: Clinic
) -> None:
    home = await measured(people)
    signed_in = portal.signed_in(home.patient)
    odd = portal.get('/vitals/see?what="><script>alert(1)</script>&period=%00%ff&what=&x', signed_in)
    assert (odd.status_code, NUMBER in odd.text, "alert(1)" in odd.text) == (200, True, False)
    assert PLACE in portal.get("/vitals/see?what=weight", signed_in).text


async def answered(looks: FirstLooks, database: Database, someone: Someone, look: FirstLook, method: str) -> bytes:
    """Return what a gate answers where a page has this look; behind it stands the page without one."""
    page = Page("/one", "Title", rx.fragment, policy="vitals.see", audience="patient", first_look=look)
    sent: list[Message] = []

    async def behind(_scope: Scope, _receive: Receive, send: Send) -> None:
        await answer(send, 200, b"the page")

    async def take(message: Message) -> None:
        sent.append(message)

    gate = Gate(
        behind, settings=Settings(mode="test"), documents=Documents([page], {"/page.html": [], "/one.html": []}),
        static_root=looks.root, routes=(), database=lambda: database,
    )  # fmt: skip
    cookie = f"{cookie_name()}={someone.credential.session_secret}".encode()
    scope = {
        "type": "http", "method": method, "path": "/one", "query_string": b"", "client": ("127.0.0.1", 5),
        "headers": [(b"cookie", cookie)],
    }  # fmt: skip
    await gate(scope, None, take)  # type: ignore[arg-type]
    assert sent[0]["status"] == 200
    return bytes(sent[1]["body"])


async def test_a_fault_in_it_leaves_the_page_as_it_is(looks: FirstLooks, database: Database, clinic: Clinic) -> None:
    (looks.root / "one.html").write_text(BUILT)
    maria = await clinic.sign_in_again(await clinic.patient(), assurance=2)

    async def found(_tx: Transaction, _asked: Mapping[str, str]) -> tuple[dict[str, str], frozenset[str]]:
        return {"words": "147"}, frozenset()

    async def failing(_tx: Transaction, _asked: Mapping[str, str]) -> None:
        raise ZeroDivisionError

    async def away(_tx: Transaction, _asked: Mapping[str, str]) -> None:
        raise DatabaseAway

    right = FirstLook(found, lambda shown: Markup("<b>{words}</b>").format(**shown))
    assert b"<b>147</b>" in await answered(looks, database, maria, right, "GET")
    for method, look in (
        ("HEAD", right),
        ("GET", FirstLook(failing, right.draw)),
        ("GET", FirstLook(away, right.draw)),
        ("GET", FirstLook(found, lambda shown: Markup(shown["nothing"]))),
    ):
        assert await answered(looks, database, maria, look, method) == b"the page"


def test_each_page_with_one_is_a_patients_with_a_fixed_address() -> None:
    found = [page for page in all_pages() if page.first_look]
    assert [page.route for page in found] == ["/vitals/see"]
    assert all(page.audience == "patient" and not page.is_dynamic for page in found)
