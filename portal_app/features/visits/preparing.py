"""What patients have ready for a visit by video: kept by the manager for each kind of visit, language by language."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from portal_app.core import audit, clock, policy
from portal_app.core.db import Transaction
from portal_app.core.errors import InputRefused, NotFound
from portal_app.core.i18n import LOCALES, N_
from portal_app.features.practice import service as practice
from portal_app.features.visits import policies, rules
from portal_app.features.visits.views import Preparation

SHIPPED: Final = (N_("Your medicines, or a list of them"), N_("Your questions"), N_("A quiet place with good light"))
"""What is shown in a language in which the practice has written nothing."""

_KEPT: Final = """
select r.visit_type_id, r.words, coalesce(w.display_name, '') as set_by, r.set_at
from visit_preparation r left join person w on w.id = r.set_by
"""
_SET: Final = """
insert into visit_preparation (visit_type_id, words, set_by, set_at)
select v.id, cast(:words as jsonb), actor_person(), :now from visit_type v where v.id = :id
on conflict (visit_type_id) do update set words = excluded.words, set_by = excluded.set_by, set_at = excluded.set_at
"""


async def preparations(tx: Transaction) -> Sequence[Preparation]:
    """Return each kind of visit that can be held by video, with what is written for it."""
    policy.require(tx.actor, policies.SET_UP.name)
    kept: dict[UUID, Any] = {row.visit_type_id: row for row in await tx.all(_KEPT)}
    kinds = [kind for kind in await practice.visit_types(tx) if "video" in kind.modalities]
    return [
        Preparation(kind.id, kind.names, row.words, row.set_by, row.set_at)
        if (row := kept.get(kind.id)) is not None
        else Preparation(kind.id, kind.names)
        for kind in kinds
    ]


async def set_preparation(tx: Transaction, visit_type_id: UUID, typed: Mapping[str, str]) -> None:
    """Write what is to be ready for a kind of visit, a thing on each line; nothing in any language takes it back.

    Raises:
        InputRefused: naming the language in which there is too much, or what nobody could read.
        NotFound: if there is no such kind of visit.
    """
    policy.require(tx.actor, policies.SET_UP.name)
    words: dict[str, list[str]] = {}
    for locale in LOCALES:
        said = rules.things(typed.get(locale, ""))
        if said is None:
            raise InputRefused(locale, N_("Write at most eight lines of at most 120 characters, without hidden signs."))
        if said:
            words[locale] = said
    if words:
        params = {"id": visit_type_id, "words": json.dumps(words), "now": clock.now()}
        if not await tx.execute(_SET, params):
            raise NotFound
    else:
        await tx.execute("delete from visit_preparation where visit_type_id = :id", {"id": visit_type_id})
    await audit.record(
        tx, "visits.set_preparation", patient_id=None, entity="HealthcareService", entity_id=visit_type_id,
        detail={"languages": " ".join(words)},
    )  # fmt: skip
