"""The demo's mailbox: what the portal has mailed to its made-up people."""

import reflex as rx

from portal_app.core import db, i18n
from portal_app.core.errors import NotFound
from portal_app.features.notify import service as notify
from portal_app.features.notify.views import DemoMail
from portal_app.settings import get_settings
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame


class Outbox(PortalState, rx.State):
    """The newest mails, followed as they are sent."""

    is_ready: bool = False
    mails: list[dict[str, str]] = []

    @handles("notify.demo_outbox")
    async def on_load(self) -> None:
        """Show the mails and follow new ones."""
        async with db.opened().act_as_visitor(self._browser_secret(), "notify.demo_outbox") as tx:
            await (await self.get_state(Frame))._fill(tx)
        await self._refresh()
        self._watch(notify.OUTBOX_TOPIC)

    async def _refresh(self) -> None:
        settings = get_settings()
        if not settings.is_demo:
            raise NotFound
        found = await notify.read_demo_outbox(settings)
        with i18n.use(self._locale()):
            self.mails = [_row(mail) for mail in found]
        self.is_ready = True


def _row(mail: DemoMail) -> dict[str, str]:
    return {
        "id": mail.id,
        "to": mail.to,
        "subject": mail.subject,
        "sent": f"{i18n.format_moment(mail.sent_at, 'UTC')} UTC",
        "text": mail.text,
        "code": mail.code,
        "attachments": ", ".join(mail.attachments),
    }
