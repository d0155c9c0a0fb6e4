"""Who charges where once it is known what stands: the transport problem of one phase as one scenario has it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from optimiser.siting.cost import served_value
from optimiser.siting.groups import Groups
from optimiser.siting.plan import Serving
from optimiser.siting.plugs import Standing
from optimiser.siting.problem import SitingProblem
from optimiser.siting.transport import Floats, Part, Transport, Uses

TINY = 1e-9
"""A smaller share is none."""
NEAR = 1e-6
"""Of what is brought: as much the checker allows sums to be off."""


def serve(
    problem: SitingProblem,
    groups: Groups,
    stand: Standing,
    *,
    phase: int,
    scenario: int,
    is_elastic: bool = False,
) -> Serving | None:
    """
    The best that the plugs can do; None where that leaves a floor of the last phase open.

        max  sum v_i w_i d_ij a_ijt   s.t.  sum_jt a_ijt <= 1,  sum_i r_i w_i a_ijt <= L_t(plugs at j),  floors

    With `is_elastic`, as much of the floors as can be had comes first, and the rest as well as it goes with that.
    """
    case = _Case(problem, groups, stand, phase=phase, scenario=scenario)
    floors = case.floors()
    if not case.has_plugs:
        return None if floors and not is_elastic else case.told(np.zeros(0))
    if is_elastic and floors:
        reached = case.transport.most_for_floors(floors)
        floors = [(members, min(asked, amount)) for (members, asked), amount in zip(floors, reached, strict=True)]
    share = case.transport.best(case.gain, floors)
    return None if share is None else case.told(share)


def fairest(
    problem: SitingProblem, groups: Groups, stand: Standing, serving: Serving, floors: Mapping[str, float]
) -> Serving:
    """
    As good a serving by the same plugs that is as fair to districts as can be, and keeps these floors in the end.

    Of the district that is served least as much is served as can be, then of the next one, and so on.
    """
    case = _Case(problem, groups, stand, phase=serving.phase, scenario=serving.scenario)
    districts = case.districts()
    if not case.has_plugs or not districts:
        return serving
    share = case.transport.fairest(case.gain, case.floors(floors), districts)
    if share is None:
        return serving
    fair, before = case.told(share), served_value(problem, serving)
    return fair if served_value(problem, fair) >= before * (1 - NEAR) else serving


def plug_prices(
    problem: SitingProblem, groups: Groups, stand: Standing, *, phase: int, scenario: int
) -> dict[tuple[str, str], float]:
    """
    What an hour's session more or less at each site and kind is worth, by duality.

    With so many fewer at some of them, at least so much is lost. Nothing is told where floors stay open.
    """
    case = _Case(problem, groups, stand, phase=phase, scenario=scenario)
    prices = case.transport.prices(case.gain, case.floors()) if case.has_plugs else None
    if prices is None:
        return {}
    places = (place for place, count in sorted(stand.plugs.items()) if count > 0)
    return dict(zip(places, prices.tolist(), strict=True))


class _Case:
    """One phase as one scenario has it, with what stands then."""

    def __init__(self, problem: SitingProblem, groups: Groups, stand: Standing, *, phase: int, scenario: int) -> None:
        self._problem, self._groups, self._phase, self._scenario = problem, groups, phase, scenario
        wishes = problem.wishes
        self._weight = problem.weights(wishes.phases[phase], wishes.scenarios[scenario])
        self._uses = _uses(problem, groups, stand)
        weight, group = groups.totals(self._weight), groups.arc_group[self._uses.arc]
        self.gain = (problem.unit_value[groups.example] * weight)[group] * groups.arc_worth[self._uses.arc]
        self.transport = Transport(self._uses, group, weight)

    @property
    def has_plugs(self) -> bool:
        """Whether anybody is within reach of a plug."""
        return len(self._uses.arc) > 0

    def floors(self, kept: Mapping[str, float] | None = None) -> list[Part]:
        """
        Groups of each district that has a floor at the end of this phase, and how much of its weight is asked for.

        Of the problem's own floors, unless others are told.
        """
        if self._phase < len(self._problem.wishes.phases) - 1:
            return []
        return self._parts(kept or {id_: self._problem.floor_of(id_) for id_ in self._problem.points_of})

    def districts(self) -> list[Part]:
        """Groups of each district, and all of its weight."""
        return self._parts(dict.fromkeys(self._problem.points_of, 1.0))

    def told(self, share: Floats) -> Serving:
        """The shares of all uses as a serving."""
        return _told(self._problem, self._groups, self._uses, share, phase=self._phase, scenario=self._scenario)

    def _parts(self, shares: Mapping[str, float]) -> list[Part]:
        """Groups of each district, and such a share of its weight; without those where that is nothing."""
        examples = self._groups.example.tolist()
        district = np.array([self._problem.demand[row].district or "" for row in examples], dtype=object)
        points = self._problem.points_of
        amounts = ((id_, share * float(self._weight[points[id_]].sum())) for id_, share in shares.items())
        return [(district == id_, amount) for id_, amount in amounts if amount > 0]


def _uses(problem: SitingProblem, groups: Groups, stand: Standing) -> Uses:
    """All that are possible, a place numbered for each kind at a site."""
    column = {kind.id: number for number, kind in enumerate(problem.kinds)}
    there: dict[int, list[tuple[int, str]]] = {}
    limit: list[float] = []
    for (site_id, kind_id), count in sorted(stand.plugs.items()):
        if count > 0:
            there.setdefault(problem.site_index[site_id], []).append((len(limit), kind_id))
            limit.append(problem.kind_by_id[kind_id].sessions_per_hour(count))
    segment = [problem.segment_by_id[problem.demand[row].segment] for row in groups.example.tolist()]
    arcs: list[int] = []
    kinds: list[int] = []
    places: list[int] = []
    rates: list[float] = []
    for arc in np.flatnonzero(np.isin(groups.arc_site, list(there))).tolist():
        who = segment[groups.arc_group[arc]]
        fit = [(place, kind) for place, kind in there[int(groups.arc_site[arc])] if kind in who.kinds]
        for place, kind in fit if who.sessions_per_hour > 0 else fit[:1]:
            arcs.append(arc)
            kinds.append(column[kind])
            places.append(place)
            rates.append(who.sessions_per_hour)
    return Uses(
        arc=np.array(arcs, dtype=np.int64),
        kind=np.array(kinds, dtype=np.int64),
        place=np.array(places, dtype=np.int64),
        rate=np.array(rates, dtype=np.float64),
        limit=np.array(limit, dtype=np.float64),
    )


def _told(problem: SitingProblem, groups: Groups, uses: Uses, share: Floats, *, phase: int, scenario: int) -> Serving:
    """The same for every demand point: all of a group charge as their example does."""
    kept = share > TINY
    arc, kind, share = uses.arc[kept], uses.kind[kept], share[kept]
    group = groups.arc_group[arc]
    order = np.argsort(groups.group, kind="stable")
    first = np.searchsorted(groups.group[order], np.arange(len(groups.example) + 1))
    count = np.diff(first)[group]
    use = np.repeat(np.arange(len(arc)), count)
    within = np.arange(len(use)) - np.repeat(np.cumsum(count) - count, count)
    point = order[first[group[use]] + within]
    pair = groups.near_pair[groups.near_first[point] + groups.arc_place[arc][use]]
    return Serving(phase=phase, scenario=scenario, pair=pair, kind=kind[use].astype(np.int32), share=share[use])
