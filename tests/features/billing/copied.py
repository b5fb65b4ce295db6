"""Further bills, by copies of the rows of one."""

from uuid import UUID, uuid4

import psycopg

CHARGE = "(select c.id from charge_item c where c.appointment_id = '{new}')"
CHAIN: tuple[tuple[str, str, dict[str, str]], ...] = (
    (
        "appointment",
        "id",
        {
            "slot_id": "null",
            "request_key": "gen_random_uuid()",
            "status": "'cancelled'",
            "cancelled_at": "now()",
            "cancelled_by": "created_by",
            "cancel_reason": "'practice'",
        },
    ),
    ("encounter", "appointment_id", {}),
    ("charge_item", "appointment_id", {"id": "gen_random_uuid()"}),
    (
        "invoice",
        "appointment_id",
        {
            "id": "gen_random_uuid()",
            "charge_item_id": CHARGE,
            "served_at": "served_at - interval '{weeks} weeks'",
            "due_on": "due_on - 7 * {weeks}",
        },
    ),
)


async def copy_bill(
    owner: psycopg.AsyncConnection, appointment_id: UUID, patient_id: UUID | None, weeks_ago: int = 0
) -> UUID:
    """Copy a visit with its charge and its bill for a patient, so many weeks older; return the bill, without a posting.

    `owner` has said that it maintains.
    """
    new = str(uuid4())
    for table, key, changed in CHAIN:
        said = {key: f"'{new}'", "patient_id": f"'{patient_id}'"} | {
            name: value.format(new=new, weeks=weeks_ago) for name, value in changed.items()
        }
        found = await owner.execute(
            "select array_agg(quote_ident(attname)::text order by attnum) from pg_attribute"
            " where attrelid = %s::regclass and attnum > 0 and not attisdropped and attidentity = ''",
            [table],
        )
        (columns,) = await found.fetchone() or ([],)
        values = ", ".join(said.get(one, one) for one in columns)
        sql = f"insert into {table} ({', '.join(columns)}) select {values} from {table} where {key} = %s"
        await owner.execute(sql, [str(appointment_id)])
    row = await (await owner.execute("select id from invoice where appointment_id = %s", [new])).fetchone()
    assert row
    return UUID(str(row[0]))
