"""Insurance for billing and the front desk: what nobody has looked at yet, and one person's insurances."""

from typing import Final
from uuid import uuid4

import reflex as rx

from portal_app.core import db, i18n
from portal_app.core.errors import NotFound, TooManyTries
from portal_app.core.i18n import N_, _
from portal_app.features.coverage import service as coverages
from portal_app.features.coverage.service import CoverageMovedOn, CoverageView, CoveredRow
from portal_app.state import coverage_words as words
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame
from portal_app.state.ids import known_id
from portal_app.state.staff_patients import birth_words

LOOKED: Final = N_("Noted: you looked at it. The patient sees that.")


class StaffInsurance(PortalState, rx.State):
    """The desks' page. `patient_id` is whose insurances are open, "" for the list."""

    is_ready: bool = False
    is_missing: bool = False
    patient_id: str = ""
    name: str = ""
    born: str = ""
    rows: list[dict[str, str]] = []
    cards: list[dict[str, str | list[str] | list[dict[str, str]]]] = []
    ended: list[dict[str, str]] = []
    news: str = ""
    problem: str = ""

    @handles("coverage.review")
    async def on_load(self) -> None:
        """Show the list, or the person of the address, and follow changes."""
        self.patient_id = self.router.url.query_parameters.get("patient", "")
        self.is_ready = self.is_missing = False
        self.news = self.problem = ""
        async with db.opened().act_as(self._credential(), "coverage.review") as tx:
            await (await self.get_state(Frame))._fill(tx)
            await self._show(tx, is_repeated=False)
        self._watch("coverages")

    @handles("coverage.review", writes=True)
    async def on_review(self, coverage_id: str, sequence: str) -> None:
        """Say that it was looked at, as it was when it was shown."""
        self.news = self.problem = ""
        refused, seen = "", int(sequence) if sequence.isdecimal() else -1
        async with db.opened().act_as(self._credential(), "coverage.review") as tx:
            try:
                await coverages.review_coverage(tx, known_id(coverage_id), seen)
            except CoverageMovedOn as error:
                refused = error.message
            await self._show(tx, is_repeated=True)
        with i18n.use(self._locale()):
            self.news, self.problem = ("", _(refused)) if refused else (_(LOOKED), "")

    @handles("coverage.ask", writes=True)
    async def on_check(self, coverage_id: str, key: str) -> None:
        """Have the insurer asked again; the key that came with the row makes two taps one."""
        self.news = self.problem = ""
        try:
            async with db.opened().act_as(self._credential(), "coverage.ask") as tx:
                await coverages.ask_payer(tx, known_id(coverage_id), known_id(key))
        except TooManyTries as error:
            with i18n.use(self._locale()):
                self.problem = _(error.message)
        await self._refresh()

    async def _refresh(self) -> None:
        async with db.opened().act_as(self._credential(), "coverage.review") as tx:
            await self._show(tx, is_repeated=True)

    async def _show(self, tx: db.Transaction, *, is_repeated: bool) -> None:
        self.is_ready = True
        if not self.patient_id:
            found = await coverages.unseen_coverages(tx, is_repeated=is_repeated)
            with i18n.use(self._locale()):
                self.rows = [self._row(one) for one in found]
            return
        try:
            patient_id = known_id(self.patient_id)
            self.name, born = await coverages.covered_person(tx, patient_id)
        except NotFound:
            self.is_missing = True
            return
        listed = await coverages.coverages_of(tx, patient_id, is_repeated=is_repeated)
        with i18n.use(self._locale()):
            self.born = birth_words(born) if born else ""
            self.cards = [_card(one) for one in listed if one.status == "active"]
            self.ended = [
                {"id": str(one.id), "title": words.title(one), "detail": one.member_id}
                for one in listed if one.status != "active"
            ]  # fmt: skip

    def _row(self, one: CoveredRow) -> dict[str, str]:
        return {
            "id": f"{one.patient_id} {one.entered_at.isoformat()}",
            "name": one.name,
            "born": birth_words(one.born) if one.born else "",
            "insurance": one.payer_name if one.kind == "insurance" else _("No insurance"),
            "since": i18n.format_moment(one.entered_at, "UTC"),
            "href": i18n.localized_path(self._locale(), f"/staff/insurance?patient={one.patient_id}"),
        }


def _card(one: CoverageView) -> dict[str, str | list[str] | list[dict[str, str]]]:
    said, tone = words.standing(one)
    told = words.covers(one)
    is_asking = one.check is not None and one.check.status == "waiting" and one.check.is_of_now
    return {
        "id": str(one.id), "title": words.title(one), "turn": words.turn(one), "status": said, "tone": tone,
        "facts": words.facts(one), "said": told["said"], "lines": told["lines"], "end": told["end"],
        "front": f"/files/{one.front_file_id}" if one.front_file_id else "",
        "back": f"/files/{one.back_file_id}" if one.back_file_id else "",
        "reviewed": words.reviewed(one), "is_new": "" if one.reviewed_at else "yes",
        "can_ask": "yes" if one.kind == "insurance" and not is_asking else "", "key": str(uuid4()),
        "sequence": str(one.sequence),
    }  # fmt: skip
