"""Cameras, microphones and screens in the middle of a visit: changed, shown, taken away by the device, and back."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from portal_app.features.visits import service as visits
from tests.browser import running_chromium
from tests.journeys.clinic import Practices
from tests.journeys.conftest import Arrive
from tests.journeys.house import until
from tests.journeys.meeting import ANY, KEEP, both_move, meet
from tests.journeys.walker import Walker

pytestmark = pytest.mark.asyncio(loop_scope="session")

SENT = """() => {
  const way = window.ways.findLast((one) => one.connectionState === "connected");
  const track = way?.getSenders().find((one) => one.track?.kind === "video")?.track;
  const { deviceId = "", displaySurface = "" } = track?.getSettings() || {};
  const agreed = { ways: window.ways.length, sdp: way?.localDescription.sdp };
  const isScreen = displaySurface !== "";
  return { camera: isScreen ? "" : deviceId, isScreen, state: track?.readyState, ...agreed };
}"""
SHAPE = """(isScreen) => {
  const { videoWidth = 0, videoHeight = 0 } = document.querySelector(".video-person video") || {};
  return videoWidth && videoWidth < 1.5 * videoHeight === isScreen;
}"""
"""Whether the other's picture is a screen: cameras give wide pictures, Chromium's made-up screen four by three."""
HELD = """(() => {
  const devices = navigator.mediaDevices;
  const ask = devices.getUserMedia.bind(devices);
  window.given = [];
  window.holds = () => "";
  devices.getUserMedia = async (wanted) => {
    const problem = window.holds(wanted);
    if (problem) throw new DOMException("", problem);
    const stream = await ask(wanted);
    window.given.push(...stream.getTracks());
    return stream;
  };
  window.live = () => window.given.filter((one) => one.readyState === "live");
})()"""
"""The device gives what is asked for, unless `holds` names a problem."""
TAKE = """(problem) => {
  window.holds = () => problem;
  window.live().forEach((track) => { track.stop(); track.dispatchEvent(new Event("ended")); });
}"""
"""Another app has the camera and the microphone, as while somebody telephones."""
GIVE = "() => { window.holds = () => ''; }"
HOLD = """(isHeld) => window.live().forEach((track) => {
  Object.defineProperty(track, "muted", { configurable: true, get: () => isHeld });
  track.dispatchEvent(new Event(isHeld ? "mute" : "unmute"));
})"""
"""The device holds back what it gave, as while a call rings."""
LOOKS = """(state) => {
  Object.defineProperty(document, "visibilityState", { configurable: true, get: () => state });
  document.dispatchEvent(new Event("visibilitychange"));
}"""
ENDED_BY_THE_BAR = """() => {
  const way = window.ways.findLast((one) => one.connectionState === "connected");
  const { track } = way.getSenders().find((one) => one.track?.kind === "video");
  track.stop();
  track.dispatchEvent(new Event("ended"));
}"""
TWO = """(() => {
  const devices = navigator.mediaDevices;
  const ask = devices.enumerateDevices.bind(devices);
  devices.enumerateDevices = async () => (await ask()).filter((one) => one.label !== "fake_device_1");
})()"""
"""The second of Chromium's made-up cameras gives pictures that Chromium itself does not send; the third one does."""
NO_SCREENS = "delete MediaDevices.prototype.getDisplayMedia"
PLAYED = """(() => {
  const lead = HTMLMediaElement.prototype.setSinkId;
  window.players = [];
  HTMLMediaElement.prototype.setSinkId = function (id) {
    window.players.push(this);
    return lead.call(this, id);
  };
})()"""
"""Whatever was led to a loudspeaker, such as the tone, which stands nowhere on the page."""
NO_SPEAKERS = "delete HTMLMediaElement.prototype.setSinkId"
HELD_BACK = (
    "Your device holds your camera or your microphone back, perhaps for a call. We take them up again as soon as it"
    " lets us."
)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def two_cameras() -> AsyncIterator[Browser]:
    async with running_chromium("--use-fake-device-for-media-stream=device-count=3") as browser:
        yield browser


async def sends(one: Walker, **wanted: object) -> dict[str, Any]:
    """Wait until what somebody sends is so, and return all that is known of it."""

    async def look() -> dict[str, Any] | None:
        found: dict[str, Any] = await one.page.evaluate(SENT)
        return found if found.get("state") == "live" and wanted.items() <= found.items() else None

    return await until(look, what=f"{wanted} to be sent")


@pytest.mark.parametrize("way", ["direct", "hub"])
async def test_the_other_camera_is_sent_and_a_screen_is_told(
    two_cameras: Browser, arrive: Arrive, practices: Practices, way: str
) -> None:
    meeting = await meet(practices, is_through_hub=way == "hub")
    phone, desk = await arrive(by=two_cameras), await arrive()
    for script in (KEEP, HELD, TWO):
        await phone.page.add_init_script(script)
    await desk.page.add_init_script(NO_SCREENS)
    await meeting.begin(phone, desk)
    await both_move(way, phone, desk)
    first = await sends(phone, isScreen=False)

    # When the patient turns to the other camera, it is sent on the way there is, with nothing agreed on anew
    await phone.button("Use the other camera").click()

    async def is_other() -> dict[str, Any] | None:
        found = await sends(phone)
        return found if found["camera"] != first["camera"] else None

    second = await until(is_other, what="the other camera to be sent")
    assert (second["ways"], second["sdp"]) == (first["ways"], first["sdp"])
    await both_move(way, phone, desk)

    # And where the other one cannot be opened, the one before goes on
    await phone.page.evaluate(
        "(id) => { window.holds = (wanted) => (wanted.video?.deviceId?.exact === id ? 'NotReadableError' : ''); }",
        first["camera"],
    )
    await phone.button("Use the other camera").click()
    await expect(phone.page.get_by_role("alert").get_by_text("The other camera could not be opened.")).to_be_visible()
    assert (await sends(phone, camera=second["camera"]))["sdp"] == first["sdp"]
    await both_move(way, phone, desk)

    # And a screen is shown in place of the camera, by whoever has one to show, and is what the other sees
    await desk.page.wait_for_function(SHAPE, arg=False)
    shows = desk.page.get_by_text(desk.say("shows their screen"), exact=True)
    await phone.button("Show my screen").click()
    await sends(phone, isScreen=True, sdp=first["sdp"])
    await expect(shows).to_be_visible()
    await expect(phone.button("Use the other camera")).to_have_count(0)
    await expect(desk.button("Show my screen")).to_have_count(0)
    await desk.page.wait_for_function(SHAPE, arg=True)
    await both_move(way, phone, desk)

    # Then the camera is back, whether the page's button ends that or the browser's own bar
    await phone.button("Stop showing my screen").click()
    await sends(phone, isScreen=False, camera=second["camera"])
    await expect(shows).to_have_count(0)
    await desk.page.wait_for_function(SHAPE, arg=False)
    await both_move(way, phone, desk)
    await phone.button("Show my screen").click()
    await sends(phone, isScreen=True)
    await desk.page.wait_for_function(SHAPE, arg=True)
    await phone.page.evaluate(ENDED_BY_THE_BAR)
    assert (await sends(phone, isScreen=False, camera=second["camera"]))["ways"] == first["ways"]
    await expect(shows).to_have_count(0)
    await desk.page.wait_for_function(SHAPE, arg=False)
    await both_move(way, phone, desk)
    assert (phone.unexpected(), desk.unexpected()) == ([], [])


async def test_the_loudspeaker_chosen_in_the_check_is_heard_in_the_room(arrive: Arrive, practices: Practices) -> None:
    doctor = await practices.doctor()
    patient = await practices.patient(doctor)
    appointment_id = await practices.video_visit_soon(patient, doctor)
    phone, desk = await arrive(), await arrive()
    await phone.page.add_init_script(PLAYED)
    await desk.page.add_init_script(NO_SPEAKERS)
    await phone.let_in(patient)
    await phone.open(f"/visit?id={appointment_id}")

    # When another loudspeaker is chosen, the tone is played by it, and what was said of the one before is taken back
    await phone.button("Try camera and sound").click()
    await phone.button("Yes").click()
    choice = phone.page.get_by_label(phone.say("Which speaker?"), exact=True)
    await choice.select_option(index=1)
    chosen = await choice.input_value()
    await expect(phone.page.get_by_text(phone.say("Good. You will hear us."), exact=True)).to_have_count(0)
    await phone.button("Play a tone").click()
    await phone.page.wait_for_function(
        "(id) => window.players.some((one) => one.sinkId === id && !one.paused)", arg=chosen
    )

    # And a reload remembers it, and so does the room
    await phone.page.reload()
    await expect(choice).to_have_value(chosen)
    async with practices.database.act_as(patient.credential, "visits.join") as tx:
        place = await visits.join(tx, appointment_id)
    async with practices.database.act_as(doctor.account.credential, "visits.host") as tx:
        await visits.admit(tx, place.visit_id, place.participant_id)
    await desk.let_in(doctor.account)
    await desk.open(f"/staff/visit?id={appointment_id}")
    await both_move(ANY, phone, desk)
    led = "(id) => document.querySelector('.video-person video')?.sinkId === id"
    await phone.page.wait_for_function(led, arg=chosen)
    choice = phone.page.get_by_role("combobox", name=phone.say("Speaker"), exact=True)
    await expect(choice).to_have_value(chosen)

    # And the one that is chosen there; who has a browser that cannot choose is asked nothing
    await choice.select_option(index=2)
    other = await choice.input_value()
    assert other != chosen
    await phone.page.wait_for_function(led, arg=other)
    await phone.page.reload()
    await expect(choice).to_have_value(other)
    await both_move(ANY, phone, desk)
    await expect(desk.page.locator(".video-room select")).to_have_count(0)
    assert (phone.unexpected(), desk.unexpected()) == ([], [])


async def test_a_call_a_locked_screen_and_a_moment_offline_take_the_picture_and_it_comes_back(
    arrive: Arrive, practices: Practices
) -> None:
    meeting = await meet(practices)
    phone, desk = await arrive(), await arrive()
    for script in (KEEP, HELD):
        await phone.page.add_init_script(script)
    await meeting.begin(phone, desk)
    await both_move(ANY, phone, desk)
    held_back = phone.page.get_by_role("alert").get_by_text(phone.say(HELD_BACK))
    paused = desk.page.get_by_text(desk.say("picture paused"), exact=True)
    sound_off = desk.page.get_by_text(desk.say("sound off"), exact=True)

    async def is_taken() -> None:
        for one in (held_back, paused, sound_off):
            await expect(one).to_be_visible()

    async def is_back() -> None:
        for one in (held_back, paused, sound_off):
            await expect(one).to_have_count(0)
        await both_move(ANY, phone, desk)

    # A call rings: the device holds camera and microphone back, and lets them go on when it is over
    await phone.page.evaluate(HOLD, True)
    await is_taken()
    await phone.page.evaluate(HOLD, False)
    await is_back()

    # It is taken: both are ended, and had again by themselves once the device gives them
    await phone.page.evaluate(TAKE, "NotReadableError")
    await is_taken()
    await phone.page.evaluate(GIVE)
    await is_back()

    # Where asking again would be refused nobody is asked again and again: a tap does it
    await phone.page.evaluate(TAKE, "NotAllowedError")
    await expect(paused).to_be_visible()
    await expect(phone.page.get_by_role("alert").get_by_text("We cannot use your camera")).to_be_visible()
    await phone.page.evaluate(GIVE)
    await phone.button("Turn them on again").click()
    await is_back()

    # A locked screen ends them, and whoever looks again is seen again
    await phone.page.evaluate(LOOKS, "hidden")
    await phone.page.evaluate(TAKE, "NotReadableError")
    await is_taken()
    await phone.page.evaluate(GIVE)
    await phone.page.evaluate(LOOKS, "visible")
    await is_back()

    # A page that was frozen and one that was offline go on, the latter by a new way
    devtools = await phone.context.new_cdp_session(phone.page)
    for state in ("frozen", "active"):
        await devtools.send("Page.setWebLifecycleState", {"state": state})
    await is_back()
    ways = await phone.page.evaluate("window.ways.length")
    await phone.context.set_offline(True)
    await phone.page.wait_for_function("!navigator.onLine")
    await phone.context.set_offline(False)

    async def is_new() -> bool:
        return bool(await phone.page.evaluate("(before) => window.ways.length > before", ways))

    await until(is_new, what="a new way to the other")
    await is_back()
