"""The catalogues: nothing untranslated, nothing left over, and every message of the sources found."""

import functools
from pathlib import Path

import pytest

from portal_app.operations import catalogues

SOURCE = """
from portal_app.core.i18n import N_, _, ngettext, pgettext
TITLE = N_("Your visits")
def say(count):
    # Translators: the button under the list of times
    return _("Book {time}"), ngettext("{count} visit", "{count} visits", count), pgettext("verb", "Book")
"""


@pytest.fixture
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(catalogues, "LOCALE_DIR", tmp_path / "locales")
    folder = tmp_path / "portal_app"
    folder.mkdir()
    (folder / "page.py").write_text(SOURCE)
    monkeypatch.setattr(catalogues, "extract", functools.partial(catalogues.extract, folder))
    return folder


def translate(locale: str, change: dict[str, str]) -> None:
    path = catalogues.po_path(locale)
    text = path.read_text()
    for message, translation in change.items():
        text = text.replace(f'msgid "{message}"\nmsgstr ""', f'msgid "{message}"\nmsgstr "{translation}"')
    path.write_text(text)


def test_every_way_of_marking_a_message_is_found(sources: Path) -> None:
    found = {(message.context, str(message.id)) for message in catalogues.extract() if message.id}
    assert found == {
        (None, "Your visits"),
        (None, "Book {time}"),
        (None, "('{count} visit', '{count} visits')"),
        ("verb", "Book"),
    }


def test_notes_for_translators_are_kept(sources: Path) -> None:
    catalogues.update()
    assert "the button under the list of times" in catalogues.po_path("es").read_text()


def test_the_sources_own_language_is_complete_at_once(sources: Path) -> None:
    catalogues.update()
    assert [problem for problem in catalogues.problems() if problem.startswith("en")] == []


def test_a_missing_translation_is_a_problem_until_it_is_there(sources: Path) -> None:
    catalogues.update()
    assert "es: not translated: Your visits" in catalogues.problems()
    translate("es", {"Your visits": "Sus visitas"})
    assert "es: not translated: Your visits" not in catalogues.problems()


def test_a_sentence_copied_from_the_sources_is_a_problem(sources: Path) -> None:
    catalogues.update()
    translate("es", {"Your visits": "Your visits"})
    assert "es: copied, not translated: Your visits" in catalogues.problems()


def test_a_changed_message_is_fuzzy_and_no_longer_counts(sources: Path) -> None:
    catalogues.update()
    translate("es", {"Your visits": "Sus visitas"})
    (sources / "page.py").write_text(SOURCE.replace("Your visits", "Your visit"))
    assert "es: no longer in the sources: Your visits" in catalogues.problems()
    catalogues.update()
    assert "es: fuzzy: Your visit" in catalogues.problems()


@pytest.mark.parametrize("translation", ["Reservar", "Reservar {hora}", "Reservar {time} {hora}"])
def test_another_placeholder_is_a_problem(sources: Path, translation: str) -> None:
    catalogues.update()
    translate("es", {"Book {time}": translation})
    assert "es: other placeholders: Book {time}" in catalogues.problems()


def test_updating_twice_changes_nothing(sources: Path) -> None:
    catalogues.update()
    once = catalogues.po_path("ar").read_bytes()
    catalogues.update()
    assert catalogues.po_path("ar").read_bytes() == once
