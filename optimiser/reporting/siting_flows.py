"""Who charges where, as flat arrays over all scenarios of a phase: every figure of a study is a sum over them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from optimiser.siting.plan import Serving
from optimiser.siting.problem import SitingProblem
from optimiser.siting.problem.statement import DAYS_A_YEAR

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Flows:
    """Parts of demand points that charge at a site, at one kind of plug, as one scenario has it; one row each."""

    problem: SitingProblem
    phase: int
    scenario: Ints
    pair: Ints
    """Row of the access pair."""
    kind: Ints
    people: Floats
    """Weight that is served, as its scenario has it."""

    @cached_property
    def chance(self) -> Floats:
        """Probability of each row's scenario."""
        return np.array([item.probability for item in self.problem.wishes.scenarios])[self.scenario]

    @cached_property
    def expected(self) -> Floats:
        """People, over scenarios as expected."""
        return self.chance * self.people

    @cached_property
    def point(self) -> Ints:
        """Row of the demand point."""
        return self.problem.point[self.pair]

    @cached_property
    def site(self) -> Ints:
        """Row of the site."""
        return self.problem.access.site[self.pair].astype(np.int64)

    @cached_property
    def travel_s(self) -> Floats:
        """Seconds to the site."""
        return self.problem.access.travel_s[self.pair].astype(np.float64)

    @cached_property
    def value(self) -> Floats:
        """What it brings in the measure asked for, as expected."""
        return self.expected * self.problem.unit_value[self.point] * self.problem.worth[self.pair]

    @cached_property
    def sessions_per_hour(self) -> Floats:
        """Sessions that begin in the busiest hour, as the row's scenario has it."""
        per_person = [self.problem.segment_by_id[item.segment].sessions_per_hour for item in self.problem.demand]
        return self.people * np.array(per_person, dtype=np.float64)[self.point]

    @cached_property
    def kwh(self) -> Floats:
        """Charged in a year, as expected."""
        segments = (self.problem.segment_by_id[item.segment] for item in self.problem.demand)
        per_person = [item.sessions_per_day * item.kwh_per_session * DAYS_A_YEAR for item in segments]
        return self.expected * np.array(per_person, dtype=np.float64)[self.point]

    @cached_property
    def ebike_kwh(self) -> float:
        """Of what is charged in a year, what e-bikes do."""
        is_for_bikes = np.array([kind.is_for_bikes for kind in self.problem.kinds], dtype=np.bool_)
        return float(self.kwh[is_for_bikes[self.kind]].sum())

    @cached_property
    def busiest(self) -> Floats:
        """Sessions an hour by site and kind in the scenario that has most of them, shape (sites, kinds)."""
        shape = (len(self.problem.wishes.scenarios), len(self.problem.sites), len(self.problem.kinds))
        rate: Floats = np.zeros(shape)
        np.add.at(rate, (self.scenario, self.site, self.kind), self.sessions_per_hour)
        most: Floats = rate.max(axis=0)
        return most

    @cached_property
    def served(self) -> Floats:
        """People served of each demand point, as expected, shape (points,)."""
        return sums(self.point, self.expected, len(self.problem.demand))

    @cached_property
    def demand(self) -> Floats:
        """People at each demand point in this phase, as expected, shape (points,)."""
        phase = self.problem.wishes.phases[self.phase]
        parts = [item.probability * self.problem.weights(phase, item) for item in self.problem.wishes.scenarios]
        demand: Floats = np.sum(parts, axis=0)
        return demand

    @cached_property
    def share(self) -> Floats:
        """Of each demand point, the share that is served, as expected; 0 where nobody is there."""
        return np.divide(self.served, self.demand, out=np.zeros(len(self.demand)), where=self.demand > 0)

    def by_site(self, amounts: Floats) -> Floats:
        """Sums over the rows of each site, shape (sites,)."""
        return sums(self.site, amounts, len(self.problem.sites))


def flows(problem: SitingProblem, servings: Sequence[Serving], phase: int) -> Flows:
    """The servings of one phase, laid end to end."""
    rows = [item for item in servings if item.phase == phase]
    weights = [problem.weights(problem.wishes.phases[phase], problem.wishes.scenarios[item.scenario]) for item in rows]
    people = [weight[problem.point[item.pair]] * item.share for weight, item in zip(weights, rows, strict=True)]
    return Flows(
        problem=problem,
        phase=phase,
        scenario=_joined([np.full(len(item.pair), item.scenario) for item in rows]),
        pair=_joined([item.pair for item in rows]),
        kind=_joined([item.kind for item in rows]),
        people=np.concatenate(people) if people else np.zeros(0),
    )


def sums(rows: NDArray[np.integer], amounts: Floats, size: int) -> Floats:
    """Amounts added up by row, shape (size,)."""
    total: Floats = np.zeros(size)
    np.add.at(total, rows, amounts)
    return total


def _joined(parts: Sequence[NDArray[np.integer]]) -> Ints:
    return np.concatenate(parts).astype(np.int64) if parts else np.zeros(0, dtype=np.int64)
