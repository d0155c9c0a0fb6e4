"""Searches that share their routes: each in its own part of the town, all of it put together right."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimiser.basics.chance import chance_of
from optimiser.basics.limits import SolveLimits
from optimiser.rebalancing.check import check
from optimiser.rebalancing.cost import cost
from optimiser.rebalancing.search import run
from optimiser.rebalancing.search.annealer import Annealer
from optimiser.rebalancing.search.copies import cost_of
from optimiser.rebalancing.search.routes import plan_of
from optimiser.rebalancing.search.sectors import mend, sectors_of
from optimiser.rebalancing.search.settle import put_in, settle
from optimiser.rebalancing.search.town import empty_state
from optimiser.rebalancing.search.translate import town_of
from optimiser.rebalancing.solve import solve
from tests.builders import problem, station, van
from tests.property.test_whole_nights import nights
from tests.unit.rebalancing.search.towns import free_town


@pytest.mark.parametrize("count", [2, 3])
@pytest.mark.parametrize("seed", range(4))
def test_every_van_and_station_is_in_one_part(seed, count):
    _, town, state = free_town(seed, stations=40, vans=6)
    sectors = sectors_of(town, state, chance_of(seed), count)
    assert sorted(int(row) for one in sectors for row in one.vans) == list(range(6))
    # Where all vans of a part stand in the depot it may be without stations; rounds there find nothing to do.
    seeds = [set(one.town.seeds.tolist()) for one in sectors]
    own = [part for part, one in zip(seeds, sectors, strict=True) if one.town.allowed[:, :40].any()]
    assert sorted(row for part in own for row in part) == list(range(40))
    assert all(seeds)
    for one in sectors:
        others = np.setdiff1d(np.arange(6), one.vans)
        assert not one.town.allowed[others].any()
        for row in one.vans:
            stops = town.station[state.tour[row, : state.size[row]]]
            shared = [place for place in stops if (state.route[town.visits[place]] != row).sum() > 1]
            assert set(np.flatnonzero(~one.town.allowed[row])).isdisjoint(set(stops) - set(shared))
    # The number of stops is about the same in each: as near as whole routes allow.
    stops = [int(state.size[one.vans].sum()) for one in sectors]
    assert max(stops) - min(stops) <= (count - 1) * state.size.max()


@pytest.mark.parametrize("seed", range(8))
def test_what_is_put_together_costs_what_the_search_believes(seed):
    night, town, _ = free_town(seed, stations=30, vans=4, shift_s=2 * 3600)
    lead = Annealer(town, seed=seed, longest=30)
    twin = lead.twin(chance_of(seed, 1))
    for part in range(12):
        own, other = lead.divide(2)
        lead.advance_in(own, 40, part / 12)
        twin.advance_in(other, 40, part / 12)
        lead.join([(twin, other)], part / 12)
        twin.follow(lead)
        best = lead.best
        assert best.cost == pytest.approx(cost_of(town, best.state))
        plan = plan_of(night, town, best.state)
        assert () == check(night, plan)
        assert cost(night, plan).total <= best.cost + 1e-6
        for one in (lead, twin):
            assert cost_of(town, one._now) == pytest.approx(cost_of(town, one._trial))


def test_two_vans_that_both_emptied_a_station_are_told_apart():
    # Each took all 30 bikes of A, which the other was to leave alone: one of them has to leave it out.
    stations = [station("A", 30, low=0, high=0, capacity=40), station("B", 0, low=40, high=40, capacity=40)]
    night = problem(stations, [60, 120], vans=[van("one", slots=30), van("two", slots=30)])
    town = town_of(night)
    state = empty_state(town, longest=4)
    for row in range(2):
        alone = empty_state(town, longest=4)
        put_in(alone, town.visits[0, row], row, 0)
        put_in(alone, town.visits[1, row], row, 1)
        settle(town, alone, row)
        for visit in (town.visits[0, row], town.visits[1, row]):
            state.route[visit], state.spot[visit] = row, alone.spot[visit]
            state.moved[visit] = alone.moved[visit]
        state.tour[row], state.size[row] = alone.tour[row], alone.size[row]
    assert state.moved[town.visits[0, 0]] == state.moved[town.visits[0, 1]] == 30
    mend(town, state)
    settle(town, state, 0)
    assert sum(state.route[town.visits[0, :2]] >= 0) == 1
    assert () == check(night, plan_of(night, town, state))


@settings(max_examples=80, deadline=None)
@given(night=nights(), seed=st.integers(0, 100))
def test_nights_with_everything_in_them_are_planned_together(night, seed):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run, "SHARED_STATIONS", 2)
        patch.setattr(run, "SHARED_VANS", 2)
        result = solve(night, SolveLimits(seconds=None, rounds=400, seed=seed))
        assert () == result.refused
        assert () == check(night, result.plan)
        assert result.plan == solve(night, SolveLimits(seconds=None, rounds=400, seed=seed)).plan


def test_a_search_that_fails_tells_the_other(monkeypatch):
    night, _, _ = free_town(1, stations=10, vans=2)
    monkeypatch.setattr(run, "SHARED_STATIONS", 2)
    monkeypatch.setattr(run, "SHARED_VANS", 2)

    def fails(*_: object) -> None:
        raise RuntimeError("by hand")

    monkeypatch.setattr(Annealer, "advance_in", fails)
    with pytest.raises(RuntimeError, match="by hand"):
        solve(night, SolveLimits(seconds=None, rounds=400))
