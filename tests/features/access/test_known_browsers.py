"""Codes that strangers cannot use up, and guesses that stay few."""

from collections import Counter
from datetime import timedelta
from itertools import product

import pytest

from portal_app import wiring
from portal_app.core import clock, limits
from portal_app.core.db import Database, secret_hash
from portal_app.core.errors import TooManyTries
from portal_app.features.access import jobs, rules, service, tries
from portal_app.features.access.errors import CodeRefused, CodeWornOut
from portal_app.features.access.views import NewSession
from tests.factories import Clinic
from tests.features.access.test_service import Outcome, ask, check, codes
from tests.statements import statements_asked

wiring.load_features("policies")


async def ask_as(database: Database, email: str, browser: str, known: str = "") -> None:
    async with database.act_as_visitor(browser, "access.ask_code") as tx:
        request_id = await service.ask_for_code(tx, email, browser, "en", known)
    async with database.act_as_system("access.send_code") as tx:
        await jobs.answer_request(tx, request_id)


async def sign_in(database: Database, email: str, browser: str = "anon-phone", known: str = "") -> str:
    """Sign in and return by what the browser is known from then on."""
    await ask_as(database, email, browser, known)
    async with database.act_as_visitor(browser, "access.check_code") as tx:
        session = await service.check_code(tx, (await codes(database))[-1], browser, "a phone", known)
    assert isinstance(session, NewSession)
    return session.known_secret


async def strangers_ask(database: Database, email: str, times: int) -> int:
    """Let so many browsers ask for codes of one person, and return how many codes were sent."""
    before = len(await codes(database))
    for number in range(times):
        await ask(database, email, f"anon-stranger-{number}")
    return len(await codes(database)) - before


async def test_strangers_cannot_use_up_the_codes_of_a_browser_that_signed_in_before(
    database: Database, clinic: Clinic
) -> None:
    maria = await clinic.patient()
    known = await sign_in(database, maria.email)
    await strangers_ask(database, maria.email, 8)
    assert await sign_in(database, maria.email, "anon-later", known) == known


async def test_a_browser_of_somebody_else_is_a_new_one(database: Database, clinic: Clinic) -> None:
    maria, omar = await clinic.patient(), await clinic.patient("Omar", "Haddad")
    known_to_omar = await sign_in(database, omar.email)
    await strangers_ask(database, maria.email, 5)
    before = len(await codes(database))
    await ask_as(database, maria.email, "anon-of-omar", known_to_omar)
    await ask_as(database, maria.email, "anon-made-up", "made up")
    assert len(await codes(database)) == before


async def test_a_family_s_tablet_is_known_to_each_who_signed_in_on_it(database: Database, clinic: Clinic) -> None:
    maria, omar = await clinic.patient(), await clinic.patient("Omar", "Haddad")
    known = await sign_in(database, maria.email)
    assert await sign_in(database, omar.email, "anon-2", known) == known
    for someone in (maria, omar):
        await strangers_ask(database, someone.email, 5)
        assert await sign_in(database, someone.email, "anon-3", known) == known


async def test_a_browser_cannot_choose_by_what_it_is_known(database: Database, clinic: Clinic) -> None:
    maria = await clinic.patient()
    assert await sign_in(database, maria.email, known="planted") != "planted"


async def test_a_browser_unused_for_a_year_is_a_new_one(database: Database, clinic: Clinic) -> None:
    maria = await clinic.patient()
    known = await sign_in(database, maria.email)
    with clock.frozen_at(clock.now() + rules.KNOWN_BROWSER_LIFE + timedelta(minutes=1)):
        async with database.act_as_visitor("anon-x", "access.ask_code") as tx:
            assert not await service.is_known_browser(tx, known)
        async with database.act_as_system("access.sweep") as tx:
            await jobs.remove_old(tx)
            assert await tx.scalar("select count(*) from known_browser") == 0


async def test_new_browsers_together_get_a_hundred_guesses_a_day_at_one_person(
    database: Database, clinic: Clinic
) -> None:
    maria, start, sent = await clinic.patient(), clock.now(), 0
    for hour in range(24):
        with clock.frozen_at(start + timedelta(minutes=59 * hour)):
            sent += await strangers_ask(database, maria.email, 7)
    assert sent * rules.CODE_TRIES <= 100


async def guess(database: Database, email: str, browser: str) -> None:
    """Ask for a code of somebody else, type wrong ones until it is worn out, and then the right one."""
    before = Counter(await codes(database))
    await ask(database, email, browser)
    sent = list((Counter(await codes(database)) - before).elements())
    wrong = f"{(int(sent[0]) + 1) % 1_000_000:06d}" if sent else "123456"
    for _ in range(rules.CODE_TRIES):
        assert await check(database, wrong, browser) is CodeRefused
    if sent:
        assert await check(database, sent[0], browser) is CodeWornOut


async def test_guessing_for_days_from_ever_other_browsers_gets_no_more_a_day_and_locks_nobody_out(
    database: Database, clinic: Clinic
) -> None:
    maria, start, days = await clinic.patient(), clock.now(), 3
    known = await sign_in(database, maria.email)
    before = len(await codes(database))
    for day, hour in product(range(days), range(0, 24, 5)):
        with clock.frozen_at(start + timedelta(days=day, hours=hour, minutes=1)):
            for number in range(6):
                await guess(database, maria.email, f"anon-{day}-{hour}-{number}")
            async with database.act_as_system("access.sweep") as tx:
                await jobs.remove_old(tx)  # what is swept away begins no count anew
    guessed = (len(await codes(database)) - before) * rules.CODE_TRIES
    assert 0 < guessed <= 100 * days
    with clock.frozen_at(start + timedelta(days=days)):
        assert await sign_in(database, maria.email, "anon-own", known) == known


async def test_a_known_browser_gets_two_hundred_guesses_a_day(database: Database, clinic: Clinic) -> None:
    maria = await clinic.patient()
    known, start = await sign_in(database, maria.email), clock.now()
    for hour in range(6):
        with clock.frozen_at(start + timedelta(minutes=61 * hour)):
            for _ in range(12):
                await ask_as(database, maria.email, "anon-taken", known)
    assert len(await codes(database)) * rules.CODE_TRIES <= 200 + rules.CODE_TRIES


async def test_only_a_hash_of_what_a_browser_is_known_by_is_kept(database: Database, clinic: Clinic) -> None:
    maria = await clinic.patient()
    known = await sign_in(database, maria.email)
    async with database.act_as_system("test") as tx:
        assert await tx.all("select secret_hash from known_browser") == [(secret_hash(known),)]
    async with database.act_as_visitor("anon-stranger", "access.ask_code") as tx:
        assert await tx.scalar("select count(*) from known_browser") == 0


@pytest.mark.parametrize("is_known", [True, False])
async def test_the_path_tells_nobody_whose_address_it_is(database: Database, clinic: Clinic, is_known: bool) -> None:
    limits.forget_all()
    maria = await clinic.patient()
    known = await sign_in(database, maria.email) if is_known else ""
    asker, sent = tries.Asker("anon-x", known, "192.0.2.1"), []
    for email in (maria.email, "nobody@example.test"):
        async with database.act_as_visitor("anon-x", "access.ask_code") as tx:
            with statements_asked() as seen:
                await tries.count_ask(tx, asker)
                await service.ask_for_code(tx, email, "anon-x", "en", known)
        sent.append([statement for statement, _ in seen])
    assert sent[0] == sent[1]
    limits.forget_all()


async def test_strangers_on_the_same_network_use_up_no_tries_of_a_known_browser(
    database: Database, clinic: Clinic
) -> None:
    limits.forget_all()
    maria = await clinic.patient()
    known = await sign_in(database, maria.email)
    async with database.act_as_visitor("anon-x", "access.ask_code") as tx:
        stranger = await tries.require_try(tx, tries.Asker("anon-x", "", "192.0.2.1"))
        for _ in range(120):
            await stranger.count()
        with pytest.raises(TooManyTries):
            await tries.require_try(tx, tries.Asker("anon-y", "", "192.0.2.1"))
        await tries.require_try(tx, tries.Asker("anon-z", "", "192.0.2.2"))
        await tries.require_try(tx, tries.Asker("anon-x", known, "192.0.2.1"))
    limits.forget_all()


async def test_wrong_codes_of_one_browser_wear_out_no_other_browser_s_code(database: Database, clinic: Clinic) -> None:
    maria = await clinic.patient()
    await ask(database, maria.email, "anon-maria")
    code = (await codes(database))[0]
    await ask(database, maria.email, "anon-stranger")
    outcomes: list[Outcome] = [await check(database, "x", "anon-stranger") for _ in range(9)]
    assert not any(isinstance(outcome, NewSession) for outcome in outcomes)
    assert isinstance(await check(database, code, "anon-maria"), NewSession)
