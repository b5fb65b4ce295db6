"""The practice as screens show it. Raw facts; words and formats are made where they are shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID


def name_in(names: Mapping[str, str], locale: str) -> str:
    """Return the name in a language, else in English."""
    return names.get(locale) or names["en"]


@dataclass(frozen=True, slots=True)
class PracticeView:
    """Who we are and whom to call. `accent` is a CSS colour, `initial` stands in the logo."""

    name: str
    initial: str
    accent: str
    phone: str
    emergency_phone: str


@dataclass(frozen=True, slots=True)
class LocationView:
    """A place to go to. `zone` is an IANA name; `address` may have several lines."""

    id: UUID
    name: str
    address: str
    zone: str
    phone: str
    directions: str
    directions_url: str


@dataclass(frozen=True, slots=True)
class PractitionerView:
    """Somebody to see. `languages` are BCP 47 codes; `specialty` is in the languages of the portal."""

    id: UUID
    name: str
    title: str
    initials: str
    specialty: Mapping[str, str]
    languages: tuple[str, ...]
    location_ids: tuple[UUID, ...]

    def specialty_in(self, locale: str) -> str:
        """Return the specialty in a language, else in English."""
        return name_in(self.specialty, locale)


@dataclass(frozen=True, slots=True)
class VisitTypeView:
    """Something to book. Cancelling is free until `notice`; booking closes `lead` before the start."""

    id: UUID
    code: str
    names: Mapping[str, str]
    modalities: tuple[str, ...]
    duration: timedelta
    notice: timedelta
    lead: timedelta

    def name_in(self, locale: str) -> str:
        """Return the name in a language, else in English."""
        return name_in(self.names, locale)
