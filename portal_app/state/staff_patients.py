"""Find a patient while somebody is on the telephone: by name in any script, birth date or number."""

from datetime import date
from uuid import UUID

import reflex as rx

from portal_app.core import clock, db, i18n
from portal_app.core.i18n import _, ngettext
from portal_app.features.patients import service as patients
from portal_app.features.patients.views import FoundPatient, FoundPatients
from portal_app.state import booking_words as words
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame
from portal_app.web.next_path import is_open


class StaffPatients(PortalState, rx.State):
    """The staff's search for a patient."""

    is_ready: bool = False
    has_asked: bool = False
    rows: list[dict[str, str]] = []
    said: str = ""
    may_open: bool = False
    _seen: frozenset[UUID] = frozenset()

    @handles("patients.find")
    async def on_load(self) -> None:
        """Begin with nothing found."""
        self.rows, self.said, self.has_asked, self._seen = [], "", False, frozenset()
        async with db.opened().act_as(self._credential(), "patients.find") as tx:
            await (await self.get_state(Frame))._fill(tx)
            self.may_open = is_open("/staff/emergency", tx.actor)
        self.is_ready = True

    @handles("patients.find", supersedes=True)
    async def on_search(self, query: str) -> None:
        """Show whom the words fit; nothing is kept of them."""
        self.has_asked = bool(query.strip())
        async with db.opened().act_as(self._credential(), "patients.find") as tx:
            found = await patients.find_patients(tx, query, seen=self._seen)
        self._seen |= {one.id for one in found.patients}
        with i18n.use(self._locale()):
            self.rows = [_row(one) for one in found.patients]
            self.said = _summary(found) if self.has_asked else ""


def _summary(found: FoundPatients) -> str:
    count = len(found.patients)
    if found.is_more:
        return _("The first {count} of more. Type more of the name, or the birth date.").format(
            count=i18n.format_number(count)
        )
    return ngettext("{count} patient found", "{count} patients found", count).format(count=i18n.format_number(count))


def _row(one: FoundPatient) -> dict[str, str]:
    return {
        "name": f"{one.given_name} {one.family_name}",
        "born": birth_words(one.birth_date),
        "phone": one.phone,
        "language": i18n.language_list([one.language]),
        "href": i18n.localized_path(i18n.current(), f"/staff/patients/{one.id}"),
    }


def birth_words(born: date) -> str:
    """Say a birth date with the age it makes."""
    age = i18n.format_number(words.age_on(born, clock.now().date()))
    return _("{date} (age {age})").format(date=i18n.format_long_date(born), age=age)
