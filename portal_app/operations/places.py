"""Where the portal writes: everything under one folder, PORTAL_DATA_DIR."""

import os
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
"""The folder of the program itself, which may be read-only."""

DEMO_MARK = "made-by-demo"
"""A file in each folder that the demo made; `serve` refuses such a folder."""


@dataclass(frozen=True, slots=True)
class Places:
    """The folders under PORTAL_DATA_DIR that are shared by whatever runs there.

    `root` itself is what `serve` keeps its data in; each demo has a folder of its own below it.
    """

    root: Path

    @classmethod
    def from_environment(cls) -> "Places":
        """Read PORTAL_DATA_DIR, by default `.portal` beside the program."""
        return cls(Path(os.environ.get("PORTAL_DATA_DIR") or CHECKOUT / ".portal").absolute())

    @property
    def cache(self) -> Path:
        """Return where downloaded packages wait for the next installation; may be deleted at any time."""
        return self.root / "cache"

    @property
    def workshop(self) -> Path:
        """Return where the pages are built, with Node's packages; may be deleted when nothing is building."""
        return self.root / "build"

    @property
    def pages(self) -> Path:
        """Return where finished builds lie, one folder for each state of the sources."""
        return self.root / "pages"

    def demo(self, port: int) -> Path:
        """Return the data folder of the demo on `port`; demos on other ports share nothing with it."""
        return self.root / f"demo-{port}"
