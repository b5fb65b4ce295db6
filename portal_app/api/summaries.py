"""GET /appointments/{id}/summary.pdf: the summary of a visit on paper, for whoever may read it."""

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from portal_app.core import db, i18n
from portal_app.core.actor import Credential
from portal_app.core.errors import NotAllowed, NotFound, NotSignedIn, StepUpNeeded
from portal_app.features.notes import service as notes
from portal_app.settings import get_settings
from portal_app.web import cookies
from portal_app.web.next_path import proof_path
from portal_app.web.request import client_address
from portal_app.web.route import PolicyRoute


async def summary(request: Request) -> Response:
    """Send the file in the language of the page it was asked on; its name says nothing about health."""
    address = client_address(request.scope, get_settings().proxy_hops)
    credential = Credential(cookies.read_secret(request.headers.get("cookie")), address)
    appointment_id = request.path_params["appointment_id"]
    locale = request.query_params.get("in", "")
    try:
        async with db.opened().act_as(credential, "notes.read_own") as tx:
            with i18n.use(locale if locale in i18n.LOCALES else tx.actor.locale):
                file = await notes.summary_file(tx, appointment_id)
    except (NotSignedIn, StepUpNeeded) as error:
        return RedirectResponse(proof_path(error, f"/appointments/{appointment_id}"), 303)
    except (NotAllowed, NotFound):
        # One answer for all: whether a visit exists is nobody else's business.
        return PlainTextResponse("Not found", 404, {"cache-control": "no-store"})
    headers = {
        "content-disposition": f'attachment; filename="{file.filename}"',
        "content-security-policy": "sandbox; default-src 'none'",
        "x-content-type-options": "nosniff",
        "cross-origin-resource-policy": "same-origin",
        "cache-control": "private, no-store",
    }
    return Response(file.content, headers=headers, media_type="application/pdf")


routes = [PolicyRoute("/appointments/{appointment_id:uuid}/summary.pdf", summary, policy="notes.read_own")]
