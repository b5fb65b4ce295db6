"""How often one browser, and one network, may say name and birth date. Counted in the memory of this process.

What one activation allows is counted in the database (`rules.ACTIVATION_TRIES`), wherever the tries come from.
"""

from typing import Final

from portal_app.core import limits
from portal_app.core.db import secret_hash
from portal_app.features.enrolment.views import Visitor

PER_BROWSER: Final = "20/10 minutes"
PER_NETWORK: Final = ("60/10 minutes", "300/day")


async def count_try(who: Visitor) -> None:
    """Count a try.

    Raises:
        TooManyTries: if the browser, or its network, tried too often.
    """
    await limits.count(PER_BROWSER, "activations of a browser", secret_hash(who.secret))
    for limit in PER_NETWORK:
        await limits.count(limit, "activations of a network", who.network)
