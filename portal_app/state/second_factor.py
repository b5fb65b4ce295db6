"""The second factor of staff: prove it, or set it up. What ends with another cookie goes over plain forms."""

from typing import Any, Final

import reflex as rx
import segno

from portal_app.core import clock, db, i18n
from portal_app.core.db import Transaction
from portal_app.core.errors import PortalError, TooManyTries
from portal_app.core.i18n import N_, _
from portal_app.features.access import factors, recovery_codes, rules
from portal_app.features.access.errors import (
    CodeNotOnList,
    FactorRefused,
    FactorWornOut,
    PasskeyRefused,
    SetUpCodeRefused,
)
from portal_app.features.access.views import Factors
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame
from portal_app.web.site import site

_KINDS = (FactorRefused, FactorWornOut, SetUpCodeRefused, PasskeyRefused, TooManyTries, PortalError)
_PROBLEMS = {error.code: error.message for error in _KINDS}
FILE: Final = "recovery-codes.txt"
_STEPS = ("prove", "code", "set-up", "codes")
_READY = N_("It works. From now on you sign in with it.")


class SecondFactor(PortalState, rx.State):
    """One person of the staff, and what they prove themself with."""

    is_ready: bool = False
    step: str = ""
    next_path: str = "/"
    problem: str = ""
    attempt: str = ""
    news: str = ""
    has_passkey: bool = False
    has_code: bool = False
    is_proven: bool = False
    is_locked: bool = False
    app_key: str = ""
    qr_path: str = ""
    qr_size: str = ""
    codes: list[str] = []
    codes_left: str = ""
    owes_codes: bool = False
    is_checking: bool = False
    _codes: tuple[str, ...] = ()

    @handles("access.prove_factor")
    async def on_load(self) -> None:
        """Find out what this person has, and so what they do here."""
        asked = self.router.url.query_parameters
        self.next_path, self.attempt = rules.safe_next(asked.get("next", "/")), clock.now().isoformat()
        self.app_key = self.qr_path = self.news = ""
        self.codes, self._codes, self.is_checking = [], (), False
        async with db.opened().act_as(self._credential(), "access.prove_factor") as tx:
            await self._show(tx, asked.get("step", ""))
        if self.is_proven and asked.keys() == {"next"}:
            # Another tab of this browser gave the proof, or this one did and was told late.
            await self._leave_for(self.next_path)
        problem = asked.get("problem", "")
        if self.step == "set-up" and problem == FactorRefused.code:
            await self._show_app()
        with i18n.use(self._locale()):
            self.problem = _(_PROBLEMS.get(problem, PortalError.message)) if problem else ""
            self.news = _(_READY) if self.step == "codes" else ""
        self.is_ready = True

    @handles("access.prove_factor")
    async def on_step(self, step: str) -> None:
        """Go to typing a set-up code, or back."""
        if step in _STEPS:
            self.problem = ""
            async with db.opened().act_as(self._credential(), "access.prove_factor") as tx:
                await self._show(tx, step)

    @handles("access.set_up_factor", writes=True)
    async def on_app(self) -> None:
        """Show what an authenticator app is to learn."""
        self.problem = ""
        await self._show_app()

    @handles("access.make_recovery_codes", writes=True)
    async def on_codes(self) -> None:
        """Make ten new recovery codes and show them, this once."""
        try:
            self._codes = tuple(await recovery_codes.make_recovery_codes(db.opened(), self._credential()))
        except TooManyTries as error:
            with i18n.use(self._locale()):
                self.problem = _(error.message)
            return
        async with db.opened().act_as(self._credential(), "access.make_recovery_codes") as tx:
            await self._show(tx, "codes")
        self._put_up(is_checking=False)

    @handles("access.keep_recovery_codes")
    async def on_save(self) -> Any:
        """Save the codes as a file; they come over the socket, so that there is no answer that a cache could keep."""
        with i18n.use(self._locale()):
            said = [_("Your recovery codes"), self.router.url.origin, i18n.format_long_date(clock.now().date())]
        text = "\r\n".join([*said, "", *self._codes, ""])
        return rx.download(data=text, filename=FILE, mime_type="text/plain;charset=utf-8") if self._codes else None

    @handles("access.keep_recovery_codes")
    async def on_kept(self) -> None:
        """Take the codes off the screen, and ask for one of them."""
        self._put_up(is_checking=bool(self._codes))

    @handles("access.keep_recovery_codes")
    async def on_again(self) -> None:
        """Show the codes once more."""
        self._put_up(is_checking=False)

    @handles("access.keep_recovery_codes", writes=True)
    async def on_confirm(self, form: dict[str, str]) -> None:
        """Go on, if one of the codes was typed."""
        self.attempt = clock.now().isoformat()
        try:
            async with db.opened().act_as(self._credential(), "access.keep_recovery_codes") as tx:
                await factors.keep_recovery_codes(tx, str(form.get("code", "")))
        except CodeNotOnList as error:
            with i18n.use(self._locale()):
                self.problem = _(error.message)
            return
        self._codes = ()
        self._put_up(is_checking=False)
        await self._leave_for(self.next_path)

    def _put_up(self, *, is_checking: bool) -> None:
        self.problem, self.news, self.is_checking = "", "", is_checking
        self.codes = [] if is_checking else list(self._codes)

    async def _show_app(self) -> None:
        async with db.opened().act_as(self._credential(), "access.set_up_factor") as tx:
            app = await factors.begin_app(tx, site())
        self.app_key = " ".join(app.key[at : at + 4] for at in range(0, len(app.key), 4))
        self.qr_path, self.qr_size = drawn(app.address)

    async def _show(self, tx: Transaction, asked: str) -> None:
        await (await self.get_state(Frame))._fill(tx)
        held = await factors.factors(tx)
        self.has_passkey, self.has_code = held.has_passkey, held.has_app or held.codes_left > 0
        self.is_proven, self.is_locked, self.step = held.is_proven, held.is_locked, step_of(held, asked)
        self.owes_codes = held.owes_codes
        with i18n.use(self._locale()):
            self.codes_left = _("{count} of your recovery codes are left.").format(
                count=i18n.format_number(held.codes_left)
            )


def step_of(held: Factors, asked: str) -> str:
    """Return what somebody does on the page: what they asked for, if they may, and else what comes first."""
    if held.owes_codes:
        return "codes"
    if held.is_proven:
        return asked if asked in ("set-up", "codes") else "codes"
    if held.may_set_up:
        return "set-up"
    return "code" if asked == "code" or not held.has_any else "prove"


def drawn(address: str) -> tuple[str, str]:
    """Return a QR code as the path of a drawing, and the box around it."""
    symbol = segno.make(address, error="m")
    path = "".join(
        f"M{x} {y}h1v1h-1z"
        for y, row in enumerate(symbol.matrix_iter(border=4))
        for x, is_dark in enumerate(row)
        if is_dark
    )
    width, height = symbol.symbol_size(border=4)
    return path, f"0 0 {width} {height}"
