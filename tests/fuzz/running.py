"""Runs cases: a valid folder, one file of it broken, one parser, one verdict; the same number gives the same case."""

from __future__ import annotations

import contextlib
import resource
import shutil
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from tests.fuzz.breaking import broken
from tests.fuzz.judge import faults, faults_of_error
from tests.fuzz.targets import Target

MOST_CPU_S = 5.0
MOST_WALL_S = 60
"""A machine that is shared may be slow; processor time is what counts."""
MOST_MB = 300
"""By which the process may grow over one case."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What a parser did that it must not do."""

    target: str
    number: int
    file: str
    text: str

    def __str__(self) -> str:
        return f"{self.target} case {self.number}, {self.file}: {self.text}"


class Hung(BaseException):
    """No answer in time; no error that a parser would catch."""


class Bench:
    """One target in a folder of its own, into which case after case is put."""

    def __init__(self, target: Target, folder: Path, *, seed: int) -> None:
        self.target, self.folder, self.seed = target, folder, seed
        self.files = dict(target.make())
        self.names = sorted(name for name in self.files if target.broken(name))

    def case(self, number: int) -> tuple[str, bytes]:
        """Name and content of the file that is broken in a case."""
        rng = Random(f"{self.seed}/{self.target.name}/{number}")
        name = rng.choice(self.names)
        return name, broken(name, self.files[name], rng)

    def lay_out(self, name: str, content: bytes) -> Path:
        """A fresh folder with this file in the place of the good one."""
        city = self.folder / "case"
        shutil.rmtree(city, ignore_errors=True)
        for path, good in {**self.files, name: content}.items():
            (city / path).parent.mkdir(parents=True, exist_ok=True)
            (city / path).write_bytes(good)
        return city

    def run(self, number: int) -> list[Fault]:
        """Everything that is wrong with how the case was taken."""
        name, content = self.case(number)
        city = self.lay_out(name, content)
        before_s, before_mb = time.process_time(), peak_mb()
        with _no_longer_than(MOST_WALL_S):
            try:
                answer = self.target.read(city)
                found = list(faults(answer, name, content))
            except Hung:
                found = [f"no answer in {MOST_WALL_S} s"]
            except Exception as error:
                found = list(faults_of_error(error))
        took_s, grew_mb = time.process_time() - before_s, peak_mb() - before_mb
        if number >= 0 and took_s > MOST_CPU_S:
            found.append(f"took {took_s:.1f} s of processor time")
        if number >= 0 and grew_mb > MOST_MB:
            found.append(f"took {grew_mb:.0f} MB")
        return [Fault(target=self.target.name, number=number, file=name, text=text) for text in found]

    def warm(self) -> None:
        """The good folder once, which imports and compiles what is needed, and must be taken."""
        name = self.names[0]
        self.target.read(self.lay_out(name, self.files[name]))


def peak_mb() -> float:
    """The most memory that this process had so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@contextlib.contextmanager
def _no_longer_than(seconds: int) -> Iterator[None]:
    def ring(*_: Any) -> None:
        raise Hung

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
