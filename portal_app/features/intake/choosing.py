"""Choose which forms of the library are asked before every visit, or before one kind of visit."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4

from portal_app.core import audit, clock, policy
from portal_app.core.db import Transaction
from portal_app.core.errors import NotFound
from portal_app.features.intake import policies, statements
from portal_app.features.intake.errors import FormUnknown
from portal_app.features.intake.parsing import read_questionnaire
from portal_app.features.intake.views import LibraryForm
from portal_app.features.practice import service as practice

LIBRARY: Final = Path(__file__).parent / "library"


@cache
def shipped() -> dict[str, str]:
    """Return the JSON of every form that comes with the portal, by its url, in the order of their names."""
    found = {}
    for path in sorted(LIBRARY.glob("*.json")):
        written = path.read_text()
        found[read_questionnaire(written).url] = written
    return found


async def kept_forms(tx: Transaction, visit_type_id: UUID | None = None) -> Sequence[LibraryForm]:
    """Return the forms that come with the portal and those imported, and which are asked before every visit.

    Of one kind of visit where that is named: what is asked before it, for itself or as before every visit.
    """
    policy.require(tx.actor, policies.CHOOSE.name)
    rows: Sequence[Any] = await tx.all(statements.ASKED, {"visit_type_id": visit_type_id})
    always = {row.url for row in rows if row.is_always}
    asked = always if visit_type_id is None else {row.url for row in rows if not row.is_always}
    imported = {row.url: row.resource for row in await tx.all(statements.NEWEST) if row.url not in shipped()}
    return [
        LibraryForm(read_questionnaire(one), url in asked, visit_type_id is not None and url in always)
        for url, one in (shipped() | imported).items()
    ]


async def ask_before_visits(
    tx: Transaction, url: str, *, is_asked: bool, visit_type_id: UUID | None = None
) -> None:  # fmt: skip
    """Ask a form before every visit, or before one kind of visit, from now on, or no more; what was begun stays.

    Raises:
        FormUnknown: if there is no such form.
        NotFound: if there is no such kind of visit.
    """
    policy.require(tx.actor, policies.CHOOSE.name)
    if url not in shipped() and not await tx.all(statements.VERSIONS, {"url": url}):
        raise FormUnknown
    if visit_type_id is not None and visit_type_id not in {one.id for one in await practice.visit_types(tx)}:
        raise NotFound
    if is_asked:
        await add_rule(tx, url, visit_type_id)
    else:
        await tx.execute(statements.END_RULE, {"url": url, "visit_type_id": visit_type_id})
    action = "intake.ask_form" if is_asked else "intake.stop_asking_form"
    detail = {"url": url} | ({"visit_type": str(visit_type_id)} if visit_type_id else {})
    await audit.record(tx, action, patient_id=None, entity="Questionnaire", entity_id=None, detail=detail)


async def add_rule(tx: Transaction, url: str, visit_type_id: UUID | None = None) -> None:
    """Ask a form before visits of one kind or of all; of ours the version that comes with the portal. Twice is once."""
    await keep_shipped(tx, url)
    who: dict[str, Any] = {"url": url, "person_id": tx.actor.person_id, "now": clock.now()}
    await tx.execute(statements.ADD_RULE, who | {"id": uuid4(), "visit_type_id": visit_type_id})


async def keep_shipped(tx: Transaction, url: str) -> None:
    """Keep the version of a form that comes with the portal, so that it can be answered; others are kept already."""
    written = shipped().get(url)
    if written is None:
        return
    params = {"id": uuid4(), "url": url, "version": read_questionnaire(written).version, "resource": written,
              "person_id": tx.actor.person_id, "now": clock.now()}  # fmt: skip
    await tx.execute(statements.ADD_QUESTIONNAIRE, params)
