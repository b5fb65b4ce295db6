"""The two import rules that import-linter cannot express; the others are in pyproject.toml."""

import ast
import sys
from pathlib import Path

import pytest

from portal_app.operations.places import CHECKOUT

FEATURES = CHECKOUT / "portal_app" / "features"


def imported_modules(source: str) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def foreign_parts(path: Path) -> set[str]:
    """Return what a module of a feature imports from other features, less their services."""
    own = f"portal_app.features.{path.relative_to(FEATURES).parts[0]}"
    features = {name for name in imported_modules(path.read_text()) if name.startswith("portal_app.features.")}
    foreign = {name for name in features if name != own and not name.startswith(f"{own}.")}
    return {name for name in foreign if name.split(".")[3:4] != ["service"]}


@pytest.mark.parametrize("path", sorted(FEATURES.glob("*/rules.py")), ids=lambda path: path.parent.name)
def test_rules_import_the_standard_library_only(path: Path) -> None:
    roots = {name.split(".")[0] for name in imported_modules(path.read_text())}
    assert roots <= sys.stdlib_module_names


def test_a_feature_knows_another_by_its_service_alone() -> None:
    found = {str(path.relative_to(FEATURES)): foreign_parts(path) for path in sorted(FEATURES.glob("*/*.py"))}
    assert {path: names for path, names in found.items() if names} == {}
