"""A page opened again in one tab shows nothing to tap until the server has answered for it."""

import pytest
from playwright.async_api import WebSocketRoute, expect

from tests.journeys.clinic import Practices
from tests.journeys.conftest import Arrive
from tests.journeys.walker import PHONE, Walker

pytestmark = pytest.mark.asyncio(loop_scope="session")


SCROLLED = """() => new Promise((done) => {
    addEventListener("scroll", () => done(scrollY), { once: true });
    scrollTo(0, 90);
})"""


class Line:
    """What the server says to one tab, held back while `is_held`."""

    def __init__(self) -> None:
        self.is_held = False
        self._waiting: list[tuple[WebSocketRoute, str | bytes]] = []

    async def opened(self, socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        def said(message: str | bytes) -> None:
            if self.is_held:
                self._waiting.append((socket, message))
            else:
                socket.send(message)

        server.on_message(said)

    def release(self) -> None:
        self.is_held = False
        for socket, message in self._waiting:
            socket.send(message)
        self._waiting.clear()


async def test_what_an_earlier_page_left_cannot_be_tapped_and_back_leads_to_where_one_was(
    arrive: Arrive, practices: Practices
) -> None:
    doctor = await practices.doctor()
    patient = await practices.patient(doctor)
    visit = await practices.booked(patient, (await practices.free_times(patient, doctor))[0])
    phone, line = await arrive("en", PHONE), Line()
    await phone.page.route_web_socket("**/_event/**", line.opened)
    await phone.let_in(await practices.people.sign_in_again(patient, assurance=2))
    await phone.open(f"/check-in?id={visit.id}")
    card = phone.page.locator("main a.row[href*='/check-in/contact']")
    await expect(card).to_be_visible()
    left_at = await card.evaluate(SCROLLED)
    assert left_at > 0, "nothing to scroll"

    # When a card and the list share what is known, the card says nothing until it is answered for
    line.is_held = True
    await card.evaluate("(link) => link.click()")
    await _at_skeleton(phone, "/check-in/contact")
    line.release()
    await expect(phone.button("Yes, this is right")).to_be_visible()
    await phone.answers()

    # And on the way back neither does the list
    line.is_held = True
    await phone.page.go_back()
    await _at_skeleton(phone, "/check-in?id=")
    await expect(phone.page.locator("main a.row")).to_have_count(0)
    await expect(phone.button("Check in for this visit")).to_have_count(0)
    line.release()
    await expect(card).to_be_visible()
    await phone.page.wait_for_function("(left) => scrollY === left", arg=left_at)
    assert phone.unexpected() == []


async def _at_skeleton(phone: Walker, address: str) -> None:
    await phone.page.wait_for_function("(part) => location.href.includes(part)", arg=address)
    await expect(phone.page.locator("main [aria-busy=true]")).to_be_visible()
