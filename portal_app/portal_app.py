"""The web app, put together: screens in every language, routes, gate, guard, live pages. No logic of its own."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import reflex as rx
from reflex.state import FrontendEventExceptionState
from reflex.utils.prerequisites import get_web_dir
from reflex_components_core.base.error_boundary import ErrorBoundary
from reflex_components_core.core.banner import has_connection_errors
from sqlalchemy import make_url
from starlette.applications import Starlette

from portal_app.api import all_routes, room
from portal_app.components import actions, icons, skeleton, states, surfaces
from portal_app.components.head import head_parts
from portal_app.components.native import AskServer, KeptScroll, Shell
from portal_app.components.native import ShownFor as ShownPart
from portal_app.components.staying import keeps_typed
from portal_app.core import db, i18n, limits
from portal_app.core.errors import DatabaseAway, NotFound
from portal_app.core.i18n import _
from portal_app.core.realtime import EVERYTHING, Listener
from portal_app.features.practice import service as practice
from portal_app.features.vitals import service as vitals
from portal_app.pages._staying import staying
from portal_app.pages._step_up import step_up_dialog
from portal_app.settings import get_settings
from portal_app.state.base import Departure, ShownFor
from portal_app.state.notice import Notice, on_backend_error, on_frontend_error, send_away
from portal_app.web.answers import error_answers
from portal_app.web.contact import CONTACT
from portal_app.web.documents import Documents
from portal_app.web.gate import Gate
from portal_app.web.guard import Guard
from portal_app.web.live import PAGES
from portal_app.web.page import Page
from portal_app.web.registry import all_pages, is_for_staff
from portal_app.web.request import AsgiApp
from portal_app.wiring import load_features, open_portal

ROOT = Path(__file__).parent.parent

settings = get_settings()
load_features("policies")  # who may open a page says what is drawn around it
routes = all_routes(is_demo=settings.is_demo)


def gate(app: AsgiApp) -> AsgiApp:
    """Put the gate in front of everything."""
    build = get_web_dir() / "build"
    return Gate(
        app,
        settings=settings,
        documents=Documents.of_build(all_pages(), build),
        static_root=build / "client",
        routes=routes,
        database=db.opened,
    )


def framed(page: Page, locale: str) -> Callable[[], rx.Component]:
    """Return what draws a screen in a language, with what every screen has around it."""

    def draw() -> rx.Component:
        with i18n.use(locale):
            shell = Shell.create(
                lang=locale,
                dir=i18n.direction(),
                leave_to=Departure.to,
                away=has_connection_errors,
                ready=rx.State.is_hydrated,
            )
            proving = [step_up_dialog()] if page.steps_up else []
            if is_for_staff(page):
                here = [staying(is_shared=page.audience != "staff", steps_up=page.steps_up)]
            else:
                here = [keeps_typed(leaving=Departure.to)] if page.steps_up else []
            screen = ShownPart.create(
                KeptScroll.create(ready=rx.State.is_hydrated), kept_whole(page.build()), address=ShownFor.address
            )
            framed_page: rx.Component = rx.fragment(shell, notice(), screen, *proving, *here)
        return framed_page

    # Reflex puts what a module draws into one file; under its own name each screen has its own.
    draw.__module__ = page.build.__module__
    return draw


def notice() -> rx.Component:
    """Return where errors are said, on top of whatever is open; always there, so that a screen reader hears it."""
    call = actions.document_link(Notice.phone, "tel:" + Notice.phone, kind="quiet", icon=icons.phone(), fits=True)
    message = surfaces.banner(
        Notice.text,
        rx.cond(Notice.phone != "", call, rx.fragment()),
        tone="critical",
        action=actions.button(_("Close"), Notice.on_dismiss, kind="quiet", writes=False, fits=True),
    )
    region: rx.Component = rx.el.div(rx.cond(Notice.text != "", message, rx.fragment()), role="alert", id="notice")
    return region


def kept_whole(content: rx.Component) -> rx.Component:
    """Return a screen that, should drawing it fail in the browser, says so instead of vanishing."""
    broken = states.error(
        _("Something went wrong on our side"),
        _("Nothing was saved. Try again in a moment."),
        action=actions.document_link(_("Try again"), ""),
    )
    boundary: rx.Component = ErrorBoundary.create(content, fallback_render=rx.Var.create(rx.el.main(broken)))
    return boundary


async def learn_contact(topics: frozenset[str]) -> None:
    """Keep in memory whom to call, for when the database is what is away."""
    if topics >= EVERYTHING or "practice" in topics:
        with contextlib.suppress(DatabaseAway, NotFound):
            async with db.opened().act_as_visitor("", "practice.view_name") as tx:
                known = await practice.practice(tx)
                CONTACT.practice, CONTACT.phone, CONTACT.accent = known.name, known.phone, known.accent
                CONTACT.emergency = known.emergency_phone


@contextlib.asynccontextmanager
async def serve() -> AsyncIterator[None]:
    """Hold the database, and listen for changes, while the server runs."""
    vitals.learn_units()
    database = open_portal(settings)
    url = make_url(settings.database_url or "").set(drivername="postgresql")
    listener = Listener(url.render_as_string(hide_password=False))
    PAGES.serve(app, send_away)
    listener.subscribe(learn_contact)
    listener.subscribe(PAGES.on_change)
    listener.subscribe(room.on_change)
    listening = asyncio.create_task(listener.run())
    try:
        yield
    finally:
        listening.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await listening
        await database.close()
        await limits.unshare()


def answers_for_no_origin(_: Starlette) -> None:
    """Add nothing to Reflex's apps: the gate alone answers for origins, and no header says anything of them."""


rx.App._add_cors = staticmethod(answers_for_no_origin)  # type: ignore[assignment]  # noqa: SLF001 - no setting says so
# Reflex reads rxconfig.py from the folder the process was started in, which need not be ours; without it every
# origin may talk to us and every session is written to disk.
with contextlib.chdir(ROOT):
    app = rx.App(
        stylesheets=[path.name for path in sorted((ROOT / "assets").glob("*.css"))],
        head_components=head_parts(),
        toaster=None,
        hydrate_fallback=lambda: rx.el.main(skeleton.card(), skeleton.rows(), custom_attrs={"aria-busy": "true"}),
        frontend_exception_handler=on_frontend_error,
        backend_exception_handler=on_backend_error,
        api_transformer=[Starlette(routes=routes, exception_handlers=error_answers), gate],
    )
# Reflex would show its own toasts, which need scripts from text, and reload pages the same way; its error page is in
# English and shows the program.
app.app_wraps = {key: wrap for key, wrap in app.app_wraps.items() if key[1] not in ("Overlay", "ErrorBoundary")}
FrontendEventExceptionState.auto_reload_on_errors = []
app.register_lifespan_task(serve)
app.add_middleware(Guard(db.opened), index=0)
for screen in all_pages():
    for language in i18n.LOCALES:
        with i18n.use(language):
            title = _(screen.title)
        app.add_page(
            framed(screen, language),
            route=i18n.localized_path(language, screen.route),
            title=title,
            on_load=screen.on_load,
            image="",
        )
app.add_page(AskServer.create, route="404", title="…")
