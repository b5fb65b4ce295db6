"""Nothing jumps under the thumb of whoever has begun to read: the content comes where its skeleton stood."""

import asyncio
from collections.abc import Awaitable, Callable
from urllib.parse import urlencode
from uuid import UUID, uuid4

import pytest
from playwright.async_api import WebSocketRoute, expect

from portal_app.features.booking.views import AppointmentView
from portal_app.features.coverage import service as coverages
from portal_app.web.registry import all_pages
from tests.factories import Someone
from tests.journeys.clinic import Doctor, Practices
from tests.journeys.conftest import Arrive
from tests.journeys.test_bill_questions import billed
from tests.journeys.test_ending import signed
from tests.journeys.walker import Walker

pytestmark = pytest.mark.asyncio(loop_scope="session")
GOOD_SHIFT = 0.1
"""Below this a page counts as steady: the web's own measure, Cumulative Layout Shift."""

WATCH = """() => {
    window.shifts = [];
    new PerformanceObserver((seen) => shifts.push(...seen.getEntries().map((one) => ({
        by: one.value,
        moved: one.sources.map((s) => `${s.node?.className} ${s.previousRect.y} to ${s.currentRect.y}`),
    })))).observe({ type: "layout-shift", buffered: true });
}"""
PAINTED = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))"


@pytest.mark.parametrize("audience", ["patient", "public"])
async def test_a_page_does_not_jump_when_its_content_comes(arrive: Arrive, practices: Practices, audience: str) -> None:
    """The server is heard only after the first HTML has been painted, as on a slow line."""
    doctor = await practices.doctor()
    patient = await practices.patient(doctor)
    free = await practices.free_times(patient, doctor)
    booked = await practices.booked(patient, free[0])
    phone = await arrive()
    if audience == "patient":
        # With two proofs, so that no page leads to the one on which the second is asked for.
        await phone.let_in(await practices.people.sign_in_again(patient, assurance=2))
    line = asyncio.Event()
    await _watch(phone, line)
    jumping = {}
    addresses = {page.route: _address(page.route, booked, doctor) for page in all_pages() if page.audience == audience}
    shown = {}
    if audience == "patient":
        past = await practices.booked(patient, free[-1])
        await signed(practices, doctor, past.id)
        shown = {
            "a visit with its summary": f"/appointments/{past.id}",
            "a bill": f"/bills/{await billed(practices, doctor, patient)}",
            "an insurance": f"/insurance/{await _insured(practices, patient)}",
        }
    if audience == "public":
        addresses["a fresh proof"] = "/sign-in?next=/profile&step-up=1"
    for name, address in {**addresses, **shown}.items():
        line.clear()
        if name in shown:  # in a tab of its own: this one remembers what was not there
            phone = await phone.another_tab()
            await _watch(phone, line)
        await phone.page.goto(phone.house.origin + phone.path(address))
        await phone.page.evaluate(PAINTED)
        line.set()
        shifts = await _shifts(phone)
        if sum(one["by"] for one in shifts) >= GOOD_SHIFT:
            jumping[name] = shifts
    assert jumping == {}


async def _watch(phone: Walker, line: asyncio.Event) -> None:
    await phone.page.route_web_socket("**/_event/**", _open_after(line))
    await phone.page.add_init_script(f"({WATCH})()")


async def _shifts(phone: Walker) -> list[dict[str, float]]:
    await phone.answers()
    await expect(phone.page.locator("[aria-busy=true]")).to_have_count(0)
    await phone.page.evaluate(PAINTED)
    found: list[dict[str, float]] = await phone.page.evaluate("shifts")
    return found


async def _insured(practices: Practices, patient: Someone) -> UUID:
    strong = await practices.people.sign_in_again(patient, assurance=2)
    form = coverages.CoverageForm("other", "Steady", "", "S1", "", "1", "self")
    async with practices.database.act_as(strong.credential, "coverage.change") as tx:
        return await coverages.add_coverage(tx, form, uuid4())


def _open_after(line: asyncio.Event) -> Callable[[WebSocketRoute], Awaitable[None]]:
    async def opened(socket: WebSocketRoute) -> None:
        await line.wait()
        socket.connect_to_server()

    return opened


def _address(route: str, booked: AppointmentView, doctor: Doctor) -> str:
    """Return a page's address with something to show, where it shows one thing of many."""
    if route == "/book/confirm":
        where = {"type": booked.visit_type_id, "who": booked.practitioner_id, "where": booked.location_id}
        time = {**where, "how": "in_person", "at": booked.starts_at.isoformat(), "key": uuid4()}
        return f"{route}?{urlencode(time)}"
    shown = doctor.practitioner_id if route.startswith("/clinicians/") else booked.id
    return route.replace("[id]", str(shown))
