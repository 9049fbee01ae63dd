"""The way in for staff: a password, then a code; nothing before that, no guessing, and no session without end."""

import re

import pytest
from django.contrib.sessions.models import Session as StaffSession
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticToken
from pytest_django import Settings

from config import second_factor
from config.models import AuthenticatorApp
from tests import factories
from tests.admin.pages import MAKERS, address
from tests.admin.way_in import CODE, ENROL, INDEX, LOGIN, app_code, goal, invited, may_try_again, with_password
from tests.conftest import Api
from users.models import Erasure, User


@pytest.fixture(autouse=True)
def _asked_for(settings: Settings) -> None:
    settings.STAFF_TOTP = True


@pytest.fixture
def newcomer(staff: User) -> Client:
    """A browser in which staff who have no device yet have given their password and an invitation."""
    return invited(staff)


@pytest.fixture
def codes(staff: User, newcomer: Client) -> list[str]:
    """The recovery codes of staff who have enrolled, in the newcomer's browser."""
    newcomer.get(ENROL)
    answer = newcomer.post(ENROL, {"code": app_code(staff)})
    shown: list[str] = answer.context["codes"]
    return shown


def test_a_password_alone_opens_no_page(newcomer: Client) -> None:
    pages = [INDEX, "/admin/recovery-codes/", "/admin/password_change/", "/admin/jsi18n/", "/admin/autocomplete/"]
    for model in MAKERS:
        pages += [address(model, "changelist"), address(model, "change", 1), address(model, "history", 1)]

    assert {path: goal(newcomer.get(path)) for path in pages} == dict.fromkeys(pages, CODE)
    assert {path: goal(newcomer.post(path)) for path in pages} == dict.fromkeys(pages, CODE)


def test_who_has_no_device_is_led_to_set_one_up_and_then_on(newcomer: Client, staff: User) -> None:
    first = newcomer.get(CODE, {"next": "/admin/users/user/"})
    offered = newcomer.get(ENROL, {"next": "/admin/users/user/"})
    done = newcomer.post(ENROL, {"code": app_code(staff), "next": "/admin/users/user/"})

    assert goal(first) == ENROL
    assert "<svg" in offered.content.decode()
    assert second_factor.secret_in_words(AuthenticatorApp.objects.get(user=staff)) in offered.content.decode()
    assert 'href="/admin/users/user/"' in done.content.decode()
    assert newcomer.get("/admin/users/user/").status_code == 200


def test_a_wrong_code_sets_nothing_up_and_the_secret_stays(newcomer: Client, staff: User) -> None:
    newcomer.get(ENROL)
    key = AuthenticatorApp.objects.get(user=staff).key

    answer = newcomer.post(ENROL, {"code": "000000"})

    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert (AuthenticatorApp.objects.get(user=staff).key, second_factor.is_enrolled(staff)) == (key, False)
    assert goal(newcomer.get(INDEX)) == CODE


def test_with_a_device_nobody_sets_up_another_by_password_alone(codes: list[str], staff: User) -> None:
    thief = with_password(staff)

    answers = [thief.get(ENROL), thief.post(ENROL, {"code": app_code(staff, ahead=1)})]

    assert [goal(answer) for answer in answers] == [CODE, CODE]
    assert AuthenticatorApp.objects.filter(user=staff).count() == 1


def test_of_two_who_set_one_up_at_once_the_first_has_it(codes: list[str], staff: User) -> None:
    second = second_factor.offered(staff)
    app = TOTP(second.bin_key)
    app.time = timezone.now().timestamp()

    assert second_factor.enrol(staff, f"{app.token():06}") is None
    assert AuthenticatorApp.objects.filter(user=staff, confirmed=True).count() == 1


def test_a_code_opens_once(codes: list[str], staff: User) -> None:
    used, browser = app_code(staff, ahead=1), with_password(staff)

    first = browser.post(CODE, {"code": used, "next": "/admin/users/user/"})
    second = with_password(staff).post(CODE, {"code": used})

    assert goal(first) == "/admin/users/user/"
    assert browser.get(INDEX).status_code == 200
    assert second.status_code == 200


def test_a_recovery_code_opens_once_in_whatever_spelling(codes: list[str], staff: User) -> None:
    spelled = codes[0].upper().replace("-", " ")

    first = with_password(staff).post(CODE, {"code": spelled})
    second = with_password(staff).post(CODE, {"code": codes[0]})

    assert (first.status_code, second.status_code) == (302, 200)
    assert second_factor.codes_left(staff) == 9


def test_no_recovery_code_stands_in_the_database(codes: list[str]) -> None:
    stored = set(StaticToken.objects.values_list("token", flat=True))

    assert len(stored) == len(set(codes)) == 10
    assert not {code.replace("-", "") for code in codes} & stored


def test_new_recovery_codes_take_the_place_of_the_old_ones(codes: list[str], newcomer: Client, staff: User) -> None:
    renewed = newcomer.post("/admin/recovery-codes/").context["codes"]

    old = with_password(staff).post(CODE, {"code": codes[0]})
    may_try_again()
    new = with_password(staff).post(CODE, {"code": renewed[0]})

    assert (old.status_code, new.status_code) == (200, 302)


def test_a_wrong_code_makes_even_the_right_one_wait(codes: list[str], staff: User) -> None:
    browser = with_password(staff)
    AuthenticatorApp.objects.update(throttling_failure_count=9)
    browser.post(CODE, {"code": "000000"})
    AuthenticatorApp.objects.update(throttling_failure_timestamp=timezone.now())

    early = browser.post(CODE, {"code": app_code(staff, ahead=1)})
    may_try_again()
    late = browser.post(CODE, {"code": app_code(staff, ahead=1)})

    assert (early.status_code, late.status_code) == (200, 302)


@pytest.mark.parametrize("path", [CODE, ENROL])
def test_codes_are_guessed_no_faster_than_passwords_from_whatever_session(
    path: str, newcomer: Client, staff: User, settings: Settings, request: pytest.FixtureRequest
) -> None:
    newcomer.get(ENROL)
    if path == CODE:
        request.getfixturevalue("codes")
    settings.RATE_LIMITS = True
    others = {"REMOTE_ADDR": "127.0.0.9", "data": {"code": "000000", "username": "somebody@else.example"}}

    answers = [with_password(staff).post(path, {"code": "000000"}).status_code for _ in range(6)]
    elsewhere = with_password(staff).post(path, **others).status_code  # type: ignore[arg-type]

    assert answers == [200] * 5 + [429]
    assert elsewhere == 200  # whose address has tries of its own; the account's last for all addresses


def test_an_account_has_so_many_tries_an_hour_from_all_addresses_together(
    codes: list[str], staff: User, settings: Settings
) -> None:
    settings.RATE_LIMITS = True
    browser = with_password(staff)

    answers = [
        browser.post(CODE, {"code": "000000"}, REMOTE_ADDR=f"127.0.{number // 4}.9").status_code for number in range(51)
    ]

    assert answers == [200] * 50 + [429]


@pytest.mark.parametrize("where", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_nobody_is_led_elsewhere(where: str, codes: list[str], staff: User) -> None:
    answer = with_password(staff).post(CODE, {"code": codes[0], "next": where})

    assert answer["Location"] == INDEX


def test_one_may_leave_before_giving_a_code(newcomer: Client, codes: list[str], staff: User) -> None:
    half = with_password(staff)

    left = half.post("/admin/logout/")

    assert left.status_code == 200
    assert goal(half.get(CODE)) == LOGIN


def test_whoever_is_not_staff_finds_no_way_in(owner: User) -> None:
    outsider = Client()
    outsider.force_login(owner)

    assert [goal(outsider.get(path)) for path in (CODE, ENROL, INDEX)] == [LOGIN] * 3
    assert not AuthenticatorApp.objects.exists()


def test_a_reset_ends_every_session_and_the_next_invitation_sets_up_another(
    codes: list[str], newcomer: Client, staff: User, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(CommandError):
        call_command("invite_staff", staff.email)  # they have a second factor

    call_command("reset_second_factor", staff.email.upper())

    assert "forgotten" in capsys.readouterr().out
    assert goal(newcomer.get(INDEX)) == LOGIN
    assert not StaticToken.objects.exists()
    call_command("invite_staff", staff.email.upper())
    answer = with_password(staff).post(ENROL, {"code": capsys.readouterr().out.strip()})
    assert goal(answer) == ENROL


def test_a_reset_leaves_the_others_alone(codes: list[str], newcomer: Client, owner: User) -> None:
    other = factories.user(is_staff=True, email="other@example.org")

    call_command("reset_second_factor", other.email)

    assert newcomer.get(INDEX).status_code == 200
    with pytest.raises(CommandError):
        call_command("reset_second_factor", owner.email)


def test_a_colleague_of_the_role_admin_can_forget_a_lost_device(codes: list[str], newcomer: Client) -> None:
    lost = factories.user(is_staff=True)
    AuthenticatorApp.objects.create(user=lost, name="lost")

    newcomer.post(address(User, "changelist"), {"action": "forget_second_factor", "_selected_action": [lost.pk]})

    assert not second_factor.is_enrolled(lost)


def test_a_session_ends_after_its_time_however_busy_it_is(
    codes: list[str], newcomer: Client, settings: Settings
) -> None:
    assert newcomer.get(INDEX).status_code == 200
    session = newcomer.session
    session["begun"] -= settings.STAFF_SESSION_LIFETIME.total_seconds() + 1
    session.save()

    assert goal(newcomer.get(INDEX)) == LOGIN
    assert not StaffSession.objects.filter(pk=session.session_key).exists()


def test_the_session_gets_another_name_once_the_code_is_given(newcomer: Client, staff: User) -> None:
    newcomer.get(ENROL)
    before = newcomer.session.session_key

    newcomer.post(ENROL, {"code": app_code(staff)})

    assert newcomer.session.session_key not in {None, before}


def test_the_cookies_are_for_these_pages_alone_and_out_of_scripts_reach(newcomer: Client) -> None:
    newcomer.get(ENROL)

    assert set(newcomer.cookies) == {"regimen_staff", "regimen_csrf"}
    for cookie in newcomer.cookies.values():
        assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == ("/admin/", True, "Strict")
    assert newcomer.cookies["regimen_staff"]["max-age"] == 3600


def test_an_erased_member_of_staff_is_out_at_once(codes: list[str], newcomer: Client, staff: User) -> None:
    signed_in = newcomer.session.session_key

    Api(staff).delete("/api/v1/profile", {"password": factories.PASSWORD})

    assert Erasure.objects.filter(user_id=staff.pk).exists()
    assert goal(newcomer.get(INDEX)) == LOGIN
    assert not StaffSession.objects.filter(pk=signed_in).exists()
    assert not AuthenticatorApp.objects.exists()


def test_no_page_of_the_way_in_is_kept_by_a_browser(newcomer: Client) -> None:
    for path in (ENROL, CODE, LOGIN):
        assert "no-store" in newcomer.get(path)["Cache-Control"]


def test_where_it_is_not_asked_for_a_password_opens_the_pages(staff: User, settings: Settings) -> None:
    settings.STAFF_TOTP = False
    browser = with_password(staff)

    assert browser.get(INDEX).status_code == 200
    assert goal(browser.get(ENROL)) == INDEX


def test_a_picture_and_a_secret_are_of_the_same_key(newcomer: Client, staff: User) -> None:
    text = newcomer.get(ENROL).content.decode()
    device = AuthenticatorApp.objects.get(user=staff)

    assert second_factor.picture(device) in text
    assert re.sub(r"\s", "", second_factor.secret_in_words(device)) in device.config_url
