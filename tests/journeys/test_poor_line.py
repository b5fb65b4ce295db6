"""A line that carries too little, and then none: sound alone, the telephone, and back by itself."""

import asyncio
import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.journeys.clinic import Practices
from tests.journeys.conftest import Arrive
from tests.journeys.house import House, until
from tests.journeys.meeting import KEEP, PICTURE, both_move, meet
from tests.journeys.walker import Walker
from tests.media.bad_line import BadLine

pytestmark = pytest.mark.asyncio(loop_scope="session")

BY_THE_LINE = """
  const proper = RTCPeerConnection.prototype.setRemoteDescription;
  RTCPeerConnection.prototype.setRemoteDescription = function (given) {
    const sdp = given.sdp.replace(/(candidate:\\S+ 1 udp \\S+) \\S+ \\S+ typ host/g, "$1 127.0.0.1 PORT typ host");
    return proper.call(this, { type: given.type, sdp });
  };
"""


MEASURED = """
select c.loss_percent, c.round_trip_ms from visit_device_check c join visit v on v.id = c.visit_id
where v.appointment_id = :id
"""


EVER_SAID = """
  window.everSaid = new Set();
  new MutationObserver(() => {
    for (const one of document.querySelectorAll(".video-standing, .video-person figcaption span")) {
      window.everSaid.add(one.textContent);
    }
  }).observe(document, { childList: true, subtree: true, characterData: true });
"""
"""What the room has said comes and goes: all of it is kept."""
FREEZE = """async () => {
  const way = window.ways.findLast((one) => one.connectionState === "connected");
  window.sender = way.getSenders().find((one) => one.track?.kind === "video");
  window.moving = window.sender.track;
  const canvas = document.createElement("canvas");
  canvas.getContext("2d").fillRect(0, 0, 9, 9);
  await window.sender.replaceTrack(canvas.captureStream(0).getVideoTracks()[0]);
}"""
"""Nothing is lost, and yet no picture arrives any more."""
THAW = "() => window.sender.replaceTrack(window.moving)"
SOUND_ALONE = "The line is weak, so there is only sound now. The picture comes back by itself."
STILL = "The line is weak: a picture stands still. The sound goes on, and we ask for the picture again."
BEARABLE_FRAMES = 60


async def has_said(one: Walker, message: str) -> None:
    """Wait until the room has said something, if only for a moment."""

    async def look() -> bool:
        return bool(await one.page.evaluate("(words) => window.everSaid.has(words)", one.say(message)))

    await until(look, what=message)


async def bears_or_says(one: Walker) -> None:
    """Wait until so many more pictures have been seen, or the page says that the line carries none."""
    before = (await one.page.evaluate(PICTURE) or {"frames": 0})["frames"]
    said = [one.say(message) for message in (SOUND_ALONE, STILL)]

    async def look() -> bool:
        found = await one.page.evaluate(PICTURE)
        standing = await one.page.locator(".video-standing").inner_text()
        return standing in said or (found is not None and found["frames"] >= before + BEARABLE_FRAMES)

    await until(look, what="a picture that moves on, or that none is carried")


@pytest_asyncio.fixture(loop_scope="session")
async def line(house: House) -> AsyncIterator[BadLine]:
    (*_, number) = re.findall(r'"port": (\d+), "event": "hub_listens"', house.log("media", 1_000_000))
    line = BadLine(int(number))
    yield line
    await line.close()


async def test_a_weak_line_keeps_the_sound_and_none_leads_to_the_telephone_and_back(
    arrive: Arrive, practices: Practices, line: BadLine
) -> None:
    meeting = await meet(practices, is_through_hub=True)
    phone, desk = await arrive(), await arrive()
    await phone.page.add_init_script(BY_THE_LINE.replace("PORT", str(await line.open())))
    await meeting.begin(phone, desk)
    await both_move("hub", phone, desk)

    # When the patient's line carries no picture any more
    line.be(loss=0.1, kbit=50)
    await expect(phone.page.get_by_text(phone.say(SOUND_ALONE))).to_be_visible()
    await expect(desk.page.get_by_text(desk.say("weak line, sound only"))).to_be_visible()

    # Then the picture comes back with the line
    line.be(delay_s=0.1)
    await expect(phone.page.get_by_text(phone.say(SOUND_ALONE))).to_be_hidden(timeout=150_000)  # tries get rarer
    await both_move("hub", phone, desk)

    # And with no line at all each is shown how to telephone, until there is one again
    line.be(loss=1.0)
    said = "There is no connection. Your place is kept, and this page goes on trying."
    no_line = phone.page.get_by_text(phone.say(said))
    await expect(no_line).to_be_visible()
    gone = desk.page.get_by_text(desk.say("The patient has no connection. Their place is kept."))
    await expect(gone).to_be_visible()
    line.be()
    await expect(no_line).to_be_hidden()
    await expect(gone).to_be_hidden()
    await both_move("hub", phone, desk)


@pytest.mark.parametrize("way", ["direct", "hub"])
async def test_a_picture_that_stands_still_is_told_at_both_ends_and_comes_back(
    arrive: Arrive, practices: Practices, way: str
) -> None:
    meeting = await meet(practices, is_through_hub=way == "hub")
    phone, desk = await arrive(), await arrive()
    for one in (phone, desk):
        await one.page.add_init_script(KEEP)
        await one.page.add_init_script(EVER_SAID)
    await meeting.begin(phone, desk)
    await both_move(way, phone, desk)

    # When no new picture of the clinician's arrives, though nothing is lost and the sound goes on
    await desk.page.evaluate(FREEZE)

    # Then both are told, and a picture that cannot be had is given up for the sound
    await has_said(phone, "the picture stands still")
    await has_said(phone, STILL)
    await has_said(desk, "weak line, sees a picture that stands still")
    if way == "direct":
        await has_said(phone, "weak line, sound only")
        await has_said(desk, SOUND_ALONE)

    # And it comes back by itself
    await desk.page.evaluate(THAW)
    await both_move(way, phone, desk)


async def test_a_poor_line_carries_a_picture_that_moves_or_it_is_said_that_it_does_not(
    arrive: Arrive, practices: Practices, line: BadLine
) -> None:
    meeting = await meet(practices, is_through_hub=True)
    phone, desk = await arrive(), await arrive()
    await phone.page.add_init_script(BY_THE_LINE.replace("PORT", str(await line.open())))
    await meeting.begin(phone, desk)
    await both_move("hub", phone, desk)

    for kbit, delay_s, loss in ((200.0, 0.0, 0.0), (0.0, 0.5, 0.0), (0.0, 0.0, 0.3)):
        line.be(kbit=kbit, delay_s=delay_s, loss=loss)
        await asyncio.gather(bears_or_says(phone), bears_or_says(desk))

    line.be()
    await both_move("hub", phone, desk)


async def test_the_device_check_finds_what_the_line_to_the_hub_loses(
    arrive: Arrive, practices: Practices, line: BadLine
) -> None:
    doctor = await practices.doctor()
    patient = await practices.patient(doctor)
    appointment_id = await practices.video_visit_soon(patient, doctor)
    line.be(loss=0.2, delay_s=0.05, spares_greeting=True)
    phone = await arrive()
    await phone.page.add_init_script(BY_THE_LINE.replace("PORT", str(await line.open())))
    await phone.let_in(patient)
    await phone.open(f"/visit?id={appointment_id}")

    await phone.button("Try camera and sound").click()

    said = "Your connection is weak. The picture may stop; the sound goes on. Wi-Fi may help."
    await expect(phone.page.get_by_text(phone.say(said))).to_be_visible()
    await phone.button("Go on").click()
    await expect(phone.heading("Before we begin")).to_be_visible()
    async with practices.database.act_as(doctor.account.credential, "visits.host") as tx:
        found = await tx.first(MEASURED, {"id": appointment_id})
    assert found is not None
    assert 5 < found.loss_percent < 70
    assert found.round_trip_ms >= 100
