"""Every action that the code records about a chart has words, in every language."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal_app.core import i18n
from portal_app.core.i18n import _
from portal_app.features.billing.money import SIDES
from portal_app.features.booking.rules import AppointmentStatus
from portal_app.features.payments.rules import NEXT
from portal_app.features.privacy.rules import SEEING_KINDS
from portal_app.features.privacy.sentences import SENTENCES
from portal_app.operations.places import CHECKOUT

VARIED: dict[tuple[str, str], list[str]] = {
    ("features/billing/books.py", "f'billing.post_{kind}'"): [*SIDES, "correction"],
    ("features/billing/refund_outcome.py", "f'billing.refund_{to}'"): ["failed", "succeeded"],
    ("features/billing/review.py", "f'billing.{review}'"): ["held", "ready"],
    ("features/booking/day.py", "f'booking.{status.value}'"): ["arrived", "booked", "fulfilled", "noshow"],
    ("features/payments/settling.py", "f'payments.{to}'"): sorted(NEXT.keys() - {"new"}),
    ("features/privacy/seeing.py", "f'privacy.see_as_patient_{kind}'"): list(SEEING_KINDS),
    ("features/reconciling/disputes.py", "f'reconciling.{kind}'"): ["dispute_lost", "dispute_won"],
    ("features/waiting/offering.py", "f'waiting.{status}'"): ["lapsed", "withdrawn"],
    ("features/profile/contacts.py", "f'profile.propose_{kind}'"): ["email", "phone"],
    ("features/profile/contacts.py", "f'profile.change_{kind}'"): ["email", "phone"],
    ("features/patients/registering.py", "f'patients.registration_{status}'"): ["accepted", "linked"],
}
"""Actions put together where they are recorded; one that is not here fails below."""

Found = tuple[str, str]


def recorded(source: Path) -> Iterator[Found]:
    """Yield (file, action as written) of each call that records an event about a chart."""
    tree = ast.parse(source.read_text())
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            for call in _calls(function, {"record", "record_each", "record_view"}):
                if len(call.args) > 1 and not _is_about_nobody(call):
                    yield from _actions(tree, function, call.args[1], source)


def _calls(tree: ast.AST, names: set[str]) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            if name in names:
                yield node


def _is_about_nobody(call: ast.Call) -> bool:
    values = [one.value for one in call.keywords if one.arg == "patient_id"]
    return any(isinstance(value, ast.Constant) and value.value is None for value in values)


def _actions(
    tree: ast.Module, function: ast.FunctionDef | ast.AsyncFunctionDef, action: ast.expr, source: Path
) -> Iterator[Found]:
    """Yield an action written out, or, where it is an argument, what each call in the file gives for it."""
    file = source.relative_to(CHECKOUT / "portal_app").as_posix()
    arguments = [one.arg for one in function.args.args]
    if isinstance(action, ast.Name) and action.id in arguments:
        for caller in ast.walk(tree):
            if isinstance(caller, ast.FunctionDef | ast.AsyncFunctionDef) and caller is not function:
                for call in _calls(caller, {function.name}):
                    yield from _actions(tree, caller, call.args[arguments.index(action.id)], source)
    elif isinstance(action, ast.Name):
        values = [one.value for one in ast.walk(function) if isinstance(one, ast.Assign)
                  and any(isinstance(to, ast.Name) and to.id == action.id for to in one.targets)]  # fmt: skip
        for value in values or [ast.Constant(f"{action.id} in {file}")]:
            yield from _actions(tree, function, value, source)
    elif isinstance(action, ast.IfExp):
        yield from _actions(tree, function, action.body, source)
        yield from _actions(tree, function, action.orelse, source)
    elif isinstance(action, ast.Constant):
        yield file, str(action.value)
    else:
        yield file, ast.unparse(action)


def actions() -> set[str]:
    found: set[str] = set()
    for source in sorted((CHECKOUT / "portal_app").rglob("*.py")):
        if source.name != "audit.py":
            for file, written in recorded(source):
                stem = written[2:].partition("{")[0] if written.startswith("f'") else ""
                found |= {stem + end for end in VARIED[file, written]} if stem else {written}
    return found


def test_each_action_about_a_chart_has_words() -> None:
    found = actions()
    assert {"booking.book", "tasks.claim", "callback.view", "waiting.lapsed"} <= found
    assert found - SENTENCES.keys() == set()


def test_the_states_put_together_are_those_there_are() -> None:
    assert set(VARIED["features/booking/day.py", "f'booking.{status.value}'"]) <= set(AppointmentStatus)


@pytest.mark.parametrize("locale", [one for one in i18n.LOCALES if one != i18n.DEFAULT_LOCALE])
def test_the_words_are_said_in_each_language(locale: str) -> None:
    with i18n.use(locale):
        assert [name for name, one in SENTENCES.items() if _(one.words) == one.words] == []
