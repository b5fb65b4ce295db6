"""Languages: gettext catalogues, the current locale, and how dates, times and numbers are said."""

import gettext as gettext_module
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, format_time, get_timezone_location, get_timezone_name
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_currency, format_decimal

DOMAIN = "portal"
_CODE_BESIDE_DIGIT = re.compile(r"(?<=[A-Za-z])(?=\d)")
"""Where a currency is said by its code, which CLDR wants apart from the number (UTS 35, "alphaNextToNumber")."""
LOCALE_DIR = Path(__file__).parent.parent / "locales"
DEFAULT_LOCALE = "en"
PSEUDO_LOCALE = "xx"


@dataclass(frozen=True, slots=True)
class Language:
    """A shipped language: its code, its name in itself, and the direction it is read in."""

    code: str
    own_name: str
    direction: str
    babel: str


LOCALES: dict[str, Language] = {
    "en": Language("en", "English", "ltr", "en_US"),
    "es": Language("es", "Español", "ltr", "es_US"),
    "ar": Language("ar", "العربية", "rtl", "ar_EG"),
}
"""Every language the portal ships, in the order of the language menu."""

_current: ContextVar[str] = ContextVar("_current", default=DEFAULT_LOCALE)


def N_(message: str) -> str:  # noqa: N802 - gettext's own name
    """Mark a message for the catalogue without translating it now."""
    return message


@cache
def _catalogue(locale: str) -> gettext_module.NullTranslations:
    if locale == PSEUDO_LOCALE:
        return _PseudoTranslations()
    # Read as translators wrote it and compiled in memory: a start writes nothing beside the sources.
    with (LOCALE_DIR / locale / "LC_MESSAGES" / f"{DOMAIN}.po").open("rb") as file:
        catalogue = read_po(file, locale=locale, domain=DOMAIN)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext_module.GNUTranslations(compiled)


class _PseudoTranslations(gettext_module.NullTranslations):
    """Bracket every message, so that text which came from no catalogue stands out."""

    def gettext(self, message: str) -> str:
        return f"⟦{message}⟧"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return f"⟦{msgid1 if n == 1 else msgid2}⟧"

    def pgettext(self, context: str, message: str) -> str:  # noqa: ARG002 - gettext's signature
        return f"⟦{message}⟧"


def _(message: str) -> str:
    """Translate a message into the current language."""
    return _catalogue(_current.get()).gettext(message) if message else ""


def ngettext(singular: str, plural: str, count: int) -> str:
    """Translate a counted message; the caller formats `{count}` into it."""
    return _catalogue(_current.get()).ngettext(singular, plural, count)


def pgettext(context: str, message: str) -> str:
    """Translate a message that needs a context to be told from its double."""
    return _catalogue(_current.get()).pgettext(context, message)


def current() -> str:
    """Return the code of the current language."""
    return _current.get()


def apart(words: str) -> str:
    """Keep words in one piece within a sentence that is written from right to left, "107 mg/dL" before "13" too."""
    return f"\u2068{words}\u2069" if words and direction() == "rtl" else words


def direction(locale: str | None = None) -> str:
    """Return "ltr" or "rtl" for a language, the current one by default."""
    language = LOCALES.get(locale or _current.get())
    return language.direction if language else "ltr"


@contextmanager
def use(locale: str) -> Iterator[None]:
    """Speak one language for the duration of a block; an unknown one becomes the default."""
    token = _current.set(locale if locale in LOCALES or locale == PSEUDO_LOCALE else DEFAULT_LOCALE)
    try:
        yield
    finally:
        _current.reset(token)


def localized_path(locale: str, path: str) -> str:
    """Return the address of a page in a language: `/book` → `/es/book`; the default has no prefix."""
    if locale == DEFAULT_LOCALE:
        return path
    return f"/{locale}{path}" if path != "/" else f"/{locale}"


def locale_of_path(path: str) -> str:
    """Return the language an address belongs to."""
    first = path.lstrip("/").split("/", 1)[0].split("?", 1)[0]
    return first if first in LOCALES and first != DEFAULT_LOCALE else DEFAULT_LOCALE


def path_without_locale(path: str) -> str:
    """Return the address as it is in the default language: `/es/book` → `/book`."""
    locale = locale_of_path(path)
    return path if locale == DEFAULT_LOCALE else path[len(locale) + 1 :] or "/"


def _babel() -> Locale:
    language = LOCALES.get(_current.get(), LOCALES[DEFAULT_LOCALE])
    return Locale.parse(language.babel)


def format_day(day: date) -> str:
    """Say a day as people do: weekday, month and day, and the year only when it is another."""
    pattern = "EEEEMMMMd" if day.year == date.today().year else "yMMMEd"  # noqa: DTZ011 - only decides about the year
    return _skeleton(day, pattern)


def format_short_day(day: date) -> str:
    """Say a day briefly: short weekday, month and day."""
    return _skeleton(day, "MMMEd")


def format_brief_date(day: date) -> str:
    """Say month and day alone: "Dec 1"."""
    return _skeleton(day, "MMMd")


def format_long_date(day: date) -> str:
    """Write a date out with its year, as a birth date is: "May 1, 1964"."""
    return format_date(day, "long", locale=_babel())


def language_list(codes: Iterable[str]) -> str:
    """Name languages in the current one, as a list that can stand alone: "English, Igbo", "Inglés, igbo"."""
    locale = _babel()
    names = [Locale.parse(code, sep="-").get_display_name(locale) or code for code in codes]
    listed = ("، " if locale.language == "ar" else ", ").join(names)
    return listed[:1].upper() + listed[1:]


def _skeleton(day: date, skeleton: str) -> str:
    locale = _babel()
    fallback = {"EEEEMMMMd": "EEEE, MMMM d"}.get(skeleton, "EEE, MMM d")
    pattern = locale.datetime_skeletons.get(skeleton) or _long_pattern(locale, skeleton) or fallback
    return format_date(day, str(pattern), locale=locale)


def _long_pattern(locale: Locale, skeleton: str) -> str | None:
    if skeleton != "EEEEMMMMd":
        return None
    return {"en": "EEEE, MMMM d", "es": "EEEE, d 'de' MMMM", "ar": "EEEE، d MMMM"}.get(locale.language)


def date_order() -> tuple[Literal["day", "month", "year"], ...]:
    """Return in which order the language writes the parts of a date."""
    return ("month", "day", "year") if current() == "en" else ("day", "month", "year")


def format_weekday(day: date, width: str = "wide") -> str:
    """Name the weekday; `width` is wide or abbreviated."""
    return format_date(day, "EEEE" if width == "wide" else "EEE", locale=_babel())


def format_month(day: date) -> str:
    """Name the month that stands alone above a strip of days."""
    return format_date(day, "LLLL", locale=_babel())


def format_month_and_year(day: date) -> str:
    """Name a month of a year, where it stands alone."""
    return format_date(day, "LLLL y", locale=_babel())


def format_clock(moment: datetime, zone: str) -> str:
    """Say the time of day in a zone, as the language writes it, in one piece, so that no line ends within it."""
    return format_time(moment, "short", tzinfo=ZoneInfo(zone), locale=_babel()).replace(" ", "\N{NO-BREAK SPACE}")


def format_moment(moment: datetime, zone: str) -> str:
    """Say weekday, date and time in a zone."""
    local = moment.astimezone(ZoneInfo(zone))
    return _("{day} at {time}").format(day=format_day(local.date()), time=format_clock(moment, zone))


def format_zone(moment: datetime, zone: str) -> str:
    """Name a zone at a moment in words, daylight saving included."""
    return get_timezone_name(moment.astimezone(ZoneInfo(zone)), "long", locale=_babel())


def zone_city(zone: str) -> str:
    """Name the city that stands for a zone, in the current language where it is known."""
    return get_timezone_location(ZoneInfo(zone), locale=_babel(), return_city=True)


def format_number(value: float) -> str:
    """Write a number with the language's separators, in the digits of all our screens (0–9).

    Dates, times and phone numbers stand beside it in those digits; see docs/decisions/0041-digits.md.
    """
    return format_decimal(value, locale=_babel(), numbering_system="latn")


def format_money(amount_minor: int, currency: str, decimals: int) -> str:
    """Write an amount of minor units, of which a unit has so many decimals, in the digits of all our screens (0–9)."""
    amount, pattern = Decimal(amount_minor).scaleb(-decimals), copy(_babel().currency_formats["standard"])
    # The language's own count of decimals rounds away those of a currency that is seldom paid in small coins.
    pattern.frac_prec = (decimals, decimals)
    said = format_currency(amount, currency, pattern, locale=_babel(), currency_digits=False, numbering_system="latn")
    return _CODE_BESIDE_DIGIT.sub("\N{NO-BREAK SPACE}", said)


__all__ = [
    "DEFAULT_LOCALE",
    "LOCALES",
    "N_",
    "PSEUDO_LOCALE",
    "Language",
    "_",
    "current",
    "direction",
    "format_brief_date",
    "format_clock",
    "format_datetime",
    "format_day",
    "format_long_date",
    "format_moment",
    "format_money",
    "format_month",
    "format_month_and_year",
    "format_number",
    "format_short_day",
    "format_weekday",
    "format_zone",
    "language_list",
    "locale_of_path",
    "localized_path",
    "ngettext",
    "path_without_locale",
    "pgettext",
    "use",
    "zone_city",
]
