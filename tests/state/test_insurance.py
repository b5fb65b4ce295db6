"""Insurance and co-pay, said in words that are true for the patient and for whoever acts for them."""

import inspect
import re
from typing import Any

import pytest

from portal_app.core import db, i18n
from portal_app.pages import check_in, insurance, insurance_form, one_insurance
from portal_app.state import check_in as check_in_state
from portal_app.state import check_in_words, coverage_words
from portal_app.state import insurance as insurance_state
from portal_app.state import insurance_form as form_state
from portal_app.state.base import PortalState
from portal_app.state.insurance_form import InsuranceForm
from tests.factories import Clinic, Someone
from tests.features.access.conftest import Share, share
from tests.features.reconciling.test_currencies import opened

__all__ = ["share"]

SAID_TO_BOTH: dict[str, Any] = {
    "the list": insurance,
    "one insurance": one_insurance,
    "its form": insurance_form,
    "what is noted": insurance_state,
    "what may be chosen": form_state,
    "what the insurer said": coverage_words,
    "the insurance at check-in": check_in.build_insurance,
    "the co-pay": check_in.build_copay,
    "what is known at check-in": check_in_state.CheckIn.on_copay.fn,
}
TO_THE_PATIENT_ALONE = re.compile(r"\b(your|my|mine)\b(?! passkey)|\byou (have|owe|pay|said|still)\b", re.IGNORECASE)


@pytest.mark.parametrize("place", list(SAID_TO_BOTH))
def test_nothing_of_an_insurance_is_called_the_readers_own(place: str) -> None:
    said = set(re.findall(r'\b_\(\s*"([^"]+)"|N_\("([^"]+)"\)', inspect.getsource(SAID_TO_BOTH[place])))
    words = {one or other for one, other in said} - set(coverage_words.RELATIONS.values())
    assert words
    assert [one for one in words if TO_THE_PATIENT_ALONE.search(one)] == []


@pytest.mark.parametrize("task", ["insurance", "medicines", "copay"])
def test_nor_is_what_there_is_to_do_before_a_visit(task: str) -> None:
    for said in (check_in_words.TITLES[task], check_in_words.PROOFS[task]):
        assert not TO_THE_PATIENT_ALONE.search(said)


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_whose_card_it_is_is_asked_of_the_patient_and_of_a_caregiver_each_in_their_words(
    clinic: Clinic, share: Share, monkeypatch: pytest.MonkeyPatch, locale: str
) -> None:
    maria = await clinic.proven()
    ana = await clinic.sign_in_again(await clinic.patient("Ana"), assurance=2)
    ana = await share(maria, "bills_view", "bills_act", who=ana)
    monkeypatch.setattr(db, "_opened", clinic.database)
    own, theirs = [await _asked(monkeypatch, by, locale) for by in (maria, ana)]
    with i18n.use(locale):
        assert own == [i18n._(one) for one in coverage_words.RELATIONS.values()]
        assert theirs == [i18n._(one) for one in coverage_words.WHOSE.values()]


async def _asked(monkeypatch: pytest.MonkeyPatch, by: Someone, locale: str) -> list[str]:
    monkeypatch.setattr(PortalState, "_credential", lambda _: by.credential)
    page = await opened(InsuranceForm, i18n.localized_path(locale, "/insurance/add"))
    return [one["label"] for one in page.relations]
