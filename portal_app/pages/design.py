"""The living page of the design system: every component in every state, in the demo only.

`/design` follows the device's colours, `/design/light` and `/design/dark` override them; the language menu changes
direction. The frames that cannot stand inside another one have a screen each: booking, board, sign-in.
"""

from collections.abc import Callable

import reflex as rx

from portal_app.components import actions, frame, icons, states, surfaces
from portal_app.components.kinds import Handler
from portal_app.core.i18n import LOCALES, _, current, localized_path
from portal_app.pages import design_samples
from portal_app.state.design import TRY
from portal_app.web.page import Page

THEMES = {"/design": None, "/design/light": "light", "/design/dark": "dark"}

NOTHING: Handler = rx.noop()
"""What the samples' actions call: the page shows how things look and are reached, and changes nothing."""


def build(route: str) -> rx.Component:
    """Draw the page of components in a patient's frame."""
    return frame.patient_frame(
        frame.page_title(_("Design"), _("Every part of the portal's screens, in every state.")),
        _toggles(route),
        *design_samples.all_sections(),
        words=words(),
        practice=practice(),
        home_href=here(route),
        menu=menu(route),
        languages=languages(route),
        notice=states.offline_notice(_("You are offline"), _("What you see may be old. Nothing you typed is lost.")),
        help_line=help_line(),
        theme=THEMES[route],
    )


def _toggles(route: str) -> rx.Component:
    labels = {"/design": _("As the device"), "/design/light": _("Light"), "/design/dark": _("Dark")}
    return surfaces.section(
        _("Look"),
        rx.el.nav(
            *(
                rx.el.a(
                    label,
                    href=here(target),
                    class_name="segment",
                    custom_attrs={"aria-current": "page"} if target == route else {},
                )
                for target, label in labels.items()
            ),
            class_name="segments",
            custom_attrs={"aria-label": _("Look")},
        ),
        surfaces.rows(
            [
                surfaces.row(_("A screen for one task"), _("Choosing a time"), href=here("/design/booking")),
                surfaces.row(_("A screen for staff"), _("The day of a practice"), href=here("/design/board")),
                surfaces.row(_("A screen before signing in"), _("Asking for a code"), href=here("/design/sign-in")),
            ]
        ),
    )


def here(route: str) -> str:
    """Return a route in the language of the page."""
    return localized_path(current(), route)


def words() -> frame.FrameWords:
    """Return what frames say themselves."""
    return frame.FrameWords(skip=_("Go to the content"), menu=_("Menu"), language=_("Language"), back=_("Back"))


def practice() -> frame.Practice:
    """Return the practice of the samples."""
    return frame.Practice(name="Riverside Family Care", mark="R")


def menu(route: str) -> list[frame.MenuItem]:
    """Return a patient's menu at its fullest: five places, one with something new."""
    return [
        frame.MenuItem(_("Home"), here(route), icons.home(), is_current=True),
        frame.MenuItem(_("Book"), here("/design/booking"), icons.calendar_add()),
        frame.MenuItem(_("Visits"), here(route), icons.calendar(), count="1", count_name=_("1 new")),
        frame.MenuItem(_("Help"), here(route), icons.phone()),
        frame.MenuItem(_("Me"), here("/design/sign-in"), icons.person()),
    ]


def languages(route: str) -> list[frame.LanguageLink]:
    """Return this page in every language."""
    return [
        frame.LanguageLink(
            code=language.code,
            own_name=language.own_name,
            href=localized_path(language.code, route),
            direction=language.direction,
            is_current=language.code == current(),
        )
        for language in LOCALES.values()
    ]


def help_line() -> rx.Component:
    """Return the line that is on every page."""
    return frame.help_line(
        _("Emergency? Call 911."),
        " ",
        _("Need a person now?"),
        " ",
        actions.plain_link(rx.el.bdi("(555) 014-2200"), href="tel:+15550142200", class_name="help-number"),
    )


def _page(route: str, draw: Callable[[], rx.Component]) -> Page:
    return Page(route=route, title="Design", build=draw, policy=TRY, audience="demo")


def _themed(route: str) -> Callable[[], rx.Component]:
    return lambda: build(route)


def booking() -> rx.Component:
    """Draw a screen for one task: the docked action says what will happen."""
    return frame.focus_frame(
        _("Book a visit"),
        *design_samples.booking(),
        words=words(),
        back_href=here("/design"),
        dock=design_samples.booking_dock(),
        languages=languages("/design/booking"),
        help_line=help_line(),
    )


def board() -> rx.Component:
    """Draw a screen for staff."""
    return frame.staff_frame(
        *design_samples.board(),
        words=words(),
        practice=practice(),
        home_href=here("/design"),
        menu=[
            frame.MenuItem(_("Schedule"), here("/design/board"), icons.calendar(), is_current=True),
            frame.MenuItem(_("Patients"), here("/design"), icons.people(), count="3", count_name=_("3 waiting")),
        ],
        languages=languages("/design/board"),
        account=actions.icon_button(icons.sign_out(), _("Sign out"), NOTHING),
    )


def sign_in() -> rx.Component:
    """Draw a screen for somebody not signed in."""
    return frame.public_frame(
        *design_samples.sign_in(),
        words=words(),
        practice=practice(),
        home_href=here("/design"),
        languages=languages("/design/sign-in"),
        help_line=help_line(),
    )


PAGES = (
    *(_page(route, _themed(route)) for route in THEMES),
    _page("/design/booking", booking),
    _page("/design/board", board),
    _page("/design/sign-in", sign_in),
)
