"""What the manager keeps of video visits: how picture and sound travel, and where clinicians are licensed."""

from datetime import date
from uuid import UUID

import reflex as rx

from portal_app.core import clock, db, i18n
from portal_app.core.errors import InputRefused, NotFound
from portal_app.core.i18n import N_, _
from portal_app.features.practice import service as practice
from portal_app.features.visits import service as visits
from portal_app.settings import get_settings
from portal_app.state import visit_words as say
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame

_TONES = {"now": "good", "past": "caution", "to come": "plain"}
_NO_DAY = N_("Write the day as year, month and day, or leave it empty.")


class VideoSettings(PortalState, rx.State):
    """The manager's page about video visits. `editing` is the licence whose days are changed, "" for a new one."""

    is_ready: bool = False
    path: str = ""
    paths: list[dict[str, str]] = []
    is_fixed: bool = False
    has_states: bool = False
    rows: list[dict[str, str]] = []
    people: list[dict[str, str]] = []
    regions: list[dict[str, str]] = []
    person: str = ""
    region: str = ""
    typed: dict[str, str] = {}
    editing: str = ""
    about: str = ""
    error_field: str = ""
    error: str = ""
    attempt: str = ""
    moment: str = ""
    news: str = ""
    _known: tuple[visits.LicenceView, ...] = ()

    @handles("visits.set_up")
    async def on_load(self) -> None:
        """Show how things are kept, and follow what colleagues change."""
        self.news = ""
        self._clear()
        await self._refresh()
        self._watch("practice")

    @handles("practice.change_facts", writes=True)
    async def on_path(self, path: str) -> None:
        """Say how picture and sound travel."""
        async with db.opened().act_as(self._credential(), "practice.change_facts") as tx:
            await practice.set_video_path(tx, path)
        self._say(N_("Saved. It counts for everybody who comes into a visit from now on."))
        await self._refresh()

    @handles("visits.set_up")
    async def on_person(self, person: str) -> None:
        """Choose a clinician."""
        self.person = person

    @handles("visits.set_up")
    async def on_region(self, region: str) -> None:
        """Choose a state."""
        self.region = region

    @handles("visits.set_up")
    async def on_edit(self, licence_id: str) -> None:
        """Open the days of a licence."""
        self.news = ""
        found = self._licence(licence_id)
        self._clear()
        row = next(one for one in self.rows if one["id"] == licence_id)
        self.editing, self.about = licence_id, row["licence_named"]
        self.person, self.region = str(found.practitioner_id), found.region
        days = {"from": found.valid_from, "until": found.valid_until}
        self.typed = {name: day.isoformat() if day else "" for name, day in days.items()}

    @handles("visits.set_up")
    async def on_leave_it(self) -> None:
        """Leave everything as it is."""
        self._clear()

    @handles("visits.set_up", writes=True)
    async def on_save(self, form: dict[str, str]) -> None:
        """Write a licence down, or change its days."""
        self.news, self.attempt, self.error, self.error_field = "", clock.now().isoformat(), "", ""
        self.typed = {name: str(form.get(name, ""))[:10] for name in ("from", "until")}
        try:
            days = [_day(self.typed, name) for name in ("from", "until")]
            wanted = visits.LicenceForm(_person(self.person), self.region, *days)
            async with db.opened().act_as(self._credential(), "visits.set_up") as tx:
                await visits.set_licence(tx, wanted)
        except InputRefused as error:
            with i18n.use(self._locale()):
                self.error_field, self.error = error.field, _(error.reason)
            return
        self._clear()
        self._say(N_("Saved. Whoever sees a patient elsewhere is warned."))
        await self._refresh()

    @handles("visits.set_up", writes=True)
    async def on_drop(self, licence_id: str) -> None:
        """Take out what was written down by mistake."""
        async with db.opened().act_as(self._credential(), "visits.set_up") as tx:
            await visits.drop_licence(tx, self._licence(licence_id).id)
        self._clear()
        self._say(N_("Taken out."))
        await self._refresh()

    def _licence(self, licence_id: str) -> visits.LicenceView:
        found = next((one for one in self._known if str(one.id) == licence_id), None)
        if found is None:
            raise NotFound
        return found

    def _clear(self) -> None:
        self.editing = self.about = self.person = self.region = self.error = self.error_field = ""
        self.typed, self.moment = {"from": "", "until": ""}, clock.now().isoformat()

    def _say(self, message: str) -> None:
        with i18n.use(self._locale()):
            self.news = _(message)

    async def _refresh(self) -> None:
        async with db.opened().act_as(self._credential(), "visits.set_up") as tx:
            await (await self.get_state(Frame))._fill(tx)
            self.is_fixed = get_settings().video_path == "hub"
            self.path = "hub" if self.is_fixed else await practice.video_path(tx)
            country, people = await practice.country(tx), await practice.practitioners(tx)
            self._known = tuple(await visits.licences(tx))
        with i18n.use(self._locale()):
            self.paths = _path_rows()
            self.rows = [_row(one, country) for one in self._known]
            first = {"value": "", "label": _("Choose a clinician")}
            self.people = [first, *({"value": str(one.id), "label": one.called} for one in people)]
            self.regions = [one for one in say.region_choices(country) if one["value"] != visits.ELSEWHERE]
        self.has_states, self.is_ready = bool(self.regions), True


def _path_rows() -> list[dict[str, str]]:
    direct = _("Encrypted from your device to theirs. Nobody in between can see or hear you.")
    hub = _("Encrypted to our own server, which passes it on and records nothing.")
    reads = _("People read: “{words}”")
    return [
        {"value": "direct", "label": _("Directly, where two browsers reach each other"),
         "detail": reads.format(words=direct)},
        {"value": "hub", "label": _("Always through our server"), "detail": reads.format(words=hub)},
    ]  # fmt: skip


def _row(one: visits.LicenceView, country: str) -> dict[str, str]:
    state = say.region_words(one.region, country) or one.region
    standing = {"now": _("Counts now"), "past": _("Has run out"), "to come": _("To come")}[one.standing]
    return {
        "id": str(one.id),
        "who_given": one.practitioner_name,
        "region_given": state,
        "licence_named": f"{one.practitioner_name}, {state}",
        "from": i18n.format_long_date(one.valid_from) if one.valid_from else _("Not said"),
        "until": i18n.format_long_date(one.valid_until) if one.valid_until else _("Without an end"),
        "standing": standing,
        "tone": _TONES[one.standing],
        "by_given": one.set_by,
        "on": i18n.format_long_date(one.set_at.date()) if one.set_at else "",
    }


def _day(typed: dict[str, str], name: str) -> date | None:
    if not typed[name].strip():
        return None
    try:
        return date.fromisoformat(typed[name].strip())
    except ValueError:
        raise InputRefused(name, _NO_DAY) from None


def _person(given: str) -> UUID:
    try:
        return UUID(given)
    except ValueError:
        raise InputRefused("person", N_("Choose a clinician.")) from None
