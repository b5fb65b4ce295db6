"""Three and four in one visit: each sees the others move, each in a place of their own, and each sends less."""

import asyncio
from itertools import combinations
from typing import Any

import pytest
from playwright.async_api import ViewportSize, expect

from tests.browser import axe_findings, overflow, resize
from tests.journeys.clinic import Practices
from tests.journeys.conftest import Arrive
from tests.journeys.house import until
from tests.journeys.meeting import ANY, KEEP, both_move, meet
from tests.journeys.test_video_visit import invited
from tests.journeys.walker import DESK, PHONE, TABLET, Walker

pytestmark = pytest.mark.asyncio(loop_scope="session")

SIDEWAYS: ViewportSize = {"width": 740, "height": 360}
ROSA, INES = "Rosa Diaz", "Ines Ferrer"
SEEN = """() => Object.fromEntries([...document.querySelectorAll(".video-person")].map((person) => {
  const video = person.querySelector("video");
  const canvas = Object.assign(document.createElement("canvas"), { width: 64, height: 48 });
  const context = canvas.getContext("2d");
  if (video.videoWidth) context.drawImage(video, 0, 0, 64, 48);
  return [person.querySelector("figcaption bdi").textContent, {
    isSeen: person.dataset.seen === "true" && video.videoWidth > 0,
    frames: video.getVideoPlaybackQuality().totalVideoFrames,
    pixels: [...context.getImageData(0, 0, 64, 48).data].join(),
  }];
}))"""
"""Each of the others by their name: whether there is a picture, and which."""
PLACES = """() => [...document.querySelectorAll(".video-person, .video-own")].map((one) => {
  const place = (part) => {
    const { left, right, top, bottom } = part.getBoundingClientRect();
    return [left, right, top + scrollY, bottom + scrollY].map(Math.round);
  };
  const [picture, name] = [one.querySelector("video"), one.querySelector("figcaption")];
  const who = name.querySelector("bdi")?.textContent || "";
  return { who, box: place(one), picture: place(picture), name: place(name) };
})"""
SENT = """() => {
  const sender = window.ways.at(-1).getSenders().find((one) => one.track?.kind === "video");
  const { maxBitrate, scaleResolutionDownBy } = sender?.getParameters().encodings[0] || {};
  return [maxBitrate, scaleResolutionDownBy];
}"""


async def all_move(*people: Walker) -> None:
    """Wait until each sees a picture of each of the others that has changed since the first look."""

    async def moving(one: Walker) -> None:
        async def look() -> dict[str, Any] | None:
            found: dict[str, Any] = await one.page.evaluate(SEEN)
            is_whole = len(found) == len(people) - 1 and all(other["isSeen"] for other in found.values())
            return found if is_whole else None

        first = await until(look, what=f"{len(people) - 1} pictures")

        async def changed() -> bool:
            now = await look()
            return now is not None and all(
                name in first and other["frames"] != first[name]["frames"] and other["pixels"] != first[name]["pixels"]
                for name, other in now.items()
            )

        await until(changed, what="all pictures to move")

    await asyncio.gather(*(moving(one) for one in people))


async def bring(phone: Walker, desk: Walker, guest: Walker, name: str, role: str) -> None:
    """Invite somebody by a link, have the patient agree, and let them in."""
    await invited(desk, guest, name, role)
    await phone.button("Yes, let them join").click()
    await desk.page.get_by_role("button", name=f"Admit: {name}", exact=True).click()
    await expect(guest.heading("Messages in this visit")).to_be_visible()


def _is_apart(one: list[int], other: list[int]) -> bool:
    return one[1] <= other[0] or other[1] <= one[0] or one[3] <= other[2] or other[3] <= one[2]


async def everybody_has_a_place(one: Walker, count: int, first: str, size: ViewportSize) -> None:
    """Look at a room of a size: nobody covers anybody, each name stands at a picture, the first is the largest."""
    await resize(one.page, size)
    places: list[dict[str, Any]] = await one.page.evaluate(PLACES)
    assert len(places) == count
    assert all(_is_apart(a["box"], b["box"]) for a, b in combinations(places, 2)), places
    for place in places:
        left, right, top, bottom = place["picture"]
        assert 0 <= left < left + 60 < right <= size["width"], place
        assert bottom - top > 40, place
        assert _is_apart(place["picture"], place["name"]), place
    width = {place["who"]: place["picture"][1] - place["picture"][0] for place in places}
    assert places[0]["who"] == first
    assert width[first] == max(width.values())
    assert await overflow(one.page) == []


async def sends(one: Walker, *wanted: float) -> None:
    async def is_so() -> bool:
        return list(await one.page.evaluate(SENT)) == list(wanted)

    await until(is_so, what=f"to send no more than {wanted}")


async def test_an_interpreter_and_a_daughter_come_in_one_leaves_and_one_is_taken_out(
    arrive: Arrive, practices: Practices, axe: str
) -> None:
    meeting = await meet(practices)
    phone, desk = await arrive("en", PHONE), await arrive("en", DESK)
    rosa, ines = await arrive("en", TABLET), await arrive("en", PHONE)
    everybody = (phone, desk, rosa, ines)
    for one in everybody:
        await one.page.add_init_script(KEEP)
    await meeting.begin(phone, desk)
    await both_move(ANY, phone, desk)
    await sends(phone, 1_200_000, 1)

    # When a daughter comes, three see each other; then the interpreter, four, who stands first and largest from then on
    await bring(phone, desk, ines, INES, "Family")
    await all_move(phone, desk, ines)
    await everybody_has_a_place(phone, 3, f"Dr. {meeting.doctor.name}", PHONE)
    await bring(phone, desk, rosa, ROSA, "Interpreter")
    await all_move(*everybody)
    for size in (TABLET, SIDEWAYS, PHONE):
        await everybody_has_a_place(phone, 4, ROSA, size)
    await everybody_has_a_place(desk, 4, ROSA, DESK)
    for one in everybody:
        present = one.page.get_by_role("list", name="In this visit", exact=True).get_by_role("listitem")
        await expect(present).to_have_count(4)
        await sends(one, 400_000, 2)
    assert [await axe_findings(one.page, axe) for one in (phone, desk)] == [[], []]

    # And one leaves by herself, one is taken out; who stays goes on seeing each other, larger again
    await ines.button("Leave the visit").click()
    await ines.button("Leave now").click()
    await expect(ines.page.get_by_text("You have left the visit", exact=True)).to_be_visible()
    await all_move(phone, desk, rosa)
    await everybody_has_a_place(phone, 3, ROSA, PHONE)
    await sends(phone, 600_000, 1.5)
    await desk.page.get_by_role("button", name=f"Take out: {ROSA}", exact=True).click()
    await expect(rosa.heading("There is no visit here for you")).to_be_visible()
    await expect(rosa.page.locator("video")).to_have_count(0)
    await all_move(phone, desk)
    await sends(phone, 1_200_000, 1)
    assert [one.unexpected() for one in everybody] == [[], [], [], []]
