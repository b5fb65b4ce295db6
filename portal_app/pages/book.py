"""Book a visit: how, with whom, on which day, when."""

import reflex as rx

from portal_app.components import actions, contact, dialog, fields, icons, skeleton, slot_picker, states, surfaces
from portal_app.components.kinds import when_said
from portal_app.core.i18n import N_, _, pgettext
from portal_app.pages._frames import call_us, focus_page, only_seen, path, unless_only_seen
from portal_app.state.book import Book
from portal_app.state.frame import Frame
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw the screen: the soonest times stand first, everything else is a choice beside them."""
    return focus_page(
        rx.cond(Book.moving != "", _("Move your visit"), _("Book a visit")),
        when_said(Book.moving, lambda text: surfaces.banner(text, tone="info")),
        only_seen(),
        rx.cond(Book.is_fixed, rx.fragment(), _how()),
        skeleton.until(
            Book.is_ready,
            surfaces.panes(
                surfaces.stack(skeleton.card(115), skeleton.card(295)),
                surfaces.stack(skeleton.days(), skeleton.times()),
            ),
            surfaces.panes(surfaces.stack(rx.cond(Book.moving != "", rx.fragment(), _about()), _who()), _when()),
            loading=_("Looking for free times"),
        ),
        back_href=rx.cond(Book.back_href != "", Book.back_href, path("/")),
        is_wide=True,
    )


def _how() -> rx.Component:
    return fields.segments(
        "modality",
        _("How would you like to be seen?"),
        [
            {"value": "in_person", "label": _("In person")},
            {"value": "video", "label": pgettext("how a visit takes place", "Video")},
        ],
        chosen=Book.modality,
        on_choose=Book.on_modality,
    )


def _about() -> rx.Component:
    """Draw the field for plain words, or what was chosen by them."""

    def suggestion(row: rx.Var[dict[str, str]]) -> rx.Component:
        return surfaces.row_item(surfaces.row(row["label"], on_click=Book.on_reason(row["code"])))

    field = rx.el.div(
        fields.search_field(
            "about",
            _("What is it about? (optional)"),
            hint=_("For example knee, rash, feeling low"),
            on_change=Book.on_type.debounce(250),
        ),
        rx.el.div(when_said(Book.reasons_said, rx.el.small), role="status"),
        rx.cond(Book.reasons.length() > 0, surfaces.rows(rx.foreach(Book.reasons, suggestion)), rx.fragment()),
        class_name="grid grid-cols-1 gap-2",
    )
    chosen = rx.el.div(
        rx.el.b(Book.reason),
        actions.button(_("Something else"), Book.on_no_reason, kind="quiet", fits=True, writes=False),
        class_name="flex flex-wrap items-center justify-between gap-2",
    )
    urgent = when_said(
        Book.urgent,
        lambda number: surfaces.banner(
            _("If this is happening now, do not wait for an appointment. Call for help."),
            contact.call("", number, kind="critical"),
            tone="critical",
            is_announced=True,
        ),
    )
    return rx.el.div(urgent, rx.cond(Book.reason != "", chosen, field), class_name="grid grid-cols-1 gap-3")


def _who() -> rx.Component:
    return surfaces.card(
        surfaces.person_line(
            Book.person["label"], Book.person["detail"], Book.person["initials"], photo=Book.person["photo"]
        ),
        rx.el.div(
            when_said(Book.person["own"], surfaces.tag),
            when_said(
                Book.person["about"],
                lambda text: actions.link_button(text, Book.person["href"], kind="quiet", fits=True),
            ),
            class_name="flex flex-wrap items-center justify-between gap-2",
        ),
        dialog.disclosure(
            _("Someone else, or sooner"),
            fields.choice_list(
                "who", _("Who would you like to see?"), Book.people, chosen=Book.who, on_choose=Book.on_who
            ),
            on_fold=Book.on_people,
        ),
        rx.cond(Book.moving != "", rx.fragment(), _kind()),
    )


def _kind() -> rx.Component:
    return dialog.disclosure(
        _("Another kind of visit"),
        fields.choice_list(
            "visit-type",
            _("What kind of visit?"),
            Book.visit_types,
            chosen=Book.visit_type,
            on_choose=Book.on_visit_type,
        ),
    )


def _when() -> rx.Component:
    found = surfaces.stack(
        slot_picker.day_strip(
            _("Choose a day"),
            Book.days,
            chosen=Book.chosen_day,
            on_choose=Book.on_day,
            earlier=rx.cond(
                Book.has_earlier,
                actions.button(_("Earlier dates"), Book.on_turn(-1), kind="quiet", fits=True),
                rx.fragment(),
            ),
            later=rx.cond(
                Book.has_later,
                actions.button(_("Later dates"), Book.on_turn(1), kind="quiet", fits=True),
                rx.fragment(),
            ),
        ),
        slot_picker.times_to_tap(
            Book.day_title, Book.parts, on_tap=Book.on_time, zone_note=Book.zone_note, is_open=Frame.only_view == ""
        ),
    )
    nothing = states.empty(
        _("No free time in the next weeks"),
        _("Try someone else or the other kind of visit above, or call us: we may find a time for you."),
        action=call_us(),
    )
    drawn: rx.Component = rx.cond(Book.days.length() > 0, found, nothing)
    return surfaces.stack(drawn, rx.cond(Book.moving != "", rx.fragment(), unless_only_seen(_none_fits())))


def _none_fits() -> rx.Component:
    return surfaces.section(
        _("None of these times suits you?"),
        actions.link_button(_("Tell me when a time comes free"), Book.wait_href, kind="second", icon=icons.bell()),
        actions.link_button(_("Ask us for a time"), Book.ask_href, kind="second", icon=icons.mail()),
    )


PAGE = Page("/book", N_("Book a visit"), build, policy="booking.find", audience="patient", on_load=Book.on_load)
