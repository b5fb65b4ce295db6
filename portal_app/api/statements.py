"""GET /statements/{id}/statement.pdf: a statement of the account on paper, for whoever may read it."""

from starlette.requests import Request
from starlette.responses import Response

from portal_app.features.billing import account_statements
from portal_app.web.paper import hand_out
from portal_app.web.route import PolicyRoute


async def statement(request: Request) -> Response:
    """Send the file in the language in which the statement was made."""
    statement_id = request.path_params["statement_id"]
    return await hand_out(
        request, "billing.see_bills", lambda tx: account_statements.statement_file(tx, statement_id), back="/bills"
    )


routes = [PolicyRoute("/statements/{statement_id:uuid}/statement.pdf", statement, policy="billing.see_bills")]
