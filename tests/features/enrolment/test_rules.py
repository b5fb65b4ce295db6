"""Names as people write them, codes as people type them."""

import pytest

from portal_app.features.enrolment import rules


@pytest.mark.parametrize(
    ("typed", "given", "family"),
    [
        ("Ines Ortega", "Inés María", "Ortega Ruiz"),
        ("ORTEGA, INÉS", "Inés", "Ortega"),
        ("Dr. Ada Okafor", "Ada", "Okafor"),
        ("Sean O'Brien", "Sean", "OBrien"),
        ("نُور حدّاد", "نور", "حداد"),
        ("احمد علي", "أحمد", "على"),
        ("\u200fInés\u200e Ortega", "Inés", "Ortega"),
        ("Madonna", "Madonna", ""),
    ],
)
def test_a_name_fits_as_people_write_it(typed: str, given: str, family: str) -> None:
    assert rules.is_name_of(typed, given, family)


@pytest.mark.parametrize(
    "typed",
    ["", "Inés", "Ortega", "Ana Ortega", "Inés Silva", "Inés Ortega a b c", "I O", "Inés " * 20 + "Ortega", "…!?"],
)
def test_a_part_of_a_name_or_a_list_of_names_does_not(typed: str) -> None:
    assert not rules.is_name_of(typed, "Inés", "Ortega")
    assert not rules.is_name_of(typed, "", "")


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("abcd-2345", "ABCD2345"), (" AB CD 23 45 ", "ABCD2345"), ("abcd٢٣٤٥", "ABCD2345"),
        ("ＡＢＣＤ２３４５", "ABCD2345"),
        ("ABCD-234", ""), ("ABCD-23450", ""), ("ABCO-2345", ""), ("", ""), ("A" * 10_000, ""),
    ],
)  # fmt: skip
def test_a_code_is_read_in_any_script_and_grouping(typed: str, code: str) -> None:
    assert rules.typed_code(typed) == code


def test_a_code_made_is_a_code_typed() -> None:
    code = rules.short_code("0123456789abcdef" * 4)
    assert rules.typed_code(rules.written_code(code)) == code
    assert not set(code) & set("01OILU")


def test_an_address_is_known_to_its_owner_only() -> None:
    assert rules.masked_email("maria@example.org") == "m…a@example.org"
    assert rules.masked_email("m@example.org") == "m…@example.org"
