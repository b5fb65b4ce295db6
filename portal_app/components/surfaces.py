"""What content stands on: cards, rows, tiles, tags, banners, meters, facts, and panes beside each other."""

from collections.abc import Mapping, Sequence
from typing import Any

import reflex as rx

from portal_app.components import icons
from portal_app.components.kinds import (
    Handler,
    Part,
    Row,
    Rows,
    Text,
    Tone,
    attributes,
    classes,
    each,
    when_said,
    words_of,
)

TONE_CLASS: dict[Tone, str | None] = {
    "info": None,
    "good": "tone-good",
    "caution": "tone-caution",
    "critical": "tone-critical",
    "plain": "tag-plain",
}
"""The class of each tone, None for the common one."""
_TONE_ICON = {
    "info": icons.info,
    "good": icons.check,
    "caution": icons.caution,
    "critical": icons.critical,
    "plain": icons.info,
}


def card(*parts: Part, is_first: bool = False, class_name: str = "") -> rx.Component:
    """Return a card; `is_first` marks the one thing of the page that matters most now."""
    return rx.el.section(*parts, class_name=classes("card", "card-first" if is_first else None, class_name))


def section(title: Text, *parts: Part, class_name: str = "") -> rx.Component:
    """Return a titled part of a page."""
    return rx.el.section(rx.el.h2(title), *parts, class_name=classes("grid grid-cols-1 gap-3", class_name))


def rows(items: Sequence[rx.Component] | rx.Component) -> rx.Component:
    """Return a list of rows on one card: built `row`s, or one `rx.foreach` that draws `row_item`s."""
    inner = [rx.el.li(item) for item in items] if isinstance(items, Sequence) else [items]
    return rx.el.ul(*inner, class_name="rows", custom_attrs={"role": "list"})


def row(
    title: Text,
    detail: Text | None = None,
    *,
    href: Text | None = None,
    on_click: Handler | None = None,
    icon: rx.Component | None = None,
    tone: Tone = "info",
    end: rx.Component | None = None,
    accessible_name: Text | None = None,
) -> rx.Component:
    """Return one row; with `href` or `on_click` the whole row is the target."""
    content: list[Part] = []
    if icon is not None:
        content.append(rx.el.span(icon, class_name=classes("mark", TONE_CLASS[tone])))
    words = rx.el.span(rx.el.b(title), when_said(detail, rx.el.small), class_name="row-words")
    content.append(words if end is None else rx.el.span(words, end, class_name="row-middle"))
    named = attributes(**{"aria-label": accessible_name})
    if href is not None:
        return rx.el.a(*content, icons.onward("row-end"), href=href, class_name="row", custom_attrs=named)
    if on_click is not None:
        return rx.el.button(
            *content, icons.onward("row-end"), type="button", on_click=on_click, class_name="row", custom_attrs=named
        )
    return rx.el.div(*content, class_name="row")


def row_item(*parts: Part) -> rx.Component:
    """Return the list item around a row, for rows drawn by `rx.foreach`."""
    return rx.el.li(*parts)


def tiles(items: Sequence[rx.Component]) -> rx.Component:
    """Return a grid of tiles, two beside each other on a phone, one when the text is very large."""
    return rx.el.ul(*(rx.el.li(item) for item in items), class_name="tiles", custom_attrs={"role": "list"})


def tile(label: Text, href: Text, icon: rx.Component) -> rx.Component:
    """Return a main task as a tile."""
    return rx.el.a(icon, rx.el.span(label), href=href, class_name="tile")


def tag(text: Text, tone: Tone = "info", *, icon: rx.Component | None = None) -> rx.Component:
    """Return a short fact in a pill; red worries people, so `critical` is for harm only."""
    parts = [text] if icon is None else [icon, text]
    return rx.el.span(*parts, class_name=classes("tag", TONE_CLASS[tone]))


def tag_by(tone: rx.Var[Any], text: Text) -> rx.Component:
    """Return a tag whose tone the state decides: one of the words of `Tone`."""
    names = {name: TONE_CLASS[name] or "" for name in TONE_CLASS}
    chosen = rx.match(tone, *((name, class_name) for name, class_name in names.items()), "")
    return rx.el.span(text, class_name=["tag", chosen])


def banner(
    title: Text, *parts: Part, tone: Tone = "info", is_announced: bool = False, action: rx.Component | None = None
) -> rx.Component:
    """Return a banner; `is_announced` makes it a live region for news that arrives while the page is open."""
    role = None if not is_announced else ("alert" if tone == "critical" else "status")
    return rx.el.div(
        _TONE_ICON[tone]("mt-[2px]"),
        rx.el.div(rx.el.strong(title), *parts, *([action] if action is not None else []), class_name="banner-words"),
        class_name=classes("banner", TONE_CLASS[tone]),
        custom_attrs=attributes(role=role),
    )


def meter(text: Text, done: int | rx.Var[Any], total: int | rx.Var[Any]) -> rx.Component:
    """Return how much of something is done, as a bar and in words."""
    return rx.el.div(
        rx.el.progress(value=done, max=total, custom_attrs={"aria-label": text}), rx.el.small(text), class_name="meter"
    )


def avatar(initials: Text, photo: Text | None = None) -> Any:
    """Return a person's picture, or their initials, in a circle; their name stands beside it."""
    letters = rx.el.span(initials, class_name="avatar", custom_attrs={"aria-hidden": "true"})
    if photo is None:
        return letters
    picture = rx.el.img(src=photo, alt="", class_name="avatar", custom_attrs={"width": "56", "height": "56"})
    return rx.cond(photo != "", picture, letters)


def person_line(
    name: Text,
    detail: Text | None,
    initials: Text,
    *,
    end: rx.Component | None = None,
    photo: Text | None = None,
) -> rx.Component:
    """Return who somebody is: picture (an address) or initials, name as a heading, one line about them."""
    return rx.el.div(
        avatar(initials, photo),
        rx.el.div(rx.el.h2(name), when_said(detail, rx.el.small), class_name="row-words"),
        *([end] if end is not None else []),
        class_name="flex items-center gap-3",
    )


def facts(items: Sequence[tuple[Text, Part]] | Rows) -> rx.Component:
    """Return terms and what they are here: pairs, or a state's rows with `term` and `fact`.

    A row may say in which language its fact is (`lang`), where that can be another than the page's.
    """
    if isinstance(items, rx.Var):
        return rx.el.dl(each(items, _fact), class_name="facts")
    pairs = [_pair(item) for item in items]
    return rx.el.dl(*(part for pair in pairs for part in pair), class_name="facts")


def _fact(row: Row) -> rx.Component:
    # Isolated: an address or a name may be in another script than the page.
    said = rx.el.bdi(words_of(row, "fact"), lang=words_of(row, "lang"))
    return rx.fragment(rx.el.dt(words_of(row, "term")), rx.el.dd(said))


def _pair(item: tuple[Text, Part] | Mapping[str, Any]) -> tuple[rx.Component, rx.Component]:
    term, fact = (item["term"], item["fact"]) if isinstance(item, Mapping) else item
    return rx.el.dt(term), rx.el.dd(fact)


def panes(first: rx.Component, second: rx.Component) -> rx.Component:
    """Return two parts one below the other on a phone, beside each other on a tablet; for `is_wide` frames."""
    return rx.el.div(first, second, class_name="panes")


def stack(*parts: Part, class_name: str = "") -> rx.Component:
    """Return parts one below the other at the distance of a page's sections."""
    return rx.el.div(*parts, class_name=classes("grid grid-cols-1 gap-6 content-start", class_name))
