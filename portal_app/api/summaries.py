"""GET /appointments/{id}/summary.pdf: the summary of a visit on paper, for whoever may read it."""

from starlette.requests import Request
from starlette.responses import Response

from portal_app.features.notes import service as notes
from portal_app.web.paper import hand_out
from portal_app.web.route import PolicyRoute


async def summary(request: Request) -> Response:
    """Send the file in the language of the page it was asked on; its name says nothing about health."""
    appointment_id = request.path_params["appointment_id"]
    return await hand_out(
        request,
        "notes.read_own",
        lambda tx: notes.summary_file(tx, appointment_id),
        back=f"/appointments/{appointment_id}",
    )


routes = [PolicyRoute("/appointments/{appointment_id:uuid}/summary.pdf", summary, policy="notes.read_own")]
