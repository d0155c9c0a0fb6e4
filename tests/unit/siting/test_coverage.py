"""Maximal covering held against trying every choice, and its parts against what they mean."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from optimiser.basics.chance import chance_of
from optimiser.basics.errors import InvalidInput
from optimiser.siting.coverage.cost import covered
from optimiser.siting.coverage.exchange import anneal, choice_of, close_site, fill, open_site, wins
from optimiser.siting.coverage.interior import Interior
from optimiser.siting.coverage.problem import CoverageProblem
from optimiser.siting.coverage.programme import close, linear_prices
from optimiser.siting.coverage.reach import alike, narrowed, reach_of, undominated
from optimiser.siting.coverage.relaxation import CLOSED, FREE, OPEN, PATIENT, descend, dual_of, relax
from optimiser.siting.coverage.solve import solve
from optimiser.siting.coverage.standing import Standing
from optimiser.siting.status import Status


def problem_of(within, weight, p):
    """From a table of which site reaches which point, shape (demand, sites)."""
    within = np.asarray(within, dtype=bool)
    first = np.concatenate([[0], np.cumsum(within.sum(axis=1))])
    site = np.nonzero(within)[1].astype(np.int32)
    return CoverageProblem(weight=np.asarray(weight, float), first=first, site=site, sites=within.shape[1], p=p)


def most(problem):
    """Over all choices."""
    return max(covered(problem, sites) for sites in combinations(range(problem.sites), problem.p))


@st.composite
def problems(draw):
    points, sites = draw(st.integers(1, 12)), draw(st.integers(1, 9))
    random = np.random.default_rng(draw(st.integers(0, 10_000)))
    within = random.random((points, sites)) < draw(st.sampled_from([0.1, 0.3, 0.6]))
    weight = random.integers(0, 20, points).astype(float)
    if draw(st.booleans()):
        weight = weight * random.uniform(0.1, 3.0, points)
    return problem_of(within, weight, draw(st.integers(1, sites)))


def plane(seed, *, points=60, p=5, radius=18.0):
    random = np.random.default_rng(seed)
    place = random.uniform(0, 100, (points, 2))
    apart = np.linalg.norm(place[:, None] - place[None], axis=2)
    return problem_of(apart <= radius, random.integers(1, 50, points), p)


def test_two_sites_by_hand():
    # Points of 3, 4, 5 and 6 in a row, a site at each, which reaches its neighbours as well: the second and the last,
    # or the second and the third, reach all of them.
    within = np.abs(np.subtract.outer(np.arange(4), np.arange(4))) <= 1
    answer = solve(problem_of(within, [3, 4, 5, 6], 1), seconds=60)
    assert (answer.sites, answer.covered, answer.upper_bound) == ((2,), 15.0, 15.0)
    answer = solve(problem_of(within, [3, 4, 5, 6], 2), seconds=60)
    assert (answer.covered, answer.upper_bound, answer.status) == (18.0, 18.0, Status.PROVEN)


@settings(max_examples=150, deadline=None)
@given(problem=problems(), seed=st.integers(0, 3))
def test_small_ones_are_solved_as_by_trying_everything(problem, seed):
    answer = solve(problem, seconds=60, seed=seed)
    assert answer.status is Status.PROVEN
    assert len(answer.sites) == len(set(answer.sites)) == problem.p
    assert answer.covered == pytest.approx(most(problem)) == covered(problem, answer.sites)
    assert answer.upper_bound >= answer.covered


@settings(max_examples=60, deadline=None)
@given(problem=problems())
def test_what_is_merged_and_left_out_changes_nothing(problem):
    reach = reach_of(problem)
    left = undominated(reach)
    small = narrowed(reach, left)
    sites = np.flatnonzero(left)
    p = min(problem.p, len(sites))
    points = np.repeat(np.arange(len(small.weight)), np.diff(small.first_site))
    values = [0.0]
    for chosen in combinations(range(len(sites)), p):
        is_open = np.zeros(len(sites), dtype=bool)
        is_open[list(chosen)] = True
        values.append(small.weight[np.unique(points[is_open[small.site]])].sum())
    assert max(values) == pytest.approx(most(problem))


def test_of_sites_that_reach_the_same_the_first_is_left():
    reach = reach_of(problem_of([[1, 1, 1, 0], [1, 1, 0, 0], [0, 0, 0, 1]], [1, 1, 1], 1))
    assert undominated(reach).tolist() == [True, False, False, True]


@pytest.mark.parametrize("seed", range(6))
def test_what_sites_win_and_leave_behind(seed):
    problem = plane(seed, points=25)
    reach, random = reach_of(problem), np.random.default_rng(seed)
    choice = choice_of(reach)
    for _ in range(40):
        site = int(random.integers(problem.sites))
        (close_site if choice.is_open[site] else open_site)(reach, choice, site)
        opened = np.flatnonzero(choice.is_open).tolist()
        now = covered(problem, opened)
        assert reach.weight[choice.times > 0].sum() == pytest.approx(now)
        for other in range(problem.sites):
            if choice.is_open[other]:
                rest = [kept for kept in opened if kept != other]
                assert choice.loss[other] == pytest.approx(now - covered(problem, rest))
            else:
                assert wins(reach, choice, other, -1) == pytest.approx(covered(problem, [*opened, other]) - now)
                for gone in opened:
                    rest = [kept for kept in opened if kept != gone]
                    change = wins(reach, choice, other, gone) - choice.loss[gone]
                    assert change == pytest.approx(covered(problem, [*rest, other]) - now)


def test_a_greedy_start_opens_what_wins_most():
    # The first wins 5 and 4, the second 4 and 3, the third 2: after the first, 3 are left for the second.
    reach = reach_of(problem_of([[1, 0, 0], [1, 1, 0], [0, 1, 0], [0, 0, 1]], [5, 4, 3, 2], 2))
    for blur, opened in ((np.ones(3), [0, 1]), (np.array([1.0, 0.6, 1.0]), [0, 2])):
        choice = choice_of(reach)
        fill(reach, choice, np.ones(3, dtype=bool), 2, blur, np.zeros(3))
        assert np.flatnonzero(choice.is_open).tolist() == opened
    choice = choice_of(reach)
    fill(reach, choice, np.array([False, True, True]), 3, np.ones(3), np.zeros(3))
    assert np.flatnonzero(choice.is_open).tolist() == [1, 2]


def test_sites_that_reach_much_the_same_come_first():
    # The first reaches a, b and c; the second b and c, the third c and d, the last e alone: 2 of 3, 1 of 4, nothing.
    within = [[1, 0, 0, 0], [1, 1, 0, 0], [1, 1, 1, 0], [0, 0, 1, 0], [0, 0, 0, 1]]
    near = alike(reach_of(problem_of(within, [1, 1, 1, 1, 1], 1)), 3)
    assert near.tolist() == [[1, 2, 0], [0, 2, 1], [1, 0, 2], [3, 3, 3]]


@pytest.mark.parametrize("temperature", [1e-9, 5.0, 200.0])
@pytest.mark.parametrize("seed", range(3))
def test_the_best_on_the_way_has_as_many_sites_as_asked_for(seed, temperature):
    problem = plane(seed, points=40, p=4)
    reach, free = reach_of(problem), np.ones(problem.sites, dtype=bool)
    choice = choice_of(reach)
    fill(reach, choice, free, 4, np.random.default_rng(seed).random(problem.sites), np.zeros(problem.sites))
    before = covered(problem, np.flatnonzero(choice.is_open).tolist())
    best, state = choice.is_open.copy(), np.array([before, before, 0.0])
    anneal(reach, alike(reach, 5), choice, free, best, state, 4, chance_of(seed), temperature, 5000)
    assert best.sum() == 4
    assert choice.is_open.sum() in (3, 4, 5)
    assert state[0] == pytest.approx(covered(problem, np.flatnonzero(choice.is_open).tolist()))
    assert state[1] == pytest.approx(covered(problem, np.flatnonzero(best).tolist()))


@pytest.mark.parametrize("seed", range(3))
def test_ever_colder_it_finds_the_best(seed):
    problem = plane(seed, points=24, p=4)
    reach, free = reach_of(problem), np.ones(problem.sites, dtype=bool)
    choice, chance = choice_of(reach), chance_of(seed)
    fill(reach, choice, free, 4, np.random.default_rng(seed).random(problem.sites), np.zeros(problem.sites))
    start = covered(problem, np.flatnonzero(choice.is_open).tolist())
    best, state = choice.is_open.copy(), np.array([start, start, 0.0])
    for temperature in (40.0, 20.0, 10.0, 5.0, 2.0):
        anneal(reach, alike(reach, 5), choice, free, best, state, 4, chance, temperature, 20_000)
    assert state[1] == covered(problem, np.flatnonzero(best).tolist()) == most(problem)


def test_sites_that_may_not_change_do_not():
    problem = plane(5, points=40, p=4)
    reach, free = reach_of(problem), np.ones(problem.sites, dtype=bool)
    choice = choice_of(reach)
    for site in range(4):
        open_site(reach, choice, site)
    free[[0, 30, 31]] = False
    best, start = choice.is_open.copy(), covered(problem, range(4))
    state = np.array([start, start, 0.0])
    anneal(reach, alike(reach, 5), choice, free, best, state, 3, chance_of(1), 50.0, 5000)
    assert best[0]
    assert not best[[30, 31]].any()
    assert best.sum() == 4


@settings(max_examples=60, deadline=None)
@given(problem=problems(), seed=st.integers(0, 5))
def test_no_choice_exceeds_the_relaxation_whatever_the_prices(problem, seed):
    reach = reach_of(problem)
    dual, fixed = dual_of(reach), np.zeros(problem.sites, dtype=np.int8)
    dual.price[:] = reach.weight * np.random.default_rng(seed).random(len(reach.weight))
    assert relax(reach, problem.p, fixed, dual) >= most(problem) - 1e-9


@settings(max_examples=60, deadline=None)
@given(problem=problems())
def test_what_is_fixed_stays_so_in_every_better_choice(problem):
    reach, best = reach_of(problem), most(problem)
    dual, fixed = dual_of(reach), np.zeros(problem.sites, dtype=np.int8)
    # Told that a little less is known, no best choice may be lost.
    limit = best - 1e-6
    bound = descend(reach, problem.p, fixed, dual, limit=limit, known=limit, steps=200)
    assert bound >= best - 1e-9
    for sites in combinations(range(problem.sites), problem.p):
        if covered(problem, sites) >= best - 1e-9:
            is_open = np.zeros(problem.sites, dtype=bool)
            is_open[list(sites)] = True
            assert is_open[fixed == OPEN].all()
            assert not is_open[fixed == CLOSED].any()


@settings(max_examples=60, deadline=None)
@given(problem=problems(), first=st.sampled_from([FREE, OPEN, CLOSED]))
def test_prices_of_the_linear_programme_give_its_bound(problem, first):
    reach, fixed = reach_of(problem), np.zeros(problem.sites, dtype=np.int8)
    if problem.p > 1 or problem.sites > 1:
        fixed[0] = first if problem.p < problem.sites else FREE
    price = linear_prices(reach, problem.p, fixed, seconds=60)
    dual = dual_of(reach)
    dual.price[:] = price
    bound = relax(reach, problem.p, fixed, dual)
    assert (dual.price >= 0).all()
    assert (dual.price <= reach.weight).all()
    kept = [
        covered(problem, sites)
        for sites in combinations(range(problem.sites), problem.p)
        if fixed[0] == FREE or (0 in sites) == (fixed[0] == OPEN)
    ]
    assert bound >= max(kept) - 1e-9
    # What subgradients come to is no lower.
    slow = dual_of(reach, PATIENT)
    slow_bound = descend(reach, problem.p, fixed.copy(), slow, limit=-1.0, known=max(kept), steps=300)
    assert bound <= slow_bound + 1e-6 * max(1.0, slow_bound)


@settings(max_examples=60, deadline=None)
@given(problem=problems())
def test_from_inside_it_comes_to_the_bound_of_the_linear_programme(problem):
    reach, fixed = reach_of(problem), np.zeros(problem.sites, dtype=np.int8)
    assume(problem.p < problem.sites and len(reach.weight) > 0)
    inside, dual, bound = Interior(reach, problem.p), dual_of(reach), np.inf
    for _ in range(40):
        assert (inside.price > 0).all()
        assert (inside.price < reach.weight).all()
        dual.price[:] = inside.price
        bound = min(bound, relax(reach, problem.p, fixed, dual))
        assert bound >= most(problem) - 1e-9
        if bound - inside.value() <= 1e-6 * bound or not inside.step():
            break
    # What shares of sites cover is a value of the linear programme, so the two can only meet at its best.
    assert inside.y.sum() == pytest.approx(problem.p)
    assert (inside.y > 0).all()
    assert (inside.y < 1).all()
    reached = [
        inside.y[reach.site[start:end]].sum()
        for start, end in zip(reach.first_site, reach.first_site[1:], strict=False)
    ]
    assert inside.value() == pytest.approx(reach.weight @ np.minimum(reached, 1.0))
    assert inside.value() <= bound + 1e-9
    assert bound - inside.value() <= 1e-6 * bound


@pytest.mark.parametrize("seed", range(4))
def test_the_programme_alone_proves_the_best(seed):
    problem = plane(seed, points=16, p=3)
    reach, free = reach_of(problem), np.full(problem.sites, FREE, dtype=np.int8)
    closed = close(reach, 3, free, np.zeros(problem.sites, dtype=bool), unit=1.0, seconds=60)
    assert covered(problem, np.flatnonzero(closed.is_open).tolist()) == most(problem)
    assert most(problem) <= closed.bound < most(problem) + 1.0


def test_the_programme_keeps_to_what_is_settled():
    problem = plane(1, points=16, p=3)
    fixed = np.full(problem.sites, FREE, dtype=np.int8)
    fixed[0], fixed[1] = OPEN, CLOSED
    closed = close(reach_of(problem), 3, fixed, np.zeros(problem.sites, dtype=bool), unit=1.0, seconds=60)
    others = [sites for sites in combinations(range(problem.sites), 3) if 0 in sites and 1 not in sites]
    assert closed.is_open[0]
    assert not closed.is_open[1]
    assert covered(problem, np.flatnonzero(closed.is_open).tolist()) == max(covered(problem, one) for one in others)


@pytest.mark.parametrize("seed", range(4))
def test_two_threads_prove_the_best_as_well(seed, monkeypatch):
    # No number of sites counts as few, every gap as near: what the first bound leaves open goes to both threads.
    monkeypatch.setattr("optimiser.siting.coverage.solve.FEW", -1)
    monkeypatch.setattr("optimiser.siting.coverage.solve.NEAR", 1.0)
    problem = plane(seed, points=24, p=3, radius=22.0)
    answer = solve(problem, seconds=60, seed=seed)
    assert (answer.covered, answer.upper_bound, answer.status) == (most(problem), most(problem), Status.PROVEN)


HASTE = {"SHORTEST": np.inf, "FEW": -1, "NEAR": -1.0}
"""No steps on the bound are taken, and no integer programme proves what may not be so."""


@settings(max_examples=60, deadline=None)
@given(
    problem=problems(),
    many=st.sampled_from([0.0, 2.0]),
    linear=st.sampled_from([{}, {"PAIRS_A_SECOND": 0}, {"PAIRS_A_SECOND": 0, "PACE": 1e-6}]),
    large=st.sampled_from([0, 500_000]),
    seed=st.integers(0, 3),
)
def test_what_is_left_after_the_linear_programme_still_holds_the_best(problem, many, linear, large, seed):
    # By HiGHS, from inside, or not at all; at once or not; sites that stay closed are always forgotten, or never.
    with pytest.MonkeyPatch.context() as patched:
        for name, value in {**HASTE, "MANY": many, "LARGE": large}.items():
            patched.setattr(f"optimiser.siting.coverage.solve.{name}", value)
        for name, value in linear.items():
            patched.setattr(f"optimiser.siting.coverage.linear.{name}", value)
        answer = solve(problem, seconds=0.3, seed=seed)
    assert answer.covered == pytest.approx(covered(problem, answer.sites))
    assert answer.covered <= most(problem) * (1 + 1e-9) <= answer.upper_bound * (1 + 2e-9)


def test_sites_that_stay_closed_are_forgotten_but_those_of_the_best_choice():
    now = Standing(plane(1, points=40, p=3, radius=10.0), seconds=60)
    now.best[[2, 5, 7]] = True
    sites = now.sites[[2, 5, 7]].tolist()
    now.fixed[:10], now.fixed[12] = CLOSED, OPEN
    left = now.narrow()
    assert np.flatnonzero(~left).tolist() == [0, 1, 3, 4, 6, 8, 9]
    assert now.sites[now.best].tolist() == sites
    assert (now.fixed == OPEN).sum() == 1
    assert (now.fixed != CLOSED).all()
    assert len(now.near) == len(now.reach.first_point) - 1 == left.sum()


@pytest.mark.parametrize("seed", range(4))
def test_large_ones_are_proven_as_well(seed, monkeypatch):
    monkeypatch.setattr("optimiser.siting.coverage.solve.LARGE", 0)
    problem = plane(seed, points=24, p=3, radius=22.0)
    answer = solve(problem, seconds=60, seed=seed)
    assert (answer.covered, answer.upper_bound, answer.status) == (most(problem), most(problem), Status.PROVEN)


def test_new_choices_begin_among_sites_that_lack_next_to_nothing():
    now = Standing(plane(3, points=40, p=3, radius=15.0), seconds=60)
    now.best[[2, 5, 7]], now.known, now.bound = True, 100.0, 130.0
    now.lack[:] = 50.0
    now.lack[[1, 4, 9, 11]] = 0.0, 1.0, 1.0, 1.1
    now.fixed[1] = CLOSED
    now.concentrate()
    assert now.core.sites.tolist() == list(range(len(now.sites)))
    now.fixed[1] = FREE
    now.concentrate()
    core = now.core
    assert core.sites.tolist() == [1, 2, 4, 5, 7, 9]
    among_core = np.array([False, True, False, True, False, True])
    spread = core.spread(among_core, len(now.sites))
    assert np.flatnonzero(spread).tolist() == [2, 5, 9]
    for reach, is_open in ((core.reach, among_core), (now.reach, spread)):
        choice = choice_of(reach)
        for site in np.flatnonzero(is_open):
            open_site(reach, choice, int(site))
        assert reach.weight[choice.times > 0].sum() == covered(plane(3, points=40, p=3, radius=15.0), now.sites[spread])


def test_points_that_no_longer_differ_are_merged_anew():
    # Without the second site, the first two points are reached by the first one alone.
    reach = narrowed(
        reach_of(problem_of([[1, 1, 0], [1, 0, 0], [0, 0, 1]], [3, 4, 5], 1)), np.array([True, False, True])
    )
    assert reach.weight.tolist() == [7.0, 5.0]
    assert reach.site.tolist() == [0, 1]


@settings(max_examples=60, deadline=None)
@given(problem=problems(), seed=st.integers(0, 3))
def test_patience_does_not_lower_a_bound_too_far(problem, seed):
    reach, best = reach_of(problem), most(problem)
    dual, fixed = dual_of(reach, PATIENT), np.zeros(problem.sites, dtype=np.int8)
    dual.price[:] = reach.weight * np.random.default_rng(seed).random(len(reach.weight))
    limit = best - 1e-6
    for _ in range(3):
        assert descend(reach, problem.p, fixed, dual, limit=limit, known=limit, steps=100) >= best - 1e-9


def test_the_same_seed_gives_the_same_sites():
    problem = plane(3, points=80, p=6)
    assert solve(problem, seconds=60, seed=5) == solve(problem, seconds=60, seed=5)


def test_out_of_time_it_says_bounded_and_not_proven():
    problem = plane(2, points=900, p=40, radius=4.0)
    answer = solve(problem, seconds=0.0)
    assert len(set(answer.sites)) == 40
    assert answer.status is (Status.PROVEN if answer.upper_bound == answer.covered else Status.BOUNDED)
    assert answer.upper_bound > answer.covered


def test_demand_that_nothing_reaches_is_left_out_and_told():
    answer = solve(problem_of([[0, 0], [0, 1]], [5, 2], 2), seconds=60)
    assert (answer.sites, answer.covered, answer.upper_bound) == ((0, 1), 2.0, 2.0)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"weight": np.array([1.0, -1.0])}, "0 or more"),
        ({"weight": np.array([1.0, np.inf])}, "finite"),
        ({"first": np.array([0, 2])}, "one beginning each"),
        ({"site": np.array([0, 1, 2], dtype=np.int32)}, "0..1"),
        ({"site": np.array([1, 0, 1], dtype=np.int32)}, "rise"),
        ({"site": np.array([0, 0, 1], dtype=np.int32)}, "rise"),
        ({"p": 3}, "1..2 can be"),
        ({"p": 0}, "1..2 can be"),
    ],
)
def test_what_cannot_be_is_refused(change, told):
    right = {
        "weight": np.ones(2),
        "first": np.array([0, 2, 3]),
        "site": np.array([0, 1, 1], dtype=np.int32),
        "sites": 2,
        "p": 1,
    }
    CoverageProblem(**right)
    with pytest.raises(InvalidInput, match=told):
        CoverageProblem(**{**right, **change})


def weight_by_sites(weight, first, site):
    """Of points by the set of sites that reach them, and how many points have one."""
    total, count = {}, 0
    for start, end, one in zip(first, first[1:], weight, strict=False):
        if end > start and one > 0:
            key, count = tuple(site[start:end].tolist()), count + 1
            total[key] = total.get(key, 0.0) + one
    return total, count


@pytest.mark.parametrize("is_told_apart", [True, False])
@settings(max_examples=60, deadline=None)
@given(problem=problems())
def test_points_are_merged_where_their_sites_are_the_same_and_only_there(is_told_apart, problem):
    wanted, _ = weight_by_sites(problem.weight, problem.first, problem.site)
    with pytest.MonkeyPatch.context() as patched:
        if not is_told_apart:
            # Points whose figures are the same though their sites are not: some that could be merged may then not be.
            patched.setattr("optimiser.siting.coverage.reach._set_codes", lambda *_: None)
        reach = reach_of(problem)
    found, count = weight_by_sites(reach.weight, reach.first_site, reach.site)
    assert found == pytest.approx(wanted)
    assert count == len(reach.weight)
    assert count == len(wanted) or not is_told_apart
    for site in range(problem.sites):
        points = reach.point[reach.first_point[site] : reach.first_point[site + 1]].tolist()
        assert points == [i for i in range(count) if site in reach.site[reach.first_site[i] : reach.first_site[i + 1]]]


@settings(max_examples=100, deadline=None)
@given(problem=problems())
def test_a_site_is_left_out_exactly_where_another_one_reaches_as_much(problem):
    reach = reach_of(problem)
    own = [set(reach.point[a:b].tolist()) for a, b in zip(reach.first_point, reach.first_point[1:], strict=False)]
    is_left = [
        bool(mine) and not any(mine < other or (mine == other and rank < site) for rank, other in enumerate(own))
        for site, mine in enumerate(own)
    ]
    assert undominated(reach).tolist() == is_left
