"""The words that notes are read by: English well, the commonest of eight other languages for the 14 allergens. Pure.

Invariant: every word stands folded: lower case, no accents, no apostrophes.

Source of what counts to an allergen: Regulation (EU) 1169/2011, annex II. Chestnuts and pine nuts, which it does not
count to the nuts, are here among them all the same: whoever says "nuts" may mean them.
"""

import re
from collections.abc import Mapping

_FOREIGN: Mapping[str, str] = {  # German, French, Spanish, Italian, Portuguese, Dutch, Polish, Swedish and Danish
    "gluten": "weizen roggen gerste hafer dinkel ble seigle orge avoine epeautre trigo centeno cebada avena "
    "grano frumento "
    "orzo segale farro glutine tarwe rogge gerst haver pszenica zyto jeczmien owies glutenu vete rag hvede rug "
    "zoliakie coeliakie celiaque celiaco celiaca coeliaque",
    "crustaceans": "krebstiere krebs garnele garnelen krabbe krabben hummer crustaces crevette crevettes "
    "homard crabe crustaceos "
    "gamba gambas camaron camarones crostacei gambero gamberi camarao camaroes schaaldieren garnaal skorupiaki "
    "krewetki kraftdjur rakor krebsdyr rejer",
    "eggs": "ei eier oeuf oeufs huevo huevos uovo uova ovo ovos eieren jajka jajko jajek agg aeg",
    "fish": "fisch poisson pescado pescados pesce peixe vis ryba ryby fisk",
    "peanuts": "erdnuss erdnusse erdnussen cacahuete cacahuetes cacahuate cacahuates mani arachide arachidi arachides "
    "amendoim amendoins pinda pindas orzeszkiziemne jordnot jordnotter jordnodder",
    "soy": "soia sojabohne sojabohnen sojabonen soi",
    "milk": "milch laktose kase sahne joghurt lait lactose fromage creme leche lactosa queso latte lattosio latticini "
    "formaggio leite melk kaas zuivel mleko laktoza laktozy mjolk laktos maelk ost",
    "nuts": "nuss nusse nussen haselnuss haselnusse walnusse mandel mandeln noix noisette noisettes amande "
    "amandes nuez "
    "nueces almendra almendras noci nocciola nocciole mandorle noz nozes noot noten orzechy orzech notter nodder",
    "celery": "sellerie celeri apio sedano aipo selderij seler selera selleri",
    "mustard": "senf moutarde mostaza senape mostarda mosterd musztarda gorczyca senap sennep",
    "sesame": "sesam sesamo sezam gergelim ajonjoli",
    "sulphites": "sulfit sulfiten sulfitos solfiti sulfieten siarczyny sulfiter schwefel",
    "lupin": "lupine lupinen lupinas altramuz altramuces lupini lupino tremoco tremocos lubin",
    "molluscs": "weichtiere muschel muscheln mollusques moule moules moluscos mejillon mejillones molluschi "
    "cozze vongole "
    "calamari mexilhao weekdieren mosselen malze blotdjur bloddyr muslinger tintenfisch",
}
_ENGLISH: Mapping[str, str] = {
    "gluten": "gluten wheat rye barley oat oats spelt kamut durum semolina bulgur couscous seitan bread pasta "
    "flour celiac "
    "coeliac celiacs coeliacs cereal cereals triticale freekeh farina",
    "crustaceans": "crustacean shrimp prawn crab lobster crayfish crawfish langoustine krill scampi shellfish",
    "eggs": "egg mayonnaise mayo omelette albumin meringue",
    "fish": "fish salmon tuna cod haddock mackerel sardine anchovy trout herring halibut tilapia seabass snapper sushi",
    "peanuts": "peanut groundnut monkeynut satay",
    "soy": "soy soya soybean tofu tempeh edamame miso natto tamari soja",
    "milk": "milk dairy lactose cheese butter cream yogurt yoghurt whey casein buttermilk kefir ghee custard quark "
    "mozzarella cheddar parmesan feta ricotta milkshake",
    "nuts": "almond hazelnut walnut cashew pecan pistachio macadamia brazilnut treenut chestnut pinenut "
    "filbert praline "
    "marzipan nutella",
    "celery": "celery celeriac",
    "mustard": "mustard",
    "sesame": "sesame tahini tahina hummus houmous halva halvah",
    "sulphites": "sulphite sulfite sulphur sulfur",
    "lupin": "lupin",
    "molluscs": "mollusc mollusk mussel oyster clam squid octopus scallop snail cuttlefish abalone cockle "
    "whelk shellfish",
}


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


def _words() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for table in (_FOREIGN, _ENGLISH):
        for allergen, words in table.items():
            for word in words.split():
                found.setdefault(word, set()).add(allergen)
    found |= {word: {"nuts", "peanuts"} for word in ("nut", "nuts", "nutty")}
    found["seafood"] = {"fish", "crustaceans", "molluscs"}
    return {word: frozenset(allergens) for word, allergens in found.items()}


WORDS: Mapping[str, frozenset[str]] = _words()
PHRASES: Mapping[str, frozenset[str]] = {
    **{f"{kind} {piece}": frozenset({"nuts"}) for kind in ("tree", "pine", "brazil") for piece in ("nut", "nuts")},
    **{f"{nut} butter": frozenset({"nuts"}) for nut in ("almond", "cashew", "hazelnut", "pistachio")},
    **{f"{nut} milk": frozenset({"nuts"}) for nut in ("almond", "cashew", "hazelnut", "nut")},
    **{f"{legume} milk": frozenset({"soy"}) for legume in ("soy", "soya")},
    **{f"{free} milk": frozenset[str]() for free in ("coconut", "rice", "hemp", "pea")},
    **{f"{free} butter": frozenset[str]() for free in ("cocoa", "shea", "apple")},
    **{f"butter {bean}": frozenset[str]() for bean in ("bean", "beans", "lettuce")},
    **{f"{free} cream": frozenset[str]() for free in ("coconut", "shaving")},
    **{f"coconut {free}": frozenset[str]() for free in ("yogurt", "yoghurt", "flour", "butter")},
    **{f"{free} flour": frozenset[str]() for free in ("rice", "corn", "chickpea", "coconut")},
    **{f"{free} pasta": frozenset[str]() for free in ("rice", "corn", "lentil", "chickpea")},
    **{f"ground {piece}": frozenset({"peanuts"}) for piece in ("nut", "nuts")},
    "almond flour": frozenset({"nuts"}),
    "oat milk": frozenset({"gluten"}),
    "peanut butter": frozenset({"peanuts"}),
    "nut butter": frozenset({"nuts", "peanuts"}),
    "nut butters": frozenset({"nuts", "peanuts"}),
    "water chestnut": frozenset(),
    "water chestnuts": frozenset(),
    "orzeszki ziemne": frozenset({"peanuts"}),
    "orzeszkow ziemnych": frozenset({"peanuts"}),
    "frutos secos": frozenset({"nuts", "peanuts"}),
    "fruits a coque": frozenset({"nuts"}),
    "frutta a guscio": frozenset({"nuts"}),
    "fruits de mer": frozenset({"crustaceans", "molluscs"}),
    "frutti di mare": frozenset({"crustaceans", "molluscs"}),
    "sea food": frozenset({"fish", "crustaceans", "molluscs"}),
    "shell fish": frozenset({"crustaceans", "molluscs"}),
}
NO_TYPOS = _set(  # English words one letter from one of ours
    "better batter bitter button buttery glutes glutei almost peanutty sesames shrimpy planner crabs walnuts "
    "cheers cheery salons mussed oysters prawned flower floury cereals breads creams mustered pecans lupins "
    "dairies latte custom butler butted creamy cheesy salted cookies"
)

# --- how an allergy is spoken of ------------------------------------------------------------------
_SURELY = (
    r"\w*(?:al+erg|allegri[ce]|alerj|alergi|intoleran|unvertraglich|uczul|anaph[yi]la|anafyla)\w*|c(?:oeliac|eliac)\w*"
)
SURELY_ALLERGY = re.compile(_SURELY + r"|epipen\w*")
ALLERGY = re.compile(
    rf"{_SURELY}|celiaqu\w*|zoliakie|coeliakie|epipen\w*|reacts?|reacting|reactions?|hives|rash|rashes|"
    rf"swell\w*|itch\w*|"
    r"sick|ill|deadly|lethal|kills?|sensitiv\w*|diarrh?o?ea|bloat\w*|triggers?|eczema|asthma|migraines?|"
    r"throat|epi|vertrage"
)
NOUN = re.compile(
    r"\w*(?:allergies|allergy|allergie|allergien|alergia|alergias|intolerances?|intoleranz|reactions?|rash|hives)"
)
COMPOUND = re.compile(
    r"(\w{2,}?)(?:allerg\w*|alergi\w*|intoleran\w*|unvertraglich\w*|frei\w*|vrije?|free|fri|fria)", re.ASCII
)
NONE = _set("none nothing keine keinen aucune aucun ninguna ninguno nessuna geen inga ingen brak nil na")
DENIES = _set("not isnt arent aint never nor neither nicht pas niet inte ikke nie non nobody")
DENIES_NOUN = DENIES | _set("no dont doesnt havent hasnt without zero keine keinen geen aucune ningun ninguna")
DOUBTS = re.compile(  # an allergy that was, or may be
    r"\b(?:any ?more|longer|used to|out(?:grew|grown|grow)|grew|past|former(?:ly)?|previous(?:ly)?|child|childhood|kid|"
    r"baby|once|yet|not sure|unsure|know|think|maybe|perhaps|probably|possibly|suspect|might|nicht mehr|ne plus|ya no|"
    r"niet meer|sicher)\b"
)
FILLS = _set(
    "a an any the i im am is are be been being have has had get got my of to for with known food foods actually "
    "currently severe bad mild strong serious tree we me it also all kind kinds sort type types please such as "
    "s t"
)
JOINS = _set("and or nor und oder et ou y o e og och en of i plus as well both either n to also")
BUT = _set("but however although though aber sondern mais pero sino maar")
LIKES = _set(
    "love loves like likes enjoy enjoys adore fine ok okay prefer prefers favourite favorite want wants more lots "
    "plenty tolerate welcome great"
)
ENDS_LIST = _set(
    "problem problems issue issues worries need idea limit preference preferences restrictions matter time "
    "equipment because since when if while unless until so then i im we"
)

# --- how a food is refused ------------------------------------------------------------------------
_EATS = (
    r"(?:eat|have|take|use|include|add|do|consume|touch|drink|serve|give me|put|cook with|process|digest|"
    r"handle|tolerate)"
)
_NOT = (
    r"(?:cant|cannot|can not|can t|dont|do not|don t|must not|mustnt|should not|shouldnt|never|wont|will not|"
    r"(?:not allowed|not supposed|not able|unable|forbidden) to)"
)
REFUSES = re.compile(
    rf"\b(?:{_NOT} (?:ever |really )?{_EATS}(?: any)?|avoid|avoiding|exclude|excluding|except(?: for)?|"
    r"without(?: any)?|no|nothing with|free (?:of|from)|stay (?:away from|off)|keep (?:away from|off)|"
    r"not allowed|give up|steer clear of|leave out|skip|omit|cut out|"
    r"hold the|neither|ohne|kein|keine|keinen|sans|pas de|sin|senza|zonder|geen|bez|utan|uden|ingen|inga|sem)\b"
    r"(?! (?:need|problem|problems|limit|longer|more than|matter|time|equipment|one|idea))"
)
DISLIKES = re.compile(
    r"\b(?:hate|hates|dislike|dislikes|detest|despise|loathe|(?:dont|do not|don t|never) (?:really )?"
    r"(?:like|love|enjoy|want|fancy)|cant stand|cannot stand|not (?:a )?(?:big )?fan of|"
    r"not keen on|disgusted by|sick of)\b"
)
BANNED = re.compile(
    r"(?: (?:is|are|be))? (?:forbidden|banned|off limits|a no go|a no no|not (?:ok|okay|allowed)|verboten|a problem|"
    r"bad for me|poison|dangerous)\b"
)
EXCEPT = re.compile(r"\b(?:except(?: for)?|apart from|other than|besides|only)\b")
EMOJI = str.maketrans(
    {
        **{"🥜": " peanuts ", "🌰": " nuts ", "🥛": " milk ", "🧀": " cheese ", "🥚": " eggs ", "🐟": " fish "},
        **{"🦐": " prawns ", "🦞": " lobster ", "🦀": " crab ", "🦑": " squid ", "🦪": " oysters "},
        **{"🌾": " wheat ", "🍞": " bread "},
    }
)
ALONE = frozenset({"free", "frei", "vrij", "fri"})
FREE = re.compile(r"(?:\w{3,})?(?:free|frei\w*|vrije?|fri|fria)")
LINKS = _set("no with without added or and of in for from to a the i")
DESCRIBES = _set(  # words of foods' names that name no food by themselves
    "white brown red green yellow black dark pink raw cooked dried low fat light plain soft whole fresh sweet "
    "hard water tin tinned large small medium ground lean boneless skinless baked boiled smoked curly root spring "
    "english swi sea vital pearl wild sun top loin breast leg thigh fillet flank steak mince slice free powder "
    "paste oil juice sauce stock milk butter bread noodle bean seed nut cake flour purée puree leave greek gala "
    "sourdough pot rib eye day meal unsalted salted drained one two three other mixed frozen protein grain "
    "isolate textured air bas baker braising brazil brewed brine broad browned canned clarified class defatted "
    "deli desiccated dry extra eyed fermented firm flesh freshly grilled hulled kernel kidney made mung navy only "
    "part peeled poached popped pulp queso rainbow ready roasted scrambled semi sharon shelled silken skim "
    "skimmed skin sliced snap soaked sockeye split squeezed steamed steel stoned sweetened unsweetened passion "
    "pine lima pak choi bok choy germ cottage iceberg swiss soured 1 2 5 7 10 20 70 85 rolled cut half bulb stick "
    "piece cup can jar bag handful wholemeal wholewheat"
)

# --- the body -------------------------------------------------------------------------------------
_ASKED = r"(?:(?:strictly|please|only|all|everything|keep it|make it) )*"
_OF_ONES_OWN = (
    r"\b(?:i am|im|i m|we are|were|we re|i eat|we eat|as|keep it|make it|only|purely) (?:an? )?(?:strict(?:ly)? )?"
)


def _diet(names: str) -> re.Pattern[str]:
    """Return what finds a diet that is said of oneself or asked for, not one of a single dish."""
    asked = rf"^{_ASKED}(?:{names})(?: (?:please|only|diet|food|meals|dishes|plan|week|bitte))*$"
    return re.compile(rf"{asked}|{_OF_ONES_OWN}(?:{names})\b(?! (?:option|dish|burger|day))")


DIETS: Mapping[str, re.Pattern[str]] = {
    "vegan": _diet("vegan|plant based"),
    "vegetarian": _diet("vegetarian|veggie|vegetarier(?:in)?|vegetarisch|vegetarien(?:ne)?|vegetarian[oa]|no meat"),
    "pescatarian": _diet("pescatarian|pescetarian"),
    "halal": _diet("halal"),
    "kosher": _diet("kosher"),
}
CONDITIONS: Mapping[str, re.Pattern[str]] = {
    "pregnant": re.compile(
        r"\b(?:pregnant|pregnancy|expecting a (?:baby|child)|schwanger|enceinte|embarazada|incinta|zwanger)\b"
    ),
    "breastfeeding": re.compile(
        r"\b(?:breast ?feed(?:ing)?|nursing (?:a|my) (?:baby|child|newborn|infant|son|"
        r"daughter|toddler)|lactating|stille|allaite|borstvoeding)\b"
    ),
    "eating_disorder": re.compile(r"\b(?:eating disorder|anorexi[ac]|bulimi[ac]|binge eating)\b"),
    "heart_disease": re.compile(r"\b(?:heart (?:disease|condition|attack|failure)|angina|arrhythmia|pacemaker)\b"),
    "hypertension": re.compile(r"\b(?:hypertension|hypertensive|high blood pressure)\b"),
    "diabetes": re.compile(r"\b(?:diabetes|diabetic|insulin)\b"),
    "kidney_disease": re.compile(r"\b(?:kidney (?:disease|failure)|dialysis|renal)\b"),
}
AILMENTS: Mapping[str, re.Pattern[str]] = {
    "knee": re.compile(r"\b(?:acl|meniscus|runners knee)\b"),
    "shoulder": re.compile(r"\b(?:rotator cuff|frozen shoulder)\b"),
    "lower_back": re.compile(r"\b(?:sciatica|(?:slipped|herniated|bulging) dis[ck]|lumbago)\b"),
    "wrist": re.compile(r"\bcarpal tunnel\b"),
    "elbow": re.compile(r"\b(?:tennis|golfers?) elbow\b"),
    "ankle": re.compile(r"\bachilles\b"),
    "neck": re.compile(r"\bwhiplash\b"),
}
PARTS: Mapping[str, str] = {
    **{part: part for part in ("knee", "shoulder", "wrist", "elbow", "ankle", "hip", "neck")},
    "back": "lower_back",
    "lumbar": "lower_back",
    "spine": "lower_back",
}
AILS = re.compile(
    r"hurt\w*|pain\w*|ach(?:e|es|ed|ing|y)|sore|soreness|injur\w*|bad|torn|tore|sprain\w*|strain\w*|"
    r"surgery|broke|broken|"
    r"fractur\w*|tend[oi]n\w*|arthr\w*|dislocat\w*|twisted|wonky|dodgy|stiff|replacement|problems?|issues?|operation"
)
DENIED_BEFORE = re.compile(
    r"\b(?:not|no|isnt|arent|never|neither|nor|non|nicht|without)(?: (?:a|an|am|currently|strictly))?\s*$"
)
OWN_BEFORE = re.compile(r"\b(?:i am|im|i m|i have|ive|i ve|weeks|months)(?: \w+){0,2}\s*$")
ELSEWHERE = _set(  # somebody else, or another time
    "wife husband partner sister brother friend daughter son mother mom mum father dad family girlfriend "
    "boyfriend she her he his was were trying try if when after post before planning become risk prevent avoid "
    "want hope hoping"
)
