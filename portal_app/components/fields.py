"""Fields of forms: label above, hint under it, error beside the field, what was typed always kept.

Fields are uncontrolled: they start with `value` and keep what is typed, so nothing is lost when the server is slow.
Show them only once the state that holds `value` is loaded. The id of a field is its name, which is what an error
summary links to. Words carry "(optional)" where a field may stay empty; there are no asterisks.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import reflex as rx

from portal_app.components import icons
from portal_app.components.browser import SyncedChoice
from portal_app.components.kinds import (
    Flag,
    Handler,
    Part,
    Row,
    Rows,
    Text,
    attributes,
    choose,
    classes,
    each,
    events,
    is_said,
    when_said,
    words_of,
)

Width = Literal["full", "short", "two", "four", "code"]
DatePart = Literal["day", "month", "year"]

_WIDTH_CLASS: dict[Width, str | None] = {
    "full": None,
    "short": "input-short",
    "two": "input-two",
    "four": "input-four",
    "code": "input-code",
}


def text_field(
    name: str,
    label: Text,
    *,
    hint: Text | None = None,
    error: Text | None = None,
    value: Text | None = None,
    type: Literal["text", "email", "tel", "search", "password"] = "text",
    input_mode: str | None = None,
    autocomplete: str | None = None,
    max_length: int | None = None,
    width: Width = "full",
    unit: Text | None = None,
    on_change: Handler | None = None,
    on_blur: Handler | None = None,
    more: Mapping[str, Any] | None = None,
) -> rx.Component:
    """Return a one-line text field; `unit` stands outside it, and the label must say it too."""
    box = rx.el.input(
        class_name=classes("input", _WIDTH_CLASS[width]),
        custom_attrs=field_attributes(name, hint, error)
        | attributes(
            type=type, inputMode=input_mode, autoComplete=autocomplete, maxLength=max_length, defaultValue=value
        )
        | dict(more or {}),
        **events(on_change=on_change, on_blur=on_blur),
    )
    return field(name, label, hint, error, _beside(box, unit))


def email_field(name: str, label: Text, **more: Any) -> rx.Component:
    """Return a field for an e-mail address, with the right keyboard and the address the device knows."""
    return text_field(
        name,
        label,
        type="email",
        more={"dir": "ltr", "spellCheck": "false", "autoCapitalize": "none"},
        **{"autocomplete": "email", **more},
    )


def number_field(
    name: str, label: Text, unit: Text, *, is_decimal: bool = True, width: Width = "short", **more: Any
) -> rx.Component:
    """Return a field for a measured number with its unit outside.

    It is a text input, because number inputs lose what they cannot read (GOV.UK text input guidance).
    """
    keyboard = "decimal" if is_decimal else "numeric"
    return text_field(name, label, unit=unit, input_mode=keyboard, width=width, autocomplete="off", **more)


def code_field(name: str, label: Text, **more: Any) -> rx.Component:
    """Return one field for six digits that the device can fill in and that takes a paste with spaces."""
    return text_field(
        name, label, input_mode="numeric", autocomplete="one-time-code", width="code", max_length=12,
        more={"dir": "ltr", "spellCheck": "false"}, **more,
    )  # fmt: skip


def search_field(
    name: str, label: Text, *, value: Text | None = None, on_change: Handler | None = None, hint: Text | None = None
) -> rx.Component:
    """Return a search box in its landmark; wire `on_change` with `.debounce(300)`."""
    box = text_field(
        name, label, hint=hint, type="search", value=value, on_change=on_change, autocomplete="off",
        more={"enterKeyHint": "search"},
    )  # fmt: skip
    return rx.el.div(box, custom_attrs={"role": "search"})


def multi_line(
    name: str,
    label: Text,
    *,
    hint: Text | None = None,
    error: Text | None = None,
    value: Text | None = None,
    rows: int = 4,
    on_change: Handler | None = None,
    on_blur: Handler | None = None,
) -> rx.Component:
    """Return a field for several lines that grows with its text; it never cuts off what is typed."""
    box = rx.el.textarea(
        class_name="input",
        custom_attrs=field_attributes(name, hint, error) | attributes(rows=rows, defaultValue=value, dir="auto"),
        **events(on_change=on_change, on_blur=on_blur),
    )
    return field(name, label, hint, error, box)


def date_field(
    name: str,
    legend: Text,
    part_labels: Mapping[DatePart, Text],
    *,
    order: Sequence[DatePart] = ("month", "day", "year"),
    values: Mapping[DatePart, Text] | None = None,
    hint: Text | None = None,
    error: Text | None = None,
    is_birth_date: bool = False,
) -> rx.Component:
    """Return a known date in three fields named `name-day`, `name-month` and `name-year`, in the language's order.

    Month names are accepted where the reader of the form accepts them, so the month has an ordinary keyboard.
    """
    parts = [
        rx.el.label(
            part_labels[part],
            rx.el.input(
                class_name=classes("input", "input-four" if part == "year" else "input-two"),
                custom_attrs=attributes(
                    id=f"{name}-{part}",
                    name=f"{name}-{part}",
                    type="text",
                    inputMode=None if part == "month" else "numeric",
                    autoComplete=f"bday-{part}" if is_birth_date else "off",
                    defaultValue=(values or {}).get(part),
                    **{"aria-invalid": choose(is_said(error), "true", "false")},
                ),
            ),
            custom_attrs={"htmlFor": f"{name}-{part}"},
        )
        for part in order
    ]
    return _group(name, legend, hint, error, rx.el.div(*parts, class_name="date-parts"))


def choice_list(
    name: str,
    legend: Text,
    choices: Rows,
    *,
    chosen: Text | None = None,
    hint: Text | None = None,
    error: Text | None = None,
    on_choose: Handler | None = None,
    legend_is_heading: bool = False,
) -> rx.Component:
    """Return radios as cards, none preselected.

    Each choice is a mapping (or a state's row) with `value` and `label`, and `detail` that may be empty. `on_choose`
    receives the value. With `legend_is_heading` the question is the page's h1.
    """
    cards = each(choices, lambda row: _choice_card(name, row, chosen, on_choose))
    said = rx.el.h1(legend) if legend_is_heading else legend
    return _group(name, said, hint, error, rx.el.div(cards, class_name="choices"))


def check_box(name: Text, label: Text, *, detail: Text | None = None, is_checked: Flag = False) -> rx.Component:
    """Return one yes-or-no card."""
    return rx.el.label(
        SyncedChoice.create(
            is_chosen=is_checked, custom_attrs=attributes(type="checkbox", name=name, id=name, value="yes")
        ),
        _choice_words(label, detail),
        class_name="choice",
    )


def check_boxes(name: str, legend: Text, hint: Text, choices: Rows, prefix: str) -> rx.Component:
    """Return yes-or-no cards for each of several choices, each sent as the prefix, a hyphen and its value."""

    def one(row: Row) -> rx.Component:
        return check_box(rx.Var.create(f"{prefix}-").to(str) + words_of(row, "value"), words_of(row, "label"))

    return rx.el.fieldset(
        rx.el.legend(legend),
        rx.el.span(hint, class_name="hint", custom_attrs={"id": f"{name}-hint"}),
        rx.el.div(each(choices, one), class_name="choices"),
        class_name="field",
        custom_attrs={"id": name, "aria-describedby": f"{name}-hint"},
    )


def segments(
    name: str,
    legend: Text,
    choices: Rows,
    *,
    chosen: Text,
    on_choose: Handler | None = None,
    is_legend_seen: bool = False,
) -> rx.Component:
    """Return two or three short choices side by side; `legend` is heard, and seen where nothing else asks."""

    def one(row: Row) -> rx.Component:
        return rx.el.label(
            radio(name, row, chosen, on_choose, class_name="unseen"), words_of(row, "label"), class_name="segment"
        )

    return rx.el.fieldset(
        rx.el.legend(legend, class_name="" if is_legend_seen else "sr-only"),
        rx.el.div(each(choices, one), class_name="segments"),
        class_name="field",
    )


def _choice_card(name: str, row: Row, chosen: Text | None, on_choose: Handler | None) -> rx.Component:
    detail = row.get("detail") if isinstance(row, Mapping) else words_of(row, "detail")
    return rx.el.label(
        radio(name, row, chosen, on_choose), _choice_words(words_of(row, "label"), detail), class_name="choice"
    )


def radio(
    name: str,
    row: Row,
    chosen: Text | None,
    on_choose: Handler | None,
    *,
    class_name: str = "",
    is_disabled: Flag = False,
) -> rx.Component:
    """Return the bare radio of one choice, for a label around it."""
    value = words_of(row, "value")
    return SyncedChoice.create(
        is_chosen=False if chosen is None else value == chosen,
        moment="" if chosen is None else chosen,
        class_name=class_name,
        custom_attrs=attributes(
            type="radio", name=name, value=value, disabled=None if is_disabled is False else is_disabled
        ),
        **events(on_choose=on_choose),
    )


def _choice_words(label: Text, detail: Text | None) -> rx.Component:
    return rx.el.span(
        rx.el.span(label),
        when_said(detail, lambda text: rx.el.span(text, class_name="hint")),
        class_name="choice-words",
    )


def field(name: str, label: Text, hint: Text | None, error: Text | None, box: rx.Component) -> rx.Component:
    """Return a field around its box, which has the attributes of `field_attributes`."""
    return rx.el.div(
        rx.el.label(label, custom_attrs={"htmlFor": name}),
        *_around(name, hint, error),
        box,
        class_name="field",
        custom_attrs={"data-wrong": choose(is_said(error), "true", "false")},
    )


def _group(name: str, legend: Part, hint: Text | None, error: Text | None, body: rx.Component) -> rx.Component:
    return rx.el.fieldset(
        rx.el.legend(legend),
        *_around(name, hint, error),
        body,
        class_name="field",
        custom_attrs=attributes(
            id=name,
            tabIndex=-1,
            **{
                "data-wrong": choose(is_said(error), "true", "false"),
                "aria-describedby": _described_by(name, hint, error),
            },
        ),
    )


def _around(name: str, hint: Text | None, error: Text | None) -> list[Any]:
    return [
        when_said(hint, lambda text: rx.el.span(text, class_name="hint", custom_attrs={"id": f"{name}-hint"})),
        when_said(error, lambda text: field_error(name, text)),
    ]


def field_error(name: str, text: Text) -> rx.Component:
    """Return the words beside a field that say what is wrong and how to put it right."""
    return rx.el.span(
        icons.critical("icon-small mt-[3px]"),
        rx.el.span(text),
        class_name="error",
        custom_attrs={"id": f"{name}-error"},
    )


def field_attributes(name: str, hint: Text | None, error: Text | None) -> dict[str, Any]:
    """Return what ties a box to its label, its hint and its error."""
    return attributes(
        id=name,
        name=name,
        **{
            "aria-invalid": choose(is_said(error), "true", "false"),
            "aria-describedby": _described_by(name, hint, error),
        },
    )


def _described_by(name: str, hint: Text | None, error: Text | None) -> Text | None:
    """Name the words that belong to a field: only those that are there."""
    hint_id = choose(is_said(hint), f"{name}-hint ", "")
    error_id = choose(is_said(error), f"{name}-error", "")
    if isinstance(hint_id, str) and isinstance(error_id, str):
        return (hint_id + error_id).strip() or None
    joined: Text = rx.Var.create(hint_id).to(str) + rx.Var.create(error_id).to(str)
    return joined


def _beside(box: rx.Component, unit: Text | None) -> rx.Component:
    if unit is None:
        return box
    return rx.el.span(box, rx.el.span(unit, custom_attrs={"aria-hidden": "true"}), class_name="beside")
