"""`./portal user create`: add somebody who works for the practice, and print what they set up their sign-in with."""

import argparse
import asyncio

from portal_app import wiring
from portal_app.core.actor import STAFF
from portal_app.core.errors import InputRefused
from portal_app.features.access import resetting, service
from portal_app.settings import Settings


def main(settings: Settings, given: argparse.Namespace) -> int:
    """Add one person with one role; adding the same address again adds the role."""
    if given.role not in STAFF:
        print(f"There is no role {given.role}. Roles: {', '.join(sorted(STAFF))}.")
        return 2
    try:
        code = asyncio.run(_create(settings, given))
    except InputRefused:
        print(f"{given.email} is not an e-mail address.")
        return 2
    print(f"{given.name} can sign in with {given.email} as {given.role}.")
    if code is not None:
        print(f"Set-up code for their passkey or app: {code} (three days). Give it to them yourself, not by e-mail.")
    return 0


async def _create(settings: Settings, given: argparse.Namespace) -> str | None:
    database = wiring.open_portal(settings)
    try:
        async with database.act_as_system("user create") as tx:
            person_id = await service.add_staff(tx, given.name, given.email, given.role)
            return await resetting.first_set_up_code(tx, person_id)
    finally:
        await database.close()
