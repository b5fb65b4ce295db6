"""GET /staff/money/journal.csv: a month of the books for whoever does the accounts, without anybody's name."""

import csv
import io
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from portal_app.core import clock, db
from portal_app.core.actor import Credential
from portal_app.core.errors import NotAllowed, NotSignedIn, StepUpNeeded
from portal_app.features.billing.service import decimals_of
from portal_app.features.reconciling import service as reconciling
from portal_app.settings import get_settings
from portal_app.web import cookies
from portal_app.web.request import client_address
from portal_app.web.route import PolicyRoute

_HEADERS: Final = {"cache-control": "no-store"}
_COLUMNS: Final = ("time (UTC)", "kind", "account", "bill", "amount", "currency")
_POLICY: Final = "reconciling.work"


async def journal(request: Request) -> Response:
    """Send every entry of a month, by default this one."""
    secret = cookies.read_secret(request.headers.get("cookie"))
    credential = Credential(secret, client_address(request.scope, get_settings().proxy_hops))
    since, until = _month(request.query_params.get("month", ""))
    try:
        async with db.opened().act_as(credential, _POLICY) as tx:
            lines = await reconciling.journal(tx, since, until)
    except (NotSignedIn, NotAllowed, StepUpNeeded):
        return PlainTextResponse("Not found", 404, _HEADERS)
    name = f'attachment; filename="books-{since:%Y-%m}.csv"'
    return Response(_written(lines), media_type="text/csv", headers={**_HEADERS, "content-disposition": name})


def _month(given: str) -> tuple[datetime, datetime]:
    try:
        since = datetime.strptime(given, "%Y-%m").replace(tzinfo=UTC)
        return since, _next(since)
    except ValueError:
        since = clock.now().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        return since, _next(since)


def _next(month: datetime) -> datetime:
    return month.replace(year=month.year + month.month // 12, month=month.month % 12 + 1)


def _written(lines: Sequence[reconciling.JournalLine]) -> str:
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(_COLUMNS)
    for one in lines:
        amount = reconciling.decimal(one.amount_minor, decimals_of(one.currency))
        row = (f"{one.made_at:%Y-%m-%d %H:%M:%S}", one.kind, one.account, one.bill, amount, one.currency)
        writer.writerow([reconciling.cell(text) for text in row])
    return written.getvalue()


routes = [PolicyRoute("/staff/money/journal.csv", journal, policy=_POLICY)]
