"""A file of readings, seen before it is kept."""

from collections.abc import Mapping
from typing import Any

import reflex as rx

from portal_app.components.kinds import Text


class ReadingImport(rx.Component):
    """Sends a file to be looked at and then to be kept; the state knows nothing of it."""

    library = "$/public/reading_import.jsx"
    tag = "ReadingImport"

    chart: rx.Var[str]
    locale: rx.Var[str]
    zone: rx.Var[str]
    back: rx.Var[str]
    words: rx.Var[dict[str, Any]]


def reading_import(words: Mapping[str, Any], *, chart: Text, locale: str, zone: Text, back: Text) -> rx.Component:
    """Return the steps from a file to readings; `words` is everything that is said."""
    drawn: rx.Component = ReadingImport.create(words=dict(words), chart=chart, locale=locale, zone=zone, back=back)
    return drawn
