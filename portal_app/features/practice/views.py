"""The practice as screens show it. Raw facts; words and formats are made where they are shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from uuid import UUID


def name_in(names: Mapping[str, str], locale: str) -> str:
    """Return the name in a language, else in English."""
    return names.get(locale) or names["en"]


def words_in(words: Mapping[str, str], locale: str) -> tuple[str, str]:
    """Return a text in a language, else in English, else in any, and the language it is in; two "" without one."""
    spoken = next((one for one in (locale, "en", *words) if words.get(one)), "")
    return words.get(spoken, ""), spoken


@dataclass(frozen=True, slots=True)
class PracticeView:
    """Who we are and whom to call. `accent` is a CSS colour, `initial` stands in the logo, `country` is ISO 3166."""

    name: str
    initial: str
    accent: str
    phone: str
    emergency_phone: str
    country: str = "US"


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
    parking: Mapping[str, str] = field(default_factory=dict, compare=False)
    ways: Mapping[str, str] = field(default_factory=dict, compare=False)

    def way_in(self, locale: str) -> tuple[str, str]:
        """Return how to get there, as `words_in` does."""
        return words_in(self.ways, locale) if any(self.ways.values()) else (self.directions, "")


@dataclass(frozen=True, slots=True)
class Check:
    """Who has last checked a fact, and when; `by` is empty for those who may not know. None was `at` if nobody has."""

    at: datetime | None = None
    by: str = ""


@dataclass(frozen=True, slots=True)
class PhoneLine:
    """A number for one purpose, of a place or of the whole practice.

    `id` is None where nobody has set this line yet and the number is the place's own, or the practice's.
    """

    purpose: str
    number: str
    location_id: UUID | None = None
    id: UUID | None = None
    check: Check = Check()
    is_answered: bool | None = None


@dataclass(frozen=True, slots=True)
class PlaceFacts:
    """What is to be known of a place: when its desk is open by weekday, its lines, and who has checked the facts."""

    place: LocationView
    hours: Mapping[int, Sequence[tuple[time, time]]]
    lines: tuple[PhoneLine, ...]
    hours_check: Check = Check()
    way_check: Check = Check()


@dataclass(frozen=True, slots=True)
class PractitionerView:
    """Somebody to see. `languages` are BCP 47 codes; `specialty` is in the languages of the portal.

    `photo_id` is what `/photos/…` shows; `specialty_codes` are those of `reasons`.
    """

    id: UUID
    name: str
    title: str
    initials: str
    specialty: Mapping[str, str]
    languages: tuple[str, ...]
    location_ids: tuple[UUID, ...]
    specialty_codes: tuple[str, ...] = ()
    accepts_new: bool = True
    photo_id: UUID | None = None

    @property
    def called(self) -> str:
        """Return title and name."""
        return f"{self.title} {self.name}".strip()

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


@dataclass(frozen=True, slots=True)
class ProfileView:
    """What people may read of a practitioner. Words are keyed by locale; ages are in years, both included."""

    who: PractitionerView
    biography: Mapping[str, str]
    treats: Mapping[str, str]
    treats_not: Mapping[str, str]
    age_from: int | None
    age_until: int | None


@dataclass(frozen=True, slots=True)
class ProfileChange:
    """What a profile is to say from now on."""

    specialty_codes: tuple[str, ...]
    languages: tuple[str, ...]
    biography: Mapping[str, str]
    treats: Mapping[str, str]
    treats_not: Mapping[str, str]
    age_from: int | None
    age_until: int | None
    accepts_new: bool


@dataclass(frozen=True, slots=True)
class PlaceUse:
    """A place as the manager keeps it; from `closed_from` on it is closed for good."""

    id: UUID
    name: str
    zone: str
    closed_from: date | None


@dataclass(frozen=True, slots=True)
class RoomUse:
    """A room as the manager keeps it: in use, or retired."""

    id: UUID
    name: str
    is_active: bool


@dataclass(frozen=True, slots=True)
class RoomView:
    """A room of a location, where a visit may take place."""

    id: UUID
    location_id: UUID
    name: str
