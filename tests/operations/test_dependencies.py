"""What we depend on is listed, under licences we accept, and pinned by hash without a registry's address."""

import json
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from portal_app.operations.dependencies import LIST, Dependency, all_dependencies, as_page
from portal_app.operations.places import CHECKOUT

PYTHON_LOCKS = [CHECKOUT / "requirements.lock", CHECKOUT / "requirements-dev.lock"]
NPM_LOCKS = [CHECKOUT / "reflex.lock" / "package-lock.json", CHECKOUT / "tools" / "package-lock.json"]


def test_the_list_is_what_the_locks_say() -> None:
    assert LIST.read_text() == as_page(), "Run ./portal lock, or write the list anew."


def test_every_licence_is_one_we_accept() -> None:
    refused = [package for packages in all_dependencies().values() for package in packages if not package.is_allowed]
    assert refused == []


@pytest.mark.parametrize(
    ("licence", "is_allowed"),
    [
        ("MIT", True),
        ("(MIT OR GPL-3.0-only)", True),
        ("Apache-2.0 AND BSD-2-Clause", True),
        ("MIT AND GPL-3.0-only", False),
        ("AGPL-3.0-only", False),
        ("unknown", False),
    ],
)
def test_an_expression_needs_one_acceptable_choice(licence: str, is_allowed: bool) -> None:
    assert Dependency("package", "1", licence).is_allowed is is_allowed


@pytest.mark.parametrize("lock", PYTHON_LOCKS, ids=lambda lock: lock.name)
def test_python_packages_are_pinned_by_hash_without_addresses(lock: Path) -> None:
    text = lock.read_text()
    assert not re.search(r"https?://|--(extra-)?index-url|--find-links", text)
    entries = re.split(r"^(?=\S)", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE), flags=re.MULTILINE)
    assert [entry.split("\n")[0] for entry in entries if entry and "--hash=sha256:" not in entry] == []


@pytest.mark.parametrize("lock", NPM_LOCKS, ids=lambda lock: lock.parent.name)
def test_npm_packages_are_pinned_by_hash_without_addresses(lock: Path) -> None:
    packages = {path: entry for path, entry in json.loads(lock.read_text())["packages"].items() if path}
    assert [path for path, entry in packages.items() if "resolved" in entry] == []
    unpinned = [path for path, entry in packages.items() if "integrity" not in entry and not entry.get("inBundle")]
    assert unpinned == []


def test_lhc_forms_comes_without_what_its_bundles_hold_already() -> None:
    packages = json.loads((CHECKOUT / "tools" / "package-lock.json").read_text())["packages"]
    assert "dependencies" not in packages["node_modules/lforms"], "npm put 190 MB back: see docs/decisions/0090"


@pytest.mark.parametrize("lock", PYTHON_LOCKS, ids=lambda lock: lock.name)
def test_the_locks_hold_what_the_project_asks_for(lock: Path) -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())
    asked = project["project"]["dependencies"]
    asked += project["dependency-groups"]["dev"] if lock.name == "requirements-dev.lock" else []
    pins = dict(re.findall(r"^([a-z0-9-]+)==([^ ;\\\n]+)", lock.read_text(), re.MULTILINE))
    wanted = [Requirement(line) for line in asked]
    assert [need for need in map(str, wanted) if Requirement(need).name not in pins] == []
    assert [str(need) for need in wanted if not need.specifier.contains(pins[need.name])] == []


def test_the_tests_run_on_the_same_packages_as_the_portal() -> None:
    pins = [set(re.findall(r"^\S+==\S+", lock.read_text(), re.MULTILINE)) for lock in PYTHON_LOCKS]
    assert pins[0] <= pins[1]


def test_the_examples_of_sdc_come_without_packages_that_npm_does_not_have() -> None:
    packages = json.loads((CHECKOUT / "tools" / "package-lock.json").read_text())["packages"]
    assert "dependencies" not in packages["node_modules/hl7.fhir.uv.sdc"], "See docs/decisions/0111"
