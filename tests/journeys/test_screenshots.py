"""Three pictures of the running product: the API docs, the admin's jobs, the page with a week on it.

Invariant: a picture is taken only of what shows what it should. Those of docs/screenshots are made again by
`SCREENSHOTS=docs/screenshots python3 manage.py test tests/journeys/test_screenshots.py`.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from config import demo, up
from tests.contracts.declared import ROOT
from tests.journeys import chromium
from tests.journeys.conftest import DEMO
from tests.product import Stack

SIZE, WIDE = ViewportSize(width=1200, height=750), ViewportSize(width=1500, height=700)
MOST_BYTES = 150_000
NAMES = ("api-docs", "admin-jobs", "page")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    given = os.environ.get("SCREENSHOTS")
    return Path(given) if given else tmp_path_factory.mktemp("screenshots")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium.launched() as found:
        yield found


@pytest.fixture
def page(browser: Browser, stack: Stack) -> Iterator[Page]:
    context = browser.new_context(base_url=stack.url, viewport=SIZE, reduced_motion="reduce", locale="en-GB")
    page = context.new_page()
    page.set_default_timeout(chromium.PATIENCE)
    yield page
    context.close()


@pytest.fixture
def week(page: Page, stack: Stack) -> Page:
    """The page of the demo person, who has eight weeks of logs and a week of plans."""
    client = demo.Client(stack.port)
    if demo.sign_in(client, DEMO):
        demo.log_eight_weeks(client)
    page.goto("/")
    page.get_by_role("button", name="Enter as the demo person").click()
    page.get_by_role("button", name="Generate").click()
    expect(page.locator("#outcome")).to_contain_text("Your week is ready")
    return page


def taken(page: Page, folder: Path, name: str) -> int:
    """Take the picture and return its bytes."""
    return len(page.screenshot(path=folder / f"{name}.png", animations="disabled", caret="hide"))


def test_the_api_docs_list_every_part_of_the_api(page: Page, folder: Path) -> None:
    page.goto("/api/v1/docs")

    expect(page.locator(".opblock-summary").first).to_be_visible()
    expect(page.locator(".info .title").first).to_contain_text("Regimen")
    assert page.locator(".opblock-summary").count() > 40
    assert 10_000 < taken(page, folder, "api-docs") < MOST_BYTES


def test_the_page_shows_a_week_with_its_certificate(week: Page, folder: Path) -> None:
    expect(week.locator("#meals .certificate summary")).to_contain_text("Checked and passed")
    expect(week.get_by_role("tab")).to_have_count(7)
    week.locator("#toast.shown").wait_for(state="hidden")
    assert 10_000 < taken(week, folder, "page") < MOST_BYTES


def test_the_admin_lists_the_jobs_with_how_they_ended(week: Page, stack: Stack, folder: Path) -> None:
    week.set_viewport_size(WIDE)
    week.goto("/admin/login/?next=/admin/ai/planjob/")
    week.locator("[name=username]").fill(up.STAFF_EMAIL)
    week.locator("[name=password]").fill(stack.environment["REGIMEN_STAFF_PASSWORD"])
    week.get_by_role("button", name="Log in").click()

    expect(week.locator("#result_list")).to_contain_text("Succeeded")
    assert 10_000 < taken(week, folder, "admin-jobs") < MOST_BYTES


def test_the_pictures_of_the_docs_are_there_small_and_shown_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text()

    for name in NAMES:
        path = ROOT / "docs" / "screenshots" / f"{name}.png"
        assert path.read_bytes().startswith(b"\x89PNG")
        assert path.stat().st_size < MOST_BYTES
        assert f"docs/screenshots/{name}.png" in readme
