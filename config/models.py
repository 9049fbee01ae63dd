"""The rows of the frame: what the cache owes; staff's apps; abstract catalogue entries, and versioned plans of a day.

Invariant: a shipped entry changes only when the release or staff changed it; a plan's every served version is kept as
it was.
"""

import hashlib
import secrets
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from django.conf import settings
from django.db import models
from django.db.models import Count, Max
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django_otp.plugins.otp_totp.models import TOTPDevice

from config import errors


class CacheDebt(models.Model):
    """A write whose owner's cached answers are still to be dropped: see config/cache_trust.py."""

    owner = models.BigIntegerField(help_text="whose answers")
    known = models.BooleanField(default=False, help_text="every process has had the time to see this")

    class Meta:
        app_label = "config"
        db_table = "cache_debts"

    def __str__(self) -> str:
        return f"debt {self.pk}"


DERIVED = "derived:"  # a key of this form is no secret: what the app holds is reckoned from it and SECRET_KEY
SECRET_BYTES = 20  # RFC 4226, section 4, R6


class AuthenticatorApp(TOTPDevice):  # type: ignore[misc]  # the package has no types
    """An app that shows staff their codes. Who reads the database alone cannot: it lacks half of the secret.

    A row from before this was so holds the secret itself, until its app is set up anew.
    """

    class Meta:
        app_label = "config"
        proxy = True

    def save(self, *arguments: Any, **named: Any) -> None:
        if self._state.adding:
            self.key = DERIVED + secrets.token_hex(SECRET_BYTES)
        super().save(*arguments, **named)

    @property
    def bin_key(self) -> bytes:
        """Return the secret."""
        if not self.key.startswith(DERIVED):
            return bytes.fromhex(self.key)
        return salted_hmac("authenticator app", self.key, algorithm="sha256").digest()[:SECRET_BYTES]


class Shipped(models.Model):
    """An entry that comes with a release and that staff may edit or retire.

    `shipped_hash` is the release's version of the entry: loading touches an entry only when the release changed it.
    """

    slug = models.SlugField(primary_key=True, max_length=80)
    retired = models.BooleanField(default=False, help_text="Stays in old plans, is not planned any more.")
    shipped_hash = models.CharField(max_length=64, blank=True, editable=False)
    updated_at = models.DateTimeField(auto_now=True, db_index=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.slug


def load_shipped(model: type[Shipped], entries: Iterable[Mapping[str, Any]]) -> int:
    """Insert or update the entries whose shipped version is new; return how many changed."""
    known = dict(model._default_manager.values_list("slug", "shipped_hash"))
    fields = {field.name for field in model._meta.concrete_fields}
    changed = []
    for entry in entries:
        digest = hashlib.sha256(orjson.dumps(entry, option=orjson.OPT_SORT_KEYS)).hexdigest()
        if known.get(entry["slug"]) != digest:
            values = {name: value for name, value in entry.items() if name in fields}
            changed.append(model(**values, shipped_hash=digest, updated_at=timezone.now()))
    columns = sorted({name for name in fields if name not in {"slug", "retired"}})
    model._default_manager.bulk_create(changed, update_conflicts=True, unique_fields=["slug"], update_fields=columns)
    return len(changed)


def shipped_version(*shipped: type[Shipped]) -> str:
    """Return a word that changes whenever an entry of these tables does."""
    found = [model._default_manager.aggregate(count=Count("slug"), newest=Max("updated_at")) for model in shipped]
    return hashlib.sha256(repr(found).encode()).hexdigest()[:12]


class PlanSource(models.TextChoices):
    AI = "ai"
    AI_REPAIRED = "ai_repaired"
    PLANNER = "planner"
    USER = "user"


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a plan came from, for its row."""

    source: str
    fallback_reason: str | None = None
    model: str | None = None
    job_id: uuid.UUID | None = None


class PlanRejected(errors.AppError):
    """The judge found a hard fault. Of a solver that is a defect; of a person's own change it is the answer."""

    status = 409
    code = "not_safe"


class DayPlan(models.Model):
    """What every plan of one day holds, whichever its kind; a concrete plan and its history both build on it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="%(class)ss")
    date = models.DateField()
    version = models.PositiveIntegerField(default=1)
    certificate = models.JSONField(default=dict)
    source = models.CharField(max_length=12, choices=PlanSource)
    fallback_reason = models.CharField(max_length=20, blank=True, null=True)  # noqa: DJ001 - the contract says null
    model = models.CharField(max_length=120, blank=True, null=True)  # noqa: DJ001 - the contract says null
    job_id = models.UUIDField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} of user {self.user_id} on {self.date}"


def store_versions(
    plans: type[DayPlan], history: type[DayPlan], user_id: int, days: Mapping[Any, Mapping[str, Any]]
) -> None:
    """Make `days` (date → fields) the current plans and append them to the history. Call within a transaction.

    Concurrent writers for one person must hold that person's row; versions of a date count up from 1.
    """
    current = {plan.date: plan for plan in plans._default_manager.filter(user_id=user_id, date__in=list(days))}
    rows = []
    for date, fields in days.items():
        before = current.get(date)
        row = plans(
            user_id=user_id,
            date=date,
            version=before.version + 1 if before else 1,
            **fields,
        )
        rows.append(row)
    names = [
        field.name for field in plans._meta.concrete_fields if field.name not in {"id", "user", "date", "created_at"}
    ]
    plans._default_manager.bulk_create(rows, update_conflicts=True, unique_fields=["user", "date"], update_fields=names)
    copied = [field.attname for field in plans._meta.concrete_fields if field.name != "id"]
    history._default_manager.bulk_create([history(**{name: getattr(row, name) for name in copied}) for row in rows])
