"""What an operator sets: said at the start if it cannot be meant, and nothing asked of anybody."""

from pathlib import Path
from typing import Any

import pytest

from portal_app import wiring
from portal_app.settings import Settings

ISSUER = "https://provider.test"


def test_without_an_issuer_there_is_no_provider() -> None:
    assert wiring.sign_on_provider(Settings(oidc_issuer="", oidc_client_id="sala")) is None


def test_a_provider_is_called_as_was_set_or_by_its_host() -> None:
    named = wiring.sign_on_provider(Settings(oidc_issuer=ISSUER, oidc_client_id="sala", oidc_name="Riverside"))
    plain = wiring.sign_on_provider(Settings(oidc_issuer=ISSUER, oidc_client_id="sala", oidc_roles="a=nurse"))
    assert named is not None
    assert plain is not None
    assert (named.name, plain.name, plain.governed_roles) == ("Riverside", "provider.test", frozenset({"nurse"}))


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"oidc_client_id": ""}, "PORTAL_OIDC_CLIENT_ID"),
        ({"oidc_issuer": "http://provider.test"}, "https"),
        ({"oidc_client_secret_file": Path("/nowhere/secret")}, "PORTAL_OIDC_CLIENT_SECRET_FILE"),
        ({"oidc_roles": "a=doctor"}, "PORTAL_OIDC_ROLES"),
        ({"oidc_second_factor": "mfa"}, "PORTAL_OIDC_SECOND_FACTOR"),
    ],
    ids=str,
)
def test_what_cannot_be_meant_stops_the_start_with_words(told: dict[str, Any], words: str) -> None:
    with pytest.raises(SystemExit, match=words):
        wiring.sign_on_provider(Settings(**{"oidc_issuer": ISSUER, "oidc_client_id": "sala"} | told))
