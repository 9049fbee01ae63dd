"""What somebody writes of themselves in free text: allergies, dislikes, injuries, conditions. Pure.

Invariant: an allergy is overlooked only where it is clearly denied; what is read here only ever takes things out of a
plan, and every reading names the words that led to it.

The rules, in their order:
- An allergy (`allergic to`, `nut allergy`, `can't have`, `no …`, `…-free`) takes out the EU allergens that its words
  name, a typo of one letter in a long word included. "Nuts" alone means peanuts too.
- Only a plain denial in the present counts (`not allergic to nuts`, `no nut allergy`). A past or doubtful one does not
  (`not allergic to nuts anymore`, `not very allergic`, `not sure`): the profile is where an allergy is taken back.
- An allergy to a food that is none of the fourteen takes out that food; one that names nothing known is `unclear`.
- Injuries and conditions count unless denied; said of somebody else or of another time, they are `unclear`.

Sources: the allergens of Regulation (EU) 1169/2011, annex II, and the foods that it counts to them.
"""

import itertools
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from users.mentions import words as say
from users.mentions.clauses import Clause, sentences, singular

KINDS = ("allergen", "dislike", "diet", "condition", "injury", "unclear")
MAX_MENTIONS = 24
REACH = 3  # words between a body's part and what ails it
STRAY = 2  # words that a list may hold between two foods that we know


@dataclass(frozen=True, slots=True)
class Mention:
    """One thing that was read: its kind, the word of ours for it, and the words of theirs that led to it."""

    kind: str
    what: str
    words: str


def read(text: str, foods: Collection[str] = ()) -> tuple[Mention, ...]:
    """Return what the text says; `foods` are the names of the foods that can be taken out of a plan."""
    found_in = sentences(text, foods)
    everything = [clause for sentence in found_in for clause in sentence]
    found = [mention for sentence in found_in for mention in _of_food(sentence, everything)]
    found += [mention for clause in everything for mention in _of_body(clause)]
    unique: dict[tuple[str, str], Mention] = {}
    for mention in found:
        unique.setdefault((mention.kind, mention.what), mention)
    return tuple(unique.values())[:MAX_MENTIONS]


def _of_food(sentence: Sequence[Clause], everything: Sequence[Clause]) -> Iterator[Mention]:
    """Yield what one sentence takes off the table; a list may go on in the next clause."""
    mode = ""
    for number, clause in enumerate(sentence):
        if places := [place for place, word in enumerate(clause.words) if say.ALLERGY.fullmatch(word)]:
            mode = "denied" if all(_is_denied(clause, place, sentence) for place in places) else "allergen"
            if mode == "allergen":
                yield from _allergies(clause, places, sentence, everything)
            else:
                yield from _excepted(clause)
        elif mode and _is_list(clause):
            mode = _continued(clause, mode)
            yield from _taken_out(clause, range(len(clause.words)), mode)
        else:
            mode = ""
            for place, kind in _refusals(clause):
                mode = kind
                yield from _taken_out(clause, _listed_after(clause, place), kind)
                for earlier in _lists_before(sentence[:number]) if place < 0 else ():
                    yield from _taken_out(earlier, range(len(earlier.words)), kind)


def _excepted(clause: Clause) -> Iterator[Mention]:
    """Yield what a denial leaves standing: `no allergies except peanuts`."""
    text = " ".join(clause.words)
    if match := say.EXCEPT.search(text):
        yield from _taken_out(clause, _listed_after(clause, text[: match.end()].count(" ")), "allergen")


def _lists_before(clauses: Sequence[Clause]) -> Iterator[Clause]:
    """Yield the clauses just before that are nothing but a list: of `gluten, dairy and nut free`, the first."""
    return itertools.takewhile(_is_list, reversed(clauses))


def _allergies(
    clause: Clause, places: Sequence[int], sentence: Sequence[Clause], everything: Sequence[Clause]
) -> Iterator[Mention]:
    """Yield what is near the word for an allergy, else what the sentence names, else the whole text."""
    near = [mention for place in places for mention in _taken_out(clause, _around(clause, place), "allergen")]
    if near:
        yield from near
        return
    for clauses in (sentence[sentence.index(clause) + 1 :], sentence, everything):
        neutral = [one for one in clauses if not say.LIKES & set(one.words)]
        if wide := [mention for one in neutral for mention in _taken_out(one, range(len(one.words)), "allergen")]:
            yield from wide
            return
    is_none = any(say.NONE & set(one.words) for one in sentence)
    if any(say.SURELY_ALLERGY.fullmatch(clause.words[place]) for place in places) and not is_none:
        yield Mention("unclear", "allergy", clause.quote)


def _around(clause: Clause, place: int) -> Iterator[int]:
    """Yield the places that an allergy's word speaks of: itself, all after it, and the list just before it."""
    yield place
    for after in range(place + 1, len(clause.words)):
        if clause.words[after] in say.LIKES:
            break
        yield after
    for before in range(place - 1, -1, -1):
        if not _goes_on(clause, before):
            break
        yield before


def _goes_on(clause: Clause, place: int) -> bool:
    """Tell whether a word is part of a list of foods."""
    return clause.names(place) or clause.words[place] in say.JOINS


def _is_denied(clause: Clause, place: int, sentence: Sequence[Clause]) -> bool:
    """Tell whether an allergy is denied plainly and for today: nothing but its own words after the `not`."""
    if say.DOUBTS.search(" ".join(word for one in sentence for word in one.words)):
        return False
    denies = say.DENIES_NOUN if say.NOUN.fullmatch(clause.words[place]) else say.DENIES
    named = 0
    for before in range(place - 1, -1, -1):
        word = clause.words[before]
        if word in denies:
            return True
        named = named + 1 if clause.names(before) else 0
        if named > 1 and clause.allergens[before] is not clause.allergens[before + 1]:
            return False  # "no dairy lactose intolerance": two sayings without a comma
        if not (named or word in say.FILLS or word in say.JOINS):
            return False
    return False


def _is_list(clause: Clause) -> bool:
    """Tell whether a clause only carries a list on: foods, and the words that join them."""
    rest = [word for place, word in enumerate(clause.words) if not clause.names(place)]
    return len(rest) < len(clause.words) and all(word in say.JOINS | say.FILLS | say.DENIES for word in rest)


def _continued(clause: Clause, mode: str) -> str:
    """Return the sense in which a list goes on: `but not to milk` and `but to milk` turn it round."""
    if say.DENIES_NOUN & set(clause.words) and mode in {"allergen", "denied"}:
        return "denied"
    return "allergen" if clause.turned and mode == "denied" else mode


def _refusals(clause: Clause) -> Iterator[tuple[int, str]]:
    """Yield the last word of each `no`, `without`, `can't have`, `hate` or `-free`, and what it makes of its list."""
    text = " ".join(clause.words)
    for pattern, kind in ((say.REFUSES, "refused"), (say.DISLIKES, "dislike")):
        for match in pattern.finditer(text):
            yield text[: match.end()].count(" "), kind
    ends = [text[: match.start()].count(" ") for match in say.BANNED.finditer(text)]
    ends += [
        place - 1 if word in say.ALONE else place for place, word in enumerate(clause.words) if say.FREE.fullmatch(word)
    ]
    for end in ends:
        yield next(place for place in range(end, -2, -1) if place < 0 or not _goes_on(clause, place)), "refused"


def _listed_after(clause: Clause, place: int) -> Iterator[int]:
    """Yield the places of the list that begins after a word; a few strange words may stand in it."""
    strange = 0
    for after in range(place + 1, len(clause.words)):
        word = clause.words[after]
        strange = 0 if clause.names(after) or word in say.JOINS | say.FILLS else strange + 1
        if strange > STRAY or word in say.LIKES | say.ENDS_LIST:
            return
        yield after


def _taken_out(clause: Clause, places: Iterable[int], mode: str) -> Iterator[Mention]:
    """Yield what the places name: an EU allergen where it is refused, else the food itself."""
    if mode == "denied":
        return
    for place in sorted(places):
        if clause.allergens[place] and mode != "dislike":
            for allergen in sorted(clause.allergens[place]):
                yield Mention("allergen", allergen, clause.quote)
        elif clause.foods[place]:
            yield Mention("dislike", clause.foods[place], clause.quote)


def _of_body(clause: Clause) -> Iterator[Mention]:
    """Yield diets, conditions and injuries of a clause; of somebody else, or of another time, they are unclear."""
    text = " ".join(clause.words)
    elsewhere = bool(say.ELSEWHERE & set(clause.words))
    tables = {"diet": say.DIETS, "condition": say.CONDITIONS, "injury": say.AILMENTS}
    for kind, what, pattern in ((kind, *one) for kind, table in tables.items() for one in table.items()):
        match = pattern.search(text)
        before = text[: match.start()] if match else ""
        if match and not say.DENIED_BEFORE.search(before):
            clear = kind == "diet" or not elsewhere or say.OWN_BEFORE.search(before)
            yield Mention(kind if clear else "unclear", what, clause.quote)
    for part in _sore_parts(clause.words):
        yield Mention("unclear" if elsewhere else "injury", part, clause.quote)


def _sore_parts(words: Sequence[str]) -> Iterator[str]:
    for place, word in enumerate(words):
        part = say.PARTS.get(word) or say.PARTS.get(singular(word))
        near = range(max(0, place - REACH), min(len(words), place + REACH + 1))
        ails = [other for other in near if say.AILS.fullmatch(words[other])]
        if part and ails and not any(say.DENIES_NOUN & set(words[max(0, one - 2) : one]) for one in (*ails, place)):
            yield part
