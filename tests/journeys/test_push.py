"""Notifications: turned on in the profile, sent by a reminder's job, shown by the service worker, opened by a touch."""

import json
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import CDPSession, expect

from portal_app.core import i18n
from portal_app.features.booking import jobs, reminders
from portal_app.features.booking import service as booking
from portal_app.features.notify.service import outbox_folder
from portal_app.web import cookies
from tests.browser import axe_findings, overflow
from tests.factories import Someone
from tests.integrations.push.service import Browser
from tests.journeys.clinic import Doctor, Practices
from tests.journeys.conftest import Arrive
from tests.journeys.house import House, until
from tests.journeys.test_passkeys import with_passkeys
from tests.journeys.walker import AWAY, Walker
from tests.web.wire import ROOT, open_tab

pytestmark = pytest.mark.asyncio(loop_scope="session")
EVERY_LANGUAGE = pytest.mark.parametrize("locale", list(i18n.LOCALES))
# The browser asks its maker's push service for an address, which no test can reach: this answers in its place.
SUBSCRIBES = """
PushManager.prototype.subscribe = async (wanted) => ({ toJSON: () => (%s) });
PushManager.prototype.getSubscription = async () => null;
"""


@pytest_asyncio.fixture(loop_scope="session")
async def doctor(practices: Practices) -> Doctor:
    return await practices.doctor()


async def allow(walker: Walker) -> None:
    """Let the portal show notifications, on a browser whose push service answers."""
    browser = Browser("https://fcm.googleapis.com/fcm/send/of-a-test")
    given = json.dumps({"endpoint": browser.endpoint, "keys": browser.keys})
    await walker.context.grant_permissions(["notifications"], origin=walker.house.origin)
    await walker.context.add_init_script(SUBSCRIBES % given)


async def turned_on(arrive: Arrive, patient: Someone, locale: str = "en") -> Walker:
    """Return a phone on which somebody has turned notifications on."""
    phone = await arrive(locale)
    await allow(phone)
    await phone.let_in(patient)
    await phone.open("/profile/notifications")
    await phone.button("Turn on notifications").click()
    await expect(phone.page.get_by_text(phone.say("Notifications are on for this browser."))).to_be_visible()
    return phone


async def pushes(house: House, link: str) -> dict[str, Any]:
    """Wait for the notification that leads to an address, and return what the browser is told."""

    async def look() -> dict[str, Any] | None:
        caught = (json.loads(path.read_text()) for path in outbox_folder(house.settings).glob("*.push"))
        return next((json.loads(one["payload"]) for one in caught if one["link"] == link), None)

    return await until(look, what=f"a notification for {link}")


SHOWN = """async () => {
    const worker = await navigator.serviceWorker.ready;
    for (let look = 0; look < 50; look++) {
        const all = await worker.getNotifications();
        if (all.length) return all.map((one) => ({ title: one.title, body: one.body, dir: one.dir }));
        await new Promise((go) => setTimeout(go, 100));
    }
    return [];
}"""


async def deliver(phone: Walker, said: dict[str, Any]) -> list[dict[str, str]]:
    """Have the browser get a message from its push service, and return what it shows.

    A busy browser may lose one that its tools deliver; of two with one tag it shows one.
    """
    session = await phone.context.new_cdp_session(phone.page)
    origin = phone.house.origin
    given = {"origin": origin, "registrationId": await _registration(session, origin), "data": json.dumps(said)}

    async def look() -> list[dict[str, str]]:
        await session.send("ServiceWorker.deliverPushMessage", given)
        shown: list[dict[str, str]] = await phone.page.evaluate(SHOWN)
        return shown

    return await until(look, what="the notification on the screen")


async def _registration(session: CDPSession, origin: str) -> str:
    found: list[dict[str, Any]] = []
    session.on("ServiceWorker.workerRegistrationUpdated", lambda told: found.extend(told["registrations"]))
    await session.send("ServiceWorker.enable")

    async def look() -> str | None:
        return next((one["registrationId"] for one in found if one["scopeURL"] == f"{origin}/"), None)

    return await until(look, what="the service worker")


@EVERY_LANGUAGE
async def test_turned_on_reminded_shown_and_the_very_appointment_opened(
    arrive: Arrive, house: House, practices: Practices, doctor: Doctor, locale: str, axe: str
) -> None:
    patient = await practices.patient(doctor, locale=locale)
    booked = await practices.booked(patient, (await practices.free_times(patient, doctor))[6])
    phone = await turned_on(arrive, patient, locale)
    assert await axe_findings(phone.page, axe) == []
    assert await overflow(phone.page) == []
    await phone.link("Choose what comes as a notification").click()
    await phone.at("/profile/answer")
    await phone.page.locator("input[name=reminders][value=push]").check()
    await phone.page.locator("input[name=quiet][value='0-0']").check()
    await phone.button("Save").click()
    await phone.at("/profile")
    async with practices.database.act_as_system("test") as tx:
        for person in await jobs.recipients(tx, booked):
            with i18n.use(locale):
                await jobs.remind(tx, person, booked, reminders.Due(booked.id, 1440))

    said = await pushes(house, phone.path(f"/appointments/{booked.id}"))
    (shown,) = await deliver(phone, said)

    assert shown["title"] == "Riverside Family Care"
    assert (shown["body"], shown["dir"]) == (phone.say("Something new in your portal"), i18n.direction(locale))
    assert phone.unexpected(AWAY) == []


@EVERY_LANGUAGE
async def test_a_notification_opens_the_very_appointment_after_one_touch(
    arrive: Arrive, practices: Practices, doctor: Doctor, locale: str
) -> None:
    patient, other = await practices.patient(doctor, locale=locale), await practices.patient(doctor)
    times = await practices.free_times(patient, doctor)
    booked, theirs = await practices.booked(patient, times[7]), await practices.booked(other, times[8])
    phone = await turned_on(arrive, patient, locale)
    await with_passkeys(phone)
    await phone.open("/profile/devices")
    await phone.button("Add a passkey").click()
    await phone.at("/profile/devices", more=r"\?done=added")
    await practices.end_session(patient)

    await opened(phone, f"/appointments/{booked.id}")
    await phone.at("/sign-in")
    await phone.tap(phone.button("Sign in with a passkey"))
    await phone.at(f"/appointments/{booked.id}")
    await expect(phone.heading_named(doctor.name)).to_be_visible()
    assert phone.taps == 1

    await opened(phone, f"/appointments/{theirs.id}")
    await expect(phone.heading("We could not find that visit")).to_be_visible()
    elsewhere = await practices.people.sign_in_again(patient)
    async with practices.database.act_as(elsewhere.credential, "booking.cancel") as tx:
        await booking.cancel_appointment(tx, booked.id)
    await opened(phone, f"/appointments/{booked.id}")
    await expect(phone.page.get_by_text(phone.say("You cancelled this visit."))).to_be_visible()
    await expect(phone.link("Book another visit")).to_be_visible()


async def opened(phone: Walker, address: str) -> None:
    """Tap the notification: what the service worker does then, which no tool of the browser's can set off.

    Bringing a tab to the front needs a hand; all else is as it is.
    """
    worker = phone.context.service_workers[0]
    await worker.evaluate(
        "async (link) => { WindowClient.prototype.focus = async function () { return this; }; await open(link); }",
        phone.path(address),
    )


async def test_a_device_that_is_offline_shows_whom_to_call_and_keeps_no_page_of_anybody(
    arrive: Arrive, practices: Practices, doctor: Doctor
) -> None:
    patient = await practices.patient(doctor)
    phone = await turned_on(arrive, patient)
    await phone.open("/appointments")
    await phone.context.set_offline(True)
    for address, heading in (("/appointments", "You are offline"), ("/ar/profile", "لا يوجد اتصال بالإنترنت")):
        await phone.page.goto(phone.house.origin + address)
        await expect(phone.page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
        await expect(phone.page.locator("a[href^='tel:']")).to_have_count(2)
        await expect(phone.page.locator("a[href='tel:911']")).to_be_visible()
    kept = await phone.page.evaluate(
        "caches.keys().then((names) => Promise.all(names.map((name) => caches.open(name).then((one) => one.keys()))))"
        ".then((all) => all.flat().map((request) => new URL(request.url).pathname).sort())"
    )
    assert kept == ["/ar/offline", "/es/offline", "/offline"]
    await phone.context.set_offline(False)
    await phone.open("/appointments")


REFUSED = """
Object.defineProperty(Notification, "permission", { get: () => window.answer || "default" });
Notification.requestPermission = async () => (window.answer = window.next || "default");
"""


async def test_whoever_does_not_let_us_is_told_what_to_do(arrive: Arrive, practices: Practices, doctor: Doctor) -> None:
    phone = await arrive()
    await phone.context.add_init_script(REFUSED)
    await phone.let_in(await practices.patient(doctor))
    await phone.open("/profile/notifications")
    await phone.button("Turn on notifications").click()
    await expect(phone.page.get_by_text(phone.say("You have not chosen yet. Nothing was changed."))).to_be_visible()
    await phone.page.evaluate("window.next = 'denied'")
    await phone.button("Turn on notifications").click()
    await expect(phone.page.get_by_text("allow notifications, and then load this page again.")).to_be_visible()
    assert phone.unexpected() == []


async def test_a_script_turns_notifications_on_for_nobody_but_itself(
    house: House, practices: Practices, doctor: Doctor
) -> None:
    patient, victim = await practices.patient(doctor), await practices.patient(doctor)
    event = f"{ROOT}.portal_app___state___notifications____notifications"
    cookie = f"{cookies.cookie_name(house.settings)}={patient.credential.session_secret}"
    browser = Browser("https://fcm.googleapis.com/fcm/send/of-a-script")
    given = {"endpoint": browser.endpoint, **browser.keys, "person_id": str(victim.person_id)}
    address = "/profile/notifications"
    async with open_tab(house.origin, {"Origin": house.origin, "Cookie": cookie}, path=address) as opened:
        tab = await opened.arrive()
        await tab.send(f"{event}.on_subscribed", given=given | {"endpoint": "http://169.254.169.254/latest"})
        assert await tab.until(lambda tab: tab.var("notifications", "problem"))
        await tab.send(f"{event}.on_subscribed", given=given)
        assert await tab.until(lambda tab: tab.var("notifications", "is_on"))
    async with practices.database.act_as_system("test") as tx:
        rows = await tx.all(
            "select person_id from push_subscription where person_id in (:one, :other)",
            {"one": patient.person_id, "other": victim.person_id},
        )
    assert [row.person_id for row in rows] == [patient.person_id]
