"""OpenID Connect Core 1.0 by Authlib: code flow with PKCE (RFC 7636), ID tokens, logout."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote_plus, urlsplit

import httpx
from authlib.common.urls import add_params_to_uri
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc.errors import JoseError

from portal_app.core import clock
from portal_app.features.access.errors import SignOnRefused
from portal_app.features.access.ports import Answered, Asked, EndedThere, Identity
from portal_app.integrations.oidc import mapping
from portal_app.integrations.oidc.discovery import Discovery
from portal_app.integrations.oidc.keys import SigningKeys
from portal_app.integrations.oidc.reading import WITHIN_S, Reader
from portal_app.settings import Settings

CLOCK_SKEW_S: Final = 30
LONGEST_AGO_S: Final = 12 * 3600
"""How long ago somebody may have proved themself at the provider: as long as a session of staff lasts here."""
SUBJECT_MOST: Final = 255
"""How long a subject may be (Core 2)."""
_LOGOUT_EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"
_FORM: Final = {"content-type": "application/x-www-form-urlencoded"}


class OidcProvider:
    """The provider of the settings. Implements access's SignOnProvider.

    Nothing is asked of it before somebody signs in. `transport` and `within_s` are for tests.

    Raises:
        mapping.SettingRefused: if a setting is not written as it should be.
    """

    def __init__(
        self, settings: Settings, transport: httpx.AsyncBaseTransport | None = None, within_s: float = WITHIN_S
    ) -> None:
        self._settings = settings
        self._roles = mapping.read_roles(settings.oidc_roles_claim, settings.oidc_roles)
        self._second_factor = mapping.read_second_factor(settings.oidc_second_factor)
        self._reader = Reader(transport, within_s)
        self._discovery = Discovery(settings.oidc_issuer, self._reader)
        self._keys = SigningKeys(self._discovery.keys)

    @property
    def name(self) -> str:
        """Return what people call it."""
        return self._settings.oidc_name or urlsplit(self._discovery.issuer).hostname or ""

    @property
    def governed_roles(self) -> frozenset[str]:
        """Return the roles that the mapping gives and takes."""
        return self._roles.governed

    async def address(self, asked: Asked, back_to: str, *, anew: bool) -> str:
        """Return the authorization request (Core 3.1.2.1). Raises ProviderAway.

        With `max_age` the provider says when somebody last proved themself, and asks again once in a shift.
        """
        extra = {"max_age": str(LONGEST_AGO_S), **({"prompt": "login"} if anew else {})}
        address: str = prepare_grant_uri(
            await self._discovery.endpoint("authorization_endpoint"), client_id=self._settings.oidc_client_id,
            response_type="code", redirect_uri=back_to, scope=self._settings.oidc_scopes, state=asked.state,
            nonce=asked.nonce, code_challenge=create_s256_code_challenge(asked.verifier), code_challenge_method="S256",
            **extra,
        )  # fmt: skip
        return address

    async def identify(self, answered: Answered, asked: Asked, back_to: str) -> Identity:
        """Change the code for an ID token and check that (Core 3.1.3). Raises ProviderAway, SignOnRefused."""
        says_issuer = (await self._discovery.metadata()).get("authorization_response_iss_parameter_supported")
        if (answered.issuer or says_issuer) and answered.issuer != self._discovery.issuer:
            raise SignOnRefused("another issuer answered")  # RFC 9207
        written, access_token = await self._tokens(answered.code, asked.verifier, back_to)
        token = await self._keys.read(written)
        asked_for = {"nonce": asked.nonce, "access_token": access_token}
        claims = self._checked(token.claims, token.header, ("sub", "nonce"), asked_for)
        return self._identity(claims | await self._more(claims, access_token), written)

    async def leaving_address(self, token: str, back_to: str, locale: str) -> str | None:
        """Return the logout request (RP-Initiated Logout 1.0, 2). Raises ProviderAway."""
        endpoint = await self._discovery.known_endpoint("end_session_endpoint")
        if endpoint is None:
            return None
        asked = {
            "id_token_hint": token, "client_id": self._settings.oidc_client_id, "post_logout_redirect_uri": back_to,
            "state": locale, "ui_locales": locale,
        }  # fmt: skip
        address: str = add_params_to_uri(endpoint, list(asked.items()))
        return address

    async def ended(self, notice: str) -> EndedThere:
        """Check a logout token (Back-Channel Logout 1.0, 2.6). Raises ProviderAway, SignOnRefused."""
        token = await self._keys.read(notice)
        claims = self._checked(token.claims, token.header, ("jti",), {})
        events, subject, session = claims.get("events"), claims.get("sub", ""), claims.get("sid", "")
        if not isinstance(events, dict) or not isinstance(events.get(_LOGOUT_EVENT), dict) or "nonce" in claims:
            raise SignOnRefused("not a logout token")
        if not isinstance(subject, str) or not isinstance(session, str) or not (subject or session):
            raise SignOnRefused("a logout of nobody")
        return EndedThere(self._discovery.issuer, subject, session)

    async def _tokens(self, code: str, verifier: str, back_to: str) -> tuple[str, str]:
        """Return the ID token and the access token ("" if there is none) that a code is good for."""
        body = prepare_token_request("authorization_code", code=code, redirect_uri=back_to, code_verifier=verifier)
        endpoint = await self._discovery.endpoint("token_endpoint")
        endpoint, headers, sent = (await self._client()).prepare("POST", endpoint, dict(_FORM), body)
        status, said = await self._reader.post(endpoint, headers, sent)
        written, access_token = said.get("id_token"), said.get("access_token", "")
        if status != 200 or not isinstance(written, str) or not isinstance(access_token, str):
            raise SignOnRefused(f"no token: {str(said.get('error', status))[:60]}")
        return written, access_token

    async def _client(self) -> ClientAuth:
        """Return what we prove ourselves with at the token endpoint (RFC 6749, 2.3.1)."""
        name, secret = self._settings.oidc_client_id, self._settings.oidc_client_secret
        if not secret:
            return ClientAuth(name, "", "none")
        if await self._discovery.lists("token_endpoint_auth_methods_supported", "client_secret_basic") is False:
            return ClientAuth(name, secret, "client_secret_post")
        return ClientAuth(quote_plus(name), quote_plus(secret), "client_secret_basic")

    def _checked(
        self, claims: Mapping[str, Any], header: Mapping[str, Any], needed: tuple[str, ...], asked_for: dict[str, str]
    ) -> dict[str, Any]:
        """Return the claims of a token that is for us, of now, and an answer to what was asked (Core 3.1.3.7)."""
        client_id = self._settings.oidc_client_id
        options: dict[str, dict[str, object]] = {name: {"essential": True} for name in ("iat", "exp", *needed)}
        options["iss"] = {"essential": True, "value": self._discovery.issuer}
        options["aud"] = {"essential": True, "value": client_id}
        token = _Token(claims, header, options, {"client_id": client_id, **asked_for})
        try:
            token.validate(now=int(clock.now().timestamp()), leeway=CLOCK_SKEW_S)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise SignOnRefused(str(error)[:100]) from error
        if token["aud"] not in (client_id, [client_id]):
            raise SignOnRefused("a token for others too")
        return dict(token)

    async def _more(self, claims: Mapping[str, Any], access_token: str) -> dict[str, Any]:
        """Return what the provider says only when asked for it (Core 5.3), if the roles are in that."""
        endpoint = await self._discovery.known_endpoint("userinfo_endpoint")
        is_there = mapping.found(claims, self._roles.claim) is not None or not self._roles.roles_of
        if is_there or not access_token or endpoint is None:
            return {}
        said = await self._reader.get(endpoint, {"authorization": f"Bearer {access_token}"})
        if said.get("sub") != claims["sub"]:
            raise SignOnRefused("told of somebody else")
        # What the signed token says stays as it is.
        return {name: value for name, value in said.items() if name not in claims}

    def _identity(self, claims: Mapping[str, Any], written: str) -> Identity:
        subject, session = claims["sub"], claims.get("sid", "")
        if not 0 < len(subject) <= SUBJECT_MOST:
            raise SignOnRefused("no such subject")
        known_by = (claims.get(name) for name in ("email", "preferred_username", "name"))
        label = next((said for said in known_by if isinstance(said, str) and said), subject)
        return Identity(
            self._discovery.issuer, subject, label[:200], self._roles.roles(claims),
            mapping.assurance_of(claims, self._second_factor), _proved_at(claims),
            session if isinstance(session, str) else "", written,
        )  # fmt: skip


def _proved_at(claims: Mapping[str, Any]) -> datetime | None:
    """Return when somebody last proved themself there (Core 2, `auth_time`), None if the provider does not say."""
    said = claims.get("auth_time")
    if isinstance(said, bool) or not isinstance(said, int | float):
        return None
    now = clock.now().timestamp()
    if not now - LONGEST_AGO_S - CLOCK_SKEW_S <= said <= now + CLOCK_SKEW_S:
        raise SignOnRefused("proved too long ago")
    return datetime.fromtimestamp(min(said, now), UTC)


class _Token(CodeIDToken):  # type: ignore[misc]  # Authlib carries no types
    """Checks like an ID token, also one that need not name anybody (a logout token)."""

    ESSENTIAL_CLAIMS = ("iss", "aud", "exp", "iat")
