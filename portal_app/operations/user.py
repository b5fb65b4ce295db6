"""`./portal user`: add somebody who works for the practice, or let in again whoever lost what they sign in with."""

import argparse
import asyncio

from portal_app import wiring
from portal_app.core.actor import STAFF
from portal_app.core.errors import InputRefused, NotFound
from portal_app.features.access import resetting, service
from portal_app.settings import Settings


def main(settings: Settings, given: argparse.Namespace) -> int:
    """Add one person with one role (the same address again adds the role), or reset how somebody signs in."""
    return _reset(settings, given) if given.action == "reset" else _add(settings, given)


def _reset(settings: Settings, given: argparse.Namespace) -> int:
    try:
        code = asyncio.run(_remove(settings, given.email))
    except NotFound:
        print(f"Nobody signs in with {given.email}.")
        return 2
    print(
        f"The passkeys of {given.email} are removed, with any app and recovery codes; they are signed out everywhere."
    )
    _say_code(code, "one day")
    return 0


def _say_code(code: str | None, life: str) -> None:
    if code is not None:
        print(f"Set-up code for their passkey or app: {code} ({life}). Give it to them yourself, not by e-mail.")


async def _remove(settings: Settings, email: str) -> str | None:
    database = wiring.open_portal(settings)
    try:
        async with database.act_as_system("user reset") as tx:
            return await resetting.reset_for_operator(tx, email)
    finally:
        await database.close()


def _add(settings: Settings, given: argparse.Namespace) -> int:
    if not given.name:
        print("Say who it is: --name.")
        return 2
    if given.role not in STAFF:
        print(f"There is no role {given.role}. Roles: {', '.join(sorted(STAFF))}.")
        return 2
    try:
        code = asyncio.run(_create(settings, given))
    except InputRefused:
        print(f"{given.email} is not an e-mail address.")
        return 2
    print(f"{given.name} can sign in with {given.email} as {given.role}.")
    _say_code(code, "three days")
    return 0


async def _create(settings: Settings, given: argparse.Namespace) -> str | None:
    database = wiring.open_portal(settings)
    try:
        async with database.act_as_system("user create") as tx:
            person_id = await service.add_staff(tx, given.name, given.email, given.role)
            return await resetting.first_set_up_code(tx, person_id)
    finally:
        await database.close()
