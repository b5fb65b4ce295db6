"""Message templates: which words, and which parameters may stand in them.

A message says practice, time, place and a link, never a specialty, a reason or anything else about health, because
mail is read on lock screens and by whoever shares the mailbox. A template therefore declares each parameter and its
kind, and nothing else can be put in.
"""

import html
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Literal
from zoneinfo import ZoneInfo

from portal_app.core.db import Transaction
from portal_app.core.i18n import (
    N_,
    _,
    direction,
    format_moment,
    format_number,
    format_zone,
    localized_path,
    ngettext,
    use,
)
from portal_app.features.notify.errors import UnknownTemplate, UnsafeParameter


class Kind(StrEnum):
    """The form of a parameter. All travel as text."""

    words = "words"
    """A name of a practice or a place, an address, a telephone number: one line, at most 200 characters."""
    number = "number"
    """How many of something: up to three digits."""
    code = "code"
    """Digits to type in."""
    moment = "moment"
    """An aware ISO time, a space, and an IANA zone in which it is said: see `moment_parameter`."""
    minutes = "minutes"
    """A number of minutes; the words come with the language of the message."""
    path = "path"
    """An address of this portal without its origin, such as /appointments."""


_FORMS: Final[Mapping[Kind, re.Pattern[str]]] = {
    Kind.words: re.compile(r"[^\x00-\x1f\x7f\u2028\u2029\u202a-\u202e\u2066-\u2069]{1,200}"),
    Kind.number: re.compile(r"[0-9]{1,3}"),
    Kind.code: re.compile(r"[0-9]{4,10}"),
    Kind.moment: re.compile(r"[0-9T:.+-]{19,40} [A-Za-z0-9_+/-]{2,64}"),
    Kind.minutes: re.compile(r"[0-9]{1,3}"),
    Kind.path: re.compile(r"/(?!/)[A-Za-z0-9/_?=&.-]{0,200}"),
}


@dataclass(frozen=True, slots=True)
class Template:
    """A message in msgids. `{name}` in them stands for a parameter.

    `lines` are paragraphs in order; a line whose parameter was not given is left out. `button` labels the link to
    the `path` parameter. `code` parameters are shown large. After `life` the message is no use and is not sent.
    `text` says the same in one line for a telephone; without it the message goes by mail only. `about` names the kind
    of message for which people choose the way. `push` is what a notification says, which says no more than that there
    is something.
    """

    name: str
    subject: str
    lines: tuple[str, ...]
    parameters: Mapping[str, Kind]
    button: str = ""
    life: timedelta | None = None
    text: str = ""
    about: Literal["", "reminder", "offer"] = ""
    push: str = N_("Something new in your portal")


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message in one language."""

    subject: str
    text: str
    html: str


Check = Callable[[Transaction, str], Awaitable[bool]]
"""Tells, by a message's key and just before it is sent, whether it is still true."""

_templates: dict[str, Template] = {}
_checks: dict[str, Check] = {}


def check_before_sending(template: Template, check: Check) -> None:
    """Have every message of a template asked about just before it is sent; what is not true any more is not sent."""
    _checks[template.name] = check


async def is_still_true(tx: Transaction, template: str, dedupe_key: str) -> bool:
    """Tell whether a message that waits may still be sent."""
    check = _checks.get(template)
    return check is None or await check(tx, dedupe_key)


def register_template(template: Template) -> Template:
    """Add a template; its name is `<feature>_<what>`. Raises ValueError when the name is taken by another."""
    if _templates.setdefault(template.name, template) != template:
        raise ValueError(f"message template {template.name} is registered twice")
    return template


def get_template(name: str) -> Template:
    """Return a template by name. Raises UnknownTemplate."""
    try:
        return _templates[name]
    except KeyError:
        raise UnknownTemplate(name) from None


def all_templates() -> tuple[Template, ...]:
    """Return every registered template, by name."""
    return tuple(_templates[name] for name in sorted(_templates))


def moment_parameter(moment: datetime, zone: str) -> str:
    """Write an aware time and the zone to say it in, as a `moment` parameter holds them."""
    return f"{moment.astimezone(ZoneInfo('UTC')).isoformat()} {zone}"


def check_parameters(template: Template, params: Mapping[str, str]) -> None:
    """Raise UnsafeParameter unless each parameter is declared and has the form of its kind."""
    for name, value in params.items():
        kind = template.parameters.get(name)
        if kind is None or not _FORMS[kind].fullmatch(value):
            raise UnsafeParameter(f"{template.name}: {name}")


def is_path(written: str) -> bool:
    """Tell whether this may stand in a message as an address of this portal."""
    return _FORMS[Kind.path].fullmatch(written) is not None


def render(template: Template, params: Mapping[str, str], locale: str, origin: str) -> Rendered:
    """Say a message in a language. `origin` is the portal's own, for the link."""
    with use(locale):
        said = {name: _say(template.parameters[name], value, locale, origin) for name, value in params.items()}
        lines = [_(line) for line in template.lines if _has_all(line, said)]
        link = next((said[n] for n, kind in template.parameters.items() if kind is Kind.path and n in said), "")
        text = [line.format(**said) for line in lines]
        if link:
            text.append(f"{_(template.button)}: {link}" if template.button else link)
        subject = _(template.subject).format(**said)
        return Rendered(subject, "\n\n".join(text) + "\n", _html(template, subject, lines, said, link, locale))


def render_text(template: Template, params: Mapping[str, str], locale: str, origin: str) -> str:
    """Say a message as a text message, in a language.

    Raises:
        UnsafeParameter: if the template has no words for a telephone.
    """
    if not template.text:
        raise UnsafeParameter(f"{template.name} is not a text message")
    with use(locale):
        said = {name: _say(template.parameters[name], value, locale, origin) for name, value in params.items()}
        return _(template.text).format(**said)


def render_push(template: Template, params: Mapping[str, str], locale: str) -> tuple[str, str]:
    """Say a message as the title and the line of a notification, in a language: who it is from, and nothing of it."""
    with use(locale):
        return params.get("practice", "Sala"), _(template.push)


_ABOUT: Final = re.compile(r"\?(about|attempt|id)=[0-9a-f-]{36}$")
"""How an address says what it is about; whoever opens it signs in all the same."""


def push_path(params: Mapping[str, str], page: str, locale: str) -> str:
    """Return where a notification leads: the page of the very thing, and never a link that lets anybody in."""
    link = params.get("link", "/")
    return localized_path(locale, page or (link if "?" not in link or _ABOUT.search(link) else "/"))


def _say(kind: Kind, value: str, locale: str, origin: str) -> str:
    if kind is Kind.moment:
        written, zone = value.split(" ")
        moment = datetime.fromisoformat(written)
        return f"{format_moment(moment, zone)} ({format_zone(moment, zone)})"
    if kind is Kind.minutes:
        return ngettext("{count} minute", "{count} minutes", int(value)).format(count=format_number(int(value)))
    return origin + localized_path(locale, value) if kind is Kind.path else value


def _has_all(line: str, said: Mapping[str, str]) -> bool:
    return set(re.findall(r"\{(\w+)\}", line)) <= said.keys()


_PAGE: Final = """<!doctype html>
<html lang="{locale}" dir="{direction}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{subject}</title></head>
<body style="margin:0;padding:24px;background:#fbfaf7;color:#1b2a2f;font:18px/1.5 system-ui,sans-serif">
<div style="max-width:34em;margin:0 auto">
{body}
</div>
</body>
</html>
"""
_CODE: Final = '<strong dir="ltr" style="font-size:32px;letter-spacing:4px">{}</strong>'
_BUTTON: Final = (
    '<p><a href="{}" style="display:inline-block;padding:12px 24px;border-radius:8px;background:#0b6b62;'
    'color:#ffffff;text-decoration:none">{}</a></p>'
)


def _html(template: Template, subject: str, lines: list[str], said: Mapping[str, str], link: str, locale: str) -> str:
    # Each value is isolated (<bdi>): a Latin street in an Arabic sentence must not pull the words around it.
    marked = {
        name: (_CODE if template.parameters[name] is Kind.code else "<bdi>{}</bdi>").format(html.escape(value))
        for name, value in said.items()
    }
    body = [f"<p>{html.escape(line).format(**marked)}</p>" for line in lines]
    if link:
        body.append(_BUTTON.format(html.escape(link), html.escape(_(template.button) or link)))
    return _PAGE.format(
        locale=html.escape(locale), direction=direction(), subject=html.escape(subject), body="\n".join(body)
    )


SIGN_IN_CODE = register_template(
    Template(
        "sign_in_code",
        N_("Your sign-in code"),
        (
            N_("Your code is {code}"),
            N_("It works once, for ten minutes, in the browser where you asked for it."),
            N_("If you did not ask for a code, you need do nothing: nobody can sign in without it."),
            N_("We will never ask you for this code by phone or by message."),
        ),
        {"code": Kind.code},
        life=timedelta(minutes=10),
    )
)

PUSH_TEST = register_template(
    Template(
        "notify_push_test",
        N_("A notification to try"),
        (),
        {"practice": Kind.words, "link": Kind.path},
        life=timedelta(minutes=10),
        push=N_("This is the notification you asked for. It works."),
    )
)

_APPOINTMENT: Final = {
    "practice": Kind.words,
    "place": Kind.words,
    "phone": Kind.words,
    "starts": Kind.moment,
    "link": Kind.path,
}

APPOINTMENT_BOOKED = register_template(
    Template(
        "appointment_booked",
        N_("Your appointment at {practice}"),
        (
            N_("Your appointment at {practice} is booked."),
            N_("When: {starts}"),
            N_("Where: {place}"),
            N_("Questions? Call {phone}."),
        ),
        _APPOINTMENT,
        N_("See, move or cancel it"),
    )
)

APPOINTMENT_CANCELLED = register_template(
    Template(
        "appointment_cancelled",
        N_("Your appointment at {practice} is cancelled"),
        (
            N_("Your appointment at {practice} on {starts} is cancelled. You need do nothing more."),
            N_("Questions? Call {phone}."),
        ),
        _APPOINTMENT,
        N_("Book another time"),
    )
)

APPOINTMENT_REMINDER = register_template(
    Template(
        "appointment_reminder",
        N_("Reminder: your appointment at {practice}"),
        (
            N_("You have an appointment at {practice}."),
            N_("When: {starts}"),
            N_("Where: {place}"),
            N_("Cannot come? Tell us as early as you can, so that somebody else can have the time."),
            N_("The button shows this one appointment, without signing in. Do not pass this e-mail on."),
            N_("Questions? Call {phone}."),
        ),
        _APPOINTMENT,
        N_("Confirm or cancel"),
        life=timedelta(hours=12),
        text=N_("{practice}: your appointment is on {starts}. Confirm or cancel it: {link}"),
        about="reminder",
    )
)
