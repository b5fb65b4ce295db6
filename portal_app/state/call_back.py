"""Ask to be called, and see how it stands."""

from uuid import uuid4

import reflex as rx

from portal_app.core import clock, db, i18n, limits
from portal_app.core.errors import InputRefused
from portal_app.core.i18n import _
from portal_app.features.callback import service as callback
from portal_app.features.callback.service import CallBackRequest, CallBackView
from portal_app.state import booking_words as words
from portal_app.state import practice_words
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame
from portal_app.state.ids import known_id

PURPOSES = ("bookings", "billing", "nurse")
LIMIT = "10/hour"


class CallBack(PortalState, rx.State):
    """The page of a patient's call-back."""

    is_ready: bool = False
    is_open: bool = False
    purposes: list[dict[str, str]] = []
    title: str = ""
    detail: str = ""
    tried: str = ""
    errors: list[dict[str, str]] = []
    purpose_error: str = ""
    number_error: str = ""
    words_error: str = ""
    private: str = ""
    attempt: str = ""
    _id: str = ""
    _key: str = ""

    @handles("callback.view")
    async def on_load(self) -> None:
        """Show the open call-back or the form, and follow what staff do."""
        self._key = str(uuid4())
        self._refused("", "")
        async with db.opened().act_as(self._credential(), "callback.view") as tx:
            await (await self.get_state(Frame))._fill(tx)
            self._fill(await callback.last_one(tx))
        self._watch(f"patient:{tx.actor.patient_id}")

    @handles("callback.ask", writes=True)
    async def on_ask(self, form: dict[str, str]) -> None:
        """Ask; the key made with the form makes two taps one wish."""
        self._refused("", "")
        self.attempt = clock.now().isoformat()
        wish = CallBackRequest(
            str(form.get("purpose", "")), str(form.get("number", "")), str(form.get("words", "")), known_id(self._key)
        )
        try:
            async with db.opened().act_as(self._credential(), "callback.ask") as tx:
                await limits.count(LIMIT, "call-back", str(tx.actor.patient_id))
                self._fill(await callback.ask(tx, wish))
        except InputRefused as error:
            with i18n.use(self._locale()):
                self._refused(error.field, _(error.reason))

    @handles("callback.ask", writes=True)
    async def on_take_back(self) -> None:
        """Take it back."""
        async with db.opened().act_as(self._credential(), "callback.ask") as tx:
            await callback.take_back(tx, known_id(self._id))
            self._fill(await callback.last_one(tx, is_repeated=True))
        self._key = str(uuid4())

    async def _refresh(self) -> None:
        async with db.opened().act_as(self._credential(), "callback.view") as tx:
            self._fill(await callback.last_one(tx, is_repeated=True))

    def _refused(self, field: str, words_: str) -> None:
        self.errors = [{"field": field, "text": words_}] if field else []
        self.purpose_error = words_ if field == "purpose" else ""
        self.number_error = words_ if field == "number" else ""
        self.words_error = words_ if field == "words" else ""

    def _fill(self, found: CallBackView | None) -> None:
        self._id = str(found.id) if found else ""
        self.is_open = found is not None and found.status == "requested"
        with i18n.use(self._locale()):
            self.purposes = [{"value": one, "label": practice_words.purpose_words(one)} for one in PURPOSES]
            self.title, self.detail, self.tried = _status(found) if found else ("", "", "")
            own = found is not None and found.is_private
            self.private = _("Whoever acts for you does not see this. Only you and the practice do.") if own else ""
        self.is_ready = True


def _status(found: CallBackView) -> tuple[str, str, str]:
    if found.status == "completed":
        when = words.moment_words(found.ended_at or found.asked_at, found.zone)
        return _("We have called you"), _("{when}. If you need more, ask again below.").format(when=when), ""
    title = _("We will call you: {due} at the latest").format(due=words.moment_words(found.due_at, found.zone))
    detail = _("About: {purpose}. On {phone}.").format(
        purpose=practice_words.purpose_words(found.purpose), phone=found.number
    )
    tried = ""
    if found.tried_at:
        tried = _("We called you and did not reach you: {when}. We will try again.").format(
            when=words.moment_words(found.tried_at, found.zone)
        )
    return title, detail, tried
