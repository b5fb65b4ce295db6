"""What insurance needs from outside: an insurer, or the clearing house that speaks for all of them, to be asked."""

from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from portal_app.features.coverage.views import Amounts, Outcome


@dataclass(frozen=True, slots=True)
class Named:
    """A person as an insurer knows them."""

    given_name: str = field(repr=False)
    family_name: str = field(repr=False)
    birth_date: date = field(repr=False)


@dataclass(frozen=True, slots=True)
class Inquiry:
    """All that leaves: who asks, who is the member, which kind of service. `patient` is set where not the member.

    `trace` is an id of ours that comes back with the answer; `service_type` a code of X12 (98: office visit).
    """

    trace: str
    payer_name: str
    payer_code: str
    provider_name: str
    provider_npi: str
    member_id: str = field(repr=False)
    subscriber: Named = field(repr=False)
    patient: Named | None = field(default=None, repr=False)
    relation: str = "self"
    service_type: str = "98"
    on: date = field(default_factory=date.today)


@dataclass(frozen=True, slots=True)
class Answer:
    """What an insurer said, no more certain than it was."""

    outcome: Outcome
    amounts: Amounts = field(default_factory=Amounts, repr=False)
    plan_name: str = field(default="", repr=False)


class EligibilityPort(Protocol):
    """Asks an insurer about a member."""

    async def ask(self, inquiry: Inquiry) -> Answer:
        """Ask once.

        Raises:
            PayerAway: if it cannot be reached now; to be tried again.
            AnswerUnreadable: if what came is no answer to this.
            CannotAsk: if nobody is set up to be asked, or the inquiry cannot be written.
        """
