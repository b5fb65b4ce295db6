"""Whoever reads a form that was answered in another language reads question and answer in both."""

from typing import Any
from uuid import UUID

from portal_app.core import i18n
from portal_app.features.intake import service as intake
from portal_app.state.staff_form import answer_rows
from tests.features.intake.conftest import REASON, Forms, answer, forms

__all__ = ["forms"]


async def read(forms: Forms, sent_in: str, read_in: str) -> dict[str, dict[str, str]]:
    """Send a reason for a visit in one language and return its rows in another, by the answer's place."""
    form_id: UUID = await forms.open(REASON)
    since = next(one for one in (await forms.form(form_id)).questionnaire.every() if one.link_id == "since")
    chosen = since.options[0].key
    saved = await forms.save(form_id, answer(1, "reason", "Me duele"), answer(2, "since", chosen))
    async with forms.database.act_as(forms.maria.credential, "intake.fill_in") as tx:
        await intake.submit_form(tx, form_id, saved.latest, sent_in, "")
    form = await forms.read(form_id)
    with i18n.use(read_in):
        rows: list[dict[str, Any]] = answer_rows(form)
    return {row["answer"]: row for row in rows}


async def test_question_and_answer_stand_in_the_readers_language_and_in_the_one_that_was_read(forms: Forms) -> None:
    rows = await read(forms, "es", "en")
    chosen = next(row for row in rows.values() if row["answer_theirs"])
    assert chosen["lang"] == "es"
    assert chosen["theirs"] != chosen["question"]
    assert chosen["answer_theirs"] != chosen["answer"]
    assert rows["Me duele"]["answer_theirs"] == ""  # their own words stand as they are


async def test_in_ones_own_language_nothing_stands_twice(forms: Forms) -> None:
    rows = await read(forms, "en", "en")
    assert {row["theirs"] + row["answer_theirs"] for row in rows.values()} == {""}
