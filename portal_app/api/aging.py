"""GET /staff/aging/accounts.csv: what every account owes and how long, for billing after a fresh proof."""

import csv
import io
from typing import Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from portal_app.core import clock, db
from portal_app.core.actor import Credential
from portal_app.core.errors import NotAllowed, NotSignedIn, StepUpNeeded
from portal_app.features.access import service as access
from portal_app.features.billing import aging
from portal_app.features.billing.service import decimals_of
from portal_app.features.reconciling import service as reconciling
from portal_app.settings import get_settings
from portal_app.web import cookies
from portal_app.web.next_path import proof_path
from portal_app.web.request import client_address
from portal_app.web.route import PolicyRoute

_HEADERS: Final = {"cache-control": "no-store"}
_COLUMNS: Final = ("patient", "oldest due", "currency", "current", "30 days", "60 days", "90 days", "120 days", "total")
_POLICY: Final = "billing.keep_books"
_BACK: Final = "/staff/aging"


async def accounts(request: Request) -> Response:
    """Send every account that owes something, the one that owes longest first."""
    secret = cookies.read_secret(request.headers.get("cookie"))
    credential = Credential(secret, client_address(request.scope, get_settings().proxy_hops))
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(_COLUMNS)
    try:
        async with db.opened().act_as(credential, _POLICY) as tx:
            await access.require_fresh(tx)
            async for one in aging.aging_file(tx):
                writer.writerow([reconciling.cell(text) for text in _row(one)])
    except StepUpNeeded as error:
        return RedirectResponse(proof_path(error, _BACK), 303, _HEADERS)
    except (NotSignedIn, NotAllowed):
        return PlainTextResponse("Not found", 404, _HEADERS)
    name = f'attachment; filename="accounts-{clock.now():%Y-%m-%d}.csv"'
    return Response(written.getvalue(), media_type="text/csv", headers={**_HEADERS, "content-disposition": name})


def _row(one: aging.AgedAccount) -> list[str]:
    places = decimals_of(one.aged.currency)
    amounts = [reconciling.decimal(amount, places) for amount in (*one.aged.owed_minor, one.aged.sum_minor())]
    return [one.name, f"{one.place[0]:%Y-%m-%d}", one.aged.currency, *amounts]


routes = [PolicyRoute("/staff/aging/accounts.csv", accounts, policy=_POLICY)]
