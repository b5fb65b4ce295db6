"""What can go wrong between the outbox and somebody's mailbox or telephone."""

from typing import ClassVar

from portal_app.core.errors import PortalError


class DeliveryRefused(PortalError):
    """The message will never be taken: nobody there, or content that is rejected. Trying again is no use.

    Args:
        reply_code: what the other side answered: its text may repeat the address, so only the number is kept.
    """

    code = "delivery_refused"
    kind: ClassVar[str] = "reply"

    def __init__(self, reply_code: int) -> None:
        """Keep the reply's number only."""
        self.reason = f"{self.kind}_{reply_code}"
        super().__init__(self.reason)
        self.reply_code = reply_code


class MailRefused(DeliveryRefused):
    """The mail system will never take this message; `reply_code` is SMTP's (RFC 5321 section 4.2), such as 550."""

    code = "mail_refused"
    kind = "smtp"


class TextRefused(DeliveryRefused):
    """The gateway will never take this text message; `reply_code` is the HTTP status, such as 422."""

    code = "text_refused"
    kind = "http"


class PushRefused(DeliveryRefused):
    """The push service will never take this notification; `reply_code` is the HTTP status, such as 413."""

    code = "push_refused"
    kind = "http"


class PushGone(DeliveryRefused):
    """The browser shows notifications of ours no more: the person or the browser has turned them off."""

    code = "push_gone"
    kind = "http"


class NobodyTookIt(PortalError):
    """No browser took a notification: it goes another way."""

    code = "nobody_took_it"


class DeliveryAway(PortalError):
    """The other side cannot be reached, or cannot take the message now. The job tries again later."""

    code = "delivery_away"


class MailAway(DeliveryAway):
    """The mail system cannot be reached, or cannot take the message now."""

    code = "mail_away"


class TextAway(DeliveryAway):
    """The gateway for text messages cannot be reached, or cannot take the message now."""

    code = "text_away"


class PushAway(DeliveryAway):
    """The push service cannot be reached, or cannot take the notification now."""

    code = "push_away"


class UnknownTemplate(PortalError):
    """No message template of this name is registered."""

    code = "unknown_template"


class UnsafeParameter(PortalError):
    """A message was given a parameter that its template does not declare, or not in the declared form."""

    code = "unsafe_parameter"
