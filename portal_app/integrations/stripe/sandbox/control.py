"""What tests may do here that nobody can do at Stripe: set the clock, break things, decide for the bank."""

from collections.abc import Callable
from typing import Any, Final

from portal_app.integrations.stripe.sandbox import disputes, passing, paying
from portal_app.integrations.stripe.sandbox.balance import pay_out
from portal_app.integrations.stripe.sandbox.events import FAULTS, HOOK, happened
from portal_app.integrations.stripe.sandbox.refusals import Refused
from portal_app.integrations.stripe.sandbox.sessions import PAGES
from portal_app.integrations.stripe.sandbox.store import Thing, Work


def _set_faults(work: Work, given: Thing) -> Thing:
    """Set what goes wrong from now on: down, next, drop, duplicate, delay_s, reorder, hold. Nothing given: all well."""
    work.set(FAULTS, given)
    return given


def _release(work: Work, given: Thing) -> Thing:
    """Send what was held, as it was made or the last first."""
    held = work.sql.execute("select seq, event_id from delivery where state = 'held' order by seq").fetchall()
    if given.get("order") == "reversed":
        work.sql.execute("delete from delivery where state = 'held'")
        for _seq, event_id in reversed(held):
            row = (event_id, work.clock())
            work.sql.execute("insert into delivery (event_id, due_at) values (?, ?)", row)
    else:
        work.sql.execute("update delivery set state = 'waiting' where state = 'held'")
    return {"released": len(held)}


def _send_again(work: Work, given: Thing) -> Thing:
    """Send an event once more."""
    event = work.get("event", given["event"])
    work.sql.execute("insert into delivery (event_id, due_at) values (?, ?)", (event["id"], work.clock()))
    return event


def _set_clock(work: Work, given: Thing) -> Thing:
    work.set("clock_ahead_s", given["ahead_s"])
    return {"now": work.clock()}


def _set(work: Work, given: Thing) -> Thing:
    """Change a setting: where events go, how long a bank debit takes, how soon is sent again, what the account says."""
    known = {HOOK, "debit_takes_s", "again_after_s", "account", "endpoint", "methods", "hook_as_known"}
    for name, value in given.items():
        if name not in known:
            raise Refused(f"No such setting: {name}")
        work.set(name, value)
    return given


def _dispute(work: Work, given: Thing) -> Thing:
    charge = work.get("charge", given["charge"])
    return disputes.open_dispute(work, charge, given.get("reason", "fraudulent"), given.get("amount"))


def _decide(work: Work, given: Thing) -> Thing:
    return disputes.decide(work, work.get("dispute", given["dispute"]), is_won=bool(given["won"]))


def _arrive(work: Work, _given: Thing) -> Thing:
    """Let every bank debit and refund that is under way arrive now."""
    passing.end_what_is_under_way(work, everything=True)
    return {}


def _pay_out(work: Work, _given: Thing) -> Thing:
    return {"data": pay_out(work, everything=True)}


def _pay(work: Work, given: Thing) -> Thing:
    """Pay as somebody on the pay page would, and approve where the bank asks."""
    session = paying.pay(work, given["session"], given["card"])
    if session["status"] == "open" and "approved" in given:
        session = paying.answer_bank(work, given["session"], is_approved=bool(given["approved"]))
    return session


def _forge(work: Work, given: Thing) -> Thing:
    """Send an event about something as it is not."""
    thing = work.any(given["about"]) or {}
    return happened(work, given["type"], thing | given.get("changed", {}))


def _forget(work: Work, _given: Thing) -> Thing:
    """Forget every thing, answer and fault, as if it had just been set up."""
    kept = {name: work.setting(name) for name in (HOOK, PAGES)}
    for table in ("thing", "answer", "delivery", "setting"):
        work.sql.execute(f"delete from {table}")  # noqa: S608 - names of ours
    for name, value in kept.items():
        work.set(name, value)
    return {}


def _told(work: Work, _given: Thing) -> Thing:
    """Return every event, and how its deliveries went."""
    rows = work.sql.execute("select event_id, tries, state from delivery order by seq").fetchall()
    return {"events": work.every("event"), "deliveries": [list(row) for row in rows]}


CONTROLS: Final[dict[str, Callable[[Work, Thing], Any]]] = {
    "arrive": _arrive,
    "clock": _set_clock,
    "decide": _decide,
    "dispute": _dispute,
    "faults": _set_faults,
    "forge": _forge,
    "forget": _forget,
    "pay": _pay,
    "pay-out": _pay_out,
    "release": _release,
    "send-again": _send_again,
    "set": _set,
    "told": _told,
}
