"""Invite people to the portal, let them open their account, and see them through the first steps."""

from portal_app.features.enrolment.activating import (
    claim_activation,
    complete_activation,
    forget_address,
    note_opened,
    progress,
    send_address_code,
)
from portal_app.features.enrolment.issuing import TOPIC, card, enrolment_of, issue_activation, revoke_activation
from portal_app.features.enrolment.tries import count_try
from portal_app.features.enrolment.views import CardView, Channel, EnrolmentView, Progress, Stage, Typed, Visitor

__all__ = [
    "TOPIC", "CardView", "Channel", "EnrolmentView", "Progress", "Stage", "Typed", "Visitor", "card",
    "claim_activation", "complete_activation", "count_try", "enrolment_of", "forget_address", "issue_activation",
    "note_opened", "progress", "revoke_activation", "send_address_code",
]  # fmt: skip
