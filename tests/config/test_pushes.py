"""What wakes sockets, over a line to Redis that can be cut, held up and left silent.

Invariant: the Redis behind the line is the real one.
"""

import asyncio
import contextlib
import signal
import socket
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import redis
from django.conf import settings

from config import pushes
from config.pushes import PushLayer

BOUND = 10.0  # s in which what must happen happens, on a machine however busy


class Line:
    """Stands between a layer and Redis: it may hold up what is said, and it may be cut."""

    def __init__(self) -> None:
        self.is_open, self.is_dead, self.calls = asyncio.Event(), False, 0
        self.asked = asyncio.Semaphore(0)  # how often whether it is there
        self._ends: list[asyncio.StreamWriter] = []

    async def carry(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        self.calls += 1
        if self.is_dead:
            back.close()
            return
        there = urlsplit(settings.CHANNELS_URL)
        far, out = await asyncio.open_connection(there.hostname, there.port)
        self._ends += [back, out]
        with contextlib.suppress(OSError):
            await asyncio.gather(self._pass_on(near, out), self._pass_on(far, back))

    async def _pass_on(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while data := await source.read(65536):
            await self.is_open.wait()
            if b"PING" in data:
                self.asked.release()
            sink.write(data)
        sink.close()

    def fall_silent(self) -> None:
        """Take no byte more from either side of what is connected now, and tell neither."""
        for end in self._ends:
            assert isinstance(end.transport, asyncio.Transport)
            end.transport.pause_reading()

    def cut(self) -> None:
        while self._ends:
            self._ends.pop().close()


@contextlib.asynccontextmanager
async def laid(**options: Any) -> AsyncIterator[tuple[Line, PushLayer]]:
    """Lay a line, held up for now, and give it with a layer that knows no other way to Redis."""
    line = Line()
    listening = socket.create_server(("127.0.0.1", 0))
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # so that little fills a line that is silent
    server = await asyncio.start_server(line.carry, sock=listening)
    there, port = urlsplit(settings.CHANNELS_URL), server.sockets[0].getsockname()[1]
    address = there._replace(netloc=there.netloc.replace(str(there.port), str(port))).geturl()
    layer = PushLayer(hosts=[{"address": address, "socket_timeout": 15, **options}], prefix="pushes")
    async with server:
        try:
            yield line, layer
        finally:
            line.is_open.set()
            await layer.flush()
            line.cut()


async def rung(bell: asyncio.Event, group: str) -> bool:
    """Say to a group, past every layer, what rings; again and again, for joining takes a moment."""
    end = time.monotonic() + BOUND
    with redis.Redis.from_url(settings.CHANNELS_URL) as direct:
        while time.monotonic() < end and not bell.is_set():
            direct.publish(f"pushes__group__{group}", b"look")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(bell.wait(), 0.1)
    return bell.is_set()


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have nobody give up because the machine is busy."""
    monkeypatch.setattr(pushes, "PATIENCE", BOUND)
    monkeypatch.setattr(pushes, "PAUSE", 0.05)


@pytest.fixture
def _impatient(_patient: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pushes, "PATIENCE", 0.05)


@pytest.fixture
def _awake() -> Iterator[None]:
    """Let a test fail, and not hang, where a task holds the loop for ever."""

    def interrupt(*_: object) -> None:
        raise RuntimeError("the loop is held")

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 2 * BOUND)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


def unheard() -> None:
    """Ring nowhere."""


def play(scene: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(scene())


@pytest.mark.usefixtures("_impatient")
def test_who_joins_in_vain_keeps_nobody_from_publishing() -> None:
    async def scene() -> None:
        async with laid() as (_, layer), layer.heard("a", unheard):
            with pytest.raises(TimeoutError):  # it was tried
                await layer.group_send("a", {"type": "feed.look"})

    play(scene)


@pytest.mark.usefixtures("_impatient")
def test_who_publishes_in_vain_leaves_publishing_alone_for_a_while() -> None:
    async def scene() -> None:
        async with laid() as (line, layer):
            with pytest.raises(TimeoutError):
                await layer.group_send("a", {"type": "feed.look"})
            line.is_open.set()

            with pytest.raises(ConnectionError):
                await layer.group_send("a", {"type": "feed.look"})

    play(scene)


def test_who_could_not_join_is_joined_later() -> None:
    async def scene() -> None:
        bell = asyncio.Event()
        async with laid() as (line, layer):
            line.is_dead = True
            async with layer.heard("a", bell.set):
                line.is_dead = False
                line.is_open.set()
                await layer.rejoin()

                assert await rung(bell, "a")

    play(scene)


def test_where_redis_is_still_away_the_rest_is_left_for_another_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pushes, "PAUSE", 2 * BOUND)

    async def scene() -> None:
        async with laid() as (line, layer), contextlib.AsyncExitStack() as heard:
            line.is_dead = True
            for group in "abc":
                await heard.enter_async_context(layer.heard(group, unheard))
            before = line.calls
            await layer.rejoin()

            assert line.calls == before + 1

    play(scene)


def test_a_line_that_is_made_again_is_in_every_group_though_who_made_it_gave_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def scene() -> None:
        bell = asyncio.Event()
        async with laid() as (line, layer):
            line.is_open.set()
            async with layer.heard("a", bell.set):
                assert await rung(bell, "a")
                monkeypatch.setattr(pushes, "PATIENCE", 0.05)
                line.is_open.clear()
                line.cut()
                async with layer.heard("b", unheard):
                    line.is_open.set()
                    bell.clear()

                    assert await rung(bell, "a")

    play(scene)


def test_who_has_left_hears_nothing_and_nothing_is_kept_of_them() -> None:
    async def scene() -> None:
        heard: list[str] = []
        bell = asyncio.Event()
        async with laid() as (line, layer):
            line.is_open.set()
            async with layer.heard("a", bell.set):
                async with layer.heard("a", lambda: heard.append("look")):
                    pass
                assert await rung(bell, "a")
            assert not layer.channels
            assert not layer.groups
        assert heard == []

    play(scene)


def test_a_line_that_falls_silent_is_laid_anew_in_all_its_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pushes, "QUIET", 0.2)

    async def scene() -> None:
        bells = {group: asyncio.Event() for group in "ab"}
        async with laid() as (line, layer), contextlib.AsyncExitStack() as heard:
            line.is_open.set()
            for group, bell in bells.items():
                await heard.enter_async_context(layer.heard(group, bell.set))
                assert await rung(bell, group)
                bell.clear()
            line.fall_silent()

            assert [await rung(bell, group) for group, bell in bells.items()] == [True, True]

    play(scene)


@pytest.mark.usefixtures("_awake")
@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="Linux alone can be told when to give up")
def test_a_line_that_the_kernel_gives_up_is_laid_anew(caplog: pytest.LogCaptureFixture) -> None:
    async def scene() -> None:
        bell = asyncio.Event()
        async with laid(socket_keepalive_options={socket.TCP_USER_TIMEOUT: 300}) as (line, layer):
            line.is_open.set()
            async with layer.heard("a", bell.set):
                assert await rung(bell, "a")
                line.fall_silent()
                async with layer.heard("b" * 50_000, unheard):  # more than fits: the kernel begins to wait
                    bell.clear()

                    assert await rung(bell, "a")

    play(scene)

    assert "a line to Redis is lost: TimeoutError" in caplog.messages


def test_a_line_on_which_nothing_happens_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pushes, "QUIET", 1.0)

    async def scene() -> None:
        async with laid() as (line, layer):
            line.is_open.set()
            async with layer.heard("a", unheard), asyncio.timeout(BOUND):
                await line.asked.acquire()
                await line.asked.acquire()

                assert line.calls == 1

    play(scene)


def test_a_redis_that_is_away_is_asked_again_after_a_pause_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pushes, "PAUSE", 2 * BOUND)

    async def scene() -> None:
        bell = asyncio.Event()
        async with laid() as (line, layer):
            line.is_open.set()
            async with layer.heard("a", bell.set):
                assert await rung(bell, "a")
                line.is_dead = True
                line.cut()
                for _ in range(200):  # turns of the loop
                    await asyncio.sleep(0.005)

                assert line.calls == 1

    play(scene)
