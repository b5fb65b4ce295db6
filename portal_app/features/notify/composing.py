"""Write a claimed message as what goes out: a mail, a text message, or a notification for each browser."""

from base64 import b64decode
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final
from uuid import UUID

from portal_app.core import clock
from portal_app.core.i18n import direction, use
from portal_app.features.notify.ports import Attachment, OutgoingMail, OutgoingPush, OutgoingText
from portal_app.features.notify.sending import Browser
from portal_app.features.notify.templates import get_template, push_path, render, render_push, render_text

_PUSH_LIFE: Final = timedelta(days=1)
"""For how long a push service keeps a notification for a browser that is switched off, if it is of use so long."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A message that this worker sends now. `to` is the address or number, `browsers` those of a notification."""

    id: UUID
    channel: str
    template: str
    locale: str
    to: str = field(repr=False)
    params: dict[str, str] = field(repr=False)
    attachment: list[str] | None = field(repr=False)
    attempts: int
    page: str = ""
    browsers: Sequence[Browser] = ()


def compose_text(claim: Claim, origin: str) -> OutgoingText:
    """Return it as a text message."""
    return OutgoingText(
        message_key=str(claim.id),
        template=claim.template,
        to=claim.to,
        text=render_text(get_template(claim.template), claim.params, claim.locale, origin),
        locale=claim.locale,
        sent_at=clock.now(),
    )


def compose_mail(claim: Claim, origin: str) -> OutgoingMail:
    """Return it as a mail."""
    said = render(get_template(claim.template), claim.params, claim.locale, origin)
    attachments: tuple[Attachment, ...] = ()
    if claim.attachment is not None:
        filename, media_type, content = claim.attachment
        attachments = (Attachment(filename, media_type, b64decode(content)),)
    return OutgoingMail(
        message_key=str(claim.id),
        template=claim.template,
        to=claim.to,
        subject=said.subject,
        text=said.text,
        html=said.html,
        locale=claim.locale,
        sent_at=clock.now(),
        attachments=attachments,
    )


def compose_pushes(claim: Claim) -> list[tuple[Browser, OutgoingPush]]:
    """Return it as a notification for each browser that waits for it."""
    template = get_template(claim.template)
    title, words = render_push(template, claim.params, claim.locale)
    with use(claim.locale):
        side = direction()
    return [
        (
            browser,
            OutgoingPush(
                message_key=str(claim.id),
                template=claim.template,
                target=browser.target,
                title=title,
                text=words,
                link=push_path(claim.params, claim.page, claim.locale),
                locale=claim.locale,
                direction=side,
                life_s=int(min(template.life or _PUSH_LIFE, _PUSH_LIFE).total_seconds()),
                sent_at=clock.now(),
            ),
        )
        for browser in claim.browsers
    ]
