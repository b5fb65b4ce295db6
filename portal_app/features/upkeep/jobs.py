"""Jobs that repeat by themselves."""

from portal_app.core import audit_seal, files, jobs, uploads
from portal_app.core.db import Transaction
from portal_app.core.jobs import Workplace, job, long_job
from portal_app.features.notify import service as notify


@long_job("upkeep.seal_audit", policy="upkeep.seal_audit", every="* * * * * */20")
async def seal_audit(work: Workplace) -> None:
    """Seal the audit events that can be sealed. Raises AuditChainBroken when the trail's end was tampered with."""
    await audit_seal.seal_pending(work.database, work.settings)


@long_job("upkeep.sweep_files", policy="upkeep.sweep_files", every="17 * * * *")
async def sweep_files(work: Workplace) -> None:
    """Remove files that no row knows: left by a killed upload, or whose row was deleted."""
    await files.sweep_orphans(work.database, work.settings)


@job("upkeep.sweep_uploads", policy="upkeep.sweep_uploads", every="23 * * * *")
async def sweep_uploads(tx: Transaction) -> None:
    """Let go of files that began to arrive hours ago, whole or not: what was kept lies elsewhere."""
    await uploads.sweep(tx)


@job("upkeep.sweep_rows", policy="upkeep.sweep_rows", every="41 3 * * *")
async def sweep_rows(tx: Transaction) -> None:
    """Forget what was only kept to do things once."""
    await jobs.sweep(tx)
    await notify.sweep(tx)
