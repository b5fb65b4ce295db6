"""One question about oneself: what is known now, and what is said instead."""

from typing import Any, Final

import reflex as rx

from portal_app.core import clock, db, i18n
from portal_app.core.db import Transaction
from portal_app.core.errors import InputRefused, NotFound
from portal_app.core.i18n import _
from portal_app.features.profile import service as profile
from portal_app.features.profile.views import EmergencyContact, Pharmacy
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame
from portal_app.state.from_check_in import put_right
from portal_app.state.me import CHANNELS, CONTRASTS, QUIET, REACHED_BY, TEXT_SIZES, UNITS
from portal_app.web.next_path import check_in_path

QUESTIONS: Final = ("called", "pronouns", "emergency", "pharmacy", "reached", "units", "look", "channels")
_FIELDS: Final = ("name", "phone", "address", "relation", "reached", "units", "reminders", "offers", "quiet")
_OF_THE_CHART: Final = ("called", "pronouns", "emergency", "pharmacy", "reached")
_CHOICES: Final = {"units": UNITS, "reached": REACHED_BY}


class Answer(PortalState, rx.State):
    """The question in the address, one at a time."""

    is_ready: bool = False
    question: str = ""
    values: dict[str, str] = {}
    choices: list[dict[str, str]] = []
    contrasts: list[dict[str, str]] = []
    channels: list[dict[str, str]] = []
    quiets: list[dict[str, str]] = []
    error_field: str = ""
    error: str = ""
    attempt: str = ""
    back_href: str = ""
    _visit: str = ""

    @handles("access.who_am_i")
    async def on_load(self) -> None:
        """Show what is known; a contact detail wants a second proof first."""
        asked = self.router.url.query_parameters.get("q", "")
        self.question, self.is_ready = asked if asked in QUESTIONS else "", False
        self.error = self.error_field = ""
        self._visit = self.router.url.query_parameters.get("visit", "")
        back = check_in_path(self._locale(), self._visit)
        self.back_href = back or i18n.localized_path(self._locale(), "/profile")
        async with db.opened().act_as(self._credential(), "access.who_am_i") as tx:
            await (await self.get_state(Frame))._fill(tx)
            if self.question in _OF_THE_CHART and not await profile.acts_for_self(tx):
                self.question = ""  # of somebody else's chart nothing is said here
            if self.question == "emergency":
                await profile.require_proof_of_contact(tx)  # before anything is typed
            self.values = await _known(tx, self.question)
        with i18n.use(self._locale()):
            self.choices = _choices(_CHOICES.get(self.question, TEXT_SIZES))
            self.contrasts = _choices(CONTRASTS)
            self.channels, self.quiets = _choices(CHANNELS), _choices(QUIET)
        self.is_ready = True

    @handles("profile.change", writes=True)
    async def on_say(self, form: dict[str, str]) -> Any:
        """Keep the answer, and go back to the page of all of them, or to the check-in somebody came from."""
        said = {name: str(form.get(name, "")) for name in _FIELDS}
        self.error, self.error_field, self.attempt = "", "", clock.now().isoformat()
        policy = "profile.name_emergency" if self.question == "emergency" else "profile.change"
        try:
            async with db.opened().act_as(self._credential(), policy) as tx:
                await _keep(tx, self.question, said)
        except InputRefused as refused:
            with i18n.use(self._locale()):
                self.error, self.error_field = _(refused.reason), _field_of(refused.field)
            return None
        back = check_in_path(self._locale(), self._visit)
        if back and self.question == "emergency":
            await put_right(self._credential(), self._visit, "contact")
        return rx.redirect(back or i18n.localized_path(self._locale(), "/profile?done=saved"))


def _field_of(refused: str) -> str:
    return "name" if refused in ("called", "pronouns") else refused


async def _known(tx: Transaction, question: str) -> dict[str, str]:
    """Return what is known, by the field it stands in; nothing for what is no question of this person's."""
    reads = await profile.reading(tx)
    if question not in _OF_THE_CHART:
        return {
            "units": reads.units, "text": reads.text_size, "contrast": reads.contrast, "reminders": reads.reminders_by,
            "offers": reads.offers_by, "quiet": f"{reads.quiet_from}-{reads.quiet_until}",
        }  # fmt: skip
    said = await profile.profile(tx)
    one, other = said.emergency_contact, said.pharmacy
    known = {
        "called": {"name": said.called},
        "pronouns": {"name": said.pronouns},
        "emergency": {"name": one.name, "relation": one.relation, "phone": one.phone},
        "pharmacy": {"name": other.name, "phone": other.phone, "address": other.address},
        "reached": {"reached": said.reached_by},
    }
    return known[question]


async def _keep(tx: Transaction, question: str, said: dict[str, str]) -> None:
    if question == "called":
        await profile.be_called(tx, said["name"])
    elif question == "pronouns":
        await profile.say_pronouns(tx, said["name"])
    elif question == "emergency":
        contact = EmergencyContact(said["name"], said["relation"], said["phone"])
        await profile.name_emergency_contact(tx, contact)
    elif question == "pharmacy":
        await profile.choose_pharmacy(tx, Pharmacy(said["name"], said["phone"], said["address"]))
    elif question == "reached":
        await profile.choose_reached_by(tx, said["reached"])
    elif question == "units":
        await profile.choose_units(tx, said["units"])
    elif question == "channels":
        await profile.choose_channels(tx, said["reminders"], said["offers"], said["quiet"])
    else:
        raise NotFound


def _choices(words: dict[str, str]) -> list[dict[str, str]]:
    return [{"value": value, "label": _(label), "detail": ""} for value, label in words.items() if value]
