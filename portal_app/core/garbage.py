"""What Python looks through for objects that hold each other: seldom, and never what stays as long as the process.

Why, and what it measures: docs/decisions/0131-garbage-collected-seldom.md.
"""

import gc
from typing import Final

SELDOM: Final = 20_000
"""So many more objects made than dropped before the young ones are looked through; Python's own is 700."""


def collect_seldom() -> None:
    """Leave what there is now alone for good, and look through what comes after it seldom."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(SELDOM)
