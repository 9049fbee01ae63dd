"""The ladder: each rung is wider than the one above, is named when used, and never goes below the floor."""

import datetime as dt

from mealplans import planner
from mealplans.planner.ladder import LOWEST, RELAXATIONS, STRICT, bounds, ladder, rung_of
from tests.mealplans.planner_cast import MONDAY, WEEK, aim, eater, food, need, recipe


def test_the_strict_bounds_are_the_promise() -> None:
    strict = bounds(eater(targets=aim(2000, 100, 240, 70)), STRICT)

    assert strict.kcal == (1980, 2020)
    assert strict.protein == (100, 110.00000000000001)
    assert strict.carbs == (216, 264)
    assert strict.fat == (63, 77)


def test_every_rung_holds_what_the_one_above_holds() -> None:
    person = eater(targets=aim(), budget=1, max_prep_minutes={"mon": 30})

    rungs = ladder(person)

    assert len(rungs) == len(RELAXATIONS) + 1
    for above, below in zip(rungs, rungs[1:], strict=False):
        assert above.allowed < below.allowed
        for name in ("kcal", "protein", "carbs", "fat"):
            (low, high), (lower, higher) = getattr(bounds(person, above), name), getattr(bounds(person, below), name)
            assert lower <= low <= high <= higher, (below.number, name)


def test_the_floor_holds_on_every_rung() -> None:
    person = eater(targets=aim(1200, floor={"kcal": 1200, "reason": "the least"}))

    assert all(bounds(person, rung).kcal[0] == 1200 for rung in ladder(person))


def test_with_kidney_disease_protein_is_never_more_than_a_tenth_above_its_target() -> None:
    person = eater(targets=aim(2000, 60, 260, 80), conditions=frozenset({"kidney_disease"}))

    found = [bounds(person, rung).protein for rung in ladder(person)]

    assert {most for _, most in found} == {66.0}
    assert found[0][0] == 54.0


def test_low_carb_never_widens_to_the_usual_share_of_carbohydrate() -> None:
    person = eater(targets=aim(2000, 130, 115, 113))

    assert bounds(person, LOWEST).carbs[1] == 115 * 1.2


def test_keto_has_a_most_of_carbohydrate_and_no_least() -> None:
    person = eater(targets=aim(2000, 130, 35, 149), diets=frozenset({"keto"}))

    assert bounds(person, STRICT).carbs == (0, 38.5)


def test_who_set_no_limit_of_time_or_money_is_never_told_that_it_was_relaxed() -> None:
    names = set().union(*(rung.allowed for rung in ladder(eater())))

    assert names == set(RELAXATIONS) - {"prep_time", "budget"}


def test_the_rung_of_a_plan_is_that_of_the_last_thing_that_gave_way() -> None:
    assert rung_of(()) == 0
    assert rung_of(("macros", "repetition")) == list(RELAXATIONS).index("repetition") + 1


def kitchen(**dinner: object) -> planner.Catalogue:
    stew = food("stew", 125, 6.25, 15, 4.4)
    names = ("breakfast", "lunch", "dinner")
    dishes = [recipe(f"{slot}_{i}", [slot], {"stew": 380 + 10 * i}) for slot in names for i in range(4)]
    return planner.catalogue_from(
        [stew], [{**dish, **dinner} if "dinner" in dish["slots"] else dish for dish in dishes]
    )


def test_only_slow_dinners_break_the_time_limit_and_say_so() -> None:
    person = eater(targets=aim(1500, 75, 180, 53), meals_per_day=3, max_prep_minutes={"mon": 30})

    week = planner.compose(person, kitchen(cook_minutes=90), WEEK[:1], seed=1)

    assert week.relaxations == ("prep_time",)


def test_where_there_is_time_nothing_gives_way() -> None:
    person = eater(targets=aim(1500, 75, 180, 53), meals_per_day=3, max_prep_minutes={"mon": 30})

    week = planner.compose(person, kitchen(cook_minutes=90), [MONDAY + dt.timedelta(days=1)], seed=1)

    assert (week.rung, week.relaxations) == (0, ())


def test_in_kidney_disease_no_rung_serves_more_than_1_3_g_of_protein_per_kg() -> None:
    for activity in ("sedentary", "moderate", "very_active"):
        ill = need(conditions=frozenset({"kidney_disease"}), activity_level=activity)

        assert bounds(eater(targets=ill), LOWEST).protein[1] <= 1.3 * (1.0 * 66 + 1)
