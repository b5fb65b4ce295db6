"""What a professional claim (837P) needs and has not. Standard library only."""

from dataclasses import dataclass, field
from datetime import date
from typing import Final

TELEHEALTH: Final = frozenset({"02", "10"})


@dataclass(frozen=True, slots=True)
class Claim:
    """What a charge would be claimed by (FHIR Claim); what is not known is "".

    `kind` is "insurance", "self_pay", or "" where nobody has said what insurance there is. `outcome` is what the
    insurer last answered of the insurance as it stands.
    """

    kind: str
    service_code: str
    modifier: str
    place_of_service: str
    served_on: date
    diagnoses: tuple[str, ...] = field(repr=False)
    provider_npi: str = ""
    provider_taxonomy: str = ""
    practice_npi: str = ""
    tax_id: str = ""
    payer_name: str = field(default="", repr=False)
    payer_code: str = ""
    member_id: str = field(default="", repr=False)
    group_number: str = field(default="", repr=False)
    relation: str = "self"
    subscriber_name: str = field(default="", repr=False)
    subscriber_born: str = field(default="", repr=False)
    is_reviewed: bool = False
    outcome: str = ""
    has_second: bool = False
    is_private: bool = False

    @property
    def tells_another(self) -> bool:
        """Whether the insurer would write to somebody else about a visit that the patient keeps private."""
        return self.kind == "insurance" and self.is_private and self.relation != "self"


def missing(claim: Claim) -> tuple[str, ...]:
    """Return what a claim still needs, by name, in the order in which somebody would mend it; () if it is ready.

    Who pays alone is sent no claim, and needs nothing of the insurer's.
    """
    if claim.kind == "self_pay":
        return ()
    wants = [
        ("service", claim.service_code), ("diagnosis", claim.diagnoses), ("place", claim.place_of_service),
        ("modifier", claim.modifier or claim.place_of_service not in TELEHEALTH),
        ("provider_npi", claim.provider_npi), ("provider_taxonomy", claim.provider_taxonomy),
        ("practice_npi", claim.practice_npi), ("tax_id", claim.tax_id), ("insurance", claim.kind),
    ]  # fmt: skip
    if claim.kind:
        wants += [
            ("payer_code", claim.payer_code), ("member", claim.member_id),
            ("subscriber", claim.subscriber_name and claim.subscriber_born), ("review", claim.is_reviewed),
            ("active", claim.outcome not in ("inactive", "not_found")),
        ]  # fmt: skip
    return tuple(name for name, found in wants if not found)
