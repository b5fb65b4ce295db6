"""Does the time of an answer tell who is known here? The same question about somebody known and about nobody, in turn.

Asked are the services behind the pages that anybody may open, from begin to commit: a code for an address with which
somebody signs in or nobody does, and a wrong name for an activation that exists or does not, by its link and its code.
"""

import secrets
import time
from collections.abc import Awaitable, Callable
from datetime import date
from statistics import median
from typing import Final
from uuid import uuid4

import psycopg

from bench._activation import invited
from bench._clinic import Installation, Person
from bench._figures import spread
from portal_app import wiring
from portal_app.core import crypto
from portal_app.core.db import Database
from portal_app.features.access import service as access
from portal_app.features.enrolment import service as enrolment
from portal_app.features.enrolment.errors import ActivationRefused
from portal_app.features.enrolment.secret import code_of, link_of
from portal_app.features.enrolment.views import Typed

ROUNDS: Final = 5
PAIRS: Final = 60
WARM_UP: Final = 10
WRONG: Final = ("Somebody Else", date(1950, 4, 9))

Question = Callable[[bool], Awaitable[None]]
"""Asks about somebody known, or about nobody."""


async def known_to_unknown(here: Installation, person: Person) -> dict[str, float]:
    """Return how much longer the answer about somebody known takes, of all kinds of question the one furthest from 1.

    What an invitation is asked about wears it out, so each is asked about once.
    """
    database = wiring.open_portal(here.settings)
    email = _address_of(here, person)
    made = iter([invited(here, "card").activation_id for _ in range(2 * (ROUNDS * PAIRS + WARM_UP))])

    async def code(is_known: bool) -> None:
        await _ask_code(database, email if is_known else _nobody())

    async def link(is_known: bool) -> None:
        await _try(database, Typed(link_of(next(made) if is_known else uuid4()), "", *WRONG))

    async def card(is_known: bool) -> None:
        await _try(database, Typed("", code_of(next(made) if is_known else uuid4()), *WRONG))

    asked: dict[str, Question] = {"a code": code, "an invitation's link": link, "a card's code": card}
    found = {}
    try:
        for name, question in asked.items():
            found[name] = await _ratio(name, question)
    finally:
        await database.close()
    return {"known_to_unknown_ratio": max(found.values(), key=lambda ratio: abs(ratio - 1))}


async def _ratio(name: str, question: Question) -> float:
    for _ in range(WARM_UP):
        await _times(question, [True, False])
    rounds = [[await _times(question, [n % 2 == 0, n % 2 == 1]) for n in range(PAIRS)] for _ in range(ROUNDS)]
    ratios = [_known_to_unknown(pairs) for pairs in rounds]
    every = _known_to_unknown([pair for pairs in rounds for pair in pairs])
    print(f"  {name}, for somebody known ÷ for nobody: {every:.3f}; by round: {spread(ratios)}", flush=True)
    return every


def _known_to_unknown(pairs: list[dict[bool, float]]) -> float:
    return median(one[True] for one in pairs) / median(one[False] for one in pairs)


async def _times(question: Question, order: list[bool]) -> dict[bool, float]:
    taken = {}
    for is_known in order:
        started = time.perf_counter()
        await question(is_known)
        taken[is_known] = time.perf_counter() - started
    return taken


async def _ask_code(database: Database, email: str) -> None:
    secret = secrets.token_urlsafe(32)
    async with database.act_as_visitor(secret, "access.ask_code", "198.51.100.7") as tx:
        await access.ask_for_code(tx, email, secret, "en")


async def _try(database: Database, typed: Typed) -> None:
    visitor = enrolment.Visitor(secrets.token_urlsafe(32), "", "198.51.100.7", "198.51.100.0/24", "a phone")
    async with database.act_as_system("enrolment.activate") as tx:
        assert await enrolment.claim_activation(tx, visitor, typed) is ActivationRefused


def _nobody() -> str:
    return f"{uuid4().hex[:12]}@example.test"


def _address_of(here: Installation, person: Person) -> str:
    crypto.load_key_ring(here.settings)
    email = _nobody()
    with psycopg.connect(here.superuser) as connection:
        connection.execute(
            "update person set email = %s, email_index = %s where id = %s",
            [crypto.encrypt(email), access.email_index(email), person.person_id],
        )
    return email
