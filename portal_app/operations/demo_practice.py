"""The demo's practice: where it is, who works there and when, and what can be booked. All invented."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from uuid import NAMESPACE_URL, UUID, uuid5

SEED: Final = "sala demo"
BOTH, IN_PERSON, VIDEO = ["in_person", "video"], ["in_person"], ["video"]


def demo_id(*words: object) -> UUID:
    """Return the id of something of the demo, the same in every run."""
    return uuid5(NAMESPACE_URL, " ".join(map(str, (SEED, *words))))


def location_id(place: int) -> UUID:
    """Return the id of one of the locations."""
    return demo_id("location", place)


@dataclass(frozen=True)
class DemoPractitioner:
    """Somebody to see: where, on which ISO weekdays, from and to which hour, and on which days by video only."""

    name: str
    title: str
    specialty: tuple[str, str, str]
    languages: tuple[str, ...]
    place: int
    weekdays: tuple[int, ...]
    opens: int
    closes: int
    video_days: tuple[int, ...] = ()

    @property
    def id(self) -> UUID:
        """Return the practitioner's id."""
        return demo_id("practitioner", self.name)

    @property
    def initials(self) -> str:
        """Return the first letters of the first and the last name."""
        words = self.name.split()
        return words[0][0] + words[-1][0]

    def hours(self) -> Iterator[tuple[int, int, int, list[str]]]:
        """Give weekday, opening and closing hour and modalities of each weekly rule; lunch is free."""
        for weekday in self.weekdays:
            modalities = VIDEO if weekday in self.video_days else BOTH
            yield weekday, self.opens, 12, modalities
            yield weekday, 13, self.closes, modalities


FAMILY: Final = ("Family medicine", "Medicina familiar", "طب الأسرة")
INTERNAL: Final = ("Internal medicine", "Medicina interna", "الطب الباطني")
CHILDREN: Final = ("Children's health", "Pediatría", "طب الأطفال")
HEART: Final = ("Heart and blood pressure", "Corazón y presión arterial", "القلب وضغط الدم")
WOMEN: Final = ("Women's health", "Salud de la mujer", "صحة المرأة")
MIND: Final = ("Mental health", "Salud mental", "الصحة النفسية")
WEEK: Final = (1, 2, 3, 4, 5)

ZONES: Final = ("America/New_York", "America/New_York", "America/Chicago")
LOCATIONS: Final = (
    ("Riverside Clinic", "120 River Street\nBrooklyn, NY 11201", "+1 718-555-0120",
     "Ground floor. The lift is on the left. Two minutes from the subway, exit B."),
    ("Harbor Street Clinic", "8 Harbor Street\nBrooklyn, NY 11231", "+1 718-555-0108",
     "Second floor, above the pharmacy. Step-free from the yard."),
    ("Lakeside Clinic", "45 Lakeside Avenue\nChicago, IL 60611", "+1 312-555-0145",
     "Parking behind the building. Ring at the green door."),
)  # fmt: skip
PRACTITIONERS: Final = (
    DemoPractitioner("Ada Okafor", "Dr.", FAMILY, ("en", "ig", "es"), 0, WEEK, 8, 17, (4,)),
    DemoPractitioner("Daniel Rosen", "Dr.", INTERNAL, ("en", "he"), 0, WEEK, 9, 18),
    DemoPractitioner("Lucía Paredes", "Dr.", CHILDREN, ("es", "en"), 0, (1, 2, 3, 4, 6), 8, 16),
    DemoPractitioner("Wei Zhang", "Dr.", HEART, ("zh", "en"), 1, WEEK, 8, 17, (3,)),
    DemoPractitioner("Samira Haddad", "Dr.", WOMEN, ("ar", "fr", "en"), 1, (1, 2, 4, 5, 6), 9, 17),
    DemoPractitioner("Peter Novak", "NP", FAMILY, ("en", "ru"), 1, WEEK, 8, 18),
    DemoPractitioner("Youssef Karim", "Dr.", FAMILY, ("ar", "en"), 2, WEEK, 8, 17),
    DemoPractitioner("Hanna Tesfaye", "Dr.", MIND, ("am", "en"), 2, (2, 3, 4, 5, 6, 7), 10, 19, (6, 7)),
)
VISIT_TYPES: Final = (
    ("follow_up", 20, BOTH, 24, 30, ("Follow-up", "Seguimiento", "متابعة")),
    ("new_problem", 20, BOTH, 12, 30, ("Something new", "Algo nuevo", "مشكلة جديدة")),
    ("vaccination", 20, IN_PERSON, 12, 60, ("Vaccination", "Vacuna", "تطعيم")),
    ("check_up", 40, IN_PERSON, 24, 120, ("Yearly check-up", "Chequeo anual", "فحص سنوي")),
)
