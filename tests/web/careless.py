"""The real app with the mistakes in it that the guard is there for; the server of the socket tests."""

from typing import Any

import reflex as rx

from portal_app.core import db
from portal_app.portal_app import app as app  # noqa: PLC0414 - what granian starts
from portal_app.state.base import PortalState, handles


class Careless(PortalState, rx.State):
    """Says in `calls` which of its methods ran."""

    calls: list[str] = []  # noqa: RUF012 - Reflex copies the defaults of vars for each session
    role: str = "patient"
    name: str = ""

    def grant_admin(self) -> None:
        self.calls.append("grant_admin")

    def set_role(self, value: str) -> None:
        self.calls.append("set_role")
        self.role = value

    @handles("careless.nobody_registered_this")
    async def on_unknown_policy(self) -> None:
        self.calls.append("on_unknown_policy")

    @handles("access.who_am_i")
    async def on_count(self, number: int) -> None:
        self.calls.append(f"on_count {number!r}")

    @handles("access.who_am_i")
    async def on_form(self, form: dict[str, Any]) -> None:
        self.calls.append(f"on_form {sorted(form)}")

    @handles("access.who_am_i")
    async def on_look(self) -> None:
        await self._refresh()
        async with db.opened().act_as(self._credential(), "access.who_am_i") as tx:
            self._watch(f"person:{tx.actor.person_id}")

    @handles("access.who_am_i")
    async def on_fail(self) -> None:
        raise RuntimeError("the name of a patient")

    @handles("access.ask_code")
    async def on_public(self) -> None:
        self.calls.append("on_public")

    async def _refresh(self) -> None:
        async with db.opened().act_as(self._credential(), "access.who_am_i") as tx:
            self.name = tx.actor.display_name
            self.calls.append("_refresh")
