"""Queries that are built once: what they find is what their queryset finds, also after a migration."""

import uuid
from collections.abc import Iterator

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from config.postgres.prepared import Prepared
from users.models import Session, User

ASKED = 8  # more often than PostgreSQL is asked before it prepares (`prepare_threshold`)


def by_email() -> Prepared[User]:
    return Prepared(
        lambda email, session: User.objects.filter(is_active=True, sessions__pk=session, email=email),
        email="somebody@example.org",
        session=uuid.UUID(int=0),
    )


def session_of(user: User) -> Session:
    return Session.objects.create(user=user, created_at=timezone.now(), rotated_at=timezone.now())


def prepared() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%%users%%'")
        return int(cursor.fetchone()[0])


@pytest.fixture
def planned(fresh_db: None, owner: User) -> Iterator[tuple[Prepared[User], dict[str, object]]]:
    """Ask a query so often that PostgreSQL keeps its plan."""
    query, values = by_email(), {"email": owner.email, "session": session_of(owner).pk}
    for _ in range(ASKED):
        query.first(**values)
    yield query, values
    connection.close()  # with what it has prepared


def test_it_finds_the_row_that_its_queryset_finds_with_every_field(owner: User) -> None:
    User.objects.filter(pk=owner.pk).update(availability={"days": ["mon"]}, allergies=["milk"])
    session = session_of(owner)

    found = by_email().first(session=session.pk, email=owner.email)

    asked = User.objects.get(pk=owner.pk)
    assert found is not None
    assert found == asked
    fields = [field.attname for field in User._meta.concrete_fields]
    assert [getattr(found, name) for name in fields] == [getattr(asked, name) for name in fields]


def test_it_finds_nothing_for_other_values(owner: User, stranger: User) -> None:
    session = session_of(owner)

    assert by_email().first(session=session.pk, email=stranger.email) is None
    assert by_email().first(session=uuid.uuid4(), email=owner.email) is None


def test_a_field_that_was_deferred_is_asked_for_when_it_is_wanted(owner: User) -> None:
    query = Prepared(lambda user_id: User.objects.filter(pk=user_id).defer("name"), user_id=-1)

    found = query.first(user_id=owner.pk)

    assert found is not None
    assert found.get_deferred_fields() == {"name"}
    assert found.name == owner.name


def test_postgresql_plans_it_once(planned: tuple[Prepared[User], dict[str, object]]) -> None:
    assert prepared() == 1


def test_a_migration_that_changes_a_column_does_not_hurt(
    planned: tuple[Prepared[User], dict[str, object]],
) -> None:
    query, values = planned
    with connection.cursor() as cursor:  # as another process does: this one's plan stays outdated
        cursor.execute("DO $$ BEGIN ALTER TABLE users ALTER COLUMN name TYPE varchar(121); END $$")

    try:
        found, kept = [query.first(**values) for _ in range(ASKED)], prepared()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE users ALTER COLUMN name TYPE varchar(120)")

    assert all(one is not None for one in found)
    assert kept == 1


def test_inside_a_transaction_nothing_is_prepared(fresh_db: None, owner: User) -> None:
    query, session = by_email(), session_of(owner)

    with transaction.atomic(), CaptureQueriesContext(connection) as queries:
        found = [query.first(email=owner.email, session=session.pk) for _ in range(ASKED)]

    assert found == [owner] * ASKED
    assert len(queries) == ASKED
    assert prepared() == 0
