"""Child processes with logs, and ports for them.

Invariant: a child never outlives the process that started it, not even when that one is killed (on Linux the kernel
sees to it).
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

PR_SET_PDEATHSIG = 1  # <linux/prctl.h>
PORTS = range(20_000, 30_000)  # below Linux's range for outgoing connections, which could take one between look and use
START_SECONDS = 60.0  # a crashed database replays its log before it answers
STOP_SECONDS = 10.0
LINE_LENGTH, TRACE_LINES = 300, 8  # what of a log is shown when something broke


class StartError(Exception):
    """A part of the development machine cannot be started; the text says what to do."""


class Child:
    """A running child process with a log of its own."""

    def __init__(
        self,
        *command: str | Path,
        log: Path,
        stop_signal: signal.Signals = signal.SIGTERM,
        keeps: tuple[int, ...] = (),
        **options: Any,  # noqa: ANN401 - whatever `subprocess.Popen` takes
    ) -> None:
        """Start `command`; `keeps` are the file descriptors that it shares with us, `options` those of `subprocess`."""
        self.name, self.log, self.stop_signal, self.asked = log.stem, log, stop_signal, False
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C reaches us alone, and we stop the children in order
                pass_fds=keeps,
                preexec_fn=_dies_with_parent(stop_signal),  # noqa: PLW1509 - it takes no lock
                **options,
            )

    @property
    def ended(self) -> bool:
        return self.process.poll() is not None

    def becomes(self, ready: Callable[[], bool], *, seconds: float = START_SECONDS) -> bool:
        """Return whether `ready` came true before the child ended or `seconds` were over."""
        end = time.monotonic() + seconds
        while not ready():
            if self.ended or time.monotonic() > end:
                return False
            time.sleep(0.02)
        return True

    def tail(self, lines: int = 20) -> str:
        """Return the last lines of the log, those in JSON as a person reads them."""
        return "\n".join(map(_readable, self.log.read_text(errors="replace").splitlines()[-lines:]))

    def ask_to_stop(self) -> None:
        """Ask the child to end, once: many take a second request as an order to drop everything."""
        if not self.asked:
            self.asked = True
            self.process.send_signal(self.stop_signal)

    def stop(self) -> None:
        """End the child; kill it when it does not listen."""
        self.ask_to_stop()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def _readable(line: str) -> str:
    try:
        entry = json.loads(line)
    except ValueError:
        return line[:LINE_LENGTH]
    if not isinstance(entry, dict):
        return line
    head = [str(entry.pop(name, "")) for name in ("time", "level", "message")]
    trace = str(entry.pop("exc_info", "")).splitlines()[-TRACE_LINES:]
    rest = [f"{name}={value}" for name, value in entry.items() if value != ""]
    return "\n    ".join([" ".join(head + rest)[:LINE_LENGTH], *trace])


class Children(list[Child]):
    """Child processes that are of use only together."""

    def check(self) -> None:
        """Go on only while all live.

        :raises StartError: one has ended; the text ends with its log.
        """
        for child in self:
            if child.ended:
                raise StartError(f"{child.name} ended with status {child.process.returncode}:\n{child.tail()}")

    def tails(self) -> str:
        """Return the end of every log."""
        return "\n".join(f"--- {child.log}\n{child.tail(5)}" for child in self)

    def stop(self) -> None:
        """End all at once, and wait for the slowest."""
        for child in self:
            child.ask_to_stop()
        for child in self:
            child.stop()


def _dies_with_parent(stop_signal: signal.Signals) -> Callable[[], None] | None:
    if sys.platform != "linux":
        return None
    prctl, parent = ctypes.CDLL(None).prctl, os.getpid()

    def ask_kernel() -> None:  # runs in the child after its change of user, which would clear the wish
        prctl(PR_SET_PDEATHSIG, int(stop_signal), 0, 0, 0)
        if os.getppid() != parent:  # the parent went before the wish was made
            os._exit(1)

    return ask_kernel


def start_on_free_port(start: Callable[[int], Child], ready: Callable[[int, Child], bool]) -> tuple[Child, int]:
    """Start a server on a port of 127.0.0.1 that nobody uses, with another one if somebody was faster.

    :raises StartError: it did not become ready; the text ends with its log.
    """
    for _ in range(3):
        port = free_port()
        child = start(port)
        if child.becomes(functools.partial(ready, port, child)):
            return child, port
        if not child.ended:
            break
    child.stop()
    raise StartError(f"{child.name} did not start:\n{child.tail()}")


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody uses now."""
    while True:
        port = PORTS[secrets.randbelow(len(PORTS))]
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
