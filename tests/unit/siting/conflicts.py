"""Studies whose wishes cannot be kept, and what is told of them."""

from __future__ import annotations

from dataclasses import replace

from optimiser.basics.limits import SolveLimits
from optimiser.siting.check import check
from optimiser.siting.problem import GridNode
from optimiser.siting.solve import solve
from tests.siting_studies import SLOW, point, site, study, wishes

LIMITS = SolveLimits(seconds=None, rounds=100)
SEARCHED = SolveLimits(seconds=None, rounds=5000)
"""Enough to look for floors that no plan at once keeps."""


def conflict_of(asked):
    result = solve(asked, LIMITS)
    assert check(replace(asked, wishes=result.wishes), result.plan) == ()
    return {conflict.rule: conflict for conflict in result.conflicts}


def beyond_all(conflicts):
    """Floors that no plan keeps even by themselves, whatever there is."""
    told = [item for item in conflicts if "can be at most, whatever money, sites and grid there are" in item.text]
    return {(item.rule, item.ids) for item in told}


def crossed_by_a_grid():
    """A site in the middle that plans at once build first, and that leaves one plug of the grid's two."""
    return study(
        [point(id_, 1, district="west") for id_ in "abcdef"],
        [site("L", grid_node="G"), site("M", grid_node="G"), site("R", grid_node="G")],
        # M serves four of the six at once; only L and R serve all.
        [{"L": 10}, {"L": 10, "M": 10}, {"L": 10, "M": 10}, {"R": 10, "M": 10}, {"R": 10, "M": 10}, {"R": 10}],
        grid=[GridNode(id="G", hosting_kw=2 * SLOW.grid_kw)],
        districts=("west",),
        wishes=wishes(None, max_new_sites=1, floor=1.0),
    )
