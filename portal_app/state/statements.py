"""The statements of an account, on the page of its bills."""

from uuid import uuid4

import reflex as rx

from portal_app.core import db, i18n, limits
from portal_app.core.i18n import N_, _
from portal_app.features.billing import account_statements
from portal_app.features.billing.account_statements import StatementView
from portal_app.state import bill_words as words
from portal_app.state.base import PortalState, handles
from portal_app.state.ids import known_id

LIMIT = "10/hour"
MADE = N_("The statement of today is made. You find it in the list.")
NONE = N_("There is nothing to put on a statement: nothing is owed, and nothing has happened for three months.")


class Statements(PortalState, rx.State):
    """The list of statements, and the tap that makes one of today."""

    is_ready: bool = False
    rows: list[dict[str, str]] = []
    form_key: str = ""
    news: str = ""

    @handles("billing.see_bills")
    async def on_load(self) -> None:
        """Fill the list and follow it."""
        self.news, self.form_key = "", str(uuid4())
        async with db.opened().act_as(self._credential(), "billing.see_bills") as tx:
            await self._show(tx)
        self._watch(f"bills:{tx.actor.patient_id}")

    @handles("billing.take_statement", writes=True)
    async def on_make(self, key: str) -> None:
        """Make a statement of today; the key that came with the button makes two taps one."""
        async with db.opened().act_as(self._credential(), "billing.take_statement") as tx:
            await limits.count(LIMIT, "statement", str(tx.actor.patient_id))
            with i18n.use(self._locale()):
                made = await account_statements.make_now(tx, known_id(key))
            await self._show(tx)
        if made:
            self.form_key = str(uuid4())
        with i18n.use(self._locale()):
            self.news = _(MADE if made or self.news else NONE)

    async def _refresh(self) -> None:
        async with db.opened().act_as(self._credential(), "billing.see_bills") as tx:
            await self._show(tx)

    async def _show(self, tx: db.Transaction) -> None:
        found = await account_statements.my_statements(tx)
        with i18n.use(self._locale()):
            self.rows = [_row(one) for one in found]
        self.is_ready = True


def _row(one: StatementView) -> dict[str, str]:
    left = _("Left to pay then: {amount}").format(amount=words.money(max(one.owed_minor, 0), one.currency))
    private = _("Private: only you can see this statement.") if one.is_private else ""
    return {
        "title": _("{first} to {last}").format(
            first=i18n.format_brief_date(one.from_on), last=i18n.format_brief_date(one.until_on)
        ),
        "detail": " · ".join(filter(None, (left, private))),
        "file_href": f"/statements/{one.id}/statement.pdf",
    }
