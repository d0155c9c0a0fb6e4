"""Glances at PostgreSQL: how often an answer is waited for, and what becomes of lines that were cut."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Collection, Generator, Iterator
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.util import greenlet_spawn

from service import asking, db, postgres
from tests.service.postgres import PostgresServer, running_postgres
from tests.service.running import wait_for


@pytest.fixture(name="server")
def make_server() -> Iterator[PostgresServer]:
    with running_postgres() as server:
        yield server


@pytest.fixture(name="database")
def make_database(server: PostgresServer) -> Iterator[sa.Engine]:
    database = db.open_engine(server.url)
    yield database
    database.dispose()


def waits_of(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows with each answer of the server that is waited for."""
    waits: list[int] = []

    def counted(steps: Any) -> Generator[Any, Any, Any]:
        try:
            wanted = next(steps)
            waits.append(1)
            while True:
                wanted = steps.send((yield wanted))
        except StopIteration as end:
            return end.value

    for kind in (psycopg.Connection, psycopg.AsyncConnection):
        wait: Any = kind.wait
        monkeypatch.setattr(kind, "wait", lambda self, gen, wait=wait, **options: wait(self, counted(gen), **options))
    return waits


def ask(connection: sa.Connection) -> int:
    return int(connection.execute(sa.text("SELECT 7")).scalar_one())


def test_a_glance_waits_for_one_answer(database: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    assert db.glance(database, ask) == 7
    with db.reading(database) as connection:
        assert ask(connection) == 7
    waits = waits_of(monkeypatch)
    assert db.glance(database, ask) == 7
    assert len(waits) == 1
    waits.clear()
    with db.reading(database) as connection:
        assert ask(connection) == 7
    assert len(waits) == 3, "whether it is there, the question with its begin, its end"


def test_lines_that_were_cut_are_replaced_and_the_question_is_asked_again(
    server: PostgresServer, database: sa.Engine
) -> None:
    def ask_twice_at_once(connection: sa.Connection) -> tuple[int, int]:
        return ask(connection), db.glance(database, ask)

    assert db.glance(database, ask_twice_at_once) == (7, 7)
    server.kill()
    server.start()
    for _ in range(4):
        assert db.glance(database, ask_twice_at_once) == (7, 7)


def test_an_event_loop_asks_without_threads_and_replaces_lines_that_were_cut(
    server: PostgresServer, database: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: set[int] = set()

    def question() -> int:
        threads.add(threading.get_ident())
        return db.glance(database, ask)

    async def run() -> None:
        assert await asyncio.gather(*(asking.ask(database, question) for _ in range(15))) == [7] * 15
        waits = waits_of(monkeypatch)
        assert await asking.ask(database, question) == 7
        assert len(waits) == 1
        await asyncio.to_thread(server.kill)
        await asyncio.to_thread(server.start)
        for _ in range(3):
            assert await asyncio.gather(*(asking.ask(database, question) for _ in range(15))) == [7] * 15
        await greenlet_spawn(database.dispose)

    asyncio.run(run())
    assert threads == {threading.get_ident()}


def test_lines_of_a_crowd_are_kept_for_the_next(database: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    connect = postgres._connect_in_loop

    async def counted(url: str) -> Any:
        opened.append(url)
        return await connect(url)

    monkeypatch.setattr(postgres, "_connect_in_loop", counted)

    async def run() -> None:
        for _ in range(3):
            questions = (asking.ask(database, lambda: db.glance(database, ask)) for _ in range(32))
            assert await asyncio.gather(*questions) == [7] * 32
        await greenlet_spawn(database.dispose)

    asyncio.run(run())
    assert 1 <= len(opened) <= 20


def test_an_event_loop_gives_a_silent_server_up_and_goes_on_meanwhile(
    server: PostgresServer, database: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "ANSWER_S", 0.4)

    def question() -> Any:
        return db.glance(database, lambda connection: connection.execute(sa.text("SELECT pg_sleep(30)")).scalar_one())

    async def run() -> int:
        answer, turns = asyncio.ensure_future(asking.ask(database, question)), 0
        while not answer.done():
            await asyncio.sleep(0.02)
            turns += 1
        with pytest.raises(sa.exc.OperationalError):
            await answer
        assert await asking.ask(database, lambda: db.glance(database, ask)) == 7
        await greenlet_spawn(database.dispose)
        return turns

    assert asyncio.run(run()) > 10


def test_what_is_wanted_at_once_is_asked_once_and_what_comes_later_anew(database: sa.Engine) -> None:
    asked: list[set[int]] = []

    def many(connection: sa.Connection, wanted: Collection[int]) -> dict[int, int]:
        asked.append(set(wanted))
        connection.execute(sa.text("SELECT pg_sleep(0.2)"))
        return {number: number * number for number in wanted if number < 10}

    async def run() -> None:
        squares = asking.Together(database, one=not_alone, many=many)
        first = asyncio.gather(*(squares.find(number) for number in (2, 3, 3, 12)))
        await asyncio.sleep(0.05)
        assert await asyncio.gather(squares.find(3), squares.find(4)) == [9, 16]
        assert await first == [4, 9, 9, None]
        await greenlet_spawn(database.dispose)

    asyncio.run(run())
    assert sorted(map(sorted, asked)) == [[2, 3, 12], [3, 4]], "nobody is told what was found before it asked"


def test_who_gives_up_leaves_the_others_their_answer_and_errors_are_told_to_all(database: sa.Engine) -> None:
    def many(connection: sa.Connection, wanted: Collection[str]) -> dict[str, int]:
        connection.execute(sa.text("SELECT pg_sleep(0.1)"))
        return {column: connection.execute(sa.text(f"SELECT {column}")).scalar_one() for column in sorted(wanted)}

    async def run() -> list[int | BaseException | None]:
        found = asking.Together(database, one=not_alone, many=many)
        leaving, staying = (asyncio.ensure_future(found.find("7")) for _ in range(2))
        await asyncio.sleep(0.02)
        leaving.cancel()
        assert await staying == 7
        told = await asyncio.gather(found.find("7"), found.find("nothing"), return_exceptions=True)
        await greenlet_spawn(database.dispose)
        return told

    assert [type(one) for one in asyncio.run(run())] == [sa.exc.ProgrammingError] * 2


def not_alone(_: sa.Connection, wanted: Any) -> None:
    raise AssertionError(f"{wanted} was asked for by itself")


def test_what_is_wrong_with_a_question_is_told_at_once(database: sa.Engine) -> None:
    asked = []

    def ask_amiss(connection: sa.Connection) -> None:
        asked.append(1)
        connection.execute(sa.text("SELECT nothing"))

    with pytest.raises(sa.exc.ProgrammingError):
        db.glance(database, ask_amiss)
    assert len(asked) == 1


def test_glances_go_with_their_database(server: PostgresServer) -> None:
    database = db.open_engine(server.url)
    connections = sa.text("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'")
    watching = sa.create_engine(server.url, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
    with watching.connect() as connection:
        before = connection.execute(connections).scalar_one()
        db.glance(database, ask)
        assert connection.execute(connections).scalar_one() == before + 1
        database.dispose()
        wait_for(lambda: connection.execute(connections).scalar_one() == before, within_s=30, what="the last line")
