"""Check-in: what is to do before a visit, confirmed piece by piece, and told to the desk."""

from portal_app.features.checkin.checking import (
    check_in_at_desk,
    confirm,
    confirm_at_desk,
    finish,
    here,
    set_rule,
    undo_at_desk,
)
from portal_app.features.checkin.documents import may_send_document, send_document
from portal_app.features.checkin.errors import CheckInClosed
from portal_app.features.checkin.reading import at_desk, can_check_in, check_in, rule
from portal_app.features.checkin.views import CheckInRule, CheckInView, Here, TaskView

__all__ = [
    "CheckInClosed", "CheckInRule", "CheckInView", "Here", "TaskView", "at_desk", "can_check_in", "check_in",
    "check_in_at_desk", "confirm", "confirm_at_desk", "finish", "here", "may_send_document", "rule", "send_document",
    "set_rule", "undo_at_desk",
]  # fmt: skip
