"""A questionnaire as the browser gets it: in one language, with the conditions and limits it decides by itself."""

from collections.abc import Mapping
from typing import Any

from portal_app.features.intake.items import Item, Option, Questionnaire, said


def sheet_of(questionnaire: Questionnaire, locale: str, offered: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return what `assets/form_rules.js` works with; hidden items stay, since conditions may ask for them.

    `offered` is what questions for a reference can be answered with: what it is called, by its reference.
    """
    base = questionnaire.language
    return {
        "title": said(questionnaire.title, locale, base),
        "signed": questionnaire.is_signed,
        "items": [_item(item, locale, base, offered or {}) for item in questionnaire.items],
    }


def _item(item: Item, locale: str, base: str, offered: Mapping[str, str]) -> dict[str, Any]:
    full = {
        "id": item.link_id,
        "type": item.type,
        "text": said(item.words, locale, base),
        "items": [_item(one, locale, base, offered) for one in item.items],
        "options": [_option(one, locale, base) for one in item.options] or _things(item, offered),
        "units": [_option(one, locale, base) for one in item.units],
        "when": [{"question": one.question, "operator": one.operator, "answer": one.answer} for one in item.when],
        "any": item.is_any,
        "required": item.required,
        "repeats": item.repeats,
        "asked": item.is_asked(),
        "hidden": item.is_hidden or bool(item.sum_of),
        "maxLength": item.max_length,
        "min": item.minimum,
        "max": item.maximum,
        "pattern": _pattern(item),
        "control": item.control,
        "link": item.link,
        "initial": list(item.initial),
        "sum": list(item.sum_of),
        "urgent": item.urgent_from,
        "targets": list(item.targets),
    }
    return {name: value for name, value in full.items() if value or (value == 0 and value is not False)}


def _things(item: Item, offered: Mapping[str, str]) -> list[dict[str, Any]]:
    if item.type != "reference":
        return []
    return [
        {"key": key, "text": name} for key, name in offered.items()
        if not item.targets or key.partition("/")[0] in item.targets
    ]  # fmt: skip


def _pattern(item: Item) -> str:
    start = item.pattern.removeprefix("^")
    return start[:-1] if start.endswith("$") and not start.endswith("\\$") else start


def _option(option: Option, locale: str, base: str) -> dict[str, Any]:
    made: dict[str, Any] = {"key": option.key, "text": said(option.words, locale, base)}
    if option.weight is not None:
        made["weight"] = option.weight
    return made | ({"alone": True} if option.is_exclusive else {})
