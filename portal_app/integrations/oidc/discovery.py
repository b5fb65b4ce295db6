"""What a provider says of itself (OpenID Connect Discovery 1.0), believed for an hour."""

import time
from collections.abc import Mapping
from typing import Any, Final

from portal_app.features.access.errors import ProviderAway
from portal_app.integrations.oidc.reading import Reader, require_safe

_KEPT_S: Final = 3600.0


class Discovery:
    """The metadata of the provider whose issuer is `issuer`, letter by letter."""

    def __init__(self, issuer: str, reader: Reader) -> None:
        self.issuer = issuer
        self._reader = reader
        self._known: Mapping[str, Any] = {}
        self._until = float("-inf")

    async def metadata(self) -> Mapping[str, Any]:
        """Return all it says. Raises ProviderAway, also where it is another one than was asked."""
        now = time.monotonic()
        if now >= self._until:
            said = await self._reader.get(self.issuer.rstrip("/") + "/.well-known/openid-configuration")
            if said.get("issuer") != self.issuer:
                raise ProviderAway("another issuer than the one that was asked")
            self._known, self._until = said, now + _KEPT_S
        return self._known

    async def endpoint(self, name: str) -> str:
        """Return one of its addresses. Raises ProviderAway where there is none that may be asked."""
        found = await self.known_endpoint(name)
        if found is None:
            raise ProviderAway(f"no {name}")
        return found

    async def known_endpoint(self, name: str) -> str | None:
        """Return one of its addresses, None if it has none. Raises ProviderAway."""
        found = (await self.metadata()).get(name)
        if not isinstance(found, str):
            return None
        require_safe(found)
        return found

    async def keys(self) -> Mapping[str, Any]:
        """Return the JWK set it signs with. Raises ProviderAway."""
        return await self._reader.get(await self.endpoint("jwks_uri"))

    async def lists(self, name: str, value: str) -> bool | None:
        """Tell whether a list in the metadata has a value, None if there is no such list. Raises ProviderAway."""
        listed = (await self.metadata()).get(name)
        return value in listed if isinstance(listed, list) else None
