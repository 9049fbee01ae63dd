"""What is read of free text beside allergies: foods, diets, the body; and what is said of it."""

import itertools

import pytest

from tests.users.mentions_cast import FOODS, read
from users import mentions, vocabulary
from users.mentions import clauses, words

# --- foods, diets ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("no mushrooms", {"mushrooms"}),
        ("I hate salmon", {"salmon"}),
        ("don't like tofu or aubergine", {"tofu", "aubergine"}),
        ("without olives please", {"olives"}),
        ("allergic to bananas", {"bananas"}),
        ("no butter beans", {"butter beans"}),
        ("no oven", set()),
        ("more bananas", set()),
        ("no problem with bananas", set()),
    ],
)
def test_a_food_is_left_out_where_it_is_refused(text: str, expected: set[str]) -> None:
    assert read(text, "dislike") == expected


def test_a_dislike_of_an_allergen_is_no_allergy() -> None:
    assert read("I don't like salmon", "allergen") == set()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I'm vegan", {"vegan"}),
        ("not vegan", set()),
        ("halal please", {"halal"}),
        ("no meat", {"vegetarian"}),
        ("strictly vegetarian please", {"vegetarian"}),
        ("I love veggie burgers", set()),
        ("a vegan day a week", set()),
        ("as a vegan, I eat a lot of beans", {"vegan"}),
    ],
)
def test_a_diet_is_read(text: str, expected: set[str]) -> None:
    assert read(text, "diet") == expected


# --- the body -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("my knee hurts", {"knee"}),
        ("bad back and sore shoulders", {"lower_back", "shoulder"}),
        ("torn ACL last year", {"knee"}),
        ("I have tennis elbow", {"elbow"}),
        ("no knee pain", set()),
        ("knees over toes", set()),
        ("weak shoulders, want them stronger", set()),
        ("back to training after a break", set()),
    ],
)
def test_an_injury_is_read_unless_it_is_denied(text: str, expected: set[str]) -> None:
    assert read(text, "injury") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I am pregnant", {"pregnant"}),
        ("12 weeks pregnant and diabetic", {"pregnant", "diabetes"}),
        ("still breastfeeding", {"breastfeeding"}),
        ("I'm breast-feeding", {"breastfeeding"}),
        ("not pregnant", set()),
        ("my wife is pregnant", set()),
        ("trying to get pregnant", set()),
        ("I am pregnant and get sick when I eat eggs", {"pregnant"}),
        ("I was pregnant", set()),
        ("I'm nursing a cold", set()),
        ("high blood pressure", {"hypertension"}),
    ],
)
def test_a_condition_counts_where_it_is_the_persons_own_today(text: str, expected: set[str]) -> None:
    assert read(text, "condition") == expected


@pytest.mark.parametrize("text", ["my wife is pregnant", "my knee was injured once"])
def test_what_is_somebody_elses_or_past_is_asked_about(text: str) -> None:
    assert {mention.kind for mention in mentions.read(text, FOODS)} == {"unclear"}


# --- what is said of it, and the words themselves ---------------------------------------------------


def test_each_reading_is_said_with_the_words_that_led_to_it() -> None:
    found = mentions.read("I'm allergic to milk and eggs. No mushrooms; my knee hurts", FOODS)

    assert mentions.notices(found, "meals") == (
        "You wrote “I'm allergic to milk and eggs”: nothing with milk and eggs is planned. "
        "Add it to your allergies to keep it so.",
        "You wrote “No mushrooms”: dishes with mushrooms are left out.",
    )
    assert mentions.notices(found, "workouts") == (
        "You wrote “my knee hurts”: what loads it is left out (knee). Add it to your injuries to keep it so.",
    )


def test_every_kind_of_reading_is_said_somewhere() -> None:
    for kind in mentions.KINDS:
        one = mentions.Mention(kind, "x", "y")
        assert mentions.notices([one], "meals") + mentions.notices([one], "workouts")


def test_what_is_read_are_words_of_our_vocabulary() -> None:
    assert {one for found in (*words.WORDS.values(), *words.PHRASES.values()) for one in found} == set(
        vocabulary.ALLERGENS
    )
    assert set(words.DIETS) <= set(vocabulary.DIETS)


def test_every_word_stands_as_it_is_looked_up() -> None:
    tables = (words.WORDS, words.NO_TYPOS, words.FILLS, words.JOINS, words.LIKES, words.DENIES_NOUN, words.ENDS_LIST)

    assert [word for word in itertools.chain(*tables) if clauses.fold(word) != word] == []


@pytest.mark.parametrize(
    ("word", "meant", "is_one"),
    [
        ("penuts", "peanuts", True),
        ("peanutts", "peanuts", True),
        ("paenuts", "peanuts", True),
        ("peasuts", "peanuts", True),
        ("peanut", "peanuts", True),
        ("paenutts", "peanuts", False),
        ("walnuts", "peanuts", False),
        ("", "a", True),
    ],
)
def test_a_typo_is_one_letter(word: str, meant: str, *, is_one: bool) -> None:
    assert clauses.is_typo(word, meant) is is_one
