"""A form that is filled in, with or without a line to the server, and the warning of what has not been sent."""

from collections.abc import Mapping

import reflex as rx

from portal_app.components.kinds import Text


class FormFiller(rx.Component):
    """Asks the questions of a form and keeps every answer; the state knows only which form it is."""

    library = "$/public/form_filler.jsx"
    tag = "FormFiller"

    form: rx.Var[str]
    locale: rx.Var[str]
    words: rx.Var[dict[str, str]]
    phone: rx.Var[str]
    back: rx.Var[str]
    check_in: rx.Var[str]


class UnsentAnswers(rx.Component):
    """Holds signing out back once while answers wait on this device, and empties the device when it goes on."""

    library = "$/public/unsent_answers.jsx"
    tag = "UnsentAnswers"

    locale: rx.Var[str]
    words: rx.Var[dict[str, str]]


def form_filler(
    form: Text, words: Mapping[str, str], *, locale: str, phone: Text, back: Text, check_in: Text
) -> rx.Component:
    """Return the form; `words` is everything it says. It leads to `check_in` where that is one, else to its visit."""
    drawn: rx.Component = FormFiller.create(
        form=form, locale=locale, words=dict(words), phone=phone, back=back, check_in=check_in
    )
    return drawn


def unsent_answers(words: Mapping[str, str], *, locale: str) -> rx.Component:
    """Return the warning; it stands beside a form that signs out. `words` has `title`, `text`, `back` and `go`."""
    drawn: rx.Component = UnsentAnswers.create(locale=locale, words=dict(words))
    return drawn
