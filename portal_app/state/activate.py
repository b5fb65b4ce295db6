"""Opening an account with a card or a link: who one is, then an e-mail address, then its code."""

import reflex as rx

from portal_app.core import clock, db, i18n
from portal_app.core.errors import InputRefused, NotAllowed, PortalError, TooManyTries
from portal_app.core.i18n import N_, _
from portal_app.features.enrolment import rules
from portal_app.features.enrolment import service as enrolment
from portal_app.features.enrolment.errors import (
    ActivationCodeRefused,
    ActivationRefused,
    ActivationRunOut,
    ActivationWornOut,
    AddressInUse,
)
from portal_app.features.patients import service as patients
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame
from portal_app.web import cookies
from portal_app.web.request import network_of

_KINDS = (ActivationCodeRefused, ActivationRefused, ActivationRunOut, ActivationWornOut, AddressInUse, TooManyTries)
_PROBLEMS = {error.code: error.message for error in _KINDS}
_OVER = (ActivationRunOut.code, ActivationWornOut.code)
LONGEST = 200


class Activate(PortalState, rx.State):
    """The page where an activation is answered; what was typed stays in the tab."""

    is_ready: bool = False
    step: str = "who"
    has_link: bool = False
    known_email: str = ""
    sent_to: str = ""
    error_field: str = ""
    error: str = ""
    problem: str = ""
    is_over: bool = False
    attempt: str = ""
    _link: str = ""

    @handles("enrolment.activate")
    async def on_load(self) -> None:
        """Go on where this browser left off; the page is the same for every link."""
        asked = self.router.url.query_parameters
        self._link = asked.get("key", "")[:LONGEST] or (self._link if asked.get("problem") else "")
        self.has_link, self.attempt = bool(self._link), clock.now().isoformat()
        self._say(asked.get("problem", ""))
        async with db.opened().act_as_visitor(self._browser_secret(), "practice.view_name") as tx:
            await (await self.get_state(Frame))._fill(tx)
        async with db.opened().act_as_system("enrolment.activate") as tx:
            if self._link:
                await enrolment.note_opened(tx, self._link)
            found = await enrolment.progress(tx, self._visitor(), self._link)
        self.step, self.known_email = found.step, found.known_email
        self.is_ready = True

    @handles("enrolment.activate", writes=True)
    async def on_say_who(self, form: dict[str, str]) -> None:
        """Check code, name and birth date together; whatever is wrong, the answer is the same."""
        try:
            typed = self._typed({name: str(value)[:LONGEST] for name, value in form.items()})
            await enrolment.count_try(self._visitor())
        except (InputRefused, TooManyTries) as error:
            self._refuse(error, "name")
            return
        async with db.opened().act_as_system("enrolment.activate") as tx:
            failure = await enrolment.claim_activation(tx, self._visitor(), typed)
            found = await enrolment.progress(tx, self._visitor(), "")
        self._say(failure.code if failure else "")
        if failure is None:
            self.step, self.known_email = found.step, found.known_email

    @handles("enrolment.activate", writes=True)
    async def on_send_code(self, form: dict[str, str]) -> None:
        """Send a code to the address that is to sign in; the answer is the same for one in use."""
        email = str(form.get("email", ""))[:LONGEST].strip()
        self._say("")
        try:
            async with db.opened().act_as_system("enrolment.activate") as tx:
                await enrolment.send_address_code(tx, self._visitor(), email, self._locale())
        except InputRefused as error:
            self._refuse(error, "email")
        except (ActivationRunOut, NotAllowed) as error:
            self._say(error.code)
        else:
            self.step, self.sent_to = "code", email

    @handles("enrolment.activate", writes=True)
    async def on_other_address(self) -> None:
        """Go back to the address."""
        async with db.opened().act_as_system("enrolment.activate") as tx:
            await enrolment.forget_address(tx, self._visitor())
        self._say("")
        self.step, self.known_email = "email", ""

    def _typed(self, form: dict[str, str]) -> enrolment.Typed:
        code = "" if self._link else rules.typed_code(form.get("card", ""))
        if not self._link and not code:
            raise InputRefused("card", N_("Type the code of your card: eight letters and digits."))
        if not form.get("name", "").strip():
            raise InputRefused("name", N_("Write your given name and your family name."))
        born = patients.read_birth_date(form.get("birth-day", ""), form.get("birth-month", ""),
                                        form.get("birth-year", ""))  # fmt: skip
        if born is None:
            raise InputRefused("birth", N_("Write your whole birth date, such as March 5, 1964."))
        return enrolment.Typed(self._link, code, form["name"], born)

    def _refuse(self, error: InputRefused | TooManyTries, field: str) -> None:
        self._say("")
        with i18n.use(self._locale()):
            self.error = _(error.reason if isinstance(error, InputRefused) else error.message)
        self.error_field = error.field if isinstance(error, InputRefused) else field

    def _say(self, code: str) -> None:
        """Say what went wrong as a whole, and forget what was wrong with a field."""
        self.error = self.error_field = ""
        self.attempt, self.is_over = clock.now().isoformat(), code in _OVER
        with i18n.use(self._locale()):
            self.problem = _(_PROBLEMS.get(code, PortalError.message)) if code else ""

    def _visitor(self) -> enrolment.Visitor:
        headers, address = self.router.headers, self._credential().address
        known = cookies.read_known_secret(headers.cookie)
        return enrolment.Visitor(self._browser_secret(), known, address, network_of(address), headers.user_agent)
