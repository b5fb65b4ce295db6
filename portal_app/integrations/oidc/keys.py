"""The keys a provider signs with: fetched, kept, and fetched once more when a token names one we do not know."""

import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import Key, KeySet, import_key
from joserfc.jws import JWSRegistry

from portal_app.features.access.errors import SignOnRefused

ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
"""Signatures by a key pair alone: never none, and never a secret that a published key could stand for."""
_KEY_KINDS: Final = ("RSA", "EC")
_KEPT_S: Final = 3600.0
_REFETCHES: Final = 5
_REFETCHES_WITHIN_S: Final = 60.0


class SigningKeys:
    """The keys of one provider.

    Args:
        fetch: asks the provider for its JWK set (RFC 7517).
        now: seconds of a clock that only goes forward.
    """

    def __init__(
        self, fetch: Callable[[], Awaitable[Mapping[str, Any]]], now: Callable[[], float] = time.monotonic
    ) -> None:
        self._fetch = fetch
        self._now = now
        self._held = KeySet([])
        self._until = float("-inf")
        self._refetched: deque[float] = deque(maxlen=_REFETCHES)

    async def read(self, token: str) -> jwt.Token:
        """Return a token whose signature is the provider's; its claims are not looked at.

        Raises:
            SignOnRefused: if the signature is not, or is by no algorithm we accept.
            ProviderAway: if the keys cannot be fetched.
        """
        if self._now() >= self._until:
            await self._refresh()
        try:
            try:
                return self._decoded(token)
            except InvalidKeyIdError:
                if not self._may_refetch():
                    raise
            await self._refresh()
            return self._decoded(token)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise SignOnRefused(type(error).__name__) from error

    def _decoded(self, token: str) -> jwt.Token:
        # A provider may add to the header what we do not know; what it calls critical we still refuse.
        return jwt.decode(token, self._held, registry=JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False))

    def _may_refetch(self) -> bool:
        """Tell whether the provider may be asked again out of turn: a stranger's token must not make us flood it."""
        now = self._now()
        if len(self._refetched) == _REFETCHES and now - self._refetched[0] < _REFETCHES_WITHIN_S:
            return False
        self._refetched.append(now)
        return True

    async def _refresh(self) -> None:
        said = (await self._fetch()).get("keys")
        listed = said if isinstance(said, list) else []
        self._held = KeySet([key for one in listed if (key := usable(one)) is not None])
        self._until = self._now() + _KEPT_S


def usable(published: Any) -> Key | None:
    """Return a published key that may sign, None for any other: one of those must not spoil the rest."""
    if not isinstance(published, dict) or published.get("kty") not in _KEY_KINDS or published.get("use") == "enc":
        return None
    try:
        return import_key(published)
    except (JoseError, ValueError, TypeError, KeyError):
        return None
