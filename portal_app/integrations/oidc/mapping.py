"""What a provider's claims mean to the practice: which roles, and whether a second factor was used."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from portal_app.core.actor import STAFF


class SettingRefused(ValueError):
    """A setting is not written as it should be, or names a role there is not; the text says which."""


@dataclass(frozen=True, slots=True)
class RoleMapping:
    """Which value of one claim gives which roles. Without values the provider decides about none."""

    claim: str
    roles_of: Mapping[str, frozenset[str]]

    @property
    def governed(self) -> frozenset[str]:
        """Return every role that some value gives."""
        return frozenset().union(*self.roles_of.values())

    def roles(self, claims: Mapping[str, Any]) -> frozenset[str] | None:
        """Return the roles of somebody with these claims, None where the provider decides about none."""
        if not self.roles_of:
            return None
        held = strings_of(found(claims, self.claim))
        return frozenset().union(*(self.roles_of.get(value, frozenset()) for value in held))


def read_roles(claim: str, written: str) -> RoleMapping:
    """Read `value=role; value=role`; a value may hold `=` itself, and may give several roles.

    Raises:
        SettingRefused: if a part is not such a pair, or the role is none of staff's.
    """
    roles_of: dict[str, frozenset[str]] = {}
    for part in filter(None, map(str.strip, written.split(";"))):
        value, _, role = part.rpartition("=")
        value, role = value.strip(), role.strip()
        if not value or role not in STAFF:
            raise SettingRefused(
                f"PORTAL_OIDC_ROLES: {part!r} is not VALUE=ROLE with one of {', '.join(sorted(STAFF))}"
            )
        roles_of[value] = roles_of.get(value, frozenset()) | {role}
    return RoleMapping(claim, roles_of)


def read_second_factor(written: str) -> Mapping[str, frozenset[str]]:
    """Read `amr=mfa acr=urn:x`: which values of these two claims say that a second factor was used.

    Raises:
        SettingRefused: if a part names another claim or no value.
    """
    accepted: dict[str, frozenset[str]] = {}
    for part in written.split():
        claim, _, value = part.partition("=")
        if claim not in ("amr", "acr") or not value:
            raise SettingRefused(f"PORTAL_OIDC_SECOND_FACTOR: {part!r} is neither amr=VALUE nor acr=VALUE")
        accepted[claim] = accepted.get(claim, frozenset()) | {value}
    return accepted


def assurance_of(claims: Mapping[str, Any], accepted: Mapping[str, frozenset[str]]) -> int:
    """Return 2 if the provider says that a second factor was used, else 1."""
    return 2 if any(strings_of(claims.get(claim)) & values for claim, values in accepted.items()) else 1


def found(claims: Mapping[str, Any], path: str) -> Any:
    """Return what a claim holds, by its whole name or, through objects, by names with dots between; None if nothing."""
    if path in claims:
        return claims[path]
    here: Any = claims
    for name in path.split("."):
        here = here.get(name) if isinstance(here, Mapping) else None
    return here


def strings_of(claim: Any) -> frozenset[str]:
    """Return a claim that is a string, or a list of them, as a set; anything else holds none."""
    values = claim if isinstance(claim, list) else [claim]
    return frozenset(value for value in values if isinstance(value, str))
