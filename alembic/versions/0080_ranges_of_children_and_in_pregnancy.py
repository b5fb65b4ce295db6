"""Ranges of children, and of pulse, breaths and low pressure in pregnancy; nobody has reviewed them.

Why, and what is left without a number: docs/decisions/0125-children-and-pregnancy.md.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import sqlalchemy as sa
from alembic import op

revision = "0080"
down_revision = "0087"
branch_labels = None
depends_on = None

AGAIN = "rest_repeat"
MOTHERS = "Maternal Early Warning Criteria, Mhyre 2014, doi:10.1097/AOG.0000000000000480"
NG255 = "NICE NG255, suspected sepsis in pregnancy: high risk criteria"
ACOG = "ACOG, severe hypertension in pregnancy; as from 18 years on"
ACC = "2025 AHA/ACC blood pressure guideline; as from 18 years on"
TABLE_6 = "AAP 2017, table 6, the lower ones of boys and girls, doi:10.1542/peds.2017-1904"
TABLE_3 = "AAP 2017, table 3: at the most, whatever the height, doi:10.1542/peds.2017-1904"
TEENS = "AAP 2017, severe from 13 years on, doi:10.1542/peds.2017-1904; not less for younger children"
PALS = "AHA PALS, hypotension: systolic below 70 + 2 × age in years, from 10 years on below 90"
NG254 = "NICE NG254, suspected sepsis under 16: high risk criteria"
NINETY = "NICE NG254 (12 to 15), NEWS2 (from 16): systolic 90 or less"
PEWS = "Bedside PEWS, Parshuram 2009, table 1, doi:10.1186/cc7998"
ISPAD = "ISPAD 2022, hypoglycemia in diabetes, doi:10.1111/pedi.13443"
NEWBORN = "Pediatric Endocrine Society 2015, Thornton, J Pediatr 167:238"
ADA = "ADA Standards of Care, glycemic targets; as from 12 months on"
FEVER = "NHS, high temperature; also during treatment"
SOURCES = (MOTHERS, NG255, ACOG, ACC, TABLE_6, TABLE_3, TEENS, PALS, NG254, NINETY, PEWS, ISPAD, NEWBORN, ADA, FEVER)


class New(NamedTuple):
    """A rule: its number and side, what it means, and for whom; ages in months."""

    measure: str
    unit: str
    part: str
    bound: str
    value: str | int
    finding: str
    protocol: str
    severity: str
    severity_again: str
    condition: str
    age_from: int
    age_until: int
    source: str


def _pressure(finding: str, top: int | None, bottom: int | None, rest: tuple[str, str, str], ages: tuple[int, int],
              source: str, condition: str = "", bound: str = "at_least") -> list[New]:  # fmt: skip
    numbers = [("", top), ("pair", bottom)]
    return [
        New("blood_pressure", "mm[Hg]", part, bound, value, finding, *rest, condition, *ages, source)
        for part, value in numbers
        if value is not None
    ]


PREGNANT_TEENS = [
    *_pressure("severe", 160, 110, ("emergency", "critical", "critical"), (120, 216), ACOG, "pregnant"),
    *_pressure("high", 140, 90, (AGAIN, "urgent", "urgent"), (120, 216), ACOG, "pregnant"),
    *_pressure("raised", 130, 80, ("", "", ""), (120, 216), ACC, "pregnant"),
    *_pressure("elevated", 120, None, ("", "", ""), (120, 216), ACC, "pregnant"),
    *_pressure("low", 90, None, (AGAIN, "urgent", "urgent"), (120, 216), NG255, "pregnant", "at_most"),
]
# From one year on, by the year: systolic, diastolic.
SCREENED = ((98, 52), (100, 55), (101, 58), (102, 60), (103, 63), (105, 66), (106, 68), (107, 69), (107, 70), (108, 72),
            (110, 74), (113, 75))  # fmt: skip
CHILDREN_PRESSURE = [
    *_pressure("severe", 180, 120, (AGAIN, "urgent", "critical"), (12, 156), TEENS, bound="above"),
    *_pressure("high", 140, 90, (AGAIN, "urgent", "urgent"), (12, 156), TABLE_3),
    *_pressure("raised", 130, 80, (AGAIN, "routine", "routine"), (12, 156), TABLE_3),
    *(one for year, (top, bottom) in enumerate(SCREENED, 1)
      for one in _pressure("elevated", top, bottom, (AGAIN, "", "routine"), (12 * year, 12 * year + 12), TABLE_6)),
    *(one for since, until, low in (*((year, year + 1, 70 + 2 * year) for year in range(1, 10)), (10, 13, 90))
      for one in _pressure("low", low, None, (AGAIN, "urgent", "critical"), (12 * since, 12 * until), PALS,
                           bound="below")),
]  # fmt: skip
TEENS_LOW = _pressure("low", 90, None, (AGAIN, "urgent", "urgent"), (156, 216), NINETY, bound="at_most")
# measure, side, number, finding, months from, until, source.
RATES = (
    *(("pulse", "at_least", value, "fast", since, until, NG254) for since, until, value in (
        (0, 12, 160), (12, 36, 150), (36, 60, 140), (60, 72, 130), (72, 96, 120), (96, 144, 115))),
    ("pulse", "above", 130, "fast", 144, 192, NG254),
    ("pulse", "at_most", 80, "slow", 0, 3, PEWS), ("pulse", "at_most", 70, "slow", 3, 12, PEWS),
    ("pulse", "below", 60, "slow", 12, 144, NG254), ("pulse", "at_most", 40, "slow", 144, 192, PEWS),
    *(("breaths", "at_least", value, "fast", since, until, NG254) for since, until, value in (
        (0, 12, 60), (12, 36, 50), (36, 60, 40), (60, 72, 29), (72, 96, 27), (96, 192, 25))),
    *(("breaths", "at_most", value, "slow", since, until, PEWS) for since, until, value in (
        (0, 12, 15), (12, 48, 12), (48, 144, 10), (144, 192, 9))),
)  # fmt: skip
CHILDREN_RATES = [
    New(measure, "/min", "", bound, value, finding, AGAIN, "urgent", "critical", "", since, until, source)
    for measure, bound, value, finding, since, until, source in RATES
]
PREGNANT_RATES = [
    New(measure, "/min", "", bound, value, finding, AGAIN, "urgent", "critical", "pregnant", 120, 2400, source)
    for measure, bound, value, finding, source in (
        ("pulse", "below", 50, "slow", MOTHERS), ("pulse", "above", 120, "fast", MOTHERS),
        ("breaths", "below", 10, "slow", MOTHERS), ("breaths", "at_least", 25, "fast", NG255),
    )
]  # fmt: skip
INFANTS_GLUCOSE = [
    New("glucose", unit, "", bound, values[place], finding, protocol, severity, severity, "", since, until, source)
    for place, unit in enumerate(("mg/dL", "mmol/L"))
    for bound, values, finding, protocol, severity, since, until, source in (
        ("below", (50, "2.8"), "very_low", "emergency", "critical", 0, 1, NEWBORN),
        ("below", (60, "3.3"), "low", "", "urgent", 0, 1, NEWBORN),
        ("below", (54, "3.0"), "very_low", "emergency", "critical", 1, 12, ISPAD),
        ("below", (70, "3.9"), "low", "", "urgent", 1, 12, ISPAD),
        ("above", (250, "13.9"), "very_high", "", "urgent", 0, 12, ADA),
        ("above", (180, "10.0"), "high", "", "", 0, 12, ADA),
    )
]  # fmt: skip
TREATED_BABIES = [
    New("temperature", unit, "", "at_least", value, "fever_baby", AGAIN, "critical", "critical", "chemotherapy", 0, 3,
        FEVER)
    for unit, value in (("Cel", "38.0"), ("[degF]", "100.4"))
]  # fmt: skip
ADDED = [*PREGNANT_TEENS, *CHILDREN_PRESSURE, *CHILDREN_RATES, *PREGNANT_RATES, *INFANTS_GLUCOSE]

MAINTAINED = "select set_config('portal.maintenance', 'migration', true)"
KEPT = "select set_config('portal.maintenance', '', true)"
HELD = """
select measure, condition, age_from, age_until, finding, below is not null or at_most is not null as is_lower
from vital_rule where retired_at is null and part in ('', 'pair', 'gain')
"""
SHIPPED = "version = 1 and replaces is null and reviewed_at is null and retired_at is null"
# The number stays; who says so for pregnancy is said.
NEXT = f"""
with shipped as (
  update vital_rule set retired_at = now()
  where measure = 'blood_pressure' and part = '' and finding = 'low' and condition = 'pregnant' and at_most = 90
    and {SHIPPED}
  returning *)
insert into vital_rule (measure, unit, part, at_most, days, finding, protocol, severity, severity_again, condition,
  age_from, age_until, source, version, replaces, reason)
select measure, unit, part, at_most, days, finding, protocol, severity, severity_again, condition, age_from, age_until,
  :source, version + 1, id, 'NEWS2 is not for pregnancy' from shipped
"""  # noqa: S608
BEFORE = """
create temporary table gone_0080 on commit drop as
  select id, replaces from vital_rule where reviewed_at is null and retired_at is null and source = any (:sources)
    and (replaces is null and version = 1 or reason = 'NEWS2 is not for pregnancy');
"""
LET_GO = """
alter table reading disable trigger user;
update reading r set rule_id = g.replaces, rule_version = case when g.replaces is not null then 1 end
from gone_0080 g where r.rule_id = g.id;
alter table reading enable trigger user;
delete from vital_rule v using gone_0080 g where v.id = g.id;
update vital_rule v set retired_at = null from gone_0080 g where v.id = g.replaces;
"""


def free(since: int, until: int, taken: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Return the ages between two that nothing is said of yet."""
    for begin, end in sorted(taken):
        if begin > since:
            yield since, min(begin, until)
        since = max(since, end)
        if since >= until:
            return
    yield since, until


def _add(one: New) -> None:
    op.get_bind().execute(sa.text(
        f"insert into vital_rule (measure, unit, part, {one.bound}, finding, protocol, severity, severity_again,"  # noqa: S608
        " condition, age_from, age_until, source) values (:measure, :unit, :part, cast(:value as numeric), :finding,"
        " :protocol, :severity, :severity_again, :condition, :age_from, :age_until, :source)"),
        one._asdict() | {"value": str(one.value)})  # fmt: skip


def ship_rules() -> None:
    """Add what is new at ages and conditions of which nothing is said yet; a practice's own sets stay as they are."""
    held = op.get_bind().execute(sa.text(HELD)).all()
    for one in [*ADDED, *TEENS_LOW]:
        taken = [
            (row.age_from, row.age_until) for row in held
            if (row.measure, row.condition) == (one.measure, one.condition) and (one not in TEENS_LOW or row.is_lower)
        ]  # fmt: skip
        for since, until in free(one.age_from, one.age_until, taken):
            _add(one._replace(age_from=since, age_until=until))
    if not any((row.condition, row.finding) == ("chemotherapy", "fever_baby") for row in held):
        for one in TREATED_BABIES:
            _add(one)


def upgrade() -> None:
    """Judge what was judged by nothing, or by numbers that are not for pregnancy."""
    op.execute(MAINTAINED)
    op.get_bind().execute(sa.text(NEXT), {"source": f"{NG255}: systolic 90 or less"})
    ship_rules()
    op.execute(KEPT)


def downgrade() -> None:
    """Judge it as before, where nobody has reviewed or changed it since."""
    op.execute(MAINTAINED)
    sources = [*SOURCES, f"{NG255}: systolic 90 or less"]
    op.get_bind().execute(sa.text(BEFORE), {"sources": sources})
    op.execute(LET_GO)
    op.execute(KEPT)
