"""What the production server answers over HTTP, to friends and others."""

import re
from pathlib import Path

import httpx
import pytest

from portal_app.features.access import service as access
from portal_app.web.registry import all_pages
from tests.factories import Clinic
from tests.web.conftest import Portal

PRIVATE = [page.route for page in all_pages() if page.needs_session and not page.is_dynamic]
PUBLIC = [page.route for page in all_pages() if page.audience == "public"]


def _post(portal: Portal, path: str, **headers: str) -> httpx.Response:
    return portal.post(path, headers, data={"code": "000000"})


@pytest.mark.parametrize("path", ["/_upload", "/_upload/secret.pdf", "/_health", "/ping", "/_event", "/_all_routes"])
def test_what_reflex_brings_along_is_closed(portal: Portal, path: str) -> None:
    for method in ("GET", "POST"):
        answer = httpx.request(method, portal.origin + path, headers={"Origin": portal.origin}, trust_env=False)
        assert answer.status_code == 404


async def test_the_built_in_upload_runs_nothing_for_a_stolen_token(portal: Portal, people: Clinic) -> None:
    patient = await people.patient()
    headers = {**portal.signed_in(patient), "Reflex-Client-Token": "t", "Reflex-Event-Handler": "state.on_upload"}
    answer = portal.post("/_upload", headers, files={"files": ("a.txt", b"x")})

    assert answer.status_code == 404


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {},
        {"Sec-Fetch-Site": "cross-site"},
        {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"},
    ],
)
def test_a_form_on_another_site_changes_nothing(portal: Portal, headers: dict[str, str]) -> None:
    assert _post(portal, "/auth/verify", **headers).status_code == 403


def test_a_form_of_ours_is_taken(portal: Portal) -> None:
    assert _post(portal, "/auth/verify", Origin=portal.origin).status_code == 303


def test_a_body_past_its_limit_is_refused_declared_or_not(portal: Portal) -> None:
    headers = {"Origin": portal.origin, "Content-Type": "application/x-www-form-urlencoded"}
    for body in (b"x" * 70_000, (b"x" * 7_000 for _ in range(10))):
        assert portal.post("/auth/verify", headers, content=body).status_code == 413


@pytest.mark.parametrize("path", PRIVATE)
def test_a_private_page_sends_a_visitor_to_sign_in_and_back(portal: Portal, path: str) -> None:
    for prefix in ("", "/es", "/ar"):
        answer = portal.get(f"{prefix}{path}".rstrip("/") or "/")
        back = f"{prefix}{path}".rstrip("/") or "/"

        assert answer.status_code == 303
        assert answer.headers["location"] == f"{prefix}/sign-in?next={back}"
        assert answer.headers["cache-control"] == "no-store"


async def test_a_private_page_is_not_kept_by_any_cache(portal: Portal, people: Clinic) -> None:
    patient = await people.patient()
    answer = portal.get("/", portal.signed_in(patient))

    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"


async def test_the_bare_address_opens_in_the_persons_own_language(portal: Portal, people: Clinic) -> None:
    patient = await people.patient()
    async with people.database.act_as(patient.credential, "access.choose_language") as tx:
        await access.choose_language(tx, "ar")

    assert portal.get("/", portal.signed_in(patient)).headers["location"] == "/ar"
    assert portal.get("/es", portal.signed_in(patient)).status_code == 200


async def test_staff_who_type_the_bare_address_begin_at_their_own_start(portal: Portal, people: Clinic) -> None:
    headers = portal.signed_in(await people.staff("clinician"))

    assert portal.get("/es", headers).headers["location"] == "/staff/schedule"
    assert portal.get("/es/staff/schedule", headers).status_code == 200


async def test_a_page_of_somebody_elses_work_does_not_exist(portal: Portal, people: Clinic) -> None:
    assert portal.get("/staff/schedule", portal.signed_in(await people.patient())).status_code == 404
    assert portal.get("/book", portal.signed_in(await people.staff("clinician"))).status_code == 404


async def test_an_ended_session_is_sent_to_sign_in_which_gives_it_a_visitor_cookie(portal: Portal) -> None:
    cookie = portal.headers("ended-session")
    page = portal.get("/sign-in", cookie)

    assert portal.get("/", cookie).status_code == 303
    assert page.headers["set-cookie"].startswith(f"{portal.cookie_name}=anon-")


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(portal: Portal) -> None:
    cookie = portal.get("/sign-in").headers["set-cookie"]

    assert re.fullmatch(
        rf"__Host-sala-{portal.settings.port}=anon-[\w-]{{43}}; Path=/; Secure; HttpOnly; SameSite=Lax", cookie
    )


def test_demo_pages_and_routes_do_not_exist_outside_the_demo(portal: Portal) -> None:
    demo = [page.route for page in all_pages() if page.audience == "demo"]

    assert demo
    for route in demo:
        assert portal.get(route).status_code == 404
    assert _post(portal, "/auth/demo", Origin=portal.origin).status_code == 404


@pytest.mark.parametrize(
    ("path", "language", "direction"), [("/", "en", "ltr"), ("/es", "es", "ltr"), ("/ar", "ar", "rtl")]
)
async def test_the_first_html_says_its_language(
    portal: Portal, people: Clinic, path: str, language: str, direction: str
) -> None:
    headers = portal.signed_in(await people.patient())

    for encoding in ("br", "gzip", "identity"):
        answer = portal.get(path, {**headers, "Accept-Encoding": encoding})
        assert answer.headers.get("content-encoding", "identity") == encoding
        assert f'<html lang="{language}" dir="{direction}"' in answer.text


async def test_a_page_with_a_value_in_its_address_says_its_language_and_title(portal: Portal, people: Clinic) -> None:
    headers = portal.signed_in(await people.sign_in_again(await people.patient(), assurance=2))

    for page in (page for page in all_pages() if page.is_dynamic and page.audience == "patient"):
        for prefix, language in (("", "en"), ("/ar", "ar")):
            answer = portal.get(prefix + page.route.replace("[id]", "0f0e"), headers)
            assert answer.status_code == 200
            assert f'<html lang="{language}"' in answer.text
            assert re.search(r"<title>[^<]+</title></head>", answer.text)
            assert 'aria-busy="true"' in answer.text


@pytest.mark.parametrize("prefix", ["", "/es", "/ar"])
def test_an_unknown_address_is_404_in_the_readers_language(portal: Portal, prefix: str) -> None:
    answer = portal.get(f"{prefix}/no/such/page")

    assert answer.status_code == 404
    assert f'<html lang="{prefix.strip("/") or "en"}"' in answer.text
    assert "<script" not in answer.text


@pytest.mark.parametrize(
    "path", ["/index.html", "/__spa-fallback.html", "/404.html", "/../rxconfig.py", "/assets/../../documents.json"]
)
def test_files_that_are_not_addresses_do_not_exist(portal: Portal, path: str) -> None:
    assert portal.get(path).status_code == 404


async def test_every_answer_carries_the_security_headers(portal: Portal, people: Clinic) -> None:
    headers = portal.signed_in(await people.patient())
    asset = next((portal.pages / "build" / "client" / "assets").glob("*.css")).name

    for path in ("/", "/sign-in", "/nowhere", "/healthz", f"/assets/{asset}"):
        answer = portal.get(path, headers)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe-eval" not in policy
        assert "'unsafe-inline'" not in policy.replace("style-src-attr 'unsafe-inline'", "")
        assert answer.headers["x-content-type-options"] == "nosniff"
        if not path.startswith("/assets/"):  # who opens what, and whence, is the document's
            assert answer.headers["referrer-policy"] == "same-origin"
            assert answer.headers["cross-origin-opener-policy"] == "same-origin"
        assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("is_own", [True, False])
def test_no_answer_says_anything_of_origins(portal: Portal, *, is_own: bool) -> None:
    asset = next((portal.pages / "build" / "client" / "assets").glob("*.js")).name
    headers = {"Origin": portal.origin if is_own else "https://evil.example"}
    for path in ("/sign-in", f"/assets/{asset}"):
        asks = headers | {"Access-Control-Request-Method": "POST"}
        preflight = httpx.options(portal.origin + path, headers=asks, trust_env=False)
        assert preflight.status_code in (403, 404, 405)
        for answer in (portal.get(path, headers), preflight):
            assert not [name for name in answer.headers if name.startswith("access-control-")]
            assert answer.headers["x-content-type-options"] == "nosniff"


def test_hashed_files_are_kept_and_documents_are_asked_for_again(portal: Portal) -> None:
    asset = next((portal.pages / "build" / "client" / "assets").glob("*.css")).name

    assert portal.get(f"/assets/{asset}").headers["cache-control"] == "public, max-age=31536000, immutable"
    missing = portal.get("/assets/of-a-build-to-come.js")
    assert (missing.status_code, missing.headers["cache-control"]) == (404, "no-store")
    for path in PUBLIC:
        assert portal.get(path).headers["cache-control"] == "no-store"
        assert portal.get(path, portal.headers("anon-here-before")).headers["cache-control"] == "no-cache"


def test_health_and_readiness_answer_without_a_session(portal: Portal) -> None:
    assert portal.get("/healthz").json() == {"status": "ok"}
    assert portal.get("/readyz").json() == {"status": "ok", "database": True, "shared": True}
    assert portal.get("/hubz").status_code == 503, "no hub runs beside the web process of these tests"


def test_no_state_is_written_to_disk(portal: Portal) -> None:
    data_dir: Path = portal.settings.data_dir

    assert not (data_dir / "states-are-in-memory").exists()
    assert not list(data_dir.rglob(".states")) + list(data_dir.rglob("*.pkl")) + list(portal.pages.rglob(".states"))
