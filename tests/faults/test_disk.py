"""A database whose disk is full: what is read is read, what cannot be kept is refused, and nothing is kept by half.

Invariant: the disk is real, and small: a tmpfs that holds the tables which are written to. Mounting one needs root.
"""

import contextlib
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.scene import Scene
from tests.faults.test_servers import is_honest
from tests.journeys.person import Person

SIZE = "4m"
TABLES = ("events", "progress_logs")
MOST_WRITES = 400  # one of them needs a page that is not there


@pytest.fixture
def disk(scene: Scene) -> Iterator[Path]:
    """Move what is written to a disk of 4 MiB; move it back afterwards."""
    if os.geteuid() != 0:
        pytest.skip("mounting a small disk needs root")
    folder = scene.servers.place.account.make_folder(scene.servers.place.data / "small")
    account = scene.servers.place.account
    options = f"size={SIZE},uid={account.uid},gid={account.gid},mode=700"
    subprocess.run(["/bin/mount", "-t", "tmpfs", "-o", options, "small", str(folder)], check=True)  # noqa: S607
    try:
        scene.rows(f"CREATE TABLESPACE small LOCATION '{folder}'")
        _move(scene, "small")
        scene.rows("ALTER DATABASE regimen SET temp_tablespaces = 'small'")
        _reconnect(scene)
        yield folder
        scene.rows("ALTER DATABASE regimen RESET temp_tablespaces")
        _reconnect(scene)
        _move(scene, "pg_default")
        scene.rows("DROP TABLESPACE small")
    finally:
        subprocess.run(["/bin/umount", str(folder)], check=True)
        folder.rmdir()


def _move(scene: Scene, tablespace: str) -> None:
    for table in TABLES:
        scene.rows(f"ALTER TABLE {table} SET TABLESPACE {tablespace}")


def _reconnect(scene: Scene) -> None:
    scene.rows("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")


@contextlib.contextmanager
def _full(folder: Path) -> Iterator[None]:
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"x" * 4096)
    yield
    filler.unlink()


def _until_refused(write: Callable[[int], tuple[int, object]]) -> tuple[int, object]:
    for number in range(MOST_WRITES):
        answer = write(number)
        if answer[0] >= 300:
            return answer
    raise AssertionError("the disk was never full")


def test_a_full_disk_refuses_writes_honestly_and_serves_reads(scene: Scene, disk: Path) -> None:
    person = Person(scene.url)

    with _full(disk):
        refused = _until_refused(
            lambda number: person.post("/progress", {"date": f"2026-03-{number % 28 + 1:02}", "note": "x" * 300})
        )
        read, _ = person.get("/jobs")
        shown, _ = person.get("/today?date=2026-03-02")
        parts = scene.parts()
    written, _ = person.post("/progress", {"date": "2026-03-02", "weight": 70})

    assert is_honest(refused)
    assert (read, shown) == (200, 200)
    assert (parts["database"], parts["disk"]) == ("ok", "no room on the database's disk")
    assert written in {200, 201}
    gaps = "SELECT count(*) FROM users u WHERE last_seq <> (SELECT count(*) FROM events e WHERE e.user_id = u.id)"
    assert scene.rows(gaps) == [(0,)]
