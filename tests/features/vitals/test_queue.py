"""What waits on a device is sent one by one, and none that has to wait longer holds up those behind it."""

import json
import subprocess
from typing import Any

import pytest

from portal_app.operations.places import CHECKOUT

IN_THE_BROWSER = """
import { ReadingQueue } from %s;
import { readFileSync } from "node:fs";
const answers = JSON.parse(readFileSync(0, "utf8"));
const [asked, waits] = [[], []];
globalThis.window = { addEventListener() {}, removeEventListener() {} };
globalThis.setTimeout = (_, time) => waits.push(time);
globalThis.fetch = async (_, { body }) => {
  const { key } = JSON.parse(body).reading;
  asked.push(key);
  const [status, outcome] = answers[key];
  return { status, json: async () => ({ outcome, severity: "", reason: "many" }) };
};
const queue = new ReadingQueue("chart", "en", () => {});
await queue.start();
for (const key of Object.keys(answers)) await queue.store.add({ key, client: key, sequence: 1 });
for (let round = 0; round < 2; round += 1) await queue.flush();
console.log(JSON.stringify({ asked, waits, counted: queue.counted, left: queue.entries.map(({ key }) => key) }));
"""


def sent(answers: dict[str, tuple[int, str]]) -> dict[str, Any]:
    script = IN_THE_BROWSER % json.dumps(str(CHECKOUT / "assets/reading_queue.js"))
    command = ["node", "--no-warnings", "--input-type=module", "-e", script]
    done = subprocess.run(command, input=json.dumps(answers), capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("held", [(200, "later"), (500, "")])
def test_a_reading_that_has_to_wait_longer_holds_up_none_behind_it(held: tuple[int, str]) -> None:
    found = sent({"first": held, "critical": (200, "kept"), "last": held})
    assert found == {
        "asked": ["first", "critical", "last", "first", "last"], "waits": [5000, 5000], "left": ["first", "last"],
        "counted": "",
    }  # fmt: skip


@pytest.mark.parametrize("status", [0, 429, 503])
def test_while_the_server_takes_nothing_the_rest_waits_too(status: int) -> None:
    found = sent({"first": (status, ""), "second": (200, "kept")})
    assert found == {"asked": ["first", "first"], "waits": [2000, 4000], "left": ["first", "second"], "counted": ""}


def test_what_is_counted_and_not_kept_leaves_the_device_and_is_said_once() -> None:
    found = sent({"first": (200, "counted"), "second": (200, "counted"), "third": (200, "kept")})
    assert (found["asked"], found["left"], found["counted"]) == (["first", "second", "third"], [], "many")


def test_what_is_turned_down_is_not_sent_again() -> None:
    found = sent({"first": (200, "doubted"), "second": (400, ""), "third": (200, "kept")})
    assert (found["asked"], found["waits"]) == (["first", "second", "third"], [])
