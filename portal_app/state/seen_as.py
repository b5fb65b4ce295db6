"""Before staff see a patient's own pages as the patient does: whose, what it is, and why."""

from uuid import UUID

import reflex as rx

from portal_app.core import db, i18n
from portal_app.core.errors import NotFound
from portal_app.core.i18n import N_, _
from portal_app.features.patients import service as patients
from portal_app.features.privacy import service as privacy
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame

KINDS = {
    "asked": N_("The patient asked for help"),
    "present": N_("The patient stands here beside me"),
    "mistake": N_("I look for something that is wrong on their pages"),
}


class SeenAs(PortalState, rx.State):
    """The question before a look; the answer is a plain form, because a look is another cookie."""

    is_ready: bool = False
    is_missing: bool = False
    is_refused: bool = False
    name: str = ""
    title: str = ""
    chart: str = ""
    kinds: list[dict[str, str]] = []
    problem: str = ""
    back_href: str = ""

    @handles("privacy.see_as_patient")
    async def on_load(self) -> None:
        """Ask why; nothing is chosen beforehand."""
        asked = self.router.url.query_parameters
        self.is_missing, self.chart = asked.get("problem") == "chart", asked.get("chart", "")
        async with db.opened().act_as(self._credential(), "privacy.see_as_patient") as tx:
            await (await self.get_state(Frame))._fill(tx)
            try:
                found = await patients.patient(tx, UUID(self.chart))
            except (NotFound, ValueError):
                self.is_missing, self.is_ready = True, True
                return
            self.is_refused = await privacy.are_looks_refused(tx, found.id)
        self.name = found.said_name
        with i18n.use(self._locale()):
            self.title = _("See as {name} sees").format(name=self.name)
            self.kinds = [{"value": kind, "label": _(KINDS[kind])} for kind in privacy.SEEING_KINDS]
            self.problem = _("Choose why you need to see it.") if asked.get("problem") == "kind" else ""
            self.back_href = i18n.localized_path(i18n.current(), f"/staff/patients/{found.id}")
        self.is_ready = True
