"""How a file is called travels in a header and in an answer: half a character, which some systems let it have, goes."""

import json
import subprocess

import pytest

from portal_app.operations.places import CHECKOUT

IN_THE_BROWSER = """
import { wellFormed } from %s;
import { readFileSync } from "node:fs";
const said = wellFormed(JSON.parse(readFileSync(0, "utf8")));
console.log(JSON.stringify([said, decodeURIComponent(encodeURIComponent(said))]));
"""


@pytest.mark.parametrize(
    ("name", "said"),
    [("skin\ud83d.jpg", "skin\ufffd.jpg"), ("\udc00", "\ufffd"), ("é 😀.pdf", "é 😀.pdf"), ("صورة.png", "صورة.png")],
)
def test_a_name_can_be_sent(name: str, said: str) -> None:
    script = IN_THE_BROWSER % json.dumps(str(CHECKOUT / "assets/file_pieces.js"))
    command = ["node", "--no-warnings", "--input-type=module", "-e", script]
    done = subprocess.run(command, input=json.dumps(name), capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [said, said]
