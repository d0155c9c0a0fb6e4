"""How the time to a plan of the same quality grows with the city."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

from optimiser.basics.limits import SolveLimits
from optimiser.rebalancing.check import check
from optimiser.rebalancing.solve import solve
from optimiser.rebalancing.warm_up import warm_up
from tests.bench.rebalancing import generated

SIZES = (250, 500, 1000, 2000, 4000)
STATIONS_A_VAN = 2000 / 30
LONG_S = 0.03
"""Seconds a station of the long search."""
SHARES = (1 / 32, 1 / 16, 1 / 8, 1 / 4, 1 / 2)
"""Of the long search's seconds, for shorter ones."""
SEEDS = (1, 2, 3)
"""Of the shorter searches; the long one has the first."""
QUALITY = 0.02
"""Above the best plan of all."""


class Size(NamedTuple):
    """One city."""

    stations: int
    vans: int
    long_s: float
    best: float
    bound: float
    over: tuple[float, ...]
    """Medians of the shorter searches and the long one, above the best plan of all."""
    to_quality_s: float
    violations: int


def measure() -> str:
    """A table in Markdown."""
    warm_up()
    sizes = [_measured(stations) for stations in SIZES]
    slope = _slope([math.log(size.stations) for size in sizes], [math.log(size.to_quality_s) for size in sizes])
    told = (
        f"Generated over Göteborg, a van of 25 slots and seven hours for every {STATIONS_A_VAN:.0f} stations. The "
        f"longest search has {LONG_S:g} s a station; the columns in the middle tell how far above the best plan of all "
        f"searches of a share of that time end (medians of {len(SEEDS)} seeds, but one of the longest), and *seconds "
        f"to {QUALITY:.0%}* when a search is so long that it ends no more than {QUALITY:.0%} above it (between two "
        f"shares along a line in log time). They grow as the number of stations to the power of **{slope:.2f}** (least "
        f"squares in log-log)."
    )
    shares = "".join(f" 1/{1 / share:.0f} |" for share in SHARES)
    head = (
        f"| stations | vans | longest search, s | best cost | bound |{shares} 1 "
        f"| seconds to {QUALITY:.0%} | violations |"
    )
    rows = [
        f"| {size.stations:,} | {size.vans} | {size.long_s:.0f} | {size.best:,.0f} | {size.bound:,.0f} |"
        + "".join(f" {over:+.1%} |" for over in size.over)
        + f" {size.to_quality_s:.1f} | {size.violations} |"
        for size in sizes
    ]
    return "\n".join([told, "", head, "|---|" + "---:|" * (7 + len(SHARES)), *rows])


def _measured(stations: int) -> Size:
    vans = round(stations / STATIONS_A_VAN)
    problem = generated(stations=stations, vans=vans)
    long_s = LONG_S * stations
    budgets = [*(share * long_s for share in SHARES), long_s]
    seeds = [*(SEEDS for _ in SHARES), SEEDS[:1]]
    results = [
        [solve(problem, SolveLimits(seconds=seconds, seed=seed)) for seed in own]
        for seconds, own in zip(budgets, seeds, strict=True)
    ]
    best = min(result.objective for some in results for result in some)
    over = tuple(median(result.objective for result in some) / best - 1 for some in results)
    return Size(
        stations=stations,
        vans=vans,
        long_s=long_s,
        best=best,
        bound=results[-1][0].best_bound,
        over=over,
        to_quality_s=_reaches(budgets, over),
        violations=sum(len(check(problem, result.plan)) + len(result.refused) for some in results for result in some),
    )


def _reaches(seconds: Sequence[float], over: Sequence[float]) -> float:
    """When a search is long enough, from how far above they end."""
    for number, value in enumerate(over):
        if value <= QUALITY:
            if number == 0:
                return seconds[0]
            share = (over[number - 1] - QUALITY) / (over[number - 1] - value)
            return float(seconds[number - 1] * (seconds[number] / seconds[number - 1]) ** share)
    return seconds[-1]


def _slope(across: list[float], up: list[float]) -> float:
    """Of the line through points that leaves the least squares."""
    middle, height = sum(across) / len(across), sum(up) / len(up)
    spread = sum((one - middle) ** 2 for one in across)
    return sum((one - middle) * (other - height) for one, other in zip(across, up, strict=True)) / spread
