#!/usr/bin/env python3
"""The product's command line: `up`, `test` and others (COMMANDS) need nothing but Python; the rest is Django's.

Invariant: this file runs on a bare machine: it imports nothing but the standard library until the virtual environment
is the one of the lock file.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
LOCK = ROOT / "config" / "requirements-dev.lock"
VENV = Path(os.environ.get("REGIMEN_VENV") or ROOT / ".venv").absolute()
PYTHON = VENV / "bin" / "python"
STAMP = VENV / ".built-for"  # which lock file and interpreter the environment was built from
UV = "uv==0.13.8"
OLDEST = (3, 11)
COMMANDS = {  # what each runs inside the virtual environment
    "up": ["-m", "config.up"],
    "test": ["-m", "pytest"],
    "check_delivery": ["-m", "django", "check_delivery"],
    "generate_contracts": ["-m", "django", "generate_contracts"],
    "bench": ["-m", "bench"],
    "run_local_ai": ["-m", "ai.management.commands.run_local_ai"],
}

TESTING = {"test", "check_delivery", "generate_contracts"}  # with servers of their own, thrown away afterwards


def main() -> None:
    """Run a command of the table in the environment of the lock file, any other one as Django's own."""
    if sys.version_info < OLDEST:
        sys.exit(f"Python {'.'.join(map(str, OLDEST))} or newer is needed; this is {sys.version.split()[0]}")
    command, *arguments = sys.argv[1:] or [""]
    if command not in COMMANDS:
        run_django()
        return
    ensure_environment()
    os.chdir(ROOT)
    os.execve(PYTHON, [str(PYTHON), *COMMANDS[command], *arguments], environment_of(command))  # noqa: S606 - becomes it


def environment_of(command: str) -> dict[str, str]:
    """Return ours with the settings module, and with compiled code kept inside the virtual environment.

    Whoever forbids compiled files wants none among the sources; without any, each process would compile Django anew.
    """
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPYCACHEPREFIX"] = str(VENV / "bytecode")
    environment["DJANGO_SETTINGS_MODULE"] = "config.settings_test" if command in TESTING else "config.settings"
    return environment


def run_django() -> None:
    """Hand the command line to Django, as every project's manage.py does."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if importlib.util.find_spec("django") is None:
        sys.exit(f"Django is not installed here: run `python3 manage.py up` once, then use {PYTHON}")
    from django.core.exceptions import ImproperlyConfigured  # noqa: PLC0415 - the invariant
    from django.core.management import execute_from_command_line  # noqa: PLC0415 - the invariant

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as reason:
        sys.exit(f"the settings are not complete: {reason}\nSee .env.example, then run this again")


def ensure_environment() -> None:
    """Build the virtual environment unless it is the one of the lock file; of two starts at once, one waits."""
    VENV.parent.mkdir(parents=True, exist_ok=True)
    with VENV.with_name(f"{VENV.name}.lock").open("a+") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        guard.seek(0)  # others may have written since it was opened
        interrupted = guard.read() != ""  # the guard has text only while a build runs
        built_for = STAMP.read_text() if STAMP.exists() else ""
        if built_for == wanted() and not interrupted:
            return
        say(f"· building {VENV} (first run only)")
        guard.write("building\n")
        guard.flush()
        outlived = built_for != "" and place_of(built_for) != place_of(wanted())
        make_environment(afresh=interrupted or outlived or not PYTHON.exists())
        install()
        STAMP.write_text(wanted())
        guard.truncate(0)


def wanted() -> str:
    """Return what a current environment's stamp says: hash of the lock file, interpreter, place."""
    return f"{hashlib.sha256(LOCK.read_bytes()).hexdigest()} {PYTHON.resolve()} {VENV}"


def place_of(stamp: str) -> str:
    """Return the part of a stamp that only a fresh environment can change: interpreter and place."""
    return stamp.partition(" ")[2]


def make_environment(*, afresh: bool) -> None:
    """Make the virtual environment, unless there is one that can be kept."""
    if not afresh:
        return
    if VENV.is_symlink():
        sys.exit(f"{VENV} is a link to {VENV.resolve()}, which may be another checkout's: remove the link")
    if uv := shutil.which("uv"):
        run(uv, "venv", "--quiet", "--seed", "--clear", "--python", sys.executable, str(VENV))
        return
    if importlib.util.find_spec("ensurepip") is None:
        install_venv_module()
    run(sys.executable, "-m", "venv", "--clear", str(VENV))


def install_venv_module() -> None:
    """Install what Debian and Ubuntu leave out of Python's venv; who is not root is told the command."""
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    command = ["apt-get", "install", "--yes", "--no-install-recommends", package]
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        sys.exit(f"Python's venv module is incomplete here: run `sudo {' '.join(command)}`, and try again")
    say(f"· {' '.join(command)}")
    run("apt-get", "update", "-qq")
    run(*command, "-qq")


def install() -> None:
    """Install the lock file, hashes checked: with uv in seconds, else with pip in half a minute."""
    pip = (str(PYTHON), "-m", "pip", "--disable-pip-version-check", "install", "-qq")
    what = ("--require-hashes", "-r", str(LOCK))
    if uv := find_uv(pip):
        # Behind a company's proxy only the system knows its certificate; a service's account has no home to cache in.
        for extra in ({}, {"UV_SYSTEM_CERTS": "1", "UV_NO_CACHE": "1"}):
            if succeeds(uv, "pip", "install", "--quiet", "--python", str(PYTHON), *what, extra=extra):
                return
        say("· uv could not install; pip takes over, and half a minute")
    run(*pip, *what)


def find_uv(pip: tuple[str, ...]) -> str | None:
    """Return the system's uv, else our own, which pip installs; None when it cannot."""
    if (uv := shutil.which("uv")) or not succeeds(*pip, UV):
        return uv
    return str(VENV / "bin" / "uv")


def succeeds(*command: str, extra: dict[str, str] | None = None) -> bool:
    """Try a command of which only the success matters."""
    quiet = subprocess.DEVNULL
    environment = {**os.environ, **(extra or {})}
    done = subprocess.run(command, env=environment, stdin=quiet, stdout=quiet, stderr=quiet, check=False)
    return done.returncode == 0


def run(*command: str) -> None:
    """Run a command that must succeed; its own words on standard error say why it does not."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    quiet = subprocess.DEVNULL
    done = subprocess.run(command, stdin=quiet, stdout=quiet, env=environment, check=False)
    if done.returncode != 0:
        sys.exit(f"`{' '.join(command)}` failed with {done.returncode}")


def say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    main()
