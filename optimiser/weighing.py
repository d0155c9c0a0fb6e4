"""
Weighs a siting study by the nights that follow: each is planned as it is, and again with the study's charging docks.

Pure. A bike that is low on charge and stands at a charging dock needs no van: neither a battery nor a lift. Both plans
of a night have the same stations, demand, vans, prices, seed and limits, so what differs is the docks' doing, or the
search's, of which the bounds tell.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from optimiser.basics.city import Snapshot, Station
from optimiser.demand.city_demand import CityDemand
from optimiser.network.geodesy import great_circle_m
from optimiser.reporting.night import Night
from optimiser.reporting.siting_nights import WeighedNight, night_work
from optimiser.siting.plan import SitingPlan
from optimiser.siting.plugs import standing
from optimiser.siting.problem import SitingProblem


@dataclass(frozen=True, slots=True, kw_only=True)
class Docks:
    """Docks that charge bikes, by station."""

    there: Mapping[str, int]
    """Before the study."""
    new: Mapping[str, int]
    elsewhere: int
    """New ones where no station is."""
    cost: float = 0.0
    """Of the new ones at stations, with the opening of sites that have nothing else."""

    @property
    def together(self) -> Counter[str]:
        """Those there and the new ones."""
        return Counter(self.there) + Counter(self.new)


@dataclass(frozen=True, kw_only=True)
class Evening:
    """What is known when a night is planned."""

    snapshot: Snapshot
    demand: CityDemand | None


PlanEvening = Callable[[Evening], Night]


def docks_at_stations(
    problem: SitingProblem, plan: SitingPlan, stations: Sequence[Station], *, within_m: float
) -> Docks:
    """
    What a plan puts up for bikes in the end, at the nearest station that is no further than `within_m`.

    Free-floating zones have no docks and take none.
    """
    docked = [station for station in stations if not station.is_zone]
    lon, lat = np.array([station.lon for station in docked]), np.array([station.lat for station in docked])
    kinds = {kind.id for kind in problem.kinds if kind.is_for_bikes}
    stand = standing(problem, plan)[-1]
    there, new, elsewhere, cost = Counter[str](), Counter[str](), 0, 0.0
    opened = {site_id for (site_id, kind_id), built in stand.new.items() if built and kind_id not in kinds}
    for (site_id, kind_id), plugs in stand.plugs.items():
        if kind_id not in kinds:
            continue
        site, built = problem.sites[problem.site_index[site_id]], stand.new[site_id, kind_id]
        away = great_circle_m(lon, lat, site.lon, site.lat)
        if docked and away.min() <= within_m:
            station = docked[int(away.argmin())].id
            there[station] += plugs - built
            new[station] += built
            cost += built * problem.kind_by_id[kind_id].plug_cost
            if built and site_id not in opened:
                cost += site.open_cost
                opened.add(site_id)  # Paid once, also for two kinds of docks.
        else:
            elsewhere += built
    return Docks(there=+there, new=+new, elsewhere=elsewhere, cost=cost)


def charged(snapshot: Snapshot, docks: Mapping[str, int]) -> Snapshot:
    """The evening when bikes low on charge stand at charging docks first: these are charged by opening, and ready."""
    return replace(
        snapshot,
        stations=tuple(
            replace(status, low_charge=max(0, status.low_charge - docks.get(status.station_id, 0)))
            for status in snapshot.stations
        ),
    )


def with_low_charge(snapshot: Snapshot, share: float, *, seed: int, ebike_share: float = 1.0) -> Snapshot:
    """The evening when e-bikes are low on charge by chance; bikes are e-bikes by chance where that is not known."""
    drawn = random.Random(f"{seed} {snapshot.as_of.isoformat()}")  # noqa: S311 - no secret
    return replace(
        snapshot,
        stations=tuple(
            replace(
                status,
                low_charge=sum(
                    drawn.random() < (share * ebike_share if status.ebikes is None else share)
                    for _ in range(status.bikes if status.ebikes is None else min(status.ebikes, status.bikes))
                ),
            )
            for status in snapshot.stations
        ),
    )


def low_charge(snapshot: Snapshot) -> int:
    """Bikes too low on charge to be rented."""
    return sum(status.low_charge for status in snapshot.stations)


def weigh_night(evening: Evening, docks: Docks, plan: PlanEvening) -> WeighedNight:
    """Plan the night without the study's docks, and with them; once where that is the same night."""
    before, after = charged(evening.snapshot, docks.there), charged(evening.snapshot, docks.together)
    without = night_work(plan(replace(evening, snapshot=before)))
    is_same = after == before
    return WeighedNight(
        as_of=evening.snapshot.as_of,
        low_charge=low_charge(before),
        charged=low_charge(before) - low_charge(after),
        without=without,
        with_docks=without if is_same else night_work(plan(replace(evening, snapshot=after))),
    )
