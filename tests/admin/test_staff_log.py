"""What is remembered of the way in, what a new password of staff ends, and what a browser is shown that is declined."""

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from pytest_django import Settings

from tests import factories
from tests.admin.pages import address
from tests.admin.way_in import CODE, ENROL, INDEX, LOGIN, app_code, goal, invited, may_try_again, with_password
from tests.conftest import Api
from users.models import Letter, Session, User

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
NEW = "four blue kettles sing"


@pytest.fixture(autouse=True)
def _asked_for(settings: Settings) -> None:
    settings.STAFF_TOTP = True


def said(staff: User) -> list[str]:
    """Return what is remembered of somebody, the first first; of a staff member it is about themselves."""
    entries = LogEntry.objects.filter(user=staff, object_id=str(staff.pk)).order_by("pk")
    return list(entries.values_list("change_message", flat=True))


def guess(browser: Client, email: str, **headers: str) -> int:
    return browser.post(LOGIN, {"username": email, "password": "wrong password"}, headers=headers).status_code


def test_every_step_of_the_way_in_is_remembered_also_those_that_fail(staff: User) -> None:
    guess(Client(), staff.email.upper())
    browser = with_password(staff)
    browser.post(ENROL, {"code": "abcd-efgh-ijkl-mnop"})
    may_try_again()
    browser = invited(staff)
    browser.post(ENROL, {"code": app_code(staff)})
    browser = with_password(staff)
    browser.post(CODE, {"code": "000000"})
    may_try_again()
    browser.post(CODE, {"code": app_code(staff, ahead=1)})

    assert said(staff) == [
        "A wrong password was given.",
        "Gave the password.",
        "A wrong invitation was given.",
        "Gave the password.",
        "Used an invitation.",
        "Set up a second factor.",
        "Was given new recovery codes.",
        "Gave the password.",
        "A wrong code was given.",
        "Gave a code of their authenticator app.",
    ]


@pytest.mark.usefixtures("owner")
@pytest.mark.parametrize("email", ["nobody@example.org", "owner@example.org", ""])
def test_who_is_no_staff_leaves_a_line_and_no_row(email: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("WARNING", "config.staff_log")

    guess(Client(), email)

    assert not LogEntry.objects.exists()
    if email:
        assert "A wrong password was given." in caplog.text
        assert email not in caplog.text


def test_the_role_admin_reads_who_signed_in(staff: User, settings: Settings) -> None:
    guess(Client(), staff.email)
    settings.STAFF_TOTP = False

    page = with_password(staff).get(address(LogEntry, "changelist")).content.decode()

    assert page.count(staff.email) >= 2
    assert "A wrong password was given." in page


def change_password(browser: Client, old: str) -> str:
    fields = {"old_password": old, "new_password1": NEW, "new_password2": NEW}
    return goal(browser.post("/admin/password_change/", fields))


def test_a_member_of_staff_who_changes_their_password_ends_every_other_session(staff: User) -> None:
    api, elsewhere = Api(staff), invited(staff)
    elsewhere.post(ENROL, {"code": app_code(staff)})
    browser = with_password(staff)
    browser.post(CODE, {"code": app_code(staff, ahead=1)})

    changed = change_password(browser, factories.PASSWORD)

    assert changed == "/admin/password_change/done/"
    assert api.get("/api/v1/profile").status_code == 401
    assert not Session.objects.filter(user=staff, revoked_at=None).exists()
    assert [browser.get(INDEX).status_code, goal(elsewhere.get(INDEX))] == [200, LOGIN]
    assert Letter.objects.filter(user=staff, kind="password_changed").count() == 1
    assert said(staff)[-1] == "Changed their password."


def test_a_password_that_is_not_changed_ends_nothing(staff: User, settings: Settings) -> None:
    settings.STAFF_TOTP = False
    api = Api(staff)

    change_password(with_password(staff), "wrong password")

    assert api.get("/api/v1/profile").status_code == 200
    assert not Letter.objects.filter(kind="password_changed").exists()


def test_the_old_password_is_guessed_no_faster_in_there_than_at_the_door(staff: User, settings: Settings) -> None:
    settings.STAFF_TOTP, settings.RATE_LIMITS = False, True
    browser = with_password(staff)
    fields = {"old_password": "wrong password", "new_password1": NEW, "new_password2": NEW}

    answers = [browser.post("/admin/password_change/", fields).status_code for _ in range(6)]

    assert answers == [200] * 5 + [429]


def test_a_password_that_staff_set_for_somebody_is_told_to_them(owner: User, staff: User, settings: Settings) -> None:
    settings.STAFF_TOTP = False
    api = Api(owner)
    fields = {"password1": NEW, "password2": NEW, "usable_password": "true"}

    with_password(staff).post(f"/admin/users/user/{owner.pk}/password/", fields)

    assert api.get("/api/v1/profile").status_code == 401
    assert Letter.objects.filter(user=owner, kind="password_changed").count() == 1


def test_a_browser_that_comes_too_often_is_shown_a_page(staff: User, settings: Settings) -> None:
    settings.RATE_LIMITS = True
    browser = Client()
    for _ in range(5):
        guess(browser, staff.email, Accept=BROWSER)

    answer = browser.post(LOGIN, {"username": staff.email, "password": "x"}, headers={"Accept": BROWSER})
    page = answer.content.decode()

    assert (answer.status_code, answer["Content-Type"]) == (429, "text/html; charset=utf-8")
    assert "That was too often." in page
    assert f"Come back in {answer['Retry-After']} seconds." in page
    assert answer["Cache-Control"] == "no-store"


def test_a_program_that_comes_too_often_is_told_a_problem(staff: User, settings: Settings) -> None:
    settings.RATE_LIMITS = True
    browser = Client()
    for _ in range(5):
        guess(browser, staff.email)

    answer = browser.post(LOGIN, {"username": staff.email, "password": "x"}, headers={"Accept": "*/*"})

    assert (answer.status_code, answer["Content-Type"]) == (429, "application/problem+json")


def test_the_api_answers_a_browser_too_with_problems(settings: Settings, db: None) -> None:
    settings.RATE_LIMITS = True
    api = Api()

    answers = [
        api.post("/api/v1/login", {"email": "a@example.org", "password": "wrong password"}, Accept=BROWSER)
        for _ in range(6)
    ]

    assert (answers[-1].status_code, answers[-1]["Content-Type"]) == (429, "application/problem+json")


def test_a_form_that_is_too_old_says_so_on_a_page() -> None:
    strict = Client(enforce_csrf_checks=True)

    answer = strict.post(LOGIN, {"username": "x", "password": "y"}, headers={"Accept": BROWSER})

    assert (answer.status_code, answer["Content-Type"]) == (403, "text/html; charset=utf-8")
    assert "Load the page again." in answer.content.decode()
