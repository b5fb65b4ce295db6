"""A patient's lost phone, at the front desk: how they sign in is reset, and a code is shown to give them."""

from uuid import UUID

import reflex as rx

from portal_app.core import clock, db, i18n
from portal_app.core.actor import Role
from portal_app.core.errors import InputRefused, PortalError
from portal_app.core.i18n import N_, _
from portal_app.features.access import given_codes, rules
from portal_app.features.access.errors import CannotReset
from portal_app.state.base import PortalState, handles
from portal_app.state.ids import known_id

_REASONS = {
    "lost": N_("The device is lost or stolen"),
    "broken": N_("The device is broken"),
    "replaced": N_("They have a new device, and not the old one any more"),
    "misused": N_("Somebody else may be using their sign-in"),
}
_KNOWN_BY = {
    "document": N_("They are here and showed a photo ID"),
    "in_person": N_("They are here and I know them"),
    "called_back": N_("I called them back on the number in the chart"),
}


class ResetPatient(PortalState, rx.State):
    """The dialog in which the front desk resets a patient's sign-in."""

    is_open: bool = False
    may: bool = False
    reasons: list[dict[str, str]] = []
    ways: list[dict[str, str]] = []
    reason: str = ""
    known_by: str = ""
    error: str = ""
    known_error: str = ""
    errors: list[dict[str, str]] = []
    problem: str = ""
    attempt: str = ""
    code: str = ""

    @handles("access.reset_patient")
    async def on_ask(self) -> None:
        """Ask why, and how it is known who they are."""
        self.reason = self.known_by = self.error = self.known_error = self.problem = self.code = ""
        self.errors = []
        with i18n.use(self._locale()):
            self.reasons = [{"value": value, "label": _(label)} for value, label in _REASONS.items()]
            self.ways = [{"value": value, "label": _(label)} for value, label in _KNOWN_BY.items()]
        self.is_open = True

    @handles("access.reset_patient")
    async def on_reason(self, reason: str) -> None:
        """Note why."""
        self.reason = reason if reason in rules.RESET_REASONS else ""

    @handles("access.reset_patient")
    async def on_known_by(self, known_by: str) -> None:
        """Note how they are known."""
        self.known_by = known_by if known_by in rules.KNOWN_BY else ""

    @handles("access.reset_patient")
    async def on_close(self) -> None:
        """Change nothing more, and forget the code that was shown."""
        self.is_open, self.code = False, ""

    @handles("access.reset_patient", writes=True)
    async def on_reset(self) -> None:
        """Reset the sign-in and show the code."""
        if self.code:
            return
        self.attempt, self.error, self.known_error, self.problem = clock.now().isoformat(), "", "", ""
        self.errors = []
        try:
            async with db.opened().act_as(self._credential(), "access.reset_patient") as tx:
                self.code = await given_codes.reset_patient(tx, self._patient(), self.reason, self.known_by)
        except (InputRefused, CannotReset) as error:
            self._complain(error)

    def _complain(self, error: PortalError) -> None:
        with i18n.use(self._locale()):
            if not isinstance(error, InputRefused):
                self.problem = _(error.message)
                return
            said = _(error.reason)
            self.error, self.known_error = (said, "") if error.field == "reason" else ("", said)
            self.errors = [{"field": error.field, "text": said}]

    def _patient(self) -> UUID:
        return known_id(self.router.url.query_parameters.get("patient", ""))

    def _show(self, tx: db.Transaction, *, is_in: bool) -> None:
        self.may = is_in and Role.front_desk in tx.actor.roles
