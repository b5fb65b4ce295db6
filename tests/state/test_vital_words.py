"""What a reading means in words: value × age × condition → what it is called, what is done first, who is told."""

from portal_app.core import i18n
from portal_app.features.vitals import rules
from portal_app.features.vitals.measures import MEASURES
from portal_app.features.vitals.rules import Rule, Whose
from portal_app.state import vital_words
from tests.features.vitals.test_meaning import ADULT, BABY, CHILD, measured, shipped

__all__ = ["shipped"]
REST = "Sit and rest for 5 minutes. Do not talk, eat or drink."
WAIT = "Wait 15 minutes if there was food, a drink, a bath or exercise just before."
STILL, SILENT = "Sit and rest for 5 minutes.", "Sit and rest for 5 minutes. Do not talk."
RESEAT = "Warm your hand, take nail polish off, and put the device on another finger."
SUGAR = "First take 15 grams of sugar: half a glass of juice, or 3 to 4 glucose tablets."
KETONES = "Check your ketones, if you have strips for it, and drink water."
CALL = "Call the emergency number now, or have somebody call. Do not drive yourself."
MMHG, MG = "mm[Hg]", "mg/dL"


CASES = [
    ("blood_pressure", MMHG, "119/79", "", ADULT, "In the usual range", "", ""),
    ("blood_pressure", MMHG, "120/79", "", ADULT, "A little above the usual range", "", ""),
    ("blood_pressure", MMHG, "130/79", "", ADULT, "Above the range at home", "", ""),
    ("blood_pressure", MMHG, "140/79", "", ADULT, "High", REST, ""),
    ("blood_pressure", MMHG, "181/90", "", ADULT, "Very high", REST, "urgent"),
    ("blood_pressure", MMHG, "160/80", "pregnant", 300, "Very high", CALL, "critical"),
    ("blood_pressure", MMHG, "90/60", "", ADULT, "Low", REST, "urgent"),
    ("blood_pressure", MMHG, "181/90", "", CHILD, "Very high", REST, "urgent"),
    ("blood_pressure", MMHG, "140/60", "", CHILD, "High", REST, "urgent"),
    ("blood_pressure", MMHG, "107/60", "", CHILD, "A little above the usual range", REST, ""),
    ("blood_pressure", MMHG, "87/50", "", CHILD, "Low", REST, "urgent"),
    ("blood_pressure", MMHG, "100/50", "", BABY, "Saved", "", ""),
    ("blood_pressure", MMHG, "90/60", "pregnant", 300, "Low", REST, "urgent"),
    ("blood_pressure", MMHG, "140/79", "", 180, "High", REST, ""),
    ("glucose", MG, "53", "", BABY, "Very low", CALL, "critical"),
    ("glucose", "mmol/L", "3.8", "", BABY, "Low", "", "urgent"),
    ("pulse", "/min", "121", "pregnant", 300, "Fast", STILL, "urgent"),
    ("pulse", "/min", "115", "", CHILD, "Fast", STILL, "urgent"),
    ("breaths", "/min", "9", "pregnant", 300, "Slow", SILENT, "urgent"),
    ("breaths", "/min", "60", "", BABY, "Fast", SILENT, "urgent"),
    ("temperature", "[degF]", "100.4", "chemotherapy", ADULT, "Fever during treatment", WAIT, "urgent"),
    ("glucose", MG, "53", "", ADULT, "Very low", SUGAR, "critical"),
    ("glucose", "mmol/L", "3.0", "", ADULT, "Low", SUGAR, "urgent"),
    ("glucose", MG, "181", "", ADULT, "High", "", ""),
    ("glucose", MG, "251", "", CHILD, "Very high", KETONES, "urgent"),
    ("oxygen", "%", "94", "", ADULT, "A little low", RESEAT, "routine"),
    ("oxygen", "%", "92", "", CHILD, "Low", RESEAT, "urgent"),
    ("oxygen", "%", "90", "copd", ADULT, "In the usual range", "", ""),
    ("temperature", "Cel", "38.0", "", ADULT, "Fever", WAIT, ""),
    ("temperature", "Cel", "38.0", "", BABY, "Fever in a young baby", WAIT, "critical"),
    ("temperature", "Cel", "38.0", "chemotherapy", ADULT, "Fever during treatment", WAIT, "urgent"),
    ("temperature", "[degF]", "94.9", "", ADULT, "Low body temperature", WAIT, "urgent"),
    ("pulse", "/min", "40", "", ADULT, "Slow", STILL, "urgent"),
    ("pulse", "/min", "131", "", ADULT, "Fast", STILL, "urgent"),
    ("breaths", "/min", "25", "", ADULT, "Fast", SILENT, "urgent"),
    ("weight", "kg", "90", "", ADULT, "Saved", "", ""),
    ("peak_flow", "L/min", "300", "", ADULT, "Saved", "", ""),
    ("pain", "{score}", "9", "", ADULT, "Saved", "", ""),
    ("steps", "/d", "9000", "", ADULT, "Saved", "", ""),
]


async def test_a_value_is_said_as_its_source_means_it(shipped: list[Rule]) -> None:
    found = []
    for measure, unit, value, condition, age, *_ in CASES:
        meant = rules.meaning(shipped, Whose(age, frozenset({condition} - {""})), measured(measure, unit, value))
        with i18n.use("en"):
            called, _tone = vital_words.finding_words(meant.finding)
        first = (*vital_words.steps_of(meant.protocol, measure), "")[0]
        found.append((measure, unit, value, condition, age, called, first, meant.severity))
    assert found == CASES


async def test_whatever_a_rule_finds_or_asks_for_has_words_in_each_language(shipped: list[Rule]) -> None:
    findings = {one.finding for one in shipped} | {"symptom", "low_own", "high_own", "missing"}
    protocols = {one.protocol for one in shipped} - {""} | {"emergency"}
    assert findings <= vital_words.FINDINGS.keys()
    assert protocols == vital_words.STEPS.keys()
    wanted = {vital_words.FINDINGS[one][0] for one in findings} | {
        step for one in protocols for measure in MEASURES for step in vital_words.steps_of(one, measure)
    }
    for locale in i18n.LOCALES.keys() - {"en"}:
        with i18n.use(locale):
            assert [words for words in wanted if i18n._(words) == words] == []
