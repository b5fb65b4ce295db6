"""What the tests fetch from npm, as tools/package-lock.json pins it."""

import fcntl
import json
import subprocess
from pathlib import Path

from portal_app.operations.places import CHECKOUT

TOOLS = CHECKOUT / "tools"


def npm_package(name: str) -> Path:
    """Return the folder of a package, fetched where it is not there as pinned.

    One asks npm at a time, since it begins by removing what is there. What it fetched once it finds without a network.
    """
    folder = TOOLS / "node_modules" / name
    with (TOOLS / "package.json").open() as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if _version(TOOLS / "node_modules" / ".package-lock.json", name) != _version(TOOLS / "package-lock.json", name):
            subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--prefer-offline"], cwd=TOOLS, check=True)
    return folder


def _version(lock: Path, name: str) -> str | None:
    """Return which version of a package a lock lists, None if it lists none or is not there."""
    if not lock.exists():
        return None
    listed = json.loads(lock.read_text())["packages"].get(f"node_modules/{name}", {})
    version: str | None = listed.get("version")
    return version
