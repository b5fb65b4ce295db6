"""What a patient changed about themself, old and new, for the practice to accept one by one. Live."""

from datetime import datetime
from typing import Final
from uuid import UUID

import reflex as rx

from portal_app.core import db, i18n
from portal_app.core.actor import Role
from portal_app.core.errors import NotFound
from portal_app.core.i18n import N_, _
from portal_app.features.coverage import service as coverages
from portal_app.features.profile import service as profile
from portal_app.state import booking_words as words
from portal_app.state.base import PortalState, handles
from portal_app.state.ids import known_id

KINDS: Final = {
    "called": N_("Wants to be called"),
    "pronouns": N_("Pronouns"),
    "email": N_("E-mail"),
    "phone": N_("Phone"),
    "emergency": N_("In an emergency we call"),
    "pharmacy": N_("Pharmacy"),
}


class SaidChanges(PortalState, rx.State):
    """What is open of the patient of the visit in the address (`id`)."""

    is_ready: bool = False
    rows: list[dict[str, str]] = []
    news: str = ""
    problem: str = ""
    _visit: str = ""
    _shown: dict[str, str] = {}

    @handles("profile.see_changes")
    async def on_load(self) -> None:
        """Show what was changed and follow it."""
        self._visit = self.router.url.query_parameters.get("id", "")
        self.news = self.problem = ""
        self.rows = []
        try:
            async with db.opened().act_as(self._credential(), "profile.see_changes") as tx:
                patient_id = await self._show(tx, is_repeated=False)
        except NotFound:
            self.is_ready = True
            return
        self._watch(f"patient:{patient_id}", f"coverage:{patient_id}")

    @handles("profile.accept_change", writes=True)
    async def on_accept(self, change_id: str) -> None:
        """Note that the practice has taken one over, as it stands on the screen."""
        self.news = self.problem = ""
        try:
            changed_at = datetime.fromisoformat(self._shown.get(change_id, ""))
        except ValueError:
            raise NotFound from None
        try:
            async with db.opened().act_as(self._credential(), "profile.accept_change") as tx:
                await profile.accept_change(tx, known_id(change_id), changed_at)
                await self._show(tx)
        except profile.ChangedAgain as error:
            await self._refresh()
            with i18n.use(self._locale()):
                self.problem = _(error.message)
            return
        with i18n.use(self._locale()):
            self.news = _("Accepted.")

    async def _refresh(self) -> None:
        async with db.opened().act_as(self._credential(), "profile.see_changes") as tx:
            await self._show(tx)

    async def _show(self, tx: db.Transaction, *, is_repeated: bool = True) -> UUID:
        patient_id, found = await profile.changes_before(tx, known_id(self._visit), is_repeated=is_repeated)
        since = await coverages.insurance_waits_since(tx, patient_id, is_repeated=is_repeated)
        self._shown = {str(one.id): one.changed_at.isoformat() for one in found if one.is_shown}
        with i18n.use(self._locale()):
            self.rows = [_row(one) for one in found]
            if since is not None:
                self.rows.append(_insurance(since, patient_id, is_desk=Role.front_desk in tx.actor.roles))
        self.is_ready = True
        return patient_id


def _row(one: profile.ProfileChange) -> dict[str, str]:
    what, day = _(KINDS[one.kind]), i18n.format_brief_date(one.changed_at.date())
    if not one.is_shown:
        return {
            "id": str(one.id), "what": what, "now_given": "", "before_given": "", "accept": "", "href": "",
            "told": _("Changed on {day}. The front desk sees it and accepts it.").format(day=day),
        }  # fmt: skip
    by = _("The patient") if one.is_by_patient else one.changed_name
    return {
        "id": str(one.id),
        "what": what,
        "now_given": _said(one.kind, dict(one.after)) or _("Nothing any more"),
        "before_given": _said(one.kind, dict(one.before)) or _("Nothing"),
        "told": _("{name}, {day}").format(name=by, day=day),
        "accept": _("Accept: {what}").format(what=what),
        "href": "",
    }


def _insurance(since: datetime, patient_id: UUID, *, is_desk: bool) -> dict[str, str]:
    """Return the row of an insurance that waits: the front desk looks at the card itself, others know that it waits."""
    day = i18n.format_brief_date(since.date())
    told = _("Changed on {day}. To be looked at.") if is_desk else _("Changed on {day}. The front desk looks at it.")
    href = i18n.localized_path(i18n.current(), f"/staff/insurance?patient={patient_id}") if is_desk else ""
    return {"id": "insurance", "what": _("Insurance"), "now_given": "", "before_given": "", "accept": "",
            "told": told.format(day=day), "href": href}  # fmt: skip


def _said(kind: str, parts: dict[str, str]) -> str:
    phone = words.phone_words(parts["phone"]) if parts.get("phone") else ""
    if kind == "phone":
        return words.phone_words(parts["said"]) if parts.get("said") else ""
    if kind in ("pharmacy", "emergency"):
        said = (parts.get("name", ""), parts.get("relation", ""), phone, parts.get("address", ""))
        return " · ".join(filter(None, said))
    return parts.get("said", "")
