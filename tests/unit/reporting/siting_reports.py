"""A tiny solved study for the tests of its reports; the plan is made by hand, so every figure fits in a comment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import shapely

from optimiser.basics.result import StopReason
from optimiser.reporting.siting_outlines import Outlines
from optimiser.reporting.siting_study import Study
from optimiser.siting.check import check
from optimiser.siting.cost import district_shares, total_cost, value
from optimiser.siting.front import Front
from optimiser.siting.front_points import FrontPoint
from optimiser.siting.groups import groups_of
from optimiser.siting.plan import Installation, SitingPlan, Upgrade
from optimiser.siting.plugs import standing
from optimiser.siting.problem import GridNode, SitingProblem
from optimiser.siting.result import SitingResult
from optimiser.siting.serving import serve
from optimiser.siting.status import Status
from tests.siting_studies import point, site, study, wishes

LON, LAT = 11.97, 57.7
OUTLINES = Outlines(
    districts={
        "west": shapely.box(LON - 0.001, LAT - 0.001, LON + 0.0025, LAT + 0.001),
        "east": shapely.box(LON + 0.0025, LAT - 0.001, LON + 0.006, LAT + 0.001),
    },
    excluded=(("Old town", shapely.box(LON + 0.001, LAT - 0.0008, LON + 0.002, LAT - 0.0004)),),
    grid_nodes={"G": (LON + 0.0005, LAT - 0.0005)},
)
"""Of the small problem: two districts that meet, an area in the west, and the one grid node."""


def small_problem() -> SitingProblem:
    """
    Ten people in the west, eight in the east, and some drivers there; a charger stands in the west already.

    A is there with one slow plug and reaches a alone. B reaches a and b, C reaches c and the drivers d, D reaches e,
    whom no site that is built reaches. Nobody reaches f's home.
    """
    here = {"lat": LAT}
    places = [
        site("A", lon=LON, plugs={"slow": 1}, grid_node="G", district="west", **here),
        site("B", lon=LON + 0.001, grid_node="G", district="west", why="A car park.", **here),
        site("C", lon=LON + 0.003, district="east", **here),
        site("D", cost=500.0, lon=LON + 0.004, district="east", **here),
    ]
    people = [
        point("a", 6, district="west"),
        point("b", 4, district="west"),
        point("c", 3, district="east"),
        point("d", 10, segment="drivers", district="east"),
        point("e", 2, district="east"),
        point("f", 1, district="east"),
    ]
    return study(
        [replace(item, lon=LON + 0.001 * row, lat=LAT + 0.0005) for row, item in enumerate(people)],
        places,
        [{"A": 20, "B": 60}, {"B": 40}, {"C": 10}, {"C": 50}, {"D": 30}, {}],
        grid=[GridNode(id="G", hosting_kw=15.0, upgrade_kw=20.0, upgrade_cost=30.0)],
        districts=("west", "east"),
        wishes=wishes(200.0, 200.0, floors={"west": 0.9, "east": 0.3}),
    )


def small_plan(problem: SitingProblem) -> SitingPlan:
    """B with a slow plug and a stronger grid first, then C with two slow ones; served as well as that goes."""
    plan = SitingPlan(
        installations=(
            Installation(phase=0, site_id="B", kind_id="slow", plugs=1),
            Installation(phase=1, site_id="C", kind_id="slow", plugs=2),
        ),
        upgrades=(Upgrade(phase=0, node_id="G"),),
    )
    groups, servings = groups_of(problem), []
    for phase, stand in enumerate(standing(problem, plan)):
        serving = serve(problem, groups, stand, phase=phase, scenario=0)
        assert serving is not None
        servings.append(serving)
    return replace(plan, servings=tuple(servings))


def small_study(names: Mapping[str, str] | None = None, **given: object) -> Study:
    """The small problem with its plan; `names` by site, and by `city`."""
    problem, names = small_problem(), names or {}
    sites = tuple(replace(item, name=names.get(item.id, f"Site {item.id}")) for item in problem.sites)
    problem = replace(problem, sites=sites)
    plan = small_plan(problem)
    assert check(problem, plan) == ()
    reached = value(problem, plan)
    result = SitingResult(
        plan=plan,
        wishes=problem.wishes,
        conflicts=(),
        value=reached,
        upper_bound=reached * 1.25,
        status=Status.BOUNDED,
        stop_reason=StopReason.TIME_LIMIT,
        seed=7,
        engine="by hand",
        input_hash=problem.input_hash,
        elapsed_s=1.5,
    )
    made = Study(
        city_id="goteborg",
        city=names.get("city", "Göteborg"),
        currency="SEK",
        time_zone="Europe/Stockholm",
        problem=problem,
        result=result,
        attribution=("© OpenStreetMap contributors",),
        synthetic=("demand is made up from seed 1",),
        travel="streets",
    )
    return replace(made, **given)  # type: ignore[arg-type]


def shares(values: object) -> list[float]:
    """Rounded, for comparison by hand."""
    return np.round(np.asarray(values, dtype=float), 6).tolist()


def front_of(study: Study, floors: Mapping[str, float] | None = None) -> Front:
    """A front of the study's own plan alone, with the floors of its districts, or others; none for no districts."""
    problem, result = study.problem, study.result
    last = len(problem.wishes.phases) - 1
    (serving,) = (item for item in result.plan.servings if item.phase == last)
    floors = problem.wishes.floors if floors is None else floors
    point = FrontPoint(
        fraction=1.0,
        budget=400.0,
        floors=floors,
        own_floors={id_: problem.floor_of(id_) for id_ in floors},
        asked=problem.wishes,
        wishes=result.wishes,
        cost=total_cost(problem, result.plan),
        value=result.value,
        shares={id_: share for id_, share in district_shares(problem, serving).items() if id_ in floors},
        upper_bound=result.upper_bound,
        status=result.status,
        plan=result.plan,
    )
    return Front(points=(point,), dominated=0, knee=None)


def leaving_out(front: Front, *ids: str) -> Front:
    """The same of a study that asks for sites as well, at which nothing is built."""
    asked = (replace(point.asked, force=frozenset(ids)) for point in front.points)
    return replace(
        front, points=tuple(replace(point, asked=its) for point, its in zip(front.points, asked, strict=True))
    )
