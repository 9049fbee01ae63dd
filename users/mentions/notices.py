"""What a person is told of how their notes were read. Pure.

Invariant: every reading that changed the plan is said, with the words that led to it.
"""

from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter

from users.mentions.reading import Mention

TEXTS = {
    "allergen": "You wrote “{words}”: nothing with {what} is planned. Add it to your allergies to keep it so.",
    "dislike": "You wrote “{words}”: dishes with {what} are left out.",
    "spared": "You wrote “{words}”: too few dishes would be left without {what}, so they may be served.",
    "diet": "You wrote “{words}”: this plan is {what}. Add it to your dietary preferences to keep it so.",
    "condition": "You wrote “{words}”: this plan takes care of it ({what}). Add it to your conditions to keep it so.",
    "injury": "You wrote “{words}”: what loads it is left out ({what}). Add it to your injuries to keep it so.",
    "unclear": "You wrote “{words}”: it is not clear what to leave out ({what}). Please say it in your profile.",
}
ABOUT = {
    "meals": frozenset(TEXTS) - {"injury"},
    "workouts": frozenset({"condition", "injury", "unclear"}),
}


def notices(found: Sequence[Mention], about: str) -> tuple[str, ...]:
    """Return one sentence for all that was read of one kind in the same words; `about` is meals or workouts."""
    key = attrgetter("kind", "words")
    told = sorted((one for one in found if one.kind in ABOUT[about]), key=key)
    return tuple(
        TEXTS[kind].format(words=words, what=_listed([one.what.replace("_", " ") for one in group]))
        for (kind, words), group in groupby(told, key=key)
    )


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
