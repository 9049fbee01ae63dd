"""The question that a model is asked, and what never gets into it."""

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai import prompts
from ai.prompts import Brief, Choice

BRIEF = Brief(
    dates=("2026-03-02", "2026-03-03"),
    slots=("breakfast", "lunch", "dinner", "snack", "snack"),
    dishes={
        "breakfast": [Choice("porridge", "Porridge", "quick")],
        "lunch": [Choice("soup", "Soup", "warm"), Choice("salad", "Salad", "cold")],
        "dinner": [Choice("dal", "Dal", "hearty")],
        "snack": [Choice("apple", "Apple", "fresh"), Choice("yoghurt", "Yoghurt", "cool")],
    },
    exercises=[Choice("squat", "Squat", "legs"), Choice("row", "Row", "back")],
    training_dates=("2026-03-02",),
    goal="maintain",
    age_band="30-39",
    sex="female",
    kcal=2200,
    protein=110,
    carbs=270,
    fat=70,
)
HIDDEN = "\u200b\u200e\u202e\u2066\u00ad\ufeff\U000e0041\x00\x1b\x9f"


def told(brief: Brief) -> dict[str, Any]:
    """Return the one document that the user's message is."""
    return dict(json.loads(prompts.question(brief)[1]))


def test_the_systems_text_is_the_same_for_everybody() -> None:
    assert prompts.question(BRIEF)[0] == prompts.question(Brief(dates=("2031-01-01",), wishes="x"))[0] == prompts.SYSTEM


def test_the_question_says_who_when_and_what_there_is_to_choose_from() -> None:
    assert told(BRIEF) == {
        "person": {"goal": "maintain", "age": "30-39", "sex": "female"},
        "daily_targets": {"kcal": 2200, "protein_g": 110, "carbs_g": 270, "fat_g": 70},
        "days": [
            {"date": "2026-03-02", "meals": list(BRIEF.slots), "training": True},
            {"date": "2026-03-03", "meals": list(BRIEF.slots), "training": False},
        ],
        "dishes": {
            "breakfast": ["porridge: quick"],
            "lunch": ["soup: warm", "salad: cold"],
            "dinner": ["dal: hearty"],
            "snack": ["apple: fresh", "yoghurt: cool"],
        },
        "exercises": ["squat: legs", "row: back"],
        "wishes": "",
    }


def test_grams_portions_sets_and_loads_are_not_asked_for() -> None:
    day = prompts.schema(BRIEF)["properties"]["days"]["items"]["properties"]

    assert list(day) == ["date", "breakfast", "lunch", "dinner", "snack", "exercises", "reason"]
    assert "number" not in json.dumps(prompts.schema(BRIEF))


@given(st.text(max_size=2000))
def test_wishes_travel_only_as_one_clean_string_of_the_users_message(wishes: str) -> None:
    brief = Brief(dates=BRIEF.dates, wishes=wishes)

    system, user = prompts.question(brief)

    assert system == prompts.SYSTEM
    assert {**json.loads(user), "wishes": ""} == told(Brief(dates=BRIEF.dates))
    sent = json.loads(user)["wishes"]
    assert len(sent) <= prompts.MAX_FREE_TEXT
    assert sent.isprintable()


def test_what_cannot_be_seen_is_taken_out_and_what_looks_alike_made_equal() -> None:
    assert prompts.clean(f"pea{HIDDEN[:7]}nuts\n\n\tand ﬁsh\x1b Ｎｏ") == "peanuts and fish No"


@given(st.text(alphabet=HIDDEN + "ab ", max_size=50))
def test_no_hidden_character_survives(text: str) -> None:
    assert not set(prompts.plain(text)) & set(HIDDEN)


@given(st.text(max_size=400))
def test_cleaning_twice_changes_nothing(text: str) -> None:
    assert prompts.clean(prompts.clean(text)) == prompts.clean(text)


@pytest.mark.parametrize(
    ("written", "private", "kind"),
    [
        ("write to ada@example.org please", "ada@example", "an email address"),
        ("write to ada＠example.org", "ada", "an email address"),
        ("ada\u200b@example.org", "ada", "an email address"),
        ("I am @ada_lovelace there", "ada_lovelace", "an email address"),
        ("see https://example.org/ada?x=1 for it", "example.org/ada", "a link"),
        ("see www.ada.example", "ada.example", "a link"),
        ("see ada-lovelace.co.uk/me", "ada-lovelace", "a link"),
        ("call +44 (0)20 7946-0958 now", "7946", "a long number"),
        ("call 0151/2345678", "2345678", "a long number"),
        ("born 1991-07-23", "1991", "a long number"),
        ("born 23.07.1991", "23.07", "a long number"),
    ],
)
def test_addresses_links_and_long_numbers_are_struck_out_and_named(written: str, private: str, kind: str) -> None:
    sent, struck = prompts.wishes(written)

    assert private not in sent
    assert prompts.STRUCK in sent
    assert struck == (kind,)


@pytest.mark.parametrize(
    "written",
    ["quick on Mondays, 3 x 10 reps", "20-30 minutes", "no nuts. Fish twice a week", "2.5 kg dumbbells", "e.g. dal"],
)
def test_ordinary_wishes_are_sent_as_they_are(written: str) -> None:
    assert prompts.wishes(written, ["Ada King", "34", "168", "71.5"]) == (written, ())


@pytest.mark.parametrize(
    "written",
    ["I am Ada", "ADA here", "ada-king", "at 34", "34 years", "168cm", "168 cm", "71.5 kg", "71,5kg", "weigh 71.5."],
)
def test_a_persons_own_name_and_measures_are_struck_out(written: str) -> None:
    sent, struck = prompts.wishes(written, ["Ada King", "34", "168", "71.5"])

    assert not re.search(r"ada|king|34|168|71[.,]5", sent, re.IGNORECASE)
    assert struck == ("your name or a measure of yours",)


def test_what_is_struck_is_struck_before_the_text_is_cut() -> None:
    sent, _ = prompts.wishes("x" * 290 + " ada.lovelace@example.org")

    assert "ada" not in sent


@pytest.mark.parametrize(
    ("age", "band"), [(13, "10-19"), (30, "30-39"), (34, "30-39"), (39, "30-39"), (120, "120-129")]
)
def test_an_age_is_told_as_ten_years(age: int, band: str) -> None:
    assert prompts.age_band(age) == band


def test_the_schema_offers_each_slot_its_own_dishes() -> None:
    fields = prompts.schema(BRIEF)["properties"]["days"]["items"]

    assert fields["properties"]["lunch"]["enum"] == ["soup", "salad"]
    assert fields["properties"]["snack"]["items"]["enum"] == ["apple", "yoghurt"]
    assert fields["required"] == list(fields["properties"])
    assert fields["additionalProperties"] is False


def test_a_brief_without_meals_or_without_training_has_no_field_for_them() -> None:
    fields = prompts.schema(Brief(dates=BRIEF.dates))["properties"]["days"]["items"]["properties"]

    assert list(fields) == ["date", "reason"]


def test_a_schema_that_counts_leaves_nothing_open() -> None:
    days = prompts.counted(BRIEF)["properties"]["days"]

    first, second = (day["properties"] for day in days["prefixItems"])
    assert (days["minItems"], days["maxItems"]) == (2, 2)
    assert (first["date"], second["date"]) == ({"const": "2026-03-02"}, {"const": "2026-03-03"})
    assert (first["snack"]["minItems"], first["snack"]["maxItems"]) == (2, 2)
    assert (first["exercises"]["minItems"], first["exercises"]["maxItems"]) == prompts.SESSION
    assert (second["exercises"]["minItems"], second["exercises"]["maxItems"]) == (0, 0)
    assert first["lunch"] == prompts.schema(BRIEF)["properties"]["days"]["items"]["properties"]["lunch"]


@given(st.integers(4, 40), st.integers(0, 60))
def test_a_narrowed_brief_offers_no_more_and_some_of_everything(most: int, count: int) -> None:
    many = [Choice(str(number), "", "") for number in range(count)]

    narrowed = prompts.narrowed(Brief(dates=BRIEF.dates, dishes={"lunch": many}, exercises=many), most)

    assert narrowed.dishes["lunch"] == many[:most]
    assert len(narrowed.exercises) == len({*narrowed.exercises}) <= most
    assert set(narrowed.exercises) <= set(many)
    assert len(narrowed.exercises) >= min(count, most) / 2


def test_a_slot_without_any_dish_is_left_out() -> None:
    assert prompts.dishes({"lunch": ()}, None) == {}  # type: ignore[arg-type]  # nothing is looked up


@given(st.integers(0, 400))
def test_no_enum_is_longer_than_strict_modes_take(count: int) -> None:
    many = [Choice(f"{'dish' * 15}_{number}", "", "") for number in range(count)]
    brief = Brief(dates=BRIEF.dates, slots=BRIEF.slots, dishes=dict.fromkeys(BRIEF.dishes, many), exercises=many)

    text = json.dumps(prompts.schema(brief))

    enums = [json.loads(found) for found in re.findall(r'"enum": (\[[^\]]*\])', text)]
    assert max(len(enum) for enum in enums) <= prompts.MAX_IDS
    assert sum(len(enum) for enum in enums) < 1000
    assert len(text) < 120_000
    listed = told(brief)["dishes"]["lunch"]
    assert [line.partition(":")[0] for line in listed] == [choice.id for choice in many[: prompts.MAX_IDS]]
