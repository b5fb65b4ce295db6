"""The documents of a visit or a chart: pictures shown where they help, everything to be saved, and the way to send."""

from typing import Any

import reflex as rx

from portal_app.components import actions, icons, surfaces
from portal_app.components.native import document_link
from portal_app.components.send_file import send_file
from portal_app.core.i18n import _
from portal_app.state.documents import Documents
from portal_app.state.room import Room


def documents(title: str, *, is_open: bool = False) -> rx.Component:
    """Return the documents under a title, nothing where there are none; `is_open` shows pictures at once."""
    drawn: rx.Component = rx.cond(
        Documents.documents.length() > 0, surfaces.section(title, _list(is_open=is_open)), rx.fragment()
    )
    return drawn


def _list(*, is_open: bool) -> rx.Component:
    def picture(row: rx.Var[Any]) -> rx.Component:
        shown = rx.el.img(
            src=row["picture"], alt=row["name"], loading="lazy", class_name="w-full max-h-[45vh] object-contain"
        )
        opened = {"open": True} if is_open else {}
        return rx.el.details(rx.el.summary(_("Picture"), class_name="min-h-12 content-center"), shown, **opened)

    def one(row: rx.Var[Any]) -> rx.Component:
        save = document_link(
            _("Save"), href=row["href"], class_name="btn btn-quiet btn-fit",
            custom_attrs={"aria-label": row["save"]},
        )  # fmt: skip
        return rx.el.li(
            rx.el.div(
                rx.el.div(
                    rx.el.b(rx.el.bdi(row["name"]), class_name="break-words"),
                    rx.el.small(row["detail"], class_name="block"),
                    class_name="min-w-0",
                ),
                save,
                class_name="flex flex-wrap items-center justify-between gap-2",
            ),
            rx.cond(row["picture"] != "", picture(row), rx.fragment()),
            key=row["id"],
            class_name="grid grid-cols-1 gap-1 p-2",
        )

    return rx.el.ul(
        rx.foreach(Documents.documents, one), class_name="card grid grid-cols-1 gap-2", custom_attrs={"role": "list"}
    )


def locked_documents() -> rx.Component:
    """Return the way to what was sent in a visit, for whoever signed in by a code alone."""
    drawn: rx.Component = rx.cond(
        Documents.is_locked,
        surfaces.section(
            _("What you sent in this visit"),
            rx.el.p(_("It is private. Prove once more that it is you, then you can open it.")),
            actions.button(
                _("Open what was sent"), Documents.on_open, kind="second", icon=icons.lock(), writes=False, fits=True
            ),
        ),
        rx.fragment(),
    )
    return drawn


def send_before(appointment_id: rx.Var[str]) -> rx.Component:
    """Return the way to send a photo or document before a visit, and what was sent so far."""
    words = {
        "choose": _("Send a photo or document"),
        "sending": _("Sending. Keep this page open."),
        "sent": _("Sent. Your care team sees it before the visit."),
        "failed": _(
            "That did not arrive whole. Send it again: it goes on where it stopped. Or bring it to your visit."
        ),
        "again": _("Send it again"),
        "tooLarge": _("This file is too large. Choose a smaller one, or take the picture again."),
        "notNow": _("This cannot be sent now. Go back to the list and try again, or bring it to your visit."),
    }
    address = rx.Var.create("/check-in/").to(str) + appointment_id + "/documents"
    note = _("Something was sent for this visit. You can open it on the page of the visit, once you have proved that "
             "it is you.")  # fmt: skip
    return surfaces.stack(
        send_file(address, words),
        documents(_("What was sent for this visit")),
        rx.cond(Documents.is_locked, rx.el.p(note, class_name="quiet"), rx.fragment()),
        class_name="gap-3",
    )


def send_document() -> rx.Component:
    """Return the way to send a photo or document into the visit, and what was sent so far."""
    words = {
        "choose": _("Send a photo or document"),
        "sending": _("Sending. The visit goes on."),
        "sent": _("Sent. The clinician sees it, and it stays in your chart."),
        "failed": _("That did not arrive. Nothing was saved. Try again, or describe it in the visit."),
        "again": _("Send it again"),
        "tooLarge": _("This file is too large. Choose a smaller one, or take the picture again."),
        "notNow": _("You are not in this visit now, so it could not be sent. Come back in, and try again."),
    }
    address = rx.Var.create("/visit/").to(str) + Room.visit_id + "/documents"
    note = _("You came in by a code alone, so what was sent stays closed here. You can open it on the page of "
             "this visit, once you have proved that it is you.")  # fmt: skip
    return surfaces.stack(
        send_file(address, words),
        documents(_("What you sent in this visit")),
        rx.cond(Documents.is_locked, rx.el.p(note, class_name="quiet"), rx.fragment()),
        class_name="gap-3",
    )
