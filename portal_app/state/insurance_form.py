"""Write down an insurance, or put one right."""

from typing import Final
from uuid import uuid4

import reflex as rx
from reflex_base.event import EventSpec

from portal_app.core import clock, db, i18n
from portal_app.core.errors import InputRefused, NotFound
from portal_app.core.i18n import N_, _
from portal_app.features.coverage import service as coverages
from portal_app.features.coverage.service import CoverageForm, CoverageMovedOn, CoverageView, TooManyCoverages
from portal_app.state import coverage_words as words
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame
from portal_app.state.from_check_in import put_right
from portal_app.state.ids import known_id
from portal_app.state.refused import beside, refused
from portal_app.web.next_path import check_in_path, for_check_in

FIELDS: Final = (
    "payer", "payer_name", "plan_name", "member_id", "group_number", "precedence", "relation", "subscriber_given",
    "subscriber_family", "subscriber_born", "valid_from", "valid_until",
)  # fmt: skip
TURNS: Final = {"1": N_("It pays first"), "2": N_("It pays what another one leaves")}
_MOST: Final = 200
"""Letters of a field that are looked at; longer ones are refused by the rules all the same."""


class InsuranceForm(PortalState, rx.State):
    """The form of one insurance; `coverage_id` is "" for a new one."""

    is_ready: bool = False
    is_missing: bool = False
    coverage_id: str = ""
    back_href: str = ""
    payers: list[dict[str, str]] = []
    relations: list[dict[str, str]] = []
    turns: list[dict[str, str]] = []
    payer: str = ""
    relation: str = ""
    turn: str = ""
    typed: dict[str, str] = {}
    errors: list[dict[str, str]] = []
    error_of: dict[str, str] = dict.fromkeys(FIELDS, "")
    attempt: str = ""
    key: str = ""
    sequence: int = 0
    _visit: str = ""

    @handles("coverage.change")
    async def on_load(self) -> None:
        """Show the form, filled in where an insurance is to be put right."""
        self.coverage_id = self.router.url.query_parameters.get("id", "")
        self._visit = self.router.url.query_parameters.get("visit", "")
        self.key, self.errors, self.error_of = str(uuid4()), [], dict.fromkeys(FIELDS, "")
        self.is_missing, self.typed, self.payer, self.relation, self.turn = False, _empty(), "", "", ""
        async with db.opened().act_as(self._credential(), "coverage.change") as tx:
            await (await self.get_state(Frame))._fill(tx)
            await self._fill(tx)
        self.is_ready = True

    @handles("coverage.change")
    async def on_payer(self, payer: str) -> None:
        """Choose the insurer: another one than those of the list is typed."""
        self.payer = payer

    @handles("coverage.change")
    async def on_relation(self, relation: str) -> None:
        """Say whose insurance it is: another's name and birth date are asked for."""
        self.relation = relation

    @handles("coverage.change", writes=True)
    async def on_save(self, form: dict[str, str]) -> EventSpec | None:
        """Keep it and go on to its page, or back to check-in; the key that came with the form makes two taps one."""
        self.attempt = clock.now().isoformat()
        self.errors, self.error_of = [], dict.fromkeys(FIELDS, "")
        key = known_id(str(form.get("key", "")))
        try:
            async with db.opened().act_as(self._credential(), "coverage.change") as tx:
                if self.coverage_id:
                    saved = known_id(self.coverage_id)
                    await coverages.change_coverage(tx, saved, self._sequence(form), self._form(form), key)
                else:
                    saved = await coverages.add_coverage(tx, self._form(form), key)
        except (InputRefused, CoverageMovedOn, TooManyCoverages) as error:
            with i18n.use(self._locale()):
                self.errors = refused(error, "payer")
                self.error_of = beside(FIELDS, self.errors)
            return None
        return rx.redirect(await self._after(str(saved)), replace=True)

    async def _after(self, saved: str) -> str:
        """Return where to go on: to the pictures of a card, or back to the check-in that asked what is known still."""
        back = check_in_path(self._locale(), self._visit)
        if back:
            await put_right(self._credential(), self._visit, "insurance")
        if back and self.coverage_id:
            return back
        return for_check_in(i18n.localized_path(self._locale(), f"/insurance/{saved}?done=saved"), self._visit)

    async def _fill(self, tx: db.Transaction) -> None:
        listed = await coverages.payers(tx)
        with i18n.use(self._locale()):
            self.payers = [{"value": str(one.id), "label": one.name, "detail": ""} for one in listed]
            self.payers.append({"value": "other", "label": _("Another"), "detail": _("You type its name")})
            said = words.WHOSE if (await self.get_state(Frame))._whose else words.RELATIONS
            self.relations = [{"value": key, "label": _(one), "detail": ""} for key, one in said.items()]
            self.turns = [{"value": key, "label": _(said), "detail": ""} for key, said in TURNS.items()]
        self.back_href = self._path("/insurance")
        if self.coverage_id:
            try:
                found, _history = await coverages.coverage(tx, known_id(self.coverage_id))
            except NotFound:
                self.is_missing = True
                return
            self.is_missing = found.status != "active" or found.kind != "insurance"
            self.back_href = self._path(f"/insurance/{found.id}")
            self._take(found)

    def _path(self, address: str) -> str:
        return for_check_in(i18n.localized_path(self._locale(), address), self._visit)

    def _take(self, found: CoverageView) -> None:
        self.sequence = found.sequence
        self.payer = str(found.payer_id) if found.payer_id else "other"
        self.relation, self.turn = found.relation, str(min(found.precedence, 2))
        person = found.subscriber
        self.typed = {
            "payer_name": "" if found.payer_id else found.payer_name, "plan_name": found.plan_name,
            "member_id": found.member_id, "group_number": found.group_number,
            "subscriber_given": person.given_name if person else "",
            "subscriber_family": person.family_name if person else "",
        }  # fmt: skip
        days = {"subscriber_born": person.birth_date if person else None, "valid_from": found.valid_from,
                "valid_until": found.valid_until}  # fmt: skip
        for name, day in days.items():
            self.typed |= {f"{name}-{part}": value for part, value in words.date_parts(day).items()}

    def _sequence(self, form: dict[str, str]) -> int:
        given = str(form.get("sequence", ""))
        return int(given) if given.isascii() and given.isdigit() and len(given) < 9 else -1

    def _form(self, form: dict[str, str]) -> CoverageForm:
        def of(name: str) -> str:
            return str(form.get(name, ""))[:_MOST]

        def day(name: str) -> tuple[str, str, str]:
            return of(f"{name}-day"), of(f"{name}-month"), of(f"{name}-year")

        return CoverageForm(
            of("payer"), of("payer_name"), of("plan_name"), of("member_id"), of("group_number"), of("precedence"),
            of("relation"), of("subscriber_given"), of("subscriber_family"), day("subscriber_born"),
            day("valid_from"), day("valid_until"),
        )  # fmt: skip


def _empty() -> dict[str, str]:
    names = ["payer_name", "plan_name", "member_id", "group_number", "subscriber_given", "subscriber_family"]
    names += [f"{name}-{part}" for name in ("subscriber_born", "valid_from", "valid_until")
              for part in ("day", "month", "year")]  # fmt: skip
    return dict.fromkeys(names, "")
