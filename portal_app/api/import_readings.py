"""POST /vitals/import: a file of readings, first to see what would be kept, then to keep it; it is stored nowhere.

The page names the chart it was opened for: another tab may act for another one by now, and a file never goes there.
"""

from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from portal_app.api.passkeys import credential_of
from portal_app.core import db, i18n, limits
from portal_app.core.db import secret_hash
from portal_app.core.errors import DatabaseAway, NotAllowed, NotFound, NotSignedIn, StepUpNeeded, TooManyTries
from portal_app.features.vitals import importing
from portal_app.features.vitals import service as vitals
from portal_app.features.vitals.importing import ListTooLong, NotAList, Row
from portal_app.web.next_path import proof_path
from portal_app.web.route import PolicyRoute

LIMIT: Final = "30/hour"
MOST_BYTES: Final = 300_000
SHOWN: Final = 100
"""So many lines of each kind are shown before they are kept."""
_POLICY: Final = "vitals.log"
_WRONG: Final[dict[type[Exception], tuple[str, int]]] = {
    NotAList: ("columns", 422), ListTooLong: ("long", 422),
    TooManyTries: ("often", 429), NotAllowed: ("away", 404), NotFound: ("away", 404), DatabaseAway: ("away", 503),
}  # fmt: skip
"""What a page says of each failure, by its own words."""
_HEADERS: Final = {"cache-control": "no-store"}


async def preview(request: Request) -> Response:
    """Say what would be kept of the file."""
    return await _answer(request, keeps=False)


async def keep(request: Request) -> Response:
    """Keep what is in the file and not there yet."""
    return await _answer(request, keeps=True)


async def _answer(request: Request, *, keeps: bool) -> Response:
    try:
        credential = credential_of(request)
        await limits.count(LIMIT, "import", secret_hash(credential.session_secret))
        content, order = importing.decoded(await request.body()), request.headers.get("x-order", "")
        async with db.opened().act_as(credential, _POLICY, lane=vitals.FILE_LANE if keeps else "") as tx:
            if request.headers.get("x-chart", "") != str(tx.actor.patient_id):
                raise NotFound
            if keeps:
                sure = request.headers.get("x-sure") == "yes"
                return _said({"kept": await importing.import_list(tx, content, is_confirmed=sure, order=order)})
            return _said(_shown(await importing.preview(tx, content, order)))
    except (NotSignedIn, StepUpNeeded) as error:
        locale = request.headers.get("x-locale", "")
        page = i18n.localized_path(locale if locale in i18n.LOCALES else i18n.DEFAULT_LOCALE, "/vitals/import")
        return _said({"leave": proof_path(error, page)}, 401)
    except tuple(_WRONG) as error:
        wrong, status = next(found for kind, found in _WRONG.items() if isinstance(error, kind))
        return _said({"wrong": wrong}, status)


def _said(told: dict[str, Any], status: int = 200) -> Response:
    return JSONResponse(told, status, _HEADERS)


def _shown(found: importing.Preview) -> dict[str, Any]:
    kinds: tuple[importing.Standing, ...] = ("fault", "unusual", "new", "there")
    rows = [row for kind in kinds for row in [one for one in found.rows if one.standing == kind][:SHOWN]]
    told: dict[str, Any] = {
        "counts": {kind: found.count(kind) for kind in kinds},
        "rows": [_row(one) for one in rows],
        "asks": None,
    }
    if found.asks is not None:
        said, day_first, month_first = found.asks
        told["asks"] = {"said": said, "dmy": day_first.isoformat(), "mdy": month_first.isoformat()}
    return told


def _row(one: Row) -> dict[str, Any]:
    said: dict[str, Any] = {"line": one.line, "standing": one.standing, "reasons": list(one.reasons)}
    if (new := one.reading) is None:
        return said
    both = "/".join(f"{number:f}" for number in (new.value, new.pair) if number is not None)
    unit = vitals.MEASURES[new.measure].unit(new.unit).shown
    at = new.taken_at.isoformat() if new.taken_at else ""
    return said | {"measure": new.measure, "shown": f"{both} {unit}".strip(), "at": at}


routes = [
    PolicyRoute("/vitals/import/preview", preview, policy=_POLICY, methods=["POST"], max_body_bytes=MOST_BYTES),
    PolicyRoute("/vitals/import/keep", keep, policy=_POLICY, methods=["POST"], max_body_bytes=MOST_BYTES),
]
