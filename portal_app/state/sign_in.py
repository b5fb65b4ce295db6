"""Signing in: ask for a code by e-mail, then type it. The code itself goes over a plain form."""

import reflex as rx

from portal_app.core import clock, db, i18n
from portal_app.core.errors import (
    AccessEnded,
    InputRefused,
    NotAllowed,
    NotSignedIn,
    PortalError,
    StepUpNeeded,
    TooManyTries,
)
from portal_app.core.i18n import N_, _
from portal_app.features.access import rules, service, single_sign_on, text_codes, tries
from portal_app.features.access.errors import (
    AccountClosed,
    AlreadyJoined,
    CodeRefused,
    CodeWornOut,
    JoinTooLate,
    NoRoleHere,
    NotForStaff,
    PasskeyRefused,
    PasskeySetAside,
    ProviderAway,
    SignOnDeclined,
    SignOnRefused,
)
from portal_app.settings import get_settings
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame
from portal_app.web import cookies
from portal_app.web.next_path import text_code_path
from portal_app.web.policies import CONNECT
from portal_app.web.request import network_of

_KINDS = (
    CodeRefused, CodeWornOut, PasskeyRefused, PasskeySetAside, ProviderAway, SignOnDeclined, SignOnRefused, NoRoleHere,
    NotForStaff, AccountClosed, AlreadyJoined, JoinTooLate, TooManyTries, PortalError,
)  # fmt: skip
_PROBLEMS = {error.code: error.message for error in _KINDS}
_JOIN = N_("We do not know your practice account yet. Sign in here once more, as before, and we join the two.")
ASKED_ANEW = StepUpNeeded.message
"""Why somebody who is signed in is asked once more; said by the page before the server answers."""
_SIGNED_OUT = N_("You are signed out. See you soon.")


class SignIn(PortalState, rx.State):
    """The sign-in page, for visitors."""

    step: str = "email"
    email_error: str = ""
    code_error: str = ""
    passkey_error: str = ""
    notice: str = ""
    sign_on: str = ""
    anew: str = ""
    text_path: str = ""
    next_path: str = "/"
    sent_to: str = ""
    attempt: str = ""
    is_busy: bool = False
    demo_people: list[dict[str, str]] = []

    @handles("access.ask_code")
    async def on_load(self) -> None:
        """Read from the address which step this is and what went wrong."""
        asked = self.router.url.query_parameters
        self.next_path = rules.safe_next(asked.get("next", "/"))
        self.step = "code" if asked.get("step") == "code" else "email"
        self.email_error = self.sent_to = ""
        self.attempt = clock.now().isoformat()
        problem = asked.get("problem", "")
        with i18n.use(self._locale()):
            said = _(_PROBLEMS.get(problem, PortalError.message)) if problem else ""
            self.code_error, self.passkey_error = (said, "") if self.step == "code" else ("", said)
            self.notice = _(_SIGNED_OUT) if asked.get("done") == "signed-out" else ""
            if asked.get("ended") == "access":
                self.notice = _(AccessEnded.message)
            if asked.get("step") == "join":
                self.notice = _(_JOIN)
            self.anew = "yes" if asked.get("step-up") else ""
            provider = single_sign_on.provider_name()
            self.sign_on = _("Staff: sign in with {name}").format(name=provider) if provider else ""
            self.demo_people = _demo_people() if get_settings().is_demo else []
        async with db.opened().act_as_visitor(self._browser_secret(), "practice.view_name") as tx:
            await (await self.get_state(Frame))._fill(tx)
        self.text_path = ""
        if asked.keys() == {"next"} and await self._is_signed_in():
            # The session was replaced while this tab still showed a page of the old one: it goes where it was going.
            await self._leave_for(self.next_path)
        if asked.get("step-up") and await self._can_text():
            self.text_path = text_code_path(self._locale(), self.next_path)

    @handles("access.ask_code", writes=True)
    async def on_ask(self, form: dict[str, str]) -> None:
        """Send a code, if the address is known; the answer is the same if it is not."""
        email, secret = str(form.get("email", "")), self._browser_secret()
        address, self.email_error = self._credential().address, ""
        self.attempt = clock.now().isoformat()
        known_secret = cookies.read_known_secret(self.router.headers.cookie)
        try:
            async with db.opened().act_as_visitor(secret, "access.ask_code", address) as tx:
                await tries.count_ask(tx, tries.Asker(secret, known_secret, network_of(address)))
                await service.ask_for_code(tx, email, secret, self._locale(), known_secret)
        except (InputRefused, TooManyTries) as error:
            with i18n.use(self._locale()):
                self.email_error = _(error.reason if isinstance(error, InputRefused) else error.message)
            return
        self.sent_to, self.step, self.code_error = email.strip(), "code", ""

    @handles("access.ask_code")
    async def on_change_email(self) -> None:
        """Go back to the e-mail address."""
        self.step, self.code_error = "email", ""

    async def _is_signed_in(self) -> bool:
        try:
            async with db.opened().act_as(self._credential(), CONNECT):
                return True
        except (NotSignedIn, NotAllowed):
            return False

    async def _can_text(self) -> bool:
        """Tell whether somebody is signed in here who can prove it by a text message instead."""
        try:
            async with db.opened().act_as(self._credential(), "access.prove_by_text") as tx:
                return tx.actor.assurance == 1 and (await text_codes.text_offer(tx)).is_open
        except (NotSignedIn, NotAllowed):
            return False


def _demo_people() -> list[dict[str, str]]:
    return [{"id": str(one.person_id), "name": one.name, "detail": _(one.role)} for one in service.demo_people()]
