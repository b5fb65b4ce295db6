"""What can go wrong when a reading is entered."""

from portal_app.core.errors import PortalError
from portal_app.core.i18n import N_


class ReadingDoubted(PortalError):
    """Numbers that hardly anybody has: nothing is kept until whoever typed them says that they are right."""

    code = "reading_doubted"
    message = N_("These numbers are unusual. Look at your device once more.")

    def __init__(self, doubts: tuple[str, ...], severity: str = "") -> None:
        """Say what is unusual, as codes, and how bad it is if it is right."""
        super().__init__(*doubts)
        self.doubts, self.severity = doubts, severity

    @property
    def is_dangerous(self) -> bool:
        """Tell whether somebody needs help at once if the numbers are right."""
        return self.severity in ("urgent", "critical")


class TooManyReadings(PortalError):
    """More readings of one measure came than anybody takes."""

    code = "too_many_readings"
    message = N_("Many readings came in a short time, so this one was not kept. Wait an hour, or call us.")


class ReadingCounted(PortalError):
    """One of so many readings at once that they are counted, not kept one by one.

    The count is part of the transaction: whoever catches this has to catch it inside.
    """

    code = "reading_counted"
    message = N_(
        "Very many readings came in a short time. This one is not kept by itself: it is counted, with the lowest and"
        " the highest, and your care team can see that. Look at your device."
    )


class ReadingMovedOn(PortalError):
    """The reading was corrected or taken back since it was looked at."""

    code = "reading_moved_on"
    message = N_("This reading was changed or deleted in the meantime. Nothing was changed now: look at it once more.")


class RuleMovedOn(PortalError):
    """A colleague has changed the rule since the page was opened."""

    code = "rule_moved_on"
    message = N_("A colleague has changed this in the meantime. Nothing of yours was saved: look once more.")
