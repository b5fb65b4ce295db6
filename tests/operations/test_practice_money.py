"""The demo practises with money that is none, whoever runs it; people who are served never do."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from portal_app.integrations.stripe.sandbox import process
from portal_app.operations import demo, practice_money, serve
from portal_app.operations.places import Places
from portal_app.operations.startup import CannotStart
from portal_app.operations.web_server import media_program, practice_program, settings_environment
from tests.operations.test_startup import serve_settings

OWN = SecretStr("sk_test_of_ones_own")


def test_a_demo_without_a_key_gets_the_stand_in(tmp_path: Path) -> None:
    settings = practice_money.with_practice(demo.demo_settings(tmp_path, 4100))
    _needed, later = demo.demo_services(settings, Places(tmp_path), tmp_path, None)
    assert settings.practises_payments
    assert "practice-payments" in [service.name for service in later]
    assert process.setup_of(settings).hook == "http://localhost:4100/webhooks/stripe"


def test_its_key_stays_the_same_and_is_the_owners_alone(tmp_path: Path) -> None:
    first = practice_money.with_practice(demo.demo_settings(tmp_path, 4100))
    again = practice_money.with_practice(demo.demo_settings(tmp_path, 4100))
    assert first.stripe_key == again.stripe_key
    assert practice_money.as_it_runs(demo.demo_settings(tmp_path, 4100)).stripe_api_base == again.stripe_api_base
    assert (tmp_path / "practice-payments" / "account.json").stat().st_mode & 0o077 == 0


def test_a_test_key_of_ones_own_is_used_instead(tmp_path: Path) -> None:
    settings = demo.demo_settings(tmp_path, 4100).model_copy(update={"stripe_key": OWN})
    assert practice_money.with_practice(settings) == settings
    _needed, later = demo.demo_services(settings, Places(tmp_path), tmp_path, None)
    assert "practice-payments" not in [service.name for service in later]


def test_a_key_that_takes_real_money_is_refused_by_the_demo(tmp_path: Path) -> None:
    settings = demo.demo_settings(tmp_path, 4100).model_copy(update={"stripe_key": SecretStr("sk_live_x")})
    with pytest.raises(CannotStart, match="real money"):
        practice_money.with_practice(settings)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"stripe_key": SecretStr("sk_test_practice1")}, "stand-in for Stripe"),
        ({"stripe_key": OWN, "stripe_api_base": "http://127.0.0.1:1"}, "stand-in for Stripe"),
        ({"stripe_key": OWN}, "PORTAL_STRIPE_WEBHOOK_SECRETS"),
    ],
)
def test_serve_refuses_practice_money_and_a_webhook_that_nobody_signs(
    tmp_path: Path, given: dict[str, object], words: str
) -> None:
    with pytest.raises(CannotStart, match=words):
        serve.refuse_unsafe(serve_settings(tmp_path / "data").model_copy(update=given))


def test_the_stand_in_does_not_run_where_people_are_served(tmp_path: Path) -> None:
    settings = practice_money.with_practice(demo.demo_settings(tmp_path, 4100))
    with pytest.raises(ValueError, match="for the demo"):
        process.setup_of(settings.model_copy(update={"mode": "serve"}))


def test_secrets_reach_the_processes_that_need_them_and_no_others(tmp_path: Path) -> None:
    settings = practice_money.with_practice(demo.demo_settings(tmp_path, 4100))
    settings = settings.model_copy(update={"sms_secret": SecretStr("texts"), "smtp_password": SecretStr("mail")})
    given, places = settings_environment(settings), Places(tmp_path)
    assert (given["PORTAL_SMS_SECRET"], given["PORTAL_SMTP_PASSWORD"]) == ("texts", "mail")
    assert given["PORTAL_STRIPE_KEY"].startswith("sk_test_practice")
    hub, stand_in = media_program(settings, places, None), practice_program(settings, places, tmp_path / "log")
    assert not {"PORTAL_SMS_SECRET", "PORTAL_STRIPE_KEY"} & hub.environment.keys()
    assert not {"PORTAL_SMS_SECRET", "PORTAL_DATABASE_URL"} & stand_in.environment.keys()
