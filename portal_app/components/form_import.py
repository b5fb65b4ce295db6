"""A form from elsewhere, looked at and kept, for whoever chooses forms."""

from collections.abc import Mapping

import reflex as rx


class FormImport(rx.Component):
    """Takes a questionnaire, says what is wrong with it or shows it, and has it kept; all over HTTP."""

    library = "$/public/form_import.jsx"
    tag = "FormImport"

    locale: rx.Var[str]
    words: rx.Var[dict[str, str]]
    back: rx.Var[str]


def form_import(words: Mapping[str, str], *, locale: str, back: str) -> rx.Component:
    """Return the form; `words` is everything it says, `back` where the forms are listed."""
    drawn: rx.Component = FormImport.create(words=dict(words), locale=locale, back=back)
    return drawn
