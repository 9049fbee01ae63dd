"""What the tests of `ai.coach` share: a plan that is made on the spot, and what came to stand in it.

Invariant: plans are read as they were stored.
"""

from typing import Any

from ai import services
from ai.models import JobStatus, PlanJob
from mealplans.models import MealPlan
from tests import factories
from users.models import User
from workouts.models import WorkoutPlan


def fulfil(owner: User, **fields: Any) -> PlanJob:
    job = factories.job(owner, **fields)
    services.fulfil(job.pk)
    job.refresh_from_db()
    assert job.status == JobStatus.SUCCEEDED, job.error
    return job


def eaten(owner: User) -> set[str]:
    """Return every allergen of every dish that is planned."""
    return {
        allergen
        for plan in MealPlan.objects.filter(user=owner)
        for meal in plan.meals
        for allergen in meal["allergens"]
    }


def notices(owner: User, model: type[MealPlan] | type[WorkoutPlan] = MealPlan) -> str:
    return " ".join(model.objects.filter(user=owner).latest("date").certificate["notices"])
