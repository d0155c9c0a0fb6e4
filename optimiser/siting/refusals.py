"""Why a site that is asked for cannot be had, and what would have to be otherwise."""

from __future__ import annotations

import math
from typing import NamedTuple

from optimiser.siting.check import distance_m
from optimiser.siting.forced import Asking, Together
from optimiser.siting.plan import SitingPlan
from optimiser.siting.plugs import held_kw, standing
from optimiser.siting.problem import Site, SitingProblem
from optimiser.siting.result import Instead

DIGITS = 6
"""Of kW, behind the point: beyond is noise."""


class Refusal(NamedTuple):
    """Why a site cannot be had, in words, and the limits with which it could."""

    text: str
    instead: Instead = Instead()


def why_not(problem: SitingProblem, asking: Asking, had: Together, site: Site) -> Refusal:
    """Why a site that is asked for cannot be had beside others that are."""
    if site.excluded is not None:
        return Refusal(
            f"it lies in the excluded area {site.excluded}, where nothing may be built unless that area leaves it out"
        )
    if not any(problem.may_add(site, kind) for kind in problem.kinds):
        return Refusal("no kind of charger may come there, or there is no room")
    if not any(asking.room.free_plugs(site, kind) > 0 for kind in problem.kinds):
        return Refusal(_too_weak(problem, site))
    if blockers := sorted(asking.room.near(site) & {other.id for other in had.sites}):
        apart = {id_: math.floor(distance_m(problem, site.id, id_)) for id_ in blockers}
        beside = ", ".join(f"{id_} ({metres:,} m)" for id_, metres in apart.items())
        text = f"it is nearer than {problem.wishes.spacing_m:,.10g} m to {beside}, asked for as well"
        return Refusal(text, Instead(spacing_m=min(apart.values())))
    return _too_full(problem, asking, had, site)


def _too_full(problem: SitingProblem, asking: Asking, had: Together, site: Site) -> Refusal:
    """The grid node carries less than one plug more takes, and what it would have to carry."""
    (node,) = [node for node in problem.grid if node.id == site.grid_node]
    before = held_kw(problem, standing(problem, SitingPlan())[0])[node.id]
    others = min((way.kw for way in had.ways.get(node.id, ())), default=0.0)
    least = min(kind.grid_kw for kind in problem.kinds if asking.room.free_plugs(site, kind) > 0)
    beside = f" beside the {before + others:,.10g} kW that are held there" if before + others > 0 else ""
    beside += ", other sites asked for included" if others > 0 else ""
    carries = f"{node.hosting_kw + node.upgrade_kw:,.10g} kW{' once upgraded' if node.upgrade_kw > 0 else ''}"
    needed = round(before + others + least, DIGITS)
    takes = f"one plug takes {least:,.10g} kW at least{beside}; {needed:,.10g} kW would do"
    text = f"grid node {node.id} does not carry another plug: it carries {carries}, and {takes}"
    return Refusal(text, Instead(grid_kw={node.id: needed}))


def _too_weak(problem: SitingProblem, site: Site) -> str:
    """In words: the site may draw less than one plug more takes."""
    drawn = math.fsum(kind.power_kw * site.plugs.get(kind.id, 0) for kind in problem.kinds)
    least = min(kind.power_kw for kind in problem.kinds if problem.may_add(site, kind))
    beside = f" beside the {drawn:,.10g} kW that stand there" if drawn > 0 else ""
    return f"it may draw {site.max_kw:,.10g} kW (max_kw), and one plug takes {least:,.10g} at least{beside}"
