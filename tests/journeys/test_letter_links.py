"""What the links of letters do on the page, in a real browser: confirm an address, choose a new password.

Invariant: the letters are those that the running product wrote and sent.
"""

import time
import uuid
from collections.abc import Iterator

import psycopg
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys import chromium
from tests.journeys.person import Person
from tests.product import Stack
from users import letters

NEW = "seven green lamps hum"
SECONDS = 30  # until a worker has sent a letter, on a busy machine


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium.launched() as found:
        yield found


@pytest.fixture
def page(browser: Browser, stack: Stack) -> Iterator[Page]:
    context = browser.new_context(base_url=stack.url, reduced_motion="reduce")
    page, faults = context.new_page(), list[str]()
    page.set_default_timeout(chromium.PATIENCE)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if "Content Security Policy" in said.text else None)
    yield page
    context.close()
    assert not faults


def token(stack: Stack, email: str, kind: str) -> str:
    """Return the token of the letter's link, once a worker has sent it."""
    question = "SELECT id FROM letters WHERE address = %s AND kind = %s AND sent_at IS NOT NULL ORDER BY created_at"
    end = time.monotonic() + SECONDS
    with psycopg.connect(stack.environment["DATABASE_URL"], autocommit=True) as connection:
        while not (found := connection.execute(question, [email, kind]).fetchall()):
            assert time.monotonic() < end, f"no letter {kind} within {SECONDS} s"
            time.sleep(0.1)
    return letters.token_of(uuid.UUID(str(found[-1][0])))


def test_the_link_of_the_first_letter_confirms_the_address(page: Page, stack: Stack) -> None:
    ada = Person(stack.url)
    assert ada.post("/email/verify", {"email": ada.user["email"]})[0] == 202
    link = f"/#confirm-email={token(stack, ada.user['email'], 'verify_email')}"

    page.goto(link)

    expect(page.locator("#toast")).to_have_text("Your address is confirmed.")
    assert ada.get("/profile")[1]["is_email_verified"] is True
    assert "#" not in page.url


def test_a_link_that_was_used_says_so(page: Page, stack: Stack) -> None:
    page.goto("/#confirm-email=of-nobody")

    expect(page.locator("#toast")).to_contain_text("used before, or is too old")


def test_who_forgot_the_password_chooses_a_new_one_and_signs_in(page: Page, stack: Stack) -> None:
    ada = Person(stack.url)
    email = ada.user["email"]
    page.goto("/")
    page.locator("#sign-in [name=email]").fill(email)
    page.get_by_role("button", name="I forgot my password").click()
    expect(page.locator("#toast")).to_contain_text("a letter is on its way")

    page.evaluate("(link) => { location.hash = link; }", f"reset-password={token(stack, email, 'reset_password')}")
    page.locator("#new-password [name=password]").fill("short")
    page.locator("#new-password [name=password]").fill(NEW)
    page.get_by_role("button", name="Save it").click()

    expect(page.locator("#toast")).to_contain_text("Your password is changed")
    assert "#" not in page.url
    assert ada.get("/profile")[0] == 401  # every session has ended
    page.locator("#sign-in [name=password]").fill(NEW)
    page.get_by_role("button", name="Sign in", exact=True).last.click()
    expect(page.locator("#who")).to_have_text(ada.user["name"])


def test_a_password_that_cannot_be_taken_is_told_at_its_field(page: Page) -> None:
    page.goto("/#reset-password=of-nobody")
    page.locator("#new-password [name=password]").fill(NEW)

    page.get_by_role("button", name="Save it").click()

    expect(page.locator("#new-password .error")).to_contain_text("used before, or is too old")
    expect(page.locator("#new-password")).to_be_visible()
