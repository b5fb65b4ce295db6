"""GET /estimates/{id}/estimate.pdf: an estimate on paper, for whoever may read it."""

from starlette.requests import Request
from starlette.responses import Response

from portal_app.features.estimates import service as estimates
from portal_app.web.paper import hand_out
from portal_app.web.route import PolicyRoute


async def estimate(request: Request) -> Response:
    """Send the file in the language of the page it was asked on; its name says nothing about health."""
    estimate_id = request.path_params["estimate_id"]
    return await hand_out(
        request, "estimates.see", lambda tx: estimates.estimate_file(tx, estimate_id), back=f"/estimates/{estimate_id}"
    )


routes = [PolicyRoute("/estimates/{estimate_id:uuid}/estimate.pdf", estimate, policy="estimates.see")]
