"""What the tests of mentions share: foods by their names, and what is read of a text.

Invariant: the names are such as the catalogue has, with commas, brackets and words that mean two things.
"""

from users import mentions

FOODS = (
    "White mushrooms",
    "Banana",
    "Kiwi fruit",
    "Tofu, firm",
    "Beef mince (20 % fat)",
    "Aubergine (eggplant)",
    "Olive oil",
    "Green olives in brine",
    "Salmon fillet",
    "Butter beans",
    "Salt",
)


def read(text: str, kind: str) -> set[str]:
    return {mention.what for mention in mentions.read(text, FOODS) if mention.kind == kind}
