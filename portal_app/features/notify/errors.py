"""What can go wrong between the outbox and a mailbox."""

from portal_app.core.errors import PortalError


class MailRefused(PortalError):
    """The mail system will never take this message: no such mailbox, or content it rejects. Trying again is no use.

    Args:
        reply_code: the SMTP reply (RFC 5321 section 4.2), such as 550.
    """

    code = "mail_refused"

    def __init__(self, reply_code: int) -> None:
        """Keep the reply's number only: its text may repeat the address."""
        super().__init__(f"SMTP {reply_code}")
        self.reply_code = reply_code


class MailAway(PortalError):
    """The mail system cannot be reached, or cannot take the message now. The job tries again later."""

    code = "mail_away"


class UnknownTemplate(PortalError):
    """No message template of this name is registered."""

    code = "unknown_template"


class UnsafeParameter(PortalError):
    """A message was given a parameter that its template does not declare, or not in the declared form."""

    code = "unsafe_parameter"
