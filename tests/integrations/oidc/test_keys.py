"""The provider's keys: which are taken, and how often it is asked for them."""

from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from portal_app.features.access.errors import SignOnRefused
from portal_app.integrations.oidc.keys import SigningKeys, usable


class Published:
    """A provider's keys, and how often they were asked for."""

    def __init__(self) -> None:
        self.keys: list[Any] = [public(curve("known"))]
        self.asked, self.now = 0, 0.0

    async def fetch(self) -> dict[str, Any]:
        self.asked += 1
        return {"keys": self.keys}


def curve(name: str) -> ECKey:
    return ECKey.generate_key("P-256", {"kid": name}, private=True)


def public(key: ECKey | RSAKey) -> dict[str, Any]:
    return dict(key.as_dict(private=False))


def signed(key: ECKey) -> str:
    return jwt.encode({"alg": "ES256", "kid": str(key.kid)}, {"sub": "ada"}, key)


async def test_strange_keys_make_us_ask_a_few_times_and_no_more() -> None:
    published = Published()
    keys = SigningKeys(published.fetch, lambda: published.now)
    for number in range(20):
        with pytest.raises(SignOnRefused):
            await keys.read(signed(curve(f"strange-{number}")))
    assert published.asked == 6  # once because none were known, five times out of turn
    published.now += 61
    fresh = curve("fresh")
    published.keys.append(public(fresh))
    assert (await keys.read(signed(fresh))).claims == {"sub": "ada"}


async def test_keys_are_kept_for_an_hour_and_one_that_was_withdrawn_then_opens_nothing() -> None:
    published, key = Published(), curve("known")
    published.keys = [public(key)]
    keys = SigningKeys(published.fetch, lambda: published.now)
    for _ in range(3):
        await keys.read(signed(key))
    assert published.asked == 1
    published.keys, published.now = [], 3601
    with pytest.raises(SignOnRefused):
        await keys.read(signed(key))


def test_only_public_keys_that_may_sign_are_taken() -> None:
    good = public(curve("good"))
    secret = dict(OctKey.generate_key(256).as_dict())
    odd: list[Any] = [secret, {**good, "use": "enc"}, {**good, "x": "?"}, {"kty": "EC"}, {"kty": "XY"}, "key", None]
    assert [usable(one) for one in odd] == [None] * len(odd)
    assert usable(good) is not None
