"""Eligibility over X12, whoever carries it."""

import asyncio
from typing import Final, Protocol

from portal_app.features.coverage.errors import PayerAway
from portal_app.features.coverage.ports import Answer, Inquiry
from portal_app.integrations.eligibility.inquiry import write_inquiry
from portal_app.integrations.eligibility.reading import read_answer

TIMEOUT_S: Final = 20.0
"""As long as an insurer may take for an answer in real time (CAQH CORE)."""


class Carrier(Protocol):
    """Carries an interchange to a clearing house or an insurer and brings the answer."""

    async def exchange(self, interchange: str) -> str:
        """Return the answer. Raises PayerAway."""


class X12Eligibility:
    """Ask by 270 and read the 271. Implements coverage's EligibilityPort."""

    def __init__(self, carrier: Carrier) -> None:
        self._carrier = carrier

    async def ask(self, inquiry: Inquiry) -> Answer:
        """Ask once. Raises PayerAway, AnswerUnreadable, CannotAsk."""
        interchange = write_inquiry(inquiry)
        try:
            async with asyncio.timeout(TIMEOUT_S):
                content = await self._carrier.exchange(interchange)
        except TimeoutError as error:
            raise PayerAway from error
        return read_answer(content, inquiry.trace)
