"""Ids as a browser sends them: in an address, with a tap, from a list."""

from uuid import UUID

from portal_app.core.errors import InputRefused, NotFound
from portal_app.core.i18n import N_


def known_id(given: str) -> UUID:
    """Return an id out of an address or a row.

    Raises NotFound for what is no id at all, as for the id of what is not there.
    """
    try:
        return UUID(given)
    except ValueError:
        raise NotFound from None


def picked_id(given: str, field: str) -> UUID:
    """Return an id that was picked in a field.

    Raises InputRefused at the field for what is no id.
    """
    try:
        return UUID(given)
    except ValueError:
        raise InputRefused(field, N_("Choose one from the list.")) from None
