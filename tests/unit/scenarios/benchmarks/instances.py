"""Tiny benchmark instances, made in the test or written as the public files are."""

from __future__ import annotations

import math
from itertools import permutations, product
from pathlib import Path

import numpy as np

from scenarios.benchmarks.brp import BrpInstance
from scenarios.benchmarks.judge_brp import judge_brp, price_brp
from scenarios.benchmarks.nyc import DEPOT, NycInstance, NycRoute, NycStop
from tests.feed_folders import SHARED

PUBLIC = SHARED.parent / "benchmarks"
"""Public instances, beside the product and no part of it."""

SQUARE = """4
0 5 -5 3
6
1e+009 10 20 30
11 1e+009 12 13
21 22 1e+009 23
31 32 33 1e+009
"""
"""Depot and three stations, Q = 6; costs that tell where they are from."""

LON, LAT = DEPOT
STEP_MILES = 3960 * math.radians(0.01)
"""A hundredth of a degree along a meridian, 0.69 miles."""

NYC_HEADER = "id,Latitude,Longitude,Target,Class1,Class2,Class3,Class2,Class3,available,total"


def square() -> BrpInstance:
    """The same as `SQUARE`."""
    cost = [[0, 10, 20, 30], [11, 0, 12, 13], [21, 22, 0, 23], [31, 32, 33, 0]]
    return BrpInstance(name="square", capacity=6, demand=np.array([0, 5, -5, 3]), cost=np.array(cost))


def meridian(
    *, target: tuple[int, int] = (10, -10), available: tuple[int, int] = (12, 3), docks: tuple[int, int] = (20, 20)
) -> NycInstance:
    """Two stations due north of the depot, one step and two steps away."""
    return NycInstance(
        name="meridian",
        ids=("A", "B"),
        target=np.array(target),
        unit=np.ones(2),
        available=np.array(available),
        docks=np.array(docks),
        latitude=np.array([LAT + 0.01, LAT + 0.02]),
        longitude=np.array([LON, LON]),
        depots=(DEPOT,),
        vans=2,
    )


def route(*stops: tuple[str, int]) -> NycRoute:
    """A van's stops: station and bikes taken."""
    return NycRoute(depot=DEPOT, stops=tuple(NycStop(id=id_, moved=moved) for id_, moved in stops))


def write_square(folder: Path, name: str = "square.txt", text: str = SQUARE) -> Path:
    path = folder / name
    path.write_text(text)
    return path


def write_meridian(folder: Path, name: str = "meridian.csv") -> Path:
    """Station A in two rows, as a station of two clusters is written."""
    path = folder / name
    rows = [
        f"A,{LAT + 0.01!r},{LON!r},4,23,0,0,23,23,12,20",
        f"A,{LAT + 0.01!r},{LON!r},6,23,0,0,23,25,12,20",
        f"B,{LAT + 0.02!r},{LON!r},-10,23,23,23,23,23,3,20",
    ]
    path.write_text("\n".join([NYC_HEADER, *rows, "", ""]))
    return path


def random_brp(seed: int, *, stations: int = 4, capacity: int = 5) -> BrpInstance:
    """Demands up to the capacity, costs that need not be symmetric nor keep to any triangle."""
    random = np.random.default_rng(seed)
    n = stations + 1
    demand = random.integers(-capacity, capacity, n, endpoint=True)
    demand[0] = 0
    cost = random.integers(0, 50, (n, n))
    np.fill_diagonal(cost, 0)
    return BrpInstance(name=f"random-{seed}", capacity=capacity, demand=demand, cost=cost)


def best_brp_cost(instance: BrpInstance) -> int:
    """The optimum, by trying every order of the stations and every way to cut it into routes."""
    best = None
    for order in permutations(range(1, instance.n)):
        for cuts in product((False, True), repeat=instance.n - 2):
            routes = [[order[0]]]
            for vertex, is_new in zip(order[1:], cuts, strict=True):
                if is_new:
                    routes.append([])
                routes[-1].append(vertex)
            if not judge_brp(instance, routes):
                cost = price_brp(instance, routes)
                best = cost if best is None else min(best, cost)
    assert best is not None, "one route for each station is always an answer"
    return best
