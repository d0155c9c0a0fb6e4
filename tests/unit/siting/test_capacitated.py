"""The capacitated p-median held against trying everything, and its parts against what they mean."""

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from optimiser.basics.chance import chance_of
from optimiser.basics.errors import InvalidInput
from optimiser.siting.capacitated.anneal import HEAT, KNOWN, OVER, PRICE, TOTAL, anneal
from optimiser.siting.capacitated.clusters import clusters_of
from optimiser.siting.capacitated.columns import Part, columns_of
from optimiser.siting.capacitated.cost import cost, overload
from optimiser.siting.capacitated.knapsack import fill, most_worth, pack, sack_of
from optimiser.siting.capacitated.pairs import pairs_of, way_between
from optimiser.siting.capacitated.partition import close
from optimiser.siting.capacitated.problem import CapacitatedProblem
from optimiser.siting.capacitated.programme import settle
from optimiser.siting.capacitated.relaxation import ascend, dual_of, relax
from optimiser.siting.capacitated.solve import NothingFound, solve
from optimiser.siting.capacitated.windows import Windows
from optimiser.siting.status import Status
from optimiser.siting.warm_up import warm_up


@pytest.fixture(scope="module", autouse=True)
def _compiled():
    """Seconds below are not for compiling."""
    warm_up()


def problem_of(way, demand, capacity, p, **more):
    """From a table of ways, shape (customers, sites); infinite where a site may not serve."""
    way = np.asarray(way, dtype=float)
    listed = np.isfinite(way)
    first = np.concatenate([[0], np.cumsum(listed.sum(axis=1))])
    return CapacitatedProblem(
        first=first,
        site=np.nonzero(listed)[1].astype(np.int32),
        way=way[listed],
        demand=np.asarray(demand, float),
        capacity=np.asarray(capacity, float),
        p=p,
        **more,
    )


def cheapest(problem):
    """Over all assignments to at most p sites; infinite where none fits."""
    best = np.inf
    for assignment in product(range(problem.sites), repeat=problem.customers):
        if len(set(assignment)) <= problem.p and overload(problem, assignment) == 0:
            best = min(best, cost(problem, assignment))
    return best


@st.composite
def problems(draw):
    customers, sites = draw(st.integers(1, 6)), draw(st.integers(1, 4))
    random = np.random.default_rng(draw(st.integers(0, 10_000)))
    way = random.integers(0, 30, (customers, sites)).astype(float)
    if draw(st.booleans()):
        way *= random.uniform(0.1, 3.0, way.shape)
    if draw(st.booleans()):
        # Far pairs are missing, one is left for each.
        keep = random.integers(sites, size=customers)
        is_missing = random.random(way.shape) < 0.3
        is_missing[np.arange(customers), keep] = False
        way[is_missing] = np.inf
    demand = random.integers(0, 9, customers).astype(float)
    if draw(st.booleans()):
        demand *= 0.37
    capacity = random.integers(4, 20, sites).astype(float)
    p = draw(st.integers(1, sites))
    try:
        return problem_of(way, demand, capacity, p)
    except InvalidInput:
        assume(False)


def plane(seed, *, customers=60, p=6, tight=0.85):
    random = np.random.default_rng(seed)
    place = random.uniform(0, 100, (customers, 2))
    demand = random.integers(1, 20, customers)
    room = max(np.ceil(demand.sum() / p / tight), demand.max())
    way = np.linalg.norm(place[:, None] - place[None], axis=2)
    return problem_of(np.floor(way), demand, np.full(customers, room), p)


def test_four_customers_by_hand():
    # 0, 1, 2 and 9 on a line, each of demand 1. Two sites with room for three: 1 serves 0 and 2, the last itself.
    # With room for two, 9 has to be joined by 2 (7), and 0 or 1 serves the other (1).
    line = np.array([0.0, 1.0, 2.0, 9.0])
    way = np.abs(line[:, None] - line[None])
    answer = solve(problem_of(way, np.ones(4), np.full(4, 3.0), 2), seconds=60)
    assert (answer.sites, answer.assignment, answer.cost) == ((1, 3), (1, 1, 1, 3), 2.0)
    answer = solve(problem_of(way, np.ones(4), np.full(4, 2.0), 2), seconds=60)
    assert (answer.cost, answer.lower_bound, answer.status) == (8.0, 8.0, Status.PROVEN)


def test_a_customer_that_its_own_open_site_has_no_room_for_by_hand():
    # Two places 10 apart, both open, each with a demand of 5: the first has room for 1, so that the other serves both.
    answer = solve(problem_of([[0, 10], [10, 0]], [5, 5], [1, 100], 2), seconds=60)
    assert (answer.sites, answer.assignment) == ((0, 1), (1, 1))
    assert (answer.cost, answer.lower_bound, answer.status) == (10.0, 10.0, Status.PROVEN)


def test_annealing_alone_finds_it_where_all_begin_at_no_way():
    # As above, but with 50 places on a line, too many for the programme: ten have room for nobody, the next takes two.
    place = np.arange(50.0)
    room = np.where(np.arange(50) % 5 == 0, 1.0, np.where(np.arange(50) % 5 == 1, 10.0, 5.0))
    answer = solve(problem_of(np.abs(place[:, None] - place), np.full(50, 5.0), room, 50), seconds=60)
    assert (answer.cost, answer.status) == (10.0, Status.PROVEN)


def test_where_no_way_is_longer_than_another_loads_are_still_kept_to():
    # Two sites of 12 have just room for 24, but no demands come to 12; two of 14 take 6 + 5 and 5 + 4 + 4, say.
    problem = problem_of(np.zeros((5, 60)), [6, 5, 5, 4, 4], [12.0] * 60, 2)
    with pytest.raises(NothingFound):
        solve(problem, seconds=0.05)
    problem = problem_of(np.zeros((5, 400)), [6, 5, 5, 4, 4], [12.0] * 200 + [14.0] * 200, 2)
    assert solve(problem, seconds=60).cost == 0.0


def test_near_are_sites_that_have_room():
    # The second customer fits in one site only, the first in all: each looks at those, the second at its own anew.
    pairs = pairs_of(problem_of([[0, 1, 2], [3, 0, 1]], [1, 5], [5, 2, 3], 3))
    assert pairs.near.tolist() == [[0, 1, 2], [0, 0, 0]]
    assert pairs.near_way.tolist() == [[0, 1, 2], [3, 3, 3]]


@settings(max_examples=150, deadline=None)
@given(
    seed=st.integers(0, 100_000),
    count=st.integers(2, 6),
    closed=st.integers(0, 1),
    on_grid=st.booleans(),
    fit=st.booleans(),
)
def test_all_sites_open_or_all_but_one_as_by_trying_everything(seed, count, closed, on_grid, fit):
    # Few places, so that some are the same, or many; demands that fit their own site, or that often do not.
    random = np.random.default_rng(seed)
    place = random.integers(0, 3 if on_grid else 100, (count, 2)).astype(float)
    way = np.linalg.norm(place[:, None] - place, axis=2)
    demand = random.integers(0, 9, count).astype(float)
    room = np.maximum(random.integers(0, 16, count).astype(float), demand if fit else 0.0)
    try:
        problem = problem_of(way, demand, room, count - closed)
    except InvalidInput:
        assume(False)
    best = cheapest(problem)
    if not np.isfinite(best):
        with pytest.raises(NothingFound, match="no assignment keeps"):
            solve(problem, seconds=60)
        return
    answer = solve(problem, seconds=60)
    assert answer.status is Status.PROVEN
    assert answer.cost == pytest.approx(best, abs=1e-9) == cost(problem, answer.assignment)
    assert overload(problem, answer.assignment) == 0
    assert len(set(answer.sites)) == problem.p


@settings(max_examples=60, deadline=None)
@given(problem=problems())
def test_the_programme_of_the_whole_is_solved_as_by_trying_everything(problem):
    best = cheapest(problem)
    told = settle(problem, unit=1e-6, seconds=60)
    assert told.bound <= best
    assert told.bound == pytest.approx(best, abs=1e-4)
    if np.isfinite(best):
        assert cost(problem, told.site_of.tolist()) == pytest.approx(best, abs=1e-4)
        assert overload(problem, told.site_of.tolist()) == 0


@settings(max_examples=60, deadline=None)
@given(problem=problems(), seed=st.integers(0, 3))
def test_small_ones_are_solved_as_by_trying_everything(problem, seed):
    best = cheapest(problem)
    if not np.isfinite(best):
        with pytest.raises(NothingFound):
            solve(problem, seconds=0.05, seed=seed)
        return
    answer = solve(problem, seconds=60, seed=seed)
    assert answer.status is Status.PROVEN
    assert answer.cost == pytest.approx(best) == cost(problem, answer.assignment)
    assert overload(problem, answer.assignment) == 0
    assert len(set(answer.sites)) == problem.p
    assert set(answer.assignment) <= set(answer.sites)


@settings(max_examples=60, deadline=None)
@given(problem=problems(), seed=st.integers(0, 1000))
def test_no_prices_give_a_bound_above_the_best(problem, seed):
    pairs = pairs_of(problem)
    dual = dual_of(pairs, None)
    dual.price[:] = np.random.default_rng(seed).uniform(0, 60, problem.customers)
    assert relax(pairs, problem.p, dual) <= cheapest(problem) + 1e-9
    assert dual.chosen.sum() == problem.p


def test_the_bound_of_near_pairs_holds_for_all():
    random = np.random.default_rng(4)
    way = np.floor(random.uniform(0, 50, (6, 4)))
    demand, capacity = np.full(6, 2.0), np.full(4, 5.0)
    best = cheapest(problem_of(way, demand, capacity, 3))
    nearest = np.sort(way, axis=1)
    short = np.where(way <= nearest[:, 1:2], way, np.inf)
    problem = problem_of(short, demand, capacity, 3, beyond=nearest[:, 1])
    answer = solve(problem, seconds=1)
    assert answer.lower_bound <= best <= answer.cost


@pytest.mark.parametrize("seed", range(20))
def test_a_knapsack_brings_what_trying_everything_brings(seed):
    problem = plane(seed, customers=12, p=4)
    pairs, sack = pairs_of(problem), None
    price = np.random.default_rng(seed).uniform(0, 120, 12)
    sack = sack_of(pairs)
    for site in range(12):
        count = pack(pairs, price, float(price.max()), site, sack)
        worth = {pairs.customer[sack.pair[item]]: sack.worth[item] for item in range(count)}
        assert worth == {one: price[one] - problem.way[12 * one + site] for one in worth}
        upper = most_worth(sack, 0, count, pairs.capacity[site])
        value, is_proven = fill(sack, count, pairs.capacity[site])
        sets = (chosen for size in range(count + 1) for chosen in combinations(sorted(worth), size))
        fitting = [one for one in sets if problem.demand[list(one)].sum() <= pairs.capacity[site]]
        assert is_proven
        assert value == pytest.approx(max(sum(worth[one] for one in chosen) for chosen in fitting))
        assert value <= upper + 1e-9
        assert value == pytest.approx(sack.worth[:count][sack.was_in[:count]].sum())


@pytest.mark.parametrize("seed", range(6))
def test_all_clusters_up_to_a_reduced_cost_are_found_and_no_others(seed):
    problem = plane(seed, customers=9, p=3)
    pairs = pairs_of(problem)
    dual = dual_of(pairs, None)
    bound = ascend(pairs, 3, dual, limit=np.inf, known=cheapest_in_plane(problem), steps=100)
    slack = cheapest_in_plane(problem) - bound + 2.0
    columns = columns_of(pairs, dual, slack=slack, most=100_000)
    found = {
        (int(site), frozenset(columns.customer[columns.first[index] : columns.first[index + 1]].tolist()))
        for index, site in enumerate(columns.site)
    }
    assert columns.slack == slack
    assert len(found) == len(columns.site)
    sigma = dual.reduced[dual.chosen].max()
    for site in range(9):
        for size in range(1, 10):
            for members in map(list, combinations(range(9), size)):
                paid = sum(problem.way[9 * one + site] - dual.price[one] for one in members)
                is_meant = paid - min(dual.reduced[site], sigma) <= slack - 1e-9
                if is_meant and problem.demand[members].sum() <= problem.capacity[site]:
                    assert (site, frozenset(members)) in found
    for site, members in found:
        assert problem.demand[list(members)].sum() <= problem.capacity[site]


def cheapest_in_plane(problem):
    """Over all sets of three sites, by dynamic programming over loads left out: assignments one by one."""
    best = np.inf
    n = problem.customers
    way = problem.way.reshape(n, n)
    for sites in combinations(range(n), 3):
        states = {(0.0, 0.0, 0.0): 0.0}
        for one in range(n):
            after = {}
            for loads, paid in states.items():
                for index, site in enumerate(sites):
                    load = loads[index] + problem.demand[one]
                    if load <= problem.capacity[site]:
                        key = (*loads[:index], load, *loads[index + 1 :])
                        after[key] = min(after.get(key, np.inf), paid + way[one, site])
            states = after
        best = min(best, min(states.values(), default=np.inf))
    return best


@pytest.mark.parametrize("seed", range(4))
def test_set_partitioning_over_all_clusters_proves_the_best(seed):
    problem = plane(seed, customers=9, p=3)
    best, pairs = cheapest_in_plane(problem), pairs_of(problem)
    dual = dual_of(pairs, None)
    bound = ascend(pairs, 3, dual, limit=np.inf, known=best, steps=100)
    worse = solve(problem, seconds=60).assignment
    columns = columns_of(pairs, dual, slack=best - bound + 1.0, most=100_000)
    known = np.array(worse, dtype=np.int32)
    closed = close(pairs, 3, columns, known, np.arange(9), unit=1.0, seconds=30)
    assert cost(problem, closed.site_of.tolist()) == best
    assert overload(problem, closed.site_of.tolist()) == 0
    assert best - 1.0 <= closed.bound <= best


def test_a_part_leaves_the_rest_as_it_is():
    problem = plane(3, customers=40, p=8)
    pairs = pairs_of(problem)
    known = np.array(solve(problem, seconds=2).assignment, dtype=np.int32)
    dual = dual_of(pairs, None)
    ascend(pairs, 8, dual, limit=np.inf, known=cost(problem, known.tolist()), steps=100)
    own = np.unique(known)[:3]
    is_in = np.isin(known, own)
    may_be = np.ones(40, dtype=bool)
    may_be[known[~is_in]] = False
    columns = columns_of(pairs, dual, slack=30.0, most=50_000, part=Part(is_in=is_in, may_be=may_be))
    assert len(columns.site)
    assert is_in[columns.customer].all()
    assert may_be[columns.site].all()
    closed = close(pairs, 3, columns, known, np.flatnonzero(is_in), unit=1.0, seconds=10)
    assert (closed.site_of[~is_in] == known[~is_in]).all()
    assert overload(problem, closed.site_of.tolist()) == 0
    assert cost(problem, closed.site_of.tolist()) <= cost(problem, known.tolist())


@pytest.mark.parametrize("heat", [1e-6, 3.0, 60.0])
@pytest.mark.parametrize("seed", range(3))
def test_annealing_keeps_count_at_every_temperature(seed, heat):
    problem = plane(seed)
    pairs, random = pairs_of(problem), np.random.default_rng(seed)
    sites = random.choice(60, 6, replace=False).astype(np.int32)
    assignment = random.choice(sites, 60).astype(np.int32)
    clusters, best, figures = clusters_of(pairs, sites, assignment), assignment.copy(), np.zeros(6)
    figures[TOTAL], figures[OVER] = cost(problem, assignment), overload(problem, assignment)
    figures[KNOWN], figures[PRICE], figures[HEAT] = pairs.missing, 5.0, heat
    for _ in range(5):
        anneal(pairs, clusters, best, figures, chance_of(seed), 2000)
        now = clusters.site_of.tolist()
        assert figures[TOTAL] == pytest.approx(cost(problem, now))
        assert figures[OVER] == pytest.approx(overload(problem, now))
        assert clusters.load == pytest.approx(np.bincount(now, weights=problem.demand, minlength=60))
        assert set(now) <= set(np.flatnonzero(clusters.is_open)) == set(clusters.opened.tolist())
        assert (clusters.size == np.bincount(now, minlength=60)).all()
        if figures[KNOWN] < pairs.missing:
            assert figures[KNOWN] == pytest.approx(cost(problem, best.tolist()))
            assert overload(problem, best.tolist()) == 0


def test_ways_are_looked_up_where_pairs_are_missing():
    pairs = pairs_of(problem_of([[1, np.inf, 3], [np.inf, 5, np.inf]], [1, 1], [2, 2, 2], 2))
    found = [[way_between(pairs, one, site) for site in range(3)] for one in range(2)]
    assert found == [[1, pairs.missing, 3], [pairs.missing, 5, pairs.missing]]
    assert pairs.missing > 5 + 5


def test_windows_make_an_answer_better_and_keep_it_within_capacities():
    problem = plane(1, customers=120, p=30, tight=0.8)
    pairs = pairs_of(problem)
    site_of = np.array(solve(plane(1, customers=120, p=30, tight=0.9), seconds=10).assignment, dtype=np.int32)
    dual, before = dual_of(pairs, None), cost(problem, site_of.tolist())
    bound = ascend(pairs, 30, dual, limit=np.inf, known=before, steps=300)
    windows = Windows(pairs, dual)
    parts = windows.next(site_of, 2)
    assert parts
    assert sum(part.is_in.astype(int) for part in parts).max() == 1
    for part in parts:
        better = windows.improved(site_of, part, unit=1.0, seconds=20)
        assert (better[~part.is_in] == site_of[~part.is_in]).all()
        assert overload(problem, better.tolist()) == 0
        assert bound <= cost(problem, better.tolist()) <= cost(problem, site_of.tolist())
        site_of = better


def test_the_same_seed_gives_the_same_answer():
    assert solve(plane(2), seconds=60, seed=4) == solve(plane(2), seconds=60, seed=4)


def test_what_nothing_can_meet_is_told_with_what_could():
    way = np.zeros((3, 3))
    with pytest.raises(InvalidInput, match=r"1 sites have room for 5 at most, all demand is 9 \(2 sites or more\)"):
        problem_of(way, [3, 3, 3], [5, 5, 5], 1)
    with pytest.raises(InvalidInput, match="all sites have room for 8"):
        problem_of(way, [3, 3, 3], [3, 3, 2], 3)
    with pytest.raises(InvalidInput) as refused:
        problem_of([[0, 0], [0, np.inf], [np.inf, np.inf]], [9, 6, 1], [5, 8], 2)
    told = [str(finding) for finding in refused.value.findings]
    assert any("customer 0" in one and "demand of 9, its largest site has room for 8" in one for one in told)
    assert any("customer 1" in one and "room for 5" in one for one in told)
    assert any("customer 2" in one and "no site may serve it" in one for one in told)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"demand": np.array([1.0, -1.0])}, "demand 1"),
        ({"capacity": np.array([3.0, np.nan])}, "capacity 1"),
        ({"way": np.array([1.0, np.inf, 1.0])}, "0 or more"),
        ({"way": np.ones(2)}, "a way"),
        ({"first": np.array([0, 3])}, "one beginning each"),
        ({"site": np.array([0, 2, 1], dtype=np.int32)}, "0..1"),
        ({"site": np.array([1, 0, 1], dtype=np.int32)}, "rise"),
        ({"p": 3}, "1..2"),
        ({"p": 0}, "1..2"),
        ({"beyond": np.ones(3)}, "beyond"),
    ],
)
def test_what_cannot_be_is_refused(change, told):
    right = {
        "first": np.array([0, 2, 3]),
        "site": np.array([0, 1, 1], dtype=np.int32),
        "way": np.ones(3),
        "demand": np.ones(2),
        "capacity": np.full(2, 3.0),
        "p": 1,
    }
    CapacitatedProblem(**right)
    with pytest.raises(InvalidInput, match=told.replace(".", r"\.")):
        CapacitatedProblem(**{**right, **change})
