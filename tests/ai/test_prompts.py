"""What a model is told, and what of its answer is believed."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai import prompts, proposals
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
    kcal=2200,
    protein=110,
)


def day(date: str, **fields: Any) -> dict[str, Any]:
    return {
        "date": date,
        "reason": "because",
        "breakfast": "porridge",
        "lunch": "soup",
        "dinner": "dal",
        "snack": ["apple", "yoghurt"],
        "exercises": ["squat"],
        **fields,
    }


def answer(**fields: Any) -> str:
    return json.dumps({"days": [day("2026-03-02", **fields), day("2026-03-03")]})


def test_picks_are_read_by_date_and_slot() -> None:
    proposal = proposals.parse(answer(lunch="salad"), BRIEF)

    assert proposal.dishes["2026-03-02"] == (
        ("breakfast", "porridge"),
        ("lunch", "salad"),
        ("dinner", "dal"),
        ("snack", "apple"),
        ("snack", "yoghurt"),
    )
    assert proposal.reasons["2026-03-02"] == "because"


def test_exercises_are_read_for_training_dates_only() -> None:
    proposal = proposals.parse(answer(exercises=["row", "squat", "row"]), BRIEF)

    assert proposal.exercises == {"2026-03-02": ("row", "squat")}


@pytest.mark.parametrize(
    "text",
    [
        "not json",
        "[]",
        '{"days": {}}',
        '{"days": [1]}',
        '{"days": []}',
        json.dumps({"days": [day("2026-03-02")]}),
        json.dumps({"days": [day("2026-03-02"), day("2031-01-01")]}),
        answer(lunch="peanut_surprise"),
        answer(lunch=None),
        answer(snack=[["apple"]]),
        answer(exercises=["squat", 7]),
        answer(reason=1).replace("1", "NaN"),
        "[" * 100_000,
    ],
)
def test_an_answer_outside_the_schema_is_refused(text: str) -> None:
    with pytest.raises(proposals.InvalidProposal):
        proposals.parse(text, BRIEF)


def test_more_snacks_than_asked_for_are_dropped() -> None:
    proposal = proposals.parse(answer(snack=["apple"] * 9), BRIEF)

    assert [slot for slot, _ in proposal.dishes["2026-03-02"]].count("snack") == 2


def test_a_reason_is_short_plain_text() -> None:
    proposal = proposals.parse(answer(reason="a\x07\u200bb\n" + "c" * 500), BRIEF)

    reason = proposal.reasons["2026-03-02"]
    assert reason.startswith("a b")
    assert len(reason) <= proposals.MAX_REASON


@given(st.text())
def test_whatever_a_model_says_is_a_proposal_of_offered_ids_or_refused(text: str) -> None:
    try:
        proposal = proposals.parse(text, BRIEF)
    except proposals.InvalidProposal:
        return
    assert set(proposal.dishes) == set(BRIEF.dates)


@given(st.text(max_size=2000))
def test_wishes_travel_only_as_one_clean_string_of_the_users_message(wishes: str) -> None:
    brief = Brief(dates=BRIEF.dates, wishes=wishes)

    system, user = prompts.messages(brief)

    assert system["content"] == prompts.SYSTEM
    told = json.loads(user["content"])["wishes"]
    assert len(told) <= prompts.MAX_FREE_TEXT
    assert told.isprintable()


def test_the_schema_offers_each_slot_its_own_dishes() -> None:
    fields = prompts.schema(BRIEF)["properties"]["days"]["items"]

    assert fields["properties"]["lunch"]["enum"] == ["soup", "salad"]
    assert fields["properties"]["snack"]["items"]["enum"] == ["apple", "yoghurt"]
    assert fields["required"] == list(fields["properties"])
    assert fields["additionalProperties"] is False
