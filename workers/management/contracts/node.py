"""Node's side of the contracts: packages as their lock file says, and their programs.

Invariant: nothing is installed that the folder's lock file does not name, and no package runs a script while it is.
"""

import fcntl
import hashlib
import shutil
import subprocess
from pathlib import Path

INSTALL = ("npm", "ci", "--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
INSTALL_SECONDS, RUN_SECONDS = 600, 300


class NodeFailed(Exception):
    """A program of Node ended badly, or there is no Node; the text is what it said."""


def install(folder: Path) -> None:
    """Install the packages of a folder's lock file, unless these very ones are there.

    :raises NodeFailed: npm is missing, or could not.
    """
    stamp = folder / "node_modules" / ".installed-for"
    with (folder / "package-lock.json").open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # of two processes that want them, one installs
        wanted = hashlib.sha256(lock.read()).hexdigest()
        if stamp.exists() and stamp.read_text() == wanted:
            return
        run(*INSTALL, folder=folder, seconds=INSTALL_SECONDS)
        stamp.write_text(wanted)


def run(*command: str, folder: Path, seconds: int = RUN_SECONDS) -> str:
    """Run a program of the folder's packages, or of the system, and return what it said.

    :raises NodeFailed: it is missing, failed, or took too long.
    """
    program = shutil.which(command[0], path=str(folder / "node_modules" / ".bin")) or shutil.which(command[0])
    if program is None:
        raise NodeFailed(f"`{command[0]}` is not installed: Node 20 or newer is needed, with npm")
    try:
        done = subprocess.run(
            [program, *command[1:]],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise NodeFailed(f"`{' '.join(command)}` took longer than {seconds} s") from None
    if done.returncode != 0:
        raise NodeFailed(f"`{' '.join(command)}` failed with {done.returncode}:\n{done.stdout}")
    return done.stdout
