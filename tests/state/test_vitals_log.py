"""Entering a reading: the advice for an emergency comes first, whatever becomes of the numbers."""

from uuid import uuid4

import pytest

from portal_app.core import db
from portal_app.core.db import Database
from portal_app.state import vital_words as words
from portal_app.state.base import PortalState
from portal_app.state.vitals_log import VitalsLog
from tests.factories import Clinic, Someone, open_practice
from tests.features.reconciling.test_currencies import opened


@pytest.fixture
async def pia(clinic: Clinic) -> Someone:
    return await clinic.sign_in_again(await clinic.patient("Pia"), assurance=2)


@pytest.fixture(autouse=True)
async def at_home(database: Database, pia: Someone, monkeypatch: pytest.MonkeyPatch) -> None:
    await open_practice(database)
    monkeypatch.setattr(PortalState, "_credential", lambda _: pia.credential)
    monkeypatch.setattr(db, "_opened", database)


async def _typed(measure: str, **said: str) -> VitalsLog:
    page: VitalsLog = await opened(VitalsLog, f"/vitals/log?what={measure}")
    await VitalsLog.on_log.fn(page, said | {"key": str(uuid4())})
    return page


@pytest.mark.parametrize(
    ("measure", "said", "danger"),
    [
        ("blood_pressure", {"value": "2500", "pair": "140"}, words.DANGER_IF_RIGHT),
        ("oxygen", {"value": "59"}, words.DANGER_IF_RIGHT), ("oxygen", {"value": "9"}, words.DANGER_IF_RIGHT),
        ("glucose", {"value": "12", "unit": "mg/dL"}, words.DANGER_IF_RIGHT),
        ("weight", {"value": "400", "unit": "kg"}, ""),
        ("weight", {"value": "400", "unit": "kg", "symptom": "yes"}, words.DANGER_SYMPTOM),
        ("oxygen", {"value": "59", "symptom": "yes"}, words.DANGER_SYMPTOM),
    ],
)  # fmt: skip
async def test_a_doubted_number_hides_no_advice(measure: str, said: dict[str, str], danger: str) -> None:
    page = await _typed(measure, **said)
    assert (page.step, page.danger) == ("doubt", danger)
    assert page.emergency_phone == "911"


@pytest.mark.parametrize("value", ["", "x", "70000000"])
async def test_a_warning_sign_is_answered_without_a_number(value: str) -> None:
    page = await _typed("pulse", value=value, symptom="yes")
    assert (page.step, page.error_field, page.danger) == ("fill", "value", words.DANGER_SYMPTOM)
    await VitalsLog.on_log.fn(page, {"value": "70", "key": str(uuid4())})
    assert (page.step, page.danger) == ("told", "")


async def test_advice_given_in_doubt_stands_when_the_numbers_are_right() -> None:
    page = await _typed("oxygen", value="59")
    await VitalsLog.on_confirm.fn(page)
    assert (page.step, page.danger) == ("told", words.DANGER)


async def test_going_back_to_the_numbers_leaves_the_advice_for_a_warning_sign_alone() -> None:
    page = await _typed("oxygen", value="59")
    await VitalsLog.on_change.fn(page)
    assert (page.step, page.danger) == ("fill", "")
    await VitalsLog.on_log.fn(page, {"value": "59", "symptom": "yes", "key": str(uuid4())})
    await VitalsLog.on_change.fn(page)
    assert (page.step, page.danger) == ("fill", words.DANGER_SYMPTOM)


async def test_a_warning_sign_says_once_what_to_do() -> None:
    page = await _typed("pulse", value="70", symptom="yes")
    assert (page.step, page.danger, page.steps) == ("told", words.DANGER_SYMPTOM, [])


async def test_what_is_asked_about_has_one_unit() -> None:
    page = await _typed("weight", value="400 kg", unit="[lb_av]")
    assert (page.step, page.doubted) == ("doubt", "400 kg")
