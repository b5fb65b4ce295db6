"""Line icons on a grid of 24, drawn in the colour of the words beside them and silent for screen readers."""

from typing import Any

import reflex as rx

from portal_app.components.kinds import attributes, classes

_CALENDAR = "M6 5h12a3 3 0 0 1 3 3v10a3 3 0 0 1-3 3H6a3 3 0 0 1-3-3V8a3 3 0 0 1 3-3zM8 3v4M16 3v4M3 10h18"


def _icon(path: str, class_name: str = "") -> rx.Component:
    drawing: Any = rx.el.path(d=path)
    return rx.el.svg(
        drawing,
        view_box="0 0 24 24",
        class_name=classes("icon", class_name),
        custom_attrs=attributes(**{"aria-hidden": "true", "focusable": "false"}),
    )


def home(class_name: str = "") -> rx.Component:
    """Draw a house."""
    return _icon("M4 11l8-7 8 7v9h-6v-6h-4v6H4z", class_name)


def calendar(class_name: str = "") -> rx.Component:
    """Draw a calendar sheet."""
    return _icon(_CALENDAR, class_name)


def calendar_add(class_name: str = "") -> rx.Component:
    """Draw a calendar sheet with a plus."""
    return _icon(
        f"{_CALENDAR}M12 13v5M9.5 15.5h5",
        class_name,
    )


def video(class_name: str = "") -> rx.Component:
    """Draw a film camera."""
    return _icon("M6 6h6a3 3 0 0 1 3 3v6a3 3 0 0 1-3 3H6a3 3 0 0 1-3-3V9a3 3 0 0 1 3-3zM15 11l6-4v10l-6-4", class_name)


def place(class_name: str = "") -> rx.Component:
    """Draw a pin on a map."""
    return _icon(
        "M12 21s-7-6-7-11.5a7 7 0 0 1 14 0C19 15 12 21 12 21zM12 12a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5", class_name
    )


def person(class_name: str = "") -> rx.Component:
    """Draw a head and shoulders."""
    return _icon("M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 21c1-5 5-6 8-6s7 1 8 6", class_name)


def people(class_name: str = "") -> rx.Component:
    """Draw two people."""
    return _icon(
        "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 20c.7-4.5 3.7-6 6.5-6s5.8 1.5 6.5 6"
        "M16 4.5a3.5 3.5 0 0 1 0 6.5M18 14.5c2 .8 3.2 2.6 3.5 5.5",
        class_name,
    )


def clock(class_name: str = "") -> rx.Component:
    """Draw a clock face."""
    return _icon("M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5l3 2", class_name)


def phone(class_name: str = "") -> rx.Component:
    """Draw a telephone receiver."""
    return _icon(
        "M5 4h4l2 5-2.5 1.5a11 11 0 0 0 5 5L15 13l5 2v4a2 2 0 0 1-2 2A15 15 0 0 1 3 6a2 2 0 0 1 2-2z", class_name
    )


def mail(class_name: str = "") -> rx.Component:
    """Draw an envelope."""
    return _icon(
        "M5 5h14a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V7a2 2 0 0 1 2-2zM3.5 7l8.5 6 8.5-6", class_name
    )


def check(class_name: str = "") -> rx.Component:
    """Draw a tick."""
    return _icon("M5 13l4.5 4.5L19 7", class_name)


def circle(class_name: str = "") -> rx.Component:
    """Draw an empty ring: not done yet."""
    return _icon("M12 19a7 7 0 1 0 0-14 7 7 0 0 0 0 14z", class_name)


def info(class_name: str = "") -> rx.Component:
    """Draw an i in a ring."""
    return _icon("M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 11v6M12 7.5v.01", class_name)


def caution(class_name: str = "") -> rx.Component:
    """Draw a triangle with an exclamation mark."""
    return _icon("M12 4L2.5 20h19zM12 10v4.5M12 17.2v.01", class_name)


def critical(class_name: str = "") -> rx.Component:
    """Draw an octagon with an exclamation mark."""
    return _icon("M8 3h8l5 5v8l-5 5H8l-5-5V8zM12 7.5v5.5M12 16.5v.01", class_name)


def close(class_name: str = "") -> rx.Component:
    """Draw a cross."""
    return _icon("M6 6l12 12M18 6L6 18", class_name)


def search(class_name: str = "") -> rx.Component:
    """Draw a magnifying glass."""
    return _icon("M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM16 16l5 5", class_name)


def back(class_name: str = "") -> rx.Component:
    """Draw an arrow to where one came from; mirrored where reading runs right to left."""
    return _icon("M15 5l-7 7 7 7", classes("icon-directed", class_name))


def onward(class_name: str = "") -> rx.Component:
    """Draw an arrow to what opens next; mirrored where reading runs right to left."""
    return _icon("M9 5l7 7-7 7", classes("icon-directed", class_name))


def languages(class_name: str = "") -> rx.Component:
    """Draw a globe."""
    return _icon(
        "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM3 12h18M12 3c3.5 3.5 3.5 14.5 0 18M12 3c-3.5 3.5-3.5 14.5 0 18",
        class_name,
    )


def sign_out(class_name: str = "") -> rx.Component:
    """Draw a door with an arrow out of it; mirrored where reading runs right to left."""
    return _icon("M10 4H6a2 2 0 0 0-2 2v12a2 2 0 0 0 2 2h4M15 8l4 4-4 4M19 12H9", classes("icon-directed", class_name))


def offline(class_name: str = "") -> rx.Component:
    """Draw waves of a signal, struck through."""
    return _icon(
        "M3 3l18 18M8.5 15a5 5 0 0 1 6 0M5 11.5a10 10 0 0 1 5-2.7M14.5 9a10 10 0 0 1 4.5 2.5M12 19v.01", class_name
    )


def day_list(class_name: str = "") -> rx.Component:
    """Draw lines of a list."""
    return _icon("M9 6h11M9 12h11M9 18h11M4.5 6v.01M4.5 12v.01M4.5 18v.01", class_name)


def bell(class_name: str = "") -> rx.Component:
    """Draw a bell."""
    return _icon("M6 17V11a6 6 0 0 1 12 0v6l1.5 2h-15zM10 21.5h4", class_name)


def settings(class_name: str = "") -> rx.Component:
    """Return sliders: what can be set."""
    return _icon("M4 7h9M17 7h3M4 17h3M11 17h9M13 4.8v4.4M17 4.8v4.4M7 14.8v4.4M11 14.8v4.4", class_name)


def chart(class_name: str = "") -> rx.Component:
    """Draw the bars of a chart."""
    return _icon("M4 20h16M7 16v-4M12 16V6M17 16v-7", class_name)


def lock(class_name: str = "") -> rx.Component:
    """Draw a padlock."""
    return _icon(
        "M7 11h10a2 2 0 0 1 2 2v6a2 2 0 0 1-2 2H7a2 2 0 0 1-2-2v-6a2 2 0 0 1 2-2zM8 11V8a4 4 0 0 1 8 0v3", class_name
    )


def bill(class_name: str = "") -> rx.Component:
    """Draw a sheet with a torn edge and lines on it."""
    return _icon("M6 3h12v18l-3-2-3 2-3-2-3 2zM9 8h6M9 12h6", class_name)
