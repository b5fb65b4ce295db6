"""What stands over every page while support sees it as the patient does, and the page that says so and ends it."""

from typing import Final
from uuid import UUID

import reflex as rx

from portal_app.core import clock, db, i18n
from portal_app.core.actor import Role
from portal_app.core.i18n import N_, _
from portal_app.features.privacy import service as privacy
from portal_app.features.privacy.service import Look
from portal_app.state.base import PortalState, handles
from portal_app.web.next_path import LOOKED

_SHUT: Final = {
    "part": N_("This part of the patient's pages is not shown to your role."),
    "patient": N_(
        "That page is for the patient alone, or something is changed or begun there. It is not shown to you."
    ),
}


class Looking(PortalState, rx.State):
    """The bar, in the language of whoever looks: the page below it speaks the patient's."""

    is_ready: bool = False
    bar: str = ""
    """Empty for everybody else."""
    name: str = ""
    stop: str = ""
    lang: str = "en"
    is_right_to_left: bool = False
    seconds: int = 0
    moment: str = ""
    why: str = ""
    shut: str = ""
    """Why the page that was to be opened stays shut, in words."""
    is_on: bool = False

    @handles("privacy.look_over")
    async def on_load(self) -> None:
        """Say whose pages are open, or that it is over, in the language of whoever looks."""
        async with db.opened().act_as(self._credential(), "privacy.look_over") as tx:
            look, locale, roles = await privacy.look_now(tx), tx.actor.locale, tx.actor.roles
        locale = look.locale if look else locale
        # Whoever never looked has opened the address themself, in the language they wanted.
        why = self.router.url.query_parameters.get("why", "")
        if roles & {Role.onlooker, Role.looked} and locale != self._locale():
            await self._leave_for(i18n.localized_path(locale, f"{LOOKED}?why={why}" if why in _SHUT else LOOKED))
            return
        with i18n.use(locale):
            self.shut = _(_SHUT.get(why, "")) if look and why in _SHUT else ""
            self.why = (
                _("You see what {name} sees. Stop looking to go on with your own work.").format(name=look.name)
                if look
                else _("It ends by itself after fifteen minutes. The patient reads in their portal that you looked.")
            )
        self.is_on, self.is_ready = look is not None, True

    @handles("privacy.look_over")
    async def on_near_end(self) -> None:
        """Go on: the end is said when it comes."""

    @handles("privacy.look_over")
    async def on_end(self) -> None:
        """Leave the patient's pages when the time is over."""
        await self._leave_for(i18n.localized_path(self._locale(), LOOKED))

    async def _refresh(self) -> None:
        """Find out that it is over, where the patient refuses to be looked at any longer."""
        async with db.opened().act_as(self._credential(), "booking.view"):
            pass

    def _show(self, look: Look, patient_id: UUID | None) -> None:
        self.lang, self.is_right_to_left = look.locale, i18n.direction(look.locale) == "rtl"
        with i18n.use(look.locale):
            until = i18n.format_clock(look.until, look.zone)
            self.name = _("As the patient sees it")
            self.bar = _("You see what {name} sees. Nothing can be changed. Ends at {time}.").format(
                name=look.name, time=until
            )
            self.stop = _("Stop looking")
        self._watch(f"patient:{patient_id}")
        self.seconds = max(0, int((look.until - clock.now()).total_seconds()))
        self.moment = look.until.isoformat()
