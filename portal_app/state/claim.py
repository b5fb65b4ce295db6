"""The claim of the charge that is open: what an insurer would be sent, and what is missing."""

from typing import Final

import reflex as rx

from portal_app.core import db, i18n
from portal_app.core.errors import NotFound
from portal_app.core.i18n import N_, _
from portal_app.features.claims import service as claims
from portal_app.features.claims.service import Claim
from portal_app.state.base import PortalState, handles
from portal_app.state.ids import known_id

MISSING: Final = {
    "service": N_("The service: choose it on this page."),
    "diagnosis": N_("A diagnosis: the clinician adds it to the signed visit."),
    "place": N_("The place of service: choose it on this page."),
    "modifier": N_("The modifier: a visit that was not in person needs 95, or 93 without a picture."),
    "provider_npi": N_("The clinician's NPI: a manager enters it under Settings, For insurers."),
    "provider_taxonomy": N_("The clinician's taxonomy: a manager enters it under Settings, For insurers."),
    "practice_npi": N_("The practice's NPI: a manager enters it under Settings, For insurers."),
    "tax_id": N_("The practice's tax number: a manager enters it under Settings, For insurers."),
    "insurance": N_("The insurance: the patient has not said which one they have, or that they have none."),
    "payer_code": N_("The insurer's number at the clearing house: load it with ./portal codes payers."),
    "member": N_("The member number: ask the patient for their card."),
    "subscriber": N_("Name and birth date of the person on the card: ask the patient."),
    "review": N_("Somebody has to look at the card: open the patient's insurance."),
    "active": N_("The insurer said that this insurance does not count: ask the patient for another."),
}


class ClaimPart(PortalState, rx.State):
    """What stands of the claim on the page of a charge."""

    is_there: bool = False
    is_ready: bool = False
    said: str = ""
    missing: list[str] = []
    facts: list[dict[str, str]] = []
    _id: str = ""

    @handles("claims.prepare")
    async def on_load(self) -> None:
        """Show the claim of the charge of the address, and follow changes."""
        self._id = self.router.url.query_parameters.get("id", "")
        await self._look(is_repeated=False)
        self._watch("charges", "coverages")

    async def _refresh(self) -> None:
        await self._look(is_repeated=True)

    async def _look(self, *, is_repeated: bool) -> None:
        self.is_there = False
        if not self._id:
            return
        try:
            async with db.opened().act_as(self._credential(), "claims.prepare") as tx:
                claim = await claims.claim_of(tx, known_id(self._id), is_repeated=is_repeated)
        except NotFound:
            return
        wanting = claims.missing(claim)
        self.is_there, self.is_ready = True, not wanting
        with i18n.use(self._locale()):
            self.said = _said(claim, is_ready=not wanting)
            self.missing = [_(MISSING[name]) for name in wanting]
            self.facts = _facts(claim)


def _said(claim: Claim, *, is_ready: bool) -> str:
    if claim.kind == "self_pay":
        return _("This patient pays alone: no claim is sent.")
    said = _("Everything that is kept here for a claim is there.") if is_ready else _("Still missing for a claim:")
    if not claim.tells_another:
        return said
    asked = _(
        "The patient keeps this visit private, and the insurer would tell {person}. Ask the patient before you claim."
    )
    return f"{asked.format(person=claim.subscriber_name or claim.payer_name)} {said}"


def _facts(claim: Claim) -> list[dict[str, str]]:
    if claim.kind != "insurance":
        return []
    told = [
        (_("Insurer"), claim.payer_name),
        (_("Member number"), claim.member_id),
        (_("Group number"), claim.group_number),
        (_("Person on the card"), claim.subscriber_name),
        (_("Clinician's NPI"), claim.provider_npi),
        (_("Taxonomy"), claim.provider_taxonomy),
        (_("Second insurance"), _("Yes") if claim.has_second else ""),
    ]
    return [{"term": term, "fact": fact} for term, fact in told if fact]
