"""Search the phases of a study one after the other, from two ends, then all of them at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from optimiser.siting.arrays import Arrays, Floats
from optimiser.siting.cost import district_shares, served_value
from optimiser.siting.groups import Groups
from optimiser.siting.plan import Installation, SitingPlan, Upgrade
from optimiser.siting.plugs import standing
from optimiser.siting.problem import SitingProblem
from optimiser.siting.search.run import (
    PhaseEnd,
    built,
    built_in_the_end,
    ends_of,
    last_end,
    search_phase,
    search_together,
)
from optimiser.siting.search.together import MOST_PHASES
from optimiser.siting.serving import serve

LEGS = 4
"""Of the last phase's search where districts have floors in several scenarios."""
RUNS = 3
"""Of it elsewhere, each beginning hot with the best so far."""
THIN = 0.2
"""Of the people that the greatest floor is for, those of one for few: all but the last run then let floors yield."""
TINY = 1e-6
"""Relative allowance for the tolerances of linear programmes."""

Built = tuple[tuple[Installation, ...], tuple[Upgrade, ...]]
Meter = Callable[[float, float], Callable[[], float]]
"""How much is over of a part of the search, told its share of rounds and its seconds."""


class PhaseSearch:
    """One study's search, which learns from phase to phase what floors take."""

    def __init__(
        self, problem: SitingProblem, groups: Groups, arrays: Sequence[Arrays], *, seed: int, meter: Meter
    ) -> None:
        self._problem, self._groups, self._arrays = problem, groups, arrays
        self._seed, self._meter = seed, meter
        self._count = len(arrays)
        # Without a limit of money all is built in the first phase.
        self._is_rich = bool(np.isinf(arrays[0].limits.money))
        self._asked_weight = np.zeros(len(problem.districts) + 1)
        """Of each district, by the search in the last phase."""
        self._urgent = np.zeros_like(self._asked_weight)
        """How often floors were missed there: who lives there comes first in the next one."""

    @property
    def is_joint(self) -> bool:
        """Whether all phases are searched at once as well."""
        return self._shares()[2] > 0

    def one_by_one(self, start: SitingPlan, length_s: float) -> Iterator[Built]:
        """What is built where phases are searched from the last one, and from the one before it on."""
        share, all_earlier, _ = self._shares()
        each = all_earlier / max(1, 2 * (self._count - 1))
        ends = [self._last_phase(start, share, share * length_s)]
        found = [ends * self._count if self._is_rich else self._earlier_phases(ends, each, length_s)]
        # With forced sites money would have to be kept for them.
        if self._count > 1 and not self._is_rich and not self._problem.wishes.force:
            middle = self._phase(self._count - 2, each, length_s)
            last = self._phase(self._count - 1, each, length_s, earlier=middle)
            found.append(self._earlier_phases([middle, last], each, length_s))
        for ends in found:
            yield built(self._problem, ends)

    def together(self, best: SitingPlan, length_s: float) -> Built:
        """What is built where all phases are searched at once, from the best plan on."""
        ends = search_together(
            self._arrays,
            ends_of(self._problem, best),
            weight=np.array([phase.weight for phase in self._problem.wishes.phases]),
            asked=self._asked_weight,
            seed=self._seed,
            over=self._meter(self._shares()[2], length_s),
            urgent=self._urgent,
        )
        return built(self._problem, ends)

    def _shares(self) -> tuple[float, float, float]:
        """Of the search, for the last phase, for those before it, and for all of them together."""
        if self._count > MOST_PHASES:
            return (1.0, 0.0, 0.0) if self._is_rich else (0.4, 0.6, 0.0)
        if self._count == 1:
            return (1.0, 0.0, 0.0)
        return (0.2, 0.0, 0.8) if self._is_rich else (0.3, 0.3, 0.4)

    def _earlier_phases(self, ends: list[PhaseEnd], share: float, length_s: float) -> list[PhaseEnd]:
        """What stands at the end of each phase, given that of some last ones."""
        for phase in reversed(range(self._count - len(ends))):
            ends = [self._phase(phase, share, length_s, later=ends[0]), *ends]
        return ends

    def _phase(
        self,
        phase: int,
        share: float,
        length_s: float,
        *,
        later: PhaseEnd | None = None,
        earlier: PhaseEnd | None = None,
    ) -> PhaseEnd:
        """One phase by itself, between what stands before and after."""
        is_last = phase == self._count - 1
        return search_phase(
            self._arrays[phase],
            later,
            asked=self._asked_weight if is_last else np.zeros_like(self._asked_weight),
            seed=self._seed + phase,
            over=self._meter(share, share * length_s),
            earlier=earlier,
        )

    def _last_phase(self, plan: SitingPlan, share: float, length_s: float) -> PhaseEnd:
        """Search with expected weights; where floors are then missed in a scenario, again with more asked for."""
        floors = np.array([self._problem.floor_of(district.id) for district in self._problem.districts])
        is_missed = floors.any() and len(self._problem.wishes.scenarios) > 1
        legs = LEGS if is_missed else RUNS
        demand = self._arrays[-1].demand
        self._asked_weight = (demand.chance @ demand.asked) * (1 + TINY)
        start = best = last_end(self._problem, plan)
        _, most = self._reached(start)
        asked = self._asked_weight[self._asked_weight > 0.0]
        is_thin = bool(asked.min(initial=np.inf) < THIN * asked.max(initial=0.0))
        for leg in range(legs):
            end = search_phase(
                self._arrays[-1],
                None,
                asked=self._asked_weight,
                seed=self._seed + self._count + leg,
                over=self._meter(share / legs, length_s / legs),
                urgent=self._urgent,
                start=start,
                is_yielding=is_thin and leg < legs - 1,
            )
            reached, brings = self._reached(end)
            missing = np.maximum(0.0, floors - reached)
            if (missing <= TINY).all() and brings > most:
                best, most = end, brings
            start = end if is_missed else best
            more = np.divide(missing, floors, out=np.zeros_like(floors), where=floors > 0)
            self._asked_weight = self._asked_weight * np.append(1.0 + more, 1.0)
            self._urgent += np.append(missing > TINY, False)
        return best

    def _reached(self, end: PhaseEnd) -> tuple[Floats, float]:
        """Share of each district that can be served at the end of the last phase, at worst, and what that brings."""
        installations, upgrades = built_in_the_end(self._problem, end)
        stand = standing(self._problem, SitingPlan(installations=installations, upgrades=upgrades))[-1]
        shares, total = np.ones(len(self._problem.districts)), 0.0
        for scenario, known in enumerate(self._problem.wishes.scenarios):
            serving = serve(
                self._problem, self._groups, stand, phase=self._count - 1, scenario=scenario, is_elastic=True
            )
            assert serving is not None
            shares = np.minimum(shares, list(district_shares(self._problem, serving).values()))
            total += known.probability * served_value(self._problem, serving)
        return shares, total
