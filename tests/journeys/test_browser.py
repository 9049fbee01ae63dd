"""The page at `/` in a real browser, against the really running product.

Invariant: a test sees what a person sees; what it needs to know of the API it asks through the public API.
"""

import re
from collections.abc import Iterator
from http import HTTPStatus

import pytest
from django.test import Client
from playwright.sync_api import Browser, Locator, Page, ViewportSize, WebSocketRoute, expect

from config import demo
from tests.journeys import chromium
from tests.journeys.conftest import DEMO
from tests.product import Stack

PHONE, DESK = ViewportSize(width=390, height=844), ViewportSize(width=1440, height=900)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium.launched() as found:
        yield found


@pytest.fixture(scope="module")
def demo_person(stack: Stack) -> demo.Client:
    """The demo person, registered with eight weeks of logs; as a client of the API that is signed in."""
    client = demo.Client(stack.port)
    if demo.sign_in(client, DEMO):
        demo.log_eight_weeks(client)
    return client


@pytest.fixture
def page(browser: Browser, stack: Stack) -> Iterator[Page]:
    """The page at the door; afterwards it must have asked nobody else and have broken no rule of its own policy."""
    context = browser.new_context(viewport=DESK, base_url=stack.url, reduced_motion="reduce")
    page, faults, asked = context.new_page(), list[str](), set[str]()
    page.set_default_timeout(chromium.PATIENCE)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if "Content Security Policy" in said.text else None)
    page.on("request", lambda request: asked.add(re.sub(r"(//[^/]+).*", r"\1", request.url)))
    page.goto("/")
    yield page
    context.close()
    assert not faults
    assert asked == {stack.url}


@pytest.fixture
def inside(page: Page, demo_person: demo.Client) -> Page:
    """The page with the demo person signed in and the feed live."""
    page.get_by_role("button", name="Enter as the demo person").click()
    expect(page.locator("#feed-state")).to_have_text("live")
    return page


def fill(form: Locator, **values: str) -> None:
    for name, value in values.items():
        form.locator(f"[name={name}]").fill(value)


def generate(page: Page) -> None:
    page.get_by_role("button", name="Generate").click()
    expect(page.locator("#outcome")).to_contain_text("Your week is ready")


def test_the_demo_person_watches_a_week_being_made(inside: Page, demo_person: demo.Client) -> None:
    inside.evaluate("""() => {
        window.seen = [];
        new MutationObserver(() => seen.push([
            Number(document.querySelector("#track").getAttribute("aria-valuenow")),
            document.querySelector("#stage").textContent,
        ])).observe(document.querySelector("#track"), {attributeFilter: ["aria-valuenow"]});
    }""")

    generate(inside)

    seen = inside.evaluate("seen")
    assert [percent for percent, _ in seen] == sorted(percent for percent, _ in seen)
    assert {"Composing your meals", "Composing your training"} <= {stage for _, stage in seen}
    today = demo_person.get("/today")
    titles = [meal["title"] for meal in today["meal_plan"]["meals"]]
    expect(inside.locator("#meals .meal strong")).to_have_text(titles)
    expect(inside.locator("#meals .certificate summary")).to_contain_text("Checked and passed")
    expect(inside.locator("#meals .origin")).to_have_text("Composed by the planner")


def test_every_day_of_the_week_has_its_meals_and_its_session_or_rest(inside: Page, demo_person: demo.Client) -> None:
    generate(inside)
    tabs = inside.get_by_role("tab").all()
    first, last = tabs[0].get_attribute("data-date"), tabs[-1].get_attribute("data-date")
    sessions = demo_person.get(f"/workout-plans?from={first}&to={last}")["items"]
    assert len(sessions) == len(tabs) == 7

    for tab, session in zip(tabs, sessions, strict=True):
        tab.click()

        expect(tab).to_have_attribute("aria-selected", "true")
        expect(inside.locator("#meals .meal").first).to_be_visible()
        expect(inside.locator("#training h2")).to_have_text("Rest day" if session["rest_day"] else session["title"])
        expect(inside.locator(".exercise")).to_have_count(len(session["exercises"]))


def test_a_recipe_opens_with_the_keyboard_and_shows_grams_and_steps(inside: Page, demo_person: demo.Client) -> None:
    generate(inside)
    meal = demo_person.get("/today")["meal_plan"]["meals"][0]
    recipe = inside.locator(".meal").first

    recipe.locator("summary").focus()
    inside.keyboard.press("Enter")

    expect(recipe.locator(".ingredients li")).to_have_count(len(meal["ingredients"]))
    expect(recipe.locator("ol li")).to_have_text(meal["steps"])


def test_the_arrow_keys_walk_through_the_days(inside: Page) -> None:
    tabs = inside.get_by_role("tab")
    tabs.first.focus()

    inside.keyboard.press("ArrowRight")
    inside.keyboard.press("ArrowRight")
    inside.keyboard.press("ArrowLeft")

    expect(tabs.nth(1)).to_be_focused()
    expect(tabs.nth(1)).to_have_attribute("aria-selected", "true")


def test_a_logged_weight_moves_the_line_and_is_heard_of_in_the_feed(inside: Page, demo_person: demo.Client) -> None:
    expect(inside.locator("#chart canvas")).to_be_visible()
    form = inside.locator("#log")

    form.get_by_label("Weight").fill("69.9")
    form.get_by_role("button").click()

    expect(inside.locator("#chart")).to_have_attribute("aria-label", re.compile(r"to 69\.9 kilograms$"))
    expect(inside.locator("#events li").filter(has_text="progress.logged").first).to_be_visible()
    assert demo_person.get("/today")["progress"]["weight"] == 69.9


def test_a_new_person_gets_a_week_without_what_they_must_not_eat(page: Page) -> None:
    page.get_by_role("button", name="Create an account").click()
    form = page.locator("#sign-up")
    fill(form, name="Ada", email="ada@example.org", password="nine purple doors", age="34", height="168", weight="71.5")
    for chip in ("vegan", "nuts", "gluten", "dumbbell", "mon"):
        form.get_by_label(chip, exact=True).check(force=True)
    form.get_by_role("button", name="Create my account").click()
    expect(page.locator("#meals")).to_contain_text("No meals for this day yet")

    generate(page)

    for tab in page.get_by_role("tab").all():
        tab.click()
        contents = " ".join(page.locator(".allergens").all_text_contents())
        assert contents
        assert not re.search(r"\b(nuts|gluten|eggs|milk|fish)\b", contents)


def test_a_refused_field_is_marked_where_it_stands(page: Page, demo_person: demo.Client) -> None:
    page.get_by_role("button", name="Create an account").click()
    form = page.locator("#sign-up")
    fill(form, name="Eve", email="eve@example.org", password="1234567890", age="30", height="170", weight="70")

    form.get_by_role("button", name="Create my account").click()

    expect(form.locator("[data-field=password] .fault").first).to_contain_text("password")
    expect(form.get_by_label("Password")).to_be_focused()
    expect(page.locator("#app")).to_be_hidden()


def test_a_wrong_password_is_refused_in_words(page: Page, demo_person: demo.Client) -> None:
    form = page.locator("#sign-in")
    fill(form, email=DEMO[0], password="not the password")

    form.get_by_role("button", name="Sign in").click()

    expect(form.get_by_role("alert")).not_to_be_empty()
    expect(page.locator("#app")).to_be_hidden()


def test_a_job_survives_a_reload_and_can_be_cancelled(inside: Page, stack: Stack) -> None:
    with stack.without("worker"):
        inside.get_by_role("button", name="Generate").click()
        expect(inside.get_by_role("progressbar")).to_be_visible()

        inside.reload()
        expect(inside.get_by_role("progressbar")).to_be_visible()
        inside.get_by_role("button", name="Cancel").press("Enter")

        expect(inside.locator("#outcome")).to_contain_text("Cancelled")
        expect(inside.get_by_role("progressbar")).to_be_hidden()
        expect(inside.get_by_role("button", name="Generate")).to_be_focused()


def test_a_lost_socket_is_taken_up_again_and_misses_nothing(page: Page, demo_person: demo.Client) -> None:
    sockets: list[WebSocketRoute] = []

    def through(socket: WebSocketRoute) -> None:
        socket.connect_to_server()
        sockets.append(socket)

    page.route_web_socket("**/ws/events*", through)
    page.get_by_role("button", name="Enter as the demo person").click()
    expect(page.locator("#feed-state")).to_have_text("live")
    before = int((page.locator("#events li").first.get_attribute("data-seq")) or 0)

    sockets[0].close(code=1011)
    demo_person.post("/progress", {"date": "2026-01-05", "weight": 75.0})
    demo_person.post("/progress", {"date": "2026-01-06", "weight": 75.1})

    expect(page.locator(f"#events li[data-seq='{before + 2}']")).to_have_count(1)
    expect(page.locator(f"#events li[data-seq='{before + 1}']")).to_have_count(1)
    assert f"after={before}" in sockets[-1].url


def test_an_expired_access_token_is_renewed_once_for_all_calls(inside: Page) -> None:
    renewals: list[int] = []
    inside.on("response", lambda got: renewals.append(got.status) if got.url.endswith("/token/refresh") else None)
    inside.evaluate("""() => {
        const held = JSON.parse(localStorage.getItem("regimen.tokens"));
        localStorage.setItem("regimen.tokens", JSON.stringify({...held, access: "expired"}));
    }""")

    inside.reload()

    expect(inside.locator("#feed-state")).to_have_text("live")
    assert renewals == [HTTPStatus.OK]


def test_signing_out_leaves_nothing_of_the_person(inside: Page) -> None:
    inside.get_by_role("button", name="Sign out").click()

    expect(inside.get_by_role("button", name="Enter as the demo person")).to_be_visible()
    assert inside.evaluate("localStorage.length") == 0
    assert "Noor" not in (inside.locator("#app").text_content() or "")


def test_a_part_that_cannot_be_loaded_says_so_and_can_be_tried_again(page: Page, demo_person: demo.Client) -> None:
    page.route("**/profile/targets", lambda route: route.abort())
    page.get_by_role("button", name="Enter as the demo person").click()
    panel = page.locator("#targets")
    expect(panel.get_by_role("alert")).to_contain_text("cannot be reached")

    page.unroute("**/profile/targets")
    panel.get_by_role("button", name="Try again").click()

    expect(panel).to_contain_text("How was this reached?")


def test_it_fits_a_phone_from_door_to_plan(page: Page, demo_person: demo.Client) -> None:
    page.set_viewport_size(PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]

    page.get_by_role("button", name="Enter as the demo person").click()
    generate(page)

    expect(page.locator("#app details.meal").first).to_be_visible()
    width = page.evaluate("""() => {
        document.querySelectorAll("#app details").forEach(detail => { detail.open = true; });
        return document.documentElement.scrollWidth;
    }""")  # in one go: the page draws itself anew when another part of the plan arrives
    assert width == PHONE["width"]


def test_without_a_demo_person_the_page_offers_none(client: Client) -> None:
    html = client.get("/").content.decode()

    assert 'data-demo-email="" data-demo-password=""' in html
    assert '<form id="enter-demo" hidden' in html
