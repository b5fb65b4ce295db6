"""Who may ask for a file. Which files, row-level security says."""

from portal_app.core import policy
from portal_app.core.actor import PATIENT_SIDE, STAFF, Role, Section, Verb

DOWNLOAD = policy.register("files.download", PATIENT_SIDE | STAFF)
"""Hand files out."""

DOCUMENTS = policy.register(
    "files.documents", PATIENT_SIDE | {Role.nurse, Role.clinician}, section=Section.visits, verb=Verb.view
)
"""See which documents a chart has."""

SEND = policy.register("files.send", PATIENT_SIDE, section=Section.visits, verb=Verb.act)
"""Bring a document into the chart."""
