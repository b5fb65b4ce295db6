"""One reading: what was entered, what it meant, what it was before; changed or deleted from here."""

import reflex as rx

from portal_app.core import db, i18n
from portal_app.core.errors import NotFound
from portal_app.core.i18n import _
from portal_app.features.vitals import service as vitals
from portal_app.features.vitals.service import Story
from portal_app.state import reading_story
from portal_app.state import vital_words as words
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame
from portal_app.state.ids import known_id


class VitalsReading(PortalState, rx.State):
    """The page of one reading."""

    is_ready: bool = False
    is_missing: bool = False
    title: str = ""
    value: str = ""
    finding: str = ""
    tone: str = "info"
    facts: list[dict[str, str]] = []
    history: list[dict[str, str]] = []
    ended: str = ""
    """That it counts for nothing any more, since when and by whom; "" while it stands."""
    next_href: str = ""
    """Where the reading is that stands in its place."""
    change_href: str = ""
    all_href: str = ""
    may_change: bool = False
    is_asking: bool = False
    news: str = ""
    problem: str = ""
    attempt: str = ""
    _id: str = ""

    @handles("vitals.see")
    async def on_load(self) -> None:
        """Fill the page of the reading that the address names, and follow what becomes of it."""
        self._id = self.router.url.query_parameters.get("id", "")
        self.news, self.problem, self.is_asking = "", "", False
        async with db.opened().act_as(self._credential(), "vitals.see") as tx:
            await (await self.get_state(Frame))._fill(tx)
            await self._show(tx, is_repeated=False)
        self._watch(f"vitals:{tx.actor.patient_id}")

    @handles("vitals.see")
    async def on_ask(self) -> None:
        """Ask whether it is to be deleted, and say what that means."""
        self.is_asking, self.news, self.problem = True, "", ""

    @handles("vitals.see")
    async def on_keep(self) -> None:
        """Leave it as it is."""
        self.is_asking = False

    @handles("vitals.log", writes=True)
    async def on_delete(self) -> None:
        """Take it back; what somebody has changed or deleted in the meantime stays as they left it."""
        async with db.opened().act_as(self._credential(), "vitals.log") as tx:
            is_done = await vitals.take_back(tx, known_id(self._id))
            await self._show(tx, is_repeated=True)
        self.is_asking = False
        with i18n.use(self._locale()):
            if is_done or not self.next_href:
                self.news = _("Deleted. It counts for nothing now, and your care team can see that it was there.")
            else:
                self.problem = _("This reading was changed in the meantime. Nothing was deleted: look at it once more.")

    async def _refresh(self) -> None:
        async with db.opened().act_as(self._credential(), "vitals.see") as tx:
            await self._show(tx, is_repeated=True)

    async def _show(self, tx: db.Transaction, *, is_repeated: bool) -> None:
        self.is_ready = True
        try:
            found = await vitals.story(tx, known_id(self._id), is_repeated=is_repeated)
        except NotFound:
            self.is_missing, self.facts, self.history, self.value = True, [], [], ""
            return
        self.is_missing = False
        with i18n.use(self._locale()):
            self._fill(found)

    def _fill(self, found: Story) -> None:
        one = found.now.reading
        said, self.tone = words.finding_words(one.finding)
        self.title, self.value = reading_story.title_of(one), words.reading_words(one)
        self.finding = said if one.finding else ""
        self.facts, self.history = reading_story.facts_of(found.now), reading_story.history_of(found)
        self.ended = reading_story.ended_words(found.now)
        self.next_href = _address(f"/vitals/reading?id={found.now.successor}") if found.now.successor else ""
        self.change_href = _address(f"/vitals/log?id={one.id}")
        self.all_href = _address(f"/vitals/see?what={one.measure}")
        self.may_change = found.may_change and not self.ended
        self.is_asking = self.is_asking and self.may_change


def _address(path: str) -> str:
    return i18n.localized_path(i18n.current(), path)
