"""Two people see each other: directly, through the hub, and again after whatever broke."""

import asyncio
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from portal_app.features.visits import service as visits
from tests.factories import Someone
from tests.journeys.clinic import Doctor, Practices
from tests.journeys.conftest import Arrive
from tests.journeys.house import House, until
from tests.journeys.walker import PHONE, Walker

pytestmark = pytest.mark.asyncio(loop_scope="session")

BLOCK = "RTCPeerConnection.prototype.addIceCandidate = async () => null"
"""No browser learns where the other is, as behind two firewalls; the hub's address stands in its answer."""
PICTURE = """() => {
  const room = document.querySelector(".video-room");
  const video = room?.querySelector(".video-person video");
  if (!video?.videoWidth || !room.dataset.path) return null;
  const canvas = Object.assign(document.createElement("canvas"), { width: 64, height: 48 });
  const context = canvas.getContext("2d");
  context.drawImage(video, 0, 0, 64, 48);
  const pixels = [...context.getImageData(0, 0, 64, 48).data].join();
  return { way: room.dataset.path, frames: video.getVideoPlaybackQuality().totalVideoFrames, pixels };
}"""


@dataclass(frozen=True)
class Meeting:
    """A visit that goes on, and who is in it."""

    appointment_id: UUID
    patient: Someone
    doctor: Doctor

    async def begin(self, phone: Walker, desk: Walker) -> None:
        await phone.let_in(self.patient)
        await desk.let_in(self.doctor.account)
        await phone.open(f"/visit?id={self.appointment_id}")
        await desk.open(f"/staff/visit?id={self.appointment_id}")


@pytest_asyncio.fixture(loop_scope="session")
async def meeting(practices: Practices) -> Meeting:
    doctor = await practices.doctor()
    patient = await practices.patient(doctor)
    appointment_id = await practices.video_visit_soon(patient, doctor)
    async with practices.database.act_as(patient.credential, "visits.join") as tx:
        place = await visits.join(tx, appointment_id)
    async with practices.database.act_as(doctor.account.credential, "visits.host") as tx:
        await visits.admit(tx, place.visit_id, place.participant_id)
    return Meeting(appointment_id, patient, doctor)


async def moves(one: Walker, way: str) -> None:
    """Wait until the other person's picture arrives by this way, is more than one frame, and changes."""

    async def look() -> dict[str, Any] | None:
        found: dict[str, Any] | None = await one.page.evaluate(PICTURE)
        return found if found and found["way"] == way else None

    first = await until(look, what=f"a picture, {way}")

    async def changed() -> bool:
        now = await look()
        return now is not None and now["frames"] != first["frames"] and now["pixels"] != first["pixels"]

    await until(changed, what=f"a picture that moves, {way}")


async def both_move(way: str, *people: Walker) -> None:
    await asyncio.gather(*(moves(one, way) for one in people))


async def test_two_see_each_other_directly_and_again_after_a_reload(arrive: Arrive, meeting: Meeting) -> None:
    phone, desk = await arrive("en", PHONE), await arrive("en", PHONE)
    await meeting.begin(phone, desk)
    await both_move("direct", phone, desk)

    await phone.page.reload()
    await phone.answers()

    await both_move("direct", phone, desk)


async def test_the_hub_carries_two_who_cannot_reach_each_other_and_comes_back_when_killed(
    arrive: Arrive, meeting: Meeting, house: House
) -> None:
    phone, desk = await arrive("en", PHONE), await arrive("en", PHONE)
    for one in (phone, desk):
        await one.page.add_init_script(BLOCK)
    await meeting.begin(phone, desk)
    await both_move("hub", phone, desk)

    # A hub that is killed forgets everything; what its supervisor starts lets everybody in again by itself.
    house.kill("media")
    house.start("media")

    await both_move("hub", phone, desk)
