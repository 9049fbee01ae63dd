"""What a person is told beside their targets, by the condition, age or weight that asks for care. Pure.

Invariant: a notice says what the plan does, or what it cannot know and whom to ask; it never advises a treatment.
"""

from collections.abc import Mapping

POTASSIUM = (
    "Potassium is not counted: if you take an ACE inhibitor or the like, ask about it and about salt substitutes."
)

BY_STATE: Mapping[str, str] = {
    "under_18": "You are still growing, so no energy deficit is planned before the age of 18.",
    "underweight": "Your BMI is below 18.5. No energy deficit is planned; please talk to a clinician about it.",
    "pregnant": "No deficit in pregnancy: 260 kcal a day are added (EFSA: about 70, 260 and 500 by trimester).",
    "breastfeeding": "No deficit while breastfeeding. 500 kcal a day are added (EFSA: for the first six months).",
    "eating_disorder": "The plan keeps your weight where it is. Please agree any change with your treatment team.",
    "kidney_disease": "Protein is kept at 0.8-1 g per kg. Please have it checked: stage and dialysis change the need. "
    "Potassium and phosphate are not counted; pulses, nuts, potatoes, bananas and dried fruit hold much.",
    "diabetes": "If you take insulin or other glucose-lowering medicine, see your clinician before eating differently.",
    "heart_disease": f"Please have these targets checked by your clinician because of your heart disease. {POTASSIUM}",
    "hypertension": POTASSIUM,
}
