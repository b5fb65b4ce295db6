"""Read one content from the standard input and write what is kept of it, within hard limits of time and memory."""

import json
import resource
import sys
from typing import Final

from portal_app.core.cleaning.refused import Refused

CPU_S: Final = 15
MEMORY_BYTES: Final = 2_000_000_000


def clean(content: bytes, kind: str, max_pixels: int, max_bytes: int) -> tuple[str, bytes]:
    """Return the media type and what is kept. Raises Refused, or whatever its reader stumbles over."""
    if kind == "PDF":
        from portal_app.core.cleaning.papers import written_anew  # noqa: PLC0415 - pictures do without

        media_type, kept = "application/pdf", written_anew(content, max_bytes)
    else:
        from portal_app.core.cleaning.pictures import drawn_anew  # noqa: PLC0415 - and papers without this

        media_type, kept = drawn_anew(content, kind, max_pixels, max_bytes)
    if len(kept) > max_bytes:  # what is small when it is sent may be large when it is read
        raise Refused("too_large")
    return media_type, kept


def main() -> None:
    """Answer with a line that says what it is or why it is refused, then the content."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a crash leaves no picture of the memory behind
    kind, max_pixels, max_bytes = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    try:
        media_type, kept = clean(sys.stdin.buffer.read(), kind, max_pixels, max_bytes)
        said = {"media_type": media_type}
    except Refused as error:
        said, kept = {"refused": error.reason}, b""
    except Exception:  # noqa: BLE001 - whatever it stumbled over, what was sent is at fault; the process ends here
        said, kept = {"refused": "broken"}, b""
    sys.stdout.buffer.write(json.dumps(said).encode() + b"\n" + kept)


if __name__ == "__main__":
    main()
