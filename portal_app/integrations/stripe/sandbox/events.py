"""What happened, as events that are kept and sent (https://docs.stripe.com/api/events)."""

from typing import Any, Final

from portal_app.integrations.stripe.sandbox.listing import is_created, page
from portal_app.integrations.stripe.sandbox.refusals import Refused
from portal_app.integrations.stripe.sandbox.store import Thing, Work, told

API_VERSION: Final = "2026-10-28.endive"
_KEPT_S: Final = 30 * 86400
HOOK: Final = "hook"
"""The setting that says where events go; without it none is sent."""
FAULTS: Final = "faults"


def happened(work: Work, kind: str, thing: Thing) -> Thing:
    """Keep an event about a thing as it is now, and have it sent."""
    request_id, key = work.asked_with
    event = work.add(
        "evt",
        "event",
        api_version=API_VERSION,
        data={"object": told(thing)},
        pending_webhooks=1 if work.setting(HOOK) else 0,
        request={"id": request_id or None, "idempotency_key": key},
        type=kind,
    )
    if work.setting(HOOK):
        _post(work, event)
    return event


def _post(work: Work, event: Thing) -> None:
    """Put an event in the post, or do with it what a test asked for."""
    faults = work.setting(FAULTS, {})
    dropped: Any = faults.get("drop", [])
    if dropped is True or event["type"] in (dropped or ()):
        work.put(event, pending_webhooks=1)
        return
    due_at = work.clock() + float(faults.get("delay_s", 0))
    state = "held" if faults.get("hold") else "waiting"
    for _copy in range(1 + int(faults.get("duplicate", 0))):
        row = (event["id"], due_at, state)
        work.sql.execute("insert into delivery (event_id, due_at, state) values (?, ?, ?)", row)


def list_events(work: Work, given: Thing) -> Thing:
    """Return the events of the last thirty days."""
    kinds = set(given.get("types", [])) | ({given["type"]} if "type" in given else set())
    if "types" in given and "type" in given:
        raise Refused("You may only specify one of these parameters: type, types.")
    found = [one for one in reversed(work.every("event")) if one["created"] >= work.now - _KEPT_S]
    if kinds:
        found = [one for one in found if one["type"] in kinds]
    if "delivery_success" in given:
        found = [one for one in found if (one["pending_webhooks"] == 0) == given["delivery_success"]]
    return page([one for one in found if is_created(one, given.get("created"))], given, "/v1/events")
