"""The code by text message: ask for it here, type it into a plain form."""

import reflex as rx

from portal_app.core import clock, db, i18n
from portal_app.core.actor import Role
from portal_app.core.errors import NotAllowed, PortalError, TooManyTries
from portal_app.core.i18n import _
from portal_app.features.access import rules, sessions, text_codes
from portal_app.features.access.errors import CodeWornOut, TextCodeRefused
from portal_app.features.access.views import TextOffer
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame
from portal_app.web.request import network_of

_PROBLEMS = {
    CodeWornOut.code: CodeWornOut.message,
    TooManyTries.code: TooManyTries.message,
    "code_refused": TextCodeRefused.message,
}


PASSKEYS = "/profile/devices"


class TextCode(PortalState, rx.State):
    """One more proof, for whoever signed in by an e-mail code."""

    is_ready: bool = False
    step: str = ""
    hint: str = ""
    problem: str = ""
    code_error: str = ""
    next_path: str = "/"
    attempt: str = ""
    is_held_back: bool = False
    news: str = ""
    _wanted: str = "/"

    @handles("access.prove_by_text")
    async def on_load(self) -> None:
        """Say which number the code goes to, and what went wrong with the last one."""
        asked = self.router.url.query_parameters
        self.next_path, self.attempt = rules.safe_next(asked.get("next", "/")), clock.now().isoformat()
        self._wanted, problem = self.next_path, asked.get("problem", "")
        async with db.opened().act_as(self._credential(), "access.prove_by_text") as tx:
            await (await self.get_state(Frame))._fill(tx)
            offer, is_proven = await text_codes.text_offer(tx), tx.actor.assurance > 1
            self.is_held_back = Role.held_back in tx.actor.roles
        if is_proven:
            await self._leave_for(self.next_path)
        with i18n.use(self._locale()):
            self.code_error = _(_PROBLEMS.get(problem, PortalError.message)) if problem else ""
        self.problem = self.news = ""
        self.hint = offer.hint if offer.is_open else ""
        self.step, self.is_ready = _step(offer, is_typing=asked.get("step") == "code"), True

    @handles("access.prove_by_text", writes=True)
    async def on_send(self) -> None:
        """Send a code to the telephone."""
        self.next_path = self._wanted
        await self._send()

    async def _send(self) -> None:
        self.attempt, credential = clock.now().isoformat(), self._credential()
        self.problem = self.code_error = ""
        try:
            async with db.opened().act_as(credential, "access.prove_by_text") as tx:
                await text_codes.ask_for_text_code(tx, network_of(credential.address))
        except (TooManyTries, NotAllowed) as error:
            with i18n.use(self._locale()):
                self.problem = _(error.message)
            return
        self.step = "code"

    @handles("access.prove_by_text", writes=True)
    async def on_send_for_passkey(self) -> None:
        """Send a code whose session goes on to where a passkey is made."""
        self.next_path = i18n.localized_path(self._locale(), PASSKEYS)
        await self._send()

    @handles("access.prove_by_text")
    async def on_again(self) -> None:
        """Go back to where a code is asked for."""
        self.step, self.code_error = "passkey" if self.is_held_back else "offer", ""

    @handles("access.end_sessions", writes=True)
    async def on_shut_out(self) -> None:
        """Sign every other browser out: whoever has lost one must be able to."""
        async with db.opened().act_as(self._credential(), "access.end_sessions") as tx:
            await sessions.end_other_sessions(tx)
        with i18n.use(self._locale()):
            self.news = _("All other devices are signed out.")


def _step(offer: TextOffer, *, is_typing: bool) -> str:
    if not offer.is_open:
        return "passkey" if offer.has_passkey else "none"
    if is_typing:
        return "code"
    return "passkey" if offer.has_passkey else "offer"
