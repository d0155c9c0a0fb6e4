"""Tiny siting studies whose arithmetic fits in a comment, and seeded random ones."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from optimiser.siting.problem import (
    Access,
    ChargerKind,
    DemandPoint,
    District,
    GridNode,
    Phase,
    Segment,
    Site,
    SitingProblem,
    Wishes,
)

PEOPLE = Segment(id="people", name="People", kinds=frozenset({"slow"}), reach_s=100)
DRIVERS = Segment(
    id="drivers",
    name="Drivers",
    kinds=frozenset({"slow", "fast"}),
    reach_s=100,
    sessions_per_day=1.0,
    kwh_per_session=10.0,
    peak_share=0.1,
)
SLOW = ChargerKind(id="slow", name="Slow", power_kw=10.0, plug_cost=10.0, session_minutes=60.0, max_plugs=4)
FAST = ChargerKind(id="fast", name="Fast", power_kw=50.0, plug_cost=40.0, session_minutes=15.0, max_plugs=2)


def point(id_: str, weight: float, *, segment: str = "people", district: str | None = None) -> DemandPoint:
    """Where it is does not matter: pairs tell how far sites are."""
    return DemandPoint(id=id_, lon=0.0, lat=0.0, weight=weight, segment=segment, district=district)


def site(id_: str, *, cost: float = 100.0, lon: float = 0.0, **given: object) -> Site:
    """A candidate for either kind; a hundredth of a degree is about 1.1 km."""
    made = Site(id=id_, name=id_, lon=lon, lat=0.0, kinds=frozenset({"slow", "fast"}), open_cost=cost, max_plugs=4)
    return replace(made, **given)  # type: ignore[arg-type]


def study(
    demand: Sequence[DemandPoint],
    sites: Sequence[Site],
    travel_s: Sequence[Mapping[str, int]],
    *,
    wishes: Wishes,
    segments: Sequence[Segment] = (PEOPLE, DRIVERS),
    kinds: Sequence[ChargerKind] = (SLOW, FAST),
    grid: Sequence[GridNode] = (),
    districts: Sequence[str] = (),
) -> SitingProblem:
    """A study; for each demand point the seconds to each site in its reach."""
    row = {item.id: number for number, item in enumerate(sites)}
    pairs = [sorted((row[id_], seconds) for id_, seconds in ways.items()) for ways in travel_s]
    seconds = np.array([seconds for ways in pairs for _, seconds in ways], dtype=np.int32)
    return SitingProblem(
        segments=tuple(segments),
        demand=tuple(demand),
        kinds=tuple(kinds),
        sites=tuple(sites),
        access=Access(
            first=np.cumsum([0, *map(len, pairs)]),
            site=np.array([number for ways in pairs for number, _ in ways], dtype=np.int32),
            travel_s=seconds,
            length_m=seconds * 10,
        ),
        wishes=wishes,
        grid=tuple(grid),
        districts=tuple(District(id=id_, name=id_) for id_ in districts),
    )


def wishes(*budgets: float | None, **given: object) -> Wishes:
    """A phase for each budget."""
    phases = tuple(Phase(name=f"phase {number}", budget=budget) for number, budget in enumerate(budgets, start=1))
    return replace(Wishes(phases=phases), **given)  # type: ignore[arg-type]


def one_now_or_another_later() -> SitingProblem:
    """Money for one site at once, or for another one later."""
    # 110 buy C at once, which brings 5 twice; or nothing, and 120 buy D later, which brings 9. Each phase by itself
    # could have 5 and 9.
    return study(
        [point("c", 5), point("d", 9)],
        [site("C", cost=100.0), site("D", cost=110.0)],
        [{"C": 10}, {"D": 10}],
        wishes=wishes(110.0, 10.0),
    )


def random_study(seed: int, *, points: int = 6, sites: int = 4, phases: int = 1, floor: float = 0.0) -> SitingProblem:
    """A seeded study of any shape that the rules allow: both segments, decay, grid nodes, spacing, existing plugs."""
    rng = random.Random(seed)
    segments = (
        replace(PEOPLE, full_s=50, least=0.4),
        replace(DRIVERS, sessions_per_day=rng.choice([0.5, 2.0]), full_s=rng.choice([None, 30]), least=0.5),
    )
    grid = [
        GridNode(id=f"G{number}", hosting_kw=rng.choice([20.0, 60.0]), upgrade_kw=50.0, upgrade_cost=30.0)
        for number in range(2)
    ]
    made = [
        site(
            f"S{number}",
            cost=rng.choice([20.0, 50.0, 100.0]),
            lon=0.001 * rng.randint(0, 10),
            grid_node=rng.choice([None, "G0", "G1"]),
            plugs=rng.choice([{}, {}, {"slow": 1}]),
            max_kw=rng.choice([None, 60.0]),
            max_plugs=rng.choice([1, 3]),
        )
        for number in range(sites)
    ]
    return study(
        [
            point(f"P{number}", rng.randint(1, 9), segment=rng.choice(["people", "drivers"]), district=rng.choice("AB"))
            for number in range(points)
        ],
        made,
        [{item.id: rng.randint(0, 130) for item in made if rng.random() < 0.6} for _ in range(points)],
        segments=segments,
        grid=grid,
        districts=("A", "B"),
        wishes=wishes(
            *(rng.choice([60.0, 120.0, 200.0]) for _ in range(phases)),
            spacing_m=rng.choice([0.0, 200.0]),
            max_new_sites=rng.choice([None, 2]),
            floor=floor,
        ),
    )
