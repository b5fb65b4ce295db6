"""What the page before a visit says of forms: what a total means, how it stands to the last one, what is missing."""

from datetime import date, timedelta
from typing import Any

import pytest
import reflex as rx
from reflex.istate.data import HeaderData, ReflexURL, RouterData

from portal_app.core import db
from portal_app.state.base import PortalState
from portal_app.state.staff_before import StaffBefore
from tests.factories import Clinic
from tests.features.booking.practice_maker import PracticeMaker
from tests.features.intake.conftest import PHQ, PHQ_ITEMS, Forms, answer, forms

__all__ = ["forms"]
NEVER, DAYS, MOST = "LA6568-5", "LA6569-3", "LA6571-9"


async def opened(forms: Forms, patch: pytest.MonkeyPatch) -> Any:
    """Return the page's state as the clinician has it."""
    patch.setattr(PortalState, "_credential", lambda _: forms.doctor.credential)
    patch.setattr(db, "_opened", forms.database)
    root = rx.State(_reflex_internal_init=True)  # type: ignore[call-arg]
    root.router = RouterData(
        headers=HeaderData(origin="http://localhost:4100", host="localhost:4100"),
        url=ReflexURL(f"http://localhost:4100/staff/before?id={forms.appointment_id}"),
    )
    page: Any = root.get_substate(StaffBefore.get_full_name().split("."))
    await StaffBefore.on_load.fn(page)
    return page


async def sent(forms: Forms, code: str) -> None:
    """Answer every question of the PHQ-9 but the ninth with one code, that one with never, and send it."""
    form_id = await forms.open(PHQ)
    codes = [*[code] * 8, NEVER]
    given = [answer(n, key, said) for n, (key, said) in enumerate(zip(PHQ_ITEMS, codes, strict=True), 1)]
    saved = await forms.save(form_id, *given)
    await forms.send(form_id, saved.latest)


async def test_a_total_is_said_with_its_meaning_and_with_the_one_before(
    forms: Forms, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sent(forms, MOST)
    day = date.today() + timedelta(days=4)  # noqa: DTZ011 - any day soon
    later = await PracticeMaker(forms.database).booked(forms.maria, forms.place.request(forms.place.at(day, "10:00")))
    second = Forms(forms.database, forms.place, later.id, forms.doctor, forms.maria)
    await sent(second, DAYS)
    page = await opened(second, monkeypatch)
    (form,) = page.forms
    assert form["scores"][0]["fact"].startswith("8 · ")
    assert form["trend"].startswith("Lower than 24 on ")
    assert len(form["changed"]) == 8
    assert page.can_mark
    await StaffBefore.on_review.fn(page)
    assert not page.can_mark
    assert (await second.read(await _newest(second))).reviewed_by == "Ada Okafor"


async def test_somebody_else_s_visit_shows_nothing(
    forms: Forms, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sent(forms, DAYS)
    far = Forms(forms.database, forms.place, forms.appointment_id, await clinic.staff("clinician"), forms.maria)
    page = await opened(far, monkeypatch)
    assert (page.is_missing, page.forms, page.name) == (True, [], "")


async def _newest(forms: Forms) -> Any:
    return await forms.scalar("select id from questionnaire_response order by submitted_at desc limit 1")
