"""A form and its answers: what `assets/form_filler.jsx` asks for and sends, when there is a line.

JSON of our own pages' making; the gate has checked the origin. Whatever is wrong is said in the words of the page, and
a refusal never loses what the browser still keeps.
"""

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from portal_app.api.passkeys import credential_of
from portal_app.core import db, i18n, limits
from portal_app.core.db import Transaction, secret_hash
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
from portal_app.features.alerts import service as alerts
from portal_app.features.intake import service as intake
from portal_app.features.practice import service as practice
from portal_app.web.next_path import proof_path
from portal_app.web.route import PolicyRoute

LIMIT: Final = "600/10 minutes"
_LONGEST: Final = 1_000_000
_SEE: Final = "intake.see"
_FILL_IN: Final = "intake.fill_in"
_HEADERS: Final = {"cache-control": "no-store"}
_STATUS: Final[dict[type[Exception], int]] = {
    NotFound: 404, NotAllowed: 404, intake.AnswersOutOfOrder: 409, intake.FormAlreadySent: 410, intake.FormChanged: 412,
    intake.FormIncomplete: 422, intake.SignatureMissing: 422, intake.OnlyOneself: 403, InputRefused: 400,
    TooManyTries: 429, DatabaseAway: 503,
}  # fmt: skip

Act = Callable[[Transaction, UUID, Any], Awaitable[dict[str, Any]]]


async def sheet(request: Request) -> Response:
    """Give the form in the page's language, the answers so far, and what helps in a crisis."""
    return await _answer(request, _SEE, _sheet)


async def answers(request: Request) -> Response:
    """Keep what was answered, in order; what came before is not kept again."""
    return await _answer(request, _FILL_IN, _save)


async def send(request: Request) -> Response:
    """Take the form as it was reviewed."""
    return await _answer(request, _FILL_IN, _send)


async def _answer(request: Request, policy: str, act: Act) -> Response:
    locale = _locale(request)
    with i18n.use(locale):
        try:
            credential = credential_of(request)
            await limits.count(LIMIT, "form", secret_hash(credential.session_secret))
            given = await _body(request)
            async with db.opened().act_as(credential, policy) as tx:
                said = await act(tx, request.path_params["form_id"], given | {"locale": locale})
        except (NotSignedIn, StepUpNeeded) as error:
            form = i18n.localized_path(locale, f"/forms/{request.path_params['form_id']}")
            return JSONResponse({"leave": proof_path(error, form), "words": _(error.message)}, 401, _HEADERS)
        except tuple(_STATUS) as error:
            return _refused(error)
    return JSONResponse(said, headers=_HEADERS)


def _refused(error: Exception) -> Response:
    status = next(code for kind, code in _STATUS.items() if isinstance(error, kind))
    words = _(error.message) if isinstance(error, PortalError) else ""
    told = {"words": words, "expected": getattr(error, "expected", None), "at": getattr(error, "at", None)}
    return JSONResponse(told, status, _HEADERS)


def _locale(request: Request) -> str:
    locale = request.headers.get("x-locale", "")
    return locale if locale in i18n.LOCALES else i18n.DEFAULT_LOCALE


async def _body(request: Request) -> dict[str, Any]:
    if request.method != "POST":
        return {}
    try:
        given = json.loads(await request.body())
    except (ValueError, RecursionError):
        raise InputRefused("body", "") from None
    if not isinstance(given, dict):
        raise InputRefused("body", "")
    return given


async def _sheet(tx: Transaction, form_id: UUID, given: Any) -> dict[str, Any]:
    view, locale = await intake.form(tx, form_id), given["locale"]
    questionnaire = view.questionnaire
    shown = locale if locale in questionnaire.languages() else questionnaire.language
    return {
        "sheet": intake.sheet_of(questionnaire, shown, await intake.offered(tx, questionnaire)),
        "lang": shown,
        "answers": dict(view.answers),
        "numbers": dict(view.numbers),
        "place": view.place,
        "latest": view.latest,
        "isSent": view.status == "completed",
        "isOnlySeen": view.is_only_seen,
        "back": i18n.localized_path(
            locale, f"/appointments/{view.appointment_id}" if view.appointment_id else "/forms"
        ),
        "crisis": await _crisis(tx, questionnaire),
    }


async def _crisis(tx: Transaction, questionnaire: intake.Questionnaire) -> dict[str, str] | None:
    """Return what stands on the screen at once if an answer cannot wait; it is in the page before it is needed."""
    if not questionnaire.crisis_line:
        return None
    reading = await alerts.reading_hours(tx)
    words = _("We tell your care team as soon as your answer reaches us. They call you.")
    if not reading.is_open:
        words = _("Nobody at the practice is reading now, so do not wait for us.")
        if reading.opens_at is not None:
            moment = i18n.format_moment(reading.opens_at, reading.zone)
            words += " " + _("The practice opens again: {moment}.").format(moment=moment)
    found = await practice.practice(tx)
    return {"line": questionnaire.crisis_line, "emergency": found.emergency_phone, "words": words}


async def _save(tx: Transaction, form_id: UUID, given: Any) -> dict[str, Any]:
    listed, place = given.get("answers"), given.get("place", "")
    if not isinstance(listed, list) or not isinstance(place, str) or "\0" in place or not intake.is_whole(place):
        raise InputRefused("answers", "")
    saved = await intake.save_answers(tx, form_id, _uuid(given.get("client")), [_given(one) for one in listed], place)
    return {
        "sequence": saved.sequence,
        "latest": saved.latest,
        "numbers": dict(saved.numbers),
        "conflicts": [{"key": one.key, "values": one.values, "number": one.number} for one in saved.conflicts],
        "refused": list(saved.refused),
    }


def _given(one: Any) -> intake.GivenAnswer:
    try:
        key, values, sequence, base = one["key"], one["values"], one["sequence"], one["base"]
        moment = datetime.fromisoformat(one["at"]).astimezone(UTC)
    except (KeyError, TypeError, ValueError, OverflowError):
        raise InputRefused("answers", "") from None
    are_numbers = all(isinstance(number, int) and 0 <= number < 2**31 for number in (sequence, base))
    if not (isinstance(key, str) and isinstance(values, list) and are_numbers):
        raise InputRefused("answers", "")
    return intake.GivenAnswer(sequence, key, values, base, moment)


def _uuid(given: Any) -> UUID:
    try:
        return UUID(given)
    except (ValueError, TypeError, AttributeError):
        raise InputRefused("client", "") from None


async def _send(tx: Transaction, form_id: UUID, given: Any) -> dict[str, Any]:
    latest, name, drawn = given.get("latest"), given.get("name", ""), given.get("drawn", "")
    if not isinstance(latest, int) or not isinstance(name, str) or not isinstance(drawn, str):
        raise InputRefused("latest", "")
    await intake.submit_form(tx, form_id, latest, given["locale"], name, drawn)
    return {"isSent": True}


routes = [
    PolicyRoute("/forms/{form_id:uuid}/sheet", sheet, policy=_SEE),
    PolicyRoute(
        "/forms/{form_id:uuid}/answers",
        answers,
        policy=_FILL_IN,
        methods=["POST"],
        max_body_bytes=_LONGEST,
        counts_as_tap=True,
    ),
    PolicyRoute("/forms/{form_id:uuid}/send", send, policy=_FILL_IN, methods=["POST"]),
]
