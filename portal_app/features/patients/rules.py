"""What somebody who looks for a chart has typed: names, a birth date, a telephone number, in any order and script."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

QUERY_MAX = 120
"""The longest query, in characters."""

FOUND_MAX = 20
"""How many charts one search shows; whoever sees that there are more types more."""

TAIL_DIGITS = 7
"""How many of its last digits a telephone number is found by without its area code."""

FIRST_BIRTH_YEAR = 1890

_MONTHS = {
    1: "january jan enero ene يناير كانون الثاني", 2: "february feb febrero فبراير شباط",
    3: "march mar marzo مارس آذار", 4: "april apr abril abr أبريل ابريل نيسان", 5: "may mayo مايو أيار",
    6: "june jun junio يونيو حزيران", 7: "july jul julio يوليو تموز", 8: "august aug agosto ago أغسطس اغسطس آب",
    9: "september sep sept septiembre setiembre set سبتمبر أيلول", 10: "october oct octubre أكتوبر اكتوبر تشرين الأول",
    11: "november nov noviembre نوفمبر تشرين الثاني", 12: "december dec diciembre dic ديسمبر كانون الأول",
}  # fmt: skip
_TWO_WORDS = {"كانون الثاني": 1, "كانون الأول": 12, "تشرين الأول": 10, "تشرين الثاني": 11}
_MONTH_OF = {
    word: number
    for number, words in _MONTHS.items()
    for word in words.split()
    if word not in ("كانون", "الثاني", "الأول", "تشرين")
} | _TWO_WORDS
_MONTH = "|".join(sorted(map(re.escape, _MONTH_OF), key=len, reverse=True))
_DATES = (
    re.compile(r"(?<!\d)(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})(?!\d)"),
    re.compile(r"(?<!\d)(?P<a>\d{1,2})[-/. ](?P<b>\d{1,2})[-/. ](?P<y>\d{4}|\d{2})(?![\d-])"),
    re.compile(r"(?<!\d)(?P<eight>\d{8})(?!\d)"),
    re.compile(
        rf"(?<!\d)(?P<d>\d{{1,2}})(?:st|nd|rd|th|º)?\s*(?:de |of )?\s*(?P<word>{_MONTH})\.?,?\s*(?:de |del )?"
        r"(?P<y>\d{4}|\d{2})(?!\d)"
    ),
    re.compile(rf"(?<!\w)(?P<word>{_MONTH})\.?\s*(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<y>\d{{4}}|\d{{2}})(?!\d)"),
)
_PHONE = re.compile(r"\+?\(?\d[\d\s().\-/]{4,}\d")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a query asks for. `birth_dates` are the days a date could mean (5/1: May or January)."""

    names: str
    birth_dates: tuple[date, ...]
    phone: str

    @property
    def is_enough(self) -> bool:
        """Tell whether there is something to look for: a letter alone is not."""
        letters = [character for character in self.names if character.isalpha()]
        is_ideograph = any(ord(character) > 0x2E7F for character in letters)
        return bool(self.birth_dates or self.phone) or len(letters) >= (1 if is_ideograph else 2)


def asked(query: str, today: date) -> Asked:
    """Read a query. Digits may be of any script; a date is taken out before a telephone number is."""
    text = _plain(query)[:QUERY_MAX]
    birth_dates: tuple[date, ...] = ()
    for pattern in _DATES:
        found = pattern.search(text)
        if found and (days := tuple(sorted(set(_days(found.groupdict(), today))))):
            birth_dates, text = days, f"{text[: found.start()]} {text[found.end() :]}"
            break
    phone = ""
    if found := _PHONE.search(text):
        phone, text = found[0], f"{text[: found.start()]} {text[found.end() :]}"
    return Asked(" ".join(text.split()), birth_dates, phone)


def birth_date(day: str, month: str, year: str, today: date) -> date | None:
    """Return the date of three fields, the month as a number or a word, or None if there was no such day yet."""
    said = _plain(month).strip().rstrip(".")
    number = _MONTH_OF.get(said) or (int(said) if said.isascii() and said.isdigit() and len(said) <= 2 else 0)
    try:
        found = date(int(_plain(year)), number, int(_plain(day)))
    except ValueError:
        return None
    return found if found.year >= FIRST_BIRTH_YEAR and found <= today else None


def phone_digits(number: str) -> str:
    """Return the ASCII digits of a telephone number."""
    return "".join(character for character in _plain(number) if character.isascii() and character.isdigit())


def _plain(text: str) -> str:
    """Return text in small letters with ASCII digits, without marks of direction."""
    folded = unicodedata.normalize("NFC", text).casefold()
    kept = (character for character in folded if unicodedata.category(character) != "Cf")
    return "".join(str(unicodedata.decimal(one)) if one.isdecimal() else one for one in kept)


def _days(said: dict[str, str | None], today: date) -> Iterator[date]:
    for year, month, day in _readings(said):
        try:
            found = date(year, month, day)
        except ValueError:
            continue
        if found.year >= FIRST_BIRTH_YEAR and found <= today:
            yield found


def _readings(said: dict[str, str | None]) -> Iterator[tuple[int, int, int]]:
    if eight := said.get("eight"):
        yield int(eight[:4]), int(eight[4:6]), int(eight[6:])
        said = {"a": eight[:2], "b": eight[2:4], "y": eight[4:]}
    years = _years(said["y"] or "")
    for year in years:
        if said.get("a"):
            first, second = int(said["a"] or 0), int(said["b"] or 0)
            yield year, first, second
            yield year, second, first
        else:
            month = _MONTH_OF[said["word"] or ""] if said.get("word") else int(said["m"] or 0)
            yield year, month, int(said["d"] or 0)


def _years(said: str) -> tuple[int, ...]:
    return (int(said),) if len(said) == 4 else (1900 + int(said), 2000 + int(said))
