"""What stands on the page of who looked so that a patient can refuse to be looked at by support."""

import reflex as rx

from portal_app.components import actions, icons, surfaces
from portal_app.components.kinds import Text
from portal_app.core.i18n import _
from portal_app.state.look_refusal import LookRefusal


def refusal_part() -> rx.Component:
    """Return how it stands and the button that changes it; nothing for whoever acts for the patient."""
    part = _part(
        _("When staff help you with the portal"),
        _(
            "To help you, staff can open your own pages for fifteen minutes. They can change nothing, and it is "
            "written down here. You can refuse that. Staff still see what they need for your care in your chart."
        ),
        refused=(_("Staff cannot see your pages as you see them"), _("Let staff see my pages to help me")),
        allowed=(_("Staff can see your pages as you see them."), _("Do not let staff see my pages this way")),
    )
    drawn: rx.Component = rx.cond(LookRefusal.is_offered, part, rx.fragment())
    return drawn


def childs_refusal_part() -> rx.Component:
    """Return the same for whoever acts for a small child, in the child's stead; nothing for anybody else."""
    part = _part(
        _("When staff help with this chart"),
        _(
            "To help, staff can open this child's pages for fifteen minutes as you see them. They can change nothing. "
            "You can refuse that. Staff still see what they need for the child's care."
        ),
        refused=(_("Staff cannot see these pages as you see them"), _("Let staff see these pages to help")),
        allowed=(_("Staff can see these pages as you see them."), _("Do not let staff see these pages this way")),
    )
    drawn: rx.Component = rx.cond(LookRefusal.is_for_child, part, rx.fragment())
    return drawn


def _part(title: Text, words: Text, *, refused: tuple[Text, Text], allowed: tuple[Text, Text]) -> rx.Component:
    no = surfaces.stack(
        surfaces.tag(refused[0], icon=icons.lock("icon-small")),
        actions.button(refused[1], LookRefusal.on_allow, kind="second"),
        class_name="gap-3 justify-items-start",
    )
    yes = surfaces.stack(
        rx.el.p(allowed[0]),
        actions.button(allowed[1], LookRefusal.on_refuse, kind="second"),
        class_name="gap-3 justify-items-start",
    )
    return surfaces.section(title, rx.el.p(words), rx.el.div(rx.cond(LookRefusal.is_refused, no, yes), role="status"))
