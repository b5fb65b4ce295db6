"""Ask the practice for a time, in one's own words."""

from uuid import UUID, uuid4

import reflex as rx
from reflex_base.event import EventSpec

from portal_app.core import clock, db, i18n, limits
from portal_app.core.errors import InputRefused
from portal_app.core.i18n import _
from portal_app.features.access import service as access
from portal_app.features.waiting import service as waiting
from portal_app.state import booking_words as words
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame


class AskRequest(PortalState, rx.State):
    """The form of a request; which kind of visit and with whom may be in the address."""

    is_ready: bool = False
    is_done: bool = False
    promise: str = ""
    words_error: str = ""
    attempt: str = ""
    keep_name: str = ""
    _key: str = ""

    @handles("waiting.ask")
    async def on_load(self) -> None:
        """Say by when there will be an answer."""
        self._key, self.words_error, self.is_done = str(uuid4()), "", False
        async with db.opened().act_as(self._credential(), "waiting.ask") as tx:
            await (await self.get_state(Frame))._fill(tx)
            by, zone = await waiting.promised(tx), (await access.own_chart(tx)).zone
            self.keep_name = f"request-{tx.actor.session_id}"
        with i18n.use(self._locale()):
            self.promise = _("If you ask now, we answer by {moment}.").format(moment=words.moment_words(by, zone))
        self.is_ready = True

    @handles("waiting.ask", writes=True)
    async def on_ask(self, form: dict[str, str]) -> EventSpec | None:
        """Send it; the key of the form makes two taps one request."""
        asked = self.router.url.query_parameters
        self.attempt, self.words_error = clock.now().isoformat(), ""
        try:
            async with db.opened().act_as(self._credential(), "waiting.ask") as tx:
                await limits.count("10/hour", "request", str(tx.actor.patient_id))
                request_id = await waiting.ask_in_words(
                    tx, form.get("words", ""), UUID(self._key), visit_type_id=_uuid(asked.get("type", "")),
                    practitioner_id=_uuid(asked.get("who", "")), modality=asked.get("how"),
                )  # fmt: skip
        except InputRefused as error:
            with i18n.use(self._locale()):
                self.words_error = _(error.reason)
            return None
        self.is_done = True
        return rx.redirect(i18n.localized_path(self._locale(), f"/requests/{request_id}?done=asked"), replace=True)


def _uuid(value: str) -> UUID | None:
    try:
        return UUID(value)
    except ValueError:
        return None
