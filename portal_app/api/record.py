"""GET /record/record.json and .pdf: everything of the chart acted for that one may see, after a fresh proof."""

from collections.abc import Awaitable, Callable
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from portal_app.core import limits
from portal_app.core.db import Transaction
from portal_app.core.printing import print_sheet
from portal_app.features.practice import service as practice
from portal_app.features.record import service as record
from portal_app.state import record_words
from portal_app.web.paper import Paper, Printed, Written, hand_out
from portal_app.web.route import PolicyRoute

LIMIT: Final = "10/hour"
BACK: Final = "/profile/record"


async def for_programs(request: Request) -> Response:
    """Send all of it as JSON; the name of the file says nothing about health."""

    async def make(tx: Transaction) -> Paper:
        return Written(record.written(await record.gather(tx)), "record.json")

    return await _send(request, make, "application/json")


async def for_people(request: Request) -> Response:
    """Send all of it as PDF, in the language of the page it was asked on."""

    async def make(tx: Transaction) -> Paper:
        found, us = await record.gather(tx), await practice.practice(tx)
        return Printed(await print_sheet(record_words.sheet(found, us.name)), "record.pdf")

    return await _send(request, make, "application/pdf")


async def _send(request: Request, make: Callable[[Transaction], Awaitable[Paper]], media_type: str) -> Response:
    async def counted(tx: Transaction) -> Paper:
        await limits.count(LIMIT, "record", str(tx.actor.person_id))
        return await make(tx)

    return await hand_out(request, "record.take", counted, back=BACK, media_type=media_type)


routes = [
    PolicyRoute("/record/record.json", for_programs, policy="record.take"),
    PolicyRoute("/record/record.pdf", for_people, policy="record.take"),
]
