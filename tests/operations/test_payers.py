"""Insurers out of a file."""

from pathlib import Path

import pytest

from portal_app.features.coverage.service import PayerEntry
from portal_app.operations.codes import payers_of


def test_insurers_are_read_with_their_codes(tmp_path: Path) -> None:
    file = tmp_path / "payers.csv"
    file.write_text("insurer,code\nNorthwind  Health,nw001\n", encoding="utf-8")
    assert list(payers_of(file)) == [PayerEntry("Northwind Health", "NW001")]


@pytest.mark.parametrize("line", ["Northwind", ",NW1", "Northwind,N*1~", f"{'N' * 81},NW1"])
def test_what_is_no_insurer_is_refused(tmp_path: Path, line: str) -> None:
    file = tmp_path / "payers.csv"
    file.write_text(line, encoding="utf-8")
    with pytest.raises(ValueError, match="line 1"):
        list(payers_of(file))
