"""Real PostgreSQL and Redis for a development machine and for the tests, where DATABASE_URL and REDIS_URL name none.

Invariant: each running system has a slot of its own, and a slot is used again only when the last of its servers is
gone: no two ever touch the same data.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import itertools
import os
import shutil
import stat
import time
from collections.abc import Iterator
from pathlib import Path

from config import embedded_postgres, embedded_redis
from config.embedded_process import STOP_SECONDS, Child, StartError
from config.embedded_programs import Account, Place

ROOT = Path(__file__).resolve().parent.parent
WHERE_ROOT_STORES = Path("/var/tmp")  # noqa: S108 - outlives a restart; `open_folder` checks who made ours
WRITABLE_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH


@contextlib.contextmanager
def slot(base: Path, account: Account, *, throwaway: bool = False) -> Iterator[Place]:
    """Give the first slot that nobody holds, `1`, `2`, … (or `test-1`, …), until the context or the process ends.

    :raises StartError: servers of the slot's last run do not end.
    """
    with contextlib.ExitStack() as locks:
        folder = _claim(base, "test-" if throwaway else "", locks)
        shared = _wait_for_last_servers(folder, locks)
        if throwaway:  # what a killed run left behind
            shutil.rmtree(folder, ignore_errors=True)
            locks.callback(shutil.rmtree, folder, ignore_errors=True)
        yield Place(data=open_folder(folder, account), copies=base, account=account, keeps=(shared,))


def _claim(base: Path, prefix: str, locks: contextlib.ExitStack) -> Path:
    numbers = itertools.count(1)
    while True:
        folder = base / f"{prefix}{next(numbers)}"
        if _lock(folder.with_suffix(".lock"), locks) is not None:
            return folder


def _wait_for_last_servers(folder: Path, locks: contextlib.ExitStack) -> int:
    """Return the lock that our servers will share; those of a killed run hold it until they have shut down."""
    end = time.monotonic() + 2 * STOP_SECONDS
    while (shared := _lock(folder.with_suffix(".servers"), locks)) is None:
        if time.monotonic() > end:
            raise StartError(f"servers of an earlier run still hold {folder}: end them, and start again")
        time.sleep(0.05)
    return shared


def _lock(path: Path, locks: contextlib.ExitStack) -> int | None:
    """Return the descriptor of a lock that `locks` will release, or None when somebody else holds it."""
    file = path.open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return locks.enter_context(file).fileno()


class Servers:
    """PostgreSQL and Redis, started where the environment names none, stopped when the context ends.

    `environment` holds DATABASE_URL and REDIS_URL for other processes; `place` is where they keep what they write.
    """

    def __init__(self, *, throwaway: bool = False, root: Path = ROOT) -> None:
        """Serve the checkout at `root`: with data that lasts, or for tests with faster `throwaway` data."""
        self.throwaway, self.root = throwaway, root
        self.environment: dict[str, str] = {}
        self.children: list[Child] = []
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> Servers:
        """Start what is missing.

        :raises StartError: a server cannot be found or started.
        """
        with contextlib.ExitStack() as stack:
            account = Account.for_servers()
            base = base_folder(self.root, account)
            self.place = stack.enter_context(slot(base, account, throwaway=self.throwaway))
            beside = self._start_postgres(stack)
            self._start_redis(stack, beside)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._stack.close()

    def _start_postgres(self, stack: contextlib.ExitStack) -> str:
        if url := os.environ.get("DATABASE_URL"):
            self.environment["DATABASE_URL"] = url
            return hashlib.sha256(url.encode()).hexdigest()[:12]
        child, self.environment["DATABASE_URL"], name = embedded_postgres.start(self.place, durable=not self.throwaway)
        self._keep(child, stack)
        return name

    def _start_redis(self, stack: contextlib.ExitStack, beside: str) -> None:
        if url := os.environ.get("REDIS_URL"):
            self.environment["REDIS_URL"] = url
            return
        child, self.environment["REDIS_URL"] = embedded_redis.start(
            self.place, durable=not self.throwaway, beside=beside
        )
        self._keep(child, stack)

    def _keep(self, child: Child, stack: contextlib.ExitStack) -> None:
        self.children.append(child)
        stack.callback(child.stop)


def base_folder(root: Path, account: Account) -> Path:
    """Return the folder of a checkout's slots: `.data` inside it, for root one that the servers' account can reach."""
    if os.geteuid() != 0:
        base = root / ".data"
    else:
        base = WHERE_ROOT_STORES / f"regimen-0-{hashlib.sha256(str(root).encode()).hexdigest()[:12]}"
    return open_folder(base, account)


def open_folder(path: Path, account: Account) -> Path:
    """Make a folder that only we write to and the servers' account may pass through, or check that it is one.

    :raises StartError: somebody else made it, or may write to it.
    """
    with contextlib.suppress(FileExistsError):
        path.mkdir(mode=0o700)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & WRITABLE_BY_OTHERS:
        raise StartError(f"{path} is not a folder that only you write to: remove it, and start again")
    os.chown(path, -1, account.gid)
    path.chmod(0o710 if account.options else 0o700)
    return path
