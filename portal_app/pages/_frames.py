"""The frames of the portal's screens, with its own words, menu and languages in them."""

from typing import Any

import reflex as rx

from portal_app.components import acting, actions, contact, frame, icons, keeping, states, surfaces
from portal_app.components.form_filler import unsent_answers
from portal_app.components.kinds import Handler, Part, Text, when_said
from portal_app.components.native import plain_form
from portal_app.core import i18n
from portal_app.core.i18n import _
from portal_app.state.frame import Frame, staff_places
from portal_app.state.looking import Looking


def path(address: str) -> str:
    """Return an address of the portal in the language being drawn."""
    return i18n.localized_path(i18n.current(), address)


def patient_page(*content: Part, at: str, is_wide: bool = False, signs_out: bool = True) -> rx.Component:
    """Return a patient's screen; `at` is the address of the menu item it belongs to.

    `signs_out` is off where the page itself says how to sign out.
    """
    return frame.patient_frame(
        *content,
        words=_words(),
        practice=_practice(),
        home_href=path("/"),
        menu=_patient_menu(at),
        languages=_languages(),
        notice=_offline(),
        help_line=_help_line(),
        account=_way_out() if signs_out else None,
        acting=_acting(),
        is_wide=is_wide,
    )


def focus_page(
    title: Text,
    *content: Part,
    back: str | None = None,
    back_href: Text | None = None,
    on_back: Handler | None = None,
    dock: rx.Component | None = None,
    is_wide: bool = False,
) -> rx.Component:
    """Return a screen for one task, with the way back and the main action docked under the thumb.

    The way back is `back` in the language being drawn, or `back_href` as it stands.
    """
    return frame.focus_frame(
        title,
        *content,
        words=_words(),
        back_href=path(back) if back else back_href,
        on_back=on_back,
        dock=dock,
        languages=_languages(),
        notice=_offline(),
        help_line=_help_line(),
        account=_way_out(),
        acting=_acting(),
        is_wide=is_wide,
    )


def staff_page(*content: Part, at: str) -> rx.Component:
    """Return a staff screen; `at` is the address of the menu item it belongs to."""
    return frame.staff_frame(
        *content,
        words=_words(),
        practice=_practice(),
        home_href=path("/"),
        menu=_staff_menu(at),
        languages=_languages(),
        account=_account(),
        notice=_offline(),
    )


def public_page(
    *content: Part, home: str = "/sign-in", after: rx.Component | None = None, signs_out: bool = False
) -> rx.Component:
    """Return a screen for somebody who may not have signed in; the practice's name leads `home`.

    `signs_out` is for those in this frame who have.
    What comes late, and may not come at all, stands `after` all else, which so keeps its place.
    """
    return frame.public_frame(
        *content,
        after=after,
        words=_words(),
        practice=_practice(),
        home_href=path(home),
        languages=_languages(),
        notice=_offline(),
        help_line=_help_line(),
        account=_way_out() if signs_out else None,
        acting=_acting(),
    )


def call_us() -> rx.Component:
    """Return the button that calls the practice for bookings; for every dead end."""
    drawn: rx.Component = rx.cond(Frame.phone != "", contact.call(_("Call"), Frame.phone), rx.fragment())
    return drawn


def _patient_menu(at: str) -> list[frame.MenuItem]:
    items: list[tuple[str, str, Any]] = [
        ("/", _("Home"), icons.home),
        ("/book", _("Book"), icons.calendar_add),
        ("/appointments", _("Visits"), icons.calendar),
        ("/bills", _("Bills"), icons.bill),
        ("/profile", _("Me"), icons.person),
    ]
    return [
        frame.MenuItem(label, path(href), icon(), is_current=href == at, is_shown=~Frame.closed.contains(href))
        for href, label, icon in items
    ]


def _staff_menu(at: str) -> list[frame.MenuItem]:
    looks: dict[str, tuple[str, Any]] = {
        "/staff/schedule": (_("Schedule"), icons.day_list),
        "/staff/visits": (_("Video visits"), icons.video),
        "/staff/alerts": (_("Alerts"), icons.bell),
        "/staff/vitals": (_("Readings"), icons.chart),
        "/staff/inbox": (_("Inbox"), icons.mail),
        "/staff/billing": (_("Charges"), icons.day_list),
        "/staff/waiting": (_("Waiting"), icons.clock),
        "/staff/bills": (_("Bills"), icons.bill),
        "/staff/insurance": (_("Insurance"), icons.bill),
        "/staff/patients": (_("Patients"), icons.people),
        "/staff/settings/schedules": (_("Hours"), icons.clock),
        "/staff/settings": (_("Settings"), icons.settings),
        "/staff/privacy": (_("Privacy"), icons.lock),
        "/staff/insights": (_("Insights"), icons.chart),
    }
    return [
        frame.MenuItem(
            label,
            path(href),
            icon(),
            is_current=href == at,
            is_shown=~Frame.closed.contains(href),
            is_document=not at.startswith("/staff"),
            **({"count": Frame.alerts, "count_name": Frame.alerts_said} if href == "/staff/alerts" else {}),
        )
        for href, (label, icon) in ((href, looks[href]) for href in staff_places())
    ]


def _acting() -> rx.Component:
    bar = acting.acting_bar(_("Acting for another person"), Frame.acting_for, _("Change"), path("/profile/acting-for"))
    drawn: rx.Component = rx.cond(Looking.bar != "", _looking(), rx.cond(Frame.acting_for != "", bar, rx.fragment()))
    return drawn


def _looking() -> rx.Component:
    return rx.fragment(
        acting.looking_bar(
            Looking.name, Looking.bar, Looking.stop, action="/auth/as-patient/stop", lang=Looking.lang,
            direction=rx.cond(Looking.is_right_to_left, "rtl", "ltr"),
        ),
        keeping.time_kept(
            Looking.seconds, warn_at_s=0, moment=Looking.moment, on_warn=Looking.on_near_end, on_end=Looking.on_end
        ),
    )  # fmt: skip


def to_check_in(href: Text, *, kind: actions.Kind = "primary") -> rx.Component:
    """Return the way back to check-in, for whoever left it to change something; nothing for anybody else."""
    return when_said(
        href, lambda back: actions.link_button(_("Back to your check-in"), back, kind=kind, icon=icons.check())
    )


def unless_only_seen(*controls: rx.Component) -> rx.Component:
    """Return what books or changes something, for whoever may; for nobody who may only see it."""
    drawn: rx.Component = rx.cond(Frame.only_view == "", rx.fragment(*controls), rx.fragment())
    return drawn


def unless_looked_at(*controls: rx.Component) -> rx.Component:
    """Return what acts, or takes something away, for everybody but support, who sees the page as its patient does."""
    drawn: rx.Component = rx.cond(Frame.is_looked_at, rx.fragment(), rx.fragment(*controls))
    return drawn


def only_seen() -> rx.Component:
    """Return the words that stand, once on a page, in place of what somebody may only see."""
    return when_said(Frame.only_view, lambda text: surfaces.banner(text, tone="info"))


def sign_out(*, is_quiet: bool = False) -> rx.Component:
    """Return the button that signs out, and what it says first where something waits on this device to be sent."""
    words = {
        "title": _("Something you entered has not been sent"),
        "text": _("It is on this device only. If you sign out now, it is deleted."),
        "back": _("Go back to it"),
        "still": _("You are still signed in"),
        "stillText": _("We could not reach the portal to sign you out. Load this page again, then sign out once more. "
                       "What you entered is still here."),
        "again": _("Load this page again"),
    }  # fmt: skip
    looks = "btn btn-quiet btn-fit" if is_quiet else "btn btn-second"
    return surfaces.stack(
        unsent_answers(words, locale=i18n.current()),
        plain_form(
            rx.el.input(type="hidden", name="locale", default_value=i18n.current()),
            rx.el.button(_("Sign out"), type="submit", class_name=looks),
            action="/auth/sign-out",
        ),
    )


def _way_out() -> rx.Component:
    """Return the way out at the foot of a patient's page; whoever looks on has the bar, which leads back to work."""
    drawn: rx.Component = rx.cond(
        Frame.is_looked_at, rx.fragment(), rx.el.div(sign_out(is_quiet=True), class_name="way-out")
    )
    return drawn


def _account() -> rx.Component:
    return plain_form(
        rx.el.input(type="hidden", name="locale", default_value=i18n.current()),
        rx.el.span(Frame.person_name, class_name="text-small text-quiet"),
        rx.el.button(_("Sign out"), type="submit", class_name="btn btn-quiet btn-fit"),
        action="/auth/sign-out",
        class_name="flex items-center gap-2",
    )


def _words() -> frame.FrameWords:
    return frame.FrameWords(skip=_("Go to the content"), menu=_("Menu"), language=_("Language"), back=_("Back"))


def _practice() -> frame.Practice:
    name = rx.cond(
        Frame.practice_name != "", rx.fragment(Frame.practice_name), rx.el.span(_("Home"), class_name="sr-only")
    )
    return frame.Practice(name, Frame.practice_mark)


def _languages() -> list[frame.LanguageLink]:
    current = i18n.current()
    return [
        frame.LanguageLink(
            code,
            language.own_name,
            f"/auth/language/{code}",
            language.direction,
            is_current=code == current,
            is_posted=True,
        )
        for code, language in i18n.LOCALES.items()
    ]


def _offline() -> rx.Component:
    return states.offline_notice(
        _("You are offline"), _("What you see may be out of date. Nothing is lost; we keep trying to connect.")
    )


def _help_line() -> rx.Component:
    def call(number: rx.Var[str]) -> rx.Component:
        return rx.el.a(number, href="tel:" + number, dir="ltr")

    return frame.help_line(
        rx.cond(
            Frame.phone != "",
            rx.fragment(
                rx.el.span(_("Emergency? Call"), " ", call(Frame.emergency_phone), "."),
                " ",
                rx.el.span(_("Need a person? Call"), " ", call(Frame.phone), "."),
                " ",
                rx.el.a(_("Hours and all numbers"), href=path("/practice")),
            ),
            rx.el.span(_("Emergency? Call your local emergency number.")),
        )
    )
