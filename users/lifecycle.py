"""What happens to an account between register and erase: its address is confirmed or changed, its password too.

Invariant: whoever only knows an address learns nothing from an answer or from its time: the same row is written for
every address, and whether it is anybody's is looked up by the worker. A new password ends every other session.
"""

import datetime as dt
import logging

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction

from config import cache
from users import events, letters, passwords, sessions
from users.models import LetterKind, User
from users.services import EmailTaken

log = logging.getLogger(__name__)


@transaction.atomic
def request_verification(*, email: str, now: dt.datetime) -> None:
    """Write to the address, if it is that of an account that has not confirmed it."""
    letters.write(LetterKind.VERIFY_EMAIL, to=email, now=now)


@transaction.atomic
def request_reset(*, email: str, now: dt.datetime) -> None:
    """Write to the address, if it is that of an account."""
    letters.write(LetterKind.RESET_PASSWORD, to=email, now=now)


def request_email_change(*, user: User, email: str, password: str, now: dt.datetime) -> None:
    """Write to the new address; nothing changes before that is confirmed.

    :raises passwords.WrongPassword: when the password is not theirs.
    """
    passwords.require(password, user)
    with transaction.atomic():
        sessions.hold(user.pk)
        letters.write(LetterKind.CHANGE_EMAIL, to=email, now=now, user_id=user.pk)


def confirm_email(*, token: str, now: dt.datetime) -> None:
    """Note that the letter's address is the person's: the one that they have, or the one that they change to.

    :raises letters.TokenInvalid: for a token that is no longer good.
    :raises EmailTaken: when the new address got an account in between.
    """
    letter, person = letters.find(token, LetterKind.VERIFY_EMAIL, LetterKind.CHANGE_EMAIL, now=now)
    try:
        with transaction.atomic():
            held = sessions.hold(person.pk)
            letters.burn(letter)
            if letter.kind == LetterKind.CHANGE_EMAIL:
                _change_address(held, letter.address, now)
            elif held.email == letter.address:
                _store(held, is_email_verified=True)
    except IntegrityError:
        raise EmailTaken from None


def reset_password(*, token: str, password: str, now: dt.datetime) -> None:
    """Set a new password by a letter's token; every session ends, and the address counts as confirmed.

    :raises letters.TokenInvalid: for a token that is no longer good.
    :raises errors.Invalid: for a weak password; the token stays good.
    """
    letter, person = letters.find(token, LetterKind.RESET_PASSWORD, now=now)
    passwords.check_new(password, person)
    hashed = make_password(password)
    with transaction.atomic():
        held = sessions.hold(person.pk)
        letters.burn(letter)
        _store(held, password=hashed, is_email_verified=held.is_email_verified or held.email == letter.address)
        _after_new_password(held, now)


def change_password(*, user: User, current: str, password: str, now: dt.datetime) -> None:
    """Set a new password; every session but `user.session_id` ends.

    :raises passwords.WrongPassword: when `current` is not theirs.
    :raises errors.Invalid: for a weak password.
    """
    passwords.require(current, user)
    passwords.check_new(password, user)
    hashed = make_password(password)
    with transaction.atomic():
        held = sessions.hold(user.pk)
        if held.password != user.password:  # another device was faster
            raise passwords.WrongPassword
        _store(held, password=hashed)
        _after_new_password(held, now, but=user.session_id)  # type: ignore[attr-defined]


@transaction.atomic
def deactivate(*, user_id: int, now: dt.datetime) -> None:
    """Close an account without erasing it: nobody signs in, every session ends."""
    User.objects.filter(pk=user_id).update(is_active=False)
    sessions.end_all(user_id, now)
    log.info("account closed", extra={"user": user_id})


@transaction.atomic
def password_was_set(user_id: int, now: dt.datetime) -> None:
    """End every session of a person whose password was set outside of the API, and tell them by a letter."""
    _after_new_password(User.objects.select_for_update(no_key=True).get(pk=user_id), now)


def _change_address(person: User, address: str, now: dt.datetime) -> None:
    before = person.email
    letters.void(person)
    _store(person, email=address, is_email_verified=True)
    letters.write(LetterKind.EMAIL_CHANGED, to=before, now=now, user_id=person.pk)
    log.info("address changed", extra={"user": person.pk})


def _after_new_password(person: User, now: dt.datetime, *, but: str | None = None) -> None:
    letters.void(person)
    sessions.end_all(person.pk, now, but=but)
    letters.write(LetterKind.PASSWORD_CHANGED, to=person.email, now=now, user_id=person.pk)
    log.info("password set", extra={"user": person.pk})


def _store(person: User, **fields: object) -> None:
    for field, value in fields.items():
        setattr(person, field, value)
    person.save(update_fields=[*fields, "updated_at"])
    cache.forget(person.pk)
    if shown := sorted(fields.keys() - {"password"}):
        events.record(person.pk, events.ProfileUpdated(shown))
