"""What the API docs show of accounts: one person, her targets, one event. Pure.

Invariant: made up; nothing here is ever stored or served as an answer.
"""

from typing import Any

TOKEN = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzaWQiOiI5ZjEzIn0.c2lnbmF0dXJl"  # noqa: S105 - an example
ADA: dict[str, Any] = {
    "id": 7,
    "email": "ada@example.org",
    "name": "Ada",
    "age": 34,
    "sex": "female",
    "height": 168.0,
    "weight": 71.5,
    "body_fat": None,
    "fitness_goal": "lose_weight",
    "goal_rate": None,
    "activity_level": "moderate",
    "training_level": "beginner",
    "dietary_preferences": ["vegetarian"],
    "allergies": ["nuts"],
    "disliked_foods": ["celery"],
    "equipment": ["dumbbell", "band"],
    "injuries": [],
    "conditions": [],
    "availability": {"days": ["mon", "wed", "fri"], "minutes_per_session": 45},
    "meals_per_day": 4,
    "max_prep_minutes": {"mon": 20},
    "budget": None,
    "leftovers": False,
    "timezone": "Europe/Paris",
    "units": "metric",
    "is_email_verified": False,
    "ai_consent": True,
    "health_consent": True,
    "created_at": "2026-03-01T08:00:00Z",
    "updated_at": "2026-03-01T08:00:00Z",
    "display": None,
}
PAIR: dict[str, Any] = {"access": TOKEN, "refresh": TOKEN, "token_type": "Bearer", "expires_in": 600}
TARGETS: dict[str, Any] = {
    "kcal": 1829,
    "protein": 113,
    "carbs": 216,
    "fat": 57,
    "fibre": 26,
    "sodium": 2300,
    "sat_fat": 20,
    "bmi": 25.3,
    "rmr": 1434,
    "tdee": 2223,
    "formula": "mifflin_st_jeor",
    "inputs": {
        "age": 34,
        "sex": "female",
        "height": 168.0,
        "weight": 71.5,
        "fitness_goal": "lose_weight",
        "activity_level": "moderate",
        "conditions": [],
        "diets": ["vegetarian"],
        "body_fat": None,
        "goal_rate": None,
        "training_level": "beginner",
        "sex_constant": -161,
        "sex_constant_note": None,
        "pal": 1.55,
        "reference_weight": 70.6,
        "carbohydrate": None,
        "floor_kcal": 1200,
        "change_percent_per_week": -0.5,
    },
    "floor": None,
    "notices": [],
    "explanation": [
        {
            "figure": "rmr",
            "value": 1434,
            "unit": "kcal",
            "how": "10 x weight + 6.25 x height - 5 x age - 161",
            "source": "Mifflin and St Jeor 1990",
        }
    ],
}
CONSENT: dict[str, Any] = {
    "kind": "ai",
    "version": "1",
    "text": "An outside model may be asked …",
    "given": True,
    "history": [{"version": "1", "given_at": "2026-03-01T08:00:00Z", "withdrawn_at": None}],
}
EVENT: dict[str, Any] = {
    "seq": 12,
    "type": "plan.progress",
    "time": "2026-03-01T08:00:02.120000Z",
    "data": {"job_id": "5d3f7c1e-0f5e-4a38-9a52-0d4f3c1a2b10", "stage": "meals", "percent": 35},
}
SESSION: dict[str, Any] = {
    "id": "9f13c0de-5b7a-4c1e-8a44-2f6f0b1d7e55",
    "device": "Regimen/2.1 (iPhone)",
    "created_at": "2026-03-01T08:00:00Z",
    "last_seen": "2026-03-02T06:55:00Z",
    "current": True,
}
LETTER_TOKEN = "kX3vQ0bq8sT1mYw5rZ7uA2dE4fG6hJ9kL0pN3oR5tVc"  # noqa: S105 - an example
EXPORT: dict[str, Any] = {
    "id": "0c9e7b52-8f7d-4f0a-9f0e-6a1f6c3f2d10",
    "status": "succeeded",
    "created_at": "2026-03-01T08:00:00Z",
    "finished_at": "2026-03-01T08:00:02Z",
    "expires_at": "2026-03-08T08:00:00Z",
    "links": {
        "self": "/api/v1/profile/export/0c9e7b52-8f7d-4f0a-9f0e-6a1f6c3f2d10",
        "file": "/api/v1/profile/export/0c9e7b52-8f7d-4f0a-9f0e-6a1f6c3f2d10/file",
    },
}
