"""One request to become a patient: what was written, beside the charts it may already have. Staff decide."""

from collections.abc import Awaitable, Callable
from uuid import UUID

import reflex as rx

from portal_app.core import db, i18n
from portal_app.core.errors import NotFound
from portal_app.core.i18n import _
from portal_app.features.patients import service as patients
from portal_app.features.patients.views import RegistrationView, Suspect
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame
from portal_app.state.ids import picked_id
from portal_app.state.staff_patients import birth_words


class StaffRegistration(PortalState, rx.State):
    """The staff's page of one request."""

    is_ready: bool = False
    is_missing: bool = False
    is_open: bool = False
    name: str = ""
    born: str = ""
    email: str = ""
    phone: str = ""
    reason: str = ""
    preferred: str = ""
    language: str = ""
    outcome: str = ""
    chart_href: str = ""
    suspects: list[dict[str, str]] = []
    asking: str = ""
    linking_to: str = ""
    problem: str = ""
    _id: str = ""
    _chosen: str = ""

    @handles("patients.decide")
    async def on_load(self) -> None:
        """Show the request of the address."""
        self._id = self.router.url.query_parameters.get("id", "")
        self.problem = self.asking = ""
        self.is_ready = self.is_missing = False
        async with db.opened().act_as(self._credential(), "patients.decide") as tx:
            await (await self.get_state(Frame))._fill(tx)
            await self._show(tx)
        self.is_ready = True
        self._watch("tasks:all")

    @handles("patients.decide")
    async def on_ask_accept(self) -> None:
        """Ask once before a new chart is made."""
        self.asking = "accept"

    @handles("patients.decide")
    async def on_ask_decline(self) -> None:
        """Ask once before somebody is turned away."""
        self.asking = "decline"

    @handles("patients.decide")
    async def on_ask_link(self, patient_id: str) -> None:
        """Ask once before a request is said to be a chart's."""
        found = next((one for one in self.suspects if one["id"] == patient_id), None)
        if found is not None:
            self.asking, self._chosen, self.linking_to = "link", patient_id, found["name"]

    @handles("patients.decide")
    async def on_keep(self) -> None:
        """Decide nothing yet."""
        self.asking = ""

    @handles("patients.decide", writes=True)
    async def on_accept(self) -> None:
        """Open a new chart."""
        await self._decide(patients.accept_registration)

    @handles("patients.decide", writes=True)
    async def on_decline(self) -> None:
        """Turn the request down."""
        await self._decide(patients.decline_registration)

    @handles("patients.decide", writes=True)
    async def on_link(self) -> None:
        """Say that the chart chosen is theirs."""
        chosen = self._chosen
        await self._decide(lambda tx, id_: patients.link_registration(tx, id_, picked_id(chosen, "registration")))

    async def _decide(self, act: Callable[[db.Transaction, UUID], Awaitable[None]]) -> None:
        self.asking = self.problem = ""
        try:
            async with db.opened().act_as(self._credential(), "patients.decide") as tx:
                await act(tx, picked_id(self._id, "registration"))
        except patients.RegistrationDecided as error:
            with i18n.use(self._locale()):
                self.problem = _(error.message)
        await self._refresh()

    async def _refresh(self) -> None:
        async with db.opened().act_as(self._credential(), "patients.decide") as tx:
            await self._show(tx, is_repeated=True)

    async def _show(self, tx: db.Transaction, *, is_repeated: bool = False) -> None:
        try:
            found = await patients.registration(tx, UUID(self._id), is_repeated=is_repeated)
        except (NotFound, ValueError):
            self.is_missing = True
            return
        with i18n.use(self._locale()):
            self._fill(found)

    def _fill(self, found: RegistrationView) -> None:
        self.name, self.born = f"{found.given_name} {found.family_name}", birth_words(found.birth_date)
        self.email, self.phone, self.reason, self.preferred = found.email, found.phone, found.reason, found.preferred
        self.language, self.is_open = i18n.language_list([found.language]), found.status == "open"
        self.outcome = {
            "accepted": _accepted(found),
            "linked": _("Linked to the chart they already have. A mail says how to sign in.")
            if found.has_sign_in
            else _("Linked to the chart they already have."),
            "declined": _("Turned down. Nothing was sent: call them."),
        }.get(found.status, "")
        at = f"/staff/patients/{found.patient_id}"
        self.chart_href = i18n.localized_path(i18n.current(), at) if found.patient_id else ""
        self.suspects = [_suspect_row(one) for one in found.suspects]


def _accepted(found: RegistrationView) -> str:
    if found.patient_id is None:
        return _("Accepted: the chart is being made.")
    if found.has_sign_in:
        return _("Accepted: the chart is made, and a mail says how to sign in.")
    return _(
        "Accepted: the chart is made. The e-mail address already signs somebody else in, so nobody signs in for this"
        " chart yet. A mail says that you call: it is in the inbox."
    )


def _suspect_row(one: Suspect) -> dict[str, str]:
    shared = [
        _("Same name") if one.same_name else "",
        _("Same birth date") if one.same_birth_date else "",
        _("Same telephone") if one.same_phone else "",
        _("Same e-mail") if one.same_email else "",
    ]
    return {
        "id": str(one.patient.id),
        "name": f"{one.patient.given_name} {one.patient.family_name}",
        "born": birth_words(one.patient.birth_date),
        "phone": one.patient.phone,
        "email": one.email,
        "language": i18n.language_list([one.patient.language]),
        "shared": " · ".join(filter(None, shared)),
        "signs_in": _("Signs in already: the mail goes to the address on file.") if one.email else "",
    }
