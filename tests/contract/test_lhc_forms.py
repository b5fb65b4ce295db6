"""The same answers make the same score in LHC-Forms, the NLM's forms, as here.

Each scored form is drawn there and tapped through as a person would. A total of ours is a list of questions; there it
is an SDC expression over the weights of the answers, which LHC-Forms shows, hides and adds up by itself.
"""

import contextlib
import json
import re
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, Route
from playwright.async_api import TimeoutError as Late

from portal_app.features.intake import service as intake
from portal_app.features.intake.checking import problems_of
from portal_app.features.intake.enabling import Sheet
from portal_app.features.intake.parsing import read_questionnaire
from tests.npm_tools import npm_package

pytestmark = pytest.mark.asyncio(loop_scope="session")
SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression"
CONTROL = "http://hl7.org/fhir/StructureDefinition/questionnaire-itemControl"
ORIGIN = "http://lhc-forms.test"
SCRIPTS = ("webcomponent/assets/lib/zone.min.js", "webcomponent/lhc-forms.js", "fhir/R4/lformsFHIR.min.js")
ADD = "(form) => LForms.Util.addFormToPage(form, 'form', { fhirVersion: 'R4' })"
TOTALS = """(links) => {
    const below = (items) => (items ?? []).flatMap((one) => [one, ...below(one.item)]);
    const said = below(LForms.Util.getFormFHIRData('QuestionnaireResponse', 'R4').item);
    const total = (link) => said.find((one) => one.linkId === link)?.answer?.[0].valueInteger ?? null;
    return Object.fromEntries(links.map((link) => [link, total(link)]));
}"""
SCORED = ("phq-2", "phq-9", "gad-7", "audit-c", "hunger-vital-sign", "steadi", "ahc-hrsn")


@pytest_asyncio.fixture(loop_scope="session")
async def page(chromium: Browser) -> AsyncIterator[Page]:
    root = npm_package("lforms") / "dist" / "lforms"
    head = '<!doctype html><html lang="en"><meta charset="utf-8"><title>LHC-Forms</title><div id="form"></div>'

    async def serve(route: Route) -> None:
        path = root / route.request.url.removeprefix(f"{ORIGIN}/")
        if path == root:
            body = head + "".join(f'<script src="/{one}"></script>' for one in SCRIPTS)
            await route.fulfill(body=body, content_type="text/html")
        else:
            await route.fulfill(path=path) if path.is_file() else await route.abort()

    opened = await chromium.new_page()
    await opened.route("**/*", serve)
    await opened.goto(f"{ORIGIN}/")
    await opened.wait_for_function("!!(window.LForms?.Util && LForms.FHIR && customElements.get('wc-lhc-form'))")
    yield opened
    await opened.close()


def for_lhc_forms(written: str) -> dict[str, Any]:
    """Return a form of the library with its totals as SDC expressions, and its choices as buttons to tap."""
    form: dict[str, Any] = json.loads(written)
    for item in _below(form["item"]):
        extensions: list[dict[str, Any]] = item.setdefault("extension", [])
        if links := next((one["valueString"] for one in extensions if one["url"] == "urn:sala:sum"), ""):
            listed = " | ".join(f"'{link}'" for link in links.split())
            path = f"%resource.repeat(item).where(linkId in ({listed})).answer.value.ordinal().sum()"
            extensions.append({"url": SDC, "valueExpression": {"language": "text/fhirpath", "expression": path}})
        elif item["type"] == "choice":
            drawn = _control("check-box" if item.get("repeats") else "radio-button")
            item["extension"] = [*(one for one in extensions if one["url"] != CONTROL), drawn]
    return form


def _control(code: str) -> dict[str, Any]:
    coding = {"system": "http://hl7.org/fhir/questionnaire-item-control", "code": code}
    return {"url": CONTROL, "valueCodeableConcept": {"coding": [coding]}}


def _below(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one for item in items for one in (item, *_below(item.get("item", [])))]


class Tapped:
    """A form filled in here and there at once, with the same answers."""

    def __init__(self, page: Page, form: intake.Questionnaire) -> None:
        self._page, self._form = page, form

    async def fill_in(self, step: int) -> tuple[Mapping[str, int | None], Mapping[str, int | None]]:
        """Answer all that is asked, every question `step` options further than the one before; return both scores."""
        given: dict[str, list[Any]] = {}
        while (place := self._next(given)) is not None:
            options = place.item.options
            chosen = options[(step + len(given) * (step > 0)) % len(options)]
            words = re.compile(rf"^\s*{re.escape(chosen.words['en'])}(\s*-\s*\d+)?\s*$")
            asked = self._page.locator(f'[id="item-{place.key}/1"], [id^="item-{place.key}/1/"]')
            await asked.locator("label").filter(has_text=words).click()
            given[place.key] = [chosen.key]
        ours = dict(intake.totals(self._form, given))
        with contextlib.suppress(Late):  # it adds up a moment after the tap; what stands at last is compared
            same = f"(ours) => JSON.stringify(({TOTALS})(Object.keys(ours))) === JSON.stringify(ours)"
            await self._page.wait_for_function(same, arg=ours, timeout=30_000)
        return ours, await self._page.evaluate(TOTALS, list(ours))

    def _next(self, given: Mapping[str, list[Any]]) -> Any:
        places = Sheet(self._form, given).places()
        return next((one for one in places if one.item.is_asked() and one.key not in given), None)


@pytest.mark.parametrize("name", SCORED)
async def test_a_score_is_the_same(page: Page, name: str) -> None:
    written = intake.shipped()[f"urn:sala:form:{name}"]
    form = read_questionnaire(written)
    found = []
    for step in range(3):
        await page.evaluate(ADD, for_lhc_forms(written))
        ours, theirs = await Tapped(page, form).fill_in(step)
        assert ours == theirs
        found.append(ours)
    assert found[0] != found[1]


@pytest.mark.parametrize(("typed", "is_taken"), [("0", True), ("7", True), ("10", True), ("11", False), ("-1", False)])
async def test_pain_is_the_number_that_is_typed_and_has_the_same_limits(page: Page, typed: str, is_taken: bool) -> None:
    written = intake.shipped()["urn:sala:form:pain-0-10"]
    await page.evaluate(ADD, json.loads(written))
    await page.locator('input[id^="72514-3/"]').fill(typed)
    await page.keyboard.press("Tab")
    await page.wait_for_function(f"({TOTALS})(['72514-3'])['72514-3'] === {typed}")
    faults = await page.evaluate("LForms.Util.checkValidity()")
    ours = problems_of(read_questionnaire(written), {"72514-3": [int(typed)]})
    assert (not faults, not ours) == (is_taken, is_taken)
