"""One request and its answer: who asks, with which key, and what a test has put in the way."""

import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass, field
from typing import Any, Final

from portal_app.integrations.stripe.sandbox.calls import expanded, find_call
from portal_app.integrations.stripe.sandbox.checking import Sent, checked
from portal_app.integrations.stripe.sandbox.events import FAULTS
from portal_app.integrations.stripe.sandbox.refusals import Refused
from portal_app.integrations.stripe.sandbox.store import Store, Thing, Work, told

_FORGOTTEN_S: Final = 60.0
"""After this long a request that never ended is given up."""
_ITSELF: Final = {"type": "api_error", "message": "An unknown error occurred."}


@dataclass(frozen=True, slots=True)
class Asked:
    """A request."""

    method: str
    path: str
    sent: Sent
    authorization: str = ""
    key: str | None = None
    id: str = field(default_factory=lambda: f"req_{secrets.token_hex(7)}")

    @property
    def print(self) -> str:
        """Return what is the same for the same request."""
        text = json.dumps([self.method, self.path, self.sent], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back. With `waits_s` it is known and does not go out for so long."""

    status: int
    body: Thing
    request_id: str
    is_replayed: bool = False
    waits_s: float = 0.0


def begin(store: Store, asked: Asked, secret_key: str) -> tuple[Answer | None, Thing]:
    """Return an answer known without doing anything, or None; and what a test has put in the way."""
    try:
        _require_key(asked.authorization, secret_key)
        with store.work() as work:
            fault = _fault(work, asked)
            if work.setting(FAULTS, {}).get("down"):
                return Answer(503, {"error": _ITSELF}, asked.id), {}
            if fault.get("how") == "error_before":
                return Answer(int(fault.get("status", 500)), {"error": _ITSELF}, asked.id), {}
            return _known(work, asked), fault
    except Refused as refused:
        return Answer(refused.status, {"error": refused.error}, asked.id), {}


def _require_key(authorization: str, secret_key: str) -> None:
    given = authorization.removeprefix("Bearer ")
    if not hmac.compare_digest(given.encode(), secret_key.encode()):
        raise Refused("Invalid API Key provided.", status=401)


def _fault(work: Work, asked: Asked) -> Thing:
    """Take the next fault that is meant for such a request."""
    faults: Thing = work.setting(FAULTS, {})
    for fault in faults.get("next", []):
        if fault.get("method", asked.method) == asked.method and asked.path.startswith(fault.get("path", "/v1/")):
            fault["times"] = int(fault.get("times", 1)) - 1
            faults["next"] = [one for one in faults["next"] if one.get("times", 1) > 0]
            work.set(FAULTS, faults)
            return dict(fault)
    return {}


def _known(work: Work, asked: Asked) -> Answer | None:
    """Return what was answered to this key, or hold the key. Raises Refused."""
    if not asked.key or asked.method == "GET":
        return None
    row = work.sql.execute("select asked, begun_at, status, body from answer where key = ?", (asked.key,)).fetchone()
    if row is not None and (row[2] is not None or work.clock() - row[1] < _FORGOTTEN_S):
        if row[0] != asked.print:
            words = "Keys for idempotent requests can only be used with the same parameters they were first used with."
            raise Refused(words, type="idempotency_error")
        if row[2] is None:
            words = f"There is currently another in-progress request using this Idempotent Key: {asked.key}"
            raise Refused(words, status=409, type="idempotency_error", code="idempotency_key_in_use")
        return Answer(row[2], json.loads(row[3]), asked.id, is_replayed=True)
    held = (asked.key, asked.print, work.clock())
    work.sql.execute("insert or replace into answer (key, asked, begun_at) values (?, ?, ?)", held)
    return None


def do(store: Store, asked: Asked) -> Answer:
    """Do what is asked, once."""
    try:
        with store.work() as work:
            work.asked_with = (asked.id, asked.key)
            try:
                status, body = 200, _done(work, asked)
            except Refused as refused:
                if not refused.is_kept:
                    raise
                status, body = refused.status, {"error": refused.error}
            body = told(body)
            kept = (status, json.dumps(body), asked.key)
            work.sql.execute("update answer set status = ?, body = ? where key = ?", kept)
    except Refused as refused:
        let_go(store, asked)
        return Answer(refused.status, {"error": told(refused.error)}, asked.id)
    return Answer(status, body, asked.id)


def let_go(store: Store, asked: Asked) -> None:
    """Give back a key with which nothing was done."""
    with store.work() as work:
        work.sql.execute("delete from answer where key = ? and status is null", (asked.key,))


def _done(work: Work, asked: Asked) -> Any:
    call, ids = find_call(asked.method, asked.path)
    given = checked(call.params, asked.sent)
    answer = call.does(work, {name: value for name, value in given.items() if name != "expand"}, *ids)
    return expanded(work, answer, given.get("expand", []))
