"""The screening of health-related social needs, scored as the tool says: each need by itself, safety by its total."""

from collections.abc import Mapping
from typing import Any

import pytest

from portal_app.features.intake import service as intake
from portal_app.features.intake.parsing import read_questionnaire

AHC = "urn:sala:form:ahc-hrsn"
NO_NEED: Mapping[str, list[Any]] = {
    "71802-3": ["LA31993-1"], "96778-6": ["LA9-3"], "88122-7": ["LA28398-8"], "88123-5": ["LA28398-8"],
    "93030-5": ["LA32-8"], "96779-4": ["LA32-8"],
    "95618-5": ["LA6270-8"], "95617-7": ["LA6270-8"], "95616-9": ["LA6270-8"], "95615-1": ["LA6270-8"],
}  # fmt: skip


def _meanings(answers: Mapping[str, list[Any]]) -> dict[str, str]:
    form = read_questionnaire(intake.shipped()[AHC])
    totals = intake.totals(form, answers)
    found = {}
    for item in form.every():
        total = totals.get(item.link_id)
        if item.sum_of and total is not None:
            band = [one for one in item.bands if total >= one.low][-1]
            found[item.link_id] = band.words["en"]
    return found


def test_nobody_has_a_need_who_says_so() -> None:
    assert {said for link, said in _meanings(NO_NEED).items() if link != "95614-4"} == {"No need found"}
    assert intake.totals(read_questionnaire(intake.shipped()[AHC]), NO_NEED)["95614-4"] == 4


@pytest.mark.parametrize(
    ("answers", "need"),
    [
        ({"71802-3": ["LA31994-9"]}, "living-need"),
        ({"96778-6": ["LA28580-1", "LA32001-2"]}, "living-need"),
        ({"88123-5": ["LA6729-3"]}, "food-need"),
        ({"93030-5": ["LA33-6"]}, "transport-need"),
        ({"96779-4": ["LA32002-0"]}, "utility-need"),
    ],
)
def test_one_answer_is_a_need_and_no_other(answers: Mapping[str, list[Any]], need: str) -> None:
    found = _meanings({**NO_NEED, **answers})
    assert [link for link, said in found.items() if said.startswith("A need")] == [need]


def test_safety_counts_from_eleven_and_not_with_a_question_left_out() -> None:
    often = {"95618-5": ["LA10082-8"], "95617-7": ["LA6482-9"], "95616-9": ["LA10066-1"]}
    assert _meanings({**NO_NEED, **often})["95614-4"] == "May not be safe"
    assert _meanings({**NO_NEED, **often, "95616-9": ["LA6270-8"]})["95614-4"] != "May not be safe"
    left_out = {link: said for link, said in NO_NEED.items() if link != "95618-5"}
    assert "95614-4" not in _meanings(left_out)


def test_it_is_the_patients_own_in_english_with_its_notice() -> None:
    form = read_questionnaire(intake.shipped()[AHC])
    assert form.self_report
    assert set(form.languages()) == {"en"}
    assert "CMS" in form.source
    assert "Keep this notice" in form.licence
