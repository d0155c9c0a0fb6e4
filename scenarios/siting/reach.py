"""
Who reaches which site: one look along the streets for each way of going, joined into the pairs of a study.

Streets are looked along from where a place meets them. On foot the straight way there is walked as well, at both ends;
cars and bikes are taken to stand at the street.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimiser.network.travel import AccessPairs, FarPlace, Place, TravelSource
from optimiser.siting.problem import Access, DemandPoint, Segment, Site
from scenarios.siting.walking import walked

MOST_LOOKED_FOR = 2_000
"""Demand points without a site for which the nearest one is looked for."""
FURTHEST_S = 4 * 3600
"""As far as is looked for the nearest site."""

ON_FOOT = "walk"
"""The profile of who walks to the street, too."""

TravelOf = Callable[[str], TravelSource]
"""Streets as one profile uses them."""


@dataclass(frozen=True, kw_only=True)
class Reached:
    """The pairs of a study, and what is too far from a street to have any."""

    access: Access
    wide: Access | None
    """The pairs if everybody went further; None where nobody asked."""
    far_demand: tuple[FarPlace, ...]
    far_sites: tuple[FarPlace, ...]
    labels: tuple[str, ...]
    """How times were made, by profile, in words."""


def reach(
    demand: Sequence[DemandPoint],
    sites: Sequence[Site],
    segments: Mapping[str, Segment],
    travel_of: TravelOf,
    *,
    max_snap_m: float,
    widen: float = 1.0,
) -> Reached:
    """Every way from a demand point to a site within the reach of its segment; and within `widen` times that reach."""
    ends = [_place(site) for site in sites]
    columns: list[NDArray[np.int64]] = [np.zeros((4, 0), dtype=np.int64)]
    far_demand: list[FarPlace] = []
    far_sites: dict[str, FarPlace] = {}
    labels = []
    reach_s = np.array([segments[point.segment].reach_s for point in demand], dtype=np.int64)
    widest_s = np.ceil(reach_s * widen)
    for profile in sorted({segments[point.segment].profile for point in demand}):
        rows = np.flatnonzero([segments[point.segment].profile == profile for point in demand])
        found = _from_door_to_door(
            travel_of(profile),
            profile,
            [_place(demand[row]) for row in rows.tolist()],
            ends,
            cutoff_s=float(widest_s[rows].max()),
            max_snap_m=max_snap_m,
        )
        point = rows[found.demand]
        kept = found.travel_s <= widest_s[point]
        figures = (point[kept], found.site[kept], found.travel_s[kept], found.length_m[kept])
        columns.append(np.stack([np.asarray(part, dtype=np.int64) for part in figures]))
        far_demand += found.far_demand
        far_sites |= {far.place.id: far for far in found.far_sites}
        labels.append(found.label)
    pairs = np.concatenate(columns, axis=1)
    is_near = pairs[2] <= reach_s[pairs[0]]
    return Reached(
        access=_access(pairs[:, is_near], len(demand)),
        wide=_access(pairs, len(demand)) if widen > 1 else None,
        far_demand=tuple(far_demand),
        far_sites=tuple(far_sites.values()),
        labels=tuple(labels),
    )


def _from_door_to_door(
    travel: TravelSource,
    profile: str,
    demand: Sequence[Place],
    sites: Sequence[Place],
    *,
    cutoff_s: float,
    max_snap_m: float,
) -> AccessPairs:
    """Every way within the cut-off, with the straight ways beside the streets where they are walked."""
    found = travel.access(demand, sites, cutoff_s=cutoff_s, cutoff_m=None, max_snap_m=max_snap_m)
    if profile != ON_FOOT:
        return found
    whole = walked(
        found,
        demand,
        sites,
        off_demand_m=travel.off_street_m(demand),
        off_sites_m=travel.off_street_m(sites),
        max_snap_m=max_snap_m,
    )
    return whole.within(cutoff_s=cutoff_s)


def _access(pairs: NDArray[np.int64], points: int) -> Access:
    """Pairs as rows of point, site, seconds and metres, in the order that a study has them in."""
    point, site, travel_s, length_m = pairs
    order = np.lexsort((site, point))
    return Access(
        first=np.concatenate([[0], np.cumsum(np.bincount(point, minlength=points))]).astype(np.int64),
        site=site[order].astype(np.int32),
        travel_s=travel_s[order].astype(np.int32),
        length_m=length_m[order].astype(np.int32),
    )


def nearest_s(
    demand: Sequence[DemandPoint],
    sites: Sequence[Site],
    travel: TravelSource,
    profile: str,
    *,
    beyond_s: int,
    max_snap_m: float,
) -> dict[str, int]:
    """Seconds to the nearest site for points that have none within `beyond_s`; without those that have none at all."""
    ends, left = [_place(site) for site in sites], list(demand[:MOST_LOOKED_FOR])
    nearest: dict[str, int] = {}
    cutoff_s = float(beyond_s)
    while left and ends and cutoff_s < FURTHEST_S:
        cutoff_s = min(2 * cutoff_s, FURTHEST_S)
        places = [_place(point) for point in left]
        found = _from_door_to_door(travel, profile, places, ends, cutoff_s=cutoff_s, max_snap_m=max_snap_m)
        for row, point in enumerate(left):
            first, last = found.first[row], found.first[row + 1]
            if first < last:
                nearest[point.id] = int(found.travel_s[first:last].min())
        left = [point for point in left if point.id not in nearest]
    return nearest


def _place(thing: DemandPoint | Site) -> Place:
    return Place(id=thing.id, lon=thing.lon, lat=thing.lat)
