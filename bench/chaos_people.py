"""Make people with a complete profile, signed in for a day: `python bench/chaos_people.py 50` prints their tokens.

Invariant: it runs in a process of its own with the environment of the product that is measured, whose other processes
take these tokens for what they are: signed by their own key.
"""

import datetime as dt
import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import django  # noqa: E402

django.setup()

from django.contrib.auth.hashers import make_password  # noqa: E402
from django.utils import timezone  # noqa: E402

from users import auth  # noqa: E402
from users.models import Session, User  # noqa: E402

FIELDS = {
    "age": 34,
    "sex": "female",
    "height": 168.0,
    "weight": 71.5,
    "fitness_goal": "maintain",
    "activity_level": "moderate",
    "equipment": ["dumbbell", "band"],
    "availability": {"days": ["mon", "wed", "fri"], "minutes_per_session": 45},
}
LONG = dt.timedelta(days=1)  # no run lasts longer, and refreshing is not what is measured


def main() -> None:
    """Print one line of JSON for each person: id and access token."""
    now, password, first = timezone.now(), make_password(None), User.objects.count()
    auth.AccessToken.lifetime = LONG
    for number in range(first, first + int(sys.argv[1])):
        email = f"chaos{number}@example.org"
        user = User.objects.create(email=email, name="Person", password=password, **FIELDS)
        session = Session.objects.create(user=user, created_at=now, rotated_at=now)
        print(json.dumps({"id": user.pk, "access": auth.issue(session, now=now).access}))


if __name__ == "__main__":
    main()
