"""Run a program that ends when whoever started it ends, even by `kill -9`.

Read by path with `python -I -S`, so it needs nothing but the standard library: the launcher ties itself to its parent,
gives up root where asked, and becomes the program. Doing this here and not in a `preexec_fn` keeps it safe beside
threads. Source: prctl(2), PR_SET_PDEATHSIG; the tie is cut by a change of user, hence the order below.
"""

import argparse
import contextlib
import ctypes
import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Sequence

PR_SET_PDEATHSIG = 1


def tethered(command: Sequence[str], ending: signal.Signals = signal.SIGTERM, user: str | None = None) -> list[str]:
    """Return the arguments that start `command` tied to this process.

    When the calling thread ends, the program receives `ending`: call this where the thread lives as long as the
    process. `user` is an account to become first; only root may name one.
    """
    launcher = [sys.executable, "-I", "-S", __file__, "--parent", str(os.getpid()), "--ending", str(int(ending))]
    return [*launcher, *(["--user", user] if user else []), "--", *command]


def kill_group(leader: subprocess.Popen[bytes]) -> None:
    """Kill a program that was started in a session of its own, and whatever it left behind."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader.pid, signal.SIGKILL)


def _become(user: str) -> None:
    account = pwd.getpwnam(user)
    os.setgroups([])
    os.setgid(account.pw_gid)
    os.setuid(account.pw_uid)


def main() -> None:
    """Tie this process to its parent and turn it into the command given."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--parent", type=int, required=True)
    parser.add_argument("--ending", type=int, required=True)
    parser.add_argument("--user")
    parser.add_argument("command", nargs="+")
    given = parser.parse_args()
    if given.user:
        _become(given.user)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, given.ending)
    if os.getppid() != given.parent:
        sys.exit("The process that started this one has already ended.")
    os.execvp(given.command[0], given.command)  # noqa: S606  # becoming the program is the purpose


if __name__ == "__main__":
    main()
