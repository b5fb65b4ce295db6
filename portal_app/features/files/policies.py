"""Who may ask for a file. Which files, row-level security says."""

from portal_app.core import policy
from portal_app.core.actor import PATIENT_SIDE, STAFF, Role, Section, Verb

DOWNLOAD = policy.register("files.download", PATIENT_SIDE | STAFF, assurance=2)
"""Hand files out: never to whoever signed in by a code alone."""

DOCUMENTS = policy.register(
    "files.documents", PATIENT_SIDE | {Role.nurse, Role.clinician}, assurance=2, section=Section.visits, verb=Verb.view
)
"""See which documents a chart has."""

SEND = policy.register("files.send", PATIENT_SIDE, section=Section.visits, verb=Verb.act)
"""Bring a document into the chart. A code alone is enough to give something, as it is to answer a form."""
