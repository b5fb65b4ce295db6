"""Find charts, open new ones, and take in people who ask to become patients."""

from portal_app.features.patients.errors import RegistrationDecided
from portal_app.features.patients.finding import asked_for, find_patients, patient, telephone
from portal_app.features.patients.registering import (
    accept_registration,
    ask_to_register,
    decline_registration,
    link_registration,
    read_birth_date,
    read_day,
    registration,
)
from portal_app.features.patients.telecom import normalised as normalised_number
from portal_app.features.patients.telecom import write_number
from portal_app.features.patients.telecom import written as written_number
from portal_app.features.patients.views import (
    FoundPatient,
    FoundPatients,
    PatientView,
    RegistrationForm,
    RegistrationView,
    Suspect,
)

__all__ = [
    "FoundPatient", "FoundPatients", "PatientView", "RegistrationDecided", "RegistrationForm", "RegistrationView",
    "Suspect", "accept_registration", "ask_to_register", "asked_for", "decline_registration", "find_patients",
    "link_registration", "normalised_number", "patient", "read_birth_date", "read_day", "registration", "telephone",
    "write_number", "written_number",
]  # fmt: skip
