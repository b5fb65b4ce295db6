"""The people of the demo whom one tap signs in; the demo clinic makes them under these ids."""

from dataclasses import dataclass
from uuid import UUID

from portal_app.core.i18n import N_


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Somebody of the demo: who they are, and a msgid that says it to whoever chooses."""

    person_id: UUID
    name: str
    role: str
    locale: str = "en"


DEMO_PEOPLE = (
    DemoPerson(UUID("d0000000-0000-4000-8000-000000000001"), "Sam Lindqvist", N_("A patient who reads English")),
    DemoPerson(UUID("d0000000-0000-4000-8000-000000000002"), "María Álvarez", N_("A patient who reads Spanish"), "es"),
    DemoPerson(UUID("d0000000-0000-4000-8000-000000000003"), "نور حداد", N_("A patient who reads Arabic"), "ar"),
    DemoPerson(UUID("d0000000-0000-4000-8000-000000000011"), "Dr. Ada Okafor", N_("A clinician")),
    DemoPerson(UUID("d0000000-0000-4000-8000-000000000012"), "Ruth Baker", N_("A nurse")),
    DemoPerson(UUID("d0000000-0000-4000-8000-000000000013"), "Tom Ortiz", N_("Front desk")),
    DemoPerson(UUID("d0000000-0000-4000-8000-000000000014"), "Grace Lin", N_("A manager")),
    DemoPerson(
        UUID("d0000000-0000-4000-8000-000000000021"),
        "Ana Moreno",
        N_("A caregiver of two patients, and mother of a third"),
    ),
    DemoPerson(
        UUID("d0000000-0000-4000-8000-000000000022"), "Maya Moreno", N_("A patient of 14, whose mother acts for her")
    ),
)
