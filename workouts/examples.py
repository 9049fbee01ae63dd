"""What the API docs show of workouts: one goblet squat throughout.

Invariant: each is an answer that its schema takes.
"""

from typing import Any

CERTIFICATE: dict[str, Any] = {
    "volume": {"quads": {"sets": 9.0, "band": [6.0, 12.0], "sessions": 3}},
    "injuries": {"declared": ["shoulder"], "found": []},
    "equipment": {"available": ["dumbbell"], "found": []},
    "conditions": {"declared": [], "found": []},
    "recovery": {"hours": 48, "found": []},
    "minutes": {"limit": 45, "by_date": {"2026-03-02": 44}, "found": []},
    "cardio": {"minutes": 60, "goal": 150},
    "effort": {"rir": [2, 4]},
    "faults": [],
    "passed": True,
    "rung": "full",
    "relaxations": [],
    "guideline": {
        "frequency": "Sessions: 3 (Monday, Wednesday, Friday); each muscle is trained 2-3 times.",
        "intensity": "Lifts end with 2-4 repetitions in reserve, holds a few seconds before form goes.",
        "time": "Sessions last 42-44 of at most 45 minutes.",
        "type": "Strength with weights, cardio, flexibility.",
        "volume": "6-12 sets a week for each muscle.",
        "progression": "More repetitions first, then more load.",
        "warm_up_and_cool_down": "Five minutes before, five minutes after.",
        "special_considerations": "None declared.",
        "clearance": "Screen yourself before the first session.",
        "contraindications": "Nothing that loads the shoulder.",
    },
    "dates": ["2026-03-02", "2026-03-08"],
    "light_week": False,
    "notices": [],
    "clearance": False,
}
PLAN: dict[str, Any] = {
    "id": 17,
    "date": "2026-03-02",
    "title": "Full body",
    "rest_day": False,
    "exercises": [
        {
            "exercise_id": "goblet_squat",
            "name": "Goblet squat",
            "order": 1,
            "sets": 3,
            "reps": 10,
            "duration_s": None,
            "rest_s": 90,
            "load": {"kind": "start_light", "value": None},
            "rir": 3,
            "muscles": ["quads", "glutes"],
            "equipment": ["dumbbell"],
            "locked": False,
            "cues": ["Elbows inside the knees.", "Chest tall."],
        }
    ],
    "estimated_minutes": 44,
    "certificate": CERTIFICATE,
    "source": "planner",
    "fallback_reason": None,
    "model": None,
    "job_id": "5d3f7c1e-0f5e-4a38-9a52-0d4f3c1a2b10",
    "version": 1,
    "created_at": "2026-03-01T08:00:03Z",
    "updated_at": "2026-03-01T08:00:03Z",
}
EXERCISE: dict[str, Any] = {
    "exercise_id": "goblet_squat",
    "name": "Goblet squat",
    "pattern": "squat",
    "primary": ["quads"],
    "secondary": ["glutes"],
    "equipment": ["dumbbell"],
    "level": "beginner",
    "contraindications": ["knee"],
    "cues": ["Elbows inside the knees."],
}
