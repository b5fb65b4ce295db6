"""What claims mean: roles that were mapped, and second factors that count."""

from typing import Any

import pytest

from portal_app.integrations.oidc.mapping import SettingRefused, assurance_of, found, read_roles, read_second_factor

ROLES = "sala-nurses=nurse; cn=desk,ou=staff=front_desk; both=nurse; both=billing;"


@pytest.mark.parametrize(
    ("said", "roles"),
    [
        ({"groups": ["sala-nurses", "others"]}, {"nurse"}),
        ({"groups": ["cn=desk,ou=staff", "both"]}, {"front_desk", "nurse", "billing"}),
        ({"groups": "both"}, {"nurse", "billing"}),
        ({"groups": ["manager", "nurse"]}, set()),  # the name of a role is not what was mapped
        ({"groups": [7, None, {"a": 1}]}, set()),
        ({"groups": {"sala-nurses": True}}, set()),
        ({}, set()),
    ],
)
def test_only_mapped_values_give_roles(said: dict[str, Any], roles: set[str]) -> None:
    assert read_roles("groups", ROLES).roles(said) == frozenset(roles)


def test_without_a_mapping_the_provider_decides_about_no_role() -> None:
    assert read_roles("groups", " ").roles({"groups": ["manager"]}) is None


def test_a_claim_is_found_inside_others_and_by_a_name_with_dots() -> None:
    claims = {"realm_access": {"roles": ["a"]}, "https://practice.test/roles": ["b"]}
    assert found(claims, "realm_access.roles") == ["a"]
    assert found(claims, "https://practice.test/roles") == ["b"]
    assert found(claims, "realm_access.roles.a") is None


@pytest.mark.parametrize("written", ["nurses", "=nurse", "nurses=patient", "nurses=system", "nurses=doctor"])
def test_a_mapping_that_cannot_be_meant_is_refused(written: str) -> None:
    with pytest.raises(SettingRefused, match="PORTAL_OIDC_ROLES"):
        read_roles("groups", written)


@pytest.mark.parametrize(
    ("claims", "assurance"),
    [
        ({"amr": ["pwd", "mfa"]}, 2),
        ({"acr": "urn:strong"}, 2),
        ({"amr": ["pwd"], "acr": "0"}, 1),
        ({"amr": {"mfa": 1}}, 1),
        ({}, 1),
    ],
)
def test_a_second_factor_counts_where_the_provider_says_so_as_was_agreed(
    claims: dict[str, Any], assurance: int
) -> None:
    assert assurance_of(claims, read_second_factor("amr=mfa acr=urn:strong")) == assurance


@pytest.mark.parametrize("written", ["mfa", "amr=", "sub=ada"])
def test_a_second_factor_is_said_by_two_claims_alone(written: str) -> None:
    with pytest.raises(SettingRefused, match="PORTAL_OIDC_SECOND_FACTOR"):
        read_second_factor(written)


def test_with_no_values_nothing_counts_as_a_second_factor() -> None:
    assert assurance_of({"amr": ["mfa"]}, read_second_factor("")) == 1
