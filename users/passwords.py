"""Passwords: which are good enough, and whether one is the person's.

Invariant: a refusal names the rule, never the password.
"""

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from config import errors
from users.models import User


class WrongPassword(errors.Unauthorized):
    code = "wrong_password"
    detail = "This is not the account's password."


def check_new(password: str, user: User) -> None:
    """Accept a password that the person wants.

    :raises errors.Invalid: naming each rule that it breaks.
    """
    try:
        validate_password(password, user)
    except ValidationError as refusal:
        raise errors.Invalid(
            errors=[
                {"pointer": "/password", "code": reason.code or "weak", "detail": reason.messages[0]}
                for reason in refusal.error_list
            ]
        ) from None


def require(password: str, user: User) -> None:
    """Go on only with the person's own password.

    :raises WrongPassword: for another one.
    """
    if not user.check_password(password):
        raise WrongPassword
