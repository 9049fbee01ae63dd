"""What people log.

Invariant: one log a person and date; logging a date again changes what it names and keeps the rest.
"""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

WEIGHT_KG = (25, 350)
CALORIES = (0, 20_000)
WORKOUTS = (0, 10)


class ProgressLog(models.Model):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="progress_logs")
    date = models.DateField()
    weight = models.FloatField(
        null=True,
        blank=True,
        validators=[MinValueValidator(WEIGHT_KG[0]), MaxValueValidator(WEIGHT_KG[1])],
        help_text="kg",
    )
    calories_consumed = models.PositiveIntegerField(
        null=True, blank=True, validators=[MaxValueValidator(CALORIES[1])], help_text="kcal"
    )
    workouts_completed = models.PositiveSmallIntegerField(default=0, validators=[MaxValueValidator(WORKOUTS[1])])
    complete = models.BooleanField(default=False, help_text="Was everything that was eaten logged?")
    note = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "progress_logs"
        constraints = [
            models.UniqueConstraint(fields=["user", "date"], name="progress_logs_user_date"),
            models.CheckConstraint(
                name="progress_logs_weight_in_range",
                condition=models.Q(weight__isnull=True) | models.Q(weight__range=WEIGHT_KG),
            ),
        ]

    def __str__(self) -> str:
        return f"log of user {self.user_id} on {self.date}"
