"""POST /questionnaires and /questionnaires/check: a form from elsewhere, looked at and kept, by whoever chooses forms.

The body is the questionnaire itself (FHIR R4, JSON): longer than what goes over the socket. What is wrong with it is
said in the words of the page, each with its path.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from portal_app.api.passkeys import credential_of
from portal_app.core import db, i18n, limits
from portal_app.core.db import Transaction, secret_hash
from portal_app.core.errors import DatabaseAway, NotAllowed, NotSignedIn, PortalError, StepUpNeeded, TooManyTries
from portal_app.core.i18n import _
from portal_app.features.intake import service as intake
from portal_app.state.import_words import words_of_problem
from portal_app.web.next_path import proof_path
from portal_app.web.route import PolicyRoute

LIMIT: Final = "60/10 minutes"
_LONGEST: Final = 4_000_000
"""In bytes; how many characters it may have, the feature says."""
_POLICY: Final = "intake.choose_forms"
_HEADERS: Final = {"cache-control": "no-store"}
_STATUS: Final[dict[type[Exception], int]] = {
    NotAllowed: 404, intake.VersionTaken: 422, TooManyTries: 429, DatabaseAway: 503,
}  # fmt: skip

Take = Callable[[Transaction, str], Awaitable[intake.Candidate]]


async def check(request: Request) -> Response:
    """Say what is wrong with a form, or show it as patients will see it."""
    return await _answer(request, intake.look_at_form)


async def keep(request: Request) -> Response:
    """Keep a form that was looked at."""
    return await _answer(request, intake.import_form)


async def _answer(request: Request, take: Take) -> Response:
    asked = request.headers.get("x-locale", "")
    locale = asked if asked in i18n.LOCALES else i18n.DEFAULT_LOCALE
    with i18n.use(locale):
        try:
            credential = credential_of(request)
            await limits.count(LIMIT, "questionnaire", secret_hash(credential.session_secret))
            written = (await request.body()).decode("utf-8-sig", errors="replace")
            async with db.opened().act_as(credential, _POLICY) as tx:
                found = await take(tx, written)
        except (NotSignedIn, StepUpNeeded) as error:
            page = i18n.localized_path(locale, "/staff/settings/forms/import")
            return JSONResponse({"leave": proof_path(error, page), "words": _(error.message)}, 401, _HEADERS)
        except intake.QuestionnaireRefused as error:
            # To have looked is no failure; not to have kept is one.
            status = 200 if take is intake.look_at_form else 422
            return JSONResponse({"problems": [_problem(one) for one in error.problems]}, status, _HEADERS)
        except tuple(_STATUS) as error:
            words = _(error.message) if isinstance(error, PortalError) else ""
            status = next(code for kind, code in _STATUS.items() if isinstance(error, kind))
            return JSONResponse({"words": words}, status, _HEADERS)
        return JSONResponse(_shown(found), headers=_HEADERS)


def _problem(one: intake.Problem) -> dict[str, str]:
    return {"at": one.at, "words": words_of_problem(one.code)}


def _shown(found: intake.Candidate) -> dict[str, Any]:
    form = found.questionnaire
    offered = [code for code in i18n.LOCALES if code in form.languages()] or [form.language]
    standing = {
        "new": _("This form is new here."),
        "newer": _("Version {before} is kept already. What somebody has begun stays with it."),
        "kept": _("This very version is kept already."),
    }[found.standing]
    return {
        "title": intake.said(form.title, i18n.current(), form.language),
        "version": form.version,
        "standing": standing.format(before=found.before),
        "isKept": found.standing == "kept",
        "notes": [_problem(one) for one in form.notes],
        "sheets": [
            {
                "lang": code,
                "name": i18n.LOCALES[code].own_name if code in i18n.LOCALES else code,
                "sheet": intake.sheet_of(form, code),
            }
            for code in offered
        ],
    }


routes = [
    PolicyRoute("/questionnaires/check", check, policy=_POLICY, methods=["POST"], max_body_bytes=_LONGEST),
    PolicyRoute("/questionnaires", keep, policy=_POLICY, methods=["POST"], max_body_bytes=_LONGEST),
]
