"""Search and bound of siting studies against everything that could be built, one by one."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from optimiser.basics.chance import chance_of
from optimiser.basics.limits import SolveLimits
from optimiser.basics.result import StopReason
from optimiser.siting.arrays import arrays_of
from optimiser.siting.bound.relaxation import Relaxation
from optimiser.siting.check import check
from optimiser.siting.cost import served_value, value
from optimiser.siting.exact import solve_exactly
from optimiser.siting.groups import groups_of
from optimiser.siting.plan import Installation, SitingPlan, Upgrade
from optimiser.siting.plugs import standing
from optimiser.siting.problem import GridNode
from optimiser.siting.search import run
from optimiser.siting.search.flow import desk_for
from optimiser.siting.search.ground import bare, charge_power, land_of, put
from optimiser.siting.search.rebuild import charge_for, lists_for, rebuild, rebuild_all
from optimiser.siting.search.run import built, search_phase, search_together
from optimiser.siting.serving import serve
from optimiser.siting.solve import solve
from optimiser.siting.status import Status
from tests.siting_studies import DRIVERS, point, random_study, site, study, wishes

SEEDS = range(12)


def served(problem, installations, upgrades):
    """A plan of one phase with the best serving, or None where a rule is broken."""
    plan = SitingPlan(installations=installations, upgrades=upgrades)
    serving = serve(problem, groups_of(problem), standing(problem, plan)[0], phase=0, scenario=0)
    if serving is None:
        return None
    plan = replace(plan, servings=(serving,))
    return None if check(problem, plan) else plan


def best_of_all(problem):
    """The most that any plan of one phase brings."""
    places = [(site, kind) for site in problem.sites for kind in problem.kinds]
    counts = [range(problem.may_add(site, kind) + 1) for site, kind in places]
    nodes = [node.id for node in problem.grid]
    best = -1.0
    for plugs in itertools.product(*counts):
        installations = tuple(
            Installation(phase=0, site_id=site.id, kind_id=kind.id, plugs=count)
            for (site, kind), count in zip(places, plugs, strict=True)
            if count
        )
        for size in range(len(nodes) + 1):
            for chosen in itertools.combinations(nodes, size):
                plan = served(problem, installations, tuple(Upgrade(phase=0, node_id=id_) for id_ in chosen))
                if plan is not None:
                    best = max(best, value(problem, plan))
    return best


@pytest.fixture(scope="module", params=SEEDS)
def tiny(request):
    problem = random_study(request.param, points=5, sites=2)
    return problem, best_of_all(problem)


def test_nothing_that_could_be_built_is_better(tiny):
    problem, best = tiny
    result = solve(problem, SolveLimits(seconds=10.0))
    assert result.status is Status.PROVEN
    assert result.value == pytest.approx(best, rel=1e-6, abs=1e-6)


def test_no_prices_give_a_bound_below_it(tiny):
    problem, best = tiny
    arrays = arrays_of(problem, groups_of(problem), phase=0)
    relaxation = Relaxation([arrays], weight=np.ones(1), guess=np.array([best]))
    bounds = []
    for _ in range(60):
        relaxed = relaxation.relax()
        bounds.append(relaxed.bound)
        relaxation.step(relaxed, best)
    assert min(bounds) >= best * (1 - 1e-9) - 1e-9
    assert min(bounds) < bounds[0] or bounds[0] == pytest.approx(best, abs=1e-6)


def test_the_search_alone_finds_it(tiny):
    problem, best = tiny
    arrays = arrays_of(problem, groups_of(problem), phase=0)
    calls = itertools.count()
    end = search_phase(arrays, None, asked=np.zeros(len(problem.districts) + 1), seed=1, over=lambda: next(calls) / 20)
    plan = served(problem, *built(problem, [end]))
    assert plan is not None
    assert value(problem, plan) == pytest.approx(best, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("money", [None, 1000.0])
def test_where_sites_are_scarce_and_money_is_not_the_search_does_not_look_at_what_they_cost(money):
    # Six served for 30 are more for the money than ten for 110, but there can be one site.
    problem = study(
        [point("a", 6), point("b", 10)],
        [site("cheap", cost=20.0), site("dear")],
        [{"cheap": 10}, {"dear": 10}],
        wishes=wishes(money, max_new_sites=1),
    )
    arrays, calls = arrays_of(problem, groups_of(problem), phase=0), itertools.count()
    end = search_phase(arrays, None, asked=np.zeros(1), seed=1, over=lambda: next(calls) / 5)
    assert end.plugs.tolist() == [[0, 0], [1, 0]]


@pytest.mark.parametrize(("urgent", "of_west", "of_east"), [(None, True, False), ((0.0, 1.0), False, True)])
def test_who_lives_in_an_urgent_district_comes_first_at_plugs_that_others_would_take(urgent, of_west, of_east):
    # Forty drivers of the west at the door of A, and ten of the east further away: two plugs take fewer than ten.
    near = replace(DRIVERS, full_s=0, least=0.5)
    problem = study(
        [point(id_, weight, segment="drivers", district=id_) for id_, weight in (("west", 40), ("east", 10))],
        [site("A", max_plugs=2, kinds=frozenset({"slow"}))],
        [{"A": 10}, {"A": 90}],
        segments=(near,),
        districts=("west", "east"),
        wishes=wishes(120.0),
    )
    arrays = arrays_of(problem, groups_of(problem), phase=0)
    pull = None if urgent is None else np.array([*urgent, 0.0])
    land = land_of(arrays, arrays.builds.most, asked=np.zeros(3), urgent=pull)
    ground = bare(land, arrays)
    rebuild_all(land, ground, desk_for(land), lists_for(land), chance_of(1), 0.0)
    assert ground.plugs.sum() == 2
    assert (ground.served[:2] > 0.0).tolist() == [of_west, of_east]
    # What they bring is what they are worth, urgent or not: 0.95 at 10 s of 100, 0.55 at 90 s.
    assert ground.total[0] == pytest.approx(0.95 * ground.served[0] + 0.55 * ground.served[1])
    assert ground.served.sum() == pytest.approx(problem.kinds[0].sessions_per_hour(2) / 0.1)


@pytest.mark.parametrize(("is_yielding", "chosen"), [(False, "many"), (True, "few")])
def test_a_floor_for_few_people_weighs_as_much_as_one_for_many_where_floors_yield(is_yielding, chosen):
    # Two of four people are missing in one district, at ten each no more than a fiftieth of what the other site brings;
    # but as much as the 500 of the other floor.
    problem = study(
        [point("a", 500, district="big"), point("b", 1000, district="big"), point("c", 4, district="thin")],
        [site("old", plugs={"slow": 1}, max_plugs=1), site("many"), site("few")],
        [{"old": 10}, {"many": 10}, {"few": 10}],
        districts=("big", "thin"),
        wishes=wishes(120.0),
    )
    arrays, calls = arrays_of(problem, groups_of(problem), phase=0), itertools.count()
    asked = np.array([500.0, 2.0, 0.0])
    end = search_phase(arrays, None, asked=asked, seed=1, over=lambda: next(calls) / 50, is_yielding=is_yielding)
    assert [problem.sites[row].id for row in np.flatnonzero(end.plugs.any(axis=1))] == [chosen]


def test_prices_of_floors_rise_while_they_are_missed_and_are_whole_in_the_end(monkeypatch):
    problem = study(
        [point("a", 4, district="west"), point("b", 4, district="east")],
        [site("A")],
        [{"A": 10}, {}],
        districts=("west", "east"),
        wishes=wishes(120.0),
    )
    arrays, calls, prices = arrays_of(problem, groups_of(problem), phase=0), itertools.count(), []
    real = run.anneal
    monkeypatch.setattr(run, "anneal", lambda land, *rest: prices.append(land.price.copy()) or real(land, *rest))
    asked = np.array([2.0, 2.0, 0.0])
    search_phase(arrays, None, asked=asked, seed=1, over=lambda: next(calls) / 10, is_yielding=True)
    west, east, _ = np.array(prices).T
    # Of west all are served, and nobody of east can be.
    assert west.tolist() == pytest.approx([10.0 * 0.95 ** (number + 1) for number in range(9)] + [10.0])
    assert east.tolist() == [10.0] * 10


def test_kilowatts_are_charged_at_nodes_that_are_nearly_full():
    problem = study(
        [point("a", 4)],
        [site("A", grid_node="full"), site("B", grid_node="free")],
        [{"A": 10, "B": 10}],
        grid=(GridNode(id="full", hosting_kw=60.0), GridNode(id="free", hosting_kw=140.0)),
        wishes=wishes(1000.0),
    )
    arrays = arrays_of(problem, groups_of(problem), phase=0)
    land = land_of(arrays, arrays.builds.most, asked=np.zeros(1))
    ground = bare(land, arrays)
    charge_power(land, arrays, ground)
    assert land.kw_fee.tolist() == [0.0, 0.0]
    put(land, ground, 0, 0, 2)
    charge_power(land, arrays, ground)
    # 40 of 60 kW are left there, fewer than a fast plug takes.
    assert land.kw_fee.tolist() == [1000.0 / 200.0, 0.0]
    costs = [charge_for(land, ground, row, 0, 1, 110.0, (1.0, 0.0, 0.5)) for row in range(2)]
    assert costs == [110.0 + 0.5 * 5.0 * 10.0, 110.0]


@pytest.mark.parametrize("seed", range(8))
def test_who_is_served_during_the_search_is_the_best_that_there_is(seed):
    problem = random_study(seed, points=30, sites=12)
    arrays = arrays_of(problem, groups_of(problem), phase=0)
    land = land_of(arrays, arrays.builds.most, asked=np.zeros(len(problem.districts) + 1))
    ground, desk, lists, chance = bare(land, arrays), desk_for(land), lists_for(land), chance_of(seed)
    rebuild_all(land, ground, desk, lists, chance, 0.0)
    for _ in range(20):
        rebuild(land, ground, desk, lists, chance)
        # Sessions are where they are said to be, and never more than plugs take.
        sites = np.repeat(np.arange(len(problem.sites)), np.diff(land.first_arc))
        used = np.zeros_like(ground.used)
        np.add.at(used, sites, ground.flow)
        assert used == pytest.approx(ground.used, abs=1e-6)
        taken = np.bincount(land.arc_group, weights=ground.flow.sum(axis=1), minlength=len(land.weight))
        assert taken + ground.left == pytest.approx(land.sessions, abs=1e-6)
        assert (ground.left >= -1e-6).all()
        plugs = land.now + ground.plugs
        takes = np.array([[land.takes[kind, count] for kind, count in enumerate(row)] for row in plugs])
        assert (ground.used <= takes + 1e-6).all()
        is_built = ground.plugs.any(axis=1)
        spent = (ground.plugs @ land.plug_cost).sum() + land.open_cost[is_built].sum()
        spent += land.upgrade_cost[ground.is_upgraded].sum()
        assert spent + ground.money[0] == pytest.approx(arrays.limits.money)
        plan = served(
            problem,
            tuple(
                Installation(
                    phase=0,
                    site_id=problem.sites[site].id,
                    kind_id=problem.kinds[kind].id,
                    plugs=int(ground.plugs[site, kind]),
                )
                for site, kind in np.argwhere(ground.plugs).tolist()
            ),
            tuple(Upgrade(phase=0, node_id=problem.grid[row].id) for row in np.flatnonzero(ground.is_upgraded)),
        )
        assert plan is not None
        assert ground.total[0] <= value(problem, plan) * (1 + 1e-6) + 1e-6
        assert ground.total[0] >= value(problem, plan) * 0.97


@pytest.mark.parametrize("seed", SEEDS)
def test_search_and_bound_enclose_what_the_programme_proves_over_phases(seed, monkeypatch):
    problem = random_study(seed, points=12, sites=5, phases=2)
    exact = solve_exactly(problem, groups_of(problem), seconds=20.0)
    assert exact is not None
    monkeypatch.setattr("optimiser.siting.beside.solve_exactly", lambda *_, **__: None)
    result = solve(problem, SolveLimits(seconds=None, rounds=400))
    assert result.value <= exact.bound * (1 + 1e-6) + 1e-6
    assert result.upper_bound >= exact.bound * (1 - 1e-6) - 1e-6
    assert result.value >= 0.9 * exact.bound


def test_the_same_rounds_give_the_same_plan(monkeypatch):
    monkeypatch.setattr("optimiser.siting.beside.solve_exactly", lambda *_, **__: None)
    problem = random_study(5, points=20, sites=8, phases=2)
    first, again = (solve(problem, SolveLimits(seconds=None, rounds=200, seed=7)) for _ in range(2))
    assert first.plan.installations == again.plan.installations
    assert (first.value, first.upper_bound) == (again.value, again.upper_bound)


def test_the_search_keeps_a_floor_by_itself(monkeypatch):
    # Money for one site: one person in the west, whose floor it is, or nine in the east.
    monkeypatch.setattr("optimiser.siting.beside.solve_exactly", lambda *_, **__: None)
    asked = study(
        [point("a", 1, district="west"), point("b", 9, district="east"), point("c", 2, district="west")],
        [site("A"), site("B"), site("C", cost=90.0)],
        [{"A": 10}, {"B": 10}, {"C": 10}],
        districts=("west", "east"),
        wishes=wishes(120.0, floors={"west": 0.5}),
    )
    result = solve(asked, SolveLimits(seconds=None, rounds=100))
    assert [item.site_id for item in result.plan.installations] == ["C"]
    assert result.conflicts == ()


@pytest.mark.parametrize("seed", range(6))
def test_all_phases_together_are_never_worse_and_take_nothing_away(seed):
    problem = random_study(seed, points=20, sites=8, phases=3)
    arrays = [arrays_of(problem, groups_of(problem), phase=phase) for phase in range(3)]
    nobody, weight = np.zeros(len(problem.districts) + 1), np.array([1.0, 2.0, 3.0])
    ends = []
    for phase in reversed(range(3)):
        later = ends[0] if ends else None
        ends.insert(0, search_phase(arrays[phase], later, asked=nobody, seed=seed, over=rounds_of(3)))
    together = search_together(arrays, ends, weight=weight, asked=nobody, seed=seed, over=rounds_of(10))
    assert all((before.plugs <= after.plugs).all() for before, after in itertools.pairwise(together))
    assert brought(problem, together) @ weight >= brought(problem, ends) @ weight * (1 - 1e-6)


def rounds_of(calls):
    """A meter that is full after so many looks."""
    count = itertools.count()
    return lambda: next(count) / calls


def brought(problem, ends):
    """What each phase brings; no rule is broken."""
    installations, upgrades = built(problem, ends)
    plan = SitingPlan(installations=installations, upgrades=upgrades)
    servings = tuple(
        serve(problem, groups_of(problem), stand, phase=phase, scenario=0)
        for phase, stand in enumerate(standing(problem, plan))
    )
    assert check(problem, replace(plan, servings=servings)) == ()
    return np.array([served_value(problem, serving) for serving in servings])


def test_a_search_that_ends_a_moment_before_time_is_up_ended_for_time(monkeypatch):
    monkeypatch.setattr("optimiser.siting.beside.solve_exactly", lambda *_, **__: None)
    result = solve(random_study(4, points=60, sites=20, phases=3), SolveLimits(seconds=1.0))
    assert result.status is Status.BOUNDED
    assert result.stop_reason is StopReason.TIME_LIMIT


def test_without_a_clock_plan_and_bound_are_the_same_each_time(monkeypatch):
    monkeypatch.setattr("optimiser.siting.beside.solve_exactly", lambda *_, **__: None)
    problem = random_study(0, points=60, sites=25, phases=3, floor=0.3)
    first, again = (solve(problem, SolveLimits(seconds=None, rounds=100)) for _ in range(2))
    assert first.status is Status.BOUNDED
    assert (repr(first.plan), first.value, first.upper_bound) == (repr(again.plan), again.value, again.upper_bound)
