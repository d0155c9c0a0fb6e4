"""Demand points that no plan can tell apart are one: same segment, same district, same sites equally near."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimiser.siting.problem import SitingProblem

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Groups:
    """Merged demand and its arcs: pairs of a group and a site within its reach."""

    group: Ints
    """Group of every demand point, -1 where no site is within its reach; shape (points,)."""
    example: Ints
    """A point of each group; whatever is told of it holds for all but the weight."""
    arc_group: Ints
    arc_site: Ints
    arc_worth: Floats
    arc_place: Ints
    """Which of its group's arcs each is, from 0."""
    near_pair: Ints
    """Access pairs within reach, point after point; those of a point as the arcs of its group."""
    near_first: Ints
    """Where those of each point begin, shape (points + 1,)."""

    def totals(self, weight: Floats) -> Floats:
        """Weights of points summed up by group."""
        inside = self.group >= 0
        total: Floats = np.zeros(len(self.example))
        np.add.at(total, self.group[inside], weight[inside])
        return total


def groups_of(problem: SitingProblem) -> Groups:
    """Merge the demand; pairs beyond their segment's reach are left out."""
    reach_s = np.array([problem.segment_by_id[point.segment].reach_s for point in problem.demand], dtype=np.int64)
    is_near = problem.access.travel_s <= reach_s[problem.point]
    near_pair = np.flatnonzero(is_near)
    near_first = np.searchsorted(problem.point[near_pair], np.arange(len(problem.demand) + 1))
    known: dict[tuple[object, ...], int] = {}
    group = np.full(len(problem.demand), -1)
    example: list[int] = []
    for row, point in enumerate(problem.demand):
        near = near_pair[near_first[row] : near_first[row + 1]]
        if len(near):
            sites, worth = problem.access.site[near].tobytes(), problem.worth[near].tobytes()
            group[row] = known.setdefault((point.segment, point.district, sites, worth), len(known))
            if group[row] == len(example):
                example.append(row)
    of_example = np.array(example, dtype=np.int64)
    count = np.diff(near_first)[of_example]
    place = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    pair = near_pair[np.repeat(near_first[of_example], count) + place]
    return Groups(
        group=group,
        example=of_example,
        arc_group=np.repeat(np.arange(len(example)), count),
        arc_site=problem.access.site[pair].astype(np.int64),
        arc_worth=problem.worth[pair],
        arc_place=place,
        near_pair=near_pair,
        near_first=near_first,
    )
