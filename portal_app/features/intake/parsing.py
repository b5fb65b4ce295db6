"""Read a FHIR R4 Questionnaire, and refuse with a path what cannot be drawn, answered or trusted.

https://hl7.org/fhir/R4/questionnaire.html; extensions of https://hl7.org/fhir/R4/questionnaire-profiles.html. Our own
are named `urn:sala:…`: which items are summed up (`sum`), what a total means (`band`), from which weight on an answer
is urgent (`urgent-from`), that only the patient may answer (`self-report`), whom to call in a crisis (`crisis-line`).
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from portal_app.features.intake.items import OWN_VERSION, Item, Problem, Questionnaire
from portal_app.features.intake.parts import BASE, Faults, extension, item_of, link_of, words_of
from portal_app.features.intake.wiring import check_wiring

LONGEST: Final = 1_000_000
"""How many characters a questionnaire may have."""
MOST_ITEMS: Final = 1_000
DEEPEST: Final = 8
_HEAD: Final = {"url": re.compile(r"[!-~]{1,255}"), "version": re.compile(r"[!-~]{1,64}")}
_CALLED: Final = re.compile(r"\+?[0-9][0-9 -]{1,19}")
_LONGEST_NOTICE: Final = 5_000
_EXPRESSIONS: Final = ("calculatedExpression", "initialExpression", "enableWhenExpression", "answerExpression")
_SDC: Final = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-"


class QuestionnaireRefused(ValueError):
    """A questionnaire cannot be taken; `problems` says where and why."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        """Remember what is wrong."""
        super().__init__(problems[0].code)
        self.problems = tuple(problems)


def read_questionnaire(written: str) -> Questionnaire:
    """Return a questionnaire from its JSON.

    Raises:
        QuestionnaireRefused: with everything that is wrong, each with its path.
    """
    if len(written) > LONGEST:
        raise QuestionnaireRefused([Problem("Questionnaire", "too_large")])
    try:
        resource = json.loads(written, parse_float=str, parse_constant=_no_number)
        json.dumps(resource, ensure_ascii=False).encode()  # half a character cannot be shown anywhere
    except (ValueError, RecursionError):
        raise QuestionnaireRefused([Problem("Questionnaire", "no_json")]) from None
    if not isinstance(resource, dict) or resource.get("resourceType") != "Questionnaire":
        raise QuestionnaireRefused([Problem("Questionnaire", "no_questionnaire")])
    return _Reader(resource, hashlib.sha256(written.encode()).hexdigest()).read()


def _no_number(written: str) -> None:
    raise ValueError(written)


class _Reader:
    """Reads one resource and gathers what is wrong with it."""

    def __init__(self, resource: Mapping[str, Any], digest: str) -> None:
        self._resource, self._digest = resource, digest
        self._faults = Faults()
        self._notes: list[Problem] = []
        self._paths: dict[str, str] = {}
        self._language = resource.get("language", "en") if isinstance(resource.get("language", "en"), str) else "en"

    def read(self) -> Questionnaire:
        """Return the whole questionnaire, or refuse it with everything that was noted."""
        resource, faults = self._resource, self._faults
        items = self._items(resource.get("item"), "Questionnaire.item", 1)
        title = words_of(resource, "title", self._language, "Questionnaire.title", faults)
        url, version = self._head("url"), self._version()
        for name, given in (("title", title), ("item", items or faults.found)):
            if not given:
                faults.note(f"Questionnaire.{name}", "missing")
        crisis_line = str(extension(resource, "urn:sala:crisis-line") or "")
        if crisis_line and not _CALLED.fullmatch(crisis_line):
            faults.note("Questionnaire.extension(crisis-line)", "number")
        if not faults.found:
            check_wiring(items, self._paths, faults)
        if faults.found:
            raise QuestionnaireRefused(faults.found)
        return Questionnaire(
            url, version, title, items, self._language, self._notice("publisher"), self._notice("copyright"),
            extension(resource, f"{BASE}questionnaire-signatureRequired") is not None,
            bool(extension(resource, "urn:sala:self-report")), crisis_line, tuple(self._notes),
        )  # fmt: skip

    def _head(self, name: str) -> str:
        """Return the address or the version, by which this one is told from all others."""
        given = self._resource.get(name)
        if not given:
            self._faults.note(f"Questionnaire.{name}", "missing")
        elif not isinstance(given, str) or not _HEAD[name].fullmatch(given):
            self._faults.note(f"Questionnaire.{name}", name)
        return str(given)

    def _version(self) -> str:
        """Return the version; one that says none, as many do, is told from the next one by its words."""
        if self._resource.get("version") is not None:
            return self._head("version")
        self._notes.append(Problem("Questionnaire.version", "no_version"))
        return f"{OWN_VERSION}{self._digest[:16]}"

    def _notice(self, name: str) -> str:
        given = self._resource.get(name)
        return given[:_LONGEST_NOTICE] if isinstance(given, str) else ""

    def _items(self, given: Any, path: str, depth: int) -> tuple[Item, ...]:
        if given is None:
            return ()
        if depth > DEEPEST:
            self._faults.note(path, "too_deep")
            return ()
        if not isinstance(given, list) or not given:
            self._faults.note(path, "no_list")
            return ()
        return tuple(
            item for n, one in enumerate(given) if (item := self._item(one, f"{path}[{n}]", depth)) is not None
        )

    def _item(self, given: Any, path: str, depth: int) -> Item | None:
        if len(self._paths) >= MOST_ITEMS:
            self._faults.note("Questionnaire.item", "too_many_items")
            return None
        if not isinstance(given, dict):
            self._faults.note(path, "no_item")
            return None
        link_id = link_of(given, path, self._faults)
        if self._paths.setdefault(link_id, path) != path:
            self._faults.note(f"{path}.linkId", "used_twice")
        for name in _EXPRESSIONS:
            if extension(given, _SDC + name) is not None:
                self._notes.append(Problem(path, "expression_unused"))
        below = self._items(given.get("item"), f"{path}.item", depth + 1)
        return item_of(given, path, self._resource, self._language, below, self._faults)
