"""One clinician, for patients who choose: who they are, what they treat and do not, and when they are free next."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import reflex as rx

from portal_app.core import db, i18n
from portal_app.core.errors import NotFound
from portal_app.core.i18n import _
from portal_app.features.booking import service as booking
from portal_app.features.booking.views import FreeTime, Modality, TimeQuery
from portal_app.features.practice import service as practice
from portal_app.features.practice.views import ProfileView, words_in
from portal_app.state import booking_words as words
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame

SEARCH_DAYS = 60
MODALITIES: tuple[Modality, ...] = ("in_person", "video")


class Clinician(PortalState, rx.State):
    """A clinician's page."""

    is_ready: bool = False
    is_missing: bool = False
    name: str = ""
    specialty: str = ""
    initials: str = ""
    photo: str = ""
    biography: str = ""
    treats: str = ""
    treats_not: str = ""
    biography_lang: str = ""
    treats_lang: str = ""
    treats_not_lang: str = ""
    facts: list[dict[str, str]] = []
    next_free: str = ""
    closed: str = ""
    book_name: str = ""
    book_href: str = ""

    @handles("booking.find")
    async def on_load(self) -> None:
        """Show the clinician of the address, and follow changes."""
        self.is_ready = self.is_missing = False
        await self._refresh()
        self._watch("practice")

    async def _refresh(self) -> None:
        try:
            who = UUID(self.router.url.path.rstrip("/").rsplit("/", 1)[-1])
            async with db.opened().act_as(self._credential(), "booking.find") as tx:
                await (await self.get_state(Frame))._fill(tx)
                found = await practice.profile(tx, who)
                is_taken = who in await practice.takers(tx)
                soonest = await _soonest(tx, who) if is_taken else None
                places = {one.id: one.name for one in await practice.locations(tx)}
        except (NotFound, ValueError):
            self.is_missing = self.is_ready = True
            return
        with i18n.use(self._locale()):
            self._fill(found, soonest, places, is_taken=is_taken)

    def _fill(
        self, found: ProfileView, soonest: FreeTime | None, places: Mapping[UUID, str], *, is_taken: bool
    ) -> None:
        who = found.who
        self.name, self.initials, self.specialty = who.called, who.initials, who.specialty_in(i18n.current())
        self.photo = f"/photos/{who.photo_id}" if who.photo_id else ""
        self.biography, self.biography_lang = words_in(found.biography, i18n.current())
        self.treats, self.treats_lang = words_in(found.treats, i18n.current())
        self.treats_not, self.treats_not_lang = words_in(found.treats_not, i18n.current())
        self.facts = _facts(found, [places[one] for one in who.location_ids if one in places])
        self.next_free = words.moment_words(soonest.starts_at, soonest.zone) if soonest else ""
        self.closed = "" if is_taken else _("Not for you now: takes no new patients, or sees people of other ages.")
        self.book_name = _("See free times with {name}").format(name=who.called) if is_taken else ""
        self.book_href = i18n.localized_path(i18n.current(), f"/book?who={who.id}")
        self.is_ready = True


async def _soonest(tx: db.Transaction, who: UUID) -> FreeTime | None:
    found: list[FreeTime] = []
    for modality in MODALITIES:
        types = [one for one in await practice.visit_types(tx) if modality in one.modalities]
        if types:
            query = TimeQuery(types[0].id, modality, None, SEARCH_DAYS, (who,))
            found += await booking.find_soonest(tx, query)
    return min(found, key=lambda time: time.starts_at, default=None)


def _facts(found: ProfileView, places: Sequence[str]) -> list[dict[str, str]]:
    pairs = [
        (_("Speaks"), i18n.language_list(found.who.languages)),
        (_("Ages"), ages_words(found.age_from, found.age_until)),
        (_("New patients"), _("Welcome") if found.who.accepts_new else _("Not now")),
        (_("Where"), ", ".join(places)),
    ]
    return [{"term": term, "fact": fact} for term, fact in pairs if fact]


def ages_words(age_from: int | None, age_until: int | None) -> str:
    """Say which ages somebody sees."""
    first, last = (i18n.format_number(age or 0) for age in (age_from, age_until))
    if age_from and age_until is not None:
        return _("From {first} to {last} years").format(first=first, last=last)
    if age_until is not None:
        return _("Up to {last} years").format(last=last)
    return _("From {first} years on").format(first=first) if age_from else _("All ages")
