"""A video visit: what a room costs the hub, how soon two people see each other, and again after what broke.

Run it with `./portal bench visit`. First the hub alone, as a process of its own. Its callers send a clip of 640×360 at
30 frames a second and a tone over real ICE, DTLS and SRTP, and decode nothing. Where Debian's Janus is installed, two
echoes of the same clip run over the same seconds.

Then the portal as `./portal serve` runs it, with real Chromium on both sides and its made-up camera. The device check,
from its opening to the next page, with nobody thinking over what they see and hear. From the click on
"Admit" until both show the other; by the hub also after a reload, after `kill -9` of the hub, after both lines were
cut, after the patient's network changed for another, and how many pictures a second come over a line that loses
packets. The lines are a relay of the bench's own.

`--seconds` is how long each look lasts, `--rounds` how often each moment is timed; `--only` takes one of the parts.
"""

import argparse
import asyncio

from bench import _rooms, _visits
from bench._clinic import installation
from bench._figures import Budget, report

BUDGETS = {
    "device_check_ms": Budget("<=", 60_000),
    "cpu_ratio_to_janus": Budget("<=", 3),
    "join_ms_direct": Budget("<=", 1500),
    "join_ms_hub": Budget("<=", 2500),
    "recover_ms_hub_killed": Budget("<=", 5000),
    "recover_ms_network_cut": Budget("<=", 5000),
    "recover_ms_network_changed": Budget("<=", 5000),
    "recover_ms_reload": Budget("<=", 5000),
    "visit_page_kb": Budget("<=", 240),
    "fps_at_10_percent_loss": Budget(">=", 15),
}


def main() -> None:
    """Measure and report."""
    asking = argparse.ArgumentParser(prog="./portal bench visit", description=__doc__)
    asking.add_argument("--seconds", type=float, default=8.0, help="how long each look lasts; 2 for a quick one")
    asking.add_argument("--rounds", type=int, default=3, help="how often each moment is timed")
    asking.add_argument("--only", choices=["rooms", "visits"], help="measure one part alone")
    given = asking.parse_args()
    figures: dict[str, float] = {}
    if given.only != "visits":
        figures |= asyncio.run(_rooms.figures(given.seconds))
    if given.only != "rooms":
        with installation() as here:
            figures |= asyncio.run(_visits.figures(here, given.rounds, given.seconds))
    report("visit", figures, BUDGETS)


if __name__ == "__main__":
    main()
