"""`./portal audit verify`: check the audit trail against its seals and say in plain words what was found."""

import argparse
import asyncio
import sys
from typing import Final

from portal_app.core.audit_check import AuditReport, Finding, Harm, check_trail
from portal_app.core.audit_seal import AuditKey, Head, head_path
from portal_app.core.crypto import KeyRingMissing, KeyRingUnreadable
from portal_app.core.db import Database
from portal_app.settings import Settings

EXIT_SOUND: Final = 0
EXIT_HARMED: Final = 1
EXIT_UNKNOWN: Final = 2
_SHOWN: Final = 50

_WORDS: Final = {
    Harm.changed: "Event {event} (seal {seal}) was changed after it was sealed.",
    Harm.removed: "Event {event} (seal {seal}) was removed.",
    Harm.inserted: "Event {event} (seal {seal}) was put in after the seal was made.",
    Harm.reordered: "The events of seal {seal} are in another order than when they were sealed.",
    Harm.seal_removed: "Seal {seal} was removed.",
    Harm.seal_forged: "Seal {seal} was changed, or was not made by this portal.",
    Harm.end_cut: "The trail was cut off: seal {seal}, which this portal made, is not there any more.",
    Harm.other_key: "Seal {seal} was made with another key than the one in the key folder.",
    Harm.head_missing: "There is no note of the last seal beside the audit key, so seals after {seal} may be missing.",
}


def main(settings: Settings, args: argparse.Namespace) -> int:
    """Print what was found. Returns 0 when the trail is sound, 1 when it was harmed, 2 when it cannot be checked.

    With `accept_end` a trail that is sound but for the missing note of its last seal gets a new note.
    """
    try:
        report = asyncio.run(verify(settings, accept_end=getattr(args, "accept_end", False)))
    except (KeyRingMissing, KeyRingUnreadable) as error:
        print(f"The audit trail cannot be checked: {error}", file=sys.stderr)
        return EXIT_UNKNOWN
    print("\n".join(describe(report)))
    return EXIT_HARMED if report.findings else EXIT_SOUND


async def verify(settings: Settings, *, accept_end: bool = False) -> AuditReport:
    """Check the trail of these settings. Raises KeyRingMissing, KeyRingUnreadable, DatabaseAway."""
    key, path = AuditKey.read(settings.audit_key_path), head_path(settings)
    head = Head.read(path)
    database = Database(settings.database_url or "", pool=1)
    try:
        async with database.act_as_system("audit.verify") as tx:
            await tx.execute("set local statement_timeout = 0")
            report = await check_trail(tx, key, head)
            if accept_end and [finding.harm for finding in report.findings] == [Harm.head_missing]:
                last = await tx.one("select number, mac from audit_seal order by number desc limit 1")
                Head(last.number, last.mac).write(path)
                report.findings.clear()
    finally:
        await database.close()
    return report


def describe(report: AuditReport) -> list[str]:
    """Return the lines to print."""
    lines = [_say(finding) for finding in report.findings[:_SHOWN]]
    if len(report.findings) > _SHOWN:
        lines.append(f"… and {len(report.findings) - _SHOWN} more.")
    if report.findings:
        lines.append(f"The audit trail was tampered with, or damaged: {len(report.findings)} findings.")
    else:
        lines.append(
            f"The audit trail is sound: {report.sealed_events} events under {report.seals} seals,"
            " none changed, removed or put in."
        )
    if report.unsealed_events:
        since = report.unsealed_since.strftime("%Y-%m-%d %H:%M:%S UTC") if report.unsealed_since else "?"
        lines.append(
            f"{report.unsealed_events} events since {since} are not sealed yet and cannot be vouched for."
            " The worker seals them within a minute of running."
        )
    else:
        lines.append("Nothing waits to be sealed.")
    return lines


def _say(finding: Finding) -> str:
    return _WORDS[finding.harm].format(seal=finding.seal, event=finding.event_id)
