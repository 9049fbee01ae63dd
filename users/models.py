"""People, their sessions on devices, and the feed of events that those devices hear.

Invariant: an event's `seq` is taken from its person's row in the transaction that made it, so that the feed of one
person has no gap and no two events with one number.
"""

import uuid
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from config import history


class Sex(models.TextChoices):
    FEMALE = "female"
    MALE = "male"
    UNSPECIFIED = "unspecified"


class FitnessGoal(models.TextChoices):
    LOSE_WEIGHT = "lose_weight"
    MAINTAIN = "maintain"
    GAIN_MUSCLE = "gain_muscle"
    IMPROVE_ENDURANCE = "improve_endurance"
    GENERAL_HEALTH = "general_health"


class ActivityLevel(models.TextChoices):
    SEDENTARY = "sedentary"
    LIGHT = "light"
    MODERATE = "moderate"
    ACTIVE = "active"
    VERY_ACTIVE = "very_active"


class TrainingLevel(models.TextChoices):
    BEGINNER = "beginner"
    INTERMEDIATE = "intermediate"
    ADVANCED = "advanced"


class Units(models.TextChoices):
    METRIC = "metric"
    IMPERIAL = "imperial"


AGE = (13, 120)
HEIGHT_CM = (100, 250)
WEIGHT_KG = (25, 350)
BODY_FAT_PERCENT = (3, 70)
GOAL_RATE_PERCENT = (0, 1)
MEALS_PER_DAY = (3, 6)
BUDGET = (1, 3)


def _between(bounds: tuple[float, float]) -> list[Any]:
    return [MinValueValidator(bounds[0]), MaxValueValidator(bounds[1])]


def strings() -> Any:
    return ArrayField(models.CharField(max_length=60), default=list, blank=True)


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").casefold())

    def create_superuser(self, email: str, password: str, **fields: Any) -> "User":
        user = self.model(email=email.casefold(), is_staff=True, is_superuser=True, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser, PermissionsMixin):
    """A person: how to sign in, what their body is like, what they want and what they must not have."""

    email = models.EmailField(unique=True, help_text="Stored in lower case, Unicode form NFKC.")
    name = models.CharField(max_length=120)
    age = models.PositiveSmallIntegerField(null=True, blank=True, validators=_between(AGE), help_text="years")
    sex = models.CharField(max_length=12, choices=Sex, default=Sex.UNSPECIFIED)
    height = models.FloatField(null=True, blank=True, validators=_between(HEIGHT_CM), help_text="cm")
    weight = models.FloatField(null=True, blank=True, validators=_between(WEIGHT_KG), help_text="kg")
    body_fat = models.FloatField(null=True, blank=True, validators=_between(BODY_FAT_PERCENT), help_text="%")
    fitness_goal = models.CharField(max_length=20, choices=FitnessGoal, default=FitnessGoal.GENERAL_HEALTH)
    goal_rate = models.FloatField(
        null=True, blank=True, validators=_between(GOAL_RATE_PERCENT), help_text="% of body weight a week"
    )
    activity_level = models.CharField(max_length=12, choices=ActivityLevel, default=ActivityLevel.LIGHT)
    training_level = models.CharField(max_length=12, choices=TrainingLevel, default=TrainingLevel.BEGINNER)
    dietary_preferences = strings()
    allergies = strings()
    disliked_foods = strings()
    equipment = strings()
    injuries = strings()
    conditions = strings()
    availability = models.JSONField(
        default=dict, blank=True, help_text='{"days": ["mon", …], "minutes_per_session": 45}'
    )
    meals_per_day = models.PositiveSmallIntegerField(default=4, validators=_between(MEALS_PER_DAY))
    max_prep_minutes = models.JSONField(default=dict, blank=True, help_text='{"mon": 20, …}; no entry: no limit')
    budget = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=_between(BUDGET), help_text="1 is cheap"
    )
    leftovers = models.BooleanField(default=False, help_text="The same dish on two days running is welcome.")
    timezone = models.CharField(max_length=64, default="UTC")
    units = models.CharField(max_length=8, choices=Units, default=Units.METRIC)
    is_email_verified = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    last_seq = models.BigIntegerField(default=0, editable=False, help_text="number of the newest event")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects: ClassVar[UserManager] = UserManager()
    changes = history.Changes(  # by staff; `changes_of` leads to the person, as every key of a belonging does
        "user_changes",
        related_name="changes_of",
        excluded_fields=["password", "last_login", "last_seq", "created_at", "updated_at"],
        m2m_fields=["groups"],
    )
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        db_table = "users"
        permissions = (("view_health", "Can see what people say of their body, and what follows from it"),)
        constraints = [
            models.CheckConstraint(
                name=f"users_{column}_in_range",
                condition=models.Q(**{f"{column}__isnull": True}) | models.Q(**{f"{column}__range": bounds}),
            )
            for column, bounds in (("age", AGE), ("height", HEIGHT_CM), ("weight", WEIGHT_KG))
        ]

    def __str__(self) -> str:
        return f"user {self.pk}"


class Session(models.Model):
    """One signed-in device. `counter` counts refreshes: only the newest refresh token of a session is good."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sessions")
    device = models.CharField(max_length=200, blank=True)
    counter = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    rotated_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "sessions"
        indexes = [
            models.Index(fields=["user", "revoked_at"], name="sessions_live"),
            models.Index(fields=["rotated_at"], name="sessions_age"),
        ]

    def __str__(self) -> str:
        return f"session {self.pk}"


class Consent(models.Model):
    """A person's yes to one version of a text. What was said and when stays on record after it is withdrawn."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="consents")
    kind = models.CharField(max_length=20, help_text="ai: outside models; health: what they say of their body")
    version = models.CharField(max_length=20)
    given_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "consents"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "kind"], condition=models.Q(withdrawn_at__isnull=True), name="consents_one_standing"
            ),
        ]

    def __str__(self) -> str:
        return f"consent {self.pk} of user {self.user_id}"


class Event(models.Model):
    """One entry of a person's feed."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="events")
    seq = models.BigIntegerField()
    type = models.CharField(max_length=40)
    data = models.JSONField(default=dict)
    time = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "events"
        constraints = [models.UniqueConstraint(fields=["user", "seq"], name="events_user_seq")]

    def __str__(self) -> str:
        return f"event {self.seq} of user {self.user_id}"


class LetterKind(models.TextChoices):
    VERIFY_EMAIL = "verify_email"
    RESET_PASSWORD = "reset_password"  # noqa: S105 - a kind's name
    CHANGE_EMAIL = "change_email"
    EMAIL_CHANGED = "email_changed"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - a kind's name


class Letter(models.Model):
    """An email to be sent, or sent, and the hash of the token that its link holds.

    One that is asked for by address has no person until it is sent: asking must not tell who has an account.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="letters")
    kind = models.CharField(max_length=20, choices=LetterKind)
    address = models.EmailField()
    token_hash = models.CharField(max_length=64, null=True, unique=True)  # noqa: DJ001 - null: no token yet
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    run_after = models.DateTimeField(help_text="when it may be tried next")
    sent_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "letters"
        indexes = [
            models.Index(fields=["run_after"], condition=models.Q(sent_at__isnull=True), name="letters_unsent"),
            models.Index(fields=["address"], name="letters_address"),
        ]

    def __str__(self) -> str:
        return f"letter {self.pk}"


class Export(models.Model):
    """Everything that is stored about a person, as they asked for it; one a person."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="export")
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    run_after = models.DateTimeField(help_text="when it may be tried next")
    finished_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(db_index=True)
    document = models.BinaryField(null=True, help_text="a ZIP, once it is finished")

    class Meta:
        db_table = "exports"

    def __str__(self) -> str:
        return f"export {self.pk}"


class Erasure(models.Model):
    """That a person is gone, so that one who comes back out of an old backup can be erased again.

    The number was theirs alone, is never given again, and leads to nothing any more.
    """

    user_id = models.BigIntegerField(unique=True)
    erased_at = models.DateTimeField()

    class Meta:
        db_table = "erasures"

    def __str__(self) -> str:
        return f"erasure {self.pk}"


class HealthView(models.Model):
    """That somebody of the staff opened a page which shows a person's health data: who, whose, what, when."""

    staff = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="health_views", help_text="whose data")
    page = models.CharField(max_length=80, help_text="the table, and which page of it")
    object_id = models.CharField(max_length=40)
    seen_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "health_views"
        verbose_name = "view of health data"
        verbose_name_plural = "views of health data"

    def __str__(self) -> str:
        return f"view {self.pk}"
