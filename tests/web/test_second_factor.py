"""Staff by a code alone, against the production server: no page, no event, no file."""

from tests.factories import Clinic
from tests.web.conftest import Portal
from tests.web.wire import ROOT, open_tab

SCHEDULE = f"{ROOT}.portal_app___state___schedule____schedule"
STAFF_PATIENTS = f"{ROOT}.portal_app___state___staff_patients____staff_patients"


async def test_every_address_leads_to_the_second_factor_and_back(portal: Portal, people: Clinic) -> None:
    nurse = await people.unproven("nurse", "manager")
    for path in ("/staff/schedule?day=2030-01-01", "/es/staff/patients", "/profile", "/staff/settings"):
        answer = portal.get(path, portal.signed_in(nurse))
        locale = "/es" if path.startswith("/es") else ""
        assert answer.headers["location"].startswith(f"{locale}/second-factor?next={path.split('?')[0]}")
    assert portal.get("/", portal.signed_in(nurse)).headers["location"] == "/second-factor"
    assert portal.get("/second-factor", portal.signed_in(nurse)).status_code == 200


async def test_a_raw_event_of_the_staff_s_brings_nothing_but_the_way_to_the_second_factor(
    portal: Portal, people: Clinic
) -> None:
    await people.patient("Zuleika", "Unmistakable")
    nurse = await people.unproven("nurse", "front_desk", "manager")
    async with open_tab(portal.origin, portal.signed_in(nurse), path="/staff/patients") as tab:
        await tab.arrive()
        await tab.send(f"{STAFF_PATIENTS}.on_search", query="Unmistakable")
        await tab.send(f"{SCHEDULE}.on_load")
        await tab.until(lambda tab: "/second-factor" in str(tab.seen))
        assert "Zuleika" not in str(tab.seen)


def _led(portal: Portal, path: str, headers: dict[str, str]) -> str:
    return str(portal.get(path, headers).headers.get("location", ""))


async def test_a_tab_left_on_the_sign_in_page_goes_on_where_it_was_once_its_browser_is_signed_in(
    portal: Portal, people: Clinic
) -> None:
    headers = portal.signed_in(await people.patient())
    assert _led(portal, "/sign-in?next=/es/appointments%3Fpast=1", headers) == "/es/appointments?past=1"
    assert _led(portal, "/sign-in?next=//evil.example", headers) == "/"
    assert _led(portal, "/sign-in?next=/profile/devices&step-up=1", headers) == ""
    assert _led(portal, "/sign-in?next=/appointments", portal.headers("no-such-session")) == ""
