"""What the booking pages say and carry along while a visit is being moved, not booked."""

from collections.abc import Mapping
from urllib.parse import urlencode
from uuid import UUID

from portal_app.core import clock, i18n
from portal_app.core.db import Transaction
from portal_app.core.errors import NotFound
from portal_app.core.i18n import _
from portal_app.features.booking import service as booking
from portal_app.features.booking.views import AppointmentView
from portal_app.state import booking_words as words


def is_movable(view: AppointmentView) -> bool:
    """Tell whether a patient may still move it by themselves."""
    return view.status == "booked" and clock.now() <= view.cancel_until


def moving_path(locale: str, view: AppointmentView) -> str:
    """Return the address at which a new time is found for an appointment, as it stands now."""
    return f"{i18n.localized_path(locale, '/book')}?{urlencode({'move': view.id, 'seq': view.sequence})}"


def carried(asked: Mapping[str, str]) -> dict[str, str]:
    """Return what one page of a move hands to the next; nothing when a visit is booked anew."""
    return {name: asked[name] for name in ("move", "seq") if asked.get(name)}


def sequence_of(asked: Mapping[str, str]) -> int | None:
    """Return how often the appointment had changed when the move began, if the address says so."""
    said = asked.get("seq", "")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 9 else None


async def moved_one(tx: Transaction, asked: Mapping[str, str]) -> AppointmentView | None:
    """Return the appointment that is being moved; None when a visit is booked anew.

    Raises:
        NotFound: if the actor has no such appointment.
    """
    if not asked.get("move"):
        return None
    try:
        return await booking.appointment(tx, UUID(asked["move"]))
    except ValueError as error:
        raise NotFound from error


def moving_words(view: AppointmentView) -> str:
    """Say what is being moved and from when, and that it is not lost meanwhile."""
    who = f"{view.practitioner_title} {view.practitioner_name}".strip()
    return _("You are moving this visit: {when}, {who}. It stays booked until you confirm a new time.").format(
        when=words.when_words(view), who=who
    )
