"""The frames of screens: where the practice's name, the menu, the work, the help and the main action stand.

Every frame has a skip link, landmarks, one main landmark and, in one place, the languages, a person to call and the way
out (`account`), which stands before the help line, so that what comes late in that moves nothing. A page gives its
words, its menu and its content; only what is built is in a menu.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import reflex as rx

from portal_app.components import icons
from portal_app.components.actions import back_button, plain_link
from portal_app.components.kinds import Flag, Handler, Part, Text, attributes, classes, when, when_said
from portal_app.components.native import IS_ELSEWHERE, plain_form


@dataclass(frozen=True, slots=True)
class FrameWords:
    """What frames say themselves, in the language of the page."""

    skip: Text
    """The skip link: "Go to the content"."""
    menu: Text
    """The accessible name of the menu."""
    language: Text
    """The accessible name of the language button; the current language's own name follows it."""
    back: Text = ""
    """The accessible name of the way back."""


@dataclass(frozen=True, slots=True)
class MenuItem:
    """One place of the menu: five at most on a phone."""

    label: Text
    href: Text
    icon: rx.Component
    is_current: bool = False
    count: Text | None = None
    count_name: Text | None = None
    """The count in words for a screen reader: "1 new"."""
    is_shown: Flag = True
    """Whether whoever looks may open it; known once the page answers."""
    is_document: bool = False
    """Whether it is loaded as a document: a page that patients open too knows no routes of the staff."""


@dataclass(frozen=True, slots=True)
class LanguageLink:
    """The same page in a language, named in that language.

    `href` leads to it; where the choice is to be remembered it is the address of a route to post to (`is_posted`),
    since following a link must change nothing.
    """

    code: str
    own_name: str
    href: Text
    direction: str = "ltr"
    is_current: bool = False
    is_posted: bool = False


@dataclass(frozen=True, slots=True)
class Practice:
    """Whose portal this is: the name said everywhere, and its mark (a letter, or an address of a picture)."""

    name: Text
    mark: Text = "S"


def patient_frame(
    *content: Part,
    words: FrameWords,
    practice: Practice,
    home_href: Text,
    menu: Sequence[MenuItem] = (),
    languages: Sequence[LanguageLink] = (),
    notice: rx.Component | None = None,
    help_line: rx.Component | None = None,
    account: rx.Component | None = None,
    acting: rx.Component | None = None,
    is_wide: bool = False,
    theme: Text | None = None,
    direction: str | None = None,
) -> rx.Component:
    """Return a patient's screen: the menu under the thumb, or beside the practice's name on a desk."""
    return _frame(
        "frame-patient",
        words,
        [
            rx.el.header(
                _practice_link(practice, home_href),
                rx.el.div(language_menu(words.language, languages), class_name="bar-end"),
                class_name="bar",
            ),
            *([_tabs(words.menu, menu)] if menu else []),
            _main(content, notice, is_wide=is_wide),
            *_footer(help_line, account),
        ],
        theme,
        direction,
        acting,
    )


def focus_frame(
    title: Text,
    *content: Part,
    words: FrameWords,
    back_href: Text | None = None,
    on_back: Handler | None = None,
    dock: rx.Component | None = None,
    end: rx.Component | None = None,
    languages: Sequence[LanguageLink] = (),
    notice: rx.Component | None = None,
    help_line: rx.Component | None = None,
    account: rx.Component | None = None,
    acting: rx.Component | None = None,
    is_wide: bool = False,
    theme: Text | None = None,
    direction: str | None = None,
) -> rx.Component:
    """Return a screen for one task: way back, title (the page's h1), and the main action docked under the thumb."""
    bar_end = [
        part for part in (end, language_menu(words.language, languages) if languages else None) if part is not None
    ]
    has_way_back = back_href is not None or on_back is not None
    return _frame(
        "frame-focus",
        words,
        [
            rx.el.header(
                *([back_button(words.back, href=back_href, on_click=on_back)] if has_way_back else []),
                rx.el.h1(title, class_name="bar-title"),
                *([rx.el.div(*bar_end, class_name="bar-end")] if bar_end else []),
                class_name="bar",
            ),
            _main(content, notice, is_wide=is_wide),
            *_footer(help_line, account),
            *([_dock(title, dock)] if dock is not None else []),
        ],
        theme,
        direction,
        acting,
    )


def staff_frame(
    *content: Part,
    words: FrameWords,
    practice: Practice,
    home_href: Text,
    menu: Sequence[MenuItem],
    languages: Sequence[LanguageLink] = (),
    account: rx.Component | None = None,
    notice: rx.Component | None = None,
    theme: Text | None = None,
    direction: str | None = None,
) -> rx.Component:
    """Return a staff screen: dense, with a rail from 1024 px on and a bar above the work below that."""
    return _frame(
        "frame-staff",
        words,
        [
            rx.el.header(
                _practice_link(practice, home_href),
                rx.el.div(
                    *([account] if account is not None else []),
                    language_menu(words.language, languages),
                    class_name="bar-end",
                ),
                class_name="bar",
            ),
            rx.el.nav(*(_rail_item(item) for item in menu), class_name="rail", custom_attrs={"aria-label": words.menu}),
            _main(content, notice, is_wide=True),
        ],
        theme,
        direction,
    )


def public_frame(
    *content: Part,
    words: FrameWords,
    practice: Practice,
    home_href: Text,
    languages: Sequence[LanguageLink] = (),
    notice: rx.Component | None = None,
    help_line: rx.Component | None = None,
    account: rx.Component | None = None,
    after: rx.Component | None = None,
    acting: rx.Component | None = None,
    theme: Text | None = None,
    direction: str | None = None,
) -> rx.Component:
    """Return a screen for somebody not signed in: one narrow column, all languages, `after` below it all."""
    return _frame(
        "frame-public",
        words,
        [
            rx.el.header(_practice_link(practice, home_href), class_name="bar"),
            _main([*content, *([_language_row(words.language, languages)] if languages else [])], notice),
            *_footer(help_line, account),
            *([] if after is None else [after]),
        ],
        theme,
        direction,
        acting,
    )


def language_menu(label: Text, languages: Sequence[LanguageLink], *, id: str = "languages") -> Any:
    """Return the language button and its list; links load the page anew, because language and direction are its own."""
    current = next((language for language in languages if language.is_current), None)
    if current is None:
        return rx.fragment()
    return rx.fragment(
        rx.el.button(
            current.code.upper(),
            type="button",
            class_name="round",
            custom_attrs=attributes(popoverTarget=id, **{"aria-label": _after(label, current)}),
        ),
        rx.el.nav(
            *(_language_link(language) for language in languages),
            class_name="popover",
            custom_attrs=attributes(id=id, popover="auto", **{"aria-label": label}),
        ),
    )


def help_line(*parts: Part) -> rx.Component:
    """Return the line that is on every page: the emergency number and a person to call."""
    return rx.el.p(*parts)


def page_title(title: Text, detail: Text | None = None, *, action: rx.Component | None = None) -> rx.Component:
    """Return the page's h1, a line under it, and what can be done with the whole page beside it."""
    words = rx.el.div(rx.el.h1(title), when_said(detail, rx.el.small), class_name="grid grid-cols-1 gap-1")
    if action is None:
        return words
    return rx.el.div(words, action, class_name="flex flex-wrap items-end justify-between gap-3")


def _frame(
    kind: str,
    words: FrameWords,
    parts: Sequence[rx.Component],
    theme: Text | None,
    direction: str | None,
    acting: rx.Component | None = None,
) -> rx.Component:
    return rx.el.div(
        plain_link(words.skip, href="#content", class_name="skip"),
        *([] if acting is None else [acting]),
        *parts,
        class_name=classes("frame", kind),
        custom_attrs=attributes(dir=direction, **{"data-theme": theme}),
    )


def _main(content: Sequence[Part], notice: rx.Component | None, *, is_wide: bool = False) -> rx.Component:
    return rx.el.main(
        *([notice] if notice is not None else []),
        *content,
        class_name=classes("content", "content-wide" if is_wide else None),
        custom_attrs=attributes(id="content", tabIndex=-1),
    )


def _dock(title: Text, dock: rx.Component) -> rx.Component:
    return rx.el.section(
        rx.el.div(dock, class_name="dock-inner"),
        class_name=rx.cond(IS_ELSEWHERE, "dock dock-elsewhere", "dock"),
        custom_attrs=attributes(**{"aria-label": title}),
    )


def _footer(help_line: rx.Component | None, account: rx.Component | None = None) -> list[rx.Component]:
    parts = [part for part in (account, help_line) if part is not None]
    return [rx.el.footer(*parts, class_name="help-line")] if parts else []


def _practice_link(practice: Practice, home_href: Text) -> rx.Component:
    return rx.el.a(
        rx.el.span(practice.mark, class_name="mark mark-practice", custom_attrs={"aria-hidden": "true"}),
        rx.el.span(practice.name),
        href=home_href,
        class_name="bar-name",
    )


def _tabs(label: Text, menu: Sequence[MenuItem]) -> rx.Component:
    return rx.el.nav(
        *(_tab(item) for item in menu), class_name="tabs", custom_attrs=attributes(**{"aria-label": label})
    )


def _tab(item: MenuItem) -> Any:
    def link() -> rx.Component:
        return rx.el.a(
            item.icon,
            rx.el.span(item.label),
            _count(item, "count"),
            href=item.href,
            class_name="tab",
            custom_attrs=attributes(**{"aria-current": "page" if item.is_current else None}),
        )

    return when(item.is_shown, link)


def _rail_item(item: MenuItem) -> Any:
    parts = [item.icon, rx.el.span(item.label), _count(item, "tag")]
    said = attributes(**{"aria-current": "page" if item.is_current else None})

    def link() -> rx.Component:
        if item.is_document:
            return plain_link(*parts, href=item.href, class_name="rail-item", **said)
        return rx.el.a(*parts, href=item.href, class_name="rail-item", custom_attrs=said)

    return when(item.is_shown, link)


def _count(item: MenuItem, class_name: str) -> Any:
    def shown(text: Text) -> rx.Component:
        heard = [rx.el.span(item.count_name, class_name="sr-only")] if item.count_name is not None else []
        seen = rx.el.span(text, custom_attrs={"aria-hidden": "true"} if heard else {})
        return rx.el.span(seen, *heard, class_name=class_name)

    return when_said(item.count, shown)


def _language_link(language: LanguageLink) -> rx.Component:
    parts: list[Part] = [language.own_name, *([icons.check()] if language.is_current else [])]
    said = {"lang": language.code, "dir": language.direction, "aria-current": "true" if language.is_current else None}
    if not language.is_posted:
        return plain_link(*parts, href=language.href, class_name="menu-item", hrefLang=language.code, **said)
    button = rx.el.button(*parts, type="submit", class_name="menu-item", custom_attrs=attributes(**said))
    return plain_form(button, action=str(language.href))


def _language_row(label: Text, languages: Sequence[LanguageLink]) -> rx.Component:
    return rx.el.nav(
        *(_language_link(language) for language in languages),
        class_name="language-row",
        custom_attrs=attributes(**{"aria-label": label}),
    )


def _after(label: Text, language: LanguageLink) -> Text:
    if isinstance(label, str):
        return f"{language.code.upper()}, {label}: {language.own_name}"
    return rx.Var.create(f"{language.code.upper()}, ").to(str) + label.to(str) + f": {language.own_name}"
