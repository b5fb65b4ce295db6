"""Me: who is signed in and what they have said about themselves, each answer with the way to change it."""

from typing import Final

import reflex as rx

from portal_app.core import db, i18n
from portal_app.core.errors import NotFound
from portal_app.core.i18n import N_, _
from portal_app.features.access import service as access
from portal_app.features.notify import service as notify
from portal_app.features.privacy import service as privacy
from portal_app.features.profile import service as profile
from portal_app.features.profile.views import Contacts, Profile, Reading
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame
from portal_app.web.next_path import sign_in_path

Row = dict[str, str]

TEXT_SIZES: Final = {"normal": N_("Normal text"), "large": N_("Large text"), "largest": N_("Very large text")}
CONTRASTS: Final = {"normal": N_("normal contrast"), "more": N_("strong contrast")}
UNITS: Final = {"": N_("Not chosen yet"), "metric": N_("Kilograms and centimetres"), "us": N_("Pounds and inches")}
CHANNELS: Final = {
    "mail": N_("By e-mail"),
    "text": N_("By text message"),
    "push": N_("As a notification on my devices"),
}
REACHED_BY: Final = {"mail": N_("Write me an e-mail"), "phone": N_("Call me"), "either": N_("I do not mind")}
QUIET: Final = {
    "21-8": N_("From nine in the evening until eight in the morning"),
    "22-7": N_("From ten in the evening until seven in the morning"),
    "19-9": N_("From seven in the evening until nine in the morning"),
    "0-0": N_("Never: a text may come at any hour"),
}
_NOT_SAID: Final = N_("Nothing yet")
_NOT_FOR_ROLE: Final = N_(
    "What the patient says about themselves, and how they are reached, is not shown to your role."
)
_NOT_BY_LOOK: Final = N_("Sign-in and devices, notifications and who looked are shown to the patient alone.")


class Me(PortalState, rx.State):
    """The person's own page."""

    is_ready: bool = False
    name: str = ""
    email: str = ""
    may_share: bool = False
    has_charts: bool = False
    news: str = ""
    proof_path: str = ""
    """Where to prove oneself once more, to see contact details in full; "" if they are."""
    hidden: str = ""
    """What support is not shown of the page, in words."""
    about: list[dict[str, str]] = []
    reached: list[dict[str, str]] = []
    reads: list[dict[str, str]] = []

    @handles("profile.view_me")
    async def on_load(self) -> None:
        """Fill the page, and say that an answer was kept."""
        async with db.opened().act_as(self._credential(), "profile.view_me") as tx:
            await (await self.get_state(Frame))._fill(tx)
            look = await privacy.look_now(tx)
            if look is not None:
                await self._show_seen(tx, look)
                return
            found, charts = await access.who_am_i(tx), await access.charts_acted_for(tx)
            self.may_share = any(one.is_current and one.relationship == "self" for one in charts)
            self.has_charts = (
                any(one.relationship != "self" for one in charts) or (await self.get_state(Frame)).acting_for != ""
            )
            is_own = tx.actor.patient_id is not None and await profile.acts_for_self(tx)
            said = await profile.profile(tx) if is_own else None
            reached = None if tx.actor.is_staff() else await profile.contacts(tx)
            reads = await profile.reading(tx)
            has_notifications = reached is not None and await notify.has_notifications(tx)
        self._fill(said, reached, reads, has_notifications=has_notifications)
        self.name, self.is_ready = found.display_name, True
        self.email = "" if reached is not None else found.email
        masked = reached is not None and reached.is_masked
        self.proof_path = sign_in_path(self.router.url.path, step_up=True) if masked else ""

    async def _show_seen(self, tx: db.Transaction, look: privacy.Look) -> None:
        """Show support what the patient has said, as far as the role goes, with no way to change it."""
        self.proof_path = ""
        self.name, self.email, self.has_charts = look.name, "", False
        self.may_share = await access.sees_caregivers(tx)
        try:
            self._fill(await profile.profile(tx), await profile.contacts(tx), await profile.reading(tx))
            # Which of their devices get notifications belongs to the devices.
            self.reached = [row for row in self.reached if "/profile/notifications" not in row["href"]]
        except NotFound:
            self.about, self.reached, self.reads = [], [], []
        for rows in (self.about, self.reached, self.reads):
            for row in rows:
                row["href"] = ""
        with i18n.use(self._locale()):
            self.hidden = _(_NOT_FOR_ROLE if not self.about else _NOT_BY_LOOK)
        self.is_ready = True

    def _fill(
        self, said: Profile | None, reached: Contacts | None, reads: Reading, *, has_notifications: bool = False
    ) -> None:
        with i18n.use(self._locale()):
            self.about = _about(said) if said else []
            self.reached = _reached(reached, reads, said, is_on=has_notifications) if reached else []
            self.reads = _reads(reads, is_patient=reached is not None)
            done = self.router.url.query_parameters.get("done")
            self.news = _("Saved. It counts from now on.") if done == "saved" else ""


def _row(title: str, said: str, question: str) -> Row:
    href = i18n.localized_path(i18n.current(), question)
    return {"title": title, "said": said or _(_NOT_SAID), "href": href}


def _about(said: Profile) -> list[Row]:
    pharmacy, contact = said.pharmacy, said.emergency_contact
    relation = f"{contact.name} ({contact.relation})" if contact.relation else contact.name
    return [
        _row(_("The name we call you by"), said.called, "/profile/answer?q=called"),
        _row(_("Pronouns"), said.pronouns, "/profile/answer?q=pronouns"),
        _row(_("Emergency contact"), relation, "/profile/answer?q=emergency"),
        _row(_("Pharmacy"), pharmacy.name, "/profile/answer?q=pharmacy"),
    ]


def _reached(found: Contacts, reads: Reading, said: Profile | None, *, is_on: bool) -> list[Row]:
    by = {
        "mail": _("Reminders by e-mail"),
        "text": _("Reminders by text message"),
        "push": _("Reminders as a notification"),
    }
    wish = (
        [_row(_("When there is something to talk about"), _(REACHED_BY[said.reached_by]), "/profile/answer?q=reached")]
        if said
        else []
    )
    return [
        _row(_("E-mail"), found.email, "/profile/contact?q=email"),
        _row(_("Telephone"), found.phone, "/profile/contact?q=phone"),
        *wish,
        _row(_("Notifications"), _("On") if is_on else _("Off"), "/profile/notifications"),
        _row(_("Reminders and offers"), by[reads.reminders_by], "/profile/answer?q=channels"),
    ]


def _reads(found: Reading, *, is_patient: bool) -> list[Row]:
    look = f"{_(TEXT_SIZES[found.text_size])}, {_(CONTRASTS[found.contrast])}"
    rows = [_row(_("Text and contrast"), look, "/profile/answer?q=look")]
    return [*rows, _row(_("Units"), _(UNITS[found.units]), "/profile/answer?q=units")] if is_patient else rows
