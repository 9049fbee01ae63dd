"""Fills the bench's database: `python -m bench.seed users=100 dates=30 folder=/path`, in the bench's environment.

Invariant: everybody has a plan that the product itself made; the rows of others are copies of it, made by PostgreSQL.
"""

import datetime as dt
import json
import sys
from pathlib import Path

import django

django.setup()

from django.db import connection  # noqa: E402 - after Django is set up
from django.utils import timezone  # noqa: E402

from ai import services as jobs  # noqa: E402
from ai.models import PlanJob  # noqa: E402
from users import auth  # noqa: E402
from users.models import Session, User  # noqa: E402

DAY = dt.date(2026, 3, 2)
LIFETIME = dt.timedelta(hours=12)
BATCH = 5_000


def people(count: int) -> list[int]:
    """Store so many people with a complete profile; return their numbers."""
    rows = (
        User(
            email=f"bench{number}@example.org",
            password="!",  # noqa: S106 - nobody can sign in with it
            name="Bench",
            age=34,
            sex="female",
            height=168.0,
            weight=71.5,
            fitness_goal="maintain",
            activity_level="moderate",
            equipment=["dumbbell", "band"],
            availability={"days": ["mon", "wed", "fri"], "minutes_per_session": 45},
        )
        for number in range(count)
    )
    return [user.pk for user in User.objects.bulk_create(rows, batch_size=BATCH)]


def make_plan(user_id: int) -> None:
    """Have the product make one person's day."""
    now = timezone.now()
    job = PlanJob.objects.create(
        user_id=user_id,
        kind="both",
        start_date=DAY,
        days=1,
        seed=7,
        params_hash="",
        max_attempts=1,
        run_after=now,
        deadline_at=now + dt.timedelta(minutes=5),
    )
    jobs.fulfil(job.pk)


def copy_plans(user_id: int, users: list[int], dates: int) -> None:
    """Copy one person's day to all, on so many dates."""
    for table in ("meal_plans", "workout_plans"):
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = 0")
            cursor.execute(
                "SELECT string_agg(quote_ident(column_name), ', ') FROM information_schema.columns"
                " WHERE table_name = %s AND column_name NOT IN ('id', 'user_id', 'date')",
                [table],
            )
            columns = cursor.fetchone()[0]
            cursor.execute(
                f"INSERT INTO {table} (user_id, date, {columns})"  # noqa: S608 - names of our own
                f" SELECT u, %s + d, {columns} FROM {table}, unnest(%s::bigint[]) u, generate_series(0, %s) d"
                f" WHERE user_id = %s AND (u, d) <> (%s, 0)",
                [DAY, users, dates - 1, user_id, user_id],
            )


def tokens(users: list[int]) -> list[str]:
    """Open a session for everybody; return their access tokens."""
    now = timezone.now()
    sessions = Session.objects.bulk_create(Session(user_id=pk, created_at=now, rotated_at=now) for pk in users)
    return [_token(session) for session in sessions]


def _token(session: Session) -> str:
    access = auth.AccessToken()
    access.payload |= {
        "user_id": session.user_id,
        "sid": str(session.pk),
        "sub": str(session.user_id),
    }  # `sub`: of a peer
    access.set_exp(lifetime=LIFETIME)
    return str(access)


def main(users: int, dates: int, folder: Path) -> None:
    found = people(users)
    make_plan(found[0])
    copy_plans(found[0], found, dates)
    pairs = list(zip(found, tokens(found), strict=True))
    posts = [f"{token} /api/v1/generate-plan" for _, token in pairs]
    hot = [f"{token} /api/v1/meal-plan?date={DAY}" for _, token in pairs[:100]]
    cold = [
        f"{token} /api/v1/meal-plan?date={DAY + dt.timedelta(days=day)}" for day in range(dates) for _, token in pairs
    ]
    (folder / "hot.txt").write_text("\n".join(hot) + "\n")
    (folder / "cold.txt").write_text("\n".join(cold) + "\n")
    (folder / "posts.txt").write_text("\n".join(posts) + "\n")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    files = {name: str(folder / f"{name}.txt") for name in ("hot", "cold", "posts")}
    print(json.dumps({**files, "pairs": pairs}))


if __name__ == "__main__":
    given = dict(argument.split("=", 1) for argument in sys.argv[1:])
    main(int(given["users"]), int(given["dates"]), Path(given["folder"]))
