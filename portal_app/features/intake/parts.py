"""The parts of one item of a FHIR Questionnaire: texts in all languages, options, conditions, limits."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from portal_app.features.intake.items import TYPES, Band, Item, Option, Problem, When, Words
from portal_app.features.intake.patterns import is_safe
from portal_app.features.intake.values import plain

BASE: Final = "http://hl7.org/fhir/StructureDefinition/"
LONGEST_TEXT: Final = 20_000
MOST_OPTIONS: Final = 200
MOST_CONDITIONS: Final = 20
MOST_PROBLEMS: Final = 50
_MARKUP: Final = re.compile(r"<\s*[a-zA-Z/!?]|[\x00-\x08\x0b\x0c\x0e-\x1f\u202a-\u202e\u2066-\u2069]")
_LINK_ID: Final = re.compile(r"[^\s]{1,255}")
_WEIGHT: Final = re.compile(r"(-?[0-9]{1,6})(\.[0-9]*)?")
_PLAIN_OPTIONS: Final = ("valueString", "valueInteger", "valueDate", "valueTime")
_OPERATORS: Final = frozenset({"exists", "=", "!=", ">", "<", ">=", "<="})
_LIMITED: Final = frozenset({"integer", "decimal", "date", "dateTime", "quantity"})


class Faults:
    """What is wrong, gathered so that it is all said at once; no more than anybody would read."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.found: list[Problem] = []

    def note(self, at: str, code: str) -> None:
        """Remember one more."""
        if len(self.found) < MOST_PROBLEMS:
            self.found.append(Problem(at, code))


def extension(element: Any, url: str) -> Any:
    """Return the value of the first extension of a kind, or None."""
    return next(iter(extensions(element, url)), None)


def extensions(element: Any, url: str) -> list[Any]:
    """Return the values of all extensions of a kind; of one with parts, the extension itself."""
    listed = element.get("extension") if isinstance(element, dict) else None
    found = (
        [one for one in listed if isinstance(one, dict) and one.get("url") == url] if isinstance(listed, list) else []
    )
    return [next((value for name, value in one.items() if name.startswith("value")), one) for one in found]


def words_of(element: Mapping[str, Any], name: str, base: str, path: str, faults: Faults) -> Words:
    """Return a text and its translations (extension `translation` on the element's shadow)."""
    given = element.get(name)
    if given is None:
        return {}
    found = {base: given}
    for one in extensions(element.get(f"_{name}"), f"{BASE}translation"):
        parts = _parts_of(one)
        lang, content = parts.get("lang", {}), parts.get("content", {})
        code = lang.get("valueCode")
        text = content.get("valueString") or content.get("valueMarkdown")
        if isinstance(code, str) and text:
            found[code] = text
    for text in found.values():
        if not isinstance(text, str) or not text.strip():
            faults.note(path, "no_text")
        elif len(text) > LONGEST_TEXT:
            faults.note(path, "text_too_long")
        elif _MARKUP.search(text):
            faults.note(path, "markup")
    return {lang: text for lang, text in found.items() if isinstance(text, str)}


def _parts_of(one: Any) -> dict[Any, dict[str, Any]]:
    """Return the parts of an extension that has some, by their names."""
    listed = one.get("extension") if isinstance(one, dict) else None
    parts = [part for part in listed if isinstance(part, dict)] if isinstance(listed, list) else []
    return {part["url"]: part for part in parts if isinstance(part.get("url"), str)}


def link_of(given: Mapping[str, Any], path: str, faults: Faults) -> str:
    """Return an item's linkId; keys are made of it, so it has no spaces."""
    link_id = given.get("linkId")
    if not isinstance(link_id, str) or not _LINK_ID.fullmatch(link_id) or _MARKUP.search(link_id):
        faults.note(f"{path}.linkId", "link_id")
        return path
    return link_id


def item_of(
    given: Mapping[str, Any], path: str, resource: Mapping[str, Any], base: str, below: tuple[Item, ...], faults: Faults
) -> Item | None:
    """Return one item of a questionnaire, with what was read of what is below it; None if it is of no known type."""
    kind = given.get("type")
    if kind not in TYPES:
        faults.note(f"{path}.type", "type")
        return None
    if kind == "display" and below:
        faults.note(f"{path}.item", "below_display")
    is_repeated = given.get("repeats") is True
    if kind != "group" and is_repeated and any(one.type != "display" for one in below):
        faults.note(f"{path}.item", "below_repeated")
    words = words_of(given, "text", base, f"{path}.text", faults)
    if not words and kind != "group":
        faults.note(f"{path}.text", "missing")
    options = _options(given, kind, path, resource, base, faults)
    units = _units(given, base, path, faults) if kind in ("quantity", "integer", "decimal") else ()
    return Item(
        str(given.get("linkId")), kind, words, below, options, units, _conditions(given, path, faults),
        given.get("enableBehavior") == "any", given.get("required") is True, is_repeated, given.get("readOnly") is True,
        extension(given, f"{BASE}questionnaire-hidden") is True, _length(given, path, faults),
        _limit(given, kind, "minValue", path, faults), _limit(given, kind, "maxValue", path, faults),
        _pattern(given, path, faults), _control(given), _support(given, path, faults),
        _initial(given, kind, options, path, faults), tuple(str(extension(given, "urn:sala:sum") or "").split()),
        _bands(given, base, path, faults), _urgent_from(given, path, faults), _targets(given),
    )  # fmt: skip


def _options(
    given: Mapping[str, Any], kind: str, path: str, resource: Mapping[str, Any], base: str, faults: Faults
) -> tuple[Option, ...]:
    if kind not in ("choice", "open-choice"):
        return ()
    listed, where = given.get("answerOption"), f"{path}.answerOption"
    if "answerValueSet" in given:
        listed, where = _contained(given["answerValueSet"], resource), f"{path}.answerValueSet"
    if not isinstance(listed, list) or not listed or len(listed) > MOST_OPTIONS:
        faults.note(where, "options")
        return ()
    found = [_option(one, f"{where}[{n}]", base, faults) for n, one in enumerate(listed)]
    if len({one.key for one in found}) < len(found):
        faults.note(where, "same_option_twice")
    return tuple(found)


def _contained(address: Any, resource: Mapping[str, Any]) -> list[Any] | None:
    """Return the codes of a value set that the questionnaire brings with it; nothing is fetched from elsewhere."""
    brought = resource.get("contained")
    sets = [one for one in brought if isinstance(one, dict)] if isinstance(brought, list) else []
    one = next((one for one in sets if f"#{one.get('id')}" == address and one.get("resourceType") == "ValueSet"), None)
    try:
        parts = one["compose"]["include"] if one else []
        return [{"valueCoding": {"system": part["system"], **code}} for part in parts for code in part["concept"]]
    except (KeyError, TypeError):
        return None


def _option(given: Any, path: str, base: str, faults: Faults) -> Option:
    coding = given.get("valueCoding") if isinstance(given, dict) else None
    if not isinstance(coding, dict):
        named = [one for one in _PLAIN_OPTIONS if one in given] if isinstance(given, dict) else []
        if not named:
            faults.note(path, "option")
            return Option(path, {}, {})
        coding = {"display": str(given[named[0]])}
    words = words_of(coding, "display", base, f"{path}.display", faults)
    key = str(coding.get("code") or coding.get("display") or "")
    if not key or not words:
        faults.note(path, "option")
    weight = _weight(given, coding)
    is_exclusive = extension(given, f"{BASE}questionnaire-optionExclusive") is True
    kept = {name: coding[name] for name in ("system", "code", "display") if isinstance(coding.get(name), str)}
    return Option(key, words, kept, weight, is_exclusive)


def _weight(given: Any, coding: Any) -> int | None:
    for url in (f"{BASE}ordinalValue", f"{BASE}itemWeight"):
        for element in (given, coding):
            value = extension(element, url)
            if isinstance(value, int | str) and (whole := _WEIGHT.fullmatch(str(value))) is not None:
                return int(whole[1])
    return None


def _units(given: Mapping[str, Any], base: str, path: str, faults: Faults) -> tuple[Option, ...]:
    listed = [*extensions(given, f"{BASE}questionnaire-unit"), *extensions(given, f"{BASE}questionnaire-unitOption")]
    shown = [{"display": one.get("code"), **one} if isinstance(one, dict) else one for one in listed]
    return tuple(_option({"valueCoding": one}, f"{path}.extension", base, faults) for one in shown[:MOST_OPTIONS])


def _conditions(given: Mapping[str, Any], path: str, faults: Faults) -> tuple[When, ...]:
    listed = given.get("enableWhen", [])
    if not isinstance(listed, list) or len(listed) > MOST_CONDITIONS:
        faults.note(f"{path}.enableWhen", "conditions")
        return ()
    if len(listed) > 1 and given.get("enableBehavior") not in ("all", "any"):
        faults.note(f"{path}.enableBehavior", "missing")
    found = []
    for n, one in enumerate(listed):
        answers = [name for name in one if name.startswith("answer")] if isinstance(one, dict) else []
        named = isinstance(one, dict) and all(isinstance(one.get(name), str) for name in ("operator", "question"))
        if not named or len(answers) != 1 or one["operator"] not in _OPERATORS:
            faults.note(f"{path}.enableWhen[{n}]", "condition")
            continue
        answer = plain(one[answers[0]], answers[0].removeprefix("answer"))
        if answer is None or (one["operator"] == "exists" and not isinstance(answer, bool)):
            faults.note(f"{path}.enableWhen[{n}].{answers[0]}", "condition")
            continue
        found.append(When(one["question"], one["operator"], answer))
    return tuple(found)


def _length(given: Mapping[str, Any], path: str, faults: Faults) -> int | None:
    length = given.get("maxLength")
    if length is not None and (
        not isinstance(length, int) or isinstance(length, bool) or not 0 < length <= LONGEST_TEXT
    ):
        faults.note(f"{path}.maxLength", "limit")
        return None
    return length


def _limit(given: Mapping[str, Any], kind: str, name: str, path: str, faults: Faults) -> Any:
    value = extension(given, BASE + name)
    if value is None or kind not in _LIMITED:
        return None
    limit = str(value) if kind in ("decimal", "quantity") and not isinstance(value, bool) else value
    if not isinstance(limit, str if kind != "integer" else int):
        faults.note(f"{path}.extension({name})", "limit")
        return None
    return limit


def _pattern(given: Mapping[str, Any], path: str, faults: Faults) -> str:
    pattern = extension(given, f"{BASE}regex") or ""
    if not isinstance(pattern, str) or (pattern and not is_safe(pattern)):
        faults.note(f"{path}.extension(regex)", "pattern")
        return ""
    return pattern


def _control(given: Mapping[str, Any]) -> str:
    concept = extension(given, f"{BASE}questionnaire-itemControl")
    codings = concept.get("coding") if isinstance(concept, dict) else None
    first = codings[0] if isinstance(codings, list) and codings else {}
    return str(first.get("code") or "") if isinstance(first, dict) else ""


def _support(given: Mapping[str, Any], path: str, faults: Faults) -> str:
    link = extension(given, f"{BASE}questionnaire-supportLink") or ""
    if link and (not isinstance(link, str) or not re.fullmatch(r"https://[^\s<>\"']{1,500}", link)):
        faults.note(f"{path}.extension(supportLink)", "link")
        return ""
    return str(link)


def _initial(
    given: Mapping[str, Any], kind: str, options: Sequence[Option], path: str, faults: Faults
) -> tuple[Any, ...]:
    listed = given.get("initial", [])
    if not isinstance(listed, list) or not all(isinstance(one, dict) and len(one) == 1 for one in listed):
        faults.note(f"{path}.initial", "initial")
        return ()
    found = [plain(value, name.removeprefix("value")) for one in listed for name, value in one.items()]
    if kind in ("group", "display") and found:
        faults.note(f"{path}.initial", "initial")
    if any(one is None for one in found) or (
        kind == "choice" and any(one not in [option.key for option in options] for one in found)
    ):
        faults.note(f"{path}.initial", "initial")
    return tuple(found)


def _targets(given: Mapping[str, Any]) -> tuple[str, ...]:
    listed = extensions(given, f"{BASE}questionnaire-referenceResource")
    return tuple(one for one in listed if isinstance(one, str))


def _urgent_from(given: Mapping[str, Any], path: str, faults: Faults) -> int | None:
    weight = extension(given, "urn:sala:urgent-from")
    if weight is not None and (not isinstance(weight, int) or isinstance(weight, bool)):
        faults.note(f"{path}.extension(urgent-from)", "number")
        return None
    return weight


def _bands(given: Mapping[str, Any], base: str, path: str, faults: Faults) -> tuple[Band, ...]:
    found = []
    for one in extensions(given, "urn:sala:band"):
        parts = _parts_of(one)
        low, meaning = parts.get("low", {}).get("valueInteger"), parts.get("meaning", {})
        if not isinstance(low, int):
            faults.note(f"{path}.extension(band)", "band")
            continue
        found.append(Band(low, words_of(meaning, "valueString", base, f"{path}.extension(band)", faults)))
    return tuple(sorted(found, key=lambda band: band.low))
