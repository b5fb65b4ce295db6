"""What Stripe answers when it does not do what was asked (https://docs.stripe.com/api/errors)."""

from typing import Any


class Refused(Exception):
    """A refusal as it goes over the wire.

    `is_kept` says whether the same key is answered the same again: a request that was turned down before anything began
    may be sent once more with its key, changed or not (https://docs.stripe.com/api/idempotent_requests).
    """

    def __init__(self, message: str, *, status: int = 400, is_kept: bool = False, **more: Any) -> None:
        super().__init__(message)
        self.status = status
        self.is_kept = is_kept
        self.error: dict[str, Any] = {"type": "invalid_request_error", "message": message, **more}


def missing(kind: str, thing_id: str, param: str = "id") -> Refused:
    """Return the refusal for something that is not there."""
    return Refused(f"No such {kind}: '{thing_id}'", status=404, code="resource_missing", param=param)


def declined(message: str, code: str, intent: dict[str, Any], **more: Any) -> Refused:
    """Return the refusal of a card; it is kept, because something was tried."""
    given = {"type": "card_error", "code": code, "payment_intent": intent, **more}
    return Refused(message, status=402, is_kept=True, **given)
