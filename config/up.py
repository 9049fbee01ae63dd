"""`manage.py up`: the whole product on a development machine, from nothing to a plan made live.

Invariant: however it ends, it ends everything that it started, and says why with the last lines of the log that knows.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import os
import secrets
import signal
import socket
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import django
from django.core.management import call_command
from dotenv import load_dotenv
from rich.console import Console

from config import demo, embedded_model
from config.embedded import ROOT, Servers
from config.embedded_process import Child, Children, StartError
from config.embedded_programs import Account

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PORTS = range(8000, 8100)
READY_SECONDS = 60.0
INTERRUPTED = 130  # as shells say it
STAFF_EMAIL = "staff@regimen.example"
DEMO_EMAIL = "demo@regimen.example"
GENERATED = ("SECRET_KEY", "JWT_SIGNING_KEY", "DEMO_PASSWORD", "REGIMEN_STAFF_PASSWORD")
PREPARE = ("-c", "from config import up; up.prepare()")
PROCESSES = {
    "web": ("-m", "config.serve"),
    "worker": (
        *("-m", "dramatiq", "workers.boot", "--processes", "1", "--threads", "4"),
        *("--worker-shutdown-timeout", "5000"),
    ),
    "clock": ("manage.py", "clock"),
}


def main(arguments: Sequence[str]) -> int:
    """Run `manage.py up`; return 0 when it did what was asked, else non-zero with the reason on standard error."""
    options = parse(arguments)
    for number in SIGNALS:
        if signal.getsignal(number) != signal.SIG_IGN:  # `nohup` asks to outlive the terminal
            signal.signal(number, signal.default_int_handler)
    with contextlib.ExitStack() as stack:
        status = outcome(options, stack)
        for number in SIGNALS:  # nothing interrupts the orderly stop
            signal.signal(number, signal.SIG_IGN)
    return status


def outcome(options: argparse.Namespace, stack: contextlib.ExitStack) -> int:
    """Run, and return the exit status; the reason of a failure is told before anything is stopped."""
    try:
        run(options, stack)
    except StartError as reason:
        sys.stderr.write(f"\n{reason}\n")
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED
    return 0


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Return `once`, `port` (None: 8000 or the next free one; 0: any), `demo` and `ai` (None: as the settings say)."""
    load_dotenv(ROOT / ".env")
    parser = argparse.ArgumentParser(prog="manage.py up", description="Run the whole product on this machine.")
    parser.add_argument("--once", action="store_true", help="end as soon as the demo's plan is ready")
    parser.add_argument("--port", type=int, default=os.environ.get("PORT") or None, help="default: $PORT, else 8000…")
    parser.add_argument("--no-demo", dest="demo", action="store_false", help="register nobody, make no plan")
    parser.add_argument("--ai", choices=["local"], help="ask a small model on this machine (first time: 127 MB)")
    return parser.parse_args(arguments)


def run(options: argparse.Namespace, stack: contextlib.ExitStack) -> None:
    """Start everything in order, show the demo, and serve until a signal comes or a process ends."""
    refuse_production()
    console, started = Console(highlight=False, soft_wrap=True), time.monotonic()

    def say(text: str) -> None:
        console.print(f"[dim]{time.monotonic() - started:5.1f} s[/]  {text}")

    listener = stack.enter_context(listen(options.port))
    servers = stack.enter_context(Servers())
    environment = environment_of(servers, with_demo=options.demo)
    say("PostgreSQL and Redis are running")
    models = [start_model(servers, environment, stack, say)] if options.ai else []
    prepare_database(servers, environment)
    say("database and catalogue are current")
    own = start_processes(servers, environment, listener, stack)
    children = Children([*servers.children, *models, *own])
    port = listener.getsockname()[1]
    wait_until_ready(port, children)
    say("web, worker and clock are ready")
    if options.demo:
        play_demo(port, environment, children, console)
        say("the plan is made")
    if not options.once:
        show_addresses(port, environment, servers.place.data, console)
        serve(children)


def refuse_production() -> None:
    """Go on only on a development machine.

    :raises StartError: the environment says that this is another one.
    """
    environment = os.environ.get("ENVIRONMENT") or "development"
    if environment != "development":
        raise StartError(f"`up` is for a development machine; here ENVIRONMENT is {environment}")


def listen(port: int | None) -> socket.socket:
    """Take the port of the web server now, so that nobody else can before it starts.

    :raises StartError: the port that was asked for is taken.
    """
    for number in PORTS if port is None else (port,):
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", number))
            listener.listen()
        except (OSError, OverflowError):
            listener.close()
        else:
            return listener
    raise StartError(f"port {port or PORTS} cannot be used: it is taken, or not ours; choose another one with --port")


def environment_of(servers: Servers, *, with_demo: bool) -> dict[str, str]:
    """Return the environment of the product's processes: what is set stays, what is missing is made up."""
    given = {name: value for name, value in os.environ.items() if value}
    defaults = {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "ENVIRONMENT": "development",
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        "DEMO_EMAIL": DEMO_EMAIL,
        "PYTHONUNBUFFERED": "1",
        "dramatiq_queue_prefetch": "4",  # as many as threads: no message waits behind a long job
        "DRAIN_SECONDS": "5",  # as the worker has; a child that takes longer is killed
        **made_up_secrets(servers.place.data / "secrets.json"),
    }
    environment = {**defaults, **given, **servers.environment}
    if not with_demo:
        environment |= {"DEMO_EMAIL": "", "DEMO_PASSWORD": ""}
    return environment


def made_up_secrets(path: Path) -> dict[str, str]:
    """Return this slot's keys and passwords, made at its first start and kept for our eyes only."""
    known: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    missing = {
        name: secrets.token_urlsafe(48 if name.endswith("_KEY") else 12) for name in GENERATED if name not in known
    }
    if missing:
        own = Account(os.geteuid(), os.getegid())
        own.write_private(path.with_suffix(".new"), json.dumps(known | missing, indent=1)).replace(path)
    return known | missing


def start_model(
    servers: Servers, environment: dict[str, str], stack: contextlib.ExitStack, say: Callable[[str], None]
) -> Child:
    """Start a model of our own, and have `environment` name it as the one to ask.

    :raises StartError: it cannot be installed or started.
    """
    embedded_model.install(say)
    child, base_url = embedded_model.start(servers.place)
    stack.callback(child.stop)
    environment |= embedded_model.environment_for(base_url, environment)
    say(f"{embedded_model.MODEL} is running")
    return child


def prepare_database(servers: Servers, environment: dict[str, str]) -> None:
    """Run `prepare` in a process of its own, since this one is no Django.

    :raises StartError: it failed.
    """
    log = servers.place.data / "prepare.log"
    child = Child(sys.executable, *PREPARE, log=log, keeps=servers.place.keeps, env=environment, cwd=ROOT)
    if child.process.wait() != 0:
        raise StartError(f"the database could not be prepared:\n{child.tail()}")


def prepare() -> None:
    """Bring the schema, the catalogue and the demo's member of staff up to date, in one process to save time."""
    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    call_command("load_catalogue")
    call_command("demo_staff", email=STAFF_EMAIL)


def start_processes(
    servers: Servers, environment: dict[str, str], listener: socket.socket, stack: contextlib.ExitStack
) -> Children:
    """Start web, worker and clock; the stack will stop them, all at once."""
    own = Children()
    stack.callback(own.stop)
    for name in PROCESSES:
        own.append(start_process(name, servers, environment, listener))
    return own


def start_process(
    name: str, servers: Servers, environment: dict[str, str], listener: socket.socket, log: str = ""
) -> Child:
    """Start one of PROCESSES; of several web servers with one `listener` each takes what the others leave."""
    web = ("--fd", str(listener.fileno()))
    return Child(
        *(sys.executable, *PROCESSES[name], *(web if name == "web" else ())),
        log=servers.place.data / f"{log or name}.log",
        keeps=(*servers.place.keeps, *([listener.fileno()] if name == "web" else ())),
        env=environment,
        cwd=ROOT,
    )


def wait_until_ready(port: int, children: Children) -> None:
    """Wait until `/readyz` says 200.

    :raises StartError: a process ended, or it takes too long; the text names what is missing.
    """
    end = time.monotonic() + READY_SECONDS
    while (missing := ask_ready(port)) != "":
        children.check()
        if time.monotonic() > end:
            raise StartError(f"not ready after {READY_SECONDS:.0f} s: {missing}\n{children.tails()}")
        time.sleep(0.05)


def ask_ready(port: int) -> str:
    """Return what `/readyz` finds missing; an empty string when all is there."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/readyz")
        response = connection.getresponse()
        body = response.read().decode(errors="replace")
    except (OSError, http.client.HTTPException) as error:
        return f"no answer ({type(error).__name__})"
    finally:
        connection.close()
    return "" if response.status == http.HTTPStatus.OK else body


def play_demo(port: int, environment: dict[str, str], children: Children, console: Console) -> None:
    """Have the demo person's plan made.

    :raises StartError: it was not; the text is the API's reason and the end of every log.
    """
    account = environment["DEMO_EMAIL"], environment["DEMO_PASSWORD"]
    try:
        demo.play(port, account, console, check=children.check)
    except demo.DemoError as reason:
        raise StartError(f"{reason}\n{children.tails()}") from reason


def show_addresses(port: int, environment: dict[str, str], logs: Path, console: Console) -> None:
    """Print where everything is."""
    here = f"http://127.0.0.1:{port}"
    console.print(f"\n  Page      [bold]{here}/[/]")
    if environment["DEMO_EMAIL"]:
        console.print(f"            {environment['DEMO_EMAIL']}  {environment['DEMO_PASSWORD']}")
    console.print(f"  API docs  [bold]{here}/api/v1/docs[/]")
    console.print(f"  Admin     [bold]{here}/admin/[/]")
    console.print(f"            {STAFF_EMAIL}  {environment['REGIMEN_STAFF_PASSWORD']}")
    console.print(f"  Logs      {logs}/*.log\n\n  Ctrl-C stops everything.")


def serve(children: Children) -> None:
    """Wait for a signal.

    :raises StartError: a process ended by itself.
    """
    with contextlib.suppress(KeyboardInterrupt):
        while True:
            children.check()
            time.sleep(0.2)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
