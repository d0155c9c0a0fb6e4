"""Real cities as benchmarks: each is planned once, along the road of `evenfleet plan`."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from optimiser.basics.limits import SolveLimits
from optimiser.demand import warm_up as demand
from optimiser.network import streets
from optimiser.rebalancing import warm_up as rebalancing
from scenarios.benchmarks.cases import find_cases
from scenarios.folder import CITY_FILE
from scenarios.loader import LoadedCity, find_folder, list_cities, load_city
from service.benchmarks.memory import forget_peak, peak_memory_mb
from service.benchmarks.run import Judged, Task
from service.planner import PlannedNight

Plan = Callable[[LoadedCity, SolveLimits], PlannedNight]


def city_tasks(names: Sequence[str], *, seconds: float, seed: int, plan: Plan) -> tuple[Task, ...]:
    """
    A task for each city: a bundled name, a city folder, a folder of city folders, or a list beside them.

    What plans them is compiled, or loaded, before any begins.

    Raises
    ------
    InvalidInput
        Names and folders that are no city.
    """
    limits = SolveLimits(seconds=seconds, seed=seed)
    cities: list[str] = []
    for name in names:
        if name in list_cities() or not Path(name).exists():
            find_folder(name)
            cities.append(name)
        else:
            cases = find_cases([Path(name)], is_instance=lambda path: (path / CITY_FILE).is_file())
            cities += [str(find_folder(case.path)) for case in cases]
    for compiling in (streets, demand, rebalancing):
        compiling.warm_up()
    return tuple(Task(name=city, solve=partial(_plan, city, limits, plan)) for city in dict.fromkeys(cities))


def _plan(name: str, limits: SolveLimits, plan: Plan) -> Judged:
    from optimiser.rebalancing.check import check
    from optimiser.reporting.key_figures import key_figures

    forget_peak()
    start = time.perf_counter()
    night = plan(load_city(name), limits).night
    seconds = time.perf_counter() - start
    memory_mb = peak_memory_mb()
    result, figures = night.result, key_figures(night)
    return Judged(
        faults=tuple(f"{fault.rule}: {fault.text}" for fault in check(night.problem, result.plan)),
        entry={
            "city": night.city.id,
            "stations": len(night.city.stations),
            "vans": len(night.city.vans),
            "objective": result.objective,
            "best_bound": result.best_bound,
            "gap": result.gap,
            "lost_trips_before": figures.before.expected_lost_trips,
            "lost_trips_after": figures.after.expected_lost_trips,
            "seconds": seconds,
            "peak_memory_mb": memory_mb,
            "stop_reason": str(result.stop_reason),
            "engine": result.engine,
            "input_hash": result.input_hash,
        },
    )
