"""Invite people to the portal, let them open their account, and see them through the first steps."""

from portal_app.features.enrolment.activating import (
    claim_activation,
    complete_activation,
    forget_address,
    note_opened,
    progress,
    send_address_code,
)
from portal_app.features.enrolment.issuing import (
    card,
    cards_of_batch,
    enrolment_of,
    issue_activation,
    revoke_activation,
)
from portal_app.features.enrolment.listing import SHOWS, Show, batch, enrolment_list, invite_batch
from portal_app.features.enrolment.making import TOPIC
from portal_app.features.enrolment.settling import finish_step, steps_left
from portal_app.features.enrolment.tries import count_try
from portal_app.features.enrolment.views import (
    BatchView,
    CardView,
    Channel,
    Enrolled,
    EnrolledPage,
    EnrolmentView,
    Progress,
    ReachedBy,
    Stage,
    Typed,
    Visitor,
)

__all__ = [
    "SHOWS", "TOPIC", "BatchView", "CardView", "Channel", "Enrolled", "EnrolledPage",
    "EnrolmentView", "Progress", "ReachedBy", "Show", "Stage", "Typed", "Visitor", "batch", "card",
    "cards_of_batch",
    "claim_activation", "complete_activation", "count_try",
    "enrolment_list", "enrolment_of", "finish_step", "forget_address", "invite_batch",
    "issue_activation", "note_opened", "progress", "revoke_activation", "send_address_code", "steps_left",
]  # fmt: skip
