"""The first look at one measure: words of people stay words, and what is not there takes no room."""

from typing import Any

from portal_app.core import i18n
from portal_app.pages import _vitals_first

HOSTILE = '"><script>alert(1)</script>'
SHOWN: dict[str, Any] = {
    "title": "Blood pressure",
    "measure": "blood_pressure", "period": "month", "last": 1, "lead": "Average", "number": "120/80", "unit": "mmHg",
    "finding": "In the usual range", "tone": "good", "basis": "Of 2 readings", "sentence": "2 readings.",
    "begins": "May 4", "marks": [{"text": "120", "y": "64", "at": "60"}],
    "periods": [
        {"href": "/vitals/see?what=blood_pressure&period=week", "label": "Week", "here": False},
        {"href": "/vitals/see?what=blood_pressure&period=month", "label": "Month", "here": True},
    ],
    "parts": [], "halves": "Mornings 118/79",
    "drawing": {
        "line": "M1 1", "line2": "", "dots": "M1 1h0", "dots2": "", "top": "20", "height": "0", "visits": "M2 2",
        "medicines": "",
    },
}  # fmt: skip


def _drawn(**changed: Any) -> str:
    with i18n.use("en"):
        return str(_vitals_first.draw(SHOWN | changed))


def test_all_that_is_said_is_in_it_with_the_way_to_another_time() -> None:
    html = _drawn()
    for words in (
        "Blood pressure",
        "Average",
        "120/80",
        "mmHg",
        "In the usual range",
        "Of 2 readings",
        "2 readings.",
        "Mornings 118/79",
        "May 4",
        "visit",
    ):
        assert words in html
    assert 'href="/vitals/see?what=blood_pressure&amp;period=week">Week' in html
    assert 'period=month" aria-current="true">Month' in html
    assert "medicine" not in html
    assert "Which readings" not in html


def test_words_cannot_become_anything_else() -> None:
    names = ("lead", "number", "unit", "finding", "tone", "basis", "halves", "sentence", "begins")
    html = _drawn(**dict.fromkeys(names, HOSTILE), drawing=dict.fromkeys(SHOWN["drawing"], HOSTILE))
    assert ("<script" in html, '""' in html) == (False, False)
    assert html.count("&#34;&gt;&lt;script&gt;") > 10


def test_of_one_reading_there_is_nothing_to_go_through_and_no_average_to_explain() -> None:
    html = _drawn(last=0, basis="", finding="")
    assert ("range" in html, "Of 2 readings" in html, 'class="tag' in html) == (False, False, False)
