"""What docs/asvs.md names exists, and each row says how it stands."""

import ast
import re

import pytest

from portal_app.operations.places import CHECKOUT

DOCUMENT = (CHECKOUT / "docs" / "asvs.md").read_text()
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")] for line in DOCUMENT.splitlines() if re.match(r"\| \d", line)
]
HELD = ("met", "**not met", "not applicable")
REQUIREMENTS = {"6": 35, "7": 18, "8": 7, "10": 29}
"""How many requirements of levels 1 and 2 each chapter has in ASVS 5.0."""


def named(cell: str) -> list[str]:
    return re.findall(r"`([^`]+/[^`]*)`", cell)


def names_in(file: str) -> set[str]:
    tree = ast.parse((CHECKOUT / file).read_text())
    return {one.name for one in tree.body if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_every_requirement_has_one_row() -> None:
    numbers = [row[0] for row in ROWS]
    assert len(numbers) == len(set(numbers))
    chapters = [number.split(".")[0] for number in numbers]
    assert {chapter: chapters.count(chapter) for chapter in REQUIREMENTS} == REQUIREMENTS


@pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row[0]))
def test_each_row_says_how_it_stands_and_names_what_exists(row: list[str]) -> None:
    _, asks, stands, where, test = row
    assert asks
    assert stands.startswith(HELD)
    if stands.startswith("not applicable"):
        return
    assert named(where)
    assert [file for file in named(where) if not (CHECKOUT / file).exists()] == []
    assert named(test)
    for file, name in (one.split("::") for one in named(test)):
        assert name in names_in(file)
