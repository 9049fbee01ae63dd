"""A real browser for the tests: Debian's Chromium, without a network of its own.

Invariant: without one a developer's tests are skipped with the reason; where the variable CI is set that is a failure.
"""

import contextlib
import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
PATIENCE = 20_000  # ms that a page may need on a busy machine


@contextlib.contextmanager
def launched() -> Iterator[Browser]:
    """Give a Chromium, to one module alone: Django's ORM refuses to work while Playwright's event loop runs."""
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        reason = "no Chromium here: `apt-get install --yes --no-install-recommends chromium`"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=program, args=FLAGS)
