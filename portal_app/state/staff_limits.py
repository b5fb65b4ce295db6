"""What stays closed to somebody who acts for a patient: a court's limit, suspected abuse, and lifting them."""

from uuid import UUID, uuid4

import reflex as rx

from portal_app.core import clock, db, i18n
from portal_app.core.db import Transaction
from portal_app.core.errors import InputRefused, NotFound
from portal_app.core.i18n import N_, _
from portal_app.features.access import caregivers
from portal_app.features.ages import rules
from portal_app.features.ages import service as ages
from portal_app.features.ages.views import LimitView
from portal_app.state import share_words as say
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame
from portal_app.state.ids import known_id

KINDS = {"court": N_("A court's limit"), "abuse": N_("Suspected abuse: everything is closed")}
_NO_FILE = N_("Choose a picture (JPEG, PNG, WebP) or a PDF file of up to 15 megabytes.")


class StaffLimits(PortalState, rx.State):
    """The front desk's page about one relation."""

    is_ready: bool = False
    is_missing: bool = False
    name: str = ""
    upload: str = ""
    relation: str = ""
    back_href: str = ""
    rows: list[dict[str, str]] = []
    sections: list[dict[str, str]] = []
    has_document: bool = False
    error_field: str = ""
    error: str = ""
    attempt: str = ""
    news: str = ""
    lifting: str = ""
    _patient: str = ""
    _document: str = ""
    _key: str = ""

    @handles("ages.limit")
    async def on_load(self) -> None:
        """Show what counts now; with a document just kept, the form of a court's limit."""
        asked = self.router.url.query_parameters
        self._patient, self.relation = asked.get("patient", ""), asked.get("relation", "")
        self._document, self._key = asked.get("document", ""), str(uuid4())
        self.error = self.error_field = self.news = self.lifting = ""
        self.has_document, self.is_missing = self._document != "", False
        async with db.opened().act_as(self._credential(), "ages.limit") as tx:
            await (await self.get_state(Frame))._fill(tx)
            await self._show(tx)
        with i18n.use(self._locale()):
            self.sections = [{"value": f"closed-{name}", "label": _(say.PARTS[name])} for name in rules.SECTIONS]
            if asked.get("problem") == "document":
                self._complain("document", _NO_FILE)
        self.is_ready = True

    @handles("ages.limit", writes=True)
    async def on_court(self, form: dict[str, str]) -> None:
        """Close parts on the strength of the document that was kept."""
        closed, reason = [name for name in rules.SECTIONS if form.get(f"closed-{name}")], str(form.get("reason", ""))
        try:
            async with db.opened().act_as(self._credential(), "ages.limit") as tx:
                await ages.set_court_limit(
                    tx, known_id(self.relation), closed, reason[:600], known_id(self._document), UUID(self._key)
                )
                await self._show(tx)
        except InputRefused as error:
            self._complain(error.field, error.reason)
            return
        self.has_document = False
        self._say(N_("Closed. It counts at once, on open pages too."))

    @handles("ages.limit", writes=True)
    async def on_abuse(self, form: dict[str, str]) -> None:
        """Close everything at once, without a word to whom it touches."""
        try:
            async with db.opened().act_as(self._credential(), "ages.limit") as tx:
                await ages.suspect_abuse(tx, known_id(self.relation), str(form.get("why", ""))[:600], UUID(self._key))
                await self._show(tx)
        except InputRefused as error:
            self._complain("why", error.reason)
            return
        self._say(N_("Closed. It counts at once, on open pages too."))

    @handles("ages.limit")
    async def on_choose(self, limit_id: str) -> None:
        """Ask why one is lifted."""
        self.error = self.error_field = self.news = ""
        self.lifting = limit_id

    @handles("ages.limit", writes=True)
    async def on_lift(self, form: dict[str, str]) -> None:
        """Lift the limit that was chosen."""
        try:
            async with db.opened().act_as(self._credential(), "ages.limit") as tx:
                await ages.lift_limit(tx, known_id(self.lifting), str(form.get("lift", ""))[:600])
                await self._show(tx)
        except InputRefused as error:
            self._complain("lift", error.reason)
            return
        self.lifting = ""
        self._say(N_("Lifted. What was shared is open again, as far as age lets it be."))

    async def _show(self, tx: Transaction) -> None:
        try:
            related = await caregivers.list_caregivers(tx, known_id(self._patient))
            one = next((each for each in related if each.id == known_id(self.relation)), None)
        except NotFound:
            one = None
        if one is None:
            self.is_missing = True
            return
        limits = [each for each in await ages.limits_of(tx, known_id(self._patient)) if each.relation_id == one.id]
        self.name, self.upload = one.name, f"/documents/of/{self._patient}"
        with i18n.use(self._locale()):
            self.back_href = i18n.localized_path(i18n.current(), f"/staff/caregivers?patient={self._patient}")
            self.rows = [_row(each) for each in limits]

    def _complain(self, field: str, reason: str) -> None:
        self.news, self.attempt = "", clock.now().isoformat()
        with i18n.use(self._locale()):
            self.error_field, self.error = field, _(reason)

    def _say(self, message: str) -> None:
        self.error = self.error_field = ""
        self._key = str(uuid4())
        with i18n.use(self._locale()):
            self.news = _(message)


def _row(one: LimitView) -> dict[str, str]:
    closed = " · ".join(_(say.PARTS[name]) for name in say.PARTS if name in one.sections)
    set_at = _("Set on {day} by {name}").format(day=say.day_words(one.set_at, "UTC"), name=one.set_by)
    return {
        "id": str(one.id),
        "kind": _(KINDS[one.kind]),
        "closed": closed,
        "reason_given": one.reason,
        "set": set_at,
        "file_href": f"/files/{one.document_id}" if one.document_id else "",
    }
