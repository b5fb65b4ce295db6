"""The documents of a visit or a chart, on whichever page shows them; that page's state fills them."""

import contextlib
from collections.abc import Sequence
from uuid import UUID

import reflex as rx

from portal_app.core import db, i18n
from portal_app.core.i18n import _
from portal_app.features.files import service as files
from portal_app.state.base import PortalState, handles


class Documents(PortalState, rx.State):
    """Documents, as rows that say what, from whom, and when."""

    is_settled: bool = False
    documents: list[dict[str, str]] = []
    is_locked: bool = False
    """Whether there is something that opens only after a second proof."""
    _of: str = ""
    """Whose documents were shown last: however often the page looks again, that they were seen is recorded once."""

    @handles("booking.view")
    async def on_load(self) -> None:
        """Show what was sent in the visit of the address."""
        self._forget()
        await self._look("booking.view")
        self.is_settled = True

    @handles("files.documents")
    async def on_open(self) -> None:
        """Show them; whoever signed in by a code alone proves themself first and comes back here."""
        await self._look("files.documents")

    def _forget(self) -> None:
        """Begin with nothing: what is shown next is seen anew."""
        self.documents, self.is_locked, self._of = [], False, ""

    async def _look(self, policy: str) -> None:
        with contextlib.suppress(ValueError):
            appointment_id = UUID(self.router.url.path.rstrip("/").rsplit("/", 1)[-1])
            async with db.opened().act_as(self._credential(), policy) as tx:
                await self._fill_visit(tx, appointment_id)

    async def _fill_visit(self, tx: db.Transaction, visit_id: UUID) -> None:
        is_repeated = self._was_seen(visit_id)
        self._take(await files.visit_documents(tx, visit_id, is_repeated=is_repeated))
        self.is_locked = await files.are_locked(tx, visit_id)

    async def _fill_chart(self, tx: db.Transaction, patient_id: UUID) -> None:
        is_repeated = self._was_seen(patient_id)
        self._take(await files.chart_documents(tx, patient_id, is_repeated=is_repeated))

    def _was_seen(self, of: UUID) -> bool:
        is_repeated, self._of = self._of == str(of), str(of)
        return is_repeated

    def _take(self, found: Sequence[files.DocumentView]) -> None:
        with i18n.use(self._locale()):
            self.documents = [_row(one) for one in found]


def _row(one: files.DocumentView) -> dict[str, str]:
    said = [one.sent_by, i18n.format_moment(one.sent_at, one.zone)]
    return {
        "id": str(one.id),
        "name": one.filename,
        "detail": " · ".join(part for part in said if part),
        "href": f"/files/{one.file_id}",
        "picture": f"/files/{one.file_id}" if one.is_picture() else "",
        "save": _("Save {name}").format(name=one.filename),
    }
