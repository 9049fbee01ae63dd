"""The environment in which servers are measured: the product's packages and those of its peers, from lock files.

Invariant: nothing of it reaches the product's own environment; it is built again only when a lock file changed.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / ".venv-bench"
PYTHON = FOLDER / "bin" / "python"
LOCKS = (ROOT / "config" / "requirements.lock", ROOT / "bench" / "peers" / "requirements.lock")
STAMP = FOLDER / ".built-for"


def ensure() -> None:
    """Build the environment, unless it is there (20 s)."""
    wanted = hashlib.sha256(b"".join(lock.read_bytes() for lock in LOCKS)).hexdigest()
    if STAMP.exists() and STAMP.read_text() == wanted:
        return
    print(f"building {FOLDER.name} (first run only)", flush=True)
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(FOLDER)], check=True)
    files = [part for lock in LOCKS for part in ("-r", str(lock))]
    uv = shutil.which("uv")
    installer = [uv, "pip"] if uv else [str(PYTHON), "-m", "pip", "--disable-pip-version-check"]
    target = ["--python", str(PYTHON)] if uv else []
    subprocess.run([*installer, "install", "--quiet", *target, "--require-hashes", *files], check=True)
    STAMP.write_text(wanted)


def wrk() -> str:
    """Return the load generator's path; it is Debian's package `wrk`, the quickest that can be installed.

    :raises SystemExit: it is not there, and cannot be installed.
    """
    if shutil.which("wrk") is None and os.geteuid() == 0 and (apt := shutil.which("apt-get")):
        subprocess.run([apt, "install", "-y", "-qq", "wrk"], check=False, stdout=subprocess.DEVNULL)
    if (found := shutil.which("wrk")) is None:
        sys.exit("the load generator is missing: install wrk (Debian: apt-get install wrk; macOS: brew install wrk)")
    return found
