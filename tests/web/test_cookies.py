"""What a browser's cookies are read as, whatever they hold."""

import pytest

from portal_app.web import cookies


@pytest.mark.parametrize(
    ("header", "zone"),
    [
        ("a=b; sala-zone=America/New_York", "America/New_York"),
        ('sala-zone="Europe/Madrid"', "Europe/Madrid"),
        ("sala-zone=../../etc/passwd", ""),
        ("sala-zone=<b>here</b>", ""),
        ("sala-zone=", ""),
        ("sala-zone", ""),
        (None, ""),
    ],
)
def test_a_zone_is_one_that_is_known_or_none(header: str | None, zone: str) -> None:
    assert cookies.read_zone(header) == zone
