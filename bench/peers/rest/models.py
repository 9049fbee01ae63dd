"""The product's tables, as this peer's own models.

Invariant: it only reads them.
"""

from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser
from django.db import models


class User(AbstractBaseUser):
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    is_active = models.BooleanField(default=True)
    last_login = None
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        app_label = "rest"
        db_table = "users"
        managed = False


class Session(models.Model):
    id = models.UUIDField(primary_key=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sessions")
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "rest"
        db_table = "sessions"
        managed = False

    def __str__(self) -> str:
        return str(self.pk)


class MealPlan(models.Model):
    user = models.ForeignKey(User, on_delete=models.CASCADE)
    date = models.DateField()
    breakfast = models.TextField()
    lunch = models.TextField()
    dinner = models.TextField()
    snacks = models.TextField()
    meals = models.JSONField()
    totals = models.JSONField()
    targets = models.JSONField()
    certificate = models.JSONField()
    source = models.CharField(max_length=12)
    fallback_reason = models.CharField(max_length=20, null=True)  # noqa: DJ001 - as the product's
    model = models.CharField(max_length=120, null=True)  # noqa: DJ001
    job_id = models.UUIDField(null=True)
    version = models.PositiveIntegerField()
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        app_label = "rest"
        db_table = "meal_plans"
        managed = False

    def __str__(self) -> str:
        return str(self.pk)
