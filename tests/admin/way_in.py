"""Staff on their way in: a password, the code that an app shows, and where an answer leads.

Invariant: nothing here asserts but that a right password is taken.
"""

from typing import Any

from django.test import Client
from django.utils import timezone
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from tests import factories
from users.models import User

LOGIN, CODE, ENROL, INDEX = "/admin/login/", "/admin/second-factor/", "/admin/enrol/", "/admin/"


def with_password(staff: User) -> Client:
    browser = Client()
    answer = browser.post(LOGIN, {"username": staff.email, "password": factories.PASSWORD, "next": INDEX})
    assert answer.status_code == 302
    return browser


def app_code(staff: User, *, ahead: int = 0) -> str:
    """Return what the person's app shows, `ahead` steps of 30 s from now."""
    app = TOTP(TOTPDevice.objects.get(user=staff).bin_key)
    app.time = timezone.now().timestamp() + 30 * ahead
    return f"{app.token():06}"


def goal(answer: Any) -> str:
    return str(answer["Location"].partition("?")[0]) if answer.status_code == 302 else f"no redirect: {answer}"


def may_try_again() -> None:
    """Let the wait after a wrong code be over."""
    for kind in (TOTPDevice, StaticToken.device.field.related_model):
        kind._default_manager.update(throttling_failure_count=0)
