"""The gettext catalogues: collect what the sources say, hand it to translators, and check what comes back.

There is no compiling: the portal reads the translators' files as they are.
"""

import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from portal_app.core.i18n import DEFAULT_LOCALE, DOMAIN, LOCALE_DIR, LOCALES
from portal_app.operations.places import CHECKOUT

_KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "N_": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
}
_TEMPLATE = LOCALE_DIR / f"{DOMAIN}.pot"


def po_path(locale: str) -> Path:
    """Return where the translators' file of a language lies."""
    return LOCALE_DIR / locale / "LC_MESSAGES" / f"{DOMAIN}.po"


def extract(sources: Path = CHECKOUT / "portal_app") -> Catalog:
    """Return every message of the sources with its places and the notes written for translators ("Translators:")."""
    catalog = Catalog(domain=DOMAIN, project="Sala", charset="utf-8", creation_date=None)
    found = extract_from_dir(sources, [("**.py", "python")], keywords=_KEYWORDS, comment_tags=("Translators:",))
    for filename, _line, message, comments, context in found:
        # Without line numbers a catalogue changes only when a message does.
        catalog.add(message, locations=[(f"portal_app/{filename}", 0)], auto_comments=comments, context=context)
    return catalog


def read(locale: str) -> Catalog:
    """Return the translators' file of a language, an empty catalogue when there is none yet."""
    path = po_path(locale)
    if not path.exists():
        return Catalog(locale=locale, domain=DOMAIN, project="Sala", charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=locale, domain=DOMAIN)


def update() -> None:
    """Bring the files of all languages up to date with the sources; what changed is marked fuzzy, nothing is lost."""
    for locale in LOCALES:
        catalog = read(locale)
        template = extract()  # anew for each, since the catalogue takes the template's messages for its own
        catalog.update(template, update_header_comment=False, no_fuzzy_matching=locale == DEFAULT_LOCALE)
        if locale == DEFAULT_LOCALE:
            _say_as_written(catalog)
        path = po_path(locale)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_as_po(catalog))
        print(f"{locale}: {len(catalog)} messages, {_waiting(catalog)} to translate")


def _waiting(catalog: Catalog) -> int:
    return sum(bool(message.id) and (message.fuzzy or not _is_translated(message)) for message in catalog)


def _say_as_written(catalog: Catalog) -> None:
    """Fill what the sources' own language lacks with the sources' words; a practice may reword them."""
    for message in catalog:
        if message.id and (message.fuzzy or not _is_translated(message)):
            message.string = message.id
            message.flags.discard("fuzzy")


def _as_po(catalog: Catalog) -> bytes:
    out = io.BytesIO()
    write_po(out, catalog, width=110, no_location=False, omit_header=False, sort_output=True, include_lineno=False)
    # The creation date would change at every run and say nothing.
    return b"".join(line for line in out.getvalue().splitlines(keepends=True) if b"-Creation-Date" not in line)


def problems() -> list[str]:
    """Return what a reader would notice: messages missing, fuzzy, left over, or with other placeholders."""
    template = extract()
    return [problem for locale in LOCALES for problem in _problems_of(locale, template)]


def _problems_of(locale: str, template: Catalog) -> Iterator[str]:
    catalog = read(locale)
    for wanted in template:
        if not wanted.id:
            continue
        found = catalog.get(wanted.id, wanted.context)
        if found is None or not _is_translated(found):
            yield f"{locale}: not translated: {_name(wanted)}"
        elif locale != DEFAULT_LOCALE and _is_copied(found):
            yield f"{locale}: copied, not translated: {_name(wanted)}"
        elif found.fuzzy:
            yield f"{locale}: fuzzy: {_name(wanted)}"
        elif not _keeps_placeholders(found):
            yield f"{locale}: other placeholders: {_name(wanted)}"
    for extra in catalog:
        if extra.id and template.get(extra.id, extra.context) is None:
            yield f"{locale}: no longer in the sources: {_name(extra)}"


def _is_translated(message: Message) -> bool:
    forms = message.string if isinstance(message.string, (list, tuple)) else (message.string,)
    return all(forms)


def _keeps_placeholders(message: Message) -> bool:
    """Tell whether every form fills in what the sources give; a counted form may say its number in words."""
    sources = message.id if isinstance(message.id, (list, tuple)) else (message.id,)
    given = {name for source in sources for name in _placeholders(source)}
    forms = message.string if isinstance(message.string, (list, tuple)) else (message.string,)
    optional = {"count"} if len(sources) > 1 else set()
    return all(given - optional <= _placeholders(form or "") <= given for form in forms)


def _placeholders(text: str) -> set[str]:
    return set(re.findall(r"\{(\w*)\}", text))


def _is_copied(message: Message) -> bool:
    """Tell whether a sentence was left as it is in the sources; a single word may be the same in two languages."""
    words = re.findall(r"[^\W\d_]{2,}", re.sub(r"\{.*?\}", "", _name(message)))
    return len(words) > 1 and message.string in (message.id, list(message.id))


def _name(message: Message) -> str:
    return str(message.id if isinstance(message.id, str) else message.id[0])[:80]


def main(action: str) -> int:
    """Run `./portal i18n ACTION`: extract, update or check."""
    if action == "extract":
        LOCALE_DIR.mkdir(exist_ok=True)
        _TEMPLATE.write_bytes(_as_po(extract()))
        print(f"Written: {_TEMPLATE}")
    elif action == "update":
        update()
    else:
        found = problems()
        print("\n".join(found) or "Every message is translated.", file=sys.stderr if found else sys.stdout)
        return 1 if found else 0
    return 0
