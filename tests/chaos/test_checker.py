"""The checker itself: a sound history passes, and each broken promise is found by its name."""

from __future__ import annotations

from typing import Any

import pytest

from tests.chaos.checker import Tables, judge
from tests.chaos.history import Operation


def told(kind: str, at_s: float, *, job_id: str = "a", status: str = "queued", key: str = "") -> Operation:
    return Operation(kind=kind, called_s=at_s, answered_s=at_s + 0.5, job_id=job_id, status=status, key=key)


def rows(*statuses: str, job_id: str = "a", attempts: tuple[int, ...] = ()) -> list[dict[str, Any]]:
    """Events; whatever is final is an end."""
    return [
        {
            "job_id": job_id,
            "seq": number,
            "kind": "end" if status in ("succeeded", "cancelled", "failed") else "status",
            "attempt": attempts[number - 1] if attempts else min(number - 1, 1),
            "status": status,
        }
        for number, status in enumerate(statuses, 1)
    ]


def sound() -> tuple[list[Operation], Tables]:
    """One job that succeeded in its second attempt, seen by a client from start to end."""
    steps = ("queued", "preparing", "solving", "preparing", "solving", "succeeded")
    tables = Tables(
        jobs=[{"id": "a", "state": "succeeded", "attempt": 2, "key": "k"}],
        results=[{"job_id": "a", "attempt": 2, "is_whole": True}],
        events=rows(*steps, attempts=(0, 1, 1, 2, 2, 2)),
        told=[{"message": "m", "job_id": "a", "status": "succeeded"}] * 2,
    )
    asked = [told("submit", 0, key="k"), told("submit", 1, key="k"), told("read", 9, status="succeeded")]
    return asked, tables


def test_a_sound_history_is_clean():
    assert judge(*sound()).is_clean


def change(rows_: list[dict[str, Any]], **values: Any) -> None:
    rows_[-1].update(values)


@pytest.mark.parametrize(
    ("wrong", "broken"),
    [
        (lambda asked, tables: tables.jobs.clear(), "lost"),
        (lambda asked, tables: tables.results.clear(), "lost"),
        (lambda asked, tables: change(tables.results, is_whole=False), "lost"),
        (lambda asked, tables: change(tables.jobs, state="solving"), "lost"),
        (lambda asked, tables: tables.told.clear(), "lost"),
        (lambda asked, tables: tables.told.append({**tables.told[0], "message": "n"}), "twice"),
        (lambda asked, tables: tables.told.append({**tables.told[0], "status": "failed"}), "illegal"),
        (lambda asked, tables: asked.append(told("submit", 2, job_id="b", key="k")), "twice"),
        (lambda asked, tables: tables.jobs.append({**tables.jobs[0], "id": "b"}), "twice"),
        (lambda asked, tables: tables.results.append(tables.results[0]), "twice"),
        (lambda asked, tables: tables.events.append({**tables.events[-1], "seq": 7}), "twice"),
        (lambda asked, tables: change(tables.results, attempt=1), "illegal"),
        (lambda asked, tables: change(tables.jobs, state="failed"), "illegal"),
        (lambda asked, tables: tables.events.pop(2), "illegal"),
        (lambda asked, tables: change(tables.events, attempt=1), "illegal"),
        (lambda asked, tables: tables.events[1].update(status="solving"), "illegal"),
        (lambda asked, tables: asked.append(told("read", 20, status="solving")), "illegal"),
        (lambda asked, tables: asked.append(told("cancel", 5, status="cancelled")), "revived"),
        (lambda asked, tables: tables.events[2].update(status="cancelled", kind="end"), "revived"),
    ],
)
def test_every_broken_promise_is_found(wrong: Any, broken: str):
    asked, tables = sound()
    wrong(asked, tables)
    assert getattr(judge(asked, tables), broken)


def test_a_call_without_an_answer_promises_nothing():
    asked, tables = sound()
    assert judge([*asked, Operation(kind="submit", called_s=3, answered_s=4, key="other")], tables).is_clean


def test_two_answers_that_overlap_may_come_in_any_order():
    """A read that began before the end was told may still say that the job is running."""
    asked, tables = sound()
    assert judge([*asked, told("read", 9.4, status="solving")], tables).is_clean
