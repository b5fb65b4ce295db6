"""Single values: out of FHIR's `value[x]` and back, and whether an answer fits its question."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from typing import Any, Final

from portal_app.features.intake.enabling import order
from portal_app.features.intake.items import OFFERED, Item, Option
from portal_app.features.intake.patterns import matches

_DECIMAL: Final = re.compile(r"-?\d{1,9}(\.\d{1,6})?", re.ASCII)
_DATE: Final = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?", re.ASCII)
_TIME: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d:[0-5]\d", re.ASCII)
_MOMENT: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(Z|[+-]\d{2}:\d{2})", re.ASCII)
_URL: Final = re.compile(r"https?://[^\s<>\"']{1,2000}")
_MOST_CHARACTERS: Final = 5_000
_LARGEST: Final = 2**31 - 1
_FILE_KEY: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_LONGEST_NAME: Final = 200
_REFERENCE: Final = re.compile(r"([A-Z][A-Za-z]+)/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_PLAIN: Final[Mapping[str, type]] = {
    "Boolean": bool, "Integer": int, "Date": str, "DateTime": str, "Time": str, "String": str, "Uri": str,
}  # fmt: skip
_VALUES: Final = {"string": "String", "text": "String", "url": "Uri", "choice": "Coding", "open-choice": "Coding"}


def plain(value: Any, kind: str) -> Any:
    """Return the value of a `value[x]` or `answer[x]` as answers have it, None for what is none of ours."""
    if kind == "Coding" and isinstance(value, dict):
        return str(value.get("code") or value.get("display") or "") or None
    if kind == "Quantity" and isinstance(value, dict) and "value" in value:
        return {"value": str(value["value"]), "unit": str(value.get("code") or value.get("unit") or "")}
    if kind == "Reference" and isinstance(value, dict):
        return _thing(value)
    if kind == "Decimal":
        return str(value) if isinstance(value, int | str) and _DECIMAL.fullmatch(str(value)) else None
    wanted = _PLAIN.get(kind)
    is_number = wanted is int and isinstance(value, bool)
    return value if wanted is not None and isinstance(value, wanted) and not is_number else None


def _thing(value: Mapping[str, Any]) -> dict[str, str] | None:
    """Return a reference as answers have it: one of ours with what it is called, any other by its words alone."""
    reference, display = value.get("reference"), value.get("display", value.get("reference"))
    if not isinstance(display, str) or not display.strip():
        return None
    is_ours = isinstance(reference, str) and _REFERENCE.fullmatch(reference) is not None
    return {"reference": str(reference), "display": display} if is_ours else {"display": display}


def fault_of(item: Item, value: Any) -> str:
    """Return why one value is no answer to a question, or nothing."""
    if not _fits(item, value):
        return "option" if item.type in ("choice", "open-choice") and isinstance(value, str) else "type"
    if isinstance(text := _text(item, value), str):
        if len(text) > (item.max_length or _MOST_CHARACTERS):
            return "too_long"
        if item.pattern and not matches(item.pattern, text):
            return "pattern"
    if item.minimum is not None and _is_beyond(item, value, item.minimum, -1):
        return "too_small"
    if item.maximum is not None and _is_beyond(item, value, item.maximum, 1):
        return "too_large"
    return ""


def _text(item: Item, value: Any) -> str | None:
    if item.type in ("string", "text", "url"):
        return str(value)
    if item.type == "reference":
        return str(value["display"])
    return value["text"] if item.type == "open-choice" and isinstance(value, dict) else None


def _is_beyond(item: Item, value: Any, limit: Any, sign: int) -> bool:
    bound = {"value": limit, "unit": ""} if item.type == "quantity" else limit
    return order(item.type, value, bound) == sign


def _fits(item: Item, value: Any) -> bool:
    check = _FITS.get(item.type)
    return check is not None and check(item, value)


def _is_text(_item: Item, value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip()) and is_whole(value)


def is_whole(text: str) -> bool:
    """Tell whether a text has no half characters, which nothing can show or send."""
    return not any("\ud800" <= one <= "\udfff" for one in text)


def _is_integer(_item: Item, value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _LARGEST


def _is_decimal(_item: Item, value: Any) -> bool:
    return isinstance(value, str) and _DECIMAL.fullmatch(value) is not None


def _is_time(item: Item, value: Any) -> bool:
    return isinstance(value, str) and _is_moment(item.type, value)


def _is_chosen(item: Item, value: Any) -> bool:
    return isinstance(value, str) and value in {one.key for one in item.options}


def _is_moment(kind: str, value: str) -> bool:
    try:
        if kind == "time":
            return bool(_TIME.fullmatch(value)) and time.fromisoformat(value) is not None
        if kind == "dateTime":
            return bool(_MOMENT.fullmatch(value)) and datetime.fromisoformat(value) is not None
        return bool(_DATE.fullmatch(value)) and date.fromisoformat((value + "-01-01")[:10]) is not None
    except ValueError:
        return False


def _is_open_choice(item: Item, value: Any) -> bool:
    if isinstance(value, dict):
        return value.keys() == {"text"} and _is_text(item, value["text"])
    return _is_chosen(item, value)


def _is_quantity(item: Item, value: Any) -> bool:
    if not isinstance(value, dict) or value.keys() != {"value", "unit"} or not isinstance(value["value"], str):
        return False
    return _DECIMAL.fullmatch(value["value"]) is not None and value["unit"] in {one.key for one in item.units} | (
        set() if item.units else {""}
    )


def _is_reference(item: Item, value: Any) -> bool:
    if not isinstance(value, dict) or value.keys() - {"reference"} != {"display"}:
        return False
    reference, is_named = value.get("reference"), _is_text(item, value["display"])
    if reference is None:
        return is_named and "reference" not in value
    found = _REFERENCE.fullmatch(reference) if isinstance(reference, str) else None
    return is_named and found is not None and found[1] in OFFERED and found[1] in (item.targets or OFFERED)


def _is_attachment(_item: Item, value: Any) -> bool:
    if not isinstance(value, dict) or value.keys() != {"file", "name"} or not isinstance(value["file"], str):
        return False
    is_named = _is_text(_item, value["name"]) and len(value["name"]) <= _LONGEST_NAME
    return is_named and _FILE_KEY.fullmatch(value["file"]) is not None


_FITS: Final[Mapping[str, Callable[[Item, Any], bool]]] = {
    "boolean": lambda _item, value: isinstance(value, bool),
    "integer": _is_integer,
    "decimal": _is_decimal,
    "date": _is_time,
    "dateTime": _is_time,
    "time": _is_time,
    "string": _is_text,
    "text": _is_text,
    "url": lambda _item, value: isinstance(value, str) and _URL.fullmatch(value) is not None,
    "choice": _is_chosen,
    "open-choice": _is_open_choice,
    "quantity": _is_quantity,
    "attachment": _is_attachment,
    "reference": _is_reference,
}


def to_fhir(item: Item, value: Any) -> Mapping[str, Any]:
    """Return a value as an answer of a QuestionnaireResponse; a decimal keeps every digit that was given."""
    if item.type in ("choice", "open-choice"):
        if isinstance(value, dict):
            return {"valueString": value["text"]}
        option = _chosen(item.options, value)
        return {"valueCoding": dict(option.coding)} if "code" in option.coding else {"valueString": value}
    if item.type == "quantity":
        unit = _chosen(item.units, value["unit"]) if item.units else None
        named = {"unit": unit.coding.get("display", unit.key), "code": unit.key} if unit else {}
        system = {"system": unit.coding["system"]} if unit and "system" in unit.coding else {}
        return {"valueQuantity": {"value": Exact(value["value"]), **named, **system}}
    if item.type == "attachment":
        return {"valueAttachment": {"url": f"urn:uuid:{value['file']}", "title": value["name"]}}
    if item.type == "reference":
        return {"valueReference": dict(value)}
    name = _VALUES.get(item.type, item.type[0].upper() + item.type[1:])
    return {f"value{name}": Exact(value) if item.type == "decimal" else value}


def _chosen(options: tuple[Option, ...], key: str) -> Option:
    return next(one for one in options if one.key == key)


class Exact(str):
    """The digits of a number, written as a number and as they were given: 1.10 is not 1.1 to whoever measured it."""

    __slots__ = ()
