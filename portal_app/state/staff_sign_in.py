"""How staff sign in: who has what, and the reset for a colleague whose device is lost."""

import reflex as rx

from portal_app.core import clock, db, i18n
from portal_app.core.db import Transaction
from portal_app.core.errors import InputRefused
from portal_app.core.i18n import N_, _, ngettext
from portal_app.features.access import joining, resetting, rules
from portal_app.features.access.views import StaffMember
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame
from portal_app.state.ids import known_id

_REASONS = {
    "lost": N_("The device is lost or stolen"),
    "broken": N_("The device is broken"),
    "replaced": N_("They have a new device, and not the old one any more"),
    "misused": N_("Somebody else may be using their sign-in"),
}
_ROLES = {
    "clinician": N_("Clinician"),
    "nurse": N_("Nurse"),
    "front_desk": N_("Front desk"),
    "billing": N_("Billing"),
    "manager": N_("Manager"),
}


class StaffSignIn(PortalState, rx.State):
    """Everybody who works for the practice, and what they sign in by."""

    is_ready: bool = False
    rows: list[dict[str, str]] = []
    reasons: list[dict[str, str]] = []
    chosen: str = ""
    chosen_name: str = ""
    reason: str = ""
    reason_error: str = ""
    attempt: str = ""
    code: str = ""
    parting: str = ""
    news: str = ""

    @handles("access.reset_factors")
    async def on_load(self) -> None:
        """Fill the page."""
        self.chosen = self.code = self.parting = self.news = ""
        async with db.opened().act_as(self._credential(), "access.reset_factors") as tx:
            await (await self.get_state(Frame))._fill(tx)
            await self._show(tx)
        self.is_ready = True

    @handles("access.reset_factors")
    async def on_choose(self, person_id: str) -> None:
        """Ask why a colleague's sign-in is reset."""
        named = {one["id"]: one["name"] for one in self.rows if not one["state"]}
        if person_id in named:
            self.chosen, self.chosen_name, self.reason, self.reason_error = person_id, named[person_id], "", ""
            self.code = ""

    @handles("access.reset_factors")
    async def on_reason(self, reason: str) -> None:
        """Note why."""
        self.reason = reason if reason in rules.RESET_REASONS else ""

    @handles("access.reset_factors")
    async def on_close(self) -> None:
        """Change nothing more, and forget the code that was shown."""
        self.chosen = self.code = ""

    @handles("access.reset_factors")
    async def on_choose_account(self, person_id: str) -> None:
        """Ask whether a colleague's practice account is to open theirs here no more."""
        named = {one["id"]: one["name"] for one in self.rows if one["account"] and not one["state"]}
        if person_id in named:
            self.parting, self.chosen_name, self.news = person_id, named[person_id], ""

    @handles("access.reset_factors")
    async def on_keep_account(self) -> None:
        """Leave the two joined."""
        self.parting = ""

    @handles("access.reset_factors", writes=True)
    async def on_part(self) -> None:
        """Part the two accounts of the chosen colleague."""
        async with db.opened().act_as(self._credential(), "access.reset_factors") as tx:
            await joining.part_colleague(tx, known_id(self.parting))
            await self._show(tx)
        self.parting = ""
        with i18n.use(self._locale()):
            self.news = _("Their practice account does not sign them in here any more.")

    @handles("access.reset_factors", writes=True)
    async def on_reset(self) -> None:
        """Reset the chosen colleague's sign-in, and show the code to give them."""
        self.attempt = clock.now().isoformat()
        try:
            async with db.opened().act_as(self._credential(), "access.reset_factors") as tx:
                self.code = await resetting.reset_factors(tx, known_id(self.chosen), self.reason)
                await self._show(tx)
        except InputRefused as error:
            with i18n.use(self._locale()):
                self.reason_error = _(error.reason)

    async def _show(self, tx: Transaction) -> None:
        found = await resetting.list_staff(tx)
        with i18n.use(self._locale()):
            self.rows = [_row(one) for one in found]
            self.reasons = [{"value": value, "label": _(label)} for value, label in _REASONS.items()]


def _row(one: StaffMember) -> dict[str, str]:
    ways = [
        *([ngettext("{count} passkey", "{count} passkeys", one.passkeys).format(count=i18n.format_number(one.passkeys))]
          if one.passkeys else []),
        *([_("an app")] if one.has_app else []),
        *([_("practice account")] if one.has_account else []),
        *([_("recovery codes: {count}").format(count=i18n.format_number(one.codes_left))] if one.codes_left else []),
    ]  # fmt: skip
    return {
        "id": str(one.person_id),
        "name": one.name,
        "role": " · ".join(_(_ROLES[role]) for role in one.roles if role in _ROLES),
        "ways": " · ".join(ways) if ways else _("nothing yet: only a code by e-mail"),
        "tone": "good" if one.passkeys or one.has_app else "caution",
        "state": "self" if one.is_self else "",
        "account": "joined" if one.has_account else "",
    }
