"""Lists of codes: the packaged diagnoses, and services of a practice's own file."""

from pathlib import Path

import pytest

from portal_app.core.db import Database
from portal_app.features.billing import service as billing
from portal_app.operations import codes


async def test_the_packaged_diagnoses_are_loaded_as_a_claim_wants_them(database: Database) -> None:
    assert await codes.load_diagnoses(database) > 70_000
    async with database.act_as_system("test") as tx:
        words = await tx.scalar("select words from diagnosis_code where code = 'I10'")
        assert await tx.scalar("select count(*) from diagnosis_code where code = 'E11'") == 0
    assert words == "Essential (primary) hypertension"


async def test_a_practice_imports_the_services_it_has_licensed(database: Database, tmp_path: Path) -> None:
    file = tmp_path / "ours.csv"
    file.write_text("code,words\n99213,Our words for it\nt1015,Clinic visit\n")
    async with database.act_as_system("test") as tx:
        assert await billing.fill_services(tx, codes.services_of(file), "ours.csv") == 2
        assert await tx.scalar("select words from service_code where code = 'T1015'") == "Clinic visit"


@pytest.mark.parametrize("line", ["9921,Too short", "99213", "99213, ", "<b>,x"])
def test_a_line_that_is_no_code_is_named(tmp_path: Path, line: str) -> None:
    file = tmp_path / "ours.csv"
    file.write_text(f"99212,Words\n{line}\n")
    with pytest.raises(ValueError, match="line 2"):
        list(codes.services_of(file))


def test_no_code_of_the_ama_ships() -> None:
    assert [code for code, _ in codes.STARTER if code.isdigit()] == []
