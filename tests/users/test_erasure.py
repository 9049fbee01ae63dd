"""The end of an account: every table and every key of Redis is looked through for what is left."""

from collections.abc import Iterator
from typing import Any

import pytest
import redis
from django.conf import settings
from django.contrib.admin.models import CHANGE, DELETION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test import Client
from django.utils import timezone

from config import reads
from config.hits import Hits
from tests import factories
from tests.admin.pages import address
from tests.conftest import Api
from tests.database.test_reads import Counting, ask
from tests.users.belongings_cast import CANARY, MAKERS, somebody
from users import belongings, erasure, services
from users.models import Erasure, Letter, Session, User
from workers import actors

API = "/api/v1"
OTHER = "socrates-of-athens"


def tables_that_say(text: str) -> list[str]:
    """Return the tables of the database, known to Django or not, in which a row holds the text."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
        names = [name for (name,) in cursor.fetchall()]
        found = []
        for name in names:
            cursor.execute(
                f'SELECT count(*) FROM "{name}" AS one WHERE one::text LIKE %s OR one::text LIKE %s',  # noqa: S608
                [f"%{text}%", f"%{text.encode().hex()}%"],
            )
            found += [name] if cursor.fetchone()[0] else []
    return sorted(found)


def tables_with_number(user_id: int) -> list[str]:
    """Return the tables that hold the person's number in a column which is for one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public' AND "
            "(column_name IN ('user_id', 'owner', 'person_id') OR (table_name = 'users' AND column_name = 'id'))"
        )
        found = []
        for table, column in cursor.fetchall():
            cursor.execute(f'SELECT count(*) FROM "{table}" WHERE "{column}" = %s', [user_id])  # noqa: S608
            found += [table] if cursor.fetchone()[0] else []
    return sorted(found)


def everything_in_redis() -> Iterator[tuple[bytes, bytes]]:
    """Yield each key of the product's Redis databases with all that it holds."""
    for url in {settings.BROKER_URL, settings.CACHE_URL, settings.CHANNELS_URL}:
        with redis.Redis.from_url(url) as client:
            for key in client.scan_iter():
                read: dict[bytes, Any] = {
                    b"string": client.get,
                    b"hash": client.hgetall,
                    b"set": client.smembers,
                    b"list": lambda key, client=client: client.lrange(key, 0, -1),
                    b"zset": lambda key, client=client: client.zrange(key, 0, -1),
                }
                yield key, repr(read[client.type(key)](key)).encode()


def keys_about(user: User) -> list[bytes]:
    """Return the keys of Redis that name the person, or hold what they said."""
    owner = f"{{u{user.pk}}}".encode(), f"tickets:{user.pk}".encode()
    told = user.email.encode(), CANARY.encode(), f"b'{user.pk}:".encode()
    return sorted(
        key
        for key, value in everything_in_redis()
        if any(part in key for part in owner) or any(part in value for part in told)
    )


def warm(api: Api) -> None:
    """Leave as much of the person in Redis as there can be."""
    for path in ("/profile", "/profile/targets", "/today", "/consents", "/progress"):
        api.get(f"{API}{path}")
    for _ in range(3):
        api.post(f"{API}/ws-ticket")


def test_every_table_that_leads_to_a_person_is_filled_for_these_tests(db: None) -> None:
    assert {model._meta.db_table for model, _ in belongings.tables()} == set(MAKERS)


def test_somebody_is_all_over_the_place_before(fresh_db: None) -> None:
    """Else the next test would prove nothing."""
    person = somebody()
    warm(Api(person))

    said, numbered = tables_that_say(CANARY), tables_with_number(person.pk)

    wordless = {"users_groups", "users_user_permissions", "ai_spending", "users_historicaluser_groups"}
    wordless.add("otp_static_statictoken")
    assert set(said) == {"users", *MAKERS} - wordless
    assert set(numbered) == {"users", *MAKERS} - {"ai_calls", "user_changes", "otp_static_statictoken"}
    assert len(keys_about(person)) >= 5  # the hash of answers, three tickets, the list of them


def test_fault_53_nothing_is_left_of_an_erased_person_but_a_number_and_a_date(
    fresh_db: None, caplog: pytest.LogCaptureFixture
) -> None:
    person, other = somebody(), somebody(OTHER)
    api = Api(person)
    warm(api)
    warm(Api(other))
    others = tables_that_say(OTHER)
    letter_by_address = Letter.objects.filter(user=person).get()
    Letter.objects.filter(pk=letter_by_address.pk).update(user=None)
    caplog.set_level("INFO")

    answer = api.delete(f"{API}/profile", {"password": factories.PASSWORD})

    assert (answer.status_code, answer.content) == (204, b"")
    assert {
        model._meta.db_table: belongings.rows(model, path, person.pk).count() for model, path in belongings.tables()
    } == {table: 0 for table in MAKERS}
    assert tables_that_say(CANARY) == []
    assert tables_with_number(person.pk) == ["erasures"]
    assert list(Erasure.objects.values("user_id")) == [{"user_id": person.pk}]
    assert {field.name for field in Erasure._meta.fields} == {"id", "user_id", "erased_at"}
    assert keys_about(person) == []
    assert CANARY not in caplog.text
    assert tables_that_say(OTHER) == others
    assert len(keys_about(other)) >= 5


def test_the_next_request_of_an_erased_person_is_refused_wherever_it_is_answered(fresh_db: None) -> None:
    person = somebody()
    api = Api(person)
    hits = Hits()
    thin = reads.Reads(Counting(), hits)
    headers = [("host", "testserver"), ("authorization", f"Bearer {api.tokens.access}")]
    seen = [ask(thin, "GET", f"{API}/profile", "", headers).status for _ in range(2)]
    ticket = api.post(f"{API}/ws-ticket").json()["ticket"]

    api.delete(f"{API}/profile", {"password": factories.PASSWORD})

    seen += [ask(thin, "GET", f"{API}/profile", "", headers).status]
    hits.close()
    assert seen == [200, 200, 401]
    assert api.post(f"{API}/token/refresh", {"refresh": api.tokens.refresh}).status_code == 401
    assert Api().post(f"{API}/login", {"email": person.email, "password": factories.PASSWORD}).status_code == 401
    assert services.redeem_ticket(ticket) is None


def test_the_address_is_free_again(fresh_db: None) -> None:
    person = somebody()

    Api(person).delete(f"{API}/profile", {"password": factories.PASSWORD})

    again = Api().post(f"{API}/register", {**factories.REGISTRATION, "email": person.email})
    assert again.status_code == 201
    assert again.json()["user"]["id"] != person.pk


@pytest.mark.parametrize(
    "body", [{}, {"password": ""}, {"password": 1}, {"password": factories.PASSWORD, "sure": True}]
)
def test_an_erasure_without_the_password_does_nothing(as_owner: Api, body: dict[str, object]) -> None:
    assert as_owner.delete(f"{API}/profile", body).status_code == 422
    assert User.objects.exists()
    assert not Erasure.objects.exists()


def test_a_message_about_an_erased_person_finds_nothing_to_do(fresh_db: None) -> None:
    person = somebody()
    job = person.plan_jobs.all()[0]
    letter, export = Letter.objects.get(user=person), person.export
    erasure.erase_person(person.pk, timezone.now())

    for actor, row in ((actors.generate_plan, job), (actors.send_letter, letter), (actors.make_export, export)):
        actor.fn(str(row.pk))

    assert tables_that_say(CANARY) == []


def test_staff_erase_people_one_by_one_and_several_at_once(as_staff: Client, staff: User) -> None:
    first, second, third = somebody(), somebody(OTHER), factories.user()

    one = as_staff.post(address(User, "delete", first.pk), {"post": "yes"})
    several = as_staff.post(
        address(User, "changelist"),
        {"action": "delete_selected", "_selected_action": [second.pk, third.pk], "post": "yes"},
    )

    assert (one.status_code, several.status_code) == (302, 302)
    assert set(Erasure.objects.values_list("user_id", flat=True)) == {first.pk, second.pk, third.pk}
    assert set(User.objects.all()) == {staff}
    assert LogEntry.objects.filter(user=staff, action_flag=DELETION).count() == 3  # who did it stays


def test_what_staffs_log_says_of_the_person_goes_with_them(staff: User) -> None:
    person = somebody()
    session = Session.objects.get(user=person)
    for row in (person, session, staff):
        LogEntry.objects.create(
            user=staff,
            content_type=ContentType.objects.get_for_model(type(row)),
            object_id=str(row.pk),
            object_repr=CANARY,
            action_flag=CHANGE,
        )

    erasure.erase_person(person.pk, timezone.now())

    assert list(LogEntry.objects.values_list("object_id", flat=True)) == [str(staff.pk)]
