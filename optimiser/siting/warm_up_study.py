"""Compiles the loops of siting studies, so that no search spends its time on it."""

from __future__ import annotations

import itertools
from dataclasses import replace
from functools import cache

import numpy as np

from optimiser.siting.arrays import arrays_of
from optimiser.siting.bound.relaxation import Relaxation
from optimiser.siting.groups import groups_of
from optimiser.siting.problem import (
    Access,
    ChargerKind,
    DemandPoint,
    GridNode,
    Phase,
    Segment,
    Site,
    SitingProblem,
    Wishes,
)
from optimiser.siting.search.run import search_phase, search_together


@cache
def warm_up_study() -> None:
    """
    Search and bound of a study with two sites at a grid node, for people and drivers; once in a process.

    What is compiled does not hang on how many phases, scenarios, floors and nodes there are.
    """
    people = Segment(id="people", name="People", kinds=frozenset({"slow"}), reach_s=100)
    drivers = replace(people, id="drivers", sessions_per_day=10.0, kwh_per_session=10.0)
    kind = ChargerKind(id="slow", name="Slow", power_kw=10.0, plug_cost=1.0, session_minutes=60.0)
    sites = tuple(
        Site(id=id_, name=id_, lon=0.0, lat=0.0, kinds=people.kinds, open_cost=1.0, max_plugs=2, grid_node="node")
        for id_ in "AB"
    )
    ways = np.array([10, 20, 20, 10], dtype=np.int32)
    problem = SitingProblem(
        segments=(people, drivers),
        demand=tuple(DemandPoint(id=id_, lon=0.0, lat=0.0, weight=1.0, segment=id_) for id_ in ("people", "drivers")),
        kinds=(kind,),
        sites=sites,
        access=Access(
            first=np.array([0, 2, 4]), site=np.array([0, 1, 0, 1], dtype=np.int32), travel_s=ways, length_m=ways
        ),
        wishes=Wishes(phases=(Phase(name="now", budget=5.0),), spacing_m=0.0),
        grid=(GridNode(id="node", hosting_kw=20.0),),
    )
    arrays = arrays_of(problem, groups_of(problem), phase=0)
    relaxation = Relaxation([arrays], weight=np.ones(1), guess=np.ones(1))
    relaxation.step(relaxation.relax(), 1.0)
    calls = itertools.count()
    end = search_phase(arrays, None, asked=np.zeros(1), seed=1, over=lambda: next(calls) / 2)
    again = itertools.count()
    search_together([arrays], [end], weight=np.ones(1), asked=np.zeros(1), seed=1, over=lambda: next(again) / 2)
