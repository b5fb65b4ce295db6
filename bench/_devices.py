"""A phone's place in the network, and what keeps its passkeys."""

import secrets
from typing import Final

from playwright.async_api import CDPSession, Page

NOTHING_OFFERED: Final = (
    "if (window.PublicKeyCredential) PublicKeyCredential.isConditionalMediationAvailable = async () => false"
)


def somewhere() -> str:
    """Return a network nobody was seen on before (RFC 2544 keeps these for benchmarks)."""
    return f"198.18.{secrets.randbelow(256)}.{secrets.randbelow(256)}"


async def with_passkeys(page: Page, *, touched: bool = True) -> tuple[CDPSession, str]:
    """Give a phone what keeps passkeys; `touched`, its owner touches it at once.

    None is offered in the e-mail field: the phone would answer there at once, sooner than anybody taps the button.
    """
    await page.add_init_script(NOTHING_OFFERED)
    devtools = await page.context.new_cdp_session(page)
    await devtools.send("WebAuthn.enable", {"enableUI": False})
    options: Final = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": touched,
    }  # fmt: skip
    made = await devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return devtools, made["authenticatorId"]
