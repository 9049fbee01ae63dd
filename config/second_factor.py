"""What staff prove themselves with beside their password: an authenticator app, and recovery codes for when it is lost.

Invariant: a code opens once, and none can be read from the database. A password alone sets no app up: an invitation
does, handed over by somebody who may. Wrong codes make a device wait, twice as long each time (django-otp), beside the
limits per account and address (`config.limits`).
"""

import base64
import hashlib
import io
import re
import secrets
from typing import Any

import qrcode
import qrcode.image.svg
from django.conf import settings
from django.contrib.auth import SESSION_KEY, get_user_model
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django_otp.models import Device
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from config.models import AuthenticatorApp

Staff = AbstractBaseUser | AnonymousUser  # whoever is signed in; nobody else has devices
APP, RECOVERY, INVITATION = "authenticator app", "recovery codes", "invitation"
RECOVERY_CODES, CODE_BYTES = 10, 10  # 80 bits each
STORED_BYTES = 8  # of a digest: as many hexadecimal digits as otp_static's column holds
APP_CODE = re.compile(r"\d{6}")


def is_enrolled(staff: Staff) -> bool:
    return bool(TOTPDevice.objects.filter(user=staff, confirmed=True).exists())


@transaction.atomic
def invite(staff: Staff) -> str:
    """Return a code, to be shown once, with which the person may set up an app; earlier ones open nothing any more."""
    _hold(staff)
    _invitations(staff).delete()
    code = _new_code()
    device = StaticDevice.objects.create(user=staff, name=INVITATION, confirmed=False)
    StaticToken.objects.create(device=device, token=_digest(_plain(code)))
    return code


@transaction.atomic
def accept(staff: Staff, code: str) -> bool:
    """Use an invitation up, if the code is its; then the secret that is offered is one that nobody has seen yet."""
    _hold(staff)
    fresh = _invitations(staff).filter(created_at__gt=Now() - settings.STAFF_INVITATION_LIFETIME)
    invitation = fresh.select_for_update().first()
    if invitation is None or is_enrolled(staff) or not invitation.verify_token(_digest(_plain(code))):
        return False
    invitation.delete()
    AuthenticatorApp.objects.filter(user=staff, confirmed=False).delete()
    return True


@transaction.atomic
def offered(staff: Staff) -> AuthenticatorApp:
    """Return the secret that is to be put into the app; the same one until it is confirmed."""
    _hold(staff)
    waiting: AuthenticatorApp | None = AuthenticatorApp.objects.filter(user=staff, confirmed=False).first()
    if waiting is None:
        waiting = AuthenticatorApp(user=staff, name=APP, confirmed=False)
        waiting.save()
    return waiting


@transaction.atomic
def enrol(staff: Staff, code: str) -> AuthenticatorApp | None:
    """Make the offered secret the person's second factor if the code is its; None if it is not, or there is one."""
    _hold(staff)
    offers = AuthenticatorApp.objects.filter(user=staff, confirmed=False)
    device: AuthenticatorApp | None = offers.select_for_update().first()
    if device is None or is_enrolled(staff) or not device.verify_token(_plain(code)):
        return None
    device.confirmed = True
    device.save(update_fields=["confirmed"])
    return device


@transaction.atomic
def verify(staff: Staff, code: str) -> Device | None:
    """Return the device that the code opens; None when it opens none, or the device still waits after wrong ones."""
    plain = _plain(code)
    kind, token = (AuthenticatorApp, plain) if APP_CODE.fullmatch(plain) else (StaticDevice, _digest(plain))
    device = kind.objects.select_for_update().filter(user=staff, confirmed=True).first()
    return device if device is not None and device.verify_token(token) else None


@transaction.atomic
def new_recovery_codes(staff: Staff) -> list[str]:
    """Return fresh codes, to be shown once; earlier ones open nothing any more."""
    _hold(staff)
    device = StaticDevice.objects.get_or_create(user=staff, confirmed=True, defaults={"name": RECOVERY})[0]
    codes = [_new_code() for _ in range(RECOVERY_CODES)]
    device.token_set.all().delete()
    StaticToken.objects.bulk_create(StaticToken(device=device, token=_digest(_plain(code))) for code in codes)
    return codes


def codes_left(staff: Staff) -> int:
    return int(StaticToken.objects.filter(device__user=staff, device__confirmed=True).count())


@transaction.atomic
def reset(staff: Staff) -> bool:
    """Forget a lost device, its recovery codes and any invitation, and sign the person out. Say whether there was one.

    The next invitation sets up another.
    """
    found = is_enrolled(staff)
    for kind in (TOTPDevice, StaticDevice):
        kind.objects.filter(user=staff).delete()
    sign_out(staff)
    return found


def sign_out(staff: Staff) -> None:
    """End every session of this person in the admin; there are as many as there are staff at work."""
    live = Session.objects.iterator()
    ended = [each.pk for each in live if each.get_decoded().get(SESSION_KEY) == str(staff.pk)]
    Session.objects.filter(pk__in=ended).delete()


def secret_in_words(device: AuthenticatorApp) -> str:
    """Return the secret as people type it: groups of four in Base32."""
    text = base64.b32encode(device.bin_key).decode()
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def picture(device: AuthenticatorApp) -> str:
    """Return the secret's QR code as an SVG element."""
    drawn = qrcode.make(device.config_url, image_factory=qrcode.image.svg.SvgPathImage, box_size=8)
    into = io.BytesIO()
    drawn.save(into)
    return into.getvalue().decode().partition("?>")[2].strip()


def _hold(staff: Any) -> None:
    """Let one of several requests of the same person go on at a time."""
    get_user_model().objects.select_for_update(no_key=True).only("pk").get(pk=staff.pk)


def _invitations(staff: Staff) -> QuerySet[StaticDevice]:
    found: QuerySet[StaticDevice] = StaticDevice.objects.filter(user=staff, name=INVITATION, confirmed=False)
    return found


def _new_code() -> str:
    """Return a code as people type it: groups of four."""
    code = base64.b32encode(secrets.token_bytes(CODE_BYTES)).decode().lower()
    return "-".join(code[at : at + 4] for at in range(0, len(code), 4))


def _plain(code: str) -> str:
    return re.sub(r"[\s-]", "", code).lower()


def _digest(code: str) -> str:
    key = settings.SECRET_KEY[:64].encode()
    return hashlib.blake2b(code.encode(), digest_size=STORED_BYTES, key=key, person=b"recovery").hexdigest()
