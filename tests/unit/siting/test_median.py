"""The p-median held against trying every choice, and its parts against what they mean."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimiser.basics.chance import chance_of
from optimiser.basics.errors import InvalidInput
from optimiser.siting.median import solve as solving
from optimiser.siting.median.annealing import HEAT, LEAST, TOTAL, anneal, begin
from optimiser.siting.median.branching import Branching
from optimiser.siting.median.choices import Choices
from optimiser.siting.median.cost import cost
from optimiser.siting.median.gathering import gathered, groups_of, spread
from optimiser.siting.median.interchange import interchange, serve
from optimiser.siting.median.linear import Linear
from optimiser.siting.median.nearness import narrowed, nearness_of, served_of, shortened
from optimiser.siting.median.problem import MedianProblem
from optimiser.siting.median.relaxation import CLOSED, FREE, OPEN, SHORTEST, ascend, climb, dual_of, relax
from optimiser.siting.median.solve import solve
from optimiser.siting.median.standing import Standing
from optimiser.siting.status import Status


def cheapest(problem):
    """Over all choices."""
    return min(cost(problem, sites) for sites in combinations(range(problem.sites), problem.p))


@st.composite
def problems(draw):
    points, sites = draw(st.integers(1, 9)), draw(st.integers(1, 8))
    random = np.random.default_rng(draw(st.integers(0, 10_000)))
    ways = random.integers(0, draw(st.sampled_from([2, 10, 1000])), (points, sites)).astype(float)
    if draw(st.booleans()):
        ways = ways * random.uniform(0.1, 3.0, (points, 1))
    problem = MedianProblem.between_all(ways, p=draw(st.integers(1, sites)))
    return short_of(problem, draw(st.integers(0, 2000))) if draw(st.booleans()) else problem


def short_of(problem, reach):
    """The same with the sites within reach alone, and points that pay for having none."""
    is_near = problem.cost <= reach
    point = np.repeat(np.arange(problem.demand), problem.sites)
    return MedianProblem(
        first=np.concatenate([[0], np.cumsum(np.bincount(point[is_near], minlength=problem.demand))]),
        site=problem.site[is_near],
        cost=problem.cost[is_near],
        beyond=np.full(problem.demand, reach + 3.0),
        sites=problem.sites,
        p=problem.p,
    )


def plane(seed, *, points=40, p=5):
    place = np.random.default_rng(seed).uniform(0, 100, (points, 2))
    return MedianProblem.between_all(np.floor(np.linalg.norm(place[:, None] - place[None], axis=2)), p=p)


def test_three_sites_by_hand():
    # Two of the sites at 0, 10 and 11 on a line with demand at each: 0 and either of the others leave 1 to go.
    line = np.array([0.0, 10.0, 11.0])
    problem = MedianProblem.between_all(np.abs(line[:, None] - line[None]), p=2)
    answer = solve(problem, seconds=60)
    assert (answer.cost, answer.lower_bound, answer.status) == (1.0, 1.0, Status.PROVEN)
    assert answer.sites in {(0, 1), (0, 2)}


@settings(max_examples=150, deadline=None)
@given(problem=problems(), seed=st.integers(0, 3))
def test_small_ones_are_solved_as_by_trying_everything(problem, seed):
    answer = solve(problem, seconds=20, seed=seed)
    best = cheapest(problem)
    assert answer.status is Status.PROVEN
    assert len(answer.sites) == len(set(answer.sites)) == problem.p
    assert answer.cost == pytest.approx(best) == cost(problem, answer.sites)
    assert answer.lower_bound <= answer.cost


@settings(max_examples=60, deadline=None)
@given(problem=problems(), seed=st.integers(0, 1000))
def test_no_prices_give_a_bound_above_the_best(problem, seed):
    dual = dual_of(problem.demand, problem.sites)
    fixed = np.zeros(problem.sites, dtype=np.int8)
    nearness = nearness_of(problem)
    dual.price[:] = np.random.default_rng(seed).uniform(0, 1.0, problem.demand) * nearness.beyond
    assert relax(nearness, problem.p, fixed, dual) <= cheapest(problem) + 1e-9
    assert dual.chosen.sum() == problem.p


@pytest.mark.parametrize("seed", range(10))
def test_what_is_fixed_is_so_in_every_better_choice(seed):
    problem = plane(seed, points=11, p=3)
    nearness, dual, fixed = nearness_of(problem), dual_of(11, 11), np.zeros(11, dtype=np.int8)
    known = cheapest(problem) + 2
    dual.pace[0] = 1.0
    bound = ascend(nearness, 3, fixed, dual, known, known, 200)
    assert bound <= cheapest(problem) + 1e-9
    for sites in combinations(range(11), 3):
        if cost(problem, sites) < known:
            assert all(fixed[site] != CLOSED for site in sites)
            assert all(site in sites for site in np.flatnonzero(fixed == OPEN))
    assert (fixed != FREE).any()


@pytest.mark.parametrize("lot", [1, 7, 10, 40])
def test_steps_go_the_same_way_however_many_are_taken_at_once(lot):
    problem = plane(3, points=40, p=6)
    nearness, bounds = nearness_of(problem), {}
    for each in (lot, 5000):
        dual, fixed = dual_of(40, 40), np.zeros(40, dtype=np.int8)
        dual.pace[0] = 1.0
        while dual.pace[0] >= SHORTEST:
            bounds[each] = climb(nearness, 6, fixed, dual, np.inf, 1000.0, each)
        bounds[each] = [bounds[each], *dual.pace, *dual.best_price]
    assert bounds[lot] == bounds[5000]


@pytest.mark.parametrize("seed", range(10))
def test_interchange_ends_where_no_exchange_pays_and_touches_only_what_it_may(seed):
    problem = plane(seed, points=30, p=4)
    random = np.random.default_rng(seed)
    is_open, may_change = np.zeros(30, dtype=np.bool_), np.ones(30, dtype=np.bool_)
    is_open[random.choice(30, 4, replace=False)] = True
    kept, never = int(np.flatnonzero(is_open)[0]), int(np.flatnonzero(~is_open)[0])
    may_change[[kept, never]] = False
    nearness, served = nearness_of(problem), served_of(30, 30)
    total = interchange(nearness, is_open, may_change, random.permutation(30).astype(np.int32), served)
    assert total == pytest.approx(cost(problem, np.flatnonzero(is_open))) == serve(nearness, is_open, served)
    assert (bool(is_open[kept]), bool(is_open[never]), is_open.sum()) == (True, False, 4)
    for closing in np.flatnonzero(is_open & may_change):
        for opening in np.flatnonzero(~is_open & may_change):
            other = is_open.copy()
            other[[closing, opening]] = other[[opening, closing]]
            assert cost(problem, np.flatnonzero(other)) >= total - 1e-6


def unfixed(problem):
    return np.zeros(problem.sites, dtype=np.int8)


@settings(max_examples=60, deadline=None)
@given(problem=problems(), seed=st.integers(0, 1000))
def test_the_linear_relaxation_is_above_all_prices_and_below_all_choices(problem, seed):
    nearness, dual = nearness_of(problem), dual_of(problem.demand, problem.sites)
    linear = Linear(nearness, problem.p, nearness.beyond / 2)
    relaxed = linear.relax(unfixed(problem), limit=np.inf, left_s=lambda: np.inf)
    slack = 1e-5 * (1 + cheapest(problem))
    assert relaxed.bound <= cheapest(problem) + slack
    assert relaxed.share.sum() == pytest.approx(problem.p)
    for _ in range(20):
        dual.price[:] = np.random.default_rng(seed).uniform(0, 1.0, problem.demand) * nearness.beyond
        assert relax(nearness, problem.p, unfixed(problem), dual) <= relaxed.bound + slack


def test_the_linear_relaxation_by_hand():
    # Three points, each 1 from two of three sites and 4 from the last; one may be open. A third of each: every point
    # has two thirds at 1 and a third at 4, 2 in all, 6 for three; any one site costs 1 + 1 + 4, 6 as well.
    ways = 4.0 - 3.0 * (1.0 - np.eye(3))
    linear = Linear(nearness_of(MedianProblem.between_all(ways, p=1)), 1, np.ones(3))
    assert linear.relax(np.zeros(3, dtype=np.int8), limit=np.inf, left_s=lambda: np.inf).bound == pytest.approx(6.0)
    # With two open every point could have half of two sites at 1 (3 in all), and with sites 0 and 1 has: all at 1.
    both = Linear(nearness_of(MedianProblem.between_all(ways, p=2)), 2, np.ones(3))
    assert both.relax(np.zeros(3, dtype=np.int8), limit=np.inf, left_s=lambda: np.inf).bound == pytest.approx(3.0)
    # Once site 0 is closed, the other two have to be open; with two closed nothing is possible.
    assert both.relax(np.array([CLOSED, FREE, FREE], dtype=np.int8), limit=np.inf, left_s=lambda: np.inf).bound == 3.0
    assert both.relax(np.array([CLOSED, CLOSED, FREE], dtype=np.int8), limit=0, left_s=lambda: np.inf).bound == np.inf


def test_branching_alone_finds_what_trying_everything_finds():
    nodes = 0
    for seed in range(8):
        # Uniform costs, without any plane behind them, are hard to relax.
        ways = np.random.default_rng(seed).integers(1, 100, (14, 12)).astype(float)
        problem = MedianProblem.between_all(ways, p=4)
        nearness, best, found = nearness_of(problem), cheapest(problem), [np.inf]
        branching = Branching(Linear(nearness, 4, nearness.beyond / 2), unfixed(problem))
        while not branching.is_done:
            # Rounded badly on purpose: only what branching opens in whole is right.
            branching.step(
                lambda best=best, found=found: min(best + 5, *found) - 1 + 1e-6,
                lambda share, problem=problem, found=found: found.append(cost(problem, np.flatnonzero(share > 0.99))),
                lambda: np.inf,
            )
            nodes += 1
        assert min(found) == best
        assert branching.bound > best - 1
    assert nodes > 8


@pytest.mark.parametrize("seed", range(4))
def test_what_the_first_bound_leaves_open_is_closed_with_all_sites_open(seed):
    # Uniform costs keep the relaxation far below: the tree is needed, and finds nothing better than is known.
    ways = np.random.default_rng(seed).integers(1, 100, (60, 20)).astype(float)
    problem = MedianProblem.between_all(ways, p=3)
    answer = solve(problem, seconds=60, seed=seed)
    assert (answer.status, len(answer.sites)) == (Status.PROVEN, 3)
    assert answer.cost == cheapest(problem)


def test_a_point_without_an_open_site_within_reach_pays_for_it():
    # Point 0 reaches site 0 at 2, point 1 site 1 at 3, point 2 none; they pay 10, 20 and 7 for having none.
    problem = MedianProblem(
        first=np.array([0, 1, 2, 2]),
        site=np.array([0, 1], dtype=np.int32),
        cost=np.array([2.0, 3.0]),
        beyond=np.array([10.0, 20.0, 7.0]),
        sites=3,
        p=1,
    )
    assert [cost(problem, [site]) for site in range(3)] == [29.0, 20.0, 37.0]
    answer = solve(problem, seconds=20)
    assert (answer.sites, answer.cost, answer.lower_bound, answer.status) == ((1,), 20.0, 20.0, Status.PROVEN)


@pytest.mark.parametrize("seed", range(6))
def test_annealing_keeps_its_figures_and_changes_only_what_it_may(seed):
    problem = plane(seed, points=40, p=6)
    random = np.random.default_rng(seed)
    is_open, may_change = np.zeros(40, dtype=np.bool_), np.ones(40, dtype=np.bool_)
    is_open[random.choice(40, 6, replace=False)] = True
    kept, never = int(np.flatnonzero(is_open)[0]), int(np.flatnonzero(~is_open)[0])
    may_change[[kept, never]] = False
    nearness, served, best, figures = nearness_of(problem), served_of(40, 40), is_open.copy(), np.zeros(3)
    count = begin(nearness, is_open, may_change, served, figures)
    assert (count, figures[TOTAL]) == (5, cost(problem, np.flatnonzero(is_open)))
    begun = figures[TOTAL]
    for figures[HEAT] in (100.0, 10.0, 0.01):
        anneal(nearness, is_open, may_change, count, served, best, figures, chance_of(seed), 500)
        assert (bool(is_open[kept]), bool(is_open[never]), is_open.sum()) == (True, False, 6)
        assert figures[TOTAL] == pytest.approx(cost(problem, np.flatnonzero(is_open)))
        assert figures[LEAST] == pytest.approx(cost(problem, np.flatnonzero(best)))
        assert sorted(served.open[:count]) == sorted(set(np.flatnonzero(is_open)) - {kept})
    assert figures[LEAST] < begun


def test_annealing_from_a_choice_finds_the_best_of_all():
    problem = plane(3, points=25, p=4)
    now = Standing(nearness_of(problem), 4, is_whole=True, until_s=np.inf)
    choices = Choices(now, seed=1)
    choices.start(1)
    choices.anneal(1000, 60.0, lambda: False)
    assert now.known == cheapest(problem) == cost(problem, np.flatnonzero(now.best))


@pytest.mark.parametrize("seed", range(4))
def test_choices_that_are_joined_give_the_best_of_their_sites(seed):
    problem = plane(seed, points=30, p=4)
    random = np.random.default_rng(seed)
    good = [np.isin(np.arange(30), random.choice(30, 4, replace=False)) for _ in range(2)]
    now = Standing(nearness_of(problem), 4, is_whole=True, until_s=np.inf)
    now.keep(now.ground, good[0], cost(problem, np.flatnonzero(good[0])))
    solving.join(now, good, seconds=60.0, seed=seed)
    best = min(cost(problem, sites) for sites in combinations(np.flatnonzero(good[0] | good[1]), 4))
    assert now.known == best == cost(problem, np.flatnonzero(now.best))
    assert now.bound == 0.0


def test_points_between_the_same_two_sites_are_one():
    # Sites at 0, 10 and 30 on a line; points at 1 and 4 have the first nearest and then the second, 6 the other way.
    problem = MedianProblem.between_all(np.abs(np.subtract.outer([1.0, 6.0, 4.0], [0.0, 10.0, 30.0])), p=1)
    nearness = nearness_of(problem)
    group = groups_of(nearness)
    assert group.tolist() == [0, 1, 0]
    groups = gathered(nearness, group)
    assert (groups.near.tolist(), groups.way.tolist()) == ([0, 1, 2, 1, 0, 2], [5.0, 15.0, 55.0, 4.0, 6.0, 24.0])
    assert groups.beyond.tolist() == [55.0, 24.0]
    # 35 is half way from 15 to 55, as 19 is from 9 to 29 and 16 from 6 to 26; 30 is more than the other ever pays.
    assert spread(nearness, groups, group, np.array([35.0, 30.0])).tolist() == [19.0, 24.0, 16.0]


@settings(max_examples=60, deadline=None)
@given(problem=problems())
def test_groups_pay_no_less_than_their_points_whose_prices_stay_within_their_ways(problem):
    nearness = nearness_of(problem)
    group = groups_of(nearness)
    groups = gathered(nearness, group)
    for sites in combinations(range(problem.sites), problem.p):
        is_open = np.zeros(problem.sites, dtype=np.bool_)
        is_open[list(sites)] = True
        whole = serve(groups, is_open, served_of(groups.points, groups.sites))
        assert whole >= serve(nearness, is_open, served_of(nearness.points, nearness.sites)) - 1e-6
    price = np.random.default_rng(1).uniform(0, 1.0, groups.points) * groups.beyond
    prices = spread(nearness, groups, group, price)
    assert ((prices >= 0) & (prices <= nearness.beyond)).all()


@pytest.mark.parametrize("seed", range(4))
def test_what_is_gathered_first_is_solved_for_its_points(seed, monkeypatch):
    random = np.random.default_rng(seed)
    places, sites = random.uniform(0, 100, (12, 2)), random.uniform(0, 100, (12, 2))
    points = np.repeat(places, 8, axis=0) + random.uniform(0, 5, (96, 2))
    problem = MedianProblem.between_all(np.floor(np.linalg.norm(points[:, None] - sites[None], axis=2)), p=3)
    assert 2 * groups_of(nearness_of(problem)).max() < 96
    monkeypatch.setattr(solving, "GATHERED", 0)
    answer = solve(problem, seconds=20, seed=seed)
    assert (answer.cost, answer.status) == (cheapest(problem), Status.PROVEN)


def test_time_that_runs_out_leaves_a_bound_and_no_proof():
    problem = plane(1, points=300, p=40)
    answer = solve(problem, seconds=0.0)
    assert answer.status is Status.BOUNDED
    assert 0.0 <= answer.lower_bound < answer.cost == cost(problem, answer.sites)


def test_the_same_seed_gives_the_same_choice():
    assert solve(plane(2), seconds=20, seed=4) == solve(plane(2), seconds=20, seed=4)


@pytest.mark.parametrize(
    ("ways", "p", "told"),
    [
        (np.zeros((0, 3)), 1, "shape"),
        (np.array([[1.0, np.inf]]), 1, "finite"),
        (np.array([[1.0, -1.0]]), 1, "0 or more"),
        (np.ones((2, 2)), 3, "1..2"),
        (np.ones((2, 2)), 0, "1..2"),
    ],
)
def test_what_cannot_be_is_refused(ways, p, told):
    with pytest.raises(InvalidInput, match=told.replace(".", r"\.")):
        MedianProblem.between_all(ways, p=p)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"site": np.array([0, 3], dtype=np.int32)}, "of 0..2"),
        ({"site": np.array([1, 0], dtype=np.int32), "first": np.array([0, 2])}, "rise"),
        ({"first": np.array([0, 1])}, "beginning"),
        ({"cost": np.array([2.0])}, "a cost each"),
        ({"beyond": np.array([np.inf])}, "finite price"),
        ({"beyond": np.array([1.0])}, "less than the furthest"),
        ({"beyond": np.zeros(0), "first": np.array([0])}, "demand"),
    ],
)
def test_lists_that_cannot_be_are_refused(changed, told):
    right = {"first": np.array([0, 2]), "site": np.array([0, 2], dtype=np.int32), "cost": np.array([2.0, 1.0])}
    right |= {"beyond": np.array([5.0]), "sites": 3, "p": 1}
    assert cost(MedianProblem(**right), [1]) == 5.0
    with pytest.raises(InvalidInput, match=told):
        MedianProblem(**(right | changed))


def test_fewer_sites_keep_their_order_and_their_ways():
    nearness = nearness_of(MedianProblem.between_all(np.array([[3.0, 1.0, 2.0], [0.0, 5.0, 5.0]]), p=1))
    assert nearness.near.tolist() == [1, 2, 0, 0, 1, 2]
    assert nearness.way.tolist() == [1, 2, 3, 0, 5, 5]
    assert (nearness.point.tolist(), nearness.back.tolist()) == ([0, 1] * 3, [3, 0, 1, 5, 2, 5])
    # Of two sites each the points pay what the third costs beyond them.
    short = shortened(nearness, 2)
    assert (short.near.tolist(), short.way.tolist(), short.beyond.tolist()) == ([1, 2, 0, 1], [1, 2, 0, 5], [3, 5])
    # Where there is room for one site each only, it is the same.
    problem = MedianProblem.between_all(np.array([[3.0, 1.0, 2.0], [0.0, 5.0, 5.0]]), p=1)
    least = nearness_of(problem, room=3)
    assert (least.near.tolist(), least.way.tolist(), least.beyond.tolist()) == ([1, 0], [1, 0], [2, 5])
    fewer = narrowed(nearness, np.array([True, False, True]))
    assert (fewer.near.tolist(), fewer.way.tolist()) == ([1, 0, 0, 1], [2, 3, 0, 5])
