"""Works through benchmark instances one by one; the result file is whole after each."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from optimiser.basics.errors import EvenfleetError

LeftS = Callable[[float], float]
"""Seconds that are left to solve an instance when so many are kept for the rest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """An answer as the result file has it, and every rule it breaks."""

    entry: dict[str, Any]
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One instance: read, waiting to be solved and judged."""

    name: str
    solve: Callable[[], Judged]
    best_known: float | None = None


@dataclass(slots=True, kw_only=True)
class Results:
    """What is done so far."""

    entries: list[dict[str, Any]] = field(default_factory=list)
    best_known: list[float | None] = field(default_factory=list)
    """Of each entry."""
    failed: int = 0
    is_stopped: bool = False

    def as_json(self) -> bytes:
        """The result file."""
        document = {"version": version("evenfleet"), "results": self.entries}
        return (json.dumps(document, allow_nan=False, indent=1) + "\n").encode()


def run_tasks(
    tasks: Sequence[Task],
    *,
    output: Path,
    should_stop: Callable[[], bool],
    on_start: Callable[[int, Task], None],
    on_done: Callable[[Task, dict[str, Any]], None],
    on_failure: Callable[[Task, Sequence[str]], None],
) -> Results:
    """
    Solve, judge and write each; an answer that breaks a rule is told and not written, and the next one begins.

    `KeyboardInterrupt`, or `should_stop` between two instances, ends the run and keeps what is written.
    """
    results = Results()
    _write(results, output)  # Says at once, and not after an hour, when it cannot be written.
    for number, task in enumerate(tasks, start=1):
        on_start(number, task)
        try:
            judged = task.solve()
        except KeyboardInterrupt:
            results.is_stopped = True
            break
        except EvenfleetError as error:
            results.failed += 1
            on_failure(task, str(error).splitlines())
            continue
        if judged.faults:
            results.failed += 1
            on_failure(task, judged.faults)
        else:
            results.entries.append(judged.entry)
            results.best_known.append(task.best_known)
            _write(results, output)
            on_done(task, judged.entry)
        if should_stop():
            results.is_stopped = True
            break
    return results


def _write(results: Results, output: Path) -> None:
    output.parent.mkdir(parents=True, exist_ok=True)
    part = output.with_name(f".{output.name}.part")
    part.write_bytes(results.as_json())
    part.replace(output)
