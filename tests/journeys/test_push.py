"""Notifications: turned on in the profile, sent by a reminder's job, shown by the service worker, opened by a touch."""

import json
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import CDPSession, expect

from portal_app.core import i18n
from portal_app.features.booking import jobs, reminders
from portal_app.features.notify.service import outbox_folder
from tests.browser import axe_findings, overflow
from tests.factories import Someone
from tests.integrations.push.service import Browser
from tests.journeys.clinic import Doctor, Practices
from tests.journeys.conftest import Arrive
from tests.journeys.house import House, until
from tests.journeys.walker import AWAY, Walker

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


async def deliver(phone: Walker, said: dict[str, Any]) -> list[dict[str, str]]:
    """Have the browser get a message from its push service, and return what it shows."""
    session = await phone.context.new_cdp_session(phone.page)
    registration = await _registration(session, phone.house.origin)
    await session.send(
        "ServiceWorker.deliverPushMessage",
        {"origin": phone.house.origin, "registrationId": registration, "data": json.dumps(said)},
    )

    async def look() -> list[dict[str, str]]:
        shown: list[dict[str, str]] = await phone.page.evaluate(
            "navigator.serviceWorker.ready.then((worker) => worker.getNotifications()).then((all) => all.map((one) =>"
            " ({ title: one.title, body: one.body, tag: one.tag, link: one.data.link, dir: one.dir })))"
        )
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
