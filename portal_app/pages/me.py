"""Me: who is signed in, the language, the way out."""

import reflex as rx

from portal_app.components import actions, frame, icons, skeleton, surfaces
from portal_app.components.kinds import when_said
from portal_app.components.native import plain_form
from portal_app.core import i18n
from portal_app.core.i18n import N_, _
from portal_app.pages import _said
from portal_app.pages._frames import path, patient_page, sign_out, staff_page
from portal_app.state.frame import Frame
from portal_app.state.me import Me
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw the screen, in the frame of whoever it is."""
    drawn: rx.Component = rx.cond(
        Frame.is_staff,
        staff_page(*_content(), at="/profile"),
        patient_page(*_content(), at="/profile", signs_out=False),
    )
    return drawn


def _content() -> list[rx.Component]:
    return [
        frame.page_title(_("Me")),
        _said.done(Me.news),
        skeleton.until(
            Me.is_ready,
            surfaces.stack(
                surfaces.card(skeleton.bone(width="60%", height_px=25), skeleton.bone(width="80%", height_px=25)),
                skeleton.rows(12, 78),
            ),
            surfaces.stack(
                surfaces.card(
                    rx.cond(
                        (Me.reached.length() > 0) | (Me.hidden != ""),
                        surfaces.facts([(_("Name"), Me.name)]),
                        surfaces.facts([(_("Name"), Me.name), (_("E-mail"), rx.el.bdi(Me.email))]),
                    )
                ),
                _answers(_("About you"), Me.about),
                _answers(_("How we reach you"), Me.reached),
                when_said(Me.proof_path, _in_part),
                _answers(_("How you read"), Me.reads),
                rx.cond(
                    Me.hidden != "",
                    surfaces.stack(
                        rx.cond(Me.may_share, surfaces.rows([_caregivers()]), rx.fragment()),
                        surfaces.banner(Me.hidden, tone="info"),
                    ),
                    rx.cond(
                        Me.may_share,
                        surfaces.rows([_devices(), _who_looked(), _caregivers(), _record()]),
                        rx.cond(
                            Frame.acting_for != "",
                            surfaces.rows([_devices(), _record()]),
                            surfaces.rows([_devices()]),
                        ),
                    ),
                ),
                rx.cond(Me.has_charts, surfaces.rows([_acting_for()]), rx.fragment()),
            ),
            loading=_("Opening your page"),
        ),
        surfaces.section(
            _("Language"),
            surfaces.rows([_language(code, language) for code, language in i18n.LOCALES.items()]),
        ),
        rx.cond(
            Frame.is_looked_at,
            rx.fragment(),
            sign_out(),
        ),
    ]


def _answers(title: str, rows: rx.Var[list[dict[str, str]]]) -> rx.Component:
    def one(row: rx.Var[dict[str, str]]) -> rx.Component:
        said = rx.el.bdi(row["said"])
        return surfaces.row_item(
            rx.cond(
                row["href"] != "",
                surfaces.row(row["title"], said, href=row["href"]),
                surfaces.row(row["title"], said),
            )
        )

    drawn: rx.Component = rx.cond(
        rows.length() > 0, surfaces.section(title, surfaces.rows(rx.foreach(rows, one))), rx.fragment()
    )
    return drawn


def _in_part(proof_path: rx.Var[str]) -> rx.Component:
    return surfaces.banner(
        _("After a code alone, contact details are shown in part."),
        tone="info",
        action=actions.link_button(_("Prove that it is you to see them"), proof_path, kind="second", fits=True),
    )


def _devices() -> rx.Component:
    return surfaces.row(_("Sign-in and devices"), href=path("/profile/devices"), icon=icons.lock())


def _caregivers() -> rx.Component:
    return surfaces.row(_("Caregivers"), href=path("/profile/caregivers"), icon=icons.people())


def _acting_for() -> rx.Component:
    return surfaces.row(_("Whom you act for"), href=path("/profile/acting-for"), icon=icons.people())


def _record() -> rx.Component:
    return surfaces.row(
        _("Take your record with you"),
        _("Everything that is open to you here, as a file"),
        href=path("/profile/record"),
        icon=icons.day_list(),
    )


def _who_looked() -> rx.Component:
    return surfaces.row(
        _("Who looked"),
        _("Everybody who opened or changed your chart"),
        href=path("/profile/who-looked"),
        icon=icons.people(),
    )


def _language(code: str, language: i18n.Language) -> rx.Component:
    is_current = code == i18n.current()
    return plain_form(
        rx.el.button(
            rx.el.span(rx.el.b(language.own_name), class_name="row-words"),
            *([surfaces.tag(_("In use"))] if is_current else []),
            type="submit",
            class_name="row",
            custom_attrs={"lang": code, "dir": language.direction, **({"aria-current": "true"} if is_current else {})},
        ),
        action=f"/auth/language/{code}",
    )


PAGE = Page("/profile", N_("Me"), build, policy="profile.view_me", audience="patient", on_load=Me.on_load)
