"""The owner of a passkey by a code alone, against the production server: one page of proofs and nothing else."""

import pytest

from tests.factories import Clinic
from tests.web.conftest import Portal
from tests.web.wire import ROOT, open_tab

ME = f"{ROOT}.portal_app___state___me____me"
APPOINTMENTS = f"{ROOT}.portal_app___state___appointments____appointments"
TEXT_CODE = f"{ROOT}.portal_app___state___text_code____text_code"


@pytest.mark.parametrize(
    "path", ["/appointments", "/es/book", "/profile", "/visit?id=00000000-0000-4000-8000-000000000000"]
)
async def test_every_address_leads_to_the_page_of_proofs_and_back(portal: Portal, people: Clinic, path: str) -> None:
    rosa = await people.held_back()
    answer = portal.get(path, portal.signed_in(rosa))
    locale = path[:3] if path[:4] == "/es/" else ""
    assert answer.headers["location"].startswith(f"{locale}/text-code?next=")


async def test_the_bare_address_leads_there_too_and_that_page_opens(portal: Portal, people: Clinic) -> None:
    headers = portal.signed_in(await people.held_back())
    assert portal.get("/", headers).headers["location"] == "/text-code?next=%2F"
    assert portal.get("/text-code", headers).status_code == 200
    assert portal.get("/given-code", headers).status_code == 200


async def test_a_raw_event_brings_nothing_but_the_way_there(portal: Portal, people: Clinic) -> None:
    rosa = await people.held_back("Zuleika")
    async with open_tab(portal.origin, portal.signed_in(rosa), path="/text-code") as tab:
        await tab.arrive()
        await tab.send(f"{TEXT_CODE}.on_load")
        await tab.send(f"{ME}.on_load")
        await tab.send(f"{APPOINTMENTS}.on_load")
        await tab.until(lambda tab: "/text-code?next=" in str(tab.seen))
        assert rosa.email not in str(tab.seen)
