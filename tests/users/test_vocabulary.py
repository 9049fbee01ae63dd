"""People's words for what they eat and avoid: understood, or refused; never stored without effect."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from users import vocabulary
from users.vocabulary import ALLERGENS, DIETS

allergen_names = st.sampled_from(ALLERGENS)
preferences = st.lists(st.text(min_size=1, max_size=30) | st.sampled_from(DIETS), max_size=6)


@st.composite
def spellings(draw: st.DrawFn) -> tuple[str, str]:
    """Draw an allergen and one of the ways in which people and forms write it."""
    allergen = draw(allergen_names)
    words = draw(st.sampled_from(["{}", "{} free", "{}-free", "{}_FREE", "no {}", "No-{}", "{} allergy", "  {}  "]))
    cased = "".join(draw(st.sampled_from([letter.lower(), letter.upper()])) for letter in allergen)
    return allergen, words.format(cased)


@given(spellings())
def test_an_allergen_is_understood_however_it_is_spelled(spelling: tuple[str, str]) -> None:
    allergen, text = spelling

    assert vocabulary.allergens([text]) == [allergen]


@pytest.mark.parametrize(
    ("text", "allergens"),
    [
        ("dairy-free", ["milk"]),
        ("Lactose", ["milk"]),
        ("cow's milk", ["milk"]),
        ("cow\u2019s milk", ["milk"]),
        ("wheat", ["gluten"]),
        ("coeliac", ["gluten"]),
        ("tree nuts", ["nuts"]),
        ("Peanut", ["peanuts"]),
        ("soya", ["soy"]),
        ("egg-free", ["eggs"]),
        ("prawns", ["crustaceans"]),
        ("sulfites", ["sulphites"]),
        ("shellfish", ["crustaceans", "molluscs"]),
        ("seafood", ["crustaceans", "fish", "molluscs"]),
        ("ＭＩＬＫ", ["milk"]),
    ],
)
def test_a_synonym_names_its_allergens(text: str, allergens: list[str]) -> None:
    assert vocabulary.allergens([text]) == allergens


@pytest.mark.parametrize(
    "text", ["moonlight", "", "free", "no", "_free", "glute", "mil k", "nuts and milk", "almost nuts"]
)
def test_an_allergy_that_is_not_understood_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="knows these allergens"):
        vocabulary.allergens(["milk", text])


@given(st.lists(allergen_names))
def test_allergens_come_once_each_in_the_order_of_the_regulation(names: list[str]) -> None:
    found = vocabulary.allergens(names)

    assert found == sorted(set(names), key=ALLERGENS.index)


@given(st.text())
def test_a_text_is_either_understood_as_allergens_of_the_regulation_or_refused(text: str) -> None:
    try:
        found = vocabulary.allergens([text])
    except ValueError:
        found = ["refused"]

    assert found == ["refused"] or (found and set(found) <= set(ALLERGENS))


@pytest.mark.parametrize(
    ("text", "diet"),
    [
        ("Vegan", "vegan"),
        ("plant-based", "vegan"),
        ("veggie", "vegetarian"),
        ("Pescetarian", "pescatarian"),
        ("gluten free", "gluten_free"),
        ("no gluten", "gluten_free"),
        ("LOW CARB", "low_carb"),
        ("ketogenic", "keto"),
        ("paleo", "paleo"),
    ],
)
def test_a_preference_takes_the_word_of_our_vocabulary_where_there_is_one(text: str, diet: str) -> None:
    assert vocabulary.diets([text]) == [diet]


@given(preferences)
def test_reading_preferences_again_changes_nothing(texts: list[str]) -> None:
    once = vocabulary.diets(texts)

    assert vocabulary.diets(once) == once
    assert len(set(once)) == len(once)


@given(st.lists(st.text(max_size=3), max_size=4), st.sampled_from(DIETS))  # short: one character may become eighteen
def test_a_diet_that_is_enforced_is_never_lost_among_other_words(texts: list[str], diet: str) -> None:
    assert diet in vocabulary.diets([*texts, diet])


def test_a_preference_of_nothing_but_punctuation_is_none() -> None:
    assert vocabulary.diets(["--", "vegan", " _ "]) == ["vegan"]


@pytest.mark.parametrize(
    ("texts", "allergens"),
    [
        (["gluten-free"], {"gluten"}),
        (["lactose free"], {"milk"}),
        (["dairy_free", "No Nuts"], {"milk", "nuts"}),
        (["no shellfish"], {"crustaceans", "molluscs"}),
        (["vegan", "keto", "sugar free", "no regrets"], set()),
    ],
)
def test_a_preference_for_free_of_something_excludes_that_allergen(texts: list[str], allergens: set[str]) -> None:
    assert vocabulary.excluded_by_diet(vocabulary.diets(texts)) == allergens


def test_a_plan_can_say_which_preferences_no_rule_stands_for() -> None:
    stored = vocabulary.diets(["vegan", "paleo", "dairy free", "sugar-free", "mediterranean"])

    assert vocabulary.not_enforced(stored) == ["paleo", "sugar_free"]


@pytest.mark.parametrize("text", ["ADA@Example.ORG", " ada@example.org ", "ａｄａ@example.org", "ada@EXAMPLE．org"])
def test_an_address_has_one_form(text: str) -> None:
    assert vocabulary.email(text) == "ada@example.org"


@pytest.mark.parametrize("text", ["\ufb03" * 90 + "@example.org", "\u0149" * 130 + "@example.org"])
def test_an_address_that_grows_too_long_in_its_normal_form_is_refused(text: str) -> None:
    assert len(text) < vocabulary.MAX_EMAIL

    with pytest.raises(ValueError, match="email"):
        vocabulary.email(text)


@given(st.emails())
def test_the_form_of_an_address_does_not_depend_on_its_case_and_is_final(address: str) -> None:
    try:
        form = vocabulary.email(address)
    except ValueError:  # quoted and otherwise exotic addresses may be refused
        return

    assert vocabulary.email(form) == form
    assert vocabulary.email(address.upper()) == form
    assert vocabulary.email(unicodedata.normalize("NFKD", address)) == form


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=20))
def test_no_address_holds_white_space_or_a_control_character(text: str) -> None:
    try:
        form = vocabulary.email(f"a{text}b@example.org")
    except ValueError:
        return

    assert not any(letter.isspace() or unicodedata.category(letter).startswith("C") for letter in form)


@given(st.text())
def test_the_form_of_a_word_is_final(text: str) -> None:
    once = vocabulary.word(text)

    assert vocabulary.word(once) == once
