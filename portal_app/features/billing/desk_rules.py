"""What the practice itself says about help with money, and how much billing gives back without a manager."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.dialects.postgresql import insert

from portal_app.core import audit, clock, i18n, policy
from portal_app.core.db import Transaction
from portal_app.core.errors import InputRefused
from portal_app.core.i18n import N_
from portal_app.features.billing import policies
from portal_app.features.billing.desk_tables import BillingRule

REFUND_LIMIT: Final = 100
REFUND_LIMIT_MOST: Final = 1_000_000
HELP_MOST: Final = 1000


@dataclass(frozen=True, slots=True)
class DeskRules:
    """The practice's own rules; `help_words` by language, `refund_limit` in whole units of a bill's currency."""

    help_words: Mapping[str, str]
    refund_limit: int = REFUND_LIMIT

    def help_in(self, locale: str) -> str:
        """Return the practice's words in a language, or in the one it has; "" if it has said nothing."""
        return self.help_words.get(self.language_for(locale), "")

    def language_for(self, locale: str) -> str:
        """Return the language in which the practice's words are read in a language."""
        return locale if self.help_words.get(locale) else i18n.DEFAULT_LOCALE


async def desk_rules(tx: Transaction) -> DeskRules:
    """Return the practice's rules; whoever is signed in may ask."""
    row: Any = await tx.first("select help_words, refund_limit from billing_rule")
    return DeskRules({}) if row is None else DeskRules(row.help_words, row.refund_limit)


async def set_desk_rules(tx: Transaction, rules: DeskRules) -> None:
    """Change the rules.

    Raises:
        InputRefused: if the limit or the words cannot be.
    """
    policy.require(tx.actor, policies.SET_UP.name)
    words = {locale: said.strip() for locale, said in rules.help_words.items() if locale in i18n.LOCALES}
    if not 0 <= rules.refund_limit <= REFUND_LIMIT_MOST:
        raise InputRefused("limit", N_("Type a whole number from 0 to 1000000."))
    for locale, said in words.items():
        if len(said) > HELP_MOST:
            raise InputRefused(f"help-{locale}", N_("Keep it under 1000 characters."))
    values = {"help_words": words, "refund_limit": rules.refund_limit, "changed_by": tx.actor.person_id,
              "changed_at": clock.now()}  # fmt: skip
    row = insert(BillingRule).values(id=True, **values)
    await tx.execute(row.on_conflict_do_update(index_elements=["id"], set_=values))
    await audit.record(tx, "billing.set_up", patient_id=None, entity="Practice", entity_id=None)
