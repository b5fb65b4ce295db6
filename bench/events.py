"""Two hundred people tap at once: how long a tap with a write takes, and how soon others see it.

Run it with `./portal bench events`. It starts the real web process on the production build. The people are in
another process, and time each tap from the moment it was due. About three minutes.
"""

import argparse
import json
import subprocess
import sys
from collections import Counter
from dataclasses import asdict
from statistics import median

from bench import _crowd
from bench._clinic import Installation, installation, make_clinician, make_patients, make_practice, require_fsync
from bench._crowd import CLINICIANS, EVERY_S, PEOPLE, WARMING, Plan
from bench._figures import Budget, percentile, report, spread, times
from bench._web import Served, serving
from portal_app.operations.places import CHECKOUT

BUDGETS = {
    "p95_ratio_loaded_to_alone": Budget("<=", 3),
    "ratio_to_bare_transaction": Budget("<=", 4),
    "kb_per_session": Budget("<=", 400),
    "change_to_page_p95_ms": Budget("<=", 250),
}


def plan_for(here: Installation, web: Served, seconds: float) -> Plan:
    """Make everybody and say who they are."""
    practice = make_practice(here.superuser, 40 + CLINICIANS)
    patients = make_patients(here.superuser, PEOPLE + 60, practice.practitioner_ids[:40])
    clinicians = [make_clinician(here.superuser, practice, one) for one in practice.practitioner_ids[-CLINICIANS:]]
    return Plan(
        web_pid=web.pid,
        location_id=str(practice.location_id),
        visit_type_id=str(practice.visit_type_id),
        practitioner_ids=[str(one) for one in practice.practitioner_ids],
        patients=[(str(one.person_id), str(one.patient_id), one.secret) for one in patients],
        clinicians=[(str(one.person_id), one.secret) for one in clinicians],
        hashes=list(web.hashes),
        seconds=seconds,
    )


def let_them_tap(web: Served, plan: Plan) -> _crowd.Measured:
    """Run the crowd in its own process, with its lines passed on, and return what it measured."""
    crowd = subprocess.Popen(
        [sys.executable, "-m", "bench._crowd"],
        cwd=CHECKOUT,
        env=web.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert crowd.stdin
    assert crowd.stdout
    crowd.stdin.write(json.dumps(asdict(plan)))
    crowd.stdin.close()
    last = ""
    for line in crowd.stdout:
        if last:
            print(last)
        last = line.rstrip("\n")
    assert crowd.wait() == 0, f"the crowd gave up: {last}"
    return _crowd.Measured(**json.loads(last))


def figures_of(measured: _crowd.Measured) -> dict[str, float]:
    """Print what was measured and return the figures: medians of the rounds."""
    print(f"A booking sends {len(measured.statements)} statements: {'; '.join(measured.statements)}")
    rows = zip(measured.bare, measured.alone, measured.loaded, measured.changes, strict=True)
    for number, (bare, alone, loaded, changes) in enumerate(rows, 1):
        print(f"  round {number}: bare transaction {times(bare)}; tap alone {times(alone)};")
        print(f"           tap among {PEOPLE} {times(loaded)} ({len(loaded)} taps); change to page {times(changes)}")
    to_alone = [
        percentile(loaded, 95) / percentile(alone, 95)
        for loaded, alone in zip(measured.loaded, measured.alone, strict=True)
    ]
    to_bare = [median(alone) / median(bare) for alone, bare in zip(measured.alone, measured.bare, strict=True)]
    changes_ms = [percentile(one, 95) * 1000 for one in measured.changes]
    print(f"  p95 among {PEOPLE} ÷ p95 alone: {spread(to_alone)}; alone ÷ bare, medians: {spread(to_bare)}")
    print(f"  change to page, p95: {spread(changes_ms, ' ms')}")
    taps = sum(map(len, measured.loaded))
    for failure, count in Counter(measured.failures).items():
        print(f"  {count} taps FAILED: {failure}")
    print(f"  the web process works {measured.web_cpu_s / taps * 1000:.2f} ms for each tap, refreshed pages included")
    per_session = (measured.kb_after - measured.kb_before) / (PEOPLE + CLINICIANS - WARMING)
    print(
        f"  memory of the web process: {measured.kb_before / 1024:.0f} MB before, {measured.kb_after / 1024:.0f} MB"
        f" with {PEOPLE + CLINICIANS} open tabs, {measured.kb_at_end / 1024:.0f} MB after all rounds"
    )
    return {
        "p95_ratio_loaded_to_alone": median(to_alone),
        "ratio_to_bare_transaction": median(to_bare),
        "kb_per_session": per_session,
        "change_to_page_p95_ms": median(changes_ms),
    }


def main() -> None:
    """Run the benchmark in an installation of its own."""
    parser = argparse.ArgumentParser(prog="./portal bench events", description=__doc__)
    parser.add_argument("--seconds", type=float, default=10, help="how long everybody taps in each round")
    given = parser.parse_args()
    with installation() as here, serving(here) as web:
        print(f"{require_fsync(here.superuser)}; {PEOPLE} people, one tap each every {EVERY_S:g} s")
        measured = let_them_tap(web, plan_for(here, web, given.seconds))
    report("events", figures_of(measured), BUDGETS)


if __name__ == "__main__":
    main()
