"""Estimates: those given, and asking what a visit will cost."""

from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import reflex as rx

from portal_app.core import db, i18n
from portal_app.core.errors import NotFound
from portal_app.core.i18n import _
from portal_app.features.estimates import service as estimates
from portal_app.features.estimates.service import EstimateView, VisitPast
from portal_app.features.practice import service as practice
from portal_app.state import coverage_words as words
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame
from portal_app.state.ids import known_id


class Estimates(PortalState, rx.State):
    """The list of a patient's estimates, or of one visit's."""

    is_ready: bool = False
    is_missing: bool = False
    visit: str = ""
    can_ask: bool = False
    rows: list[dict[str, str]] = []
    problem: str = ""
    phone: str = ""
    key: str = ""
    back_href: str = ""
    _visit_id: str = ""

    @handles("estimates.see")
    async def on_load(self) -> None:
        """Fill the list and follow its changes."""
        self._visit_id = self.router.url.query_parameters.get("visit", "")
        back = f"/appointments/{self._visit_id}" if self._visit_id else "/bills"
        self.back_href = i18n.localized_path(self._locale(), back)
        self.problem, self.key = "", str(uuid4())
        async with db.opened().act_as(self._credential(), "estimates.see") as tx:
            await (await self.get_state(Frame))._fill(tx)
            self.phone = (await practice.phone_line(tx, "billing")).number
            await self._show(tx, is_repeated=False)
        self._watch(f"coverage:{tx.actor.patient_id}")

    @handles("estimates.ask", writes=True)
    async def on_ask(self, key: str) -> None:
        """Ask what the visit will cost; the key that came with the page makes two taps one."""
        self.problem = ""
        try:
            async with db.opened().act_as(self._credential(), "estimates.ask") as tx:
                await estimates.ask_estimate(tx, known_id(self._visit_id), known_id(key))
        except VisitPast as error:
            with i18n.use(self._locale()):
                self.problem = _(error.message)
        self.key = str(uuid4())
        await self._refresh()

    async def _refresh(self) -> None:
        async with db.opened().act_as(self._credential(), "estimates.see") as tx:
            await self._show(tx, is_repeated=True)

    async def _show(self, tx: db.Transaction, *, is_repeated: bool) -> None:
        self.is_ready = True
        visit_id: UUID | None = None
        self.visit, self.can_ask, self.is_missing = "", False, False
        if self._visit_id:
            try:
                visit_id = known_id(self._visit_id)
                found = await estimates.visit_to_estimate(tx, visit_id)
            except NotFound:
                self.is_missing = True
                return
            self.can_ask = found.can_ask
            with i18n.use(self._locale()):
                when = i18n.format_moment(found.starts_at, found.zone)
                self.visit = _("{when}, with {who}").format(when=when, who=found.practitioner)
        listed = await estimates.my_estimates(tx, visit_id, is_repeated=is_repeated)
        with i18n.use(self._locale()):
            self.rows = [self._row(one) for one in listed]

    def _row(self, one: EstimateView) -> dict[str, str]:
        day = i18n.format_short_day(one.starts_at.astimezone(ZoneInfo(one.zone)).date())
        status, tone = standing(one)
        return {
            "title": _("{day} with {who}").format(day=day, who=one.practitioner),
            "detail": kind_words(one),
            "status": status,
            "tone": tone,
            "href": i18n.localized_path(self._locale(), f"/estimates/{one.id}"),
        }


class OneEstimate(PortalState, rx.State):
    """The page of one estimate, as it was given."""

    is_ready: bool = False
    is_missing: bool = False
    is_given: bool = False
    title: str = ""
    visit: str = ""
    amount: str = ""
    amount_words: str = ""
    when: str = ""
    newer: str = ""
    parts: list[dict[str, str | list[dict[str, str]]]] = []
    pdf_href: str = ""
    again_href: str = ""
    phone: str = ""
    _id: str = ""

    @handles("estimates.see")
    async def on_load(self) -> None:
        """Fill the page and follow its changes."""
        self._id = self.router.url.path.rstrip("/").rsplit("/", 1)[-1]
        async with db.opened().act_as(self._credential(), "estimates.see") as tx:
            await (await self.get_state(Frame))._fill(tx)
            self.phone = (await practice.phone_line(tx, "billing")).number
            await self._show(tx, is_repeated=False)
        self._watch(f"coverage:{tx.actor.patient_id}")

    async def _refresh(self) -> None:
        async with db.opened().act_as(self._credential(), "estimates.see") as tx:
            await self._show(tx, is_repeated=True)

    async def _show(self, tx: db.Transaction, *, is_repeated: bool) -> None:
        self.is_ready = True
        try:
            one = await estimates.estimate(tx, known_id(self._id), is_repeated=is_repeated)
        except NotFound:
            self.is_missing = True
            return
        self.is_missing, self.is_given = False, one.status == "given"
        locale = self._locale()
        self.pdf_href = f"/estimates/{one.id}/estimate.pdf?in={locale}"
        self.again_href = i18n.localized_path(locale, f"/estimates?visit={one.appointment_id}")
        with i18n.use(locale):
            self.title = kind_words(one)
            when = i18n.format_moment(one.starts_at, one.zone)
            self.visit = _("{when}, with {who}").format(when=when, who=one.practitioner)
            self.newer = "" if one.is_newest else _("A newer estimate of this visit counts instead.")
            self.when = _when(one)
            self.amount, self.amount_words = _amount(one)
            self.parts = _parts(one) if self.is_given else []


def kind_words(one: EstimateView) -> str:
    """Name an estimate."""
    if one.status != "given":
        return _("Asked for")
    return _("Good-faith estimate") if one.kind == "good_faith" else _("Estimate before your visit")


def standing(one: EstimateView) -> tuple[str, str]:
    """Return how an estimate stands in words, and their tone."""
    if one.status != "given":
        return _("We work it out"), "info"
    if not one.is_newest:
        return _("Replaced"), "plain"
    minor = one.fee_minor if one.patient_minor is None else one.patient_minor
    amount = words.money(minor, one.currency)
    return (amount if one.patient_minor is not None else _("At most {amount}").format(amount=amount)), "info"


def _amount(one: EstimateView) -> tuple[str, str]:
    if one.status != "given":
        return "", ""
    if one.patient_minor is None:
        return words.money(one.fee_minor, one.currency), _("At most you pay")
    return words.money(one.patient_minor, one.currency), _("You will probably pay")


def _when(one: EstimateView) -> str:
    if one.given_at is None:
        return _("You get it by {day} at the latest.").format(day=i18n.format_day(one.give_by))
    day = one.given_at.astimezone(ZoneInfo(one.zone)).date()
    return _("Given on {day}").format(day=i18n.format_long_date(day))


def _parts(one: EstimateView) -> list[dict[str, str | list[dict[str, str]]]]:
    return [
        {"title": part.title, "lines": [{"text": line.text} for line in part.lines]} for part in estimates.parts_of(one)
    ]
