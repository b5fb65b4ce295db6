"""GET /vitals/readings.csv, .json and .pdf: readings of a chart as a table, as FHIR, and of one measure on paper.

All of them at once want a fresh proof, as the whole record does; one measure is what the page shows.
"""

from collections.abc import Awaitable, Callable
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from portal_app.core.db import Transaction
from portal_app.features.access import service as access
from portal_app.features.vitals import paper
from portal_app.features.vitals import service as vitals
from portal_app.web.paper import Written, hand_out
from portal_app.web.route import PolicyRoute

PERIODS: Final = {"week": 7, "month": 31, "year": 366}
"""How far back paper looks, in days, by the name that the page has for it."""


async def readings(request: Request) -> Response:
    """Send the table; the name of the file says nothing about health."""
    return await _send(request, vitals.readings_file, "list.csv", "text/csv; charset=utf-8")


async def readings_in_fhir(request: Request) -> Response:
    """Send the Bundle."""
    return await _send(request, vitals.fhir_file, "list.json", "application/fhir+json")


async def readings_on_paper(request: Request) -> Response:
    """Send one measure of a period as PDF, in the language of the page."""
    asked = request.query_params
    days, part = PERIODS.get(asked.get("period", ""), PERIODS["month"]), asked.get("of", "")
    return await hand_out(
        request, "vitals.see", lambda tx: paper.readings_paper(tx, asked.get("what", ""), days, part), back="/vitals"
    )


async def _send(
    request: Request, write: Callable[[Transaction], Awaitable[str]], name: str, media_type: str
) -> Response:
    async def written(tx: Transaction) -> Written:
        await access.require_fresh(tx)
        return Written(await write(tx), name)

    return await hand_out(request, "vitals.see", written, back="/vitals", media_type=media_type)


routes = [
    PolicyRoute("/vitals/readings.csv", readings, policy="vitals.see"),
    PolicyRoute("/vitals/readings.json", readings_in_fhir, policy="vitals.see"),
    PolicyRoute("/vitals/readings.pdf", readings_on_paper, policy="vitals.see"),
]
