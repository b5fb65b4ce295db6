"""A video visit in which both have been let in, and what each sees of the other: pictures that really move."""

import asyncio
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from portal_app.features.visits import service as visits
from tests.factories import Someone
from tests.journeys.clinic import Doctor, Practices
from tests.journeys.house import until
from tests.journeys.walker import Walker

ANY = ""
"""Directly or through the hub: on a busy machine two browsers may not find each other within five seconds."""
BLOCK = "RTCPeerConnection.prototype.addIceCandidate = async () => null"
"""No browser learns where the other is, as behind two firewalls; the hub's address stands in its answer."""
KEEP = """(() => {
  const Made = window.RTCPeerConnection;
  window.ways = [];
  window.RTCPeerConnection = class extends Made {
    constructor(...given) { super(...given); window.ways.push(this); }
  };
})()"""
"""Every way to the others that a page makes can be asked for afterwards."""
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


async def meet(practices: Practices, *, is_through_hub: bool = False) -> Meeting:
    """Let a patient of a new doctor into their visit, which may be one that never goes directly."""
    doctor = await practices.doctor()
    patient = await practices.patient(doctor)
    appointment_id = await practices.video_visit_soon(patient, doctor)
    async with practices.database.act_as(patient.credential, "visits.join") as tx:
        place = await visits.join(tx, appointment_id)
    async with practices.database.act_as(doctor.account.credential, "visits.host") as tx:
        await visits.admit(tx, place.visit_id, place.participant_id)
    if is_through_hub:
        async with practices.database.act_as_system("test") as tx:
            await tx.execute("update visit set is_through_hub = true where id = :id", {"id": place.visit_id})
    return Meeting(appointment_id, patient, doctor)


async def moves(one: Walker, way: str) -> None:
    """Wait until the other person's picture arrives by this way (ANY), is more than one frame, and changes."""

    async def look() -> dict[str, Any] | None:
        found: dict[str, Any] | None = await one.page.evaluate(PICTURE)
        return found if found and way in (ANY, found["way"]) else None

    first = await until(look, what=f"a picture, {way}")

    async def changed() -> bool:
        now = await look()
        return now is not None and now["frames"] != first["frames"] and now["pixels"] != first["pixels"]

    await until(changed, what=f"a picture that moves, {way}")


async def both_move(way: str, *people: Walker) -> None:
    await asyncio.gather(*(moves(one, way) for one in people))
