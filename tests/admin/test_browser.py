"""The staff's pages in a real browser, against the really running product, where a second factor is asked for.

Invariant: whatever is opened, the browser found nothing that the page's own policy forbids, and asked nobody else.
"""

import base64
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from django_otp.oath import TOTP
from playwright.sync_api import Browser, BrowserContext, Page, expect

from config import up
from config.embedded import ROOT
from tests.admin.pages import MAKERS
from tests.deploy import running
from tests.journeys import chromium
from tests.product import Stack

TELL = """document.addEventListener("securitypolicyviolation", event => console.error(
    "forbidden: " + event.effectiveDirective + " " + event.blockedURI + " on " + document.location.pathname))"""


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with running.stack(STAFF_TOTP="1") as started:
        yield started


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium.launched() as found:
        yield found


@pytest.fixture(scope="module")
def context(browser: Browser, stack: Stack) -> BrowserContext:
    """One person's browser, for the whole module: who has signed in stays so."""
    made = browser.new_context(base_url=stack.url)
    made.add_init_script(TELL)
    made.set_default_timeout(chromium.PATIENCE)
    return made


@pytest.fixture
def page(context: BrowserContext, stack: Stack) -> Iterator[Page]:
    opened, faults, asked = context.new_page(), list[str](), set[str]()
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    opened.on("request", lambda request: asked.add("/".join(request.url.split("/", 3)[:3])))
    yield opened
    opened.close()
    assert faults == []
    assert asked - {"data:"} <= {stack.url}


def invitation(stack: Stack) -> str:
    """Return what whoever runs the installation hands over."""
    command = [sys.executable, "manage.py", "invite_staff", up.STAFF_EMAIL]
    done = subprocess.run(command, cwd=ROOT, env=stack.environment, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def give_password(page: Page, stack: Stack) -> None:
    page.get_by_label("Email").fill(up.STAFF_EMAIL)
    page.get_by_label("Password").fill(stack.environment["REGIMEN_STAFF_PASSWORD"])
    page.get_by_role("button", name="Log in").click()


def code_of(secret: str) -> str:
    """Return what an authenticator app would show now."""
    app = TOTP(base64.b32decode(secret.replace(" ", "")))
    app.time = time.time()
    return f"{app.token():06}"


@pytest.fixture(scope="module")
def recovery_codes(context: BrowserContext, stack: Stack) -> list[str]:
    """Sign in for the first time, as a newcomer does; return the recovery codes that were shown."""
    page = context.new_page()
    page.goto("/admin/users/user/")
    give_password(page, stack)
    expect(page.get_by_role("heading", name="Show your invitation")).to_be_visible()
    page.get_by_label("Invitation").fill(invitation(stack))
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="Set up a second factor")).to_be_visible()
    expect(page.get_by_role("img", name="QR code")).to_be_visible()
    page.get_by_label("Code of the app").fill(code_of(page.locator("#secret").inner_text()))
    page.get_by_role("button", name="Set it up").click()
    codes = page.locator(".codes li").all_inner_texts()
    page.get_by_role("link", name="continue").click()
    expect(page).to_have_url(f"{stack.url}/admin/users/user/")
    page.close()
    return codes


def test_a_newcomer_sets_up_a_second_factor_and_lands_where_they_were_going(recovery_codes: list[str]) -> None:
    assert len(set(recovery_codes)) == 10


def enter(page: Page, code: str) -> None:
    page.get_by_label("Code").fill(code)
    page.get_by_role("button", name="Continue").click()


def test_the_next_time_a_recovery_code_opens_once(page: Page, stack: Stack, recovery_codes: list[str]) -> None:
    refused, inside = page.locator(".errorlist"), page.get_by_role("heading", name="Staff")

    for _ in range(2):
        page.goto("/admin/")
        page.get_by_role("button", name="Log out").click()
        page.goto("/admin/")
        give_password(page, stack)
        enter(page, recovery_codes[0])
        expect(refused.or_(inside).first).to_be_visible()
        if refused.is_visible():
            break

    expect(refused).to_contain_text("does not open anything now")
    for _ in range(20):  # after a wrong code its device waits a second
        if inside.is_visible():
            break
        enter(page, recovery_codes[1])
        expect(refused.or_(inside).first).to_be_visible()
        page.wait_for_timeout(300)
    expect(inside).to_be_visible()


@pytest.mark.usefixtures("recovery_codes")
@pytest.mark.parametrize("model", MAKERS, ids=lambda model: model._meta.label_lower)
def test_a_list_breaks_no_rule_of_its_policy(page: Page, model: type) -> None:
    answer = page.goto(f"/admin/{model._meta.app_label}/{model._meta.model_name}/")  # type: ignore[attr-defined]

    assert answer is not None
    assert answer.status == 200
    expect(page.locator("#changelist")).to_be_visible()


@pytest.mark.usefixtures("recovery_codes")
@pytest.mark.parametrize(
    "path",
    [
        "users/user/1/change/",
        "users/user/1/history/",
        "users/user/1/password/",
        "users/user/1/delete/",
        "users/user/add/",
        "mealplans/recipe/add/",
        "mealplans/food/banana/change/",
        "workouts/exercise/goblet_squat/history/",
        "recovery-codes/",
        "password_change/",
        "",
    ],
)
def test_a_page_breaks_no_rule_of_its_policy(page: Page, path: str) -> None:
    answer = page.goto(f"/admin/{path}")

    assert answer is not None
    assert answer.status == 200
    expect(page.locator("#content h1").first).to_be_visible()


def test_the_api_docs_work_under_their_policy(page: Page) -> None:
    page.goto("/api/v1/docs")
    operation = page.locator(".opblock").first

    operation.locator(".opblock-summary-control").click()

    expect(page.locator(".info .title")).to_contain_text("Regimen")
    expect(operation.locator(".opblock-body")).to_be_visible()


def test_the_products_page_works_under_its_policy(page: Page) -> None:
    page.goto("/")
    form = page.locator("#sign-in")

    form.locator("[name=email]").fill("nobody@example.org")

    expect(form.get_by_role("button", name="Sign in")).to_be_visible()
