"""How staff come to a second factor: by an invitation, and with a secret that the database alone does not tell."""

import datetime as dt
import re

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice
from pytest_django import Settings

from config import second_factor
from config.models import AuthenticatorApp
from tests import factories
from tests.admin.pages import address
from tests.admin.test_second_factor import codes, newcomer
from tests.admin.way_in import CODE, ENROL, INDEX, app_code, goal, invited, may_try_again, with_password
from users.models import User

__all__ = ["codes", "newcomer"]


@pytest.fixture(autouse=True)
def _asked_for(settings: Settings) -> None:
    settings.STAFF_TOTP = True


def test_a_stolen_password_alone_sets_no_second_factor_up(staff: User) -> None:
    thief = with_password(staff)

    answers = [thief.get(ENROL), thief.post(ENROL, {"code": "abcd-efgh-ijkl-mnop"}), thief.get(ENROL)]

    assert [answer.status_code for answer in answers] == [200] * 3
    assert all('id="secret"' not in answer.content.decode() for answer in answers)
    assert "opens nothing now" in answers[1].content.decode()
    assert not AuthenticatorApp.objects.exists()
    assert goal(thief.get(INDEX)) == CODE


def test_an_invitation_opens_once_and_the_newest_alone(staff: User) -> None:
    older, newest = second_factor.invite(staff), second_factor.invite(staff)

    answers = [second_factor.accept(staff, each) for each in (older, newest.upper().replace("-", " "), newest)]

    assert answers == [False, False, False]  # a wrong one makes the next wait
    may_try_again()
    assert [second_factor.accept(staff, newest), second_factor.accept(staff, newest)] == [True, False]


def test_an_invitation_is_for_one_person_and_stands_nowhere(staff: User) -> None:
    other = factories.user(is_staff=True, email="other@example.org")
    code = second_factor.invite(staff)
    second_factor.invite(other)

    assert not second_factor.accept(other, code)
    assert code.replace("-", "") not in set(StaticToken.objects.values_list("token", flat=True))


def test_an_invitation_that_is_too_old_opens_nothing(staff: User, settings: Settings) -> None:
    code = second_factor.invite(staff)
    age = settings.STAFF_INVITATION_LIFETIME + dt.timedelta(seconds=1)
    StaticDevice.objects.update(created_at=timezone.now() - age)

    assert not second_factor.accept(staff, code)


def test_an_invitation_is_no_second_factor(codes: list[str], staff: User) -> None:
    code = second_factor.invite(staff)

    assert second_factor.verify(staff, code) is None
    assert not second_factor.accept(staff, code)  # who has a device sets up no other


def test_a_secret_that_somebody_saw_before_is_not_the_one_that_counts(newcomer: Client, staff: User) -> None:
    seen = second_factor.offered(staff).bin_key

    invited(staff)

    assert second_factor.offered(staff).bin_key != seen


def test_who_reads_the_database_alone_has_no_secret(
    codes: list[str], newcomer: Client, staff: User, settings: Settings
) -> None:
    device = AuthenticatorApp.objects.get(user=staff)
    secret = device.bin_key

    settings.SECRET_KEY = "another key of fifty characters, as a thief would have to guess"

    assert secret.hex() not in device.key
    assert device.bin_key != secret
    assert len(secret) == 20


def test_an_app_from_before_opens_as_it_did(staff: User) -> None:
    key = "00112233445566778899aabbccddeeff00112233"
    TOTPDevice.objects.create(user=staff, name="from before", key=key)

    first = with_password(staff).post(CODE, {"code": app_code(staff)})

    assert AuthenticatorApp.objects.get(user=staff).bin_key.hex() == key
    assert first.status_code == 302


def test_nobody_but_staff_is_invited(owner: User) -> None:
    with pytest.raises(CommandError):
        call_command("invite_staff", owner.email)


def test_a_colleague_of_the_role_admin_invites_and_is_shown_the_code_once(codes: list[str], newcomer: Client) -> None:
    new, nobody = factories.user(is_staff=True), factories.user()

    asked = {"action": "invite", "_selected_action": [new.pk, nobody.pk]}
    shown = newcomer.post(address(User, "changelist"), asked, follow=True).content.decode()
    again = newcomer.get(address(User, "changelist")).content.decode()
    code = re.findall(r"within three days: ((?:[a-z2-7]{4}-){3}[a-z2-7]{4})<", shown)

    assert len(code) == 1
    assert code[0] not in again
    assert second_factor.accept(new, code[0])
