"""Invite a caregiver, or change what one may do."""

import reflex as rx

from portal_app.components import actions, errors, fields, skeleton, surfaces
from portal_app.core.i18n import N_, _
from portal_app.pages._frames import focus_page
from portal_app.pages._shared_parts import shared_parts
from portal_app.state.share import Share
from portal_app.web.page import Page

FORM = "share"


def build() -> rx.Component:
    """Draw the screen."""
    return focus_page(
        rx.cond(Share.is_change, _("Change what they may do"), _("Invite a caregiver")),
        errors.error_summary(
            _("There is a problem"),
            Share.errors,
            is_shown=Share.errors.length() > 0,
            moment=Share.attempt,
        ),
        skeleton.until(
            Share.is_ready,
            surfaces.stack(skeleton.lines(3), skeleton.card(900)),
            _form(),
            loading=_("Opening the form"),
        ),
        back="/profile/caregivers",
        dock=actions.submit(rx.cond(Share.is_change, _("Save what they may do"), _("Send the invitation")), form=FORM),
    )


def _form() -> rx.Component:
    return rx.el.form(
        rx.cond(
            Share.is_change,
            rx.el.p(rx.el.b(rx.el.bdi(Share.who))),
            surfaces.stack(
                rx.el.p(_("They get an e-mail with a link, sign in as themself, and then accept or decline.")),
                fields.text_field("name", _("Their name"), error=_of("name"), max_length=80, autocomplete="off"),
                fields.email_field("email", _("Their e-mail address"), error=_of("email"), autocomplete="off"),
                fields.choice_list(
                    "relationship", _("Who is this person to you?"), Share.relationships, error=_of("relationship")
                ),
            ),
        ),
        shared_parts(
            Share.chosen, _of("shares"),
            hint=_("Some of these parts are still to come; what you choose now counts when they are there."),
        ),
        fields.choice_list("until", _("Until when?"), Share.lives, error=_of("until")),
        rx.el.p(
            _("They never see what is confidential, and never decide who else may see your chart."),
            class_name="text-small text-quiet",
        ),
        id=FORM,
        on_submit=Share.on_send,
        class_name="grid gap-5",
        custom_attrs={"noValidate": True},
    )  # fmt: skip


def _of(name: str) -> rx.Var[str]:
    """Return the words for a field, empty while nothing is wrong with it."""
    return rx.Var.create(Share.error_of)[name].to(str)


PAGE = Page(
    "/profile/caregivers/invite", N_("Invite a caregiver"), build, policy="access.share_chart", audience="patient",
    on_load=Share.on_load, steps_up=True,
)  # fmt: skip
