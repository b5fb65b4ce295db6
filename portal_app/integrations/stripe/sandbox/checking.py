"""Requests held against the types that come with stripe-python: what Stripe would turn down is turned down here."""

import types
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any, Final, Literal, NotRequired, Required, Union, get_args, get_origin, get_type_hints

import stripe
from stripe._request_options import RequestOptions
from stripe._stripe_object import UntypedStripeObject
from typing_extensions import is_typeddict

from portal_app.integrations.stripe.sandbox.refusals import Refused

Sent = dict[str, Any]
_OF_THE_CLIENT: Final = frozenset(RequestOptions.__annotations__)
_LATE_NAMES: Final = {"StripeContext": stripe.StripeContext, "Mapping": Mapping}


def decoded(pairs: Iterable[tuple[str, str]]) -> Sent:
    """Return a form as a tree: `a[b][0]=c` is `{"a": {"b": {"0": "c"}}}`."""
    tree: Sent = {}
    for name, value in pairs:
        first, *rest = name.replace("]", "").split("[")
        branch, key = tree, first
        for part in rest:
            branch = branch.setdefault(key, {})
            if not isinstance(branch, dict):
                raise Refused(f"Invalid object: {name}", param=name)
            key = part
        branch[key] = value
    return tree


def checked(params: Any, sent: Mapping[str, Any], path: str = "") -> Sent:
    """Return what was sent with the types it should have. Raises Refused with Stripe's words for what is wrong."""
    fields = _fields(params, at_top=not path)
    for name in sent.keys() - fields.keys():
        where = _named(path, name)
        raise Refused(f"Received unknown parameter: {where}", code="parameter_unknown", param=where)
    for name in params.__required_keys__ & fields.keys() - sent.keys():
        where = _named(path, name)
        raise Refused(f"Missing required param: {where}.", code="parameter_missing", param=where)
    return {name: _fitting(fields[name], value, _named(path, name)) for name, value in sent.items()}


@cache
def _fields(params: Any, *, at_top: bool) -> dict[str, Any]:
    hints = get_type_hints(params, localns=_LATE_NAMES, include_extras=True)
    return {name: hint for name, hint in hints.items() if not (at_top and name in _OF_THE_CLIENT)}


def _named(path: str, name: str) -> str:
    return f"{path}[{name}]" if path else name


def _members(hint: Any) -> list[Any]:
    """Return the types a value may have, one beside the other."""
    origin = get_origin(hint)
    if origin in (NotRequired, Required):
        return _members(get_args(hint)[0])
    if origin in (Union, types.UnionType):
        return [member for part in get_args(hint) for member in _members(part)]
    return [hint]


def _fitting(hint: Any, value: Any, path: str) -> Any:
    members = _members(hint)
    return _fitting_tree(members, value, path) if isinstance(value, dict) else _fitting_text(members, value, path)


def _fitting_tree(members: list[Any], tree: Sent, path: str) -> Any:
    for member in members:
        origin = get_origin(member) or member
        if is_typeddict(member):
            return checked(member, tree, path)
        if origin is list and all(key.isdigit() for key in tree):
            item = get_args(member)[0]
            return [_fitting(item, tree[key], f"{path}[{key}]") for key in sorted(tree, key=int)]
        if origin in (dict, UntypedStripeObject):
            item = get_args(member)[-1] if get_args(member) else str
            return {key: _fitting(Union[item, Literal[""]], one, _named(path, key)) for key, one in tree.items()}  # noqa: UP007 - made while running
    raise Refused(f"Invalid value for {path}: an object was sent where none is taken", param=path)


def _fitting_text(members: list[Any], text: str, path: str) -> Any:
    choices = [choice for member in members if get_origin(member) is Literal for choice in get_args(member)]
    if text in choices:
        return text
    for kind, read in _READERS.items():
        if kind in members:
            return read(text, path)
    # Stripe's clients take any text for a choice, so as to know those that come later; Stripe itself does not.
    if str in members and not any(choices):
        if not text:
            words = (
                f"You passed an empty string for '{path}'. We assume empty values are an attempt to unset a parameter"
            )
            raise Refused(words, code="parameter_invalid_empty", param=path)
        return text
    if choices:
        raise Refused(f"Invalid {path}: must be one of {', '.join(map(str, choices))}", param=path)
    raise Refused(f"Invalid {'array' if any(get_origin(one) is list for one in members) else 'object'}", param=path)


def _integer(text: str, path: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise Refused(f"Invalid integer: {text}", code="parameter_invalid_integer", param=path) from None


def _truth(text: str, path: str) -> bool:
    if text not in ("true", "false"):
        raise Refused(f"Invalid boolean: {text}", param=path)
    return text == "true"


def _number(text: str, path: str) -> str:
    try:
        return str(Decimal(text))
    except InvalidOperation:
        raise Refused(f"Invalid decimal: {text}", param=path) from None


_READERS: Final = {int: _integer, bool: _truth, Decimal: _number, float: _number}
