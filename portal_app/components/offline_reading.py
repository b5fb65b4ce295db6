"""Readings entered with no line to the server: the form that goes on by itself, and the list of what waits."""

from collections.abc import Mapping
from typing import Any

import reflex as rx
from reflex_components_core.core.banner import has_connection_errors

from portal_app.components.kinds import Text


class OfflineReading(rx.Component):
    """Draws its children until the line is gone, then takes readings by itself; the state knows nothing of it."""

    library = "$/public/offline_reading.jsx"
    tag = "OfflineReading"

    is_cut_off: rx.Var[bool]
    step: rx.Var[str]
    measure: rx.Var[str]
    moment: rx.Var[str]
    locale: rx.Var[str]
    words: rx.Var[dict[str, Any]]


class CarriesReading(rx.Component):
    """Brings what is needed to log a reading from this page without a line, once the page is still; shows nothing."""

    library = "$/public/carries_reading.jsx"
    tag = "CarriesReading"

    address: rx.Var[str]
    locale: rx.Var[str]


class WaitingReadings(rx.Component):
    """Says which readings wait on this device and sends them; silent where none do."""

    library = "$/public/waiting_readings.jsx"
    tag = "WaitingReadings"

    locale: rx.Var[str]
    words: rx.Var[dict[str, Any]]


def offline_reading(
    *children: rx.Component, step: Text, measure: Text, moment: Text, words: Mapping[str, Any], locale: str
) -> rx.Component:
    """Return a page that goes on without the server; `words` is everything it says then."""
    drawn: rx.Component = OfflineReading.create(
        *children, is_cut_off=has_connection_errors, step=step, measure=measure, moment=moment, words=dict(words),
        locale=locale,
    )  # fmt: skip
    return drawn


def carries_reading(address: str, *, locale: str) -> rx.Component:
    """Return what makes `address`, the page on which a reading is logged, open from here without a line."""
    drawn: rx.Component = CarriesReading.create(address=address, locale=locale)
    return drawn


def waiting_readings(words: Mapping[str, Any], *, locale: str) -> rx.Component:
    """Return the list of what waits on this device."""
    drawn: rx.Component = WaitingReadings.create(words=dict(words), locale=locale)
    return drawn
