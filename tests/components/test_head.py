"""The icons and the manifest: what is named is there, in the colours of the look."""

import json
import re
from pathlib import Path

from PIL import Image

from portal_app.components.head import head_parts

ASSETS = Path(__file__).parents[2] / "assets"
MANIFEST = json.loads((ASSETS / "manifest.webmanifest").read_text())


def test_every_file_that_the_head_names_is_there() -> None:
    links = [str(part) for part in head_parts() if part.render()["name"] == '"link"']
    named = re.findall(r'href:"(/[^"]+)"', "".join(links))
    assert len(named) == len(links) > 0
    assert all((ASSETS / name.lstrip("/")).is_file() for name in named)


def test_every_icon_of_the_manifest_has_the_size_it_claims() -> None:
    for icon in MANIFEST["icons"]:
        file = ASSETS / icon["src"].lstrip("/")
        if icon["sizes"] == "any":
            assert file.read_text().startswith("<svg")
        else:
            with Image.open(file) as image:
                assert f"{image.width}x{image.height}" == icon["sizes"]


def test_an_installed_portal_opens_on_the_paper_of_the_look() -> None:
    paper = re.search(r"--paper: (#\w+);", (ASSETS / "look.css").read_text())
    assert paper
    assert MANIFEST["background_color"] == MANIFEST["theme_color"] == paper[1]
