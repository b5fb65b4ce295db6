"""What we change about Reflex's production build, all in one place.

Measured reasons: a document must say its language before any script runs; a page with a value in its address
gets an empty English shell from Reflex; host and port are baked into the bundle; a page's scripts must be
known by hash for a strict content policy; `@emotion/react` costs 8 kB of every first load and nothing of ours
uses it; engine.io's polling, a reader of cookies and the staff's routes cost a patient another 5, and as much
again is lost where what all pages share comes in a dozen files.
"""

import json
import re
from hashlib import sha256
from pathlib import Path
from typing import Any, Unpack

from reflex_base.plugins.base import Plugin, PostBuildContext, PreCompileContext

from portal_app.core.i18n import LOCALES, _, locale_of_path, localized_path, use
from portal_app.web import documents
from portal_app.web.csp import script_hashes

_FALLBACK = "__spa-fallback.html"
_SOCKET_URL = re.compile(r'(["`])wss?://[^/"`]+(?=/_event["`])')
_HTTP_URL = re.compile(r'(["`])https?://[^/"`]+(?=/(?:ping|_upload|_health|_all_routes|auth-codespace)["`])')
_HANG_UP = 'window.addEventListener("beforeunload", disconnectTrigger);'
_STAY = "// beforeunload is no reason to hang up"
_USUAL_PORT = 'endpoint.port = ""; // Assume websocket is on https port via load balancer.'
_OWN_PORT = "endpoint.port = window.location.port;"
_STYLE_PROPERTY = re.compile(r"[{,]\s*css:\s*\(")
_ALIASES = (
    "alias: [{ find: /^@emotion\\/react$/,"
    ' replacement: fileURLToPath(new URL("./public/emotion-shim.js", import.meta.url)) },'
    " { find: /^universal-cookie$/,"
    ' replacement: fileURLToPath(new URL("./public/no-cookies.js", import.meta.url)) },'
)


_PLUGINS = "plugins: ["
_SOCKETS_ALONE = (
    'plugins: [{ name: "sockets-alone", enforce: "pre", transform: (code, id) =>'
    ' id.split("?")[0].endsWith("/engine.io-client/build/esm/transports/index.js")'
    " ? { code: 'import { WS } from \"./websocket.node.js\"; export const transports = { websocket: WS };', map: null }"
    " : null },"
)
_POLLING = "xhr poll error"
_PATIENT = (
    'plugins: [{ name: "patient-routes", enforce: "pre", transform: (code, id) =>'
    ' id.split("?")[0].endsWith("/lib/dom/ssr/routeModules.js")'
    " ? { code: 'import { brought } from \"$/public/route_brought.js\";' + code.replace("
    '"window.location.reload();", "return (routeModulesCache[route.id] = await brought(route));"), map: null }'
    " : null },"
)
_IMPATIENT = re.compile(r"Error loading route module[^}]*\}[^}]*location\.reload\(")
_BROUGHT = "AbortSignal.timeout"
_GROUPS = "groups: ["
_FEW = (
    'groups: [{ name: "vendor", test: /node_modules|route_brought/, minShareCount: 100, priority: 2 },'
    ' { name: "shared", test: /^(?!.*stays_in)/, minShareCount: 100, priority: 1 },'
    ' { name: "kept_queue", test: /kept_queue\\./, priority: 3 },'
    ' { name: "readings", test: /(carried_sheet|reading_queue|waiting_readings)\\./, priority: 1 },'
)
"""What a hundred pages share (there are three of each, by language): one file of others' code, one of ours but for
what all of the staff's have and no patient's; what goes together wherever readings are logged without a line; and
what that shares with forms and with signing out by itself, since a group takes with it whatever its files ask for."""


class PortalBuild(Plugin):
    """Hooks into Reflex's compiler and build."""

    def pre_compile(self, **context: Unpack[PreCompileContext]) -> None:
        """Leave emotion out of the bundle, and let a page stay connected for as long as it is open."""
        context["add_modify_task"]("vite.config.js", without_unused)
        context["add_modify_task"]("vite.config.js", without_polling)
        context["add_modify_task"]("vite.config.js", with_patience)
        context["add_modify_task"]("vite.config.js", in_few_files)
        context["add_modify_task"]("utils/state.js", hanging_up_only_when_leaving)
        context["add_modify_task"]("utils/state.js", at_its_own_port)

    def post_build(self, **context: Unpack[PostBuildContext]) -> None:
        """Make the documents right and write down what the gate must know about them."""
        root = context["static_dir"]
        refuse_lost_styles(root.parent.parent)
        refuse_polling(root)
        refuse_impatience(root)
        let_any_address_serve(root)
        write_shells(root)
        write_languages(root)
        write_routes(root)
        (root.parent / documents.MANIFEST).write_text(json.dumps(collect_hashes(root), indent=0))


def without_unused(vite_config: str) -> str:
    """Return Vite's settings with `@emotion/react` and `universal-cookie` replaced by our few lines.

    Raises:
        ValueError: if Reflex's template no longer has the place to say so.
    """
    if "alias: [" not in vite_config:
        raise ValueError("vite.config.js has no list of aliases any more")
    return vite_config.replace("alias: [", _ALIASES, 1)


def without_polling(vite_config: str) -> str:
    """Return Vite's settings with the ways of engine.io left out that no page takes: pages speak over sockets alone.

    Raises:
        ValueError: if Reflex's template no longer has the place to say so.
    """
    if _PLUGINS not in vite_config:
        raise ValueError("vite.config.js has no list of plugins any more")
    return vite_config if _SOCKETS_ALONE in vite_config else vite_config.replace(_PLUGINS, _SOCKETS_ALONE, 1)


def with_patience(vite_config: str) -> str:
    """Return Vite's settings with React Router waiting for a page that cannot be had, on the page that stands.

    It would load that page anew, and where there is no line, or the portal is just starting, nothing comes.

    Raises:
        ValueError: if Reflex's template no longer has the place to say so.
    """
    if _PLUGINS not in vite_config:
        raise ValueError("vite.config.js has no list of plugins any more")
    return vite_config if _PATIENT in vite_config else vite_config.replace(_PLUGINS, _PATIENT, 1)


def in_few_files(vite_config: str) -> str:
    """Return Vite's settings with what a quarter of all pages share in two files, instead of one for each part of it.

    Each file costs a phone a request, its headers, and what it could have had in common with the others.

    Raises:
        ValueError: if Reflex's template no longer has the place to say so.
    """
    if _GROUPS not in vite_config:
        raise ValueError("vite.config.js has no list of groups any more")
    return vite_config if _FEW in vite_config else vite_config.replace(_GROUPS, _FEW, 1)


def hanging_up_only_when_leaving(client: str) -> str:
    """Return Reflex's client without hanging up when a document may be about to leave.

    Browsers ask that (`beforeunload`) before a download or a telephone call too, and the page would stay deaf until
    the next tap, which would then fill it anew. When a document does leave, the client hangs up on `pagehide`.

    Raises:
        ValueError: if Reflex's client no longer has the place to say so.
    """
    if _HANG_UP not in client and _STAY not in client:
        raise ValueError("utils/state.js does not hang up on beforeunload any more")
    return client.replace(_HANG_UP, _STAY)


def at_its_own_port(client: str) -> str:
    """Return Reflex's client with the socket of a page at https://localhost at the page's own port.

    It takes 443 for granted there, and a portal tried on one's own machine behind a proxy has another.

    Raises:
        ValueError: if Reflex's client no longer has the place to say so.
    """
    if _USUAL_PORT not in client and _OWN_PORT not in client:
        raise ValueError("utils/state.js does not choose the socket's port any more")
    return client.replace(_USUAL_PORT, _OWN_PORT)


def refuse_lost_styles(web: Path) -> None:
    """Stop the build if a component relies on emotion, whose styles would silently be missing.

    Raises:
        ValueError: naming the file.
    """
    for folder in ("app", "app_components", "components", "utils"):
        for file in sorted((web / folder).rglob("*.jsx")):
            if _STYLE_PROPERTY.search(file.read_text()):
                raise ValueError(f"{file} styles by property; use a class name")


def refuse_polling(root: Path) -> None:
    """Stop the build if the scripts can poll after all: then engine.io keeps its ways somewhere else.

    Raises:
        ValueError: naming the file.
    """
    for file in sorted((root / "assets").glob("*.js")):
        if _POLLING in file.read_text():
            raise ValueError(f"{file} polls; `without_polling` finds nothing to leave out any more")


def refuse_impatience(root: Path) -> None:
    """Stop the build if a page would be loaded anew because the next one cannot be had.

    Raises:
        ValueError: naming the file, or if nothing waits for a page at all.
    """
    scripts = {file: file.read_text() for file in sorted((root / "assets").glob("*.js"))}
    for file, script in scripts.items():
        if _IMPATIENT.search(script):
            raise ValueError(f"{file} loads itself anew; `with_patience` finds nothing to replace any more")
    if not any("Error loading route module" in script and _BROUGHT in script for script in scripts.values()):
        raise ValueError(
            "nothing waits for a page that cannot be had; `with_patience` finds nothing to replace any more"
        )


def let_any_address_serve(root: Path) -> None:
    """Take the server's address out of the script that has it.

    Raises:
        ValueError: if there is not one script that has.
    """
    found = [file for file in (root / "assets").glob("*.js") if _SOCKET_URL.search(file.read_text())]
    if len(found) != 1:
        raise ValueError(f"{len(found)} scripts of the build say where the server is, not one")
    found[0].write_text(at_any_address(found[0].read_text()))


def at_any_address(bundle: str) -> str:
    """Return the bundle's addresses of the server taken from the page's own, so that one build serves any port."""
    bundle = _SOCKET_URL.sub(r'location.origin.replace(/^http/,"ws")+\1', bundle)
    return _HTTP_URL.sub(r"location.origin+\1", bundle)


def write_shells(root: Path) -> None:
    """Write the first document of each page that has a value in its address, in each language."""
    # Asked for late: rxconfig.py is read, and this module with it, before the screens can be imported.
    from portal_app.web.registry import all_pages  # noqa: PLC0415

    fallback = (root / _FALLBACK).read_text()
    for page in all_pages():
        for locale in LOCALES if page.is_dynamic else ():
            with use(locale):
                html = documents.in_language(fallback, locale)
                html = with_preloads(html, scripts_of(root, localized_path(locale, page.route)))
                html = documents.with_title(html, _(page.title))
            shell = root / documents.shell_file(page, locale).lstrip("/")
            shell.parent.mkdir(exist_ok=True)
            shell.write_text(html)


def scripts_of(root: Path, route: str) -> list[str]:
    """Return the addresses of the scripts that draw a route such as `/es/appointments/[id]`, from the build's manifest.

    Raises:
        StopIteration: if the build has no such route.
    """
    text = _manifest_of(root).read_text()
    routes = json.loads(text[text.index("{") : text.rindex("}") + 1])["routes"].values()
    path = re.sub(r"\[([a-z_]+)\]", r":\1", route).strip("/")
    found = next(one for one in routes if (one.get("path") or "").strip("/") == path)
    return [found["module"], *found["imports"]]


def with_preloads(html: str, scripts: list[str]) -> str:
    """Return a document that asks for scripts at once: the shared shell learns only late which page it is."""
    links = "".join(f'<link rel="modulepreload" href="{one}"/>' for one in scripts if one not in html)
    return html.replace("</head>", f"{links}</head>", 1)


def write_languages(root: Path) -> None:
    """Make every prerendered document say its language and direction."""
    for path in sorted(root.rglob("*.html")):
        file = str(path.relative_to(root))
        if not file.startswith(documents.SHELLS):
            path.write_text(documents.in_language(path.read_text(), documents.locale_of_file(file)))


def write_routes(root: Path) -> None:
    """Let every document ask for the routes of its own language and readers alone: the list of all is its longest file.

    From a patient's page to one of the staff, the next document is asked for from the server, as for another language.
    """
    manifest = _manifest_of(root)
    text = manifest.read_text()
    begin, end = text.index("{"), text.rindex("}") + 1
    known = json.loads(text[begin:end])
    names = {}
    for locale in LOCALES:
        for is_staff in (False, True):
            own = {
                key: route for key, route in known["routes"].items() if _is_known_to(route, locale, is_staff=is_staff)
            }
            readers = f"{locale}-{documents.STAFF}" if is_staff else locale
            content = sha256(json.dumps(own, sort_keys=True).encode()).hexdigest()[:8]
            names[locale, is_staff] = f"routes-{readers}-{content}.js"
            # The page asks for the file that its list of routes says it is.
            address = f"/assets/{names[locale, is_staff]}"
            shortened = json.dumps({**known, "url": address, "routes": own}, separators=(",", ":"))
            manifest.with_name(names[locale, is_staff]).write_text(text[:begin] + shortened + text[end:])
    for path in root.rglob("*.html"):
        if path.name != _FALLBACK:
            html = path.read_text()
            reader = documents.language_of(html), documents.is_staff_file(str(path.relative_to(root)))
            path.write_text(html.replace(manifest.name, names[reader]))


def _is_known_to(route: dict[str, Any], locale: str, *, is_staff: bool) -> bool:
    path = route.get("path")
    if route["id"] == "root" or path == "*":
        return True
    address = f"/{(path or '').lstrip('/')}"
    return locale_of_path(address) == locale and (is_staff or not documents.is_staff_path(address))


def _manifest_of(root: Path) -> Path:
    (manifest,) = (root / "assets").glob("manifest-*.js")
    return manifest


def collect_hashes(root: Path) -> dict[str, list[str]]:
    """Return, for each HTML file by its path from the root, the hashes of its inline scripts."""
    return {f"/{path.relative_to(root)}": script_hashes(path.read_text()) for path in sorted(root.rglob("*.html"))}
