"""Two people in a video visit: real Chromium on both sides, the pages as they are, and when each shows the other."""

import argparse
import asyncio
import contextlib
import io
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import psutil
import psycopg
from playwright.async_api import Browser, Page, async_playwright
from playwright.sync_api import sync_playwright

from bench._caller import here
from bench._clinic import Installation
from bench._clinic import Person as SignedIn
from bench._line import MediaLine, PageLine
from bench._web import Served
from bench.pages import Address, browser_of, weigh
from portal_app.core import crypto
from portal_app.core.db import Database
from portal_app.features.visits import service as visits
from portal_app.operations import keys
from portal_app.operations.build import ensure_built
from portal_app.operations.places import Places
from portal_app.operations.startup import unused_port
from portal_app.wiring import load_features
from tests.browser import CHROMIUM, FLAGS
from tests.factories import Someone
from tests.journeys.clinic import Practices
from tests.journeys.house import House
from tests.journeys.walker import DESK, PHONE, Walker

WITHIN_MS: Final = 60_000
_GAP_MS: Final = 400
"""A picture that stands still for so long has stopped."""
_ALL_ALONG_MS: Final = 8_000
"""After so long without a standstill there was none."""
LOOK: Final = """(() => {
  const followed = new WeakSet();
  window.pictures = [];
  const follow = (video) => {
    const count = () => { window.pictures.push(Date.now()); video.requestVideoFrameCallback(count); };
    video.requestVideoFrameCallback(count);
  };
  const look = () => document.querySelectorAll(".video-person video").forEach((video) => {
    if (!followed.has(video)) { followed.add(video); follow(video); }
  });
  new MutationObserver(look).observe(document, { subtree: true, childList: true });
  addEventListener("click", () => sessionStorage.setItem("clicked", Date.now()), true);
})()"""
BY_LINE: Final = r"""(() => {
  window.line = PORT;
  const set = RTCPeerConnection.prototype.setRemoteDescription;
  RTCPeerConnection.prototype.setRemoteDescription = function (told) {
    const led = () => told.sdp.replaceAll(/ (\S+) \d+ typ host/g, ` $1 ${window.line} typ host`);
    return set.call(this, { type: told.type, sdp: told.type === "answer" ? led() : told.sdp });
  };
})()"""
"""What the hub answers names its port; the browser is told the line's instead."""


@dataclass
class Person:
    """One of the two, and their line to the hub if it is not the machine's own."""

    page: Page
    line: MediaLine | None
    left: list[MediaLine] = field(default_factory=list)

    async def shown_at(self, after_ms: float = 0) -> float:
        """Wait until the other is shown, for the first time after a moment or a standstill; return when.

        Where the other was shown all along, it is that moment itself.
        """
        asked = f"""(after) => pictures.find((at, i) => at > after && at - (pictures[i - 1] || 0) > {_GAP_MS})
            ?? (after && pictures[0] < after && pictures.at(-1) > after + {_ALL_ALONG_MS} ? after : undefined)"""
        handle = await self.page.wait_for_function(asked, arg=after_ms, timeout=WITHIN_MS, polling=20)
        return float(await handle.json_value())

    async def frames_since(self, moment_ms: float) -> int:
        """Return how many pictures of the other have been shown since."""
        count: int = await self.page.evaluate("(moment) => pictures.filter((at) => at > moment).length", moment_ms)
        return count


@dataclass(frozen=True)
class Meeting:
    """A patient and a clinician."""

    visit_id: UUID
    name: str
    patient: Someone
    path: str
    phone: Person
    desk: Person

    async def both_shown_at(self, after_ms: float = 0) -> float:
        """Return when the later of the two is shown the other."""
        return max(await asyncio.gather(self.phone.shown_at(after_ms), self.desk.shown_at(after_ms)))

    async def admit(self) -> float:
        """Let the patient in from the board; return how many milliseconds later both see each other."""
        row = self.desk.page.get_by_role("row").filter(has_text=self.name)
        await row.get_by_role("button", name=f"Admit: {self.name}", exact=True).click()
        clicked = float(await self.desk.page.evaluate("sessionStorage.getItem('clicked')"))
        return await self.both_shown_at() - clicked

    async def change_network(self, pages: PageLine, hub: int) -> float:
        """Lose the patient's line for good, with another there for whatever is opened anew; return when, in ms."""
        assert self.phone.line is not None
        old, self.phone.line = self.phone.line, MediaLine(here())
        self.phone.left.append(old)
        await self.phone.page.evaluate("(port) => { window.line = port; }", await self.phone.line.open())
        self.phone.line.lead_to(hub)
        moment = time.time() * 1000
        pages.forsake()
        old.lost = 1.0
        return moment

    async def way(self) -> str:
        """Return by which way the patient sees the clinician."""
        return str(await self.phone.page.locator(".video-room").get_attribute("data-path"))

    async def close(self) -> None:
        """Close both browsers' windows."""
        for one in (self.phone, self.desk):
            await one.page.context.close()
            for line in (*one.left, one.line):
                if line is not None:
                    line.close()


class Portal:
    """A portal served as it is for real people, and a practice in it."""

    def __init__(self, installation: Installation, house: House, practices: Practices, browser: Browser) -> None:
        self.pages = PageLine(house.settings.port)
        self._superuser, self._house, self._practices, self._browser = (
            installation.superuser, house, practices, browser
        )  # fmt: skip

    async def meeting(self, *, through_hub: bool, by_line: bool = False) -> Meeting:
        """Make a visit whose patient waits and whose clinician looks at the board."""
        doctor = await self._practices.doctor()
        patient = await self._practices.patient(doctor)
        appointment = await self._practices.video_visit_soon(patient, doctor)
        async with self._practices.database.act_as(patient.credential, "visits.join") as tx:
            place = await visits.join(tx, appointment)
        with psycopg.connect(self._superuser) as connection:
            connection.execute("update visit set is_through_hub = %s where id = %s", [through_hub, place.visit_id])
        path = f"/visit?id={appointment}"
        phone = await self._arrive(patient, path, PHONE, by_line=by_line)
        desk = await self._arrive(doctor.account, "/staff/visits", DESK, by_line=by_line)
        name = await self._practices.patient_name(patient)
        await phone.page.get_by_role("heading", name="You are in the waiting room", exact=True).wait_for()
        await desk.page.get_by_role("button", name=f"Admit: {name}", exact=True).wait_for()
        return Meeting(place.visit_id, name, patient, path, phone, desk)

    async def _arrive(self, someone: Someone, path: str, size: Any, *, by_line: bool) -> Person:
        context = await self._browser.new_context(viewport=size)
        page, line = await context.new_page(), None
        await page.add_init_script(LOOK)
        if by_line:
            line = MediaLine(here())
            port = await line.open()
            line.lead_to(self.hub_port())
            await page.add_init_script(BY_LINE.replace("PORT", str(port)))
        walker = Walker(page, self._house)
        await walker.let_in(someone)
        await walker.open(path)
        return Person(page, line)

    async def device_check(self) -> float:
        """Go through the device check as fast as it lets one; return how many milliseconds it took from its opening."""
        doctor = await self._practices.doctor()
        patient = await self._practices.patient(doctor)
        appointment = await self._practices.video_visit_soon(patient, doctor)
        began = time.time() * 1000
        phone = await self._arrive(patient, f"/visit?id={appointment}", PHONE, by_line=False)
        page = phone.page
        await page.get_by_role("button", name="Try camera and sound", exact=True).click()
        await page.get_by_text("We hear you.", exact=True).wait_for()
        for button in ("Play a tone", "Yes"):
            await page.get_by_role("button", name=button, exact=True).click()
        await page.locator("[data-line=whole]").wait_for()
        await page.get_by_role("button", name="Go on", exact=True).click()
        await page.get_by_role("heading", name="Before we begin", exact=True).wait_for()
        took = time.time() * 1000 - began
        await page.context.close()
        return took

    def weight_kb(self, meeting: Meeting) -> float:
        """Return what the patient's first load of the page brings over the wire, with the room open."""
        who = meeting.patient
        person = SignedIn(who.person_id, who.patient_id, who.credential.session_secret)
        served = Served(self._house.settings, 0, {}, ())
        with sync_playwright() as playwright, browser_of(playwright, served, person) as (context, _port):
            return weigh(context, self._house.origin, Address("/visit", "en", meeting.path, person)).kb

    def hub_port(self) -> int:
        """Return where the hub listens, as its log says."""
        log = (self._house.settings.data_dir / f"serve-{self._house.settings.port}.log").read_text().splitlines()
        said: dict[str, Any] = next(json.loads(line) for line in reversed(log) if '"hub_listens"' in line)
        return int(said["port"])

    def kill_hub(self) -> float:
        """End the hub's process at once; return when, in milliseconds."""
        mine = psutil.Process(self._house.running["serve"].pid).children(recursive=True)
        moment = time.time() * 1000
        for one in mine:
            if one.cmdline()[-1:] == ["media"]:
                one.kill()
        return moment


@contextlib.asynccontextmanager
async def portal(installation: Installation) -> AsyncIterator[Portal]:
    """Serve the portal as `./portal serve` does, with its supervisor, behind a line that can be cut."""
    places = Places.from_environment()
    pages = ensure_built(places, lambda line: print(line, flush=True))
    front = unused_port()
    changes = {"mode": "serve", "origin": f"http://localhost:{front}", "port": unused_port(), "media_addresses": here()}
    settings = installation.settings.model_copy(update=changes)
    (settings.data_dir / "pages").symlink_to(pages.parent)
    with contextlib.redirect_stdout(io.StringIO()):
        keys.main(settings, argparse.Namespace(action="make"))
    crypto.load_key_ring(settings)
    load_features("policies")
    database = Database(settings.database_url or "", pool=4)
    practices = Practices(database)
    await practices.open()
    house = House(settings, pages)
    house.start("serve")
    async with async_playwright() as playwright:
        camera = "--use-fake-device-for-media-stream=fps=30"
        flags = [flag for flag in FLAGS if "fake-device" not in flag] + [camera]
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        made = Portal(installation, house, practices, browser)
        try:
            await made.pages.open(front)
            await house.ready()
            yield made
        except Exception:
            print(house.log("serve"))
            raise
        finally:
            await browser.close()
            await made.pages.close()
            house.stop()
            await database.close()
