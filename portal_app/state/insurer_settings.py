"""How insurers know the practice and its clinicians."""

from typing import Final

import reflex as rx

from portal_app.core import clock, db, i18n
from portal_app.core.errors import InputRefused
from portal_app.core.i18n import N_, _
from portal_app.features.coverage import service as coverages
from portal_app.features.coverage.service import Identity
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame
from portal_app.state.ids import known_id
from portal_app.state.refused import beside, refused

SAVED: Final = N_("Saved. Claims and questions to insurers say it from now on.")
FIELDS: Final = ("legal_name", "npi", "taxonomy", "tax_id")
_MOST: Final = 200


class InsurerSettings(PortalState, rx.State):
    """The manager's page. `practitioner_id` is whose numbers are open, "" for the practice's."""

    is_ready: bool = False
    practitioner_id: str = ""
    name: str = ""
    typed: dict[str, str] = dict.fromkeys(FIELDS, "")
    people: list[dict[str, str]] = []
    errors: list[dict[str, str]] = []
    error_of: dict[str, str] = dict.fromkeys(FIELDS, "")
    attempt: str = ""
    moment: str = ""
    news: str = ""

    @handles("coverage.identify")
    async def on_load(self) -> None:
        """Show the practice's numbers, or those of the clinician of the address."""
        self.practitioner_id = self.router.url.query_parameters.get("id", "")
        self.news, self.errors, self.error_of = "", [], dict.fromkeys(FIELDS, "")
        async with db.opened().act_as(self._credential(), "coverage.identify") as tx:
            await (await self.get_state(Frame))._fill(tx)
            await self._show(tx)

    @handles("coverage.identify", writes=True)
    async def on_save(self, form: dict[str, str]) -> None:
        """Keep the numbers; two taps say the same."""
        self.news, self.errors, self.error_of = "", [], dict.fromkeys(FIELDS, "")
        said = [str(form.get(name, ""))[:_MOST] for name in FIELDS]
        whose = known_id(self.practitioner_id) if self.practitioner_id else None
        try:
            async with db.opened().act_as(self._credential(), "coverage.identify") as tx:
                await coverages.set_identity(tx, Identity(whose, *said))
                await self._show(tx)
        except InputRefused as error:
            self.attempt = clock.now().isoformat()
            with i18n.use(self._locale()):
                self.errors = refused(error)
                self.error_of = beside(FIELDS, self.errors)
            return
        with i18n.use(self._locale()):
            self.news = _(SAVED)

    async def _show(self, tx: db.Transaction) -> None:
        us, people = await coverages.practice_identity(tx), await coverages.clinician_identities(tx)
        one = next((each for each in people if str(each.practitioner_id) == self.practitioner_id), us)
        if one is us:
            self.practitioner_id = ""
        with i18n.use(self._locale()):
            self.name = one.legal_name if one is not us else ""
            self.people = [self._row(each) for each in people]
        self.typed = {"legal_name": one.legal_name, "npi": one.npi, "taxonomy": one.taxonomy, "tax_id": one.tax_id}
        self.moment, self.is_ready = clock.now().isoformat(), True

    def _row(self, one: Identity) -> dict[str, str]:
        is_whole = bool(one.npi and one.taxonomy)
        return {
            "title": one.legal_name,
            "detail": _("NPI {number}").format(number=one.npi) if one.npi else "",
            "status": _("Complete") if is_whole else _("Something is missing"),
            "tone": "good" if is_whole else "caution",
            "href": i18n.localized_path(self._locale(), f"/staff/settings/insurers?id={one.practitioner_id}"),
        }
