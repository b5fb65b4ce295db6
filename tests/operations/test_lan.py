"""What the demo shows to the phones of its network."""

from pathlib import Path

import pytest

from portal_app.operations import demo, lan
from portal_app.operations.startup import CannotStart


def test_a_certificate_is_kept_until_the_address_changes(tmp_path: Path) -> None:
    first = lan.certificate_for("192.0.2.7", tmp_path).certificate.read_bytes()

    assert lan.certificate_for("192.0.2.7", tmp_path).certificate.read_bytes() == first
    assert lan.certificate_for("192.0.2.8", tmp_path).certificate.read_bytes() != first
    assert (tmp_path / "key.pem").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("address", ["203.0.113.9", "phone", "1", "::1"])
def test_an_address_that_is_not_this_machines_is_said(address: str) -> None:
    with pytest.raises(CannotStart, match=address):
        lan.own_address(address)


def test_page_sockets_cookies_and_hub_are_at_the_address_that_phones_reach(tmp_path: Path) -> None:
    settings = demo.on_network(demo.demo_settings(tmp_path, 4100), "192.0.2.7")

    assert (settings.host, settings.public_origin) == ("192.0.2.7", "https://192.0.2.7:4100")
    assert settings.media_address_list == ["192.0.2.7"]
