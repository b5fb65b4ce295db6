"""What the demo would have sent, kept as files for its outbox page."""

import hashlib
import json
import time
from pathlib import Path
from typing import Final

KEPT: Final = 500
"""How many messages of a kind are kept; the oldest go first."""


def keep(folder: Path, suffix: str, message_key: str, held: dict[str, str]) -> None:
    """Store a message as one file for each key, so that a repeated delivery shows once."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = hashlib.sha256(message_key.encode()).hexdigest()[:24]
    if any(folder.glob(f"*-{name}{suffix}")):
        return
    draft = folder / f".{name}"
    draft.write_text(json.dumps(held, ensure_ascii=False))
    draft.replace(folder / f"{time.time_ns():020d}-{name}{suffix}")
    for old in sorted(folder.glob(f"*{suffix}"))[:-KEPT]:
        old.unlink(missing_ok=True)
