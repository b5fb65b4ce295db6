"""Passkeys on a phone that has them: made once, and from then on one tap."""

import pytest
from playwright.async_api import CDPSession, expect

from portal_app.core import i18n
from tests.browser import axe_findings, overflow
from tests.journeys.clinic import Practices
from tests.journeys.conftest import Arrive
from tests.journeys.walker import Walker

pytestmark = pytest.mark.asyncio(loop_scope="session")
DEVICES = "/profile/devices"
NOTHING_OFFERED = (
    "if (window.PublicKeyCredential) PublicKeyCredential.isConditionalMediationAvailable = async () => false"
)


async def with_passkeys(walker: Walker, *, is_offered: bool = False, **differently: bool) -> tuple[CDPSession, str]:
    """Give a tab a device that keeps passkeys and knows its owner.

    None is offered in the e-mail field unless said: the device answers there at once, sooner than anybody taps the
    button, as if the owner had picked the passkey there.
    """
    if not is_offered:
        await walker.page.add_init_script(NOTHING_OFFERED)
    devtools = await walker.context.new_cdp_session(walker.page)
    await devtools.send("WebAuthn.enable", {"enableUI": False})
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    made = await devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options | differently})
    return devtools, made["authenticatorId"]


async def add_passkey(walker: Walker) -> None:
    """Make a passkey on the page of devices, once the tab has a device that keeps them."""
    await walker.open(DEVICES)
    await walker.button("Add a passkey").click()
    ready = walker.say("Your passkey is ready. Next time, sign in with one tap.")
    await expect(walker.page.get_by_text(ready)).to_be_visible()


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_a_passkey_is_made_and_brings_its_owner_back_in_one_tap(
    arrive: Arrive, practices: Practices, axe: str, locale: str
) -> None:
    patient = await practices.patient(await practices.doctor(), locale=locale)
    phone = await arrive(locale)
    await phone.let_in(patient)
    await with_passkeys(phone)
    await phone.open("/profile")
    await phone.link("Sign-in and devices").click()
    await phone.at(DEVICES)
    await expect(phone.page.get_by_text(phone.say("You have no passkey yet."))).to_be_visible()
    await phone.button("Add a passkey").click()
    await expect(
        phone.page.get_by_text(phone.say("Your passkey is ready. Next time, sign in with one tap."))
    ).to_be_visible()
    assert await axe_findings(phone.page, axe) == []
    assert await overflow(phone.page) == []

    await phone.open("/profile")
    await phone.button("Sign out").click()
    await phone.at("/sign-in")
    await phone.open("/sign-in")  # to begin at home, whatever was open before
    await phone.tap(phone.button("Sign in with a passkey"))
    await phone.at("/")
    assert phone.taps == 1
    assert phone.unexpected() == []


async def test_a_passkey_picked_in_the_email_field_brings_its_owner_back_without_the_button(
    arrive: Arrive, practices: Practices
) -> None:
    phone = await arrive()
    await phone.let_in(await practices.patient(await practices.doctor()))
    await with_passkeys(phone, is_offered=True)
    await add_passkey(phone)
    await phone.context.clear_cookies()
    await phone.page.goto(f"{phone.house.origin}/sign-in")
    await phone.at("/")
    assert phone.unexpected() == []
