"""Headers: transport security where there is transport security, and one rule for caches."""

from portal_app.settings import Settings
from portal_app.web.headers import lean, security_headers, with_caching, with_security


def test_transport_security_is_promised_on_https_alone() -> None:
    names = dict(security_headers(Settings(mode="serve", origin="https://portal.example"), "default-src 'none'"))
    plain = dict(security_headers(Settings(origin="http://localhost:4100"), "default-src 'none'"))

    assert names[b"strict-transport-security"].startswith(b"max-age=31536000")
    assert b"strict-transport-security" not in plain


def test_an_answer_cannot_loosen_a_header() -> None:
    security = security_headers(Settings(), "default-src 'none'")
    loose = [(b"X-Frame-Options", b"ALLOWALL"), (b"content-security-policy", b"default-src *"), (b"etag", b"1")]

    assert with_security(loose, security) == [(b"etag", b"1"), *security]


def test_what_is_made_for_one_person_is_not_stored() -> None:
    assert with_caching([], "/files/1") == [(b"cache-control", b"no-store")]
    assert with_caching([(b"etag", b"1")], "/icon.svg")[-1] == (b"cache-control", b"no-cache")
    assert with_caching([(b"cache-control", b"private")], "/calendar") == [(b"cache-control", b"private")]
    assert b"immutable" in with_caching([(b"cache-control", b"no-cache")], "/assets/a-1.js")[-1][1]


def test_a_file_of_the_build_carries_what_a_file_needs() -> None:
    named = [(b"last-modified", b"now"), (b"Vary", b"Accept-Encoding, Origin"), (b"etag", b"1")]
    names = [name for name, _value in lean(with_security(named, security_headers(Settings(), "default-src 'none'")))]

    assert {b"x-content-type-options", b"content-security-policy", b"cross-origin-resource-policy"} <= set(names)
    assert names.count(b"vary") == 1
    needless = {b"permissions-policy", b"cross-origin-opener-policy", b"referrer-policy", b"last-modified", b"etag"}
    assert not needless & set(names)


def test_a_file_whose_content_may_change_can_be_asked_for_anew() -> None:
    named = [(b"last-modified", b"now"), (b"etag", b"1")]
    secured = with_security(named, security_headers(Settings(), "default-src 'none'"))
    names = {name for name, _value in lean(secured, changes=True)}

    assert {b"last-modified", b"etag", b"content-security-policy", b"x-content-type-options"} <= names
    assert b"permissions-policy" not in names
