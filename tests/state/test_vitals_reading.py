"""The page of one reading: changed and deleted with one outcome, and with its history."""

from typing import Any
from uuid import uuid4

import pytest

from portal_app.core.errors import NotFound
from portal_app.state.base import PortalState
from portal_app.state.vitals_log import VitalsLog
from portal_app.state.vitals_reading import VitalsReading
from tests.factories import Clinic, Someone
from tests.features.reconciling.test_currencies import opened
from tests.state.test_vitals_log import _typed, at_home, pia

__all__ = ["at_home", "pia"]


def _id(page: VitalsLog) -> str:
    return page.kept_href.partition("id=")[2]


async def _opened(reading_id: str) -> Any:
    return await opened(VitalsReading, f"/vitals/reading?id={reading_id}")


async def _change(reading_id: str, **said: str) -> Any:
    page = await opened(VitalsLog, f"/vitals/log?id={reading_id}")
    await VitalsLog.on_log.fn(page, page.said | {"key": page.form_key, "unit": page.unit} | said)
    return page


async def test_a_reading_says_what_was_entered_and_what_it_meant() -> None:
    kept = await _typed("glucose", value="108", unit="mg/dL", context="fasting", note="at my sister's")
    page = await _opened(_id(kept))
    assert (page.title, page.value, page.finding, page.history) == (
        "Blood sugar", "108 mg/dL", "In the usual range", []
    )  # fmt: skip
    facts = {one["term"]: one["fact"] for one in page.facts}
    assert facts.keys() == {"When", "Before or after what", "Note", "Entered"}
    assert facts["Entered"].startswith("You")


async def test_it_is_changed_where_it_stands_and_says_what_it_was() -> None:
    kept = await _typed("pulse", value="77")
    form = await opened(VitalsLog, f"/vitals/log?id={_id(kept)}")
    assert (form.step, form.is_correcting, form.said["value"]) == ("fill", True, "77")
    changed = await _change(_id(kept), value="71")
    assert changed.step == "told"
    page = await _opened(_id(changed))
    assert (page.value, [one["number"] for one in page.history]) == ("71 /min", ["77 /min"])
    assert page.history[0]["ended"].startswith("Changed by you:")
    before = await _opened(_id(kept))
    assert (before.next_href.endswith(_id(changed)), before.may_change) == (True, False)


async def test_a_stale_tab_is_told_and_changes_nothing() -> None:
    kept = await _typed("pulse", value="77")
    stale, asked = await opened(VitalsLog, f"/vitals/log?id={_id(kept)}"), await _opened(_id(kept))
    await _change(_id(kept), value="71")
    await VitalsLog.on_log.fn(stale, stale.said | {"value": "72", "key": stale.form_key})
    assert stale.step == "gone"
    await VitalsReading.on_delete.fn(asked)
    assert asked.problem
    assert (asked.news, asked.next_href != "") == ("", True)
    assert (await opened(VitalsLog, f"/vitals/log?id={_id(kept)}")).step == "gone"


async def test_it_is_deleted_after_it_was_asked_and_twice_is_once() -> None:
    kept = await _typed("oxygen", value="90")
    page, other = await _opened(_id(kept)), await _opened(_id(kept))
    await VitalsReading.on_ask.fn(page)
    assert page.is_asking
    for one in (page, other):
        await VitalsReading.on_delete.fn(one)
        assert (one.is_asking, one.may_change, one.problem) == (False, False, "")
        assert one.news
        assert one.ended.startswith("Deleted by you:")


async def test_doubts_and_advice_are_those_of_a_new_one() -> None:
    kept = await _typed("oxygen", value="97")
    page = await _change(_id(kept), value="59")
    assert (page.step, bool(page.danger)) == ("doubt", True)
    await VitalsLog.on_confirm.fn(page)
    assert page.step == "told"
    assert (await _opened(_id(page))).history


async def test_another_patients_reading_is_not_found(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = await _typed("pulse", value="77")
    other: Someone = await clinic.sign_in_again(await clinic.patient("Sam"), assurance=2)
    monkeypatch.setattr(PortalState, "_credential", lambda _: other.credential)
    for reading_id in (_id(kept), str(uuid4()), "x"):
        page = await _opened(reading_id)
        assert (page.is_missing, page.value, page.facts) == (True, "", [])
        with pytest.raises(NotFound):
            await opened(VitalsLog, f"/vitals/log?id={reading_id}")
