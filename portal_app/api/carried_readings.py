"""Readings that wait on a device: what `assets/offline_reading.jsx` judges with, and what it sends later.

JSON of our own pages' making; the gate has checked the origin. Each reading is taken in by itself, so that one that is
not kept holds no other back, and by its key once.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from portal_app.api.passkeys import credential_of
from portal_app.core import db, i18n, limits
from portal_app.core.actor import Credential
from portal_app.core.db import secret_hash
from portal_app.core.errors import (
    DatabaseAway,
    InputRefused,
    NotAllowed,
    NotFound,
    NotSignedIn,
    PortalError,
    StepUpNeeded,
    TooManyTries,
)
from portal_app.core.i18n import _
from portal_app.features.vitals import service as vitals
from portal_app.features.vitals.service import MEASURES, Carried
from portal_app.web.first_look import packed
from portal_app.web.next_path import proof_path
from portal_app.web.route import PolicyRoute

LIMIT: Final = "300/10 minutes"
_POLICY: Final = "vitals.log"
_HEADERS: Final = {"cache-control": "no-store"}
_STATUS: Final[dict[type[Exception], int]] = {
    NotFound: 404, NotAllowed: 404, InputRefused: 400, TooManyTries: 429, DatabaseAway: 503,
}  # fmt: skip
_FIELDS: Final = ("value", "pair", "pulse", "unit", "context", "arm", "posture", "symptom", "note", "at")
_LONGEST: Final = 400


async def sheet(request: Request) -> Response:
    """Give what a device needs to judge a reading of this chart by itself."""
    return await _answer(request)


async def take(request: Request) -> Response:
    """Take in a reading that waited."""
    return await _answer(request)


async def _answer(request: Request) -> Response:
    said = request.headers.get("x-locale", "")
    locale = said if said in i18n.LOCALES else i18n.DEFAULT_LOCALE
    with i18n.use(locale):
        try:
            credential = credential_of(request)
            await limits.count(LIMIT, "readings", secret_hash(credential.session_secret))
            if request.method == "POST":
                return JSONResponse(await _take(request, credential), headers=_HEADERS)
            async with db.opened().act_as(credential, _POLICY) as tx:
                found = await vitals.carried_sheet(tx)
            return _packed(found, request.headers.get("accept-encoding", ""))
        except (NotSignedIn, StepUpNeeded) as error:
            page = i18n.localized_path(locale, "/vitals/log")
            return JSONResponse({"leave": proof_path(error, page)}, 401, _HEADERS)
        except tuple(_STATUS) as error:
            words = _(error.message) if isinstance(error, PortalError) else ""
            status = next(code for kind, code in _STATUS.items() if isinstance(error, kind))
            return JSONResponse({"words": words}, status, _HEADERS)


def _packed(found: object, accepted: str) -> Response:
    """Return an answer as short as this device takes it: a line that comes and goes carries a quarter of the sheet."""
    content, encoding = packed(json.dumps(found, ensure_ascii=False, separators=(",", ":")), accepted)
    encoded = {"content-encoding": encoding} if encoding else {}
    return Response(content, headers={**_HEADERS, "vary": "accept-encoding", **encoded}, media_type="application/json")


async def _take(request: Request, credential: Credential) -> dict[str, str]:
    chart, one = await _body(request)
    async with db.opened().act_as(credential, _POLICY, lane=vitals.LANE) as tx:
        if tx.actor.patient_id != chart:  # entered for a chart that this session does not act for now
            raise NotFound
        found = await vitals.take_in(tx, one)
    reason = _(found.reason) if found.reason else ""
    return {"outcome": found.outcome, "severity": found.severity, "reason": reason}


async def _body(request: Request) -> tuple[UUID, Carried]:
    try:
        given = json.loads(await request.body())
        return UUID(given["chart"]), _carried(given["reading"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError):
        raise InputRefused("reading", "") from None


def _carried(one: Any) -> Carried:
    said: Mapping[str, Any] = one["said"]
    if one["measure"] not in MEASURES:
        raise ValueError
    return Carried(
        one["measure"], {name: str(said.get(name, ""))[:_LONGEST] for name in _FIELDS}, UUID(one["key"]),
        datetime.fromisoformat(one["at"]).astimezone(UTC), one["isConfirmed"] is True,
    )  # fmt: skip


routes = [
    PolicyRoute("/vitals/carried", sheet, policy=_POLICY),
    PolicyRoute("/vitals/carried/readings", take, policy=_POLICY, methods=["POST"]),
]
