"""The registry of who may: every page, event, route and job names one entry; nothing else is allowed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from portal_app.core.actor import Actor, Role, Section, Verb
from portal_app.core.errors import (
    LookOver,
    NotAllowed,
    OnlyLooking,
    PasskeyNeeded,
    PortalError,
    SecondFactorNeeded,
    StepUpNeeded,
)


@dataclass(frozen=True, slots=True)
class Policy:
    """Who may do one thing, and how strongly they must have signed in.

    `roles` empty and `public` set means a visitor may; `section` and `verb` say what the database
    checks, row by row, on top. `seen_by` names what a look at a patient's pages needs in place of the section, where
    staff see the same by another right (migration 0061).
    """

    name: str
    roles: frozenset[Role]
    assurance: int = 1
    section: Section | None = None
    verb: Verb | None = None
    public: bool = False
    demo_only: bool = False
    seen_by: str = ""

    def is_allowed(self, actor: Actor) -> bool:
        """Tell whether the actor holds one of the roles, at whatever assurance."""
        return self.public or bool(self.roles & actor.roles)


_registry: dict[str, Policy] = {}


def register(
    name: str,
    roles: frozenset[Role] | set[Role] = frozenset(),
    *,
    assurance: int = 1,
    section: Section | None = None,
    verb: Verb | None = None,
    public: bool = False,
    demo_only: bool = False,
    seen_by: str = "",
) -> Policy:
    """Add a policy named `<feature>.<use case>` and return it.

    Raises:
        ValueError: if the name is taken by a different policy, or nobody at all may.
    """
    policy = Policy(name, frozenset(roles), assurance, section, verb, public, demo_only, seen_by)
    if not policy.roles and not public:
        msg = f"policy {name} lets nobody in"
        raise ValueError(msg)
    if _registry.setdefault(name, policy) != policy:
        msg = f"policy {name} is registered twice"
        raise ValueError(msg)
    return policy


def get(name: str) -> Policy:
    """Return a policy by name.

    Raises:
        NotAllowed: if there is none: what names no policy is denied.
    """
    try:
        return _registry[name]
    except KeyError:
        raise NotAllowed(name) from None


def all_policies() -> tuple[Policy, ...]:
    """Return every registered policy, by name."""
    return tuple(_registry[name] for name in sorted(_registry))


_demo_is_open = False


def open_demo(*, is_demo: bool) -> None:
    """Let the policies of the demo apply, or not; outside the demo they let nobody in, whatever asks."""
    global _demo_is_open  # noqa: PLW0603 - a fact about the process, set once by the wiring
    _demo_is_open = is_demo


_REFUSED: Final[Mapping[Role, type[PortalError]]] = {
    Role.unproven: SecondFactorNeeded, Role.held_back: PasskeyNeeded, Role.onlooker: OnlyLooking, Role.looked: LookOver,
}  # fmt: skip
"""How the roles that the database gives are refused what is not theirs."""


def require(actor: Actor, name: str) -> Policy:
    """Return the policy if the actor may.

    Raises:
        NotAllowed: if no role of theirs is named, or the policy is the demo's and this is none.
        SecondFactorNeeded: if they work for the practice and have not proved it.
        PasskeyNeeded: if they own a passkey and signed in by a code alone.
        OnlyLooking, LookOver: if they see, or have seen, a patient's pages as that patient does.
        StepUpNeeded: if the role fits and the sign-in is too weak.
    """
    policy = get(name)
    if policy.demo_only and not _demo_is_open:
        raise NotAllowed(name)
    if not policy.is_allowed(actor):
        refused = next((error for role, error in _REFUSED.items() if role in actor.roles), NotAllowed)
        raise refused(name)
    if not policy.public and actor.assurance < policy.assurance:
        raise StepUpNeeded(name)
    return policy
