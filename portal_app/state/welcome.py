"""The first steps of somebody whose account has just been opened, one question a page."""

from typing import Final

import reflex as rx

from portal_app.core import db, i18n
from portal_app.core.errors import InputRefused
from portal_app.core.i18n import _, ngettext
from portal_app.features.access import passkeys
from portal_app.features.access import service as access
from portal_app.features.access.errors import PasskeyRefused
from portal_app.features.callback.rules import PROMISE
from portal_app.features.enrolment import rules
from portal_app.features.enrolment import service as enrolment
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame

PAGE: Final = "/welcome"


class Welcome(PortalState, rx.State):
    """The page of the first steps; what is done is kept, so that whoever stops goes on where they were."""

    is_ready: bool = False
    step: str = ""
    where: str = ""
    done: int = 0
    email: str = ""
    problem: str = ""
    promise: str = ""
    moment: str = ""

    @handles("enrolment.settle_in")
    async def on_load(self) -> None:
        """Go on with the first step that is left; home if there is none."""
        asked = self.router.url.query_parameters
        async with db.opened().act_as(self._credential(), "enrolment.settle_in") as tx:
            await (await self.get_state(Frame))._fill(tx)
            left = await enrolment.steps_left(tx)
            if "passkey" in left and left[0] == "passkey" and await passkeys.list_passkeys(tx):
                left = await enrolment.finish_step(tx, "passkey")
            self.email = (await access.who_am_i(tx)).email
        with i18n.use(self._locale()):
            self.problem = _(PasskeyRefused.message) if asked.get("problem") else ""
        await self._show(left)

    @handles("enrolment.settle_in", writes=True)
    async def on_language(self, locale: str) -> None:
        """Read the portal in this language from now on."""
        async with db.opened().act_as(self._credential(), "enrolment.settle_in") as tx:
            await access.choose_language(tx, locale)
            left = await enrolment.finish_step(tx, "language")
        if locale == self._locale():
            await self._show(left)
        else:
            await self._leave_for(i18n.localized_path(locale, PAGE))

    @handles("enrolment.settle_in", writes=True)
    async def on_channel(self, reached_by: str) -> None:
        """Say how to reach this person."""
        if reached_by not in ("mail", "phone"):
            raise InputRefused("channel", InputRefused.message)
        async with db.opened().act_as(self._credential(), "enrolment.settle_in") as tx:
            left = await enrolment.finish_step(tx, "channel", "phone" if reached_by == "phone" else "mail")
        await self._show(left)

    @handles("enrolment.settle_in", writes=True)
    async def on_done(self, step: str) -> None:
        """Go on from a step that was read, or left out."""
        async with db.opened().act_as(self._credential(), "enrolment.settle_in") as tx:
            left = await enrolment.finish_step(tx, step)
        self.problem = ""
        await self._show(left)

    async def _show(self, left: tuple[str, ...]) -> None:
        if not left:
            await self._leave_for(i18n.localized_path(self._locale(), "/"))
            return
        total, hours = len(rules.STEPS), int(PROMISE.total_seconds() // 3600)
        self.done = total - len(left)
        with i18n.use(self._locale()):
            self.where = _("Step {number} of {total}").format(
                number=i18n.format_number(self.done + 1), total=i18n.format_number(total)
            )
            self.promise = ngettext(
                "Ask to be called back, and we call within {count} hour of our opening hours.",
                "Ask to be called back, and we call within {count} hours of our opening hours.",
                hours,
            ).format(count=i18n.format_number(hours))
        self.step, self.moment, self.is_ready = left[0], "" if not self.moment and not self.done else left[0], True
