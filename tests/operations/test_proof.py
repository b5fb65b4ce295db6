"""What docs/proof.md says is proved names tests that exist."""

import ast
import re

import pytest

from portal_app.operations.places import CHECKOUT

NAMED = re.findall(r"`(tests/\S+\.py)::(test_\w+)`", (CHECKOUT / "docs" / "proof.md").read_text())


def test_the_document_names_tests() -> None:
    assert NAMED
    rows = (CHECKOUT / "docs" / "proof.md").read_text().splitlines()
    assert [row for row in rows if row.startswith("| ") and "| test |" not in row and "::test_" not in row] == []


@pytest.mark.parametrize("file", sorted({file for file, _ in NAMED}))
def test_each_test_it_names_exists(file: str) -> None:
    tree = ast.parse((CHECKOUT / file).read_text())
    there = {one.name for one in tree.body if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)}
    assert {name for named, name in NAMED if named == file} - there == set()
