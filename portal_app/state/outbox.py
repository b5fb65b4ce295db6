"""The demo's outbox: what the portal has mailed and texted to its made-up people."""

import reflex as rx

from portal_app.core import db, i18n
from portal_app.core.errors import NotFound
from portal_app.features.notify import service as notify
from portal_app.features.notify.views import DemoMessage
from portal_app.settings import get_settings
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame


class Outbox(PortalState, rx.State):
    """The newest messages, followed as they are sent."""

    is_ready: bool = False
    messages: list[dict[str, str]] = []

    @handles("notify.demo_outbox")
    async def on_load(self) -> None:
        """Show the messages and follow new ones."""
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
            self.messages = [_row(one) for one in found]
        self.is_ready = True


def _row(one: DemoMessage) -> dict[str, str]:
    return {
        "id": one.id,
        "to": one.to,
        "kind": one.kind,
        "subject": one.subject,
        "sent": f"{i18n.format_moment(one.sent_at, 'UTC')} UTC",
        "text": one.text,
        "code": one.code,
        "attachments": ", ".join(one.attachments),
    }
