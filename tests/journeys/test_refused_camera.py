"""A device check that gets no camera: the steps for this very device, and the way on without."""

import json

import pytest
from playwright.async_api import expect

from tests.journeys.clinic import Practices
from tests.journeys.conftest import Arrive

pytestmark = pytest.mark.asyncio(loop_scope="session")

IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
ANDROID = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko)"
REFUSES = """() => {
  navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException(window.said || "", window.problem));
  Object.defineProperty(navigator, "userAgent", { configurable: true, get: () => window.agent });
}"""
MET = [
    ("NotAllowedError", f"{IPHONE} Version/17.5 Mobile/15E148 Safari/604.1", "choose Website Settings"),
    ("NotAllowedError", f"{IPHONE} CriOS/126.0 Mobile/15E148 Safari/604.1", "find this browser among the apps"),
    ("NotAllowedError", f"{IPHONE} Mobile/15E148 Instagram 331.0", "choose Open in Safari"),
    ("NotAllowedError", f"{ANDROID} Chrome/126.0 Mobile Safari/537.36", "choose Permissions"),
    (
        "NotAllowedError",
        f"{ANDROID} Version/4.0 Chrome/126.0 Mobile Safari/537.36 [FBAN/FB4A]",
        "choose Open in browser",
    ),
    ("NotAllowedError", "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0", "crossed-out camera"),
    ("NotFoundError", "Mozilla/5.0 (X11; Linux x86_64) Chrome/126.0", "We found no camera"),
    ("NotReadableError", "Mozilla/5.0 (X11; Linux x86_64) Chrome/126.0", "Another app is using the camera"),
]
"""What is wrong, on what, and words of the way out."""


async def test_whoever_is_refused_reads_the_steps_for_their_device_and_can_go_on_without(
    arrive: Arrive, practices: Practices
) -> None:
    doctor = await practices.doctor()
    patient = await practices.patient(doctor)
    appointment_id = await practices.video_visit_soon(patient, doctor)
    phone = await arrive()
    await phone.let_in(patient)
    await phone.open(f"/visit?id={appointment_id}")
    await phone.page.evaluate(REFUSES)
    begin = phone.button("Try camera and sound")
    for problem, agent, words in MET:
        await phone.page.evaluate(f"() => Object.assign(window, {json.dumps({'problem': problem, 'agent': agent})})")
        await begin.click()
        await expect(phone.page.get_by_role("alert").filter(has_text=words)).to_be_visible()
        begin = phone.button("Try again")

    # And where the browser may, but not the device, the device's own settings are the way
    await phone.page.evaluate("() => Object.assign(window, { problem: 'NotAllowedError', said: 'Denied by system' })")
    await begin.click()
    await expect(phone.page.get_by_role("alert").filter(has_text="find this browser among the apps")).to_be_visible()
    await phone.button("Go on without them").click()

    await expect(phone.heading("Before we begin")).to_be_visible()
    assert phone.unexpected() == []
