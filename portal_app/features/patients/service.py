"""Find charts, open new ones, and take in people who ask to become patients."""

from portal_app.features.patients.finding import find_patients, patient
from portal_app.features.patients.views import FoundPatient, FoundPatients, PatientView

__all__ = ["FoundPatient", "FoundPatients", "PatientView", "find_patients", "patient"]
