"""Documents say their language and are found by address."""

import json
import re
from pathlib import Path

import pytest
import reflex as rx

from portal_app.web import documents
from portal_app.web.build_plugin import (
    at_any_address,
    at_its_own_port,
    hanging_up_only_when_leaving,
    in_few_files,
    let_any_address_serve,
    refuse_impatience,
    refuse_lost_styles,
    refuse_polling,
    scripts_of,
    with_patience,
    with_preloads,
    without_polling,
    without_unused,
    write_routes,
)
from portal_app.web.documents import Documents, in_language, normal_path, with_title
from portal_app.web.page import Page


def _page(route: str) -> Page:
    return Page(route, "Title", rx.fragment, "web.notice", "public")


MANIFEST = {
    "/index.html": ["'sha256-home'"],
    "/es.html": [],
    "/ar/book/index.html": [],
    "/__shell/ar-appointments-id.html": ["'sha256-shell'"],
    "/__shell/en-appointments-id.html": [],
}


@pytest.fixture
def found() -> Documents:
    return Documents([_page("/"), _page("/book"), _page("/appointments/[id]")], MANIFEST)


def test_only_the_root_changes() -> None:
    html = '<!DOCTYPE html><html lang="en" class="x"><head></head><body lang="en"></body></html>'

    assert in_language(html, "ar") == html.replace('<html lang="en" class="x">', '<html class="x" lang="ar" dir="rtl">')


def test_a_document_without_a_root_is_an_error_of_the_build() -> None:
    with pytest.raises(ValueError, match="<html>"):
        in_language("<p>", "ar")


def test_a_title_is_text() -> None:
    assert "<title>A &lt;b&gt; &amp; c</title></head>" in with_title("<head></head>", "A <b> & c")


@pytest.mark.parametrize(
    ("path", "file"),
    [
        ("/", "/index.html"),
        ("/es", "/es.html"),
        ("/es/", "/es.html"),
        ("//ar///book/", "/ar/book/index.html"),
        ("/ar/appointments/0f", "/__shell/ar-appointments-id.html"),
        ("/appointments/0f", "/__shell/en-appointments-id.html"),
    ],
)
def test_an_address_has_one_document(found: Documents, path: str, file: str) -> None:
    document = found.find(path)

    assert document is not None
    assert document.file == file


@pytest.mark.parametrize(
    "path", ["/index.html", "/nowhere", "/appointments/0f/more", "/fr/book", "/__shell/ar-appointments-id.html"]
)
def test_what_is_no_screen_has_no_document(found: Documents, path: str) -> None:
    assert found.find(path) is None


def test_without_a_build_there_are_no_documents(tmp_path: Path) -> None:
    assert Documents.of_build([_page("/")], tmp_path).find("/") is None


def test_the_file_of_a_page_with_a_value_is_one_per_language() -> None:
    assert documents.shell_file(_page("/staff/patients/[id]"), "es") == "/__shell/es-staff-patients-id.html"


def test_addresses_are_compared_without_doubled_slashes() -> None:
    assert normal_path("//evil.example//x/") == "/evil.example/x"


def test_a_build_works_at_any_address() -> None:
    bundle = 'e={EVENT:`ws://localhost:8000/_event`,PING:"http://localhost:8000/ping"}'

    assert (
        at_any_address(bundle)
        == 'e={EVENT:location.origin.replace(/^http/,"ws")+`/_event`,PING:location.origin+"/ping"}'
    )


def test_only_the_portal_itself_is_found_at_any_address() -> None:
    others = 'new URL(e,"http://localhost");x=`https://reactjs.org/docs`'

    assert at_any_address(others) == others


def test_one_script_says_where_the_server_is_or_the_build_stops(tmp_path: Path) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "vendor-1.js").write_text('new URL(e,"http://localhost")')
    with pytest.raises(ValueError, match="0 scripts"):
        let_any_address_serve(tmp_path)
    shared = tmp_path / "assets" / "shared-1.js"
    shared.write_text("e={EVENT:`ws://localhost:8000/_event`}")
    let_any_address_serve(tmp_path)
    assert "localhost" not in shared.read_text()


def test_what_pages_share_comes_in_few_files_or_the_build_stops() -> None:
    changed = in_few_files("codeSplitting: { groups: [ { test: /env.json/ } ] }")
    assert changed.index('name: "vendor"') < changed.index('name: "shared"') < changed.index("env.json")
    assert in_few_files(changed) == changed
    with pytest.raises(ValueError, match="groups"):
        in_few_files("resolve: {}")


def test_what_nothing_of_ours_uses_is_left_out_or_the_build_stops() -> None:
    changed = without_unused("resolve: { alias: [ x ] }")
    assert "emotion-shim.js" in changed
    assert "no-cookies.js" in changed
    with pytest.raises(ValueError, match="aliases"):
        without_unused("resolve: {}")


def test_polling_is_left_out_or_the_build_stops(tmp_path: Path) -> None:
    changed = without_polling("plugins: [\n    reactRouter(),")
    assert "websocket: WS }" in changed
    assert without_polling(changed) == changed
    with pytest.raises(ValueError, match="plugins"):
        without_polling("resolve: {}")
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "context-1.js").write_text('this.onError("websocket error")')
    refuse_polling(tmp_path)
    (tmp_path / "assets" / "context-2.js").write_text('this.onError("xhr poll error")')
    with pytest.raises(ValueError, match="context-2"):
        refuse_polling(tmp_path)


def test_a_page_that_cannot_be_had_is_waited_for_or_the_build_stops(tmp_path: Path) -> None:
    changed = with_patience("plugins: [\n    reactRouter(),")
    assert "brought(route)" in changed
    assert with_patience(changed) == changed
    with pytest.raises(ValueError, match="plugins"):
        with_patience("resolve: {}")
    (tmp_path / "assets").mkdir()
    failed = "console.error(`Error loading route module \\`${e.module}\\`, reloading page...`),console.error(t),"
    with pytest.raises(ValueError, match="nothing waits"):
        refuse_impatience(tmp_path)
    (tmp_path / "assets" / "vendor-1.js").write_text(failed + "t[e.id]=await b(e)}}let c=AbortSignal.timeout(5e3)")
    refuse_impatience(tmp_path)
    (tmp_path / "assets" / "vendor-2.js").write_text(failed + "window.location.reload(),new Promise(()=>{})}}")
    with pytest.raises(ValueError, match="vendor-2"):
        refuse_impatience(tmp_path)


def test_the_client_hangs_up_only_when_leaving_or_the_build_stops() -> None:
    hangs_up = 'a(); window.addEventListener("beforeunload", disconnectTrigger); b();'
    changed = hanging_up_only_when_leaving(hangs_up)
    assert "addEventListener" not in changed
    assert hanging_up_only_when_leaving(changed) == changed
    with pytest.raises(ValueError, match="beforeunload"):
        hanging_up_only_when_leaving("a(); b();")


def test_a_style_that_would_be_lost_stops_the_build(tmp_path: Path) -> None:
    folder = tmp_path / "utils" / "components"
    folder.mkdir(parents=True)
    (folder / "fine.jsx").write_text('jsx("p",{className:"css"},"a css:")')
    refuse_lost_styles(tmp_path)
    (folder / "page.jsx").write_text('jsx("p",{css:({ ["width"] : "1px" })},)')

    with pytest.raises(ValueError, match=r"page\.jsx"):
        refuse_lost_styles(tmp_path)


def test_a_shell_asks_at_once_for_the_scripts_of_its_own_page(tmp_path: Path) -> None:
    (tmp_path / "assets").mkdir()
    routes = {
        "a": {"path": "/es/appointments/:id", "module": "/assets/visit.js", "imports": ["/assets/shared.js"]},
        "b": {"path": "book", "module": "/assets/book.js", "imports": []},
    }
    (tmp_path / "assets" / "manifest-1.js").write_text(f"window.manifest={json.dumps({'routes': routes})};")

    scripts = scripts_of(tmp_path, "/es/appointments/[id]")
    html = with_preloads('<head><link href="/assets/shared.js"/></head>', scripts)

    assert scripts == ["/assets/visit.js", "/assets/shared.js"]
    assert html.count("/assets/shared.js") == 1
    assert '<link rel="modulepreload" href="/assets/visit.js"/></head>' in html


def test_a_document_asks_for_the_routes_of_its_own_language_and_readers_alone(tmp_path: Path) -> None:
    assets = tmp_path / "assets"
    assets.mkdir()
    paths = {
        "root": "", "home": None, "book": "book", "libro": "es/book", "day": "staff/schedule",
        "día": "es/staff/schedule", "stafford": "stafford", "nowhere": "*",
    }  # fmt: skip
    routes = {key: {"id": key, "path": path} for key, path in paths.items()}
    (assets / "manifest-1.js").write_text(f"window.manifest={json.dumps({'routes': routes, 'url': 'all'})};")
    for file, language in (
        ("book.html", "en"), ("es.html", "es"), ("staff/schedule.html", "en"), ("es/staff/schedule/index.html", "es"),
        ("__shell/en-bills-id.html", "en"), ("__shell/es-staff-bills-id.html", "es"),
    ):  # fmt: skip
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(f'<html lang="{language}"><link href="/assets/manifest-1.js"/>')

    write_routes(tmp_path)

    def known(page: str) -> list[str]:
        name = re.search(r"/assets/(routes-[^\"]+)", (tmp_path / page).read_text())
        assert name
        said = json.loads((assets / name[1]).read_text().split("=", 1)[1].rstrip(";"))
        assert said["url"] == f"/assets/{name[1]}"
        return list(said["routes"])

    assert known("book.html") == known("__shell/en-bills-id.html") == ["root", "home", "book", "stafford", "nowhere"]
    assert known("es.html") == ["root", "libro", "nowhere"]
    assert known("staff/schedule.html") == ["root", "home", "book", "day", "stafford", "nowhere"]
    assert known("es/staff/schedule/index.html") == ["root", "libro", "día", "nowhere"]
    assert known("__shell/es-staff-bills-id.html") == ["root", "libro", "día", "nowhere"]


def test_a_page_at_this_machine_behind_a_proxy_keeps_its_port_for_its_socket() -> None:
    assumes = 'a();\n  endpoint.port = ""; // Assume websocket is on https port via load balancer.\n'
    changed = at_its_own_port(assumes)
    assert "endpoint.port = window.location.port;" in changed
    assert at_its_own_port(changed) == changed
    with pytest.raises(ValueError, match="port"):
        at_its_own_port("a(); b();")
