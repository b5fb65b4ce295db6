"""What is wrong with a form: in its summary, and beside each field."""

from collections.abc import Iterable

from portal_app.core.errors import InputRefused, PortalError
from portal_app.core.i18n import _


def refused(error: PortalError, otherwise: str = "") -> list[dict[str, str]]:
    """Return each field with what to do about it, in the form's order and the current language.

    What is about no field stands beside the field `otherwise`.
    """
    if isinstance(error, InputRefused):
        return [{"field": one.field, "text": _(one.reason)} for one in (error, *error.others)]
    return [{"field": otherwise, "text": _(error.message)}]


def beside(fields: Iterable[str], errors: Iterable[dict[str, str]]) -> dict[str, str]:
    """Return the words beside each field of a form, "" where nothing is wrong."""
    return dict.fromkeys(fields, "") | {one["field"]: one["text"] for one in errors}
