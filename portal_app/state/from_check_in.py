"""The way back to check-in, for whoever left it to change something: its card is done, and the list opens again."""

from contextlib import suppress
from uuid import UUID

from portal_app.core import db
from portal_app.core.actor import Credential
from portal_app.core.errors import DatabaseAway, InputRefused, NotAllowed, NotFound
from portal_app.features.booking import service as booking
from portal_app.features.checkin import service as checkin
from portal_app.state.ids import known_id
from portal_app.web.next_path import check_in_path


async def put_right(credential: Credential, visit: str, task: str) -> None:
    """Note in the check-in of a visit that a thing has been put right; nothing where it cannot be noted there.

    What was changed is kept by then: a check-in that is over, or is not theirs, or a database that is away, does not
    take it back.
    """
    with suppress(DatabaseAway, NotFound, InputRefused, NotAllowed, checkin.CheckInClosed):
        async with db.opened().act_as(credential, "checkin.act") as tx:
            await checkin.confirm(tx, known_id(visit), task)


async def open_check_in(tx: db.Transaction, locale: str, visit_id: UUID | None) -> str:
    """Return the check-in of a visit that somebody may go on with; nothing where there is none, or it is done."""
    if visit_id is not None:
        with suppress(NotFound, NotAllowed):
            if await checkin.can_check_in(tx, await booking.appointment(tx, visit_id)):
                return check_in_path(locale, str(visit_id))
    return ""
