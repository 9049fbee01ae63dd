"""Free text cut into clauses, and what each of their words names. Pure.

Invariant: a word names what it names as it stands, in a compound, or with one letter wrong; nothing is refused here.
"""

import functools
import itertools
import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from users.mentions import words as say

MAX_QUOTE = 60
MAX_RUN = 3  # words of a food's name
LONG_WORD = 6  # letters from which on one wrong letter is forgiven
_TOKEN = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")
_LETTERS = str.maketrans({"ø": "o", "œ": "oe", "æ": "ae", "ł": "l", "đ": "d", "ı": "i"})


@dataclass(slots=True)
class Clause:
    """Words that stand together, folded; what each names; the text itself; and whether a `but` led to them."""

    words: list[str]
    quote: str
    turned: bool
    allergens: list[frozenset[str]]
    foods: list[str]

    def names(self, place: int) -> bool:
        return bool(self.allergens[place] or self.foods[place])


def sentences(text: str, foods: Collection[str]) -> list[list[Clause]]:
    """Return the clauses of each sentence; `foods` are the names of the foods that can be taken out of a plan."""
    known = _food_words(frozenset(foods))
    return [[_clause(*one, known) for one in clauses] for clauses in _sentences(text)]


def fold(word: str) -> str:
    """Return a word without case, accents and apostrophes: `Œufs` becomes `oeufs`."""
    plain = unicodedata.normalize("NFKD", word.casefold().translate(_LETTERS))
    return "".join(letter for letter in plain if letter.isalnum())


def _sentences(text: str) -> Iterator[list[tuple[list[str], str, bool]]]:
    """Yield each sentence as its clauses: folded words, the text that they stand in, and whether `but` led to them."""
    shown = (
        one for one in unicodedata.normalize("NFKC", text.translate(say.EMOJI)) if unicodedata.category(one) != "Cf"
    )
    plain = "".join(one if one in "\n\r" or unicodedata.category(one)[0] != "C" else " " for one in shown)
    for sentence in re.split(r"[.!?\n\r\u2022]+", plain):
        clauses: list[tuple[list[str], str, bool]] = []
        for part in re.split(r"[,;:()|\u2013\u2014]+|\s-\s", sentence):
            words = [fold(found) for found in _TOKEN.findall(part)]
            quote = " ".join(part.split())[:MAX_QUOTE]
            for number, group in enumerate(_turns(words)):
                clauses.append((group, quote, number > 0))
        if clauses:
            yield [one for one in clauses if one[0]]


def _turns(words: Sequence[str]) -> Iterator[list[str]]:
    """Split at each `but`; what follows one has it in front of an empty first part."""
    group: list[str] = []
    for word in words:
        if word in say.BUT:
            yield group
            group = []
        else:
            group.append(word)
    yield group


def _clause(words: list[str], quote: str, turned: bool, known: frozenset[str]) -> Clause:  # noqa: FBT001
    size = len(words)
    clause = Clause(words, quote, turned, [frozenset()] * size, [""] * size)
    place = 0
    while place < size:
        length = next((n for n in (3, 2) if " ".join(words[place : place + n]) in say.PHRASES and place + n <= size), 1)
        phrase = " ".join(words[place : place + length])
        allergens = say.PHRASES[phrase] if length > 1 else _allergens(phrase)
        clause.allergens[place : place + length] = [allergens] * length
        place += length
    for place, length in itertools.product(range(size), (3, 2, 1)):
        phrase = " ".join(map(singular, words[place : place + length]))
        if phrase in known and place + length <= size and not any(clause.foods[place : place + length]):
            clause.foods[place : place + length] = [" ".join(words[place : place + length])] * length
    return clause


@functools.lru_cache(maxsize=2048)
def _allergens(word: str) -> frozenset[str]:
    """Return what a word names: as it is, in a compound such as `Nussallergie`, or with one letter wrong."""
    if found := say.WORDS.get(word) or say.WORDS.get(singular(word)):
        return found
    if compound := say.COMPOUND.fullmatch(word):
        stem = compound[1]
        stems = (stem, *(stem.removesuffix(ending) for ending in ("n", "s", "en")))
        return next((say.WORDS[one] for one in stems if one in say.WORDS), frozenset())
    if len(word) < LONG_WORD - 1 or word in say.NO_TYPOS:
        return frozenset()
    long = [one for one in say.WORDS if one[0] == word[0] and len(one) >= LONG_WORD]
    near = (one for typed in (word, singular(word)) for one in long if is_typo(typed, one))
    return next((say.WORDS[one] for one in near), frozenset())


def is_typo(word: str, meant: str) -> bool:
    """Tell whether one letter was added, left out, changed, or swapped with its neighbour (Damerau 1964)."""
    start = next((place for place, (a, b) in enumerate(zip(word, meant, strict=False)) if a != b), None)
    if start is None:
        return abs(len(word) - len(meant)) == 1
    rest, other = word[start:], meant[start:]
    swapped = rest[1::-1] + rest[2:] == other
    return swapped or rest[1:] == other[1:] or rest[1:] == other or rest == other[1:]


def singular(word: str) -> str:
    """Return the word without the commonest endings of a plural."""
    for ending, instead in (("ies", "y"), ("oes", "o"), ("ss", "ss"), ("s", "")):
        if len(word) > len(ending) + 2 and word.endswith(ending):
            return word.removesuffix(ending) + instead
    return word


@functools.lru_cache(maxsize=4)
def _food_words(names: frozenset[str]) -> frozenset[str]:
    """Return every run of up to three words that foods are called by, singular; not a word that only describes."""
    found: set[str] = set()
    for name in names:
        words = [singular(fold(word)) for word in _TOKEN.findall(name)]
        runs = (words[a:b] for a, b in itertools.combinations(range(len(words) + 1), 2) if b - a <= MAX_RUN)
        found |= {
            " ".join(run) for run in runs if not (say.LINKS & set(run) or (len(run) == 1 and run[0] in say.DESCRIBES))
        }
    return frozenset(found)
