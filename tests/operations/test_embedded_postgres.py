"""The embedded PostgreSQL: private, for one account, gone with its owner, and whole again after any crash."""

import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from portal_app.operations import embedded_postgres
from portal_app.operations.embedded_postgres import DatabaseNotStarted, EmbeddedPostgres
from portal_app.operations.places import CHECKOUT

OWNER_PROCESS = """
import sys, time
from pathlib import Path
from portal_app.operations import embedded_postgres
server = embedded_postgres.start(Path(sys.argv[1]))
print(server.process.pid, flush=True)
time.sleep(600)
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedPostgres]:
    server = embedded_postgres.start(tmp_path / "postgres")
    yield server
    server.stop()


@pytest.fixture
def owner(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A process that owns a server, and the server's process id."""
    environment = os.environ | {"PYTHONPATH": str(CHECKOUT)}
    command = [sys.executable, "-c", OWNER_PROCESS, str(tmp_path / "postgres")]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process, int(process.stdout.readline())
        process.kill()


def dsn(server: EmbeddedPostgres, role: str = "portal_app") -> str:
    return server.url(role).replace("+psycopg", "")


def test_gives_an_owner_and_an_application_role_without_special_rights(server: EmbeddedPostgres) -> None:
    with psycopg.connect(dsn(server)) as connection:
        rows = connection.execute(
            "select rolname, rolsuper or rolbypassrls or rolcreaterole or rolcreatedb from pg_roles"
            " where rolname like 'portal%' order by 1"
        ).fetchall()
    assert rows == [("portal_app", False), ("portal_owner", False)]


def test_listens_on_no_network_address(server: EmbeddedPostgres) -> None:
    assert server.process
    assert psutil.Process(server.process.pid).net_connections(kind="inet") == []


def test_every_folder_with_data_is_closed_to_other_accounts(server: EmbeddedPostgres) -> None:
    for folder in (server.base, server.base / "data", server.socket_folder):
        assert folder.stat().st_mode & 0o077 == 0, folder


def test_writes_survive_a_restart_in_the_same_folder(tmp_path: Path) -> None:
    first = embedded_postgres.start(tmp_path / "postgres")
    with psycopg.connect(dsn(first, "portal_owner")) as connection:
        connection.execute("create table kept (word text)")
        connection.execute("insert into kept values ('here')")
    first.stop()
    second = embedded_postgres.start(tmp_path / "postgres")
    with psycopg.connect(dsn(second, "portal_owner")) as connection:
        assert connection.execute("select word from kept").fetchone() == ("here",)
    second.stop()


def test_an_account_that_is_not_named_is_refused(server: EmbeddedPostgres) -> None:
    (server.base / "data" / "pg_ident.conf").write_text('portal "somebody-else" portal_app\n')
    assert server.process
    server.process.send_signal(signal.SIGHUP)  # read the rules again
    with pytest.raises(psycopg.OperationalError, match="Peer authentication failed"):
        connect_until_refused(server)


def connect_until_refused(server: EmbeddedPostgres) -> None:
    """The signal is taken up within moments; until then the old rules let this account in."""
    for _ in range(10_000):
        psycopg.connect(dsn(server)).close()


def test_stops_when_its_owner_is_killed(owner: tuple[subprocess.Popen[str], int]) -> None:
    process, postgres_id = owner
    postgres = psutil.Process(postgres_id)
    process.kill()
    postgres.wait(timeout=60)
    assert not psutil.pid_exists(postgres_id)


def test_starts_again_right_after_its_owner_was_killed(
    owner: tuple[subprocess.Popen[str], int], tmp_path: Path
) -> None:
    process, _postgres_id = owner
    process.kill()
    process.wait()
    server = embedded_postgres.start(tmp_path / "postgres")
    with psycopg.connect(dsn(server)) as connection:
        assert connection.execute("select 1").fetchone() == (1,)
    server.stop()


def test_repairs_itself_after_the_server_was_killed(server: EmbeddedPostgres) -> None:
    with psycopg.connect(dsn(server, "portal_owner")) as connection:
        connection.execute("create table kept as select 1 as one")
    assert server.process
    backends = psutil.Process(server.process.pid).children()
    server.process.send_signal(signal.SIGKILL)
    server.process.wait()
    psutil.wait_procs(backends, timeout=60)
    server.launch()
    server.wait_until_ready()
    with psycopg.connect(dsn(server, "portal_owner")) as connection:
        assert connection.execute("select one from kept").fetchone() == (1,)


def test_a_folder_in_use_is_refused_in_a_sentence(server: EmbeddedPostgres) -> None:
    with pytest.raises(DatabaseNotStarted, match="Another portal is running"):
        embedded_postgres.start(server.base)
    assert server.process
    assert server.process.poll() is None


def test_a_running_server_is_found_by_other_commands(server: EmbeddedPostgres) -> None:
    found = embedded_postgres.running_at(server.base)
    assert found
    assert found.url("portal_app") == server.url("portal_app")


def test_a_stopped_server_is_not_found(tmp_path: Path) -> None:
    embedded_postgres.start(tmp_path / "postgres").stop()
    assert embedded_postgres.running_at(tmp_path / "postgres") is None


def test_a_path_too_long_for_a_socket_works_and_leaves_nothing_outside(tmp_path: Path) -> None:
    base = tmp_path / ("a" * 60) / ("b" * 60)
    server = embedded_postgres.start(base)
    outside = server.socket_folder.parent
    assert not outside.is_relative_to(base)
    assert server.socket_folder.stat().st_mode & 0o077 == 0
    found = embedded_postgres.running_at(base)
    assert found
    with psycopg.connect(dsn(found)) as connection:
        assert connection.execute("select 1").fetchone() == (1,)
    server.stop()
    assert not outside.exists()


def test_a_folder_with_spaces_and_accents_works(tmp_path: Path) -> None:
    server = embedded_postgres.start(tmp_path / "my clinic é")
    with psycopg.connect(dsn(server)) as connection:
        assert connection.execute("select 1").fetchone() == (1,)
    server.stop()


def test_never_runs_as_root_and_opens_no_folder_on_the_way(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    server = embedded_postgres.start(tmp_path / "postgres")
    assert server.process
    own = pwd.getpwuid(os.geteuid()).pw_name
    assert psutil.Process(server.process.pid).username() == ("nobody" if own == "root" else own)
    server.stop()
    assert tmp_path.stat().st_mode & 0o777 == 0o700


def test_what_cannot_start_shows_the_end_of_its_log(tmp_path: Path) -> None:
    embedded_postgres.start(tmp_path / "postgres").stop()
    (tmp_path / "postgres" / "data" / "global" / "pg_control").unlink()
    with pytest.raises(DatabaseNotStarted, match="pg_control"):
        embedded_postgres.start(tmp_path / "postgres")


def test_errors_are_logged_without_the_values_of_rows(server: EmbeddedPostgres) -> None:
    with psycopg.connect(dsn(server, "portal_owner"), autocommit=True) as connection:
        connection.execute("create table person (name text unique)")
        connection.execute("insert into person values ('Ana Secret')")
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("insert into person values ('Ana Secret')")
    assert "person_name_key" in server.log_path.read_text()
    assert "Secret" not in server.log_path.read_text()
