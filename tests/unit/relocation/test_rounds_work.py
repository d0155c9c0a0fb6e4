"""Work of a proof: tasks in threads by a clock, one after another without one, and stopped when told to."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from functools import partial

import pytest

from optimiser.relocation.rounds import work
from optimiser.relocation.rounds.work import Task, Work

LONG_S = 60.0
"""Nobody waits so long where all is well."""


def each(tasks: list[Task]) -> Callable[[], Task | None]:
    """One task after another, as often as somebody asks."""
    return partial(next, iter(tasks), None)


@pytest.mark.parametrize(("left_s", "at_once"), [(LONG_S, 2), (math.inf, 1)])
def test_two_tasks_run_at_once_by_a_clock_and_one_without(monkeypatch, left_s, at_once):
    monkeypatch.setattr(work, "available_cores", lambda: 4)
    lock, together = threading.Lock(), threading.Barrier(at_once)
    running, most = 0, 0

    def task() -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        together.wait(LONG_S)
        with lock:
            running -= 1

    Work(lambda: left_s, None).do(each([task] * 6))
    assert most == at_once


def test_what_a_task_comes_to_is_done_by_who_asked_before_the_next_is_chosen():
    threads: list[str] = []
    known = [3, 1, 2]

    def chosen() -> Task | None:
        return (lambda: tell) if known else None

    def tell() -> None:
        threads.append(threading.current_thread().name)
        known.remove(min(known))

    Work(lambda: math.inf, None).do(chosen)
    assert threads == [threading.current_thread().name] * 3


def test_tasks_that_run_end_soon_when_the_time_is_over():
    left = [LONG_S]
    limited = Work(lambda: left[0], None)
    ended: list[bool] = []

    def task() -> None:
        left[0] = 0.0
        limited.stopped.wait(LONG_S)
        ended.append(limited.is_over())

    limited.do(each([task] * 9))
    assert ended
    assert all(ended)
    assert len(ended) <= work.THREADS


def test_a_task_that_fails_stops_the_others_and_is_told():
    limited = Work(lambda: LONG_S, None)
    ended: list[bool] = []

    def fails() -> None:
        raise RuntimeError("of a solver")

    def goes_on() -> None:
        ended.append(limited.stopped.wait(LONG_S))

    with pytest.raises(RuntimeError, match="of a solver"):
        limited.do(each([goes_on, fails]))
    assert ended == [True]


def test_without_time_nothing_is_begun():
    Work(lambda: 0.0, None).do(each([lambda: pytest.fail("begun")]))
