"""What the manager asks patients to have ready for each kind of visit by video."""

import reflex as rx

from portal_app.core import clock, db, i18n
from portal_app.core.errors import InputRefused
from portal_app.core.i18n import _
from portal_app.features.visits import service as visits
from portal_app.state.base import PortalState, handles
from portal_app.state.ids import known_id


class VisitPreparations(PortalState, rx.State):
    """The list of the kinds of visit; `editing` is the one whose words are changed, "" while none is."""

    rows: list[dict[str, str]] = []
    editing: str = ""
    about: str = ""
    typed: dict[str, str] = {}
    error_field: str = ""
    error: str = ""
    attempt: str = ""
    news: str = ""

    @handles("visits.set_up")
    async def on_load(self) -> None:
        """Show what is written."""
        self.news = ""
        self._close()
        await self._refresh()

    @handles("visits.set_up")
    async def on_edit(self, visit_type_id: str) -> None:
        """Open the words of one kind of visit."""
        self.news = ""
        self._close()
        async with db.opened().act_as(self._credential(), "visits.set_up") as tx:
            known = {one.visit_type_id: one for one in await visits.preparations(tx)}
        found = known.get(known_id(visit_type_id))
        if found is None:
            return
        self.editing = visit_type_id
        self.about = next(row["kind"] for row in self.rows if row["id"] == visit_type_id)
        self.typed = {locale: "\n".join(found.words.get(locale) or _shipped(locale)) for locale in i18n.LOCALES}

    @handles("visits.set_up")
    async def on_leave_it(self) -> None:
        """Leave everything as it is."""
        self._close()

    @handles("visits.set_up", writes=True)
    async def on_save(self, form: dict[str, str]) -> None:
        """Write what is to be ready."""
        self.news, self.attempt, self.error, self.error_field = "", clock.now().isoformat(), "", ""
        self.typed = {locale: str(form.get(f"ready-{locale}", ""))[:2000] for locale in i18n.LOCALES}
        try:
            async with db.opened().act_as(self._credential(), "visits.set_up") as tx:
                await visits.set_preparation(tx, known_id(self.editing), self.typed)
        except InputRefused as error:
            with i18n.use(self._locale()):
                self.error_field, self.error = f"ready-{error.field}", _(error.reason)
            return
        self._close()
        await self._refresh()
        with i18n.use(self._locale()):
            self.news = _("Saved. Whoever waits from now on reads it.")

    def _close(self) -> None:
        self.editing = self.about = self.error = self.error_field = ""
        self.typed = dict.fromkeys(i18n.LOCALES, "")

    async def _refresh(self) -> None:
        async with db.opened().act_as(self._credential(), "visits.set_up") as tx:
            found = await visits.preparations(tx)
        with i18n.use(self._locale()):
            self.rows = [_row(one) for one in found]


def _shipped(locale: str) -> list[str]:
    with i18n.use(locale):
        return [_(one) for one in visits.SHIPPED]


def _row(one: visits.Preparation) -> dict[str, str]:
    own = i18n.current()
    said = ""
    if one.set_at is not None:
        said = _("Written down by {name}, {day}").format(name=one.set_by, day=i18n.format_long_date(one.set_at.date()))
    return {
        "id": str(one.visit_type_id),
        "kind": one.names.get(own) or one.names.get("en", ""),
        "things_given": " · ".join(one.words.get(own) or _shipped(own)),
        "written": said or _("As it comes with the portal"),
    }
