"""
The long form of the bound of small nights: `make chaos`, or `python -m tests.chaos.bounds --nights 300 --seed 7`.

Random nights of three kinds, and no plan that a search, chance, or all short plans come to may be below the bound.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

from optimiser.basics.limits import SolveLimits
from optimiser.relocation.charging import DrivenTooFar, charge_smartly
from optimiser.relocation.check import check
from optimiser.relocation.cost import cost
from optimiser.relocation.plan import NOTHING, Plan
from optimiser.relocation.problem import Problem
from optimiser.relocation.rounds import bound_by_rounds
from optimiser.relocation.search.run import search
from tests.unit.relocation.builders import random_night
from tests.unit.relocation.routes import least_cost, random_plan, short_plans
from tests.unit.relocation.whole_nights import whole_night

KINDS = ("odd", "whole", "short")
DRAWN, ROUNDS = 12, 4
TOLD_ALL = 1.0
"""In money above doing nothing: the bound is asked for with no good plan at hand, so that it has to stand by itself."""


class Examined(NamedTuple):
    """A night, what is known of it and what was proven."""

    nothing: float
    best: float
    """The cheapest of all that was found."""
    bound: float
    """With nothing but doing nothing at hand."""
    tight: float
    """With the best at hand."""

    @property
    def is_sound(self) -> bool:
        """Whether no plan is below the bound; `tight` says nothing of that, as it is never above the best at hand."""
        return self.bound <= self.best + 1e-9


def night_of(kind: str, seed: int) -> Problem:
    """A small night of a kind."""
    if kind == "odd":
        return random_night(seed)
    if kind == "short":
        return random_night(seed, most_stations=3, most_cars=2, most_drivers=1)
    return whole_night(seed, stations=4, cars=4)


def examine(kind: str, seed: int, *, left_s: Callable[[], float]) -> Examined:
    """Look for plans of a night in all ways, and bound it twice."""
    problem = night_of(kind, seed)
    nothing = cost(problem, charge_smartly(problem, NOTHING)).total
    found = [nothing, *(_searched(problem, seed))]
    plans = [random_plan(problem, 100 * seed + draw) for draw in range(DRAWN)]
    if kind == "short":
        plans += short_plans(problem)
    found += [price for price in (least_cost(problem, plan) for plan in plans) if price is not None]
    best = min(found)
    return Examined(
        nothing=nothing,
        best=best,
        bound=bound_by_rounds(problem, objective=nothing + TOLD_ALL, left_s=left_s),
        tight=bound_by_rounds(problem, objective=best, left_s=left_s),
    )


def _searched(problem: Problem, seed: int) -> Iterator[float]:
    plans: list[Plan] = []
    limits = SolveLimits(seconds=None, rounds=ROUNDS, seed=seed)
    search(problem, limits, start=NOTHING, elapsed_s=lambda: 0.0, offer=plans.append, is_over=lambda: False)
    for plan in plans:
        try:
            charged = charge_smartly(problem, plan)
        except DrivenTooFar:
            continue
        if not check(problem, charged):
            yield cost(problem, charged).total


def main(arguments: list[str]) -> int:
    """Examine nights; exit 1 when a plan was below a bound."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.bounds", description=__doc__)
    parser.add_argument("--nights", type=int, default=300)
    parser.add_argument("--seed", type=int, default=random.randrange(10_000))
    parser.add_argument("--seconds", type=float, default=3.0, help="of the processor for the two bounds of a night")
    chosen = parser.parse_args(arguments)
    bad = proven = 0
    for number in range(chosen.nights):
        kind, seed = KINDS[number % len(KINDS)], chosen.seed + number // len(KINDS)
        begun_s: list[float] = []

        def left_s(begun_s: list[float] = begun_s) -> float:
            now_s = time.process_time()
            begun_s.append(now_s)
            return float(chosen.seconds) - (now_s - begun_s[0])

        night = examine(kind, seed, left_s=left_s)
        proven += night.tight >= night.best * (1 - 1e-6) - 1e-5
        if not night.is_sound:
            bad += 1
            print(f"BROKEN {kind} {seed}: {night}", flush=True)
        if (number + 1) % 30 == 0:
            print(f"{number + 1} nights, {proven} proven, {bad} broken", flush=True)
    print(f"seed {chosen.seed}: {chosen.nights} nights, {proven} proven best, {bad} with a plan below the bound")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
