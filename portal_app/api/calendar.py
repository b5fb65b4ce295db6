"""GET /appointments/{id}/calendar.ics: an appointment for the phone's own calendar."""

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from portal_app.core import db, i18n
from portal_app.core.actor import Credential
from portal_app.core.errors import NotAllowed, NotFound, NotSignedIn
from portal_app.features.access import service as access
from portal_app.features.booking import service as booking
from portal_app.features.practice import service as practice
from portal_app.settings import get_settings
from portal_app.web import cookies
from portal_app.web.next_path import sign_in_path
from portal_app.web.request import client_address
from portal_app.web.route import PolicyRoute


async def calendar_file(request: Request) -> Response:
    """Send the file in the person's own language; it says time and place, never what the visit is about."""
    settings = get_settings()
    address = client_address(request.scope, settings.proxy_hops)
    credential = Credential(cookies.read_secret(request.headers.get("cookie")), address)
    page = f"/appointments/{request.path_params['appointment_id']}"
    try:
        async with db.opened().act_as(credential, "booking.calendar_file") as tx:
            found = await booking.appointment(tx, request.path_params["appointment_id"])
            us = await practice.practice(tx)
            parties = booking.Parties(settings.mail_from, (await access.who_am_i(tx)).email)
    except NotSignedIn:
        return RedirectResponse(sign_in_path(page, ""), 303)
    except (NotAllowed, NotFound):
        return PlainTextResponse("Not found", 404, {"cache-control": "no-store"})
    with i18n.use(tx.actor.locale):
        link = settings.public_origin + i18n.localized_path(tx.actor.locale, page)
        file = booking.calendar_file(found, us.name, link, parties)
    headers = {
        "content-disposition": f'attachment; filename="{file.filename}"',
        "x-content-type-options": "nosniff",
        "cache-control": "private, no-store",
    }
    return Response(file.content, headers=headers, media_type="text/calendar")


routes = [
    PolicyRoute("/appointments/{appointment_id:uuid}/calendar.ics", calendar_file, policy="booking.calendar_file")
]
