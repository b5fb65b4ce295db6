"""The front desk: finding people by name in any script, rooms, blocked times, running late, registrations."""

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

SCRIPTS = Path(__file__).parent.parent / "sql"

_LATIN = {"ß": "ss", "æ": "ae", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ł": "l", "ı": "i", "ħ": "h", "œ": "oe",
          "ə": "e", "ŋ": "n", "ʻ": "", "ʼ": "", "’": "", "‘": "", "'": "", "`": ""}  # fmt: skip


def _pairs(letters: str, sounds: str) -> dict[str, str]:
    return {letter: sound.strip(".") for letter, sound in zip(letters, sounds.split(), strict=True)}


_CYRILLIC = _pairs(
    "абвгдежзиклмнопрстуфхцчшщъыьэюяіїєґђѕјљњћџ",
    "a b v g d e zh z i k l m n o p r s t u f kh ts ch sh shch . y . e yu ya i i e g dj dz j lj nj c dz",
)
_GREEK = _pairs("αβγδεζηθικλμνξοπρστυφχψως", "a v g d e z i th i k l m n x o p r s t y f ch ps o s")
_ARABIC = _pairs(
    "ابتثجحخدذرزسشصضطظعغفقكلمنهويىةءپچژگکی",
    "a b t th j h kh d dh r z s sh s d t z a gh f q k l m n h w y a h . p ch zh g k y",
)
_HEBREW = _pairs("אבגדהוזחטיכלמנסעפצקרשתךםןףץ", "a b g d h v z kh t y k l m n s a p ts k r sh t k m n p ts")
_KNOWN = _LATIN | _CYRILLIC | _GREEK | _ARABIC | _HEBREW
_SPELLED = re.compile(
    r"(?:(?:DEVANAGARI|BENGALI|GURMUKHI|GUJARATI|TAMIL|TELUGU|KANNADA|MALAYALAM|HIRAGANA|KATAKANA) LETTER(?: SMALL)?"
    r"|ETHIOPIC SYLLABLE) ([A-Z]+)"
)


def letters() -> Iterator[tuple[str, str]]:
    """Yield each letter that is not plain ASCII, after NFKD, with how it is written in small Latin letters.

    Marks become nothing. Scripts whose letters Unicode names by their sound are read from those names. What is not
    here (Han, for one) stands for itself.
    """
    yield from _jamo()
    for letter in map(chr, range(0x21, 0x10000)):
        small = letter.lower()
        base = unicodedata.normalize("NFKD", small)[:1]
        if (sound := _KNOWN.get(small)) is not None:
            yield letter, sound
        elif unicodedata.category(letter) in ("Mn", "Mc", "Me", "Cf"):
            yield letter, ""
        elif spelled := _SPELLED.fullmatch(unicodedata.name(letter, "")):
            yield letter, spelled[1].lower()
        elif ord(letter) >= 0x80 and small != letter and len(small) == 1:
            yield letter, _KNOWN.get(base, base)


def _jamo() -> Iterator[tuple[str, str]]:
    """Yield the parts Korean syllables are taken apart into, spelled as in the names of the syllables."""

    def spelled(initial: int, vowel: int, final: int) -> str:
        return unicodedata.name(chr(0xAC00 + (initial * 21 + vowel) * 28 + final)).rsplit(" ", 1)[1].lower()

    yield from ((chr(0x1100 + n), spelled(n, 0, 0).removesuffix("a")) for n in range(19))
    yield from ((chr(0x1161 + n), spelled(11, n, 0)) for n in range(21))
    yield from ((chr(0x11A7 + n), spelled(11, 0, n).removeprefix("a")) for n in range(1, 28))


def upgrade() -> None:
    """Create the tables, the functions that fold names, and what keeps the words of each chart."""
    op.execute((SCRIPTS / "desk-finding.sql").read_text())
    connection = op.get_bind()
    connection.exec_driver_sql(
        "insert into name_letter (letter, latin) select * from unnest(%(letters)s::text[], %(latin)s::text[])",
        dict(zip(("letters", "latin"), map(list, zip(*letters(), strict=True)), strict=True)),
    )
    for name in ("desk-policies.sql", "desk-day.sql"):
        op.execute((SCRIPTS / name).read_text())
    op.execute("call allow_maintenance()")
    op.execute("""
    select set_config('portal.maintenance', '0010', true);
    insert into patient_word (patient_id, word, confidentiality)
      select c.id, w.word, c.confidentiality from patient c
      cross join lateral patient_words(c.family_name, c.given_name, c.birth_date, c.phone_keys) w (word);
    select set_config('portal.maintenance', '', true);
    """)


def downgrade() -> None:
    """Drop all of it."""
    op.execute((SCRIPTS / "desk-down.sql").read_text())
