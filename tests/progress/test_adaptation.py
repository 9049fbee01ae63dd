"""The weekly proposal and its bounds, adherence, streak, goal date and strength.

Invariant: whatever the logs say, no proposal is below the floor and none moves by more than 150 kcal.
"""

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progress import adaptation
from progress.adaptation import MAX_STEP, Aim, PerformedSet
from progress.trend import Reading, Trend

TODAY = dt.date(2026, 3, 2)
LOSING = Aim(kcal=2000, floor=1500, weekly_change=-0.5)
CLEAR = Trend(points=(), weight=80.0, rate=-0.3, tdee=2550, low=2450, high=2650, intake=2010, state="tracking")


def test_the_target_moves_to_what_the_measured_expenditure_asks_for() -> None:
    found = adaptation.propose(replace(CLEAR, tdee=2500), replace(LOSING, kcal=1900))

    assert (found.kcal, found.change, found.code) == (1950, 50, "raise")
    assert found.kcal == found.wanted


def test_a_step_is_bounded_and_the_cause_says_where_it_leads() -> None:
    found = adaptation.propose(replace(CLEAR, tdee=2200, low=2100, high=2300), LOSING)

    assert (found.kcal, found.change, found.wanted, found.code) == (1850, -150, 1650, "lower")
    assert found.cause == (
        "You ate about 2,010 kcal a day and your weight fell by 0.3 kg a week, so you burn about 2,200 kcal a day "
        "(2,100 to 2,300). To lose 0.5 kg a week, that asks for about 1,650 kcal a day. "
        "A week changes by at most 150 kcal, so the next target is 1,850 kcal."
    )


def test_a_target_that_fits_is_kept() -> None:
    found = adaptation.propose(CLEAR, LOSING)

    assert (found.kcal, found.change, found.code) == (2000, 0, "keep")
    assert "still fits" in found.cause


@pytest.mark.parametrize("state", ["learning", "holding"])
def test_thin_logs_change_nothing(state: str) -> None:
    found = adaptation.propose(replace(CLEAR, tdee=1900, state=state), LOSING)

    assert (found.kcal, found.change, found.code) == (2000, 0, state)


def test_an_estimate_that_still_scatters_changes_nothing() -> None:
    found = adaptation.propose(replace(CLEAR, tdee=1900, low=1500, high=2300), LOSING)

    assert (found.change, found.code) == (0, "unsure")


def test_the_floor_stops_a_step_and_is_named() -> None:
    found = adaptation.propose(replace(CLEAR, tdee=1800, low=1700, high=1900), replace(LOSING, kcal=1580))

    assert (found.kcal, found.code) == (1500, "lower")
    assert found.cause.endswith("That is the least that is safe for you.")


@pytest.mark.parametrize("state", ["learning", "tracking", "holding"])
def test_a_target_below_its_floor_rises_to_it_at_once(state: str) -> None:
    found = adaptation.propose(replace(CLEAR, state=state), replace(LOSING, kcal=1200))

    assert (found.kcal, found.change, found.code) == (1500, 300, "floor")


def test_who_must_not_lose_is_fed_what_they_burn() -> None:
    found = adaptation.propose(CLEAR, replace(LOSING, kcal=2500, deficit_allowed=False))

    assert (found.kcal, found.wanted) == (2550, 2550)


def test_who_must_not_gain_is_fed_what_they_burn() -> None:
    aim = replace(LOSING, kcal=2500, weekly_change=0.3, surplus_allowed=False)

    assert adaptation.propose(CLEAR, aim).wanted == 2550


@pytest.mark.parametrize(("tdee", "wanted"), [(2400, 1800), (5000, 4000)])
def test_a_hasty_wish_gets_a_quarter_less_or_1000_kcal_less(tdee: int, wanted: int) -> None:
    trend = replace(CLEAR, tdee=tdee, low=tdee - 100, high=tdee + 100)

    assert adaptation.propose(trend, replace(LOSING, weekly_change=-2.0)).wanted == wanted


def test_keeping_the_weight_is_called_that() -> None:
    found = adaptation.propose(replace(CLEAR, rate=0.01), replace(LOSING, weekly_change=0.0))

    assert "your weight held steady" in found.cause
    assert "To keep your weight," in found.cause


def test_gaining_is_called_that() -> None:
    found = adaptation.propose(replace(CLEAR, rate=0.1), replace(LOSING, weekly_change=0.25, kcal=2600))

    assert "rose by 0.1 kg" in found.cause
    assert "To gain 0.2 kg a week," in found.cause


trends = st.builds(
    lambda tdee, half, rate, intake, state: replace(
        CLEAR, tdee=tdee, low=tdee - half, high=tdee + half, rate=rate, intake=intake, state=state
    ),
    tdee=st.integers(500, 7000),
    half=st.integers(1, 800),
    rate=st.none() | st.floats(-3, 3),
    intake=st.none() | st.integers(0, 9000),
    state=st.sampled_from(["learning", "tracking", "holding"]),
)
aims = st.builds(
    Aim,
    kcal=st.integers(800, 6000),
    floor=st.integers(1000, 3000),
    weekly_change=st.floats(-3, 3),
    deficit_allowed=st.booleans(),
    surplus_allowed=st.booleans(),
)


@given(trend=trends, aim=aims)
def test_no_proposal_is_below_the_floor_or_moves_by_more_than_a_step(trend: Trend, aim: Aim) -> None:
    found = adaptation.propose(trend, aim)

    assert found.kcal >= aim.floor
    assert found.change == found.kcal - aim.kcal
    assert abs(found.change) <= MAX_STEP or found.code == "floor"
    assert found.cause.endswith(".")


@given(trend=trends, aim=aims)
def test_the_deficit_and_surplus_asked_for_are_safe(trend: Trend, aim: Aim) -> None:
    wanted = adaptation.propose(trend, aim).wanted

    assert wanted >= trend.tdee * 0.75 - 1
    assert wanted >= trend.tdee - 1001
    assert wanted <= max(aim.floor, trend.tdee * 1.15 + 1)
    assert aim.deficit_allowed or wanted >= trend.tdee


@given(trend=trends, aim=aims)
def test_the_code_agrees_with_the_change(trend: Trend, aim: Aim) -> None:
    found = adaptation.propose(trend, aim)

    moved = {"raise": found.change > 0, "lower": found.change < 0, "floor": found.change > 0}
    assert moved.get(found.code, found.change == 0)


@given(tdee=st.integers(1500, 5000), kcal=st.integers(1200, 5000), change=st.floats(-1, 0.5))
def test_weekly_steps_arrive_where_they_lead_and_stay_there(tdee: int, kcal: int, change: float) -> None:
    trend = replace(CLEAR, tdee=tdee, low=tdee - 100, high=tdee + 100)
    aim = Aim(kcal=kcal, floor=1200, weekly_change=change)

    for _ in range(40):
        aim = replace(aim, kcal=adaptation.propose(trend, aim).kcal)

    found = adaptation.propose(trend, aim)
    assert found.change == 0
    assert abs(found.kcal - found.wanted) < adaptation.MIN_STEP


def eaten(*intakes: float | None) -> list[Reading]:
    days = range(len(intakes))
    return [Reading(date=TODAY + dt.timedelta(days=n), intake=intakes[n]) for n in days]


def test_adherence_counts_logged_days_and_those_within_a_tenth() -> None:
    readings = eaten(2000, 2200, 2201, 1799, None, 1800)

    found = adaptation.adherence(readings, kcal=2000, start=TODAY, end=TODAY + dt.timedelta(days=9))

    assert found.logged == pytest.approx(0.5)
    assert found.on_target == pytest.approx(0.6)


def test_adherence_looks_at_its_dates_only() -> None:
    found = adaptation.adherence(eaten(2000, 900, 900), kcal=2000, start=TODAY, end=TODAY)

    assert (found.logged, found.on_target) == (1.0, 1.0)


def test_without_logs_nothing_is_on_or_off_target() -> None:
    found = adaptation.adherence([], kcal=2000, start=TODAY, end=TODAY)

    assert (found.logged, found.on_target) == (0.0, None)


@pytest.mark.parametrize(("done", "planned", "share"), [(2, 4, 0.5), (5, 4, 1.0), (0, 3, 0.0), (2, 0, None)])
def test_attendance_is_the_share_of_planned_workouts_done(done: int, planned: int, share: float | None) -> None:
    assert adaptation.attendance(done=done, planned=planned) == share


@pytest.mark.parametrize(
    ("days_ago", "count"),
    [((), 0), ((0,), 1), ((1,), 1), ((2,), 0), ((0, 1, 2), 3), ((1, 2, 3), 3), ((0, 2, 3), 1), ((-1, 0), 1)],
)
def test_a_streak_runs_up_to_today_or_to_yesterday_while_today_is_open(days_ago: tuple[int, ...], count: int) -> None:
    dates = [TODAY - dt.timedelta(days=ago) for ago in days_ago]

    assert adaptation.streak(dates, today=TODAY) == count


def test_the_goal_date_follows_from_the_rate() -> None:
    found = adaptation.goal_date(weight=80, goal=75, rate=-0.5, today=TODAY)

    assert found == TODAY + dt.timedelta(weeks=10)


def test_a_goal_that_is_reached_is_reached_today() -> None:
    assert adaptation.goal_date(weight=75.02, goal=75, rate=None, today=TODAY) == TODAY


@pytest.mark.parametrize("rate", [None, 0.0, -0.04, 0.5, -0.06])
def test_no_goal_date_is_promised_to_who_stands_still_goes_the_other_way_or_takes_years(rate: float | None) -> None:
    assert adaptation.goal_date(weight=90, goal=75, rate=rate, today=TODAY) is None


@given(weight=st.floats(25, 350), goal=st.floats(25, 350), rate=st.floats(-5, 5))
def test_a_goal_date_is_never_in_the_past(weight: float, goal: float, rate: float) -> None:
    found = adaptation.goal_date(weight=weight, goal=goal, rate=rate, today=TODAY)

    assert found is None or found >= TODAY


def test_e1rm_is_the_mean_of_epley_and_brzycki() -> None:
    assert adaptation.e1rm(load=100, reps=5) == round((100 * (1 + 5 / 30) + 100 * 36 / 32) / 2, 1)
    assert adaptation.e1rm(load=100, reps=1) == 100
    assert adaptation.e1rm(load=100, reps=3, rir=2) == adaptation.e1rm(load=100, reps=5)


@pytest.mark.parametrize(
    ("load", "reps", "rir"), [(100, 11, 0), (100, 8, 3), (100, 0, 0), (0, 5, 0), (-5, 5, 0), (100, 5, -1)]
)
def test_no_e1rm_where_the_formulas_do_not_hold(load: float, reps: int, rir: int) -> None:
    assert adaptation.e1rm(load=load, reps=reps, rir=rir) is None


@given(load=st.floats(1, 500), reps=st.integers(1, 9))
def test_more_repetitions_or_more_load_mean_more_strength(load: float, reps: int) -> None:
    base = adaptation.e1rm(load=load, reps=reps) or 0.0

    assert base >= round(load, 1)
    assert (adaptation.e1rm(load=load, reps=reps + 1) or 0.0) >= base
    assert (adaptation.e1rm(load=load + 1, reps=reps) or 0.0) > base


def test_the_best_recent_set_of_each_lift_counts() -> None:
    squat = PerformedSet(exercise="barbell_back_squat", date=TODAY, load=100, reps=5)
    sets = [
        squat,
        replace(squat, load=90),
        replace(squat, load=300, date=TODAY - dt.timedelta(days=60)),
        replace(squat, load=300, reps=20),
        replace(squat, exercise="barbell_row", load=60),
    ]

    found = adaptation.best_e1rm(sets, since=TODAY - dt.timedelta(days=42))

    assert found == {
        "barbell_back_squat": adaptation.e1rm(load=100, reps=5),
        "barbell_row": adaptation.e1rm(load=60, reps=5),
    }
