"""The whole journey without a mouse, checked against the browser's accessibility tree."""

import re
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.async_api import Browser, CDPSession, expect

from portal_app.core import i18n
from portal_app.web.registry import all_pages
from tests.journeys.clinic import Practices
from tests.journeys.conftest import Arrive
from tests.journeys.house import House
from tests.journeys.walker import DESK, Walker, body

pytestmark = pytest.mark.asyncio(loop_scope="session")
STOPS_MAX = 60
SETTLES_MS = 10_000
ROLES = ("clinician", "nurse", "front_desk", "billing", "manager")


@pytest.fixture
def chromium(bare_chromium: Browser) -> Browser:
    """Look at every page in the browser without windows."""
    return bare_chromium


@dataclass(frozen=True)
class Stop:
    """What a screen reader says of the element that has the focus."""

    role: str
    name: str
    is_seen: bool


class Keyboard:
    """Somebody who has only keys: walks by Tab, and hears role and name."""

    def __init__(self, walker: Walker, devtools: CDPSession) -> None:
        self.walker, self.page, self._devtools = walker, walker.page, devtools
        self.passed: list[Stop] = []

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.page.keyboard.press(key)

    async def to(self, role: str, name: str) -> Stop:
        """Press Tab until something with this role and a name that begins so has the focus."""
        self.passed = []
        while len(self.passed) < STOPS_MAX:
            await self.press("Tab")
            stop = await self.stop()
            assert stop.is_seen, f"the focus cannot be seen on {stop}"
            self.passed.append(stop)
            if stop.role == role and stop.name.startswith(name):
                return stop
        raise AssertionError(f"no {role} {name!r} among {self.passed}")

    async def walk(self, most: int = 12) -> list[Stop]:
        """Press Tab until the page is left, or often enough, and return what had the focus on the way."""
        stops: list[Stop] = []
        for _press in range(most):
            await self.press("Tab")
            if await self.page.evaluate("document.activeElement === document.body"):
                break
            stops.append(await self.stop())
        return stops

    async def stop(self) -> Stop:
        """Return what has the focus, as the accessibility tree has it."""
        tree: dict[str, Any] = await self._devtools.send("Accessibility.getFullAXTree")
        focused = [node for node in tree["nodes"] if _property(node, "focused")]
        node = focused[-1] if focused else {}
        return Stop(_value(node, "role"), _value(node, "name"), await self._is_seen())

    async def _is_seen(self) -> bool:
        """Tell whether what has the focus is marked, inside the window and not under a bar; soon, if it still moves."""
        return bool(
            await self.page.evaluate(
                """settles_ms => new Promise((tell) => {
                    const isSeen = () => {
                        const e = document.activeElement;
                        if (e === document.body) return true;
                        const shown = e.matches('.unseen, .choice input') ? e.closest('label') : e;
                        const box = shown.getBoundingClientRect();
                        const at = document.elementFromPoint(box.left + box.width / 2,
                            box.top + Math.min(box.height, 40) / 2);
                        const outlined = getComputedStyle(shown).outlineStyle !== 'none'
                            || getComputedStyle(e).outlineStyle !== 'none';
                        return outlined && !!at && (shown.contains(at) || at.contains(shown));
                    };
                    const end = performance.now() + settles_ms;
                    const look = () => {
                        if (isSeen() || performance.now() > end) tell(isSeen());
                        else setTimeout(look, 20);
                    };
                    look();
                })""",
                SETTLES_MS,
            )
        )


def _property(node: dict[str, Any], name: str) -> Any:
    return next((one["value"]["value"] for one in node.get("properties", []) if one["name"] == name), None)


def _value(node: dict[str, Any], key: str) -> str:
    return str(node.get(key, {}).get("value", ""))


async def keyboard(walker: Walker) -> Keyboard:
    """Return somebody's keys."""
    devtools = await walker.context.new_cdp_session(walker.page)
    await devtools.send("Accessibility.enable")
    return Keyboard(walker, devtools)


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_sign_in_book_and_cancel_with_keys_alone(
    arrive: Arrive, house: House, practices: Practices, locale: str
) -> None:
    patient = await practices.patient(await practices.doctor(), locale=locale)
    phone = await arrive(locale)
    keys = await keyboard(phone)

    await phone.open("/sign-in")
    await keys.to("textbox", phone.say("Your e-mail address"))
    await phone.page.keyboard.type(patient.email)
    await keys.press("Enter")
    await expect(phone.page.locator(":focus")).to_have_text(phone.say("Type the code"))
    code = re.search(r"\b\d{6}\b", body(await house.mail(patient.email, "sign_in_code")))
    assert code
    await keys.to("textbox", phone.say("The six digits"))
    await phone.page.keyboard.type(code.group())
    await keys.press("Enter")

    await phone.at("/")
    await keys.to("link", phone.say("Book a visit"))
    await keys.press("Enter")
    await expect(phone.times.first).to_be_visible()
    await keys.to("radio", "")
    await keys.press("ArrowRight")
    await phone.at("/book")
    await _to_third_time(keys)
    await keys.press("Enter")
    await expect(phone.book).to_be_visible()
    await keys.to("textbox", phone.say("What is it about? (optional)"))
    await phone.page.keyboard.type("Knee")
    await keys.to("button", phone.say("Book {when}").split("{")[0])
    await keys.press("Enter")

    await expect(phone.page.locator(":focus")).to_have_text(phone.say("Your visit is booked"))
    await keys.to("button", phone.say("Cancel this visit"))
    await keys.press("Enter")
    await expect(phone.page.get_by_role("dialog")).to_be_visible()
    await keys.to("button", phone.say("Yes, cancel it"))
    await keys.press("Enter")
    await expect(phone.page.get_by_role("dialog")).to_be_hidden()
    await expect(phone.page.locator(":focus")).to_have_text(phone.say("Your visit is cancelled"))
    assert await practices.statuses(patient) == ["cancelled"]


async def _to_third_time(keys: Keyboard) -> None:
    """Walk past two times: each is reached on its own, and none is chosen by being passed."""
    name = str(await keys.walker.times.nth(2).get_attribute("aria-label"))
    await keys.to("button", name)


async def test_the_day_is_kept_with_keys_alone(arrive: Arrive, practices: Practices) -> None:
    doctor = await practices.doctor()
    patient = await practices.patient(doctor)
    booked = await practices.booked(patient, (await practices.free_times(patient, doctor))[0])
    desk = await arrive(size=DESK)
    await desk.let_in(doctor.account)
    keys = await keyboard(desk)
    await desk.open("/staff/schedule")
    await desk.turn_to(booked.starts_at)

    await keys.to("button", "Arrived: Maria")
    await keys.press("Enter")
    await expect(desk.page.get_by_role("row").filter(has_text="Visit over")).to_have_count(1)
    await keys.to("button", "Undo: Maria")
    await keys.press("Enter")
    await expect(desk.page.get_by_role("button", name="Arrived: Maria")).to_be_visible()
    assert await practices.statuses(patient) == ["booked"]


@pytest.mark.parametrize("address", ["/", "/book", "/appointments", "/profile"])
async def test_tab_goes_through_a_page_in_the_order_it_is_read(
    arrive: Arrive, practices: Practices, address: str
) -> None:
    phone = await arrive()
    await phone.let_in(await practices.patient(await practices.doctor()))
    await phone.open(address)
    await expect(phone.page.locator("[aria-busy=true]")).to_have_count(0)
    await phone.page.evaluate("window.stops = []")
    for _ in range(15):
        await phone.page.keyboard.press("Tab")
        await phone.page.evaluate("stops.push(document.activeElement)")
    assert await phone.page.evaluate(
        """stops.filter((e) => e !== document.body).slice(1).every((e, n) => e === stops[0]
            || !!(stops[n].compareDocumentPosition(e) & Node.DOCUMENT_POSITION_FOLLOWING))"""
    )


async def test_every_control_of_the_journey_has_a_role_and_a_name(arrive: Arrive, practices: Practices) -> None:
    phone = await arrive()
    await phone.let_in(await practices.patient(await practices.doctor()))
    devtools = await phone.context.new_cdp_session(phone.page)
    await devtools.send("Accessibility.enable")
    for address in ("/", "/book", "/appointments", "/profile"):
        await phone.open(address)
        await expect(phone.page.locator("[aria-busy=true]")).to_have_count(0)
        tree: dict[str, Any] = await devtools.send("Accessibility.getFullAXTree")
        controls = [node for node in tree["nodes"] if _property(node, "focusable") and not node["ignored"]]
        nameless = [node for node in controls if _value(node, "role") != "RootWebArea" and not _value(node, "name")]
        assert [_value(node, "role") for node in nameless if _value(node, "role") != "main"] == [], address


@pytest.mark.parametrize("audience", ["public", "patient", "staff"])
async def test_tab_shows_and_names_each_stop_of_every_page(arrive: Arrive, practices: Practices, audience: str) -> None:
    doctor = await practices.doctor()
    walker = await arrive(size=DESK) if audience == "staff" else await arrive()
    if audience == "staff":
        await walker.let_in(await practices.people.staff(*ROLES, location_id=practices.location_id))
    if audience == "patient":
        await walker.let_in(await practices.patient(doctor))
    keys = await keyboard(walker)
    for page in (one for one in all_pages() if one.audience == audience):
        await walker.open(page.route.replace("[id]", str(doctor.practitioner_id)))
        await expect(walker.page.locator("[aria-busy=true]")).to_have_count(0)
        stops = await keys.walk()
        assert stops, page.route
        assert [one for one in stops if not (one.is_seen and one.name)] == [], page.route
