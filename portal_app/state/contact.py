"""A new e-mail address or telephone: say it, type the code sent to it, and it counts."""

from typing import Any, Final

import reflex as rx

from portal_app.core import clock, db, i18n
from portal_app.core.errors import InputRefused, PortalError, TooManyTries
from portal_app.core.i18n import _
from portal_app.features.notify import service as notify
from portal_app.features.profile import service as profile
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame
from portal_app.state.from_check_in import put_right
from portal_app.web.next_path import check_in_path
from portal_app.web.request import network_of

KINDS: Final = ("email", "phone")


class Contact(PortalState, rx.State):
    """The address in question, and the one it is to become."""

    is_ready: bool = False
    kind: str = ""
    step: str = "address"
    current: str = ""
    sent_to: str = ""
    error: str = ""
    attempt: str = ""
    back_href: str = ""
    _visit: str = ""

    @handles("profile.change_contact")
    async def on_load(self) -> None:
        """Show the address that counts now."""
        asked = self.router.url.query_parameters.get("q", "")
        self.kind, self.step, self.error = asked if asked in KINDS else "email", "address", ""
        self._visit = self.router.url.query_parameters.get("visit", "")
        back = check_in_path(self._locale(), self._visit)
        self.back_href = back or i18n.localized_path(self._locale(), "/profile")
        async with db.opened().act_as(self._credential(), "profile.change_contact") as tx:
            await (await self.get_state(Frame))._fill(tx)
            found = await profile.contacts(tx)
        self.current = found.email if self.kind == "email" else found.phone
        if self.kind == "phone" and not notify.can_text():
            self.step = "none"
        self.is_ready = True

    @handles("profile.change_contact", writes=True)
    async def on_propose(self, form: dict[str, str]) -> None:
        """Send a code to the new address."""
        typed, credential = str(form.get("address", "")), self._credential()
        self.error, self.attempt = "", clock.now().isoformat()
        try:
            async with db.opened().act_as(credential, "profile.change_contact") as tx:
                await profile.propose(tx, _kind(self.kind), typed, network_of(credential.address))
        except (InputRefused, TooManyTries) as error:
            self._refuse(error)
            return
        self.sent_to, self.step = typed.strip(), "code"

    @handles("profile.change_contact", writes=True)
    async def on_confirm(self, form: dict[str, str]) -> Any:
        """Take the code, and go back to the page on which the new address stands."""
        typed, credential = str(form.get("code", "")), self._credential()
        self.error, self.attempt = "", clock.now().isoformat()
        try:
            async with db.opened().act_as(credential, "profile.change_contact") as tx:
                refused = await profile.confirm(tx, _kind(self.kind), typed, network_of(credential.address))
        except TooManyTries as error:
            self._refuse(error)
            return None
        if refused is not None:
            self._refuse(refused())
            return None
        back = check_in_path(self._locale(), self._visit)
        if back:
            await put_right(credential, self._visit, "contact")
        return rx.redirect(back or i18n.localized_path(self._locale(), "/profile?done=saved"))

    @handles("profile.change_contact")
    async def on_again(self) -> None:
        """Go back to where the address is said."""
        self.step, self.error = "address", ""

    def _refuse(self, error: PortalError) -> None:
        with i18n.use(self._locale()):
            self.error = _(error.reason if isinstance(error, InputRefused) else error.message)


def _kind(kind: str) -> profile.Kind:
    return "phone" if kind == "phone" else "email"
