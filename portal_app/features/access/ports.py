"""What access needs from outside: somebody else who knows who a person is."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Asked:
    """What one browser is sent to a provider with. Random each time, and good for one answer."""

    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Answered:
    """What a browser came back with from the provider. `issuer` is "" where the provider does not say it."""

    code: str = field(repr=False)
    issuer: str = ""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the provider says somebody is; everything in it was checked.

    `issuer` and `subject` together are one account for ever; `label` is what its owner knows it by and proves nothing.
    `roles` are the ones the practice mapped to what the provider says, None where it maps none. `assurance` is 2 if the
    provider says that a second factor was used. `proved_at` is when they last proved themself there, None if the
    provider does not say. `session` is the provider's name for the session there, "" if it has none; `token` shows the
    provider later which session to end.
    """

    issuer: str
    subject: str
    label: str = field(repr=False)
    roles: frozenset[str] | None
    assurance: int
    proved_at: datetime | None
    session: str = field(repr=False)
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class EndedThere:
    """What the provider says has ended: one session, or with `session` "" all of the account's."""

    issuer: str
    subject: str
    session: str


class SignOnProvider(Protocol):
    """A provider of single sign-on. Whoever asks waits for another machine: never within a transaction."""

    @property
    def name(self) -> str:
        """Return what people call it."""
        ...

    @property
    def governed_roles(self) -> frozenset[str]:
        """Return the roles that the provider's word gives and takes; all others it leaves alone."""
        ...

    async def address(self, asked: Asked, back_to: str, *, anew: bool) -> str:
        """Return where to send a browser, which comes back to `back_to`.

        With `anew` people prove themselves there once more, whatever session they have.

        Raises ProviderAway.
        """
        ...

    async def identify(self, answered: Answered, asked: Asked, back_to: str) -> Identity:
        """Return who came back.

        Raises ProviderAway, and SignOnRefused for what is not an answer to what was asked.
        """
        ...

    async def leaving_address(self, token: str, back_to: str, locale: str) -> str | None:
        """Return where to send a browser to end the session at the provider, None if it cannot be done there.

        Raises ProviderAway.
        """
        ...

    async def ended(self, notice: str) -> EndedThere:
        """Return what the provider tells of a session that ended there, by a notice that anybody could have sent.

        Raises ProviderAway, SignOnRefused.
        """
        ...
