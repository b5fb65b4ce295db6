"""How often one browser, and one network, may ask for codes and mistype them.

Counted in the memory of this process; what one person's codes allow is counted in the database (`rules`). A browser
that somebody signed in on before is counted by itself, so that strangers on the same network never use up its tries.
The numbers are explained in docs/decisions/0043-codes-and-known-browsers.md.
"""

from dataclasses import dataclass, field

from portal_app.core import limits
from portal_app.core.db import Transaction, secret_hash
from portal_app.features.access import service

ASKS_PER_BROWSER = "20/10 minutes"
ASKS_PER_NETWORK = "120/10 minutes"
WRONG_PER_BROWSER = ("30/10 minutes",)
WRONG_PER_NETWORK = ("120/10 minutes", "500/day")


@dataclass(frozen=True, slots=True)
class Asker:
    """The browser that asks: its secret, what it is remembered by ("" if nothing), and its network."""

    secret: str = field(repr=False)
    known_secret: str = field(repr=False)
    network: str


async def count_ask(tx: Transaction, asker: Asker) -> None:
    """Count a request for a code.

    Raises:
        TooManyTries: if the browser, or all the new browsers of its network together, asked too often.
    """
    if await service.is_known_browser(tx, asker.known_secret):
        await limits.count(ASKS_PER_BROWSER, "codes of a known browser", secret_hash(asker.known_secret))
    else:
        await limits.count(ASKS_PER_BROWSER, "codes of a browser", secret_hash(asker.secret))
        await limits.count(ASKS_PER_NETWORK, "codes of a network", asker.network)


async def require_try(tx: Transaction, asker: Asker) -> "Wrong":
    """Return where to count the code about to be checked, should it be wrong. The right ones are not counted.

    Raises:
        TooManyTries: if the browser, or all the new browsers of its network together, mistyped too often.
    """
    if await service.is_known_browser(tx, asker.known_secret):
        wrong = Wrong(WRONG_PER_BROWSER, "wrong codes of a known browser", secret_hash(asker.known_secret))
    else:
        wrong = Wrong(WRONG_PER_NETWORK, "wrong codes of a network", asker.network)
    for limit in wrong.limits:
        await limits.require_room(limit, wrong.what, wrong.key)
    return wrong


@dataclass(frozen=True, slots=True)
class Wrong:
    """Where a wrong code is counted."""

    limits: tuple[str, ...]
    what: str
    key: str

    async def count(self) -> None:
        """Count one wrong code.

        Raises:
            TooManyTries: if another one filled the window meanwhile.
        """
        for limit in self.limits:
            await limits.count(limit, self.what, self.key)
