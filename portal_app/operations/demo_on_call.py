"""Who is on call in the demo: from eight to eight each day of the coming week but the last, which is a gap."""

from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from portal_app.core import crypto
from portal_app.core.db import SYSTEM_PERSON_ID, Transaction
from portal_app.operations.demo_people import staff_person
from portal_app.operations.demo_practice import PRACTITIONERS, ZONES, demo_id
from portal_app.operations.demo_vitals import NURSE

DAYS: Final = 6
_AS: Final = "select set_config('portal.roles', :roles, true)"
_TURN: Final = """
insert into on_call_turn (id, person_id, rank, starts_at, ends_at, phone, added_by, added_at)
values (:id, :person_id, :rank, :starts_at, :ends_at, :phone, :added_by, :now)
on conflict do nothing
"""


async def make_on_call(tx: Transaction, now: datetime) -> None:
    """Fill the days that nobody has been put down for: the nurse first, with a telephone, and a clinician after her."""
    local = now.astimezone(ZoneInfo(ZONES[0]))
    today = local.date() if local.hour >= 8 else local.date() - timedelta(days=1)
    await tx.execute(_AS, {"roles": "{manager,system}"})
    for day in (today + timedelta(days=n) for n in range(DAYS)):
        begins, ends = (datetime.combine(one, time(8), local.tzinfo) for one in (day, day + timedelta(days=1)))
        second = staff_person(PRACTITIONERS[day.toordinal() % 3])
        for rank, person, phone in ((1, NURSE[0], "+17185550190"), (2, second, None)):
            turn = {
                "id": demo_id("on call", day, rank), "person_id": person, "rank": rank, "starts_at": begins,
                "ends_at": ends, "phone": phone and crypto.encrypt(phone), "added_by": SYSTEM_PERSON_ID, "now": now,
            }  # fmt: skip
            await tx.execute(_TURN, turn)
    await tx.execute(_AS, {"roles": "{system}"})
