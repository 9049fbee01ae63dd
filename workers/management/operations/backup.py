"""A backup of PostgreSQL and the way back: pg_dump's file and a manifest that says what must be in it.

Invariant: dump and manifest are of one instant, whatever is written meanwhile; a restore happens as a whole or not at
all, and never over tables that nobody said may go.
"""

import datetime as dt
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import Connection, sql
from psycopg.conninfo import make_conninfo

from config.embedded_postgres import FOLDERS
from config.embedded_programs import Account, Place, find_program
from workers.management.operations import fingerprints
from workers.management.operations.fingerprints import Fingerprint

DUMP, MANIFEST = "database.dump", "manifest.json"
PATIENT = "-c statement_timeout=0 -c idle_in_transaction_session_timeout=0 -c lock_timeout=10000"


class Refused(Exception):  # noqa: N818 - an outcome
    """It was not done; the text says why, and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup holds: when it was made, of which server by which pg_dump, and each table's fingerprint."""

    made_at: str
    server: str
    pg_dump: str
    sha256: str
    bytes: int
    tables: dict[str, Fingerprint]

    def write(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self), indent=1) + "\n")

    @classmethod
    def read(cls, path: Path) -> "Manifest":
        """Return the manifest of a file.

        :raises Refused: when it is not there.
        """
        if not path.exists():
            raise Refused(f"{path} is not there: name the folder that `manage.py backup` made")
        fields = json.loads(path.read_text())
        return cls(**fields | {"tables": {name: Fingerprint(**each) for name, each in fields["tables"].items()}})


@dataclass(frozen=True, slots=True)
class Database:
    """Where a database is: what libpq wants to know, in its own words."""

    parameters: dict[str, Any]

    @classmethod
    def of_settings(cls, settings: dict[str, Any], *, name: str = "") -> "Database":
        """Return the database of an entry of DATABASES, or one beside it of another name."""
        words = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD"}
        given = {word: settings[key] for word, key in words.items() if settings.get(key)}
        tls = {word: value for word, value in settings.get("OPTIONS", {}).items() if word.startswith("ssl")}
        return cls({**given, **tls, "dbname": name or settings["NAME"]})

    def connect(self, **options: Any) -> Connection[Any]:
        return psycopg.connect(**self.parameters, connect_timeout=5, options=PATIENT, **options)

    def run(self, program: Path, *arguments: str | Path) -> None:
        """Run a program of PostgreSQL on this database; its password is no argument, which anybody could read.

        :raises Refused: when it fails, with what it says.
        """
        known = {word: value for word, value in self.parameters.items() if word != "password"}
        environment = {"PGPASSWORD": str(self.parameters.get("password", "")), "PGOPTIONS": PATIENT}
        _run([program, *arguments, "--dbname", make_conninfo(**known)], environment)


def make(database: Database, folder: Path, now: dt.datetime) -> Manifest:
    """Write a backup into a new folder that only we may read.

    :raises Refused: when the folder is there already, or pg_dump fails; no folder is left then.
    """
    if folder.exists():
        raise Refused(f"{folder} is there already: a backup is never written over another")
    partial = folder.with_name(f"{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(mode=0o700, parents=True)
    try:
        manifest = _dump(database, partial / DUMP, now)
        manifest.write(partial / MANIFEST)
        partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return manifest


def _dump(database: Database, file: Path, now: dt.datetime) -> Manifest:
    with database.connect() as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        [(snapshot,)] = connection.execute("SELECT pg_export_snapshot()").fetchall()
        major = connection.info.server_version // 10_000
        program, version = tool("pg_dump", major)
        database.run(program, "--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", "-f", file)
        return Manifest(
            made_at=now.isoformat(),
            server=connection.info.parameter_status("server_version") or "",
            pg_dump=version,
            sha256=_sha256(file),
            bytes=file.stat().st_size,
            tables=fingerprints.of(connection),
        )


def restore(database: Database, folder: Path, *, force: bool) -> list[str]:
    """Put a backup in the place of what is there; return the tables that are not as the manifest says.

    :raises Refused: the backup is damaged, the database is not empty and `force` is not given, or a program fails;
        the database is as it was then.
    """
    manifest = Manifest.read(folder / MANIFEST)
    if _sha256(folder / DUMP) != manifest.sha256:
        raise Refused(f"{folder / DUMP} is not the file of its manifest: it is damaged; take another backup")
    with database.connect() as connection:
        there = fingerprints.tables(connection)
    if there and not force:
        raise Refused(f"the database has {len(there)} tables: --force removes them, in the transaction that restores")
    program, _ = tool("pg_restore", int(manifest.pg_dump.split(".")[0]))
    with tempfile.TemporaryDirectory() as scratch:
        script = Path(scratch) / "restore.sql"
        _run([program, "--no-owner", "--no-privileges", "-f", script, folder / DUMP], {})
        once = ("-X", "-q", "--single-transaction", "-v", "ON_ERROR_STOP=1")
        database.run(program.with_name("psql"), *once, *_drop(there), "-f", script)
    with database.connect(autocommit=True) as connection:
        connection.execute("ANALYZE")
        return differing(manifest.tables, fingerprints.of(connection))


def differing(one: dict[str, Fingerprint], other: dict[str, Fingerprint]) -> list[str]:
    """Return the tables that are not in both, or not the same in both."""
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))


def tool(name: str, major: int) -> tuple[Path, str]:
    """Return a program of PostgreSQL that is as new as `major` but no newer than need be, and its version.

    :raises Refused: there is none.
    """
    own = Account(os.geteuid(), os.getegid())
    nowhere = Path(tempfile.gettempdir())
    folders = sorted((path for base, pattern in FOLDERS for path in Path(base).glob(pattern)), key=_number)
    on_path = shutil.which(name)
    found = find_program(
        Place(data=nowhere, copies=nowhere, account=own),
        [*(folder / name for folder in folders), *([Path(on_path)] if on_path else [])],
        oldest=(major, 0),
        package="embedded_postgres",
        inside=f"pginstall/bin/{name}",
    )
    if found is None or found.version < (major, 0):
        raise Refused(f"no {name} ≥ {major} here: install postgresql-client-{major}")
    return found.path, ".".join(map(str, found.version))


def _run(command: Sequence[str | Path], environment: Mapping[str, str]) -> None:
    given = {"PATH": os.defpath, **environment}
    done = subprocess.run(command, env=given, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Refused(f"{Path(command[0]).name}: {done.stderr.strip()[-2000:]}")


def _number(folder: Path) -> int:
    return int("".join(filter(str.isdigit, folder.parent.name)) or 0)


def _drop(tables: Sequence[str]) -> list[str]:
    names = sql.SQL(", ").join(sql.Identifier("public", name) for name in tables)
    return ["-c", sql.SQL("DROP TABLE {} CASCADE").format(names).as_string()] if tables else []


def _sha256(path: Path) -> str:
    if not path.exists():
        raise Refused(f"{path} is not there")
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
