"""`./portal user create`: add somebody who works for the practice, so that they can sign in by e-mail."""

import argparse
import asyncio

from portal_app import wiring
from portal_app.core.actor import STAFF
from portal_app.core.errors import InputRefused
from portal_app.features.access import service
from portal_app.settings import Settings


def main(settings: Settings, given: argparse.Namespace) -> int:
    """Add one person with one role; adding the same address again adds the role."""
    if given.role not in STAFF:
        print(f"There is no role {given.role}. Roles: {', '.join(sorted(STAFF))}.")
        return 2
    try:
        asyncio.run(_create(settings, given))
    except InputRefused:
        print(f"{given.email} is not an e-mail address.")
        return 2
    print(f"{given.name} can sign in with {given.email} as {given.role}.")
    return 0


async def _create(settings: Settings, given: argparse.Namespace) -> None:
    database = wiring.open_portal(settings)
    try:
        async with database.act_as_system("user create") as tx:
            await service.add_staff(tx, given.name, given.email, given.role)
    finally:
        await database.close()
