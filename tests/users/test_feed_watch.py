"""The look that is one for all who follow a feed in a process."""

import asyncio
import contextlib
import time
import uuid
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone

from tests.conftest import Api
from users import feed_log, feed_watch
from users.feed_follow import Follow, Frame, Listener
from users.feed_watch import following
from users.models import Event, Session, User

Asked = Sequence[tuple[int, uuid.UUID, int]]
NOBODY = Listener(0, uuid.UUID(int=0))
BOUND = 20.0  # s


def session_of(user: User) -> uuid.UUID:
    return Session.objects.create(user=user, created_at=timezone.now(), rotated_at=timezone.now()).pk


def happen(user: User, count: int) -> None:
    """Have events recorded of which no wake tells."""
    Event.objects.bulk_create(Event(user=user, seq=seq, type="thing.happened", data={}) for seq in range(1, count + 1))
    User.objects.filter(pk=user.pk).update(last_seq=count)


class Log:
    """Answers every look with what is prepared, and keeps who was asked about."""

    def __init__(self, *answers: Any) -> None:
        self.looks: list[Asked] = []
        self._answers = list(answers)

    def news(self, asked: Asked) -> Any:
        self.looks.append(asked)
        answer = self._answers.pop(0) if self._answers else []
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def looked(self, times: int) -> None:
        async with asyncio.timeout(BOUND):
            while len(self.looks) < times:  # noqa: ASYNC110 - they are made in threads
                await asyncio.sleep(0.01)


@pytest.fixture(autouse=True)
def _brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_watch, "LOOK_SECONDS", 0.05)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Log]:
    def prepare(*answers: Any) -> Log:
        log = Log(*answers)
        monkeypatch.setattr(feed_log, "news", log.news)
        monkeypatch.setattr(feed_log, "after", lambda *_: [])
        return log

    return prepare


def play(scene: Callable[[contextlib.AsyncExitStack], Coroutine[Any, Any, None]]) -> None:
    async def run() -> None:
        async with contextlib.AsyncExitStack() as lines:
            await scene(lines)

    asyncio.run(run())


async def frames(follow: Follow) -> list[Frame]:
    """Return what is handed out until the session ends."""
    async with asyncio.timeout(BOUND):
        return [frame async for batch in follow.batches() for frame in batch]


def test_a_question_about_many_is_one_query(owner: User, stranger: User, django_assert_num_queries: Any) -> None:
    happen(owner, 3)
    mine, theirs = session_of(owner), session_of(stranger)
    asked = [(owner.pk, mine, 3), (owner.pk, mine, 2), (stranger.pk, theirs, 0), (stranger.pk, mine, 0)] * 100

    with django_assert_num_queries(1):
        news = dict(feed_log.news(asked))

    assert len(news) == 200
    assert {place % 4: last for place, last in news.items()} == {1: 3, 3: None}


@pytest.mark.parametrize("end", ["revoked", "inactive", "erased"])
def test_whose_session_is_over_is_told_so(owner: User, end: str) -> None:
    session = session_of(owner)
    if end == "revoked":
        Session.objects.update(revoked_at=timezone.now())
    elif end == "inactive":
        User.objects.update(is_active=False)
    else:
        owner.delete()

    assert feed_log.newest(owner.pk, session) is None
    assert feed_log.news([(owner.pk, session, 0)]) == [(0, None)]


def test_a_look_is_one_for_everybody(told: Callable[..., Log]) -> None:
    log = told()

    async def scene(lines: contextlib.AsyncExitStack) -> None:
        for _ in range(300):
            await lines.enter_async_context(following(NOBODY))
        log.looks.clear()
        await log.looked(4)

    play(scene)

    assert {len(asked) for asked in log.looks[1:4]} == {300}


def test_a_look_at_very_many_comes_in_parts_and_leaves_nobody_out(
    told: Callable[..., Log], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_watch, "AT_ONCE", 10)
    log = told()

    async def scene(lines: contextlib.AsyncExitStack) -> None:
        for number in range(35):
            await lines.enter_async_context(following(Listener(number, uuid.UUID(int=0))))
        await log.looked(12)

    play(scene)

    assert max(map(len, log.looks)) == 10
    assert {user_id for asked in log.looks for user_id, _, _ in asked} == set(range(35))


def test_nobody_is_looked_at_when_nobody_is_there(told: Callable[..., Log]) -> None:
    log = told()

    async def scene(lines: contextlib.AsyncExitStack) -> None:
        async with following(NOBODY):
            await log.looked(2)
        await asyncio.sleep(0.1)
        before = len(log.looks)
        await asyncio.sleep(0.2)
        assert len(log.looks) == before
        await lines.enter_async_context(following(NOBODY))
        await log.looked(before + 1)

    play(scene)


def test_a_look_that_failed_is_made_again_and_ends_nobody(told: Callable[..., Log]) -> None:
    log = told(OperationalError(), OperationalError(), [], [(0, None)])

    async def scene(lines: contextlib.AsyncExitStack) -> None:
        follow = await lines.enter_async_context(following(NOBODY))
        assert await frames(follow) == []

    play(scene)

    assert len(log.looks) == 4


def test_a_token_that_is_over_needs_no_database_to_end(told: Callable[..., Log]) -> None:
    told(*[OperationalError()] * 1000)

    async def scene(lines: contextlib.AsyncExitStack) -> None:
        follow = await lines.enter_async_context(following(Listener(0, uuid.UUID(int=0), time.time() + 0.2)))
        assert await frames(follow) == []

    play(scene)


@pytest.mark.usefixtures("fresh_db")
def test_what_no_wake_told_of_is_handed_out_once_and_in_order(owner: User) -> None:
    session = session_of(owner)
    seen: list[int] = []

    async def scene(lines: contextlib.AsyncExitStack) -> None:
        follow = await lines.enter_async_context(following(Listener(owner.pk, session)))
        await asyncio.to_thread(happen, owner, 450)
        async with asyncio.timeout(BOUND):
            async for batch in follow.batches():
                seen.extend(frame["seq"] for frame in batch)
                if len(seen) >= 450:
                    follow.leave()

    play(scene)

    assert seen == list(range(1, 451))


@pytest.mark.usefixtures("fresh_db")
def test_who_missed_what_is_not_kept_any_more_is_told_to_read_anew(owner: User) -> None:
    session = session_of(owner)
    User.objects.filter(pk=owner.pk).update(last_seq=7)

    async def scene(lines: contextlib.AsyncExitStack) -> None:
        follow = await lines.enter_async_context(following(Listener(owner.pk, session)))
        async with asyncio.timeout(BOUND):
            batch = await anext(follow.batches())
        assert [(frame["type"], frame["seq"]) for frame in batch] == [("resync", 7)]

    play(scene)


@pytest.mark.usefixtures("fresh_db")
def test_a_page_that_ends_with_the_end_of_the_session_is_the_last(as_owner: Api, owner: User) -> None:
    mine = Session.objects.get(user=owner)
    ended = Event(user=owner, seq=1, type="session.revoked", data={"session_id": str(mine.pk)})
    other = Event(user=owner, seq=2, type="session.revoked", data={"session_id": str(uuid.uuid4())})
    Event.objects.bulk_create([other, ended])
    User.objects.filter(pk=owner.pk).update(last_seq=2)

    async def scene(lines: contextlib.AsyncExitStack) -> None:
        follow = await lines.enter_async_context(following(Listener(owner.pk, mine.pk)))
        follow.begin(0, 2)
        assert [frame["seq"] for frame in await frames(follow)] == [1, 2]

    play(scene)


def test_a_line_on_which_nothing_comes_says_so(told: Callable[..., Log]) -> None:
    told()

    async def scene(lines: contextlib.AsyncExitStack) -> None:
        follow = await lines.enter_async_context(following(NOBODY))
        batches = follow.batches(silence=0.01)
        async with asyncio.timeout(BOUND):
            assert [await anext(batches) for _ in range(3)] == [[], [], []]

    play(scene)
