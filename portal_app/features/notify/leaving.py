"""Leave messages in the outbox, and withdraw those that have come to mean nothing."""

from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime
from typing import Literal
from uuid import UUID, uuid4

from sqlalchemy.dialects.postgresql import insert

from portal_app.core import clock
from portal_app.core.db import Transaction
from portal_app.features.notify import jobs
from portal_app.features.notify.errors import UnsafeParameter
from portal_app.features.notify.ports import Attachment
from portal_app.features.notify.tables import OutboxMessage
from portal_app.features.notify.templates import check_parameters, get_template, is_path

Channel = Literal["mail", "text", "push"]
"""By which way a message goes."""


async def enqueue_message(  # noqa: PLR0913 - one call says everything about a message
    tx: Transaction,
    person_id: UUID,
    template: str,
    dedupe_key: str,
    params: Mapping[str, str],
    *,
    channel: Channel = "mail",
    to: str | None = None,
    locale: str | None = None,
    attachment: Attachment | None = None,
    page: str = "",
    send_at: datetime | None = None,
    patient_id: UUID | None = None,
) -> bool:
    """Leave a message that is sent once this transaction commits, or at `send_at` (aware UTC).

    It goes to the person's own e-mail address, telephone or browsers, or to `to` instead, which then is kept with the
    message. `page` is where a notification leads, for whoever signs in, where the link in a mail asks for no sign-in.

    `dedupe_key` names the occasion, such as "appointment-booked:<id>": a second message with it is not sent, and
    the answer is False. `locale` defaults to the language the person reads the portal in when it is sent. When a
    message about a chart (`patient_id`) cannot be delivered, staff get a task.

    Raises:
        UnknownTemplate, UnsafeParameter: if the template, or a parameter in it, is not declared.
    """
    _check(template, params, channel, page)
    message_id = uuid4()
    added = await tx.execute(
        insert(OutboxMessage)
        .values(
            id=message_id,
            person_id=person_id,
            channel=channel,
            template=template,
            locale=locale,
            content={"params": dict(params), "attachment": _packed(attachment), "to": to, "page": page},
            dedupe_key=dedupe_key,
            patient_id=patient_id,
            created_at=clock.now(),
        )
        .on_conflict_do_nothing()
        .execution_options(preserve_rowcount=True)
    )
    if added:
        await jobs.send_later(tx, message_id, send_at)
    return bool(added)


def _check(template: str, params: Mapping[str, str], channel: Channel, page: str) -> None:
    said = get_template(template)
    check_parameters(said, params)
    if page and not is_path(page):
        raise UnsafeParameter(f"{template}: page")
    if channel == "text" and not said.text:
        raise UnsafeParameter(f"{template} is not a text message")


def _packed(attachment: Attachment | None) -> list[str] | None:
    if attachment is None:
        return None
    return [attachment.filename, attachment.media_type, b64encode(attachment.content).decode()]


async def withdraw(tx: Transaction, template: str) -> int:
    """Send no message of this template that still waits; return how many waited. For what has come to mean nothing."""
    return await tx.execute(
        "delete from outbox_message where template = :template and status in ('queued', 'sending')",
        {"template": template},
    )
