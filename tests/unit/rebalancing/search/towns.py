"""Random towns with routes, for what the compiled search believes to be held against what comes out."""

from __future__ import annotations

from optimiser.basics.chance import chance_of
from optimiser.rebalancing.problem import Problem
from optimiser.rebalancing.search.anneal import begin
from optimiser.rebalancing.search.desk import desk_of
from optimiser.rebalancing.search.settle import settle
from optimiser.rebalancing.search.town import State, Town, empty_state
from optimiser.rebalancing.search.translate import town_of
from service.benchmarks.brp import night_of
from tests.builders import random_problem
from tests.unit.scenarios.benchmarks.instances import random_brp


def free_town(seed: int, *, stations: int = 12, vans: int = 3, shift_s: int = 5 * 3600) -> tuple[Problem, Town, State]:
    """A night whose quantities are free, with the routes that the search begins with."""
    night = random_problem(seed, stations=stations, vans=vans, shift_s=shift_s)
    return begun(night, seed)


def fixed_town(seed: int) -> tuple[Problem, Town, State]:
    """A benchmark whose quantities are fixed."""
    return begun(night_of(random_brp(seed)), seed)


def begun(night: Problem, seed: int) -> tuple[Problem, Town, State]:
    """A night as a town, with the first routes."""
    town = town_of(night)
    state = empty_state(town, longest=len(town.station) + 1)
    begin(town, state, chance_of(seed), desk_of(town), 1e9)
    return night, town, state


def settle_all(town: Town, state: State) -> None:
    """Make every route what its tour says."""
    for van in range(len(town.slots)):
        settle(town, state, van)


def earned(town: Town, state: State, van: int) -> float:
    """What a route saves, less what it costs."""
    return float(state.best[van] - state.price[van] - town.second[van] * state.paid_s[van])


def losses(town: Town, state: State) -> float:
    """Price of the trips lost everywhere."""
    return float(state.lost.sum())
