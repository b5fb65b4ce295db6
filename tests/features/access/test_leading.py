"""A link leads to the chart it is about, whichever chart is open, and nobody anywhere they may not be."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import pytest_asyncio

from portal_app.core.actor import Credential
from portal_app.core.db import Database
from portal_app.features.access import factors, leading, rules, service
from portal_app.features.booking import service as booking
from portal_app.features.booking.views import AppointmentView
from tests.factories import Clinic, Someone
from tests.features.access.conftest import Share, acting_for
from tests.journeys.clinic import Practices

ID = "0b3c7d1e-5a1f-4c55-9a0e-3f4b2c1d0e9f"


@pytest_asyncio.fixture
async def practices(database: Database) -> Practices:
    practices = Practices(database)
    await practices.open()
    return practices


@pytest_asyncio.fixture
async def visit(practices: Practices, maria: Someone) -> AppointmentView:
    doctor = await practices.doctor()
    return await practices.booked(maria, (await practices.free_times(maria, doctor))[0])


@pytest_asyncio.fixture
async def maria(practices: Practices) -> Someone:
    return await practices.patient(await practices.doctor(opens=False), "Maria")


async def behind(database: Database, who: Someone, target: str) -> UUID | None:
    async with database.act_as(who.credential, "access.act_for") as tx:
        return await leading.chart_behind(tx, target)


@pytest.mark.parametrize(
    ("target", "kind"),
    [
        (f"/appointments/{ID}", "Appointment"), (f"/ar/appointments/{ID}/", "Appointment"),
        (f"/es/visit?id={ID}", "Appointment"), (f"/offers/{ID}", "TimeOffer"), (f"/requests/{ID}", "TimeRequest"),
        ("/visit?id=nobody", ""), ("/visit", ""), (f"/appointments/{ID[:-2]}--", ""), (f"/staff/patients/{ID}", ""),
        (f"/appointments/{ID}/calendar.ics", ""), ("/", ""), (f"/bills/{ID}", "Invoice"), ("/bills?about=nobody", ""),
        (f"/ar/forms?about={ID}", "FormAssignment"), (f"/vitals?about={ID}&more=1", "CarePlan"),
        (f"/pay/return?attempt={ID}", "PaymentAttempt"), (f"/pay/return?about={ID}", ""), (f"/staff/bills/{ID}", ""),
    ],
)  # fmt: skip
def test_what_an_address_is_about(target: str, kind: str) -> None:
    named = leading.named_in(target)
    assert (named[0] if named else "") == kind


FEATURES = Path(leading.__file__).parents[1]
OF_NO_CHART = {
    "/sign-in", "/profile/devices", "/profile/notifications", "/profile/acting-for", "/staff/alerts", "/staff/privacy",
    f"/invitation?key={ID}", f"/activate?key={ID}",
}  # fmt: skip
"""Addresses in messages that are about a person, their work, or a chart that is not open to them yet."""
BEGINNINGS = {"/book", "/appointments", "/bills", "/profile/caregivers", "/profile/who-looked", "/vitals"}
"""Lists that become the address of a message only with what it is about behind them, in the very line that sends it."""


def _addresses() -> Iterator[tuple[str, str]]:
    """Yield each address that is written where messages are left, with an id in each gap, and the module."""
    for module in sorted(FEATURES.rglob("*.py")):
        source = module.read_text()
        if "enqueue_message(" not in source and module.stem not in ("messages", "mails"):
            continue
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                written = node.value
            elif isinstance(node, ast.JoinedStr):
                written = "".join(str(one.value) if isinstance(one, ast.Constant) else ID for one in node.values)
            else:
                continue
            if re.fullmatch(r"/[a-z][A-Za-z0-9/?=&.-]*", written):
                yield module.relative_to(FEATURES).as_posix(), written


def test_every_address_in_a_message_is_found_to_be_about_one_thing_of_one_chart() -> None:
    found = set(_addresses())
    pieces = {f"{page}/" for page in ("/appointments", "/bills", "/offers", "/requests")}
    pieces |= {"/pay/return?attempt=", "/visit?id=", "/invitation?key=", "/activate?key="}
    pieces |= {f"{one}?about=" for one in ("/book", "/waiting", "/bills", "/pay/plan", "/forms")}
    unknown = {
        (module, address)
        for module, address in found
        if address not in OF_NO_CHART | BEGINNINGS | pieces and leading.named_in(address) is None
    }
    assert unknown == set()
    assert len({leading.named_in(address) for _module, address in found}) > 8


def test_no_list_is_the_link_of_a_message_without_what_it_is_about() -> None:
    bare = re.compile(r'"link": (?:f?"(/[a-z/-]+)"|(?:mails\.)?(CAREGIVERS|PAGE|WHO_LOOKED_PAGE|CAREGIVERS_PAGE)\b)')
    found = {
        (module.name, match[0])
        for module in FEATURES.rglob("*.py")
        if module.parent.name != "notify"
        for match in bare.finditer(module.read_text())
        if match[1] not in OF_NO_CHART
    }
    assert found == set()


async def test_a_caregiver_of_several_is_led_to_the_chart_of_the_visit_whichever_is_open(
    database: Database, clinic: Clinic, share: Share, maria: Someone, visit: AppointmentView
) -> None:
    ana, leo = await clinic.patient("Ana"), await clinic.patient("Leo")
    at_maria = await share(maria, who=ana)
    link = f"/appointments/{visit.id}"
    assert await behind(database, at_maria, link) is None
    at_leo = await share(leo, "booking_view", who=at_maria)
    assert await behind(database, at_leo, link) == maria.patient_id
    own = await acting_for(database, at_leo, ana)
    assert await behind(database, own, link) == maria.patient_id


async def test_nothing_is_said_of_what_was_not_shared_or_is_private(
    database: Database, clinic: Clinic, share: Share, maria: Someone, visit: AppointmentView
) -> None:
    ana, bea, stranger = await clinic.patient("Ana"), await clinic.patient("Bea"), await clinic.patient("Eve")
    ana = await acting_for(database, await share(maria, who=ana), ana)
    bea = await acting_for(database, await share(maria, "messages_view", who=bea), bea)
    link = f"/appointments/{visit.id}"
    assert await behind(database, stranger, link) is None
    assert await behind(database, bea, link) is None
    assert await behind(database, ana, f"/appointments/{uuid4()}") is None
    async with database.act_as(maria.credential, "booking.keep_private") as tx:
        await booking.keep_private(tx, visit.id)
    assert await behind(database, ana, link) is None


async def test_signing_in_with_a_link_begins_in_its_chart_and_else_where_one_always_begins(
    database: Database, clinic: Clinic, share: Share, maria: Someone, visit: AppointmentView
) -> None:
    ana = await clinic.patient("Ana")
    own_chart = ana.patient_id
    await share(maria, who=ana)
    for target, chart in ((f"/appointments/{visit.id}", maria.patient_id), ("/appointments", own_chart)):
        async with database.act_as_visitor("anon-x", "access.check_code") as tx:
            session = await service.open_session(tx, ana.person_id, assurance=1, user_agent="")
        async with database.act_as(Credential(session.secret), "access.act_for") as tx:
            led = await service.lead(tx, session, target, None)
        async with database.act_as(Credential(led.secret), "booking.view") as tx:
            assert tx.actor.patient_id == chart


async def test_whoever_proves_more_in_the_middle_of_a_chart_goes_on_in_that_chart(
    database: Database, clinic: Clinic, share: Share, maria: Someone
) -> None:
    at_maria = await share(maria, *rules.SHARES, who=await clinic.patient("Ana"))
    async with database.act_as(at_maria.credential, "access.step_up") as tx:
        await tx.execute("select set_config('portal.roles', '{system}', true)")  # a passkey has just been touched
        session = await factors.strengthen(tx, "", "passkey")
    async with database.act_as(Credential(session.secret), "booking.view") as tx:
        assert (tx.actor.patient_id, tx.actor.assurance) == (maria.patient_id, 2)
