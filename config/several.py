"""Several web servers behind one listening socket: what `python -m config.serve --workers N` becomes.

Invariant: while it is not told to go, a server that ends is started again; told to go, it listens no more before its
servers do, so that none of them leaves a connection for nobody. When it is killed, so are they.

The kernel gives each connection to whichever server takes it. Every server is a new interpreter, not a copy of one:
its pools, threads and event loop are its own. This process serves nothing and loads no Django.
"""

import argparse
import contextlib
import ctypes
import logging
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from types import FrameType

from prometheus_client import multiprocess

SERVE = ("-m", "config.serve")
SHARED_METRICS = "PROMETHEUS_MULTIPROC_DIR"  # prometheus_client's own name
SOON = 5.0  # s: a server that ends so soon after its start is not started again at once
PAUSE = 1.0  # s
PR_SET_PDEATHSIG = 1  # <linux/prctl.h>

log = logging.getLogger("config.several")  # not __main__


class Several:
    """Keeps `count` servers running on a socket."""

    def __init__(self, listener: socket.socket, count: int, environment: dict[str, str]) -> None:
        self._listener, self._count, self._environment = listener, count, environment
        self._fd = listener.fileno()
        self._living: dict[int, tuple[subprocess.Popen[bytes], float]] = {}  # with when they were started
        self._going, self._status = False, 0

    def run(self) -> int:
        """Serve until told to go; return 0, or the status of a server where none can be started."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._told)
        for _ in range(self._count):
            self._start()
        while self._living:
            process, started = self._ended()
            multiprocess.mark_process_dead(process.pid, self._environment[SHARED_METRICS])  # type: ignore[no-untyped-call]
            if not self._going:
                log.warning("server %d ended with status %d", process.pid, process.returncode)
                self._replace(process.returncode, started)
        return self._status

    def _replace(self, status: int, started: float) -> None:
        """Start another one; but end, where servers end themselves at once and none is known to do better."""
        if _is_soon(started):
            if status > 0 and all(_is_soon(other) for _, other in self._living.values()):
                self._status = status
                self._leave()
                return
            time.sleep(PAUSE)
        self._start()

    def _start(self) -> None:
        if self._going:
            return
        process = subprocess.Popen(
            (sys.executable, *SERVE, "--fd", str(self._fd)),
            env=self._environment,
            pass_fds=(self._fd,),
            process_group=0,  # what a terminal sends to all reaches us alone: a second word would end a server at once
            preexec_fn=_ends_with_us,  # noqa: PLW1509 - it takes no lock
        )
        self._living[process.pid] = process, time.monotonic()
        if self._going:  # the word came in between
            _tell(process.pid)

    def _ended(self) -> tuple[subprocess.Popen[bytes], float]:
        """Wait until a server has ended; return it, and when it was started. An orphan of others may end here, too."""
        while True:
            pid, status = os.wait()
            if pid in self._living:
                process, started = self._living.pop(pid)
                process.returncode = os.waitstatus_to_exitcode(status)
                return process, started

    def _told(self, _number: int, _frame: FrameType | None) -> None:
        self._leave()

    def _leave(self) -> None:
        """Pass the word on; a second one ends the servers at once."""
        self._going = True
        self._listener.close()
        for pid in list(self._living):
            _tell(pid)


def _is_soon(started: float) -> bool:
    return time.monotonic() - started < SOON


def _tell(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)  # `Popen.terminate` might take its end from `_ended`


def _ends_with_us() -> None:
    """Have the kernel end this server when we are killed; on others than Linux it stays."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)


def main(arguments: Sequence[str]) -> int:
    """Run so many servers on a socket that listens already."""
    parser = argparse.ArgumentParser(prog="python -m config.several", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--fd", type=int, required=True)
    parser.add_argument("--workers", type=int, required=True)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="metrics-") as folder, socket.socket(fileno=options.fd) as listener:
        listener.settimeout(0)  # who wakes for a connection that another takes must not wait for the next
        return Several(listener, options.workers, {**os.environ, SHARED_METRICS: folder}).run()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
