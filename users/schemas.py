"""What goes in and out of the account endpoints.

Invariant: every field of the profile has one definition here, shared by register, PATCH and PUT.
"""

import datetime as dt
import zoneinfo
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, field_validator

from config.schemas import Bool, In, Int, Number, Text, example
from users import examples, vocabulary
from users.models import (
    AGE,
    BODY_FAT_PERCENT,
    BUDGET,
    GOAL_RATE_PERCENT,
    HEIGHT_CM,
    MEALS_PER_DAY,
    WEIGHT_KG,
)

Sex = Literal["female", "male", "unspecified"]
FitnessGoal = Literal["lose_weight", "maintain", "gain_muscle", "improve_endurance", "general_health"]
ActivityLevel = Literal["sedentary", "light", "moderate", "active", "very_active"]
TrainingLevel = Literal["beginner", "intermediate", "advanced"]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Equipment = Literal[
    "dumbbell", "barbell", "kettlebell", "machine", "cable", "band", "bench", "pull_up_bar", "cardio_machine"
]
Injury = Literal["knee", "shoulder", "lower_back", "wrist", "elbow", "ankle", "hip", "neck"]
Condition = Literal[
    "pregnant", "breastfeeding", "eating_disorder", "heart_disease", "hypertension", "diabetes", "kidney_disease"
]


def _split(value: Any) -> Any:
    return [part for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _unique(values: list[Any]) -> list[Any]:
    return list(dict.fromkeys(values))


GoalRate = Annotated[
    Number, Field(gt=GOAL_RATE_PERCENT[0], le=GOAL_RATE_PERCENT[1], description="% of body weight a week")
]
Word = Annotated[Text, Field(min_length=1, max_length=60)]
Words = Annotated[
    list[Word],
    Field(max_length=20),
    BeforeValidator(_split, json_schema_input_type=Annotated[list[Word], Field(max_length=20)] | str),
    AfterValidator(_unique),
]
Diets = Annotated[Words, AfterValidator(vocabulary.diets)]
Allergens = Annotated[Words, AfterValidator(vocabulary.allergens)]


class Availability(BaseModel):
    """When there is time to train; no days means that we choose them."""

    model_config = ConfigDict(extra="forbid")

    days: Annotated[list[Weekday], Field(max_length=7), AfterValidator(_unique)] = []
    minutes_per_session: Annotated[Int, Field(ge=15, le=180)] = 45


class Profile(In):
    """The part of a person that plans are made from. `PUT` sets all of it, `PATCH` what is named."""

    model_config = example(weight=70.8, availability={"days": ["mon", "thu"], "minutes_per_session": 60})

    name: Annotated[Text, Field(min_length=1, max_length=120)] | None = None
    age: Annotated[Int, Field(ge=AGE[0], le=AGE[1], description="years")] | None = None
    sex: Sex = "unspecified"
    height: Annotated[Number, Field(ge=HEIGHT_CM[0], le=HEIGHT_CM[1], description="cm")] | None = None
    weight: Annotated[Number, Field(ge=WEIGHT_KG[0], le=WEIGHT_KG[1], description="kg")] | None = None
    body_fat: Annotated[Number, Field(ge=BODY_FAT_PERCENT[0], le=BODY_FAT_PERCENT[1], description="%")] | None = None
    fitness_goal: FitnessGoal = "general_health"
    goal_rate: GoalRate | None = None
    activity_level: ActivityLevel = "light"
    training_level: TrainingLevel = "beginner"
    dietary_preferences: Diets = []
    allergies: Allergens = []
    disliked_foods: Words = []
    equipment: Annotated[list[Equipment], AfterValidator(_unique)] = []
    injuries: Annotated[list[Injury], AfterValidator(_unique)] = []
    conditions: Annotated[list[Condition], AfterValidator(_unique)] = []
    availability: Availability = Availability()
    meals_per_day: Annotated[Int, Field(ge=MEALS_PER_DAY[0], le=MEALS_PER_DAY[1])] = 4
    max_prep_minutes: dict[Weekday, Annotated[Int, Field(ge=5, le=240)]] = {}
    budget: Annotated[Int, Field(ge=BUDGET[0], le=BUDGET[1], description="1 is cheap")] | None = None
    leftovers: Bool = False
    timezone: Annotated[Text, Field(max_length=64)] = "UTC"
    units: Literal["metric", "imperial"] = "metric"
    ai_consent: Annotated[
        Bool | None,
        Field(description="true says yes to today's text of `GET /consents`, false takes it back; null leaves it"),
    ] = None
    health_consent: Annotated[Bool | None, Field(description="the same for `health`")] = None

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        if value not in zoneinfo.available_timezones():
            raise ValueError("must be an IANA time zone such as Europe/Paris")
        return value


class Email(In):
    email: Annotated[
        Text,
        Field(max_length=254, json_schema_extra={"format": "email"}),
        AfterValidator(vocabulary.email),
    ]


Password = Annotated[str, Field(strict=True, min_length=1, max_length=128)]
NewPassword = Annotated[str, Field(strict=True, min_length=10, max_length=128)]


class Register(Email, Profile):
    """A new person: email, password and name, and as much of the profile as is known already."""

    name: Annotated[Text, Field(min_length=1, max_length=120)]
    password: NewPassword

    model_config = example(
        email="ada@example.org",
        password="correct horse battery",  # noqa: S106 - an example
        name="Ada",
        age=34,
        sex="female",
        height=168,
        weight=71.5,
        fitness_goal="lose_weight",
        activity_level="moderate",
        dietary_preferences=["vegetarian"],
        allergies=["nuts"],
        equipment=["dumbbell", "band"],
        availability={"days": ["mon", "wed", "fri"], "minutes_per_session": 45},
    )


class Login(Email):
    password: Password

    model_config = example(email="ada@example.org", password="correct horse battery")  # noqa: S106 - an example


class Refresh(In):
    model_config = example(refresh=examples.TOKEN)

    refresh: Annotated[str, Field(strict=True, min_length=1, max_length=2000)]


class Tokens(Schema):
    """`expires_in` is the access token's life in seconds."""

    model_config = example(**examples.PAIR)

    access: str
    refresh: str
    token_type: str
    expires_in: int


class Imperial(BaseModel):
    """Rounded twins for display; what is stored stays metric."""

    height_in: float | None
    weight_lb: float | None


class User(Schema):
    """A person as they see themselves."""

    model_config = example(**examples.ADA)

    id: int
    email: str
    name: str
    age: int | None
    sex: Sex
    height: float | None
    weight: float | None
    body_fat: float | None
    fitness_goal: FitnessGoal
    goal_rate: float | None
    activity_level: ActivityLevel
    training_level: TrainingLevel
    dietary_preferences: list[str]
    allergies: list[str]
    disliked_foods: list[str]
    equipment: list[str]
    injuries: list[str]
    conditions: list[str]
    availability: Availability
    meals_per_day: int
    max_prep_minutes: dict[str, int]
    budget: int | None
    leftovers: bool
    timezone: str
    units: Literal["metric", "imperial"]
    is_email_verified: bool
    created_at: dt.datetime
    updated_at: dt.datetime
    ai_consent: bool = False
    health_consent: bool = False
    display: Imperial | None = None


class Registered(Tokens):
    model_config = example(user=examples.ADA, **examples.PAIR)

    user: User


class Ticket(Schema):
    model_config = example(ticket="kX3v…", expires_in=30)

    ticket: str
    expires_in: int


class Event(Schema):
    """One entry of the feed; what `data` holds for each type is in the document (config.openapi)."""

    model_config = example(**examples.EVENT)

    seq: int
    type: str
    time: str
    data: dict[str, Any]


class Events(Schema):
    """A page of the feed; ask again with `after` = the last `seq` until it is empty."""

    model_config = example(items=[examples.EVENT], seq=12)

    items: list[Event]
    seq: int
