"""Asking to become a patient, by somebody who has not signed in. The answer never tells whether there is a chart."""

from uuid import UUID, uuid4

import reflex as rx

from portal_app.core import clock, db, i18n, limits
from portal_app.core.errors import InputRefused, TooManyTries
from portal_app.features.patients import service as patients
from portal_app.features.patients.views import RegistrationForm
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame
from portal_app.state.refused import beside, refused

ADDRESS_LIMIT = "10/1 hour"
BROWSER_LIMIT = "3/1 hour"
FIELDS = ("given", "family", "birth", "email", "phone", "reason", "preferred")


class Register(PortalState, rx.State):
    """The page where somebody asks to become a patient."""

    is_done: bool = False
    errors: list[dict[str, str]] = []
    error_of: dict[str, str] = beside(FIELDS, ())
    attempt: str = ""
    _key: str = ""

    @handles("patients.register")
    async def on_load(self) -> None:
        """Begin a request of its own: however often it is sent, it is one."""
        self.is_done, self._key = False, str(uuid4())
        self._refuse([])
        async with db.opened().act_as_visitor(self._browser_secret(), "practice.view_name") as tx:
            await (await self.get_state(Frame))._fill(tx)

    @handles("patients.register", writes=True)
    async def on_ask(self, form: dict[str, str]) -> None:
        """Send the request, or say which fields need another look."""
        self.attempt = clock.now().isoformat()
        self._refuse([])
        secret, address = self._browser_secret(), self._credential().address
        try:
            await limits.count(ADDRESS_LIMIT, "register by address", address)
            async with db.opened().act_as_visitor(secret, "patients.register", address) as tx:
                await patients.ask_to_register(tx, _form(form), UUID(self._key), self._locale())
                await limits.count(BROWSER_LIMIT, "register by browser", secret)
            self.is_done = True
        except (InputRefused, TooManyTries) as error:
            with i18n.use(self._locale()):
                self._refuse(refused(error, "given"))

    def _refuse(self, errors: list[dict[str, str]]) -> None:
        self.errors, self.error_of = errors, beside(FIELDS, errors)


def _form(form: dict[str, str]) -> RegistrationForm:
    names = ("given", "family", "birth-day", "birth-month", "birth-year", "email", "phone", "reason", "preferred")
    return RegistrationForm(*(str(form.get(name, ""))[:1000] for name in names))
