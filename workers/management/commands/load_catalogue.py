"""Bring the release's foods, recipes and exercises into the tables.

Invariant: running it again changes nothing; what staff edited stays until the release changes the entry.
"""

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from mealplans import catalogue as food_catalogue
from workouts import catalogue as exercise_catalogue


class Command(BaseCommand):
    help = "Load foods, recipes and exercises (idempotent)."

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        foods, exercises = food_catalogue.load(), exercise_catalogue.load()
        self.stdout.write(f"catalogue: {foods} foods and recipes, {exercises} exercises changed")
