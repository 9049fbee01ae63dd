"""The servers of a development machine, really started, killed and started again.

Invariant: every test has a checkout of its own, so it meets neither the suite's servers nor those of a running `up`.
"""

import contextlib
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
import redis

from config import embedded, embedded_postgres
from config.embedded import ROOT, Servers
from config.embedded_process import Child, StartError
from config.embedded_programs import Account, Place

AS_ROOT = os.geteuid() == 0
STARTER = """
import sys, time
from pathlib import Path
from config.embedded import Servers
with Servers(root=Path(sys.argv[1])) as servers:
    print(*servers.environment.values(), *(child.process.pid for child in servers.children), flush=True)
    time.sleep(600)
"""


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
