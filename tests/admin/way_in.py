"""Staff on their way in: a password, the code that an app shows, and where an answer leads.

Invariant: nothing here asserts but that a right password is taken.
"""

from typing import Any

from django.test import Client
from django.utils import timezone
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticToken

from config import second_factor
from config.models import AuthenticatorApp
from tests import factories
from users.models import User

LOGIN, CODE, ENROL, INDEX = "/admin/login/", "/admin/second-factor/", "/admin/enrol/", "/admin/"


def with_password(staff: User) -> Client:
    browser = Client()
    answer = browser.post(LOGIN, {"username": staff.email, "password": factories.PASSWORD, "next": INDEX})
    assert answer.status_code == 302
    return browser


def invited(staff: User) -> Client:
    """Return a browser in which a newcomer has given password and invitation, and been offered a secret."""
    browser = with_password(staff)
    answer = browser.post(ENROL, {"code": second_factor.invite(staff)}, follow=True)
    assert answer.redirect_chain
    return browser


def app_code(staff: User, *, ahead: int = 0) -> str:
    """Return what the person's app shows, `ahead` steps of 30 s from now."""
    app = TOTP(AuthenticatorApp.objects.get(user=staff).bin_key)
    app.time = timezone.now().timestamp() + 30 * ahead
    return f"{app.token():06}"


def goal(answer: Any) -> str:
    return str(answer["Location"].partition("?")[0]) if answer.status_code == 302 else f"no redirect: {answer}"


def may_try_again() -> None:
    """Let the wait after a wrong code be over."""
    for kind in (AuthenticatorApp, StaticToken.device.field.related_model):
        kind._default_manager.update(throttling_failure_count=0)
