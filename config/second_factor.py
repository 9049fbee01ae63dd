"""What staff prove themselves with beside their password: an authenticator app, and recovery codes for when it is lost.

Invariant: a code opens once. Of recovery codes only keyed digests are stored. Wrong codes make a device wait, twice as
long each time (django-otp), beside the limits per account and address (`config.limits`).
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
from django_otp.models import Device
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

Staff = AbstractBaseUser | AnonymousUser  # whoever is signed in; nobody else has devices
APP, RECOVERY = "authenticator app", "recovery codes"
RECOVERY_CODES, RECOVERY_BYTES = 10, 10  # 80 bits each
STORED_BYTES = 8  # of a digest: as many hexadecimal digits as otp_static's column holds
APP_CODE = re.compile(r"\d{6}")


def is_enrolled(staff: Staff) -> bool:
    return bool(TOTPDevice.objects.filter(user=staff, confirmed=True).exists())


@transaction.atomic
def offered(staff: Staff) -> TOTPDevice:
    """Return the secret that is to be put into the app; the same one until it is confirmed."""
    _hold(staff)
    waiting = TOTPDevice.objects.filter(user=staff, confirmed=False).first()
    return waiting or TOTPDevice.objects.create(user=staff, name=APP, confirmed=False)


@transaction.atomic
def enrol(staff: Staff, code: str) -> TOTPDevice | None:
    """Make the offered secret the person's second factor if the code is its; None if it is not, or there is one."""
    _hold(staff)
    device = TOTPDevice.objects.select_for_update().filter(user=staff, confirmed=False).first()
    if device is None or is_enrolled(staff) or not device.verify_token(_plain(code)):
        return None
    device.confirmed = True
    device.save(update_fields=["confirmed"])
    return device


@transaction.atomic
def verify(staff: Staff, code: str) -> Device | None:
    """Return the device that the code opens; None when it opens none, or the device still waits after wrong ones."""
    plain = _plain(code)
    kind, token = (TOTPDevice, plain) if APP_CODE.fullmatch(plain) else (StaticDevice, _digest(plain))
    device = kind.objects.select_for_update().filter(user=staff, confirmed=True).first()
    return device if device is not None and device.verify_token(token) else None


@transaction.atomic
def new_recovery_codes(staff: Staff) -> list[str]:
    """Return fresh codes, to be shown once; earlier ones open nothing any more."""
    _hold(staff)
    device = StaticDevice.objects.get_or_create(user=staff, defaults={"name": RECOVERY})[0]
    codes = [base64.b32encode(secrets.token_bytes(RECOVERY_BYTES)).decode().lower() for _ in range(RECOVERY_CODES)]
    device.token_set.all().delete()
    StaticToken.objects.bulk_create(StaticToken(device=device, token=_digest(code)) for code in codes)
    return ["-".join(code[at : at + 4] for at in range(0, len(code), 4)) for code in codes]


def codes_left(staff: Staff) -> int:
    return int(StaticToken.objects.filter(device__user=staff).count())


@transaction.atomic
def reset(staff: Staff) -> bool:
    """Forget a lost device and its recovery codes, and sign the person out: the next sign-in enrols another device.

    Say whether there was one.
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


def secret_in_words(device: TOTPDevice) -> str:
    """Return the secret as people type it: groups of four in Base32."""
    text = base64.b32encode(device.bin_key).decode()
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def picture(device: TOTPDevice) -> str:
    """Return the secret's QR code as an SVG element."""
    drawn = qrcode.make(device.config_url, image_factory=qrcode.image.svg.SvgPathImage, box_size=8)
    into = io.BytesIO()
    drawn.save(into)
    return into.getvalue().decode().partition("?>")[2].strip()


def _hold(staff: Any) -> None:
    """Let one of several requests of the same person go on at a time."""
    get_user_model().objects.select_for_update(no_key=True).only("pk").get(pk=staff.pk)


def _plain(code: str) -> str:
    return re.sub(r"[\s-]", "", code).lower()


def _digest(code: str) -> str:
    key = settings.SECRET_KEY[:64].encode()
    return hashlib.blake2b(code.encode(), digest_size=STORED_BYTES, key=key, person=b"recovery").hexdigest()
