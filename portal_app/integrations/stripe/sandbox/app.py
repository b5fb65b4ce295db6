"""The stand-in as a web app, on this machine's own address alone."""

import asyncio
import contextlib
import hmac
from typing import Any, Final
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from portal_app.integrations.stripe.sandbox import answering, paying
from portal_app.integrations.stripe.sandbox.answering import Asked
from portal_app.integrations.stripe.sandbox.checking import decoded
from portal_app.integrations.stripe.sandbox.control import CONTROLS
from portal_app.integrations.stripe.sandbox.delivery import Postman
from portal_app.integrations.stripe.sandbox.pay_page import pay_page, way_back
from portal_app.integrations.stripe.sandbox.refusals import Refused
from portal_app.integrations.stripe.sandbox.store import Store, Thing, told

_NO_ANSWER_S: Final = 90.0
"""Longer than any client waits."""


class Standin:
    """What answers.

    Args:
        store: what it remembers.
        secret_key: the key that may ask.
        postman: who delivers events; told when there may be some.
    """

    def __init__(self, store: Store, secret_key: str, postman: Postman) -> None:
        self._store = store
        self._key = secret_key
        self._postman = postman

    def app(self) -> Starlette:
        """Return the web app."""
        return Starlette(
            routes=[
                Route("/healthz", self.healthy),
                Route("/v1/{rest:path}", self.api, methods=["GET", "POST", "DELETE"]),
                Route("/pages/pay/{session_id}", self.page, methods=["GET", "POST"]),
                Route("/control/{name}", self.control, methods=["POST"]),
            ]
        )

    async def healthy(self, _request: Request) -> Response:
        """Answer."""
        return PlainTextResponse("practice")

    async def api(self, request: Request) -> Response:
        """Answer what Stripe would be asked."""
        try:
            asked = await _asked(request)
        except Refused as refused:
            return JSONResponse({"error": refused.error}, refused.status)
        answer, fault = await run_in_threadpool(answering.begin, self._store, asked, self._key)
        if answer is None:
            await asyncio.sleep(float(fault.get("delay_s", 0)))
            answer = await run_in_threadpool(answering.do, self._store, asked)
            self._postman.wake.set()
            if fault.get("how") == "no_answer_after":
                await _until_gone(request)
        headers = {"request-id": answer.request_id} | ({"idempotent-replayed": "true"} if answer.is_replayed else {})
        return JSONResponse(answer.body, answer.status, headers)

    async def page(self, request: Request) -> Response:
        """Return what the pay page says, or where to go after a tap on it."""
        session_id = request.path_params["session_id"]
        sent = dict(parse_qsl((await request.body()).decode())) if request.method == "POST" else {}
        try:
            shown = await run_in_threadpool(self._page, session_id, sent)
        except Refused as refused:
            return JSONResponse({"error": refused.error}, refused.status)
        self._postman.wake.set()
        return JSONResponse(shown)

    def _page(self, session_id: str, sent: dict[str, str]) -> Thing:
        with self._store.work() as work:
            session = work.get("checkout.session", session_id)
            if sent and session["status"] == "open":
                session = _tapped(work, session, sent)
                if session["status"] == "complete":
                    return {"go_to": way_back(session)}
            return pay_page(session, work.find("payment_intent", session["payment_intent"] or ""))

    async def control(self, request: Request) -> Response:
        """Do what only a stand-in does."""
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        does = CONTROLS.get(request.path_params["name"])
        if does is None or not hmac.compare_digest(given.encode(), self._key.encode()):
            return JSONResponse({"error": {"message": "No such control, or not with this key."}}, 404)
        sent = await request.json()

        def run() -> Any:
            with self._store.work() as work:
                return told(does(work, sent))

        try:
            done = await run_in_threadpool(run)
        except Refused as refused:
            return JSONResponse({"error": refused.error}, refused.status)
        self._postman.wake.set()
        return JSONResponse(done)


def _tapped(work: Any, session: Thing, sent: dict[str, str]) -> Thing:
    if "bank" in sent:
        return paying.answer_bank(work, session["id"], is_approved=sent["bank"] == "yes")
    return paying.pay(work, session["id"], sent.get("card", ""))


async def _asked(request: Request) -> Asked:
    body = (await request.body()).decode()
    pairs = parse_qsl(body if request.method == "POST" else request.url.query, keep_blank_values=True)
    headers = request.headers
    return Asked(
        request.method,
        request.url.path,
        decoded(pairs),
        headers.get("authorization", ""),
        headers.get("idempotency-key"),
    )


async def _until_gone(request: Request) -> None:
    """Say nothing until whoever asked has gone."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_NO_ANSWER_S):
            while not await request.is_disconnected():  # noqa: ASYNC110 - it can only be asked
                await asyncio.sleep(0.02)
