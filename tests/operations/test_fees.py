"""Fees from the practice's own list."""

from datetime import date
from pathlib import Path

import pytest

from portal_app.features.billing.service import FeeEntry
from portal_app.operations.codes import fees_of


def test_a_list_of_fees_is_read(tmp_path: Path) -> None:
    file = tmp_path / "fees.csv"
    file.write_text("code,amount,valid from\nt1015,164.00,2026-01-01\nG2010,42,2026-07-01\n")
    assert list(fees_of(file, "USD")) == [
        FeeEntry("T1015", date(2026, 1, 1), "USD", 16_400), FeeEntry("G2010", date(2026, 7, 1), "USD", 4_200),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "line", ["T1015,-5,2026-01-01", "T1015,5", "T15,5,2026-01-01", "T1015,5,soon", "T1015,1e3,2026-01-01"]
)
def test_what_is_no_fee_is_said_with_its_line(tmp_path: Path, line: str) -> None:
    file = tmp_path / "fees.csv"
    file.write_text(f"{line}\n")
    with pytest.raises(ValueError, match=r"line 1|isoformat"):
        list(fees_of(file, "USD"))
