"""Diagnoses of ICD-10-CM: looked for by code or by the beginnings of words, and loaded from the packaged release.

The list comes with the package simple-icd-10-cm (MIT), which carries the release of CDC/NCHS unchanged. It is read
once, by the command line, into a table: held in memory it would cost each process 150 MB and two seconds.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

from portal_app.core import policy
from portal_app.core.db import Transaction
from portal_app.features.notes import policies
from portal_app.features.notes.views import Diagnosis

FOUND_MAX: Final = 20
_FIND: Final = """
select d.code, d.words from diagnosis_code d
where d.search @@ to_tsquery('simple', :words) or d.code like :code || '%'
order by d.code like :code || '%' desc, length(d.words), d.code limit :most
"""
_FILL: Final = """
insert into diagnosis_code (code, words, release, search)
select r.code, r.words, :release, to_tsvector('simple', r.code || ' ' || r.words)
from unnest(cast(:codes as text[]), cast(:words as text[])) r (code, words)
"""


async def find_diagnoses(tx: Transaction, typed: str) -> Sequence[Diagnosis]:
    """Return up to twenty diagnoses: of a code's beginning ("I10"), or of words' beginnings ("hyper ess")."""
    policy.require(tx.actor, policies.READ.name)
    words = re.findall(r"[^\W_]+", typed)[:8]
    if not words:
        return []
    code = re.sub(r"[^A-Z0-9.]", "", typed.strip().upper()) if len(words) <= 2 else ""
    params = {"words": " & ".join(f"{word}:*" for word in words), "code": code or "-", "most": FOUND_MAX}
    return [Diagnosis(row.code, row.words) for row in await tx.all(_FIND, params)]


async def known_diagnoses(tx: Transaction, codes: Sequence[str]) -> list[Diagnosis]:
    """Return those of the codes that the list has, in the order given, each once."""
    rows = await tx.all("select code, words from diagnosis_code where code = any(:codes)", {"codes": list(codes)})
    words = {row.code: row.words for row in rows}
    return [Diagnosis(code, words[code]) for code in dict.fromkeys(codes) if code in words]


async def fill_diagnoses(tx: Transaction, codes: Iterable[Diagnosis], release: str) -> int:
    """Replace the list by another release; return how many codes it has. For the command line."""
    policy.require(tx.actor, policies.FILL_CODES.name)
    listed: list[Any] = list(codes)
    await tx.execute("delete from diagnosis_code")
    params = {"release": release, "codes": [one.code for one in listed], "words": [one.words for one in listed]}
    await tx.execute(_FILL, params)
    return len(listed)
