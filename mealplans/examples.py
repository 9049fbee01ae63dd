"""What the API docs show of meals: one person's porridge throughout.

Invariant: each is an answer that its schema takes.
"""

from typing import Any

INGREDIENT: dict[str, Any] = {"food_id": "oats_rolled", "name": "Oats, rolled", "grams": 50.0, "amount": "50 g"}
NUTRITION: dict[str, Any] = {"kcal": 410, "protein": 16, "carbs": 66, "fat": 9, "fibre": 9}
PLAN: dict[str, Any] = {
    "id": 41,
    "date": "2026-03-02",
    "breakfast": "Porridge with pear (1 serving; 410 kcal, 16 g protein): 50 g Oats, rolled, 200 g Milk, 150 g Pear.",
    "lunch": "…",
    "dinner": "…",
    "snacks": "…",
    "meals": [
        {
            "slot": "breakfast",
            "recipe_id": "porridge_with_pear",
            "title": "Porridge with pear",
            "servings": 1.0,
            "locked": False,
            "ingredients": [INGREDIENT],
            "steps": ["Simmer the oats in the milk for five minutes.", "Slice the pear over it.", "Serve hot."],
            "prep_minutes": 10,
            "cook_minutes": 0,
            "allergens": ["gluten", "milk"],
            "nutrition": NUTRITION,
        }
    ],
    "totals": {"kcal": 1826, "protein": 118, "carbs": 232, "fat": 57, "fibre": 67},
    "targets": {"kcal": 1829, "protein": 113, "carbs": 216, "fat": 57, "fibre": 26, "sodium": 2300, "sat_fat": 20},
    "certificate": {
        "kcal": {"target": 1829, "actual": 1826.2, "delta_pct": -0.15},
        "protein": {"target": 113, "actual": 118.0, "delta_pct": 4.42},
        "carbs": {"target": 216, "actual": 232.0, "delta_pct": 7.41},
        "fat": {"target": 57, "actual": 57.0, "delta_pct": 0.0},
        "fibre": {"at_least": 26, "actual": 67.0, "met": True},
        "sodium": {"at_most": 2300, "actual": 1640.0, "met": True},
        "sat_fat": {"at_most": 20, "actual": None, "met": None},
        "allergens": {"excluded": ["nuts"], "found": []},
        "diets": {"kept": ["vegetarian"], "found": []},
        "conditions": {"kept": [], "found": []},
        "ceilings": {},
        "floors": {"kcal": {"floor": 1200, "held": True, "reason": "the least that is safe without a doctor"}},
        "rung": 0,
        "relaxations": [],
        "deviations": [],
        "passed": True,
        "notices": [],
        "not_enforced": [],
    },
    "source": "planner",
    "fallback_reason": None,
    "model": None,
    "job_id": "5d3f7c1e-0f5e-4a38-9a52-0d4f3c1a2b10",
    "version": 1,
    "created_at": "2026-03-01T08:00:03Z",
    "updated_at": "2026-03-01T08:00:03Z",
}
FOOD: dict[str, Any] = {
    "food_id": "apple",
    "name": "Apple",
    "fdc_id": 171688,
    "category": "fruit",
    "aisle": "produce",
    "per_100g": {"kcal": 52.0, "protein": 0.26, "carbs": 13.81, "fat": 0.17, "fibre": 2.4},
    "allergens": [],
    "diets": ["vegan"],
}
RECIPE: dict[str, Any] = {
    "recipe_id": "porridge_with_pear",
    "title": "Porridge with pear",
    "slots": ["breakfast"],
    "cuisine": "british",
    "ingredients": [INGREDIENT],
    "steps": ["Simmer the oats in the milk for five minutes."],
    "prep_minutes": 10,
    "cook_minutes": 5,
    "allergens": ["gluten", "milk"],
    "diets": ["vegetarian"],
    "nutrition": NUTRITION,
}
