"""`./portal doctor stripe` asks an account how it is set up, and says what stands in the way of being paid."""

from collections.abc import Iterator
from typing import Any

import pytest

from portal_app.operations import doctor, doctor_stripe
from portal_app.settings import Settings
from tests.practice_stripe import Practice, running

ORIGIN = "https://portal.example.org"


@pytest.fixture(scope="module")
def practice(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Practice]:
    with running(tmp_path_factory.mktemp("practice"), f"{ORIGIN}/webhooks/stripe") as practice:
        practice.control(drop=True)
        yield practice


def looks(practice: Practice, **more: Any) -> list[str]:
    """Return what needs a look."""
    settings = practice.settings(Settings(origin=ORIGIN)).model_copy(update=more)
    return [words for is_well, words, _advice in doctor_stripe.findings(settings) if not is_well]


@pytest.fixture
def account(practice: Practice) -> Iterator[Practice]:
    yield practice
    practice.do("set", account={}, endpoint={}, methods={})


def test_a_sound_account_is_well(practice: Practice, capsys: pytest.CaptureFixture[str]) -> None:
    assert doctor.main(practice.settings(Settings(origin=ORIGIN)), "stripe") == 0
    said = capsys.readouterr().out
    assert "Payers are offered: card, us_bank_account" in said
    assert practice.key not in said
    assert practice.secret not in said


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"account": {"charges_enabled": False}}, "takes no payments"),
        ({"account": {"settings": {}}}, "name the practice"),
        ({"methods": {"card": {}}}, "offered: us_bank_account"),
        ({"endpoint": {"url": "https://other.example.org"}}, f"No webhook leads to {ORIGIN}/webhooks/stripe"),
        ({"endpoint": {"status": "disabled"}}, "A webhook leads to"),
        ({"endpoint": {"enabled_events": ["payment_intent.succeeded"]}}, "not sent checkout.session."),
        ({"endpoint": {"api_version": "2017-08-15"}}, "2017-08-15"),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_what_is_wrong_with_an_account_is_named(account: Practice, wrong: dict[str, Any], words: str) -> None:
    account.do("set", **wrong)
    (found,) = looks(account)
    assert words in found


def test_a_key_that_is_not_taken_is_told_in_stripes_words(practice: Practice) -> None:
    other = Practice(practice.port, key=f"{practice.key}_of_another")
    assert looks(other) == ["Stripe does not answer to this key: Invalid API Key provided."]


def test_the_practice_key_is_no_key_for_serve(practice: Practice) -> None:
    assert looks(practice, mode="serve") == ["The key is of the stand-in on this machine: practice money"]


def test_without_a_key_nothing_is_asked() -> None:
    assert [is_well for is_well, *_words in doctor_stripe.findings(Settings(stripe_key=None))] == [True]
