"""Signatures: drawn within bounds or typed, kept with the words and encrypted, and good under one response alone."""

import json
from typing import Any

import pytest

from portal_app.core import crypto
from portal_app.features.intake import service as intake
from portal_app.features.intake.signing import DRAWN_MOST, drawing_of, is_bound, name_of
from tests.features.intake.conftest import CONSENT, Forms, answer

STROKES = "M10 20L30 40L35 60M100 20L100 90"


@pytest.mark.parametrize(
    "given",
    ["M10 20", "L1 1", "M601 1L2 2", "M1 201L2 2", "M1 1L2 2Z", "M1 1L2 2<script>", "m1 1l2 2", "M1 1L2 2" * 3_000,
     "M1 1L-2 2", "M\u0661 1L2 2", "url(https://example.org)"],
)  # fmt: skip
def test_what_is_no_drawing_of_the_pad_is_refused(given: str) -> None:
    with pytest.raises(intake.SignatureMissing):
        drawing_of(given)


def test_a_drawing_as_long_as_may_be_is_taken() -> None:
    longest = "M1 1" + "L2 2" * ((DRAWN_MOST - 4) // 4)
    assert drawing_of(longest) == longest


@pytest.mark.parametrize("typed", ["", "x", " \t ", "a" * 201, "Maria\u202eAlvarez", "Maria\x00"])
def test_what_is_no_name_is_refused(typed: str) -> None:
    with pytest.raises(intake.SignatureMissing):
        name_of(typed)


async def test_a_drawn_signature_is_kept_encrypted_beside_the_name(forms: Forms) -> None:
    form_id = await forms.open(CONSENT)
    await forms.save(form_id, answer(1, "agree", True))
    with pytest.raises(intake.SignatureMissing):
        await forms.send(form_id, 1, drawn=STROKES)
    await forms.send(form_id, 1, name="Maria Alvarez", drawn=STROKES)
    signature = (await forms.read(form_id)).signature
    assert signature is not None
    assert (signature.name, signature.drawn, signature.is_bound) == ("Maria Alvarez", STROKES, True)
    assert STROKES not in await forms.scalar("select content from questionnaire_response where content is not null")


async def test_a_signature_stands_under_no_other_response_version_or_answer(forms: Forms) -> None:
    form_id = await forms.open(CONSENT)
    await forms.save(form_id, answer(1, "agree", True))
    await forms.send(form_id, 1, name="Maria Alvarez", drawn=STROKES)
    written = await forms.scalar("select content from questionnaire_response where content is not null")
    content = json.loads(crypto.decrypt(written))
    signed, response = content["signature"], content["response"]
    assert is_bound(signed, response)
    others: list[dict[str, Any]] = [{"id": "another"}, {"questionnaire": f"{CONSENT}|2.0.0"}, {"item": []}]
    for changed in others:
        assert not is_bound(signed, json.dumps(json.loads(response) | changed, ensure_ascii=False))
    for part in ("name", "drawn", "words", "at", "version", "url", "person_id"):
        assert not is_bound(signed | {part: "another"}, response)
