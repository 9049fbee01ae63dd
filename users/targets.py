"""Daily energy and nutrient targets of one person, each figure with its reason and its source.

Invariant: no answer is below its safety floor, nobody who must not lose weight gets a deficit, and
4 x protein + 4 x carbs + 9 x fat equals the energy to within half a gram of fat.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace

from users import target_notices

MIFFLIN_CONSTANT: Mapping[str, int] = {"male": 5, "female": -161, "unspecified": -78}
PAL: Mapping[str, float] = {"sedentary": 1.2, "light": 1.375, "moderate": 1.55, "active": 1.725, "very_active": 1.9}
FLOOR: Mapping[str, int] = {"female": 1200, "male": 1500, "unspecified": 1350}
PROTEIN_PER_KG = dict(lose_weight=1.6, maintain=1.4, gain_muscle=1.8, improve_endurance=1.5, general_health=1.3)
SURPLUS: Mapping[str, float] = {"beginner": 0.15, "intermediate": 0.10, "advanced": 0.05}  # share of TDEE
EXTRA_KCAL: Mapping[str, int] = {"under_18": 25, "pregnant": 260, "breastfeeding": 500}  # IOM 2005 (growth), EFSA 2013
EXTRA_PROTEIN: Mapping[str, int] = {"pregnant": 9, "breastfeeding": 19}  # EFSA 2012, g a day

KCAL_PER_KG, ADULT, OLD, LAST_CHILD_YEAR = 7700, 18, 70, 13
UNDERWEIGHT, HEALTHY_BMI = 18.5, 25.0
DEFAULT_LOSS, MAX_LOSS, MAX_GAIN = 0.5, 1.0, 0.5  # % of body weight a week
MAX_DEFICIT_SHARE, MAX_DEFICIT, MIN_SURPLUS_SHARE, MAX_SURPLUS_SHARE = 0.25, 1000, 0.05, 0.15
TAPER_WEEKS = 4  # the weight that could be lost in this time stays above BMI 18.5
KIDNEY_PROTEIN, KIDNEY_SHARE = (0.8, 1.0), 0.10  # g per kg; more where that brings protein nearer to the share
MAX_PROTEIN_SHARE, MAX_KETO_PROTEIN_SHARE = 0.35, 0.30
PROTEIN_SHARE, ELDER_PROTEIN_SHARE, KETO_PROTEIN_SHARE, ELDER = 0.15, 0.18, 0.20, 65  # of energy, at least; years
FAT_SHARE, MIN_FAT_SHARE, MIN_CARB_SHARE, MAX_CARB_SHARE = 0.28, 0.20, 0.45, 0.65
LOW_CARB_SHARE, KETO_SHARE, KETO_GRAMS = 0.23, 0.08, 45  # a day 10 % above is still < 26 %E, or < 9 %E or 50 g
SAT_FAT_SHARE, FIBRE_PER_KCAL, KETO_FIBRE = 0.10, 14 / 1000, 25
NO_SURPLUS = frozenset({"pregnant", "breastfeeding", "eating_disorder"})
NO_DEFICIT = NO_SURPLUS | {"under_18", "underweight"}
NEEDS_CARBS = NO_SURPLUS | {"under_18", "kidney_disease"}
LOW_SODIUM = frozenset({"hypertension", "heart_disease", "kidney_disease"})
MIFFLIN, KATCH = "Mifflin et al., Am J Clin Nutr 1990;51:241", "McArdle, Katch & Katch, Exercise Physiology"
SAFE_RATE = "Garthe 2011, NHLBI 1998, Iraki 2019 (loss <= 1 % of weight a week, 25 % of TDEE, 1000 kcal; gain <= 15 %)"
AMDR = "IOM, Dietary Reference Intakes 2005 (carbs 45-65, fat 20-35, protein 10-35 % of energy)"
FEINMAN = "Feinman et al., Nutrition 2015;31:1 (low carb < 26 % of energy, ketogenic 20-50 g a day or < 10 %)"
ISSN = "ISSN position stand 2017 (1.4-2.0 g/kg); Dietary Guidelines for Americans 2025-2030 (1.2-1.6 g/kg)"
NNR = "Nordic Nutrition Recommendations 2012 (for planning 15 % of energy, 18 % from 65; ketogenic practice: 20-25 %)"
KIDNEY = "KDIGO 2024 (0.8 g/kg, never above 1.3); UK Kidney Association 2019 (0.8-1.0 g/kg)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """What the targets depend on: years, cm, kg, body fat in %, `goal_rate` in % of body weight a week (> 0)."""

    age: int
    sex: str
    height: float
    weight: float
    fitness_goal: str
    activity_level: str
    conditions: frozenset[str]
    diets: frozenset[str]
    body_fat: float | None = None
    goal_rate: float | None = None
    training_level: str = "beginner"

    @property
    def bmi(self) -> float:
        """Body mass index, kg/m2."""
        return self.weight / (self.height / 100) ** 2

    @property
    def reference_weight(self) -> float:
        """Kilograms that protein is counted on: no more than at BMI 25."""
        return self.weight * min(1, HEALTHY_BMI / self.bmi)

    @property
    def kcal_per_percent(self) -> float:
        """Energy that changes the weight by 1 % a week, kcal a day."""
        return self.weight / 100 * KCAL_PER_KG / 7

    @property
    def states(self) -> frozenset[str]:
        """Conditions, age and weight that ask for care. Adult BMI limits do not hold for the young."""
        young = {"under_18"} if self.age < ADULT else set()
        thin = {"underweight"} if not young and self.bmi < UNDERWEIGHT else set()
        return self.conditions | young | thin


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """A day's targets: kcal, g, sodium in mg. Fibre is a least, sodium and saturated fat are a most."""

    kcal: int
    protein: int
    carbs: int
    fat: int
    fibre: int
    sodium: int
    sat_fat: int
    bmi: float
    rmr: int
    tdee: int
    formula: str
    inputs: dict[str, object]
    floor: dict[str, object] | None
    notices: tuple[str, ...]
    explanation: tuple[dict[str, object], ...]


@dataclass(frozen=True, slots=True)
class _Energy:
    kcal: int
    rmr: float
    tdee: float
    change: float  # the safe change before the floor, kcal a day
    floor: int
    floor_reason: str
    floored: bool
    notices: tuple[str, ...]


def targets(person: Person) -> Targets:
    """Return the person's safe daily targets; a wish that is not safe is answered by the safe plan and a notice.

    :raises KeyError: for a sex, goal, activity or training level outside the vocabulary.
    """
    energy = _energy(person)
    protein = _protein(person, energy.kcal)
    carbs = _carbs(person, energy.kcal, protein)
    plan = Targets(
        kcal=energy.kcal,
        protein=protein,
        carbs=carbs,
        fat=round((energy.kcal - 4 * protein - 4 * carbs) / 9),
        fibre=_fibre(person, energy.kcal)[0],
        sodium=_sodium(person)[0],
        sat_fat=math.floor(energy.kcal * SAT_FAT_SHARE / 9),
        bmi=round(person.bmi, 1),
        rmr=round(energy.rmr),
        tdee=round(energy.tdee),
        formula="mifflin_st_jeor" if person.body_fat is None else "katch_mcardle",
        inputs=_inputs(person, energy),
        floor={"kcal": energy.floor, "reason": energy.floor_reason} if energy.floored else None,
        notices=_notices(person, energy),
        explanation=(),
    )
    return replace(plan, explanation=_explanation(person, plan, energy))


def _rmr(person: Person) -> tuple[float, str, str]:
    """Return resting energy in kcal a day, how and from where: on lean mass when body fat is known."""
    if person.body_fat is not None:
        return 370 + 21.6 * person.weight * (1 - person.body_fat / 100), "370 + 21.6 x lean mass in kg", KATCH
    constant = MIFFLIN_CONSTANT[person.sex]
    how = f"10 x kg + 6.25 x cm - 5 x years {constant:+d}"
    return 10 * person.weight + 6.25 * person.height - 5 * person.age + constant, how, MIFFLIN


def _energy(person: Person) -> _Energy:
    rmr, _, _ = _rmr(person)
    tdee = rmr * PAL[person.activity_level] + sum(EXTRA_KCAL.get(state, 0) for state in person.states)
    change, notices = _change(person, tdee)
    floor, reason = _floor(person, rmr)
    wanted = round(tdee + change)
    return _Energy(max(wanted, floor), rmr, tdee, change, floor, reason, floor > wanted, notices)


def _floor(person: Person, rmr: float) -> tuple[int, str]:
    """Return the least energy to plan, kcal a day: by sex, and never under RMR for those at risk."""
    if (person.states or person.age >= OLD) and rmr > FLOOR[person.sex]:
        return math.ceil(rmr), "resting metabolic rate: never less because of age, weight or a health condition"
    return FLOOR[person.sex], "the least energy of a plan without medical supervision"


def _change(person: Person, tdee: float) -> tuple[float, tuple[str, ...]]:
    """Return the kcal a day to add to (or take from) TDEE, and what must be said about it."""
    if person.fitness_goal == "lose_weight" and not person.states & NO_DEFICIT:
        return _deficit(person, tdee)
    if person.fitness_goal == "gain_muscle" and not person.states & NO_SURPLUS:
        return _surplus(person, tdee), ()
    return 0.0, ()


def _deficit(person: Person, tdee: float) -> tuple[float, tuple[str, ...]]:
    """Take the smallest of the wish and of every cap, so that no cap can be broken."""
    percent = person.kcal_per_percent
    wish = (DEFAULT_LOSS if person.goal_rate is None else person.goal_rate) * percent
    to_underweight = person.weight * (1 - UNDERWEIGHT / person.bmi)
    caps = {
        "1 % of your body weight a week": MAX_LOSS * percent,
        "25 % of the energy you use": MAX_DEFICIT_SHARE * tdee,
        "the general limit": float(MAX_DEFICIT),
        "what keeps your BMI above 18.5": to_underweight * KCAL_PER_KG / 7 / TAPER_WEEKS,
    }
    cap = min(caps, key=caps.__getitem__)
    if caps[cap] >= wish:
        return -wish, ()
    return -caps[cap], (f"Your deficit is held at {cap}: {caps[cap]:.0f} instead of {wish:.0f} kcal a day.",)


def _surplus(person: Person, tdee: float) -> float:
    percent = person.kcal_per_percent
    wish = SURPLUS[person.training_level] * tdee if person.goal_rate is None else person.goal_rate * percent
    return min(max(wish, MIN_SURPLUS_SHARE * tdee), MAX_SURPLUS_SHARE * tdee, MAX_GAIN * percent)


def _carb_diet(person: Person) -> str:
    """Return keto, low_carb or balanced: carbohydrate is not cut for those to whom that may do harm."""
    if person.states & NEEDS_CARBS:
        return "balanced"
    return next((diet for diet in ("keto", "low_carb") if diet in person.diets), "balanced")


def _protein(person: Person, kcal: int) -> int:
    """Return grams a day: by goal on the reference weight, or by NNR's share of energy if that is more."""
    keto, extra = _carb_diet(person) == "keto", sum(EXTRA_PROTEIN.get(state, 0) for state in person.states)
    least = KETO_PROTEIN_SHARE if keto else ELDER_PROTEIN_SHARE if person.age >= ELDER else PROTEIN_SHARE
    wish = max(PROTEIN_PER_KG[person.fitness_goal] * person.reference_weight + extra, least * kcal / 4)
    if "kidney_disease" in person.conditions:
        low, high = (per_kg * person.reference_weight for per_kg in KIDNEY_PROTEIN)
        wish = min(max(low, KIDNEY_SHARE * kcal / 4), high)
    return min(math.ceil(wish), math.floor((MAX_KETO_PROTEIN_SHARE if keto else MAX_PROTEIN_SHARE) * kcal / 4))


def _carbs(person: Person, kcal: int, protein: int) -> int:
    diet = _carb_diet(person)
    if diet != "balanced":
        return math.floor(max(KETO_SHARE * kcal / 4, KETO_GRAMS) if diet == "keto" else LOW_CARB_SHARE * kcal / 4)
    rest = 1 - 4 * protein / kcal
    fat = max(MIN_FAT_SHARE, min(max(FAT_SHARE, rest - MAX_CARB_SHARE), rest - MIN_CARB_SHARE))
    return round((rest - fat) * kcal / 4)


def _fibre(person: Person, kcal: int) -> tuple[int, str, str]:
    """Return the least g a day, how and from where: ketogenic carbohydrate has no room for more than EFSA's figure."""
    least = math.ceil(kcal * FIBRE_PER_KCAL)
    if _carb_diet(person) == "keto" and least > KETO_FIBRE:
        return KETO_FIBRE, "at least what keeps the bowel regular", "EFSA 2010 (25 g a day is adequate for adults)"
    return least, "at least 14 g per 1000 kcal", "IOM 2005; Dietary Guidelines for Americans"


def _sodium(person: Person) -> tuple[int, str]:
    if person.age <= LAST_CHILD_YEAR:
        return 1800, "NASEM 2019: chronic disease risk reduction intake at 9-13 years"
    if person.conditions & LOW_SODIUM:
        return 2000, "WHO sodium guideline 2012; KDIGO 2024"
    return 2300, "NASEM 2019: chronic disease risk reduction intake"


def _inputs(person: Person, energy: _Energy) -> dict[str, object]:
    """Return every value that entered the figures, ready for JSON."""
    mean = "mean of the female (-161) and the male (+5) constant" if person.sex == "unspecified" else None
    return asdict(person) | {
        "conditions": sorted(person.conditions),
        "diets": sorted(person.diets),
        "sex_constant": MIFFLIN_CONSTANT[person.sex],
        "sex_constant_note": mean,
        "pal": PAL[person.activity_level],
        "reference_weight": round(person.reference_weight, 1),
        "carbohydrate": _carb_diet(person),
        "floor_kcal": energy.floor,
        "change_percent_per_week": round((energy.kcal - round(energy.tdee)) / person.kcal_per_percent, 2),
    }


def _notices(person: Person, energy: _Energy) -> tuple[str, ...]:
    """Return what must be said; to somebody with an eating disorder nothing of energy or of a weight that rises."""
    notices = [text for state, text in target_notices.BY_STATE.items() if state in person.states] + list(energy.notices)
    counts = "eating_disorder" not in person.conditions
    if counts and energy.floored:
        notices.append(f"The plan does not go below {energy.floor} kcal a day ({energy.floor_reason}).")
    if counts and energy.floor > energy.tdee:
        notices.append("That is more than your estimated use, so your weight may rise slowly: log it and see.")
    if person.diets & {"keto", "low_carb"} and _carb_diet(person) == "balanced":
        notices.append("Low carb is not planned for you, for safety's sake (age or health); the plan is balanced.")
    return tuple(notices)


def _explanation(person: Person, plan: Targets, energy: _Energy) -> tuple[dict[str, object], ...]:
    """Return one {figure, value, unit, how, source} for each target, in the order a person reads them."""
    kcal, carb_source = plan.kcal, AMDR if _carb_diet(person) == "balanced" else FEINMAN
    protein_source = KIDNEY if "kidney_disease" in person.states else f"{ISSN}; {NNR}; {AMDR}"
    extras = "".join(f" + {extra} ({state})" for state, extra in EXTRA_KCAL.items() if state in person.states)
    change = f"raised to the floor: {energy.floor_reason}" if energy.floored else f"TDEE {energy.change:+.0f} kcal"
    per_kg = f"{plan.protein / person.reference_weight:.2f} g per kg of weight, counted up to BMI 25"
    rows = (
        ("bmi", plan.bmi, "kg/m2", "weight / height squared", "WHO"),
        ("rmr", plan.rmr, "kcal", *_rmr(person)[1:]),
        ("tdee", plan.tdee, "kcal", f"RMR x {PAL[person.activity_level]}{extras}", "FAO/WHO/UNU 2004; EFSA 2013"),
        ("kcal", kcal, "kcal", change, SAFE_RATE),
        ("protein", plan.protein, "g", f"{per_kg}; {4 * plan.protein / kcal:.0%} of energy", protein_source),
        ("carbs", plan.carbs, "g", f"{4 * plan.carbs / kcal:.0%} of energy ({_carb_diet(person)})", carb_source),
        ("fat", plan.fat, "g", f"{9 * plan.fat / kcal:.0%} of energy: what the others leave", carb_source),
        ("fibre", plan.fibre, "g", *_fibre(person, kcal)[1:]),
        ("sodium", plan.sodium, "mg", "at most", _sodium(person)[1]),
        ("sat_fat", plan.sat_fat, "g", "less than 10 % of energy", "WHO 2023; Dietary Guidelines for Americans"),
    )
    return tuple(dict(zip(("figure", "value", "unit", "how", "source"), row, strict=True)) for row in rows)
