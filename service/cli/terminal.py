"""How the command line talks: findings, progress, tables. Talk goes to stderr, data to stdout."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from types import FrameType, TracebackType

import typer
from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from optimiser.basics.errors import EvenfleetError, InvalidInput
from optimiser.basics.finding import Finding
from optimiser.basics.result import Progress

talk = Console(stderr=True, highlight=False)
data = Console(highlight=False)

COMPILING = "compiling inner loops, once: a minute or two; the search has its whole time after that"
FAILED = 1
MUST_DO_LEFT = 3
"""The plan is made and written, and leaves must-do work undone."""
MOST_ALIKE = 5
"""Warnings of one kind that are told on the terminal."""
_QUIET_S = 1.0
"""Without a terminal, progress is told at most this often."""


@contextmanager
def told_errors() -> Iterator[None]:
    """Say what was wrong and exit with 1; a traceback is for our bugs only."""
    try:
        yield
    except InvalidInput as error:
        if error.findings:
            talk.print(Text(f"{error.what}: {_count(len(error.findings), 'error')}", style="bold red"))
            tell_findings(error.findings, style="red")
            tell_warnings(error.warnings)
        else:
            talk.print(Text(str(error), style="red"))
        raise typer.Exit(FAILED) from None
    except EvenfleetError as error:
        talk.print(Text(str(error), style="red"))
        raise typer.Exit(FAILED) from None
    except OSError as error:
        talk.print(Text(f"{error.filename or ''}: {error.strerror or error}".strip(": "), style="red"))
        raise typer.Exit(FAILED) from None


def told_compiling() -> AbstractContextManager[None]:
    """Say why nothing seems to happen where a new installation compiles what has not been used yet."""
    from optimiser.basics.compiled import told_compiling

    return told_compiling(partial(tell, COMPILING))


def tell(text: str) -> None:
    """One plain remark."""
    talk.print(Text(text), soft_wrap=True)


def tell_findings(findings: Sequence[Finding], *, style: str = "yellow") -> None:
    """One line for each finding."""
    for finding in findings:
        # Text, not markup: a station may be called [red].
        talk.print(Text(f"  {finding}", style=style), soft_wrap=True)


def tell_warnings(findings: Sequence[Finding]) -> None:
    """Warnings under a heading; of many alike a few are told, all of them stand in the files."""
    if not findings:
        return
    talk.print(Text(_count(len(findings), "warning"), style="bold yellow"))
    by_code: dict[str, list[Finding]] = {}
    for finding in findings:
        by_code.setdefault(finding.code, []).append(finding)
    for alike in by_code.values():
        tell_findings(alike[:MOST_ALIKE])
        if len(alike) > MOST_ALIKE:
            talk.print(Text(f"  … and {len(alike) - MOST_ALIKE} more like this", style="yellow"))


class ProgressView:
    """Objective, bound and gap while a search runs: one live line on a terminal, now and then a plain one else."""

    def __init__(self, *, unit: str, limit_s: float | None, what: str = "cost", beyond: str = "no plan below") -> None:
        self._what, self._unit, self._beyond, self._limit_s = what, unit, beyond, limit_s
        self._told_s = float("-inf")
        self._latest: Progress | None = None
        self._latest_at_s = 0.0
        self._live: Live | None = None
        if talk.is_terminal:
            # Asks for the table at once, so it comes last.
            self._live = Live(get_renderable=self._table, console=talk, transient=True, refresh_per_second=4)

    def __enter__(self) -> ProgressView:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()
        elif self._latest is not None and self._latest.elapsed_s > self._told_s:
            talk.print(Text(self._line(self._latest)))

    def __call__(self, moment: Progress) -> None:
        """Show one moment of the search."""
        self._latest, self._latest_at_s = moment, time.monotonic()
        if self._live is None and moment.elapsed_s - self._told_s >= _QUIET_S:
            talk.print(Text(self._line(moment)))
            self._told_s = moment.elapsed_s

    def _line(self, moment: Progress) -> str:
        return (
            f"{moment.elapsed_s:6.1f} s  {self._what} {moment.objective:,.0f} {self._unit}  "
            f"bound {moment.best_bound:,.0f}  gap {moment.gap:.1%}"
        )

    def _table(self) -> Table | str:
        moment = self._latest
        if moment is None:
            return "preparing"
        elapsed_s = moment.elapsed_s + time.monotonic() - self._latest_at_s
        limit = f" of {self._limit_s:g}" if self._limit_s else ""
        table = Table(box=None, pad_edge=False)
        for heading in (f"seconds{limit}", f"{self._what} ({self._unit})", self._beyond, "gap"):
            table.add_column(heading, justify="right")
        table.add_row(
            f"{elapsed_s:.1f}",
            f"{moment.objective:,.0f}",
            f"{moment.best_bound:,.0f}",
            f"{moment.gap:.1%}",
        )
        return table


@contextmanager
def stop_on_interrupt() -> Iterator[Callable[[], bool]]:
    """
    Ctrl-C or SIGTERM ends the search and keeps the best plan; Ctrl-C after that ends the programme.

    SIGTERM after that does not: who ends a group of processes, such as `timeout`, sends it twice.
    """
    asked = threading.Event()

    def ask(number: int, _frame: FrameType | None) -> None:
        if asked.is_set():
            if number == signal.SIGTERM:
                return
            raise KeyboardInterrupt
        asked.set()
        talk.print("Stopping; the best plan so far is kept. Ctrl-C again to give up.")

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield asked.is_set
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"
