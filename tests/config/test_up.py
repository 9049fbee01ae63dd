"""`manage.py up`: its port, its secrets, its guard, and how it says what went wrong.

Invariant: no test starts the whole product; `.ci/run` does.
"""

import contextlib
import functools
import http.server
import json
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from config import embedded_model, providers, up
from config.embedded import ROOT, Servers
from config.embedded_process import Child, Children, StartError
from config.embedded_programs import Account, Place

SLOW_START = """
import sys, time
from config import up
def run(*_arguments):
    print("started", flush=True)
    time.sleep(600)
up.run = run
sys.exit(up.main([]))
"""

SLOW_STOP = """
import signal, time
told = []
signal.signal(signal.SIGTERM, lambda *_: (told.append(1), print("told")))
print("ready")
while not told:
    time.sleep(0.01)
time.sleep(0.3)
"""


@pytest.fixture
def servers(tmp_path: Path) -> Servers:
    """Return servers that are said to run, with a slot of their own."""
    servers = Servers()
    servers.environment = {"DATABASE_URL": "postgresql://here", "REDIS_URL": "redis://here"}
    servers.place = Place(data=tmp_path, copies=tmp_path, account=Account.for_servers())
    return servers


@pytest.fixture
def child(tmp_path: Path) -> Iterator[Child]:
    """Return a child that lives until it is stopped."""
    child = Child("sleep", "600", log=tmp_path / "sleeper.log")
    yield child
    child.stop()


def says(child: Child, words: str) -> bool:
    return child.tail() == words


class Answer(http.server.BaseHTTPRequestHandler):
    """Answers every request with the status and the body that the test chose."""

    status, body = 200, b"{}"

    def do_GET(self) -> None:
        self.send_response(self.status)
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


@pytest.fixture
def answers() -> Iterator[tuple[int, type[Answer]]]:
    """Return the port of a server, and the class that decides what it answers."""
    handler = type("Chosen", (Answer,), {})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port, handler
        server.shutdown()


def test_a_port_that_was_asked_for_is_taken_at_once() -> None:
    with up.listen(0) as first:
        port = first.getsockname()[1]

        with pytest.raises(StartError, match=f"port {port} cannot be used"):
            up.listen(port)


def test_without_a_wish_the_next_free_port_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    with up.listen(0) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setattr(up, "PORTS", range(port, port + 20))

        with up.listen(None) as found:
            assert found.getsockname()[1] in range(port + 1, port + 20)


def test_the_port_of_the_environment_counts_unless_one_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "8123")

    assert up.parse([]).port == 8123
    assert up.parse(["--port", "8200"]).port == 8200


def test_a_port_that_is_no_number_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PORT", "web")

    with pytest.raises(SystemExit):
        up.parse([])
    assert "invalid int value: 'web'" in capsys.readouterr().err


@pytest.mark.parametrize("environment", ["production", "test"])
def test_it_runs_on_a_development_machine_only(monkeypatch: pytest.MonkeyPatch, environment: str) -> None:
    monkeypatch.setenv("ENVIRONMENT", environment)

    with pytest.raises(StartError, match=environment), contextlib.ExitStack() as stack:
        up.run(up.parse(["--once"]), stack)


def test_secrets_are_made_once_for_our_eyes_only(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"

    first, second = up.made_up_secrets(path), up.made_up_secrets(path)

    assert first == second == json.loads(path.read_text())
    assert len(set(first.values())) == len(up.GENERATED)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert min(len(first["SECRET_KEY"]), len(first["JWT_SIGNING_KEY"])) >= 50


def test_a_secret_that_a_newer_version_needs_is_added_and_the_others_stay(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    path.write_text('{"SECRET_KEY": "kept"}')

    found = up.made_up_secrets(path)

    assert found["SECRET_KEY"] == "kept"
    assert set(found) == set(up.GENERATED)


def test_what_the_environment_sets_stays(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AI_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("DEMO_EMAIL", "me@example.org")
    monkeypatch.setenv("SECRET_KEY", "")
    monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere")

    environment = up.environment_of(servers, with_demo=True)

    assert environment["AI_BASE_URL"] == "http://127.0.0.1:9/v1"
    assert environment["DEMO_EMAIL"] == "me@example.org"
    assert len(environment["SECRET_KEY"]) >= 50
    assert environment["DATABASE_URL"] == "postgresql://here"


def test_without_the_demo_the_page_offers_nobody(servers: Servers) -> None:
    environment = up.environment_of(servers, with_demo=False)

    assert (environment["DEMO_EMAIL"], environment["DEMO_PASSWORD"]) == ("", "")


def test_a_model_of_our_own_is_asked_for_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert (up.parse([]).ai, up.parse(["--ai", "local"]).ai) == (None, "local")

    with pytest.raises(SystemExit):
        up.parse(["--ai", "clever"])
    assert "invalid choice: 'clever'" in capsys.readouterr().err


def test_the_product_asks_the_local_model_alone(
    servers: Servers, child: Child, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded_model, "install", lambda say: say("installed"))
    monkeypatch.setattr(embedded_model, "start", lambda _: (child, "http://127.0.0.1:7/v1"))
    environment, told = {"AI_PROVIDERS": "[]", "AI_DEADLINE_SECONDS": "300"}, list[str]()

    with contextlib.ExitStack() as stack:
        started = up.start_model(servers, environment, stack, told.append)

        assert not started.ended
    (one,) = providers.parse(environment["AI_PROVIDERS"], key=environment.__getitem__, deadline=20)
    assert (one.name, one.model, one.base_url) == ("local", "smollm2-135m", "http://127.0.0.1:7/v1")
    assert environment["AI_DEADLINE_SECONDS"] == "300"
    assert float(environment["AI_ATTEMPT_SECONDS"]) == one.deadline
    assert told == ["installed", "smollm2-135m is running"]
    assert started.ended


def test_it_waits_until_everything_is_ready(answers: tuple[int, type[Answer]], child: Child) -> None:
    port, handler = answers
    handler.status = 503
    threading.Timer(0.2, setattr, (handler, "status", 200)).start()

    up.wait_until_ready(port, Children([child]))

    assert handler.status == 200


def test_what_is_not_ready_in_time_is_named(
    answers: tuple[int, type[Answer]], child: Child, monkeypatch: pytest.MonkeyPatch
) -> None:
    port, handler = answers
    handler.status, handler.body = 503, b'{"parts": {"worker": "no sign of life"}}'
    monkeypatch.setattr(up, "READY_SECONDS", 0.1)

    with pytest.raises(StartError, match="no sign of life"):
        up.wait_until_ready(port, Children([child]))


def test_a_process_that_ends_is_named_with_the_end_of_its_log(tmp_path: Path, child: Child) -> None:
    broken = Child(sys.executable, "-c", "raise SystemExit('no such module')", log=tmp_path / "worker.log")
    broken.process.wait()

    with pytest.raises(StartError, match=r"worker ended with status 1:\nno such module"):
        up.serve(Children([child, broken]))


def test_a_database_that_cannot_be_prepared_says_why(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(up, "PREPARE", ("-c", "raise SystemExit('a migration is broken')"))

    with pytest.raises(StartError, match="a migration is broken"):
        up.prepare_database(servers, {})


def test_children_are_told_to_stop_once_and_all_before_any_is_waited_for(tmp_path: Path) -> None:
    first, second = (Child(sys.executable, "-uc", SLOW_STOP, log=tmp_path / f"{name}.log") for name in "ab")
    children = Children([first, second])
    assert all(child.becomes(functools.partial(says, child, "ready")) for child in children)

    first.ask_to_stop()
    assert first.becomes(functools.partial(says, first, "ready\ntold"))
    children.stop()

    assert [child.process.returncode for child in children] == [0, 0]
    assert says(first, "ready\ntold")
    assert says(second, "ready\ntold")


def test_a_signal_ends_a_start_with_the_shells_status() -> None:
    started = subprocess.Popen([sys.executable, "-c", SLOW_START], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    with started:
        assert started.stdout is not None
        started.stdout.readline()
        started.send_signal(signal.SIGTERM)

    assert started.returncode == up.INTERRUPTED
