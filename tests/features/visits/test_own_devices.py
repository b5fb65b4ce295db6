"""Turning the camera off counts at once, whatever the device has been asked for and has not answered yet."""

import json
import subprocess
from typing import Any

from portal_app.operations.places import CHECKOUT

IN_THE_BROWSER = """
import { Devices } from %s;
globalThis.MediaStream = class {};
globalThis.document = { visibilityState: "visible" };
const asked = [];
const track = (kind, name) => ({
  kind, name, readyState: "live", muted: false, getSettings: () => ({ deviceId: name }),
  stop() { this.readyState = "ended"; },
});
const given = (...tracks) => ({ getTracks: () => tracks });
Object.defineProperty(globalThis, "navigator", { value: { mediaDevices: {
  enumerateDevices: async () => ["one", "two"].map((deviceId) => ({ kind: "videoinput", deviceId })),
  getUserMedia: (wanted) => new Promise((give) => asked.push({ wanted, give })),
} } });
class Room extends Devices {
  sent = [];
  async resend() { this.sent.push(this.tracks.video?.readyState === "live" ? this.tracks.video.name : ""); }
  changed() {}
  tellOthers() {}
}
const soon = () => new Promise((done) => setTimeout(done));
const room = new Room();
const [sound, one, two] = [track("audio", "sound"), track("video", "one"), track("video", "two")];
const begun = room.open();
asked.pop().give(given(sound, one));
await begun;
const said = [];
const note = (what) => said.push([what, one.readyState, two.readyState, room.isHidden, room.sent.at(-1) ?? null]);
%s
console.log(JSON.stringify(said));
"""
SOUND_IS_TAKEN = """
sound.stop();
sound.onended(); // a call on the telephone: the sound is asked for again, and nobody answers
await soon();
room.hide();
note("tapped");
"""
OTHER_CAMERA = """
room.turn();
await soon();
room.hide();
note("tapped");
asked.pop().give(given(two));
await soon();
note("answered");
room.hide();
await soon();
const [three, last] = [track("video", "three"), asked.pop()];
last.give(given(three));
await soon();
note(three.readyState);
"""


def seen(what_happens: str) -> list[list[Any]]:
    script = IN_THE_BROWSER % (json.dumps(str(CHECKOUT / "assets/video_devices.js")), what_happens)
    command = ["node", "--no-warnings", "--input-type=module", "-e", script]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: list[list[Any]] = json.loads(done.stdout)
    return found


def test_the_camera_goes_off_at_once_while_the_device_is_asked_for_sound() -> None:
    assert seen(SOUND_IS_TAKEN) == [["tapped", "ended", "live", True, ""]]


def test_another_camera_that_is_given_after_it_was_turned_off_is_not_shown_until_it_is_turned_on() -> None:
    assert seen(OTHER_CAMERA) == [
        ["tapped", "ended", "live", True, ""],
        ["answered", "ended", "ended", True, ""],
        ["live", "ended", "ended", False, "three"],
    ]
