"""Who is in the portal and who is not: a list by name, and inviting many of them together."""

from typing import Final, cast
from uuid import UUID, uuid4

import reflex as rx

from portal_app.core import db, i18n
from portal_app.core.errors import InputRefused
from portal_app.core.i18n import N_, _, ngettext
from portal_app.features.enrolment import service as enrolment
from portal_app.features.enrolment.views import BatchView, Enrolled
from portal_app.features.practice import service as practice
from portal_app.state.base import PortalState, handles
from portal_app.state.enrolment_words import stage_words, tone_of
from portal_app.state.frame import Frame
from portal_app.state.ids import picked_id

_SHOWS: Final = {
    "none": N_("Not invited"),
    "out": N_("Invited"),
    "settling": N_("First steps"),
    "in": N_("In"),
    "all": N_("Everybody"),
}
_PICK: Final = "pick-"


class StaffEnrolment(PortalState, rx.State):
    """The list, a page of it at a time, and the batch that is under way."""

    is_ready: bool = False
    rows: list[dict[str, str]] = []
    shows: list[dict[str, str]] = []
    show: str = "none"
    is_coming: bool = False
    has_more: bool = False
    has_back: bool = False
    said: str = ""
    problem: str = ""
    total: int = 0
    done: int = 0
    print_href: str = ""
    _after: list[tuple[str, str, UUID]] = []
    _last: tuple[str, str, UUID] | None = None
    _batch: str = ""
    _key: str = ""

    @handles("enrolment.issue")
    async def on_load(self) -> None:
        """Begin with those who were never invited."""
        self.show, self.is_coming, self._after, self._key = "none", False, [], str(uuid4())
        self.problem = self.said = self._batch = self.print_href = ""
        self.total = self.done = 0
        with i18n.use(self._locale()):
            self.shows = [{"value": value, "label": _(label)} for value, label in _SHOWS.items()]
        async with db.opened().act_as(self._credential(), "enrolment.issue") as tx:
            await (await self.get_state(Frame))._fill(tx)
            await self._fill(tx)
        self.is_ready = True

    @handles("enrolment.issue")
    async def on_show(self, show: str) -> None:
        """Show those who are that far."""
        self.show, self._after = show if show in _SHOWS else "none", []
        await self._look()

    @handles("enrolment.issue")
    async def on_coming(self) -> None:
        """Show only those with a visit booked, or everybody again."""
        self.is_coming, self._after = not self.is_coming, []
        await self._look()

    @handles("enrolment.issue")
    async def on_more(self) -> None:
        """Turn to the next page."""
        if self._last is not None and self.has_more:
            self._after = [*self._after, self._last]
            await self._look()

    @handles("enrolment.issue")
    async def on_back(self) -> None:
        """Turn back a page."""
        self._after = self._after[:-1]
        await self._look()

    @handles("enrolment.issue", writes=True)
    async def on_invite(self, form: dict[str, str | bool]) -> None:
        """Have those invited who are ticked."""
        picked = [name.removeprefix(_PICK) for name, value in form.items() if name.startswith(_PICK) and value]
        await self._invite(picked)

    @handles("enrolment.issue", writes=True)
    async def on_invite_page(self) -> None:
        """Have everybody on this page invited who is not in."""
        await self._invite([row["id"] for row in self.rows if row["can"]])

    async def _invite(self, picked: list[str]) -> None:
        self.problem = ""
        try:
            async with db.opened().act_as(self._credential(), "enrolment.issue") as tx:
                batch_id = await enrolment.invite_batch(tx, [picked_id(one, "pick") for one in picked], UUID(self._key))
                self._batch, self._key = str(batch_id), str(uuid4())
                self._say(await enrolment.batch(tx, batch_id))
        except InputRefused as error:
            with i18n.use(self._locale()):
                self.problem = _(error.reason)
            return
        self._watch(f"batch:{self._batch}")

    async def _refresh(self) -> None:
        """Show how far the batch is, and the list anew once it is through."""
        async with db.opened().act_as(self._credential(), "enrolment.issue") as tx:
            found = await enrolment.batch(tx, UUID(self._batch))
            self._say(found)
            if found.done == found.total:
                await self._fill(tx)

    def _say(self, found: BatchView) -> None:
        self.total, self.done = found.total, found.done
        with i18n.use(self._locale()):
            self.said = _("{done} of {total} invited: {cards}, {mails}").format(
                done=i18n.format_number(found.done), total=i18n.format_number(found.total),
                cards=ngettext("{count} card", "{count} cards", found.cards).format(
                    count=i18n.format_number(found.cards)
                ),
                mails=ngettext("{count} e-mail", "{count} e-mails", found.mails).format(
                    count=i18n.format_number(found.mails)
                ),
            )  # fmt: skip
            href = i18n.localized_path(i18n.current(), f"/staff/cards?batch={found.id}")
            self.print_href = href if found.cards and found.done == found.total else ""

    async def _look(self) -> None:
        async with db.opened().act_as(self._credential(), "enrolment.issue") as tx:
            await self._fill(tx)

    async def _fill(self, tx: db.Transaction) -> None:
        after = self._after[-1] if self._after else None
        found = await enrolment.enrolment_list(
            tx, cast("enrolment.Show", self.show), is_coming=self.is_coming, after=after
        )
        places = await practice.locations(tx)
        zone = places[0].zone if places else "UTC"
        last = found.people[-1] if found.people else None
        self._last = (last.family_name, last.given_name, last.patient_id) if last else None
        self.has_more, self.has_back = found.is_more, bool(self._after)
        with i18n.use(self._locale()):
            self.rows = [_row(one, zone) for one in found.people]


def _row(one: Enrolled, zone: str) -> dict[str, str]:
    name, found = f"{one.family_name}, {one.given_name}", one.enrolment
    return {
        "id": str(one.patient_id),
        "pick": f"{_PICK}{one.patient_id}",
        "name": name,
        "status": stage_words(found, zone),
        "tone": tone_of(found.stage),
        "wish": _("Wants a telephone call") if one.reached_by == "phone" else "",
        "can": "" if found.stage in ("in", "settling") else "yes",
        "href": i18n.localized_path(i18n.current(), f"/staff/invite?patient={one.patient_id}"),
        "open": _("Open {name}").format(name=f"\u2068{name}\u2069"),
    }
