"""What people read of a clinician: kept by the manager, or by the clinician themself."""

from uuid import UUID

import reflex as rx

from portal_app.core import clock, db, i18n
from portal_app.core.actor import Role
from portal_app.core.errors import InputRefused, NotAllowed, NotFound
from portal_app.core.i18n import N_, _
from portal_app.features.practice import service as practice
from portal_app.features.practice.views import ProfileChange, ProfileView
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame
from portal_app.state.ids import known_id

LANGUAGES = ("en", "es", "ar", "zh", "ru", "fr", "ht", "pt", "vi", "ko", "tl", "hi", "fa", "he", "am", "ig")
"""What a clinician may speak, besides what their row already says."""
TEXTS = ("biography", "treats", "treats_not")


class ClinicianSettings(PortalState, rx.State):
    """One profile; the clinician's id is in the address."""

    is_ready: bool = False
    is_missing: bool = False
    can_go_back: bool = False
    hours_href: str = ""
    name: str = ""
    initials: str = ""
    photo: str = ""
    photo_error: str = ""
    photo_action: str = ""
    specialties: list[dict[str, str | bool]] = []
    languages: list[dict[str, str | bool]] = []
    texts: dict[str, str] = {}
    age_from: str = ""
    age_until: str = ""
    accepts_new: bool = True
    errors: list[dict[str, str]] = []
    news: str = ""
    attempt: str = ""
    _id: str = ""

    @handles("practice.change_profile")
    async def on_load(self) -> None:
        """Show one profile, or one's own."""
        asked = self.router.url.query_parameters
        self._id = asked.get("id", "")
        self.is_ready = self.is_missing = False
        self.errors, self.news = [], ""
        with i18n.use(self._locale()):
            self.photo_error = _("That picture cannot be used. Choose a JPEG or PNG of up to 8 MB.") if asked.get(
                "problem") else ""  # fmt: skip
        try:
            await self._refresh()
        except (NotFound, NotAllowed):
            self.is_missing = True
        self.is_ready = True

    @handles("practice.change_profile", writes=True)
    async def on_save(self, form: dict[str, str]) -> None:
        """Write the profile; patients read it at once."""
        self.errors, self.news, self.attempt = [], "", clock.now().isoformat()
        try:
            change = _change(form)
            async with db.opened().act_as(self._credential(), "practice.change_profile") as tx:
                await practice.set_profile(tx, self._practitioner_id(), change)
        except InputRefused as error:
            with i18n.use(self._locale()):
                self.errors = [{"field": error.field, "text": _(error.reason)}]
            return
        await self._refresh()
        with i18n.use(self._locale()):
            self.news = _("Saved. Everyone sees it from now on.")

    def _practitioner_id(self) -> UUID:
        return known_id(self._id)

    async def _refresh(self) -> None:
        async with db.opened().act_as(self._credential(), "practice.change_profile") as tx:
            await (await self.get_state(Frame))._fill(tx)
            own = await practice.own_practitioner_id(tx)
            self.can_go_back = Role.manager in tx.actor.roles
            self._id = self._id or str(own or "")
            if not self.can_go_back and self._id != str(own):
                raise NotAllowed
            found = await practice.profile(tx, self._practitioner_id())
        with i18n.use(self._locale()):
            self._fill(found)

    def _fill(self, found: ProfileView) -> None:
        who = found.who
        self.name, self.initials = who.called, who.initials
        self.photo = f"/photos/{who.photo_id}" if who.photo_id else ""
        self.photo_action = f"/photos/of/{who.id}"
        self.hours_href = i18n.localized_path(i18n.current(), f"/staff/settings/schedules?who={who.id}")
        self.specialties = [
            {"field": f"specialty-{code}", "label": names.get(i18n.current()) or names["en"],
             "is_on": code in who.specialty_codes}
            for code, names in practice.SPECIALTIES.items()
        ]  # fmt: skip
        spoken = [*who.languages, *(code for code in LANGUAGES if code not in who.languages)]
        self.languages = [
            {"field": f"speaks-{code}", "label": i18n.language_list([code]), "is_on": code in who.languages}
            for code in spoken
        ]
        words = {"biography": found.biography, "treats": found.treats, "treats_not": found.treats_not}
        self.texts = {f"{name}-{code}": words[name].get(code, "") for name in TEXTS for code in i18n.LOCALES}
        self.age_from = "" if found.age_from is None else str(found.age_from)
        self.age_until = "" if found.age_until is None else str(found.age_until)
        self.accepts_new = who.accepts_new


def _change(form: dict[str, str]) -> ProfileChange:
    said = {name: {code: str(form.get(f"{name}-{code}", "")) for code in i18n.LOCALES} for name in TEXTS}
    return ProfileChange(
        specialty_codes=_checked(form, "specialty-"),
        languages=_checked(form, "speaks-"),
        biography=said["biography"],
        treats=said["treats"],
        treats_not=said["treats_not"],
        age_from=_age(str(form.get("age-from", ""))),
        age_until=_age(str(form.get("age-until", ""))),
        accepts_new=bool(form.get("accepts-new")),
    )


def _checked(form: dict[str, str], prefix: str) -> tuple[str, ...]:
    return tuple(name.removeprefix(prefix) for name, value in form.items() if name.startswith(prefix) and value)


def _age(typed: str) -> int | None:
    if not typed.strip():
        return None
    try:
        return int(typed)
    except ValueError as error:
        raise InputRefused("age-from", N_("Write ages in whole years, the younger one first.")) from error
