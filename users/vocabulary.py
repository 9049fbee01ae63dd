"""The words that people use for what they eat and avoid, and what we understand by them. Pure.

Invariant: an allergy is understood or refused, never stored without effect; a diet that is not enforced stays as it
was written.

Sources: the 14 allergens of Regulation (EU) 1169/2011, annex II.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping

ALLERGENS = (
    "gluten",
    "crustaceans",
    "eggs",
    "fish",
    "peanuts",
    "soy",
    "milk",
    "nuts",
    "celery",
    "mustard",
    "sesame",
    "sulphites",
    "lupin",
    "molluscs",
)
DIETS = (
    "vegan",
    "vegetarian",
    "pescatarian",
    "halal",
    "kosher",
    "gluten_free",
    "lactose_free",
    "low_carb",
    "keto",
    "mediterranean",
)
_ALLERGEN_WORDS = {
    "dairy": "milk",
    "lactose": "milk",
    "cow_milk": "milk",
    "cows_milk": "milk",
    "egg": "eggs",
    "wheat": "gluten",
    "barley": "gluten",
    "rye": "gluten",
    "oats": "gluten",
    "celiac": "gluten",
    "coeliac": "gluten",
    "peanut": "peanuts",
    "groundnut": "peanuts",
    "groundnuts": "peanuts",
    "soya": "soy",
    "soybean": "soy",
    "soybeans": "soy",
    "nut": "nuts",
    "tree_nut": "nuts",
    "tree_nuts": "nuts",
    "treenuts": "nuts",
    "almond": "nuts",
    "almonds": "nuts",
    "hazelnut": "nuts",
    "hazelnuts": "nuts",
    "walnut": "nuts",
    "walnuts": "nuts",
    "cashew": "nuts",
    "cashews": "nuts",
    "pecan": "nuts",
    "pecans": "nuts",
    "pistachio": "nuts",
    "pistachios": "nuts",
    "shrimp": "crustaceans",
    "prawn": "crustaceans",
    "prawns": "crustaceans",
    "crab": "crustaceans",
    "lobster": "crustaceans",
    "crustacean": "crustaceans",
    "mollusc": "molluscs",
    "mollusk": "molluscs",
    "mollusks": "molluscs",
    "mussels": "molluscs",
    "squid": "molluscs",
    "sulfites": "sulphites",
    "sulphite": "sulphites",
    "sulfite": "sulphites",
    "sesame_seed": "sesame",
    "sesame_seeds": "sesame",
}
_SEVERAL = {"shellfish": ("crustaceans", "molluscs"), "seafood": ("fish", "crustaceans", "molluscs")}
_DIET_WORDS = {
    "plant_based": "vegan",
    "veggie": "vegetarian",
    "pesco_vegetarian": "pescatarian",
    "pescetarian": "pescatarian",
    "no_gluten": "gluten_free",
    "glutenfree": "gluten_free",
    "lactosefree": "lactose_free",
    "no_lactose": "lactose_free",
    "ketogenic": "keto",
    "lowcarb": "low_carb",
}
MAX_WORD, MAX_EMAIL = 60, 254
_LETTER = r"[^\s.@()<>\[\]:;,\\\"]"  # what RFC 5322 allows in an atom, and every script's letters and signs (RFC 6531)
_LABEL = rf"(?!-){_LETTER}{{1,63}}(?<!-)"
_EMAIL = re.compile(rf"{_LETTER}+(?:\.{_LETTER}+)*@{_LABEL}(?:\.{_LABEL})+")


def word(text: str) -> str:
    """Return a word in the form of our vocabulary: `Gluten-Free` becomes `gluten_free`."""
    plain = unicodedata.normalize("NFKC", text).casefold().replace("'", "").replace("\u2019", "")
    return re.sub(r"[\s\-_]+", "_", plain).strip("_")


def allergens(texts: Iterable[str]) -> list[str]:
    """Return the EU allergens that the words name, in the order of the regulation.

    :raises ValueError: for a word that is none: an allergy that cannot be kept out must not look as if it were.
    """
    found: set[str] = set()
    for text in texts:
        named = _allergens_of(text)
        if not named:
            raise ValueError(f"knows these allergens: {', '.join(ALLERGENS)}")
        found |= named
    return [allergen for allergen in ALLERGENS if allergen in found]


def _allergens_of(text: str) -> set[str]:
    plain = word(text).removesuffix("_allergy").removesuffix("_free").removeprefix("no_")
    if plain in _SEVERAL:
        return set(_SEVERAL[plain])
    known = _ALLERGEN_WORDS.get(plain, plain)
    return {known} if known in ALLERGENS else set()


def diets(texts: Iterable[str]) -> list[str]:
    """Return each preference once: ours where we know the word, else as it was written.

    :raises ValueError: for one that is longer than 60 characters in its normal form.
    """
    words = [_DIET_WORDS.get(plain, plain) for text in texts if (plain := word(text))]
    if any(len(plain) > MAX_WORD for plain in words):
        raise ValueError(f"takes words of at most {MAX_WORD} characters")
    return list(dict.fromkeys(words))


def excluded_by_diet(preferences: Iterable[str]) -> set[str]:
    """Return the allergens that a preference such as `gluten_free`, `dairy-free` or `no nuts` excludes."""
    free = (text for text in preferences if text.endswith("_free") or text.startswith("no_"))
    return {allergen for text in free for allergen in _allergens_of(text)}


def not_enforced(preferences: Iterable[str]) -> list[str]:
    """Return the preferences that no rule of ours stands for; a plan says so."""
    return [text for text in preferences if text not in DIETS and not excluded_by_diet([text])]


def email(text: str) -> str:
    """Return the one form of an address: NFKC, lower case.

    :raises ValueError: for what is no address, or one that is longer than 254 characters in this form.
    """
    plain = unicodedata.normalize("NFKC", text).strip().casefold()
    if len(plain) > MAX_EMAIL or not (_EMAIL.fullmatch(plain) and plain.isprintable()):
        raise ValueError("must be an email address")
    return plain


CONSENTS: Mapping[str, tuple[str, str]] = {  # kind: version and text of what a person says yes to
    "ai": (
        "1",
        "An outside model may be asked to choose among dishes and exercises for me. It is told my goal, my sex and "
        "age group, my daily targets, what I may be served, and what I write in notes and as preferences; never my "
        "name, email, exact age, height or weight.",
    ),
    "health": (
        "1",
        "What I say of my body (age, sex, height, weight, body fat, conditions, injuries, allergies, what I eat, weigh "
        "and lift) may be stored and used to reckon my targets and to make and adapt my plans, and for nothing else. "
        "I may take this back, have a copy of everything, or have everything erased, at any time.",
    ),
}
CONSENT_FIELDS: Mapping[str, str] = {"ai_consent": "ai", "health_consent": "health"}  # of a profile
