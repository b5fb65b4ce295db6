"""Lead somebody who acts for several patients to the chart that a link is about.

Notifications and mails carry the address of a page with an id in it, and nothing that says whose it is. Whoever follows
one may have another chart open, or none yet.
"""

import re
from contextlib import suppress
from dataclasses import replace
from typing import Final
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from portal_app.core.db import Transaction
from portal_app.core.i18n import path_without_locale
from portal_app.features.access.acting import act_for
from portal_app.features.access.views import NewSession

_PAGES: Final = {
    "appointments": "Appointment", "offers": "TimeOffer", "requests": "TimeRequest", "bills": "Invoice",
    "forms": "QuestionnaireResponse", "estimates": "Estimate", "insurance": "Coverage",
}  # fmt: skip
"""What the pages are about whose address ends in an id, each one thing of one chart."""
_ASKED: Final = {
    ("/visit", "id"): "Appointment", ("/check-in", "id"): "Appointment", ("/pay/return", "attempt"): "PaymentAttempt",
    ("/appointments", "about"): "Appointment", ("/book", "about"): "Appointment", ("/forms", "about"): "FormAssignment",
    ("/waiting", "about"): "WaitlistEntry", ("/bills", "about"): "Account", ("/pay/plan", "about"): "PaymentPlan",
    ("/vitals", "about"): "CarePlan", ("/profile/caregivers", "about"): "RelatedPerson",
    ("/profile/who-looked", "about"): "PrivacyQuestion",
}  # fmt: skip
"""The same where a question mark stands before it. The links of messages to a list say there what they are about."""
_PAGE: Final = re.compile(rf"/({'|'.join(_PAGES)})/([0-9a-f-]{{36}})/?")


def named_in(target: str) -> tuple[str, UUID] | None:
    """Return the kind and the id of what an address of ours is about, if it is about one thing of one chart."""
    parts = urlsplit(path_without_locale(target))
    found = _PAGE.fullmatch(parts.path)
    kind, written = (_PAGES[found[1]], found[2]) if found else ("", "")
    for name, (first, *_) in parse_qs(parts.query).items():
        if asked := _ASKED.get((parts.path.rstrip("/"), name)):
            kind, written = asked, first
    with suppress(ValueError):
        return (kind, UUID(written)) if kind else None
    return None


async def chart_behind(tx: Transaction, target: str) -> UUID | None:
    """Return the chart an address of ours is about, if that is not the one open and the actor may see it there.

    None too for whatever does not exist or is kept from them: the page itself then says that nothing was found.
    """
    named = named_in(target)
    if named is None:
        return None
    kind, found_id = named
    patient_id: UUID | None = await tx.scalar("select chart_behind(:kind, :id)", {"kind": kind, "id": found_id})
    return patient_id if patient_id != tx.actor.patient_id else None


async def lead(tx: Transaction, session: NewSession, target: str, stays_at: UUID | None) -> NewSession:
    """Return the session with which somebody who has just signed in opens an address: for the chart it is about.

    `stays_at` is the chart in which they were until they were asked to sign in once more.

    Raises:
        NotFound: if they may not act for that one any more.
    """
    patient_id = await chart_behind(tx, target)
    if patient_id is None and named_in(target) is None and stays_at != tx.actor.patient_id:
        patient_id = stays_at
    if patient_id is None:
        return session
    there = await act_for(tx, patient_id)
    return replace(session, secret=there.secret, session_id=there.session_id, expires_at=there.expires_at)
