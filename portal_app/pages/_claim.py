"""The claim of a charge, on the charge's page."""

import reflex as rx

from portal_app.components import surfaces
from portal_app.core.i18n import _
from portal_app.state.claim import ClaimPart


def claim_part() -> rx.Component:
    """Return what an insurer would be sent, and what is missing; nothing where no charge is open."""
    wanting = rx.el.ul(rx.foreach(ClaimPart.missing, _line), class_name="list-disc ps-5 grid gap-1")
    drawn: rx.Component = rx.cond(
        ClaimPart.is_there,
        surfaces.section(
            _("The claim to the insurer"),
            surfaces.card(
                surfaces.banner(ClaimPart.said, tone="info"),
                rx.cond(ClaimPart.missing.length() > 0, wanting, rx.fragment()),
                rx.cond(ClaimPart.facts.length() > 0, surfaces.facts(ClaimPart.facts), rx.fragment()),
                rx.el.small(
                    _("Claims are not sent from here yet. Sending will also need the patient's address and sex.")
                ),
                class_name="grid gap-3",
            ),
        ),
        rx.fragment(),
    )
    return drawn


def _line(line: rx.Var[str]) -> rx.Component:
    return rx.el.li(line)
